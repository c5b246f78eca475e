//! Calls that are over, counted: by the day or hour in which they began, or by what they have in common.

use serde::{Deserialize, Serialize};

use super::history::{CallSearch, CallTotals};

/// Days that a report is told by at most,
pub const MAX_DAYS: u64 = 400;
/// and days that one by the hour is about at most.
pub const MAX_DAYS_BY_HOUR: u64 = 31;
/// Rows of one by what calls have in common; the rest is one more.
pub const MAX_ROWS: usize = 200;

/// By what calls are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// The day in which they began.
    #[default]
    Day,
    /// The hour.
    Hour,
    /// The queue they came through, the latest.
    Queue,
    /// The extension that answered first.
    Agent,
    /// The trunk they ran over, the first.
    Trunk,
    /// Which way they went.
    Way,
    /// The PBX.
    Pbx,
    /// What somebody says came of them.
    Disposition,
}

impl By {
    /// What each row is then.
    pub const fn noun(self) -> &'static str {
        match self {
            By::Day => "day",
            By::Hour => "hour",
            By::Queue => "queue",
            By::Agent => "agent",
            By::Trunk => "trunk",
            By::Way => "way",
            By::Pbx => "PBX",
            By::Disposition => "disposition",
        }
    }

    /// The name of the whole.
    pub fn title(self) -> String {
        format!("Calls for each {}", self.noun())
    }
}

/// What is drawn of each row; its table has all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// How many there were, by what came of them.
    #[default]
    Calls,
    /// How many of a hundred were answered (ASR).
    Answered,
    /// How many nobody answered.
    Unanswered,
    /// Seconds talked on average, of answered calls (ACD).
    Average,
    /// Hours talked.
    Talked,
    /// Seconds until a trunk gave a sign, on average (PDD).
    Delay,
    /// How calls sounded (MES): the worst average of each, on average.
    Voice,
}

impl Measure {
    /// What it is, with its unit.
    pub const fn title(self) -> &'static str {
        match self {
            Measure::Calls => "Calls",
            Measure::Answered => "Answered, %",
            Measure::Unanswered => "Not answered",
            Measure::Average => "Talked on average, s",
            Measure::Talked => "Talked, h",
            Measure::Delay => "Post-dial delay, s",
            Measure::Voice => "Voice (MES), 0 to 100",
        }
    }

    /// How much it is of some calls; none where there were none of which it could be said.
    pub fn of(self, totals: &CallTotals) -> Option<f64> {
        let whole = |number: u64| number as f64;
        match self {
            Measure::Calls => Some(whole(totals.calls())),
            Measure::Answered => {
                (totals.calls() > 0).then(|| whole(totals.answered) * 100.0 / whole(totals.calls()))
            }
            Measure::Unanswered => Some(whole(totals.not_answered())),
            Measure::Average => totals.average_talk_ms().map(|ms| whole(ms) / 1_000.0),
            Measure::Talked => Some(whole(totals.talk_ms) / 3_600_000.0),
            Measure::Delay => totals.pdd_ms.value().map(|ms| ms / 1_000.0),
            Measure::Voice => totals.mes.value().map(|tenths| tenths / 10.0),
        }
    }
}

/// What calls are held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Than {
    /// As long a time before.
    #[default]
    Before,
    /// The same hours a day before,
    Day,
    /// a week before,
    Week,
    /// and a year before.
    Year,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportQuery {
    /// Which calls; both ends of the time are there.
    pub search: CallSearch,
    /// Told apart by this.
    pub by: By,
    /// What is drawn.
    pub measure: Measure,
    /// What they are held against.
    pub than: Than,
    /// The zone in which days and hours begin, by its IANA name.
    pub zone: String,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// A day or hour: from here to there, in milliseconds.
    Time(u64, u64),
    /// What the calls have in common, as it is looked for; empty for those that have none.
    Word(String),
    /// Everything that has no row of its own.
    Rest,
}

/// Some of the calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    /// What they have in common.
    pub about: About,
    /// The same in words.
    pub name: String,
    /// How many, and how long.
    pub totals: CallTotals,
    /// The same of the calls that they are held against.
    pub before: CallTotals,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// All of them together,
    pub whole: CallTotals,
    /// and those that they are held against.
    pub before: CallTotals,
    /// One after the other in time, or the most frequent first.
    pub rows: Vec<ReportRow>,
    /// Calls by the day of the week, Monday first, and the hour in which they began.
    pub week: Vec<[u64; 24]>,
    /// The rows drawn for a wide and for a narrow page, as SVG.
    pub drawn: [String; 2],
    /// There are more calls than are counted.
    pub cut: bool,
}
