//! What the page is asked, as it stands in the address: the time, the queues, which of them, and from where on.

use crate::{
    model::lost::Wanted,
    pages::span::{Span, Time, search},
    words::address,
};

/// Where the page is.
pub const PAGE: &str = "/queues/lost";
/// The days that are shown when none are asked for.
const USUAL: Time = Time::Week;

/// Everything that stands in the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which days and queues.
    pub span: Span,
    /// Which of them.
    pub wanted: Wanted,
    /// With those who hung up at once.
    pub short: bool,
    /// Below this row.
    pub before: Option<i64>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            span: Span {
                time: USUAL,
                queues: Vec::new(),
            },
            wanted: Wanted::Open,
            short: false,
            before: None,
        }
    }
}

impl Asked {
    /// Reads an address; what cannot be read is as if it were not there.
    pub fn read(parameter: impl Fn(&str) -> Vec<String>) -> Self {
        let one = |name: &str| parameter(name).into_iter().next().unwrap_or_default();
        Self {
            span: Span::read(&parameter, USUAL),
            wanted: Wanted::of_word(&one("show")).unwrap_or_default(),
            short: one("short") == "yes",
            before: one("before").parse().ok(),
        }
    }

    /// What stands behind the question mark.
    pub fn search(&self) -> String {
        let mut pairs = self.span.pairs(USUAL);
        if self.wanted != Wanted::Open {
            pairs.push(("show", self.wanted.word().into()));
        }
        if self.short {
            pairs.push(("short", "yes".into()));
        }
        if let Some(before) = self.before {
            pairs.push(("before", before.to_string()));
        }
        search(&pairs)
    }

    /// The address of the list.
    pub fn address(&self) -> String {
        address::with_search(PAGE, &self.search())
    }

    /// The address of a row beside it.
    pub fn with_row(&self, id: i64) -> String {
        address::with_search(&format!("{PAGE}/{id}"), &self.search())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PbxId;

    fn read(address: &str) -> Asked {
        let search = address.split_once('?').map_or("", |(_, search)| search);
        let pairs: Vec<(&str, String)> = search
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, value.replace("%2F", "/")))
            .collect();
        Asked::read(|name| {
            let wanted = pairs.iter().filter(|(one, _)| *one == name);
            wanted.map(|(_, value)| value.clone()).collect()
        })
    }

    #[test]
    fn an_address_means_what_it_was_made_from() {
        let asked = Asked {
            span: Span {
                time: Time::Between(20_700, 20_783),
                queues: vec![(PbxId(3), "support".into())],
            },
            wanted: Wanted::Mine,
            short: true,
            before: Some(17),
        };
        assert_eq!(read(&asked.address()), asked);
        assert_eq!(Asked::default().address(), PAGE);
        assert_eq!(
            read("/queues/lost?time=beauty&show=nobody&short=1&before=x"),
            Asked::default()
        );
        for wanted in Wanted::EVERY {
            let asked = Asked {
                wanted,
                span: Span {
                    time: Time::Today,
                    queues: Vec::new(),
                },
                ..Asked::default()
            };
            assert_eq!(read(&asked.address()), asked);
        }
    }
}
