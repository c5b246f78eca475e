//! What a script can make people do: one line, one verb. `WHO` is an extension, or the number of somebody
//! outside who is in a call.
//!
//! | line | what happens |
//! | --- | --- |
//! | `call FROM TO` | phone FROM dials TO (an extension, a queue's number, `900`, `701`, `*78`, a number outside) |
//! | `inbound NUMBER TO [NAME]` | somebody outside calls extension, queue number or service TO |
//! | `queue-call NUMBER QUEUE [NAME]` | somebody outside calls a queue, by its name |
//! | `answer WHO` | the phone that rings is picked up |
//! | `refuse WHO` | it is declined (busy) |
//! | `hold WHO`, `unhold WHO` | WHO puts the other side on hold, takes it back |
//! | `hangup WHO` | WHO puts the phone down |
//! | `transfer WHO TO` | WHO sends the other side to TO |
//! | `attend WHO TO`, `complete WHO` | WHO consults TO; connects the two and leaves |
//! | `park WHO` | WHO parks the other side; answers with the space |
//! | `unpark EXT SPACE` | phone EXT takes the call in SPACE |
//! | `pickup EXT RINGING` | phone EXT answers for phone RINGING |
//! | `abandon [NUMBER]` | a caller who waits in a queue hangs up (the first one, or that one) |
//! | `record WHO on\|off\|mute [FILE]` | recording |
//! | `busy EXT on\|off` | the phone refuses every call |
//! | `auto EXT MS\|off` | the phone picks up by itself after MS milliseconds of ringing |
//! | `dnd EXT on\|off` | do not disturb |
//! | `register EXT`, `unregister EXT` | the phone's registration |
//! | `trunk NAME up\|down` | a trunk's registration (`trunk`, `backup`) |
//! | `pause EXT QUEUE [REASON]`, `unpause EXT QUEUE` | an agent pauses, comes back |
//! | `state` | what is up, in one line |
//! | `cut` | every AMI connection is closed; the PBX goes on |
//! | `silent SECONDS` | nothing moves on any connection, new ones included, as on a dead line |
//! | `restart` | Asterisk says good-bye, boots, is back after 1.5 s |
//! | `crash` | the same without a word |
//!
//! Every line is answered by `ok`, `ok` and a value, or `error` and why.

use crate::company::INTERNAL;
use crate::world::{By, Device, Key, Party, World};

/// Why a verb could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerbError {
    /// The line is no verb, or one is missing something.
    #[error("cannot read: {0}")]
    Unreadable(String),
    /// No such extension, queue, trunk or space.
    #[error("not known: {0}")]
    Unknown(String),
    /// It exists and cannot do that now.
    #[error("{0} cannot do that now")]
    NotNow(String),
}

/// Something done to the link rather than to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkVerb {
    Cut,
    Silent { for_ms: u64 },
    Restart,
    Crash,
}

/// The link verb in a line, if it is one.
pub(crate) fn link_verb(line: &str) -> Option<Result<LinkVerb, VerbError>> {
    let mut words = line.split_whitespace();
    let verb = match words.next()? {
        "cut" => LinkVerb::Cut,
        "restart" => LinkVerb::Restart,
        "crash" => LinkVerb::Crash,
        "silent" => match words
            .next()
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|s| (0.0..=3600.0).contains(s))
        {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 3600 seconds"
            )]
            Some(seconds) => LinkVerb::Silent {
                for_ms: (seconds * 1000.0) as u64,
            },
            None => return Some(Err(VerbError::Unreadable(line.to_owned()))),
        },
        _ => return None,
    };
    Some(Ok(verb))
}

fn not_now(who: &str) -> VerbError {
    VerbError::NotNow(who.to_owned())
}

fn unless(done: bool, who: &str) -> Result<String, VerbError> {
    if done {
        Ok(String::new())
    } else {
        Err(not_now(who))
    }
}

