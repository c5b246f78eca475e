//! `starboard replay`: what the model makes of a recording, for support cases and for tests.

use std::{fs, io::Write, path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use telephony::{
    Settings, Timestamp,
    replay::{Report, Timing, replay},
};

use super::say;

/// Plays a recorded AMI stream.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The raw byte stream from the PBX. A file beside it that ends in `.idx` gives the times.
    file: PathBuf,
    /// Print counters and the CPU time for a million events instead of calls and board.
    #[arg(long)]
    stats: bool,
    /// The dialplan context that extensions dial in.
    #[arg(long, default_value = "from-internal")]
    context: String,
}

/// The output of `--stats`.
#[derive(Debug, Serialize)]
struct Stats<'a> {
    stream: &'a telephony::replay::Stream,
    counters: &'a telephony::Counters,
    ended_calls: usize,
    wall_s: f64,
    cpu_s: f64,
    cpu_s_per_million_events: f64,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let bytes =
        fs::read(&arguments.file).with_context(|| format!("{} cannot be read", arguments.file.display()))?;
    let index = arguments.file.with_extension("idx");
    let timing = match fs::read_to_string(&index) {
        Ok(text) => {
            Timing::parse(&text).with_context(|| format!("{} is no timing index", index.display()))?
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Timing::default(),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", index.display())),
    };
    let settings = Settings {
        dial_context: arguments.context.clone(),
        ..Settings::default()
    };
    let (started, cpu_before_s) = (Instant::now(), cpu_s());
    let report = replay(&bytes, &timing, Timestamp(0), settings);
    let (wall_s, cpu_s) = (started.elapsed().as_secs_f64(), cpu_s() - cpu_before_s);
    if arguments.stats {
        say(serde_json::to_string_pretty(&stats(&report, wall_s, cpu_s))?);
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &report)?;
    Ok(writeln!(out)?)
}

fn stats(report: &Report, wall_s: f64, cpu_s: f64) -> Stats<'_> {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let messages = report.stream.messages.max(1) as f64;
    Stats {
        stream: &report.stream,
        counters: &report.counters,
        ended_calls: report.ended.len(),
        wall_s,
        cpu_s,
        cpu_s_per_million_events: cpu_s / messages * 1e6,
    }
}

/// CPU seconds of this process so far; its resolution is the kernel's tick (10 ms).
fn cpu_s() -> f64 {
    const TICKS_PER_S: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // after the name in parentheses; utime and stime are fields 14 and 15
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS_PER_S
}
