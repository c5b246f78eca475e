//! The whole server, started for real on a free port for every test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod acme;
mod alarms;
mod bucket;
mod call_exports;
mod call_notes;
mod call_reports;
mod cdr;
mod cdr_asterisk;
mod cdr_databases;
mod channel_events;
mod command_line;
mod commands;
mod comments;
mod connections;
mod copies;
mod dispositions;
mod erase;
mod exports;
mod faults;
mod health;
mod help;
mod history;
mod http;
mod keeping;
mod kills;
mod ldap;
mod limits;
mod links;
mod live;
mod lost;
mod mailings;
mod matrix;
mod oidc;
mod outsider;
mod own_security;
mod passkeys;
mod protection;
mod proxies;
mod push;
mod put_right;
mod queue_commands;
mod queue_log;
mod queues;
mod rebuild;
mod recorder;
mod recordings;
mod refusals;
mod report_files;
mod rest;
mod rest_commands;
mod rest_docs;
mod rest_events;
mod rest_matrix;
mod rights;
mod rotation;
mod second_factor;
mod socket_matrix;
mod supervision;
mod support;
mod token_command;
mod trail;
mod wallboards;
