//! What the figures page is asked, as it stands in the address: the time, the split, the queues, and the figure whose proof
//! is open.

use super::kpi::Kpi;
use crate::{
    access::QueueOn,
    model::{PbxId, figures::Split},
    pages::span::{Span, Time, queue, search},
    words::{address, moment},
};

/// Where the page is.
pub const PAGE: &str = "/figures";
/// A row for each of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Queue.
    #[default]
    Queue,
    /// Team.
    Team,
    /// Agent.
    Agent,
    /// Hour.
    Hour,
    /// Day.
    Day,
}

impl By {
    /// Every one.
    pub const ALL: [By; 5] = [By::Queue, By::Team, By::Agent, By::Hour, By::Day];

    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            By::Queue => "queue",
            By::Team => "team",
            By::Agent => "agent",
            By::Hour => "hour",
            By::Day => "day",
        }
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            By::Queue => "Queue",
            By::Team => "Team",
            By::Agent => "Agent",
            By::Hour => "Hour",
            By::Day => "Day",
        }
    }

    /// What the server is asked for.
    pub fn split(self) -> Split {
        match self {
            By::Queue => Split::Queue,
            By::Team => Split::Team,
            By::Agent => Split::Agent,
            By::Hour | By::Day => Split::Interval,
        }
    }
}

/// Of what a figure is. Times are told by the calendar, so that an address means the same day in every zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// Everything together.
    #[default]
    Whole,
    /// A queue.
    Queue(QueueOn),
    /// An agent, by the member's interface.
    Agent(PbxId, String),
    /// A team.
    Team(i64),
    /// A day since 1970.
    Day(u64),
    /// An hour of a day, counted from 0 as they pass: a day may have 25.
    Hour(u64, u32),
}

impl Of {
    /// The word in the address.
    pub fn word(&self) -> String {
        match self {
            Of::Whole => "all".into(),
            Of::Queue((pbx, name)) => format!("queue:{}/{name}", pbx.0),
            Of::Agent(pbx, interface) => format!("agent:{}/{interface}", pbx.0),
            Of::Team(id) => format!("team:{id}"),
            Of::Day(day) => format!("day:{}", moment::date(*day)),
            Of::Hour(day, hour) => format!("hour:{}/{hour}", moment::date(*day)),
        }
    }

    /// What a word in the address stands for.
    pub fn read(word: &str) -> Option<Self> {
        let Some((kind, rest)) = word.split_once(':') else {
            return (word == "all").then_some(Of::Whole);
        };
        Some(match kind {
            "queue" => Of::Queue(queue(rest)?),
            "agent" => {
                let (pbx, interface) = queue(rest)?;
                Of::Agent(pbx, interface)
            }
            "team" => Of::Team(rest.parse().ok()?),
            "day" => Of::Day(moment::read_date(rest)?),
            "hour" => {
                let (day, hour) = rest.split_once('/')?;
                Of::Hour(moment::read_date(day)?, hour.parse().ok()?)
            }
            _ => return None,
        })
    }
}

/// Everything that stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Which days and queues.
    pub span: Span,
    /// A row for each of what.
    pub by: By,
    /// The figure whose proof is open.
    pub figure: Option<Kpi>,
    /// Of what.
    pub of: Of,
    /// Calls of the proof that are older than this one.
    pub before: Option<i64>,
}

impl Asked {
    /// Reads an address; what cannot be read is as if it were not there.
    pub fn read(parameter: impl Fn(&str) -> Vec<String>) -> Self {
        let one = |name: &str| parameter(name).into_iter().next().unwrap_or_default();
        let by = one("by");
        Self {
            span: Span::read(&parameter, Time::default()),
            by: By::ALL
                .into_iter()
                .find(|one| one.word() == by)
                .unwrap_or_default(),
            figure: Kpi::of_slug(&one("figure")),
            of: Of::read(&one("of")).unwrap_or_default(),
            before: one("before").parse().ok(),
        }
    }

    /// The address.
    pub fn address(&self) -> String {
        let mut pairs = self.span.pairs(Time::default());
        if self.by != By::default() {
            pairs.push(("by", self.by.word().into()));
        }
        if let Some(figure) = self.figure {
            pairs.push(("figure", figure.slug().into()));
            pairs.push(("of", self.of.word()));
            if let Some(before) = self.before {
                pairs.push(("before", before.to_string()));
            }
        }
        address::with_search(PAGE, &search(&pairs))
    }

    /// The same with the proof of another figure open, or of none.
    pub fn with(&self, figure: Option<Kpi>, of: Of) -> Self {
        Self {
            figure,
            of,
            before: None,
            ..self.clone()
        }
    }

    /// The same list without what is only looked at.
    pub fn list(&self) -> Self {
        self.with(None, Of::Whole)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn read(address: &str) -> Asked {
        let search = address.split_once('?').map_or("", |(_, search)| search);
        let pairs: Vec<(String, String)> = search
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), unescaped(value)))
            .collect();
        Asked::read(|name| {
            let wanted = pairs.iter().filter(|(one, _)| one == name);
            wanted.map(|(_, value)| value.clone()).collect()
        })
    }

    fn unescaped(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let hex: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.push(u8::from_str_radix(&hex, 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_address_means_what_it_was_made_from() {
        let pbx = PbxId(3);
        for of in [
            Of::Whole,
            Of::Queue((pbx, "a & b/c".into())),
            Of::Agent(pbx, "PJSIP/1004".into()),
            Of::Team(7),
            Of::Day(20_783),
            Of::Hour(20_783, 24),
        ] {
            let asked = Asked {
                span: Span {
                    time: Time::Between(20_700, 20_783),
                    queues: vec![(pbx, "support".into()), (pbx, "ä=?".into())],
                },
                by: By::Hour,
                figure: Some(Kpi::ServiceLevel),
                of,
                before: Some(17),
            };
            assert_eq!(read(&asked.address()), asked);
        }
        assert_eq!(Asked::default().address(), "/figures");
    }

    #[test]
    fn what_cannot_be_read_asks_for_the_day_by_queue() {
        for bad in [
            "/figures?time=tomorrow&by=nobody&queue=support&figure=beauty",
            "/figures?time=range&from=2026-02-30&to=x",
        ] {
            assert_eq!(read(bad), Asked::default(), "{bad}");
        }
        let turned = read("/figures?time=range&from=2026-11-26&to=2026-11-20");
        assert_eq!(turned, read("/figures?time=range&from=2026-11-20&to=2026-11-26"));
        // one of the two is a single day
        let (from, to) = read("/figures?time=range&to=2026-11-26").span.time.days(0);
        assert_eq!((moment::date(from), from), ("2026-11-26".into(), to));
    }
}
