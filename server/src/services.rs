//! What a request can reach, shared by all of them.

use std::{net::IpAddr, ops::Deref, sync::Arc};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::{
    access::{
        current::{Current, Whence},
        hashing::Passwords,
        pairing::Pairings,
        passkey::Passkeys,
        second_factor::Policy,
        throttle::Throttle,
    },
    backend::in_flight::InFlight,
    callbacks::Callbacks,
    config::AllowedNetworks,
    export::under_way::Exports,
    help::Help,
    hub::Hub,
    identity::Vouchers,
    jobs::poked::Poked,
    links::Links,
    lost::Lost,
    mail::Mailer,
    proxy::Proxies,
    push::Push,
    recordings::{bucket::Bucket, listening::Listenings},
    report::Turns,
    rest::Api,
    seal::Seal,
    security::Origins,
    session::{Sessions, ends::Ends},
    store::Store,
    supervision::Supervisions,
    trail::Trail,
};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Services(Arc<Parts>);

/// The parts.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Sessions in it.
    pub sessions: Sessions,
    /// Tells live sockets when theirs is over.
    pub ends: Ends,
    /// Tells live sockets when rights change.
    pub current: Current,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Makes and checks passkeys.
    pub passkeys: Passkeys,
    /// Of whom a second factor is asked.
    pub second_factor: Policy,
    /// Screens that wait for somebody to approve them.
    pub pairings: Pairings,
    /// Slows guessing down.
    pub throttle: Throttle,
    /// Seals secrets.
    pub seal: Seal,
    /// Who did what.
    pub trail: Trail,
    /// Files that are being written.
    pub exports: Exports,
    /// Sends mail, where a mail server is set up.
    pub mailer: Option<Mailer>,
    /// The address that people open, where the settings say it.
    pub public_url: Option<String>,
    /// Whose report is added up.
    pub adding_up: Turns,
    /// Who may talk to us.
    pub origins: Origins,
    /// The proxies that are believed.
    pub proxies: Proxies,
    /// The boards.
    pub hub: Arc<Hub>,
    /// The links to the PBXs.
    pub links: Links,
    /// From where people of a role may come.
    pub allowed_networks: AllowedNetworks,
    /// Who may vouch for people.
    pub vouchers: Vouchers,
    /// Who asks for help.
    pub help: Help,
    /// Callers who keep their place.
    pub callbacks: Callbacks,
    /// Web push.
    pub push: Push,
    /// Callers who were not reached.
    pub lost: Lost,
    /// Where recordings are copied to.
    pub bucket: Option<Bucket>,
    /// Who hears recordings.
    pub listenings: Listenings,
    /// Numbers that are being erased.
    pub erasures: Poked,
    /// Removals of recordings that were kept for long enough.
    pub keepings: Poked,
    /// Supervisors on calls.
    pub supervisions: Supervisions,
    /// Commands under way.
    pub in_flight: InFlight,
    /// Told when a rule of alarms was changed.
    pub rules_changed: Arc<tokio::sync::Notify>,
    /// What `/api/v1` keeps between requests.
    pub api: Api,
    /// Where the pages find their assets.
    pub leptos: LeptosOptions,
}

impl Services {
    /// Where somebody comes from, with what is allowed.
    pub fn whence(&self, address: IpAddr) -> Whence<'_> {
        Whence {
            address,
            allowed: &self.allowed_networks,
        }
    }

    /// Shares the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Services {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Services> for LeptosOptions {
    fn from_ref(services: &Services) -> Self {
        services.leptos.clone()
    }
}
