//! What comes in: answers go to what was asked, everything is given out that is believed.

use super::{ActionId, Input, Output, Session};
use crate::kind::Kind;
use crate::message::Message;

impl Session {
    pub(super) fn message(&mut self, message: Message, now_ms: u64) {
        if !self.believes(&message, now_ms) {
            self.forged += 1;
            return;
        }
        match message.kind() {
            Kind::Response => {
                self.response(message, now_ms);
                return;
            }
            Kind::Shutdown => {
                self.shutdown = Some(
                    message
                        .get("Restart")
                        .is_some_and(|text| text.eq_ignore_ascii_case("true")),
                );
            }
            _ => {}
        }
        if self.in_flight.awaits_items()
            && let Some(id) = self.own_id(&message)
            && let Some(outcome) = self.in_flight.item(id, &message, now_ms)
        {
            self.output.push_back(Output::Message(message));
            self.output.push_back(Output::Finished { id, outcome });
            return;
        }
        self.output.push_back(Output::Message(message));
    }

    fn response(&mut self, message: Message, now_ms: u64) {
        // Some errors name no action. Asterisk answers one action after the other, so the oldest one is meant.
        let id = match message.raw("ActionID") {
            Some(_) => self.own_id(&message),
            None if message.is_success() => None,
            None => self.in_flight.oldest_unanswered(),
        };
        let Some((id, answered)) =
            id.and_then(|id| Some((id, self.in_flight.response(id, &message, now_ms)?)))
        else {
            self.unmatched += 1;
            self.output.push_back(Output::Message(message));
            return;
        };
        if let Some(trust) = self.trust.as_mut().filter(|trust| trust.waits_for(id)) {
            let events = trust.answered();
            self.output.push_back(Output::Distrusted { events });
        }
        if answered.internal {
            self.step(Input::Answer(message));
            return;
        }
        self.output.push_back(Output::Message(message));
        if let Some(outcome) = answered.outcome {
            self.output.push_back(Output::Finished { id, outcome });
        }
    }

    /// The action of ours that a message names.
    pub(super) fn own_id(&self, message: &Message) -> Option<ActionId> {
        let id = message.raw("ActionID")?.strict()?;
        id.strip_prefix(self.config.action_prefix.as_str())?
            .parse()
            .ok()
            .map(ActionId)
    }
}
