//! The figures: what each is called, what it means, and which calls are behind it.

use crate::model::figures::{Figure, FiguresRow};

use super::asked::By;

/// A figure of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kpi {
    /// Callers who came.
    Offered,
    /// An agent took the call.
    Answered,
    /// Answered within the target.
    InTime,
    /// Answered later.
    Late,
    /// Gave up.
    Abandoned,
    /// Gave up at once.
    AbandonedShort,
    /// The queue's limit ran out.
    TimedOut,
    /// Left by a key.
    Key,
    /// Kept their place, to be called back.
    KeptPlace,
    /// Turned away or sent out because nobody served.
    NotServed,
    /// Answered in time, of all but those who hung up at once.
    ServiceLevel,
    /// Average speed of answer.
    Asa,
    /// The longest wait of anybody.
    LongestWait,
    /// Average handle time.
    Aht,
    /// Handed on.
    Transfers,
    /// Rings that were not answered.
    RingNoAnswer,
    /// Not seen as a whole.
    Partial,
    /// Time in queues.
    LoggedIn,
    /// Time on calls of the time on or ready for them.
    Occupancy,
    /// Time not paused.
    Utilisation,
    /// Time paused.
    Paused,
}

impl Kpi {
    /// Every one, in the order of the documentation.
    pub const ALL: [Kpi; 21] = [
        Kpi::Offered,
        Kpi::Answered,
        Kpi::InTime,
        Kpi::Late,
        Kpi::Abandoned,
        Kpi::AbandonedShort,
        Kpi::TimedOut,
        Kpi::Key,
        Kpi::KeptPlace,
        Kpi::NotServed,
        Kpi::ServiceLevel,
        Kpi::Asa,
        Kpi::LongestWait,
        Kpi::Aht,
        Kpi::Transfers,
        Kpi::RingNoAnswer,
        Kpi::Partial,
        Kpi::LoggedIn,
        Kpi::Occupancy,
        Kpi::Utilisation,
        Kpi::Paused,
    ];

