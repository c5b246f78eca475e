//! What is told with a row, as JSON: changes as `{"field": {"old": …, "new": …}}`, remarks as `{"name": "text"}`. Never a
//! secret: that one was replaced is a remark.

use app::{audit::Fact, words::shortened};
use serde_json::{Map, Value};

/// Characters of a value.
const MAX_CHARS: usize = 300;
/// Facts that are told at most.
const MAX_FACTS: usize = 24;

/// Writes facts; nothing for none.
pub fn json(facts: &[Fact]) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let text = |value: &Option<String>| match value {
        Some(text) => Value::String(shortened(text, MAX_CHARS)),
        None => Value::Null,
    };
    let written = facts.iter().take(MAX_FACTS).map(|fact| {
        let value = if fact.changed {
            let pair = [("old", text(&fact.old)), ("new", text(&fact.new))];
            Value::Object(
                pair.into_iter()
                    .map(|(name, value)| (name.into(), value))
                    .collect(),
            )
        } else {
            text(&fact.new)
        };
        (fact.name.clone(), value)
    });
    Value::Object(written.collect::<Map<_, _>>()).to_string()
}

/// Reads facts back; what is not ours is one remark.
pub fn read(detail: &str) -> Vec<Fact> {
    if detail.is_empty() {
        return Vec::new();
    }
    let Ok(Value::Object(written)) = serde_json::from_str(detail) else {
        return vec![Fact::told("detail", shortened(detail, MAX_CHARS))];
    };
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let facts = written.iter().map(|(name, value)| match value {
        Value::Object(pair) => Fact::changed(name, text(pair.get("old")), text(pair.get("new"))),
        other => Fact {
            name: name.clone(),
            old: None,
            new: text(Some(other)),
            changed: false,
        },
    });
    facts.collect()
}

/// What differs between two states of the same fields, by name.
pub fn changes<'a>(fields: impl IntoIterator<Item = (&'a str, String, String)>) -> Vec<Fact> {
    let filled = |text: String| (!text.is_empty()).then_some(text);
    fields
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| Fact::changed(name, filled(old), filled(new)))
        .collect()
}

/// The gist, for a line of a list.
pub fn gist(facts: &[Fact]) -> String {
    if let Some(why) = facts.iter().find(|fact| fact.name == "why") {
        let times = facts.iter().find(|fact| fact.name == "times");
        let times = times.and_then(|times| times.new.as_deref());
        let why = why.new.as_deref().unwrap_or_default();
        return match times {
            Some(times) => format!("{times} more times: {why}"),
            None => why.to_owned(),
        };
    }
    let told = facts.iter().map(|fact| match (&fact.old, &fact.new) {
        (Some(old), Some(new)) => format!("{} {old} → {new}", fact.name),
        (Some(_), None) => format!("{} taken away", fact.name),
        (None, Some(new)) => format!("{} {new}", fact.name),
        (None, None) => fact.name.clone(),
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_they_were_written() {
        let facts = vec![
            Fact::changed("host", Some("a".into()), Some("b\n".into())),
            Fact::changed("old", Some("gone".into()), None),
            Fact::told("why", "because"),
        ];
        let text = json(&facts);
        assert_eq!(
            text,
            r#"{"host":{"new":"b⟨U+000A⟩","old":"a"},"old":{"new":null,"old":"gone"},"why":"because"}"#
        );
        let mut read = read(&text);
        assert_eq!(read[0].new.as_deref(), Some("b⟨U+000A⟩"));
        read[0].new = Some("b\n".into());
        assert_eq!(read, facts);
        assert_eq!(json(&[]), "");
    }

    #[test]
    fn the_gist_is_what_changed_or_why_not() {
        let changed = changes([
            ("host", "a".to_owned(), "b".to_owned()),
            ("port", "1".to_owned(), "1".to_owned()),
            ("context", String::new(), "in".to_owned()),
        ]);
        assert_eq!(gist(&changed), "host a → b, context in");
        assert_eq!(
            gist(&[Fact::told("times", "3"), Fact::told("why", "no")]),
            "3 more times: no"
        );
    }
}
