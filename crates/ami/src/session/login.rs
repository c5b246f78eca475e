//! Getting in: with the password, or with the answer to a challenge.

use super::{CloseReason, Session, State};
use crate::action::Action;
use crate::action::system::{Challenge, Login, LoginWithKey};
use crate::message::Message;
use crate::value::{Value, ValueError};

impl Session {
    pub(super) fn log_in(&mut self) {
        if self.config.challenge {
            self.enter(State::AwaitingChallenge);
            self.internal(&Challenge {}.into(), self.heard_ms);
            return;
        }
        let login = self.username().and_then(|username| {
            let secret = self.config.secret.value()?;
            Ok(Login {
                username,
                secret,
                events: self.events(),
            })
        });
        self.send_login(login.map(Action::from));
    }

    pub(super) fn answer_challenge(&mut self, key: Value) {
        let login = self.username().map(|username| LoginWithKey {
            username,
            key,
            events: self.events(),
        });
        self.send_login(login.map(Action::from));
    }

    fn send_login(&mut self, login: Result<Action, ValueError>) {
        match login {
            Ok(login) => {
                self.enter(State::AwaitingLogin);
                self.internal(&login, self.heard_ms);
            }
            Err(fault) => self.close(CloseReason::CredentialsUnusable(fault)),
        }
    }

    fn username(&self) -> Result<Value, ValueError> {
        Value::new("username", self.config.username.as_str())
    }

    fn events(&self) -> Option<Value> {
        (!self.config.events).then(|| Value::trusted("off"))
    }

    pub(super) fn refused(&mut self, message: &Message) {
        self.close(CloseReason::CredentialsRefused {
            message: excerpt(&message.text()),
        });
    }
}

/// The start of a text that came from outside, short enough to show.
pub(super) fn excerpt(text: &str) -> String {
    const EXCERPT_CHARS: usize = 200;
    text.chars().take(EXCERPT_CHARS).collect()
}
