//! What the page is asked, as it stands in the address: what was typed, the choices beside it, the page, and the open call.

use telephony::{CallResult, Direction};

pub use super::choices::{BY, MEASURES, RESULTS, THAN, WAYS};

use super::{
    columns::{self, Column},
    typed::Typed,
};
use crate::{
    model::{
        history::{CallSearch, MAX_TEXT, Turn},
        report::{By, Measure, Than},
    },
    pages::{span::Time, zone::Zone},
    words::{
        address::{self, part},
        moment,
    },
};

/// Where the page is,
pub const PAGE: &str = "/calls/history";
/// where the same is as a file,
pub const EXPORT: &str = "/calls/history/export";
/// where it is added up,
pub const REPORTS: &str = "/calls/reports";
/// and where that is as a file.
pub const REPORT_EXPORT: &str = "/calls/reports/export";

/// Everything that stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What was typed.
    pub text: String,
    /// Which days; all where none are chosen or typed.
    pub time: Option<Time>,
    /// Which way.
    pub way: Option<Direction>,
    /// What came of it.
    pub result: Option<CallResult>,
    /// Which page.
    pub turn: Turn,
    /// The call beside the list.
    pub open: Option<i64>,
    /// Added up by this, in place of a list.
    pub by: Option<By>,
    /// What is drawn of it,
    pub measure: Measure,
    /// and what it is held against.
    pub than: Than,
    /// Columns of the list; none for the usual ones.
    pub columns: Vec<Column>,
}

