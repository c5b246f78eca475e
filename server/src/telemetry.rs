//! Logs: on purpose, fixed field names, no telephone numbers and no secrets.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// What says nothing of use, unless it is asked for: of a drawing in a document, each bar of height 0.
const QUIET: &str = "usvg=error";

/// Starts logging to standard error. May be called once in a process.
pub fn start(format: LogFormat, filter: &str) -> Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}"))
        .with_context(|| format!("log_filter {filter:?} is not understood"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Human => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    }
    .map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