    /// The columns of a table.
    pub fn columns(by: By) -> &'static [Kpi] {
        match by {
            By::Agent => &[
                Kpi::Answered,
                Kpi::Aht,
                Kpi::Transfers,
                Kpi::RingNoAnswer,
                Kpi::LoggedIn,
                Kpi::Occupancy,
                Kpi::Utilisation,
                Kpi::Paused,
            ],
            By::Queue | By::Team | By::Hour | By::Day => &[
                Kpi::Offered,
                Kpi::Answered,
                Kpi::ServiceLevel,
                Kpi::Abandoned,
                Kpi::AbandonedShort,
                Kpi::TimedOut,
                Kpi::NotServed,
                Kpi::Asa,
                Kpi::LongestWait,
                Kpi::Aht,
                Kpi::Transfers,
                Kpi::RingNoAnswer,
            ],
        }
    }

    /// The word in the address.
    pub fn slug(self) -> &'static str {
        match self {
            Kpi::Offered => "offered",
            Kpi::Answered => "answered",
            Kpi::InTime => "in-time",
            Kpi::Late => "late",
            Kpi::Abandoned => "abandoned",
            Kpi::AbandonedShort => "hung-up-at-once",
            Kpi::TimedOut => "timed-out",
            Kpi::Key => "key",
            Kpi::KeptPlace => "kept-place",
            Kpi::NotServed => "not-served",
            Kpi::ServiceLevel => "service-level",
            Kpi::Asa => "asa",
            Kpi::LongestWait => "longest-wait",
            Kpi::Aht => "aht",
            Kpi::Transfers => "transfers",
            Kpi::RingNoAnswer => "ring-no-answer",
            Kpi::Partial => "partial",
            Kpi::LoggedIn => "logged-in",
            Kpi::Occupancy => "occupancy",
            Kpi::Utilisation => "utilisation",
            Kpi::Paused => "paused",
        }
    }

    /// The figure of a word.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kpi| kpi.slug() == slug)
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Kpi::Offered => "Offered",
            Kpi::Answered => "Answered",
            Kpi::InTime => "Answered in time",
            Kpi::Late => "Answered late",
            Kpi::Abandoned => "Abandoned",
            Kpi::AbandonedShort => "Hung up at once",
            Kpi::TimedOut => "Timed out",
            Kpi::Key => "Left by a key",
            Kpi::KeptPlace => "Kept the place",
            Kpi::NotServed => "Not served",
            Kpi::ServiceLevel => "Service level",
            Kpi::Asa => "Speed of answer",
            Kpi::LongestWait => "Longest wait",
            Kpi::Aht => "Handle time",
            Kpi::Transfers => "Transfers",
            Kpi::RingNoAnswer => "Rings missed",
            Kpi::Partial => "Not seen as a whole",
            Kpi::LoggedIn => "Logged in",
            Kpi::Occupancy => "Occupancy",
            Kpi::Utilisation => "Utilisation",
            Kpi::Paused => "Paused",
        }
    }

    /// What it means, in a sentence.
    pub fn means(self) -> &'static str {
        match self {
            Kpi::Offered => {
                "Every time somebody came to the queue and does not wait any more, those who were turned away included. Who comes twice counts twice."
            }
            Kpi::Answered => "Callers whose call an agent took.",
            Kpi::InTime => "Callers whose call an agent took within the target.",
            Kpi::Late => "Callers whose call an agent took, later than the target.",
            Kpi::Abandoned => {
                "Callers who hung up while they waited. Those who did so at once have not waited and are counted apart."
            }
            Kpi::AbandonedShort => {
                "Callers who hung up before the short limit: they pressed the wrong key or thought better of it."
            }
            Kpi::TimedOut => "Callers whom the queue sent on because its own limit of waiting ran out.",
            Kpi::Key => "Callers who pressed a key that leads out of the queue.",
            Kpi::KeptPlace => {
                "Callers who hung up and keep their place. They are called back, and count again as the call that comes of it."
            }
            Kpi::NotServed => {
                "Callers who were turned away because the queue was full or nobody served it, and those sent out when the last agent left."
            }
            Kpi::ServiceLevel => {
                "Of everybody who came, and neither hung up at once nor waits to be called back, how many had an agent within the target. Everybody who waited in vain counts against it."
            }
            Kpi::Asa => "How long those waited, on average, whose call was taken.",
            Kpi::LongestWait => "The longest that anybody waited, whatever came of it.",
            Kpi::Aht => {
                "What a call takes an agent on average: talking, somebody on hold, and the work after it. A talk counts in the time in which it ends."
            }
            Kpi::Transfers => {
                "Talks that ended by handing the caller on. A talk counts in the time in which it ends; the calls below are those that came in this time."
            }
            Kpi::RingNoAnswer => {
                "How often an agent's phone rang and was not answered, was busy or refused. Rings that ended because the caller hung up or somebody else was faster are nobody's miss."
            }
            Kpi::Partial => {
                "Calls that were under way when Starboard began to look, or while its link was cut: their times may be off."
            }
            Kpi::LoggedIn => {
                "How long agents were in one of these queues, whatever they did. In two queues at once one works once."
            }
            Kpi::Occupancy => {
                "Of the time in which agents were on calls or ready for one, how much they were on calls. Pauses are left out."
            }
            Kpi::Utilisation => "Of the time in which agents were logged in, how much they were not paused.",
            Kpi::Paused => "How long agents were paused while they were in one of these queues.",
        }
    }

    /// The list of calls behind it; None where it is made of time and not of calls.
    pub fn calls(self) -> Option<Figure> {
        Some(match self {
            Kpi::Offered | Kpi::LongestWait => Figure::Offered,
            Kpi::Answered | Kpi::Asa | Kpi::Aht => Figure::Answered,
            Kpi::InTime | Kpi::ServiceLevel => Figure::InTime,
            Kpi::Late => Figure::Late,
            Kpi::Abandoned => Figure::Abandoned,
            Kpi::AbandonedShort => Figure::AbandonedShort,
            Kpi::TimedOut => Figure::TimedOut,
            Kpi::Key => Figure::Key,
            Kpi::KeptPlace => Figure::KeptPlace,
            Kpi::NotServed => Figure::NotServed,
            Kpi::Transfers => Figure::Transferred,
            Kpi::RingNoAnswer => Figure::RingNoAnswer,
            Kpi::Partial => Figure::Partial,
            Kpi::LoggedIn | Kpi::Occupancy | Kpi::Utilisation | Kpi::Paused => return None,
        })
    }

    /// How many calls are behind it; None where that is not what it counts.
    pub fn behind(self, row: &FiguresRow) -> Option<u64> {
        let sums = &row.visits;
        Some(match self {
            Kpi::Offered | Kpi::LongestWait => sums.offered,
            Kpi::Answered | Kpi::Asa | Kpi::Aht => sums.answered,
            Kpi::InTime | Kpi::ServiceLevel => sums.answered_in_time,
            Kpi::Late => sums.answered.saturating_sub(sums.answered_in_time),
            Kpi::Abandoned => sums.abandoned,
            Kpi::AbandonedShort => sums.abandoned_short,
            Kpi::TimedOut => sums.timed_out,
            Kpi::Key => sums.key,
            Kpi::KeptPlace => sums.kept_place,
            Kpi::NotServed => sums.turned_away + sums.no_agents,
            Kpi::Partial => sums.partial,
            // counted when a talk ends, or ring by ring
            Kpi::Transfers | Kpi::RingNoAnswer => return None,
            Kpi::LoggedIn | Kpi::Occupancy | Kpi::Utilisation | Kpi::Paused => return None,
        })
    }

    /// Whether the target and the short limit decide about it.
    pub fn has_policy(self) -> bool {
        matches!(
            self,
            Kpi::InTime | Kpi::Late | Kpi::Abandoned | Kpi::AbandonedShort | Kpi::ServiceLevel
        )
    }

    /// Whether Asterisk counts something like it.
    pub fn is_counted_by_asterisk(self) -> bool {
        matches!(
            self,
            Kpi::Offered
                | Kpi::Answered
                | Kpi::Abandoned
                | Kpi::TimedOut
                | Kpi::ServiceLevel
                | Kpi::Asa
                | Kpi::Aht
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Kpi;

    #[test]
    fn every_figure_has_its_own_word_and_is_found_by_it() {
        for kpi in Kpi::ALL {
            assert_eq!(Kpi::of_slug(kpi.slug()), Some(kpi));
            assert!(kpi.means().ends_with('.'));
            assert_eq!(Kpi::ALL.iter().filter(|one| one.name() == kpi.name()).count(), 1);
        }
        assert_eq!(Kpi::of_slug("beauty"), None);
    }
}
