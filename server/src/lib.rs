//! The server: AMI links in, pages and live sockets out.

#![recursion_limit = "512"]

pub mod access;
pub mod backend;
pub mod callbacks;
pub mod caller;
pub mod cdr;
pub mod cli;
pub mod clock;
pub mod config;
pub mod erase;
pub mod error;
pub mod export;
pub mod figures;
pub mod health;
pub mod help;
pub mod http;
pub mod hub;
pub mod identity;
pub mod jobs;
pub mod keeping;
pub mod link;
pub mod links;
pub mod live;
pub mod lost;
pub mod mail;
pub mod pace;
pub mod places;
pub mod proxy;
pub mod push;
pub mod queue_log;
pub mod rebuild;
pub mod record;
pub mod recorder;
pub mod recordings;
pub mod records;
pub mod report;
pub mod rest;
pub mod rotation;
pub mod seal;
pub mod security;
pub mod services;
pub mod session;
pub mod store;
pub mod supervision;
pub mod telemetry;
pub mod trail;

mod bootstrap;
mod paper;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use axum::Router;
use leptos::config::LeptosOptions;
use tokio::net::TcpListener;

use crate::{
    access::{
        current::Current, hashing::Passwords, passkey::Passkeys, second_factor::Policy, throttle::Throttle,
    },
    callbacks::Callbacks,
    clock::Clock,
    config::Config,
    http::{connections, tls::Tls},
    hub::Hub,
    identity::Vouchers,
    jobs::{alarms::Alarming, channel_events, copying, mailings, wrap_up::WrapUps},
    links::Links,
    lost::Lost,
    mail::Mailer,
    proxy::Proxies,
    push::{Deliveries, Push},
    queue_log::QueueLogs,
    recorder::Recorder,
    recordings::{Recordings, bucket::Bucket, listening::Listenings, storing},
    records::Records,
    rest::Api,
    security::Origins,
    services::{Parts, Services},
    session::{Sessions, ends::Ends},
    store::{CallCopy, Store},
};

/// How long requests under way may take to finish at the end.
const DRAIN: Duration = Duration::from_secs(10);
/// How long live sockets may take to be told.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long the last records may take.
const LAST_RECORDS: Duration = Duration::from_secs(5);

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    tls: Option<Tls>,
    max_connections: usize,
    services: Services,
    recorder: Recorder,
    wrap_ups: WrapUps,
    alarming: Alarming,
    deliveries: Deliveries,
    setup_link: Option<String>,
    event_days: u64,
}

