//! One line of the log: `seconds|call|queue|agent|event|what belongs to it`.

use crate::visit::{RingEnd, TalkEnd};
use crate::{Left, Timestamp};

/// A line, as far as visits and agents need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// When, in whole seconds.
    pub at: Timestamp,
    /// The unique id of the caller's channel.
    pub call: &'a str,
    /// The queue.
    pub queue: &'a str,
    /// The agent, by the name that the queue has for them.
    pub agent: &'a str,
    /// What happened.
    pub entry: Entry<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A caller joined.
    Entered {
        /// The caller's number.
        number: &'a str,
        /// The position they got.
        position: u32,
    },
    /// An agent took the call.
    Connected {
        /// The seconds the caller waited.
        waited_s: u64,
        /// The agent's channel.
        channel: &'a str,
        /// The seconds that it rang.
        rang_s: u64,
    },
    /// The talk is over.
    Talked {
        /// The seconds the caller had waited.
        waited_s: u64,
        /// The seconds they talked.
        talked_s: u64,
        /// Who ended it.
        by: TalkEnd,
    },
    /// The caller is out without an agent.
    Left {
        /// The seconds they waited.
        waited_s: u64,
        /// How.
        how: Left,
    },
    /// An agent's phone rang in vain.
    Rang {
        /// For so many milliseconds.
        rang_ms: u64,
        /// Why it was in vain.
        how: RingEnd,
    },
    /// Asterisk began.
    Started,
    /// Somebody serves the queue from now on.
    Came {
        /// Whether they are paused.
        paused: bool,
    },
    /// Somebody serves it no more.
    Went,
    /// Somebody is paused in the queue. That of every queue at once is a line of its own beside those of each, and is none
    /// of these.
    Paused {
        /// Why.
        reason: &'a str,
    },
    /// Somebody is paused there no more.
    Unpaused,
    /// Something that is no part of all that, or that somebody writes there for themselves.
    Other,
}

impl<'a> Line<'a> {
    /// None: this is no whole line of this log.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut fields = text.trim_end_matches('\r').splitn(6, '|');
        let mut next = || fields.next();
        let (seconds, call, queue, agent, event, data) =
            (next()?, next()?, next()?, next()?, next()?, next()?);
        let seconds: u64 = seconds.parse().ok()?;
        let entry = Entry::parse(event, data)?;
        Some(Self {
            at: Timestamp(seconds.checked_mul(1_000)?),
            call,
            queue,
            agent,
            entry,
        })
    }
}

impl<'a> Entry<'a> {
    /// None: what belongs to the event is not there.
    fn parse(event: &str, data: &'a str) -> Option<Self> {
        let field = |at: usize| data.split('|').nth(at);
        let number = |at: usize| field(at)?.parse::<u64>().ok();
        // the last ones: what stands before them may have bars in it
        let from_end = |at: usize| data.rsplit('|').nth(at)?.parse::<u64>().ok();
        let out = |waited_s: Option<u64>, how| {
            Some(Entry::Left {
                waited_s: waited_s?,
                how,
            })
        };
        let talked = |by| {
            Some(Entry::Talked {
                waited_s: from_end(2)?,
                talked_s: from_end(1)?,
                by,
            })
        };
        match event {
            // the address of a page, the number, the position; newer ones may have the channel's name after it
            "ENTERQUEUE" => Some(Entry::Entered {
                number: field(1)?,
                position: u32::try_from(number(2)?).ok()?,
            }),
            "CONNECT" => Some(Entry::Connected {
                waited_s: number(0)?,
                channel: field(1)?,
                // not told by old ones
                rang_s: number(2).unwrap_or(0),
            }),
            "COMPLETECALLER" => talked(TalkEnd::Caller),
            "COMPLETEAGENT" => talked(TalkEnd::Agent),
            "TRANSFER" | "BLINDTRANSFER" | "ATTENDEDTRANSFER" => talked(TalkEnd::Transfer),
            "ABANDON" => out(number(2), Left::Abandoned),
            "EXITWITHTIMEOUT" => out(number(2), Left::TimedOut),
            "EXITEMPTY" => out(number(2), Left::NoAgents),
            "WITHDRAW" => out(number(2), Left::Withdrawn),
            "EXITWITHKEY" => out(from_end(0), Left::Key),
            "RINGNOANSWER" => Some(Entry::Rang {
                rang_ms: number(0)?,
                how: RingEnd::NotAnswered,
            }),
            "RINGCANCELED" => Some(Entry::Rang {
                rang_ms: number(0)?,
                how: RingEnd::CallerLeft,
            }),
            "AGENTDUMP" => Some(Entry::Rang {
                rang_ms: 0,
                how: RingEnd::NotAnswered,
            }),
            "QUEUESTART" => Some(Entry::Started),
            "ADDMEMBER" => Some(Entry::Came {
                paused: data.starts_with("PAUSED"),
            }),
            "REMOVEMEMBER" => Some(Entry::Went),
            "PAUSE" => Some(Entry::Paused { reason: data }),
            "UNPAUSE" => Some(Entry::Unpaused),
            _ => Some(Entry::Other),
        }
    }
}