impl World {
    /// Does what a line says and returns what there is to answer.
    pub(crate) fn perform(&mut self, line: &str) -> Result<String, VerbError> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["call", from, to] => {
                let at = self.person(from)?;
                let key = self.phone_calls(at, to).ok_or_else(|| not_now(from))?;
                Ok(self.uniqueid(key))
            }
            ["inbound", number, to, name @ ..] => self.inbound(number, to, &name.join(" ")),
            ["queue-call", number, queue, name @ ..] => {
                let at = self
                    .queue_named(queue)
                    .ok_or_else(|| VerbError::Unknown((*queue).to_owned()))?;
                let to = self.company.queues.get(at).map_or("", |plan| plan.number);
                self.inbound(number, to, &name.join(" "))
            }
            ["answer", who] => {
                let key = self.ringing(who)?;
                unless(self.pick_up(key), who)
            }
            ["refuse", who] => {
                let key = self.ringing(who)?;
                self.refuse(key, 17);
                Ok(String::new())
            }
            ["hold", who] => {
                let key = self.active(who)?;
                unless(self.hold(key), who)
            }
            ["unhold", who] => {
                let key = self.active(who)?;
                unless(self.unhold(key), who)
            }
            ["hangup", who] => {
                let key = self.active(who)?;
                self.hang_up(key, 16, By::Phone);
                Ok(String::new())
            }
            ["complete", who] => {
                let key = self.active(who)?;
                let consults = self
                    .channels
                    .get(&key)
                    .is_some_and(|channel| channel.consultation.is_some());
                if consults {
                    self.hang_up(key, 16, By::Phone);
                }
                unless(consults, who)
            }
            ["transfer", who, to] => {
                let key = self.active(who)?;
                unless(self.blind_transfer(key, INTERNAL, to), who)
            }
            ["attend", who, to] => {
                let key = self.active(who)?;
                unless(self.attended_transfer(key, to), who)
            }
            ["park", who] => {
                let key = self.active(who)?;
                let peer = self.peer(key).ok_or_else(|| not_now(who))?;
                let space = self.park(peer, Some(key), None).ok_or_else(|| not_now(who))?;
                Ok(space.to_string())
            }
            ["unpark", who, space] => {
                let at = self.person(who)?;
                let key = self.phone_calls(at, space).ok_or_else(|| not_now(who))?;
                Ok(self.uniqueid(key))
            }
            ["pickup", who, ringing] => {
                let at = self.person(who)?;
                self.ringing(ringing)?;
                let key = self
                    .phone_calls(at, &format!("*8{ringing}"))
                    .ok_or_else(|| not_now(who))?;
                Ok(self.uniqueid(key))
            }
            ["abandon", number @ ..] => self.abandon(number.first().copied()),
            ["record", who, what, file @ ..] => {
                let key = self.active(who)?;
                let to = match *what {
                    "on" => Some(false),
                    "mute" => Some(true),
                    "off" => None,
                    other => return Err(VerbError::Unreadable(other.to_owned())),
                };
                unless(self.record_call(key, to, file.first().copied()), who)
            }
            ["state"] => Ok(self.summary()),
            _ => self.perform_setting(line, &words),
        }
    }

    /// Verbs that change a phone, a trunk or an agent rather than a call.
    fn perform_setting(&mut self, line: &str, words: &[&str]) -> Result<String, VerbError> {
        match words {
            ["busy", who, on] => {
                let at = self.person(who)?;
                if switch(on)? {
                    self.life.busy.insert(at);
                } else {
                    self.life.busy.remove(&at);
                }
            }
            ["auto", who, "off"] => {
                let at = self.person(who)?;
                self.life.answers.remove(&at);
            }
            ["auto", who, after_ms] => {
                let at = self.person(who)?;
                let after_ms = after_ms
                    .parse()
                    .map_err(|_| VerbError::Unreadable((*after_ms).to_owned()))?;
                self.life.answers.insert(at, after_ms);
            }
            ["dnd", who, on] => {
                let at = self.person(who)?;
                let on = switch(on)?;
                self.set_dnd(at, on);
            }
            ["register", who] => {
                let at = self.person(who)?;
                self.set_registered(at, true);
            }
            ["unregister", who] => {
                let at = self.person(who)?;
                self.set_registered(at, false);
            }
            ["trunk", name, up] => {
                let at = self
                    .company
                    .line(name)
                    .ok_or_else(|| VerbError::Unknown((*name).to_owned()))?;
                let state = match *up {
                    "up" => "Registered",
                    "down" => "Unregistered",
                    other => return Err(VerbError::Unreadable(other.to_owned())),
                };
                self.set_registration(at, state);
            }
            ["pause", who, queue, reason @ ..] => {
                return self.set_agent(who, queue, Some(&reason.join(" ")));
            }
            ["unpause", who, queue] => return self.set_agent(who, queue, None),
            _ => return Err(VerbError::Unreadable(line.to_owned())),
        }
        Ok(String::new())
    }

    fn set_agent(&mut self, who: &str, queue: &str, reason: Option<&str>) -> Result<String, VerbError> {
        self.person(who)?;
        let at = self
            .queue_named(queue)
            .ok_or_else(|| VerbError::Unknown(queue.to_owned()))?;
        unless(self.set_paused(at, &format!("PJSIP/{who}"), reason), who)
    }

    fn inbound(&mut self, number: &str, to: &str, name: &str) -> Result<String, VerbError> {
        let key = self
            .world_calls(Party::new(number, name), &format!("+4930555{to}"))
            .ok_or_else(|| not_now(number))?;
        Ok(self.uniqueid(key))
    }

    fn abandon(&mut self, number: Option<&str>) -> Result<String, VerbError> {
        let waiting = self
            .queues
            .iter()
            .flat_map(|live| live.waiting.iter().map(|waiter| waiter.key));
        let found = waiting.into_iter().find(|key| {
            number.is_none_or(|number| {
                self.channels
                    .get(key)
                    .is_some_and(|channel| channel.caller.number == number)
            })
        });
        let key = found.ok_or_else(|| not_now(number.unwrap_or("nobody waits; a caller")))?;
        self.hang_up(key, 16, By::Phone);
        Ok(String::new())
    }

    fn person(&self, who: &str) -> Result<usize, VerbError> {
        self.company
            .person(who)
            .ok_or_else(|| VerbError::Unknown(who.to_owned()))
    }

    pub(crate) fn uniqueid(&self, key: Key) -> String {
        self.channels
            .get(&key)
            .map_or_else(String::new, |channel| channel.uniqueid.clone())
    }

    /// The channels of somebody, the latest first.
    fn channels_of(&self, who: &str) -> Result<Vec<Key>, VerbError> {
        let phone = self.company.person(who).map(Device::Phone);
        let is_theirs = |device: Device, number: &str| match phone {
            Some(phone) => device == phone,
            None => matches!(device, Device::Line(_)) && number == who,
        };
        let found: Vec<Key> = self
            .channels
            .iter()
            .rev()
            .filter(|(_, channel)| is_theirs(channel.device, &channel.caller.number))
            .map(|(key, _)| *key)
            .collect();
        match (found.is_empty(), phone) {
            (true, None) => Err(VerbError::Unknown(who.to_owned())),
            (true, Some(_)) => Err(not_now(who)),
            (false, _) => Ok(found),
        }
    }

    fn ringing(&self, who: &str) -> Result<Key, VerbError> {
        let keys = self.channels_of(who)?;
        let is_rung = |key: &&Key| {
            self.channels.get(key).is_some_and(|channel| {
                channel.outgoing
                    && matches!(
                        channel.state,
                        crate::world::ChannelState::Ringing | crate::world::ChannelState::Down
                    )
            })
        };
        keys.iter().find(is_rung).copied().ok_or_else(|| not_now(who))
    }

    /// The channel somebody is busy with: a call that is up before one that only rings.
    fn active(&self, who: &str) -> Result<Key, VerbError> {
        let keys = self.channels_of(who)?;
        let up = keys.iter().find(|key| self.is_up(**key));
        up.or_else(|| keys.first()).copied().ok_or_else(|| not_now(who))
    }

    fn summary(&self) -> String {
        let waiting: usize = self.queues.iter().map(|live| live.waiting.len()).sum();
        let seats = self.room.as_ref().map_or(0, |room| room.seats.len());
        format!(
            "channels={} bridges={} waiting={waiting} parked={} conference={seats}",
            self.channels.len(),
            self.bridges.len(),
            self.parking.len()
        )
    }
}

fn switch(text: &str) -> Result<bool, VerbError> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(VerbError::Unreadable(other.to_owned())),
    }
}
