//! The whole server, started for real on a free port for every test.

mod commands;
mod connections;
mod http;
mod live;
mod support;
