//! What a tile can show.

use serde::{Deserialize, Serialize};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Calls, callers or agents.
    Count,
    /// Time, with limits in seconds.
    Seconds,
    /// A share.
    Percent,
    /// It has no figure.
    None,
}

/// What a tile shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Callers who wait.
    Waiting,
    /// How long the first of them does.
    LongestWait,
    /// Of those who wait, those within the target.
    ServiceLevelNow,
    /// Calls under way.
    Calls,
    /// Agents who can be rung.
    AgentsReady,
    /// Agents in a call, or rung.
    AgentsBusy,
    /// Agents who pause.
    AgentsPaused,
    /// Agents whose phone cannot be reached.
    AgentsAway,
    /// All four.
    Agents,
    /// Each caller who waits.
    WaitingList,
    /// Each agent.
    AgentList,
    /// The time of day.
    Clock,
    /// A text of one's own.
    Text,
    /// Of the day: who called,
    Offered,
    /// whose call was taken,
    Answered,
    /// who gave up,
    Abandoned,
    /// and what share of all that is.
    AbandonRate,
    /// The share that was answered in time.
    ServiceLevel,
    /// How long those waited whose call was taken, on average,
    AnswerSpeed,
    /// how long calls took with the work after them,
    HandleTime,
    /// and the longest wait of all.
    LongestWaitToday,
}

impl Metric {
    /// In the order in which they are offered.
    pub const ALL: [Metric; 21] = [
        Metric::Waiting,
        Metric::LongestWait,
        Metric::ServiceLevelNow,
        Metric::Calls,
        Metric::AgentsReady,
        Metric::AgentsBusy,
        Metric::AgentsPaused,
        Metric::AgentsAway,
        Metric::Agents,
        Metric::WaitingList,
        Metric::AgentList,
        Metric::Offered,
        Metric::Answered,
        Metric::Abandoned,
        Metric::AbandonRate,
        Metric::ServiceLevel,
        Metric::AnswerSpeed,
        Metric::HandleTime,
        Metric::LongestWaitToday,
        Metric::Clock,
        Metric::Text,
    ];

    /// The word in the choice and above a tile without a title.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Waiting => "Callers waiting",
            Metric::LongestWait => "Longest wait",
            Metric::ServiceLevelNow => "Service level now",
            Metric::Calls => "Calls under way",
            Metric::AgentsReady => "Agents ready",
            Metric::AgentsBusy => "Agents busy",
            Metric::AgentsPaused => "Agents paused",
            Metric::AgentsAway => "Agents unreachable",
            Metric::Agents => "Agents by state",
            Metric::WaitingList => "Who waits",
            Metric::AgentList => "Who serves",
            Metric::Clock => "Time",
            Metric::Text => "Text",
            Metric::Offered => "Calls today",
            Metric::Answered => "Answered today",
            Metric::Abandoned => "Gave up today",
            Metric::AbandonRate => "Gave up today, share",
            Metric::ServiceLevel => "Service level today",
            Metric::AnswerSpeed => "Average wait today",
            Metric::HandleTime => "Average call today",
            Metric::LongestWaitToday => "Longest wait today",
        }
    }

    /// What its figure counts.
    pub fn unit(self) -> Unit {
        match self {
            Metric::LongestWait | Metric::AnswerSpeed | Metric::HandleTime | Metric::LongestWaitToday => {
                Unit::Seconds
            }
            Metric::ServiceLevelNow | Metric::ServiceLevel | Metric::AbandonRate => Unit::Percent,
            Metric::Offered
            | Metric::Answered
            | Metric::Abandoned
            | Metric::Waiting
            | Metric::Calls
            | Metric::AgentsReady
            | Metric::AgentsBusy
            | Metric::AgentsPaused
            | Metric::AgentsAway => Unit::Count,
            Metric::Agents | Metric::WaitingList | Metric::AgentList | Metric::Clock | Metric::Text => {
                Unit::None
            }
        }
    }

    /// Whether it is about queues or agents at all.
    pub fn has_scope(self) -> bool {
        !matches!(self, Metric::Clock | Metric::Text)
    }

    /// Whether it is about agents: it can be about those of a team.
    pub fn is_of_agents(self) -> bool {
        matches!(
            self,
            Metric::AgentsReady
                | Metric::AgentsBusy
                | Metric::AgentsPaused
                | Metric::AgentsAway
                | Metric::Agents
                | Metric::AgentList
        )
    }

    /// Whether it is a figure of the day.
    pub fn is_of_today(self) -> bool {
        matches!(
            self,
            Metric::Offered
                | Metric::Answered
                | Metric::Abandoned
                | Metric::AbandonRate
                | Metric::ServiceLevel
                | Metric::AnswerSpeed
                | Metric::HandleTime
                | Metric::LongestWaitToday
        )
    }

    /// Whether it shows names.
    pub fn has_names(self) -> bool {
        matches!(self, Metric::WaitingList | Metric::AgentList)
    }

    /// Columns and rows that suit it.
    pub fn size(self) -> (u8, u8) {
        match self {
            Metric::WaitingList | Metric::AgentList => (6, 4),
            Metric::Agents => (6, 2),
            Metric::Text => (4, 2),
            Metric::Waiting
            | Metric::LongestWait
            | Metric::ServiceLevelNow
            | Metric::Calls
            | Metric::AgentsReady
            | Metric::AgentsBusy
            | Metric::AgentsPaused
            | Metric::AgentsAway
            | Metric::Offered
            | Metric::Answered
            | Metric::Abandoned
            | Metric::AbandonRate
            | Metric::ServiceLevel
            | Metric::AnswerSpeed
            | Metric::HandleTime
            | Metric::LongestWaitToday
            | Metric::Clock => (3, 2),
        }
    }
}
