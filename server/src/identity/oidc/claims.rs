//! What of a provider's claims we use.

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::by_settings;
use crate::{
    config::Oidc,
    identity::{MAX_GROUPS, Person, usable},
};

/// The claims that have no place of their own in the standard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rest {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Rest {}

/// The time, so many seconds from now.
pub(super) fn now(seconds: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::seconds(seconds)
}

/// Whether a claim is missing that the settings name.
pub(super) fn lacks_any(settings: &Oidc, said: &Map<String, Value>) -> bool {
    let wanted = [&settings.username_claim, &settings.name_claim];
    let groups = (!settings.roles.is_empty() || !settings.teams.is_empty()).then_some(&settings.groups_claim);
    wanted
        .into_iter()
        .chain(groups)
        .any(|name| claim(said, name).is_none())
}

/// A claim by its name; a dot goes one level down, where no claim has the whole name.
fn claim<'a>(said: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(found) = said.get(name) {
        return Some(found);
    }
    let (first, rest) = name.split_once('.')?;
    claim(said.get(first)?.as_object()?, rest)
}

fn text(said: &Map<String, Value>, name: &str) -> Option<String> {
    claim(said, name)?.as_str().and_then(usable)
}

fn texts(said: &Map<String, Value>, name: &str) -> Vec<String> {
    let values = match claim(said, name) {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value @ Value::String(_)) => std::slice::from_ref(value),
        Some(_) | None => &[],
    };
    let values = values.iter().take(MAX_GROUPS).filter_map(Value::as_str);
    values.filter_map(usable).collect()
}

pub(super) fn person(settings: &Oidc, subject: &str, said: &Map<String, Value>) -> Person {
    Person {
        provider: settings.issuer.clone(),
        subject: subject.to_owned(),
        username: text(said, &settings.username_claim).unwrap_or_default(),
        display_name: text(said, &settings.name_claim).unwrap_or_default(),
        groups: texts(said, &settings.groups_claim),
    }
}

/// Whether somebody showed two factors there: by the settings, else by `amr` (RFC 8176), in what is signed.
pub(super) fn vouches_twice(settings: &Oidc, signed: &Map<String, Value>) -> bool {
    by_settings(settings).unwrap_or_else(|| texts(signed, "amr").iter().any(|method| method == "mfa"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(more: &str) -> Oidc {
        let text =
            format!("name = \"Office\"\nissuer = \"https://login.example.org\"\nclient_id = \"x\"\n{more}");
        toml::from_str(&text).unwrap()
    }

    fn said(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn claims_are_found_by_name_and_level_and_what_is_no_text_is_none() {
        let settings = settings("groups_claim = \"realm_access.roles\"");
        let claims = said(json!({
            "preferred_username": "ada", "name": "Ada\u{7}", "realm_access": { "roles": ["desk", 7, "all"] },
        }));
        let person = person(&settings, "1", &claims);
        assert_eq!(
            (person.username.as_str(), person.display_name.as_str()),
            ("ada", "")
        );
        assert_eq!(person.groups, ["desk", "all"]);
        assert_eq!(texts(&said(json!({ "groups": "one" })), "groups"), ["one"]);
        assert!(texts(&said(json!({ "groups": { "a": 1 } })), "groups").is_empty());
    }

    #[test]
    fn two_factors_are_believed_where_the_settings_or_the_token_say_so() {
        let mfa = said(json!({ "amr": ["pwd", "mfa"] }));
        let password = said(json!({ "amr": ["pwd"] }));
        assert!(vouches_twice(&settings(""), &mfa) && !vouches_twice(&settings(""), &password));
        assert!(vouches_twice(&settings("second_factor = true"), &password));
        assert!(!vouches_twice(&settings("second_factor = false"), &mfa));
    }
}
