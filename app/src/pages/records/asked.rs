//! What the page is asked, as it stands in the address: the class, the PBX, the days, the page, and what is open.

use crate::{
    model::{
        PbxId,
        records::{Class, RecordsQuery},
    },
    pages::{
        span::{Time, search},
        zone::Zone,
    },
    words::{address, moment},
};

/// Where the page is.
pub const PAGE: &str = "/calls/records";

/// Everything that stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Of this class; of every one where none is chosen.
    pub class: Option<Class>,
    /// On this PBX.
    pub pbx: Option<PbxId>,
    /// Which days; all where none are chosen.
    pub time: Option<Time>,
    /// Older than this row.
    pub before: Option<i64>,
    /// The row beside the list.
    pub open: Option<i64>,
}

impl Asked {
    /// Reads an address; what cannot be read is as if it were not there.
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let one = |name: &str| parameter(name).unwrap_or_default();
        let number = |name: &str| one(name).parse::<i64>().ok();
        let date = |name: &str| moment::read_date(&one(name));
        let word = one("time");
        let known = Time::CHOICES.iter().any(|(known, _)| *known == word);
        let dates = date("from").zip(date("to"));
        let time = match dates {
            Some((from, to)) => known.then(|| Time::of_word(&word, from, to)),
            None => (known && word != "range").then(|| Time::of_word(&word, 0, 0)),
        };
        Self {
            class: Class::of(&one("show")),
            pbx: number("pbx").map(PbxId),
            time,
            before: number("before"),
            open: number("row"),
        }
    }

    /// The address of the same.
    pub fn address(&self) -> String {
        let mut pairs: Vec<(&'static str, String)> = Vec::new();
        if let Some(class) = self.class {
            pairs.push(("show", class.word().into()));
        }
        if let Some(pbx) = self.pbx {
            pairs.push(("pbx", pbx.0.to_string()));
        }
        if let Some(time) = self.time {
            pairs.push(("time", time.word().into()));
            if let Time::Between(from, to) = time {
                pairs.push(("from", moment::date(from)));
                pairs.push(("to", moment::date(to)));
            }
        }
        if let Some(before) = self.before {
            pairs.push(("before", before.to_string()));
        }
        if let Some(open) = self.open {
            pairs.push(("row", open.to_string()));
        }
        address::with_search(PAGE, &search(&pairs))
    }

    /// The same with a row open beside the list, or with none.
    pub fn opening(&self, open: Option<i64>) -> Self {
        Self { open, ..self.clone() }
    }

    /// The same from another row on.
    pub fn turned(&self, before: Option<i64>) -> Self {
        Self {
            before,
            open: None,
            ..self.clone()
        }
    }

    /// Whether anything is left out.
    pub fn is_filtered(&self) -> bool {
        self.class.is_some() || self.pbx.is_some() || self.time.is_some()
    }

    /// What is asked of the server, given where days begin.
    pub(crate) fn query(&self, zone: Zone, now_ms: u64) -> RecordsQuery {
        let days = self.time.map(|time| time.days(zone.day_of(now_ms)));
        RecordsQuery {
            class: self.class,
            pbx: self.pbx,
            from_ms: days.map(|(first, _)| zone.midnight(first)),
            to_ms: days.map(|(_, last)| zone.midnight(last + 1)),
            older_than: self.before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Asked {
        let search = address.split_once('?').map_or("", |(_, search)| search);
        let pairs: Vec<(&str, &str)> = search
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        Asked::read(|name| {
            let found = pairs.iter().find(|(one, _)| *one == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_address_means_what_it_was_made_from() {
        for class in Class::ALL {
            let asked = Asked {
                class: Some(class),
                pbx: Some(PbxId(3)),
                time: Some(Time::Between(20_700, 20_783)),
                before: Some(17),
                open: Some(7),
            };
            assert_eq!(read(&asked.address()), asked);
        }
        assert_eq!(Asked::default().address(), PAGE);
        let odd = "/calls/records?show=beauty&pbx=x&time=range&before=y&row=-";
        assert_eq!(read(odd), Asked::default());
    }
}
