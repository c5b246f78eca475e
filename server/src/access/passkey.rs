//! Passkeys (WebAuthn): for which address they are, and the questions that wait for an answer.

use std::{
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use rand::Rng;
use serde::Serialize;
use url::Url;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, PasskeyAuthentication, PasskeyRegistration, Webauthn, WebauthnBuilder,
};

/// A question is forgotten after so long.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// Questions that wait at once, and of those the ones that came from one address.
const MAX_QUESTIONS: usize = 4_096;
const MAX_OF_ONE: usize = 32;
/// Bytes of a question's name.
const NAME_BYTES: usize = 16;

/// What makes and checks passkeys.
#[derive(Debug)]
pub struct Passkeys {
    place: std::result::Result<Place, String>,
    waiting: Mutex<VecDeque<Waiting>>,
}

/// Where passkeys work.
#[derive(Debug)]
pub struct Place {
    /// Asks and checks.
    pub webauthn: Webauthn,
    /// The only address of ours that a browser uses them at.
    pub origin: String,
}

/// What was asked, for the answer to be held against.
#[derive(Debug)]
pub enum Question {
    /// A new passkey of this person.
    Add(i64, PasskeyRegistration),
    /// One of the passkeys of this person.
    Prove(i64, PasskeyAuthentication),
    /// Any passkey at all.
    Whoever(DiscoverableAuthentication),
}

#[derive(Debug)]
struct Waiting {
    name: String,
    from: IpAddr,
    since: Instant,
    question: Question,
}

impl Passkeys {
    /// For the public address; without one for `localhost`, where that is listened on.
    pub fn new(public_url: Option<&str>, listen: SocketAddr) -> Self {
        Self {
            place: place(public_url, listen),
            waiting: Mutex::default(),
        }
    }

    /// Where they work, or what to configure so that they do.
    pub fn place(&self) -> std::result::Result<&Place, &str> {
        self.place.as_ref().map_err(String::as_str)
    }

    /// Keeps a question until it is answered; gives its name. Of one address the oldest gives way.
    pub fn ask(&self, from: IpAddr, question: Question, now: Instant) -> String {
        let mut bytes = [0; NAME_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        let name: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|one| now.duration_since(one.since) < PATIENCE);
        if waiting.iter().filter(|one| one.from == from).count() >= MAX_OF_ONE
            && let Some(oldest) = waiting.iter().position(|one| one.from == from)
        {
            waiting.remove(oldest);
        }
        if waiting.len() >= MAX_QUESTIONS {
            waiting.pop_front();
        }
        waiting.push_back(Waiting {
            name: name.clone(),
            from,
            since: now,
            question,
        });
        name
    }

    /// The question of this name, once.
    pub fn answered(&self, name: &str, now: Instant) -> Option<Question> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting.iter().position(|one| one.name == name)?;
        let one = waiting.remove(found)?;
        (now.duration_since(one.since) < PATIENCE).then_some(one.question)
    }
}

fn place(public_url: Option<&str>, listen: SocketAddr) -> std::result::Result<Place, String> {
    let own = listen.ip().is_loopback() || listen.ip().is_unspecified();
    let origin = match public_url {
        Some(url) => url.to_lowercase(),
        None if own => format!("http://localhost:{}", listen.port()),
        None => {
            return Err(
                "Passkeys belong to a name. An administrator sets public_url to the address that people open, \
                 as https://board.example.org."
                    .into(),
            );
        }
    };
    let named = Url::parse(&origin)
        .ok()
        .and_then(|url| Some((url.domain()?.to_owned(), url)));
    let Some((domain, url)) = named else {
        return Err(format!(
            "Passkeys belong to a name, and {origin} is a bare address. An administrator gives Starboard a name \
             and sets public_url to it."
        ));
    };
    if url.scheme() != "https" && domain != "localhost" {
        return Err(format!(
            "Browsers keep passkeys for https alone, and people open {origin}. An administrator puts TLS in front \
             and sets public_url to the https address."
        ));
    }
    let made = WebauthnBuilder::new(&domain, &url).and_then(|builder| builder.rp_name("Starboard").build());
    match made {
        Ok(webauthn) => Ok(Place { webauthn, origin }),
        Err(error) => Err(format!("Passkeys cannot be used at {origin}: {error}.")),
    }
}

/// What is asked of a browser, in JSON. For a new passkey it is asked to be found without a user name, where the
/// authenticator can do that.
pub fn options(challenge: &impl Serialize) -> Result<String> {
    let mut options = serde_json::to_value(challenge)?;
    let asked = options
        .get_mut("publicKey")
        .context("a question without options")?;
    if let Some(selection) = asked.get_mut("authenticatorSelection") {
        let selection = selection.as_object_mut().ok_or_else(|| anyhow!("odd options"))?;
        selection.insert("residentKey".into(), "preferred".into());
        selection.insert("requireResidentKey".into(), false.into());
    }
    Ok(asked.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const LOOPBACK: &str = "127.0.0.1:3000";

    fn origin(public_url: Option<&str>, listen: &str) -> std::result::Result<String, String> {
        place(public_url, listen.parse().unwrap()).map(|place| place.origin)
    }

    fn whoever(passkeys: &Passkeys) -> Question {
        let (_, state) = passkeys
            .place()
            .unwrap()
            .webauthn
            .start_discoverable_authentication()
            .unwrap();
        Question::Whoever(state)
    }

    #[test]
    fn passkeys_belong_to_the_public_name_or_to_localhost() {
        assert_eq!(
            origin(Some("https://board.example.org"), LOOPBACK).unwrap(),
            "https://board.example.org"
        );
        assert_eq!(origin(None, LOOPBACK).unwrap(), "http://localhost:3000");
        assert_eq!(origin(None, "0.0.0.0:3000").unwrap(), "http://localhost:3000");
        for (public_url, listen) in [
            (None, "192.0.2.1:3000"),
            (Some("https://192.0.2.1"), LOOPBACK),
            (Some("http://board.example.org"), LOOPBACK),
        ] {
            let why = origin(public_url, listen).unwrap_err();
            assert!(why.contains("public_url"), "{why}");
        }
    }

    #[test]
    fn a_question_is_answered_once_and_not_late() {
        let passkeys = Passkeys::new(None, LOOPBACK.parse().unwrap());
        let from = [192, 0, 2, 1].into();
        let now = Instant::now();
        let name = passkeys.ask(from, whoever(&passkeys), now);
        assert!(passkeys.answered("somebody else's", now).is_none());
        assert!(passkeys.answered(&name, now).is_some());
        assert!(passkeys.answered(&name, now).is_none());
        let name = passkeys.ask(from, whoever(&passkeys), now);
        assert!(passkeys.answered(&name, now + PATIENCE).is_none());
    }

    #[test]
    fn one_address_crowds_nobody_out() {
        let passkeys = Passkeys::new(None, LOOPBACK.parse().unwrap());
        let now = Instant::now();
        let mine = passkeys.ask([192, 0, 2, 1].into(), whoever(&passkeys), now);
        for _ in 0..MAX_OF_ONE * 2 {
            passkeys.ask([198, 51, 100, 7].into(), whoever(&passkeys), now);
        }
        assert_eq!(passkeys.waiting.lock().unwrap().len(), MAX_OF_ONE + 1);
        assert!(passkeys.answered(&mine, now).is_some());
    }
}
