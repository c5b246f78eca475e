//! What of the trail is asked for: the filters, as they stand in the address bar.

use serde::{Deserialize, Serialize};

use super::{Action, Outcome};
use crate::words::{address::part, moment};

/// Characters of a search.
const MAX_CHARS: usize = 80;

/// The filters of the page and of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// Somewhere in actor, address, object or what is told.
    pub text: String,
    /// By whom.
    pub actor: String,
    /// What.
    pub action: Option<Action>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Not before.
    pub from_ms: Option<u64>,
    /// Before.
    pub to_ms: Option<u64>,
    /// Rows before this one.
    pub before: Option<i64>,
}

impl AuditQuery {
    /// Reads the parameters of an address; what cannot be read filters nothing.
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name| {
            let typed = parameter(name).unwrap_or_default();
            typed.trim().chars().take(MAX_CHARS).collect::<String>()
        };
        let time = |name| parameter(name).as_deref().and_then(moment::read_utc);
        Self {
            text: text("q"),
            actor: text("actor"),
            action: parameter("action").as_deref().and_then(Action::of),
            outcome: parameter("outcome").as_deref().and_then(Outcome::of),
            from_ms: time("from"),
            to_ms: time("to"),
            before: parameter("before").and_then(|before| before.parse().ok()),
        }
    }

    /// Whether anything is filtered.
    pub fn is_filtered(&self) -> bool {
        let everything = Self {
            before: self.before,
            ..Self::default()
        };
        *self != everything
    }

    /// The parameters, without a question mark.
    pub fn search(&self) -> String {
        let word = |found: Option<&'static str>| found.map(str::to_owned);
        let pairs = [
            ("q", (!self.text.is_empty()).then(|| self.text.clone())),
            ("actor", (!self.actor.is_empty()).then(|| self.actor.clone())),
            ("action", word(self.action.map(Action::word))),
            ("outcome", word(self.outcome.map(Outcome::word))),
            ("from", self.from_ms.map(moment::field)),
            ("to", self.to_ms.map(moment::field)),
            ("before", self.before.map(|before| before.to_string())),
        ];
        let pairs = pairs
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", part(&value?))));
        pairs.collect::<Vec<_>>().join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_into_the_address_is_read_from_it() {
        let query = AuditQuery {
            text: "a & b".into(),
            actor: "ada".into(),
            action: Some(Action::ChangePbx),
            outcome: Some(Outcome::Refused),
            from_ms: Some(1_700_000_040_000),
            to_ms: Some(1_700_000_100_000),
            before: Some(7),
        };
        assert_eq!(
            query.search(),
            "q=a%20%26%20b&actor=ada&action=change_pbx&outcome=refused&from=2023-11-14T22%3A14&to=2023-11-14T22%3A15&before=7"
        );
        let read = AuditQuery::read(|name| {
            let found = match name {
                "q" => " a & b ",
                "actor" => "ada",
                "action" => "change_pbx",
                "outcome" => "refused",
                "from" => "2023-11-14T22:14",
                "to" => "2023-11-14T22:15",
                "before" => "7",
                _ => return None,
            };
            Some(found.to_owned())
        });
        assert_eq!(read, query);
        assert!(query.is_filtered());
    }

    #[test]
    fn nonsense_filters_nothing() {
        let read =
            AuditQuery::read(|name| (name != "q" && name != "actor").then(|| "\u{0}nonsense".to_owned()));
        assert_eq!(read, AuditQuery::default());
        assert!(
            !AuditQuery {
                before: Some(1),
                ..AuditQuery::default()
            }
            .is_filtered()
        );
    }
}
