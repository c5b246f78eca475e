//! How somebody on a call is called.

use telephony::{Engagement, Party};

use super::visible::{NAME_CHARS, shortened, visible};

/// What stands for a caller whose number is withheld.
pub const WITHHELD: &str = "Number withheld";

/// The name where there is one, else the number, else that it is withheld; fit to be shown.
pub fn party_name(party: &Party) -> String {
    match party
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        Some(name) => shortened(name, NAME_CHARS),
        None if party.number.is_empty() => WITHHELD.into(),
        None => shortened(&party.number, NAME_CHARS),
    }
}

/// The other side of an engagement, which names them already; fit to be shown.
pub fn with_whom(engagement: &Engagement) -> String {
    if engagement.with.trim().is_empty() {
        WITHHELD.into()
    } else {
        shortened(&engagement.with, NAME_CHARS)
    }
}

/// The number below a name; empty where [`party_name`] already shows it.
pub fn party_number(party: &Party) -> String {
    let named = party.name.as_deref().is_some_and(|name| !name.trim().is_empty());
    if named {
        shortened(&party.number, NAME_CHARS)
    } else {
        String::new()
    }
}

/// Name and number in one line, whole: for titles and for what is read aloud.
pub fn party_text(party: &Party) -> String {
    match party
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        Some(name) if party.number.is_empty() || name == party.number => visible(name).into_owned(),
        Some(name) => format!("{} ({})", visible(name), visible(&party.number)),
        None if party.number.is_empty() => WITHHELD.into(),
        None => visible(&party.number).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use telephony::Party;

    use super::{party_name, party_number, party_text};

    fn party(name: Option<&str>, number: &str) -> Party {
        Party {
            number: number.into(),
            name: name.map(Into::into),
            extension: None,
        }
    }

    #[test]
    fn a_name_wins_over_a_number_and_a_number_over_nothing() {
        let anna = party(Some("Anna"), "1001");
        assert_eq!(
            (party_name(&anna), party_number(&anna)),
            ("Anna".into(), "1001".into())
        );
        assert_eq!(party_text(&anna), "Anna (1001)");
        let bare = party(Some("  "), "0301234");
        assert_eq!(
            (party_name(&bare), party_number(&bare)),
            ("0301234".into(), String::new())
        );
        assert_eq!(party_name(&party(None, "")), "Number withheld");
    }
}