impl Asked {
    /// Reads an address; what cannot be read is as if it were not there.
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let one = |name: &str| parameter(name).unwrap_or_default();
        let number = |name: &str| one(name).parse::<i64>().ok();
        let date = |name: &str| moment::read_date(&one(name));
        let word = one("time");
        let known = Time::CHOICES.iter().any(|(known, _)| *known == word);
        let dates = date("from").or(date("to")).zip(date("to").or(date("from")));
        let time = match dates {
            Some((from, to)) => known.then(|| Time::of_word(&word, from, to)),
            None => (known && word != "range").then(|| Time::of_word(&word, 0, 0)),
        };
        let turn = match (number("before"), number("after")) {
            (Some(id), _) => Turn::Older(id),
            (None, Some(id)) => Turn::Newer(id),
            (None, None) => Turn::Newest,
        };
        Self {
            text: one("q").trim().chars().take(MAX_TEXT * 4).collect(),
            time,
            way: WAYS
                .iter()
                .find(|(known, ..)| *known == one("way"))
                .map(|(.., way)| *way),
            result: RESULTS
                .iter()
                .find(|(known, ..)| *known == one("result"))
                .map(|(.., result)| *result),
            turn,
            open: number("call"),
            by: None,
            measure: Measure::default(),
            than: Than::default(),
            columns: Some(columns::read(&one("columns")))
                .filter(|chosen| columns::words(chosen).is_some())
                .unwrap_or_default(),
        }
    }

    /// Reads the address of a report: the last seven days, where no others are asked for.
    pub fn read_report(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let word = parameter("by").unwrap_or_default();
        let by = BY.iter().find(|(known, ..)| *known == word);
        let measure = parameter("measure").unwrap_or_default();
        let than = parameter("than").unwrap_or_default();
        let mut asked = Self::read(parameter);
        let measure = MEASURES.iter().find(|(known, ..)| *known == measure);
        asked.measure = measure.map_or(Measure::Calls, |(.., measure)| *measure);
        let than = THAN.iter().find(|(known, ..)| *known == than);
        asked.than = than.map_or(Than::Before, |(.., than)| *than);
        asked.by = Some(by.map_or(By::Day, |(.., by)| *by));
        if asked.time.is_none() && asked.typed(0).days.is_none() {
            asked.time = Some(Time::Week);
        }
        asked
    }

    /// The address of the same.
    pub fn address(&self) -> String {
        let page = if self.by.is_some() { REPORTS } else { PAGE };
        address::with_search(page, &self.words())
    }

    /// What stands in it behind the question mark.
    pub fn words(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if !self.text.is_empty() {
            pairs.push(("q", self.text.clone()));
        }
        if let Some(time) = self.time {
            pairs.push(("time", time.word().into()));
            if let Time::Between(from, to) = time {
                pairs.push(("from", moment::date(from)));
                pairs.push(("to", moment::date(to)));
            }
        }
        if let Some((word, ..)) = WAYS.iter().find(|(.., way)| Some(*way) == self.way) {
            pairs.push(("way", (*word).into()));
        }
        if let Some((word, ..)) = RESULTS.iter().find(|(.., result)| Some(*result) == self.result) {
            pairs.push(("result", (*word).into()));
        }
        match self.turn {
            Turn::Newest => {}
            Turn::Older(id) => pairs.push(("before", id.to_string())),
            Turn::Newer(id) => pairs.push(("after", id.to_string())),
        }
        if let Some(id) = self.open {
            pairs.push(("call", id.to_string()));
        }
        if let Some((word, ..)) = BY.iter().find(|(.., by)| Some(*by) == self.by) {
            pairs.push(("by", (*word).into()));
        }
        let measure = MEASURES.iter().find(|(.., measure)| *measure == self.measure);
        if let Some((word, ..)) = measure.filter(|_| self.measure != Measure::Calls) {
            pairs.push(("measure", (*word).into()));
        }
        let than = THAN.iter().find(|(.., than)| *than == self.than);
        if let Some((word, ..)) = than.filter(|_| self.than != Than::Before) {
            pairs.push(("than", (*word).into()));
        }
        pairs.extend(self.columns_word().map(|words| ("columns", words)));
        let pairs = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", part(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// What is left out, in words for whoever reads a copy.
    pub fn only(&self) -> Option<String> {
        let way = WAYS.iter().find(|(.., way)| Some(*way) == self.way);
        let result = RESULTS.iter().find(|(.., result)| Some(*result) == self.result);
        let chosen = way
            .map(|(_, word, _)| *word)
            .into_iter()
            .chain(result.map(|(_, word, _)| *word));
        let typed = Some(self.text.as_str()).filter(|text| !text.is_empty());
        let words: Vec<&str> = chosen.chain(typed).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// Whether anything is left out.
    pub fn is_filtered(&self) -> bool {
        !self.text.is_empty() || self.time.is_some() || self.way.is_some() || self.result.is_some()
    }

    /// The same with a call open beside the list, or with none.
    pub fn opening(&self, open: Option<i64>) -> Self {
        Self { open, ..self.clone() }
    }

    /// Columns of the list.
    pub fn columns(&self) -> Vec<Column> {
        columns::read(&self.columns_word().unwrap_or_default())
    }

    /// Whether they are others than the usual ones.
    pub fn has_columns(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Their words in the address, where they are.
    pub fn columns_word(&self) -> Option<String> {
        columns::words(&self.columns)
    }

    /// The same with other columns.
    pub fn with_columns(&self, columns: Vec<Column>) -> Self {
        let columns = if columns::words(&columns).is_some() {
            columns
        } else {
            Vec::new()
        };
        Self {
            columns,
            ..self.clone()
        }
    }

    /// The list of the same calls,
    pub fn list(&self) -> Self {
        Self {
            by: None,
            measure: Measure::default(),
            than: Than::default(),
            ..self.turned(Turn::Newest)
        }
    }

    /// and the same added up.
    pub fn report(&self, by: By) -> Self {
        Self {
            by: Some(by),
            ..self.turned(Turn::Newest)
        }
    }

    /// The same from its beginning, with no call open.
    pub fn resting(&self) -> Self {
        self.turned(Turn::Newest)
    }

    /// Nothing is left out.
    pub fn cleared(&self) -> Self {
        Self {
            by: self.by,
            measure: self.measure,
            than: self.than,
            columns: self.columns.clone(),
            ..Self::default()
        }
    }

    /// The same, with one more thing typed.
    pub fn and(&self, typed: &str) -> Self {
        Self {
            text: [&self.text, " ", typed].concat().trim().to_owned(),
            ..self.clone()
        }
    }

    /// Another page of it.
    pub fn turned(&self, turn: Turn) -> Self {
        Self {
            turn,
            open: None,
            ..self.clone()
        }
    }

    /// What was typed, read on this day.
    pub fn typed(&self, today: u64) -> Typed {
        Typed::read(&self.text, today)
    }

    /// What is asked of the server, given where days begin.
    pub(crate) fn search(&self, zone: Zone, now_ms: u64) -> CallSearch {
        let today = zone.day_of(now_ms);
        let days = self.time.map(|time| time.days(today));
        let days = days.or(self.typed(today).days);
        self.between(days.map(|(first, last)| (zone.midnight(first), zone.midnight(last + 1))))
    }

    /// The same between two moments, or at any time: what is chosen goes before what is typed.
    pub fn between(&self, time_ms: Option<(u64, u64)>) -> CallSearch {
        // days are not looked at here
        let mut search = self.typed(0).search;
        (search.from_ms, search.to_ms) = time_ms.unzip();
        search.direction = self.way.or(search.direction);
        if let Some(result) = self.result {
            search.results = vec![result];
        }
        search
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Asked {
        let search = address.split_once('?').map_or("", |(_, search)| search);
        let pairs: Vec<(&str, String)> = search
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| {
                (
                    name,
                    value
                        .replace("%3A", ":")
                        .replace("%20", " ")
                        .replace("%2B", "+")
                        .replace("%2C", ","),
                )
            })
            .collect();
        Asked::read(|name| {
            pairs
                .iter()
                .find(|(one, _)| *one == name)
                .map(|(_, value)| value.clone())
        })
    }

    #[test]
    fn an_address_means_what_it_was_made_from() {
        for turn in [Turn::Newest, Turn::Older(17), Turn::Newer(18)] {
            let asked = Asked {
                text: "from:+44 missed".into(),
                time: Some(Time::Between(20_700, 20_783)),
                way: Some(Direction::Outbound),
                result: Some(CallResult::Abandoned),
                turn,
                open: Some(7),
                by: None,
                measure: Measure::default(),
                than: Than::default(),
                columns: vec![Column::Took, Column::Trunk],
            };
            assert_eq!(read(&asked.address()), asked);
        }
        let report = Asked {
            by: Some(By::Queue),
            measure: Measure::Average,
            than: Than::Week,
            time: Some(Time::Month),
            ..Asked::default()
        };
        let address = report.address();
        assert_eq!(
            address,
            "/calls/reports?time=30&by=queue&measure=average&than=week"
        );
        let pairs: Vec<(&str, &str)> = address
            .split(['?', '&'])
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let found = |name: &str| {
            pairs
                .iter()
                .find(|(one, _)| *one == name)
                .map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(Asked::read_report(found), report);
        assert_eq!(Asked::default().address(), PAGE);
        let odd = "/calls/history?time=beauty&way=up&result=1&before=x&call=y";
        assert_eq!(read(odd), Asked::default());
        assert!(
            !Asked {
                turn: Turn::Older(1),
                ..Asked::default()
            }
            .is_filtered()
        );
    }
}