impl Server {
    /// Opens the database, starts the links and listens.
    pub async fn build(config: Config) -> Result<Self> {
        let store = Store::open(&config.database).await?;
        let store = match &config.postgres {
            Some(copy) => store.with_copy(CallCopy::new(copy)?),
            None => store,
        };
        let (seal, trail) = rotation::open(&store, &config.key_path()).await?;
        let trail = trail.keeping(config.audit_days.0);
        if let Some(name) = config.allowed_networks.of_nobody(&store.roles().await?) {
            bail!("allowed_networks: there is no role {name:?}, so nobody would be kept to these networks");
        }
        let listener = connections::listen(config.listen)
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let clock = Clock::start();
        let tls = protection(&config)?;
        let site = bootstrap::Site::read(&config.site_root);
        let (records, incoming) = Records::new();
        let hub = Arc::new(Hub::new(site.build, clock).keeping(records));
        let links = Links::new(hub.clone());
        let (wrap_ups, talks) = WrapUps::new(store.clone(), hub.clone(), links.clone());
        let rules_changed = Arc::<tokio::sync::Notify>::default();
        let (push, told, deliveries) = Push::load(&store, &seal, &config).await?;
        let alarming = Alarming::new(store.clone(), hub.clone(), rules_changed.clone(), told);
        let lost = Lost::default();
        let mut recorder = Recorder::new(store.clone(), hub.clone(), incoming, talks, lost.clone())
            .keeping_events(config.event_days.0 > 0)
            .spooling(config.spool_path());
        recorder.begin().await?;
        let callbacks = Callbacks::load(&store, hub.clock().now()).await?;
        let services = Services::new(Parts {
            sessions: Sessions::new(store.clone()),
            store,
            ends: Ends::default(),
            current: Current::default(),
            passwords: Passwords::new()?,
            passkeys: Passkeys::new(config.public_url.as_deref(), address),
            second_factor: Policy {
                asked_of: config.second_factor,
                grace_days: config.second_factor_grace_days.0,
                confirmed_ms: config.confirm_again_s.0 as u64 * 1000,
            },
            pairings: Default::default(),
            throttle: Throttle::default(),
            seal,
            trail,
            exports: Default::default(),
            mailer: config.mail.as_ref().map(Mailer::new).transpose()?,
            public_url: config.public_url.clone(),
            adding_up: Default::default(),
            origins: Origins::new(config.public_url.as_deref(), address, tls.is_some()),
            proxies: Proxies::new(&config.trusted_proxies.0, config.proxy_header),
            links,
            hub,
            in_flight: Default::default(),
            help: Default::default(),
            callbacks,
            lost,
            push,
            bucket: config.bucket.as_ref().map(Bucket::new).transpose()?,
            listenings: Listenings::default(),
            erasures: Default::default(),
            keepings: Default::default(),
            supervisions: Default::default(),
            rules_changed,
            allowed_networks: config.allowed_networks.clone(),
            vouchers: Vouchers::new(&config)?,
            api: Api::new(config.api_per_minute.0),
            leptos: leptos_options(&config, address, site.hashed),
        });
        let setup_link =
            bootstrap::setup_link(&services, config.public_url.as_deref(), address, tls.is_some()).await?;
        bootstrap::connections(&services, &config.pbx).await?;
        let router = http::router(&services);
        Ok(Self {
            listener,
            address,
            router,
            tls,
            max_connections: connections::room_for(config.max_connections.0),
            services,
            recorder,
            wrap_ups,
            alarming,
            deliveries,
            setup_link,
            event_days: config.event_days.0,
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The one-time link, while there is no administrator.
    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    /// What requests reach; for tests and measurements.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Answers until `stop` is ready; then says goodbye to live sockets, finishes what is under way and
    /// closes the database.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let Self {
            listener,
            router,
            tls,
            max_connections,
            services,
            recorder,
            wrap_ups,
            alarming,
            deliveries,
            ..
        } = self;
        let hub = services.hub.clone();
        let ticking = tokio::spawn(async move { hub.run().await });
        let sweeping = tokio::spawn(services.ends.clone().sweep(services.store.clone()));
        let looking = tokio::spawn(services.current.clone().sweep(services.store.clone()));
        let (last_word, listening) = tokio::sync::oneshot::channel::<()>();
        let recording = tokio::spawn(recorder.run(listening));
        let wrapping_up = tokio::spawn(wrap_ups.run());
        services.supervisions.end_leftovers(&services).await;
        let alarming = tokio::spawn(alarming.run());
        let pushing = tokio::spawn(deliveries.run(services.clone()));
        let helping = tokio::spawn(services.help.clone().tend(services.clone()));
        let tending = tokio::spawn(services.trail.clone().tend());
        let logs = QueueLogs::new(
            services.store.clone(),
            services.hub.clone(),
            services.lost.clone(),
        );
        let following = tokio::spawn(logs.run());
        let looking_for_recordings = tokio::spawn(Recordings::new(services.store.clone()).run());
        let storing = services
            .bucket
            .clone()
            .map(|bucket| tokio::spawn(storing::run(services.store.clone(), bucket)));
        let erasing = tokio::spawn(erase::run(services.clone()));
        let keeping = tokio::spawn(keeping::run(services.clone()));
        let reading_records = tokio::spawn(cdr::job::run(services.clone()));
        let events_going = tokio::spawn(channel_events::run(services.store.clone(), self.event_days));
        let copying = tokio::spawn(copying::run(services.store.clone()));
        let calling_back = tokio::spawn(Callbacks::run(services.clone()));
        let returning = tokio::spawn(Lost::run(services.clone()));
        let mailing = tokio::spawn(mailings::run(services.clone()));
        let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
        let ends = services.ends.clone();
        let stop = async move {
            stop.await;
            tracing::info!("stopping");
            ends.stop();
            // the receiver is gone only when serving failed
            let _ = stopping.send(());
        };
        let serving = connections::serve(listener, router, max_connections, tls, stop);
        let drained = async {
            // an error means that serving ended first
            let _ = stopped.await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            () = serving => {}
            () = drained => tracing::warn!("some requests did not finish in time"),
        }
        if tokio::time::timeout(FAREWELL, services.ends.drained())
            .await
            .is_err()
        {
            tracing::warn!("some live sockets did not take their farewell");
        }
        calling_back.abort();
        following.abort();
        mailing.abort();
        looking_for_recordings.abort();
        if let Some(storing) = storing {
            storing.abort();
        }
        erasing.abort();
        keeping.abort();
        events_going.abort();
        copying.abort();
        reading_records.abort();
        services.links.stop().await;
        drop(last_word);
        if tokio::time::timeout(LAST_RECORDS, recording).await.is_err() {
            tracing::error!("the last records could not be kept in time");
        }
        wrapping_up.abort();
        alarming.abort();
        pushing.abort();
        ticking.abort();
        sweeping.abort();
        looking.abort();
        helping.abort();
        returning.abort();
        tending.abort();
        services.trail.sum_up(true).await;
        services.store.close().await;
        Ok(())
    }
}

/// TLS of our own, where it is wanted.
fn protection(config: &Config) -> Result<Option<Tls>> {
    match (&config.tls, &config.acme) {
        (Some(files), _) => Tls::of_files(files).map(Some),
        (None, Some(acme)) => Tls::of_acme(acme, config.database.with_file_name("acme")).map(Some),
        (None, None) => Ok(None),
    }
}

fn leptos_options(config: &Config, address: SocketAddr, hashed: bool) -> LeptosOptions {
    let root = std::path::absolute(&config.site_root).unwrap_or_else(|_| config.site_root.clone());
    LeptosOptions::builder()
        .output_name("frontend")
        .site_root(root.display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(address)
        // absolute, because Leptos looks for it beside the executable
        .hash_file(std::sync::Arc::from(
            root.join(bootstrap::HASH_FILE).display().to_string(),
        ))
        .hash_files(hashed)
        .build()
}
