//! The commands of the program `starboard`.

mod audit;
mod capture;
mod cdr;
mod check_config;
mod erase;
mod history;
mod keeping;
mod key;
mod place;
mod queue_log;
mod recordings;
mod replay;
mod reports;
mod serve;
mod simulator;
mod token;
mod user;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use self::place::{At, Told};

/// A live cockpit for Asterisk.
#[derive(Debug, Parser)]
#[command(name = "starboard", version, about, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the cockpit (what happens without a command).
    Serve(Settings),
    /// Read the settings, say what is wrong with them, and stop.
    CheckConfig(Settings),
    /// Make, list and change users, while the server runs or not.
    User(At<user::Command>),
    /// Make, list and revoke tokens of programs, while the server runs or not.
    Token(At<token::Command>),
    /// Verify or export the audit trail.
    Audit(At<audit::Command>),
    /// Replace the key that seals secrets, or give it up.
    Key(At<key::Command>),
    /// Put right what was kept of calls in queues by an Asterisk's queue_log, while the server runs or not.
    QueueLog(At<queue_log::Command>),
    /// Read Asterisk's own call records and hold them against the calls that were seen, while the server runs or not.
    Cdr(At<cdr::Command>),
    /// Derive calls that are over anew from what they were made of, and look after their copy, while the server runs or not.
    History(At<history::Command>),
    /// For how long recordings of calls are kept: set it, hold some, see what is due, remove it; while the server runs or not.
    Recordings(At<recordings::Command>),
    /// Add up calls that are over and write a report to a file, while the server runs or not.
    Reports(At<reports::Command>),
    /// Erase what is kept of a telephone number, while the server runs or not.
    Erase(erase::Arguments),
    /// Play a recorded AMI stream through the model and print what it makes of it, as JSON.
    Replay(replay::Arguments),
    /// Record an AMI stream into a file that `replay` and the tests read.
    Capture(capture::Arguments),
    /// Be a small company's PBX that speaks AMI.
    Simulator(simulator::Arguments),
}

/// Settings on the command line; they win over the environment and the file.
#[derive(Clone, Debug, clap::Args)]
struct Settings {
    /// The configuration file (TOML); also STARBOARD_CONFIG.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen, as 127.0.0.1:3000. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The SQLite file.
    #[arg(long, value_name = "FILE")]
    database: Option<String>,
    /// The folder with the browser's half.
    #[arg(long, value_name = "FOLDER")]
    site_root: Option<String>,
    /// The address people type in their browser.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Settings {
    fn load(&self) -> anyhow::Result<crate::config::Config> {
        let flags = [
            ("listen", &self.listen),
            ("database", &self.database),
            ("site_root", &self.site_root),
            ("public_url", &self.public_url),
        ];
        let flags: Vec<(&str, String)> = flags
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.clone()?)))
            .collect();
        crate::config::Config::load(self.config.as_deref(), std::env::vars(), &flags)
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = match &arguments.command {
        Some(Command::User(arguments)) => arguments.place.json,
        Some(Command::Token(arguments)) => arguments.place.json,
        Some(Command::Audit(arguments)) => arguments.place.json,
        Some(Command::Key(arguments)) => arguments.place.json,
        Some(Command::QueueLog(arguments)) => arguments.place.json,
        Some(Command::Cdr(arguments)) => arguments.place.json,
        Some(Command::History(arguments)) => arguments.place.json,
        Some(Command::Recordings(arguments)) => arguments.place.json,
        Some(Command::Reports(arguments)) => arguments.place.json,
        Some(Command::Erase(arguments)) => arguments.place.json,
        _ => false,
    };
    let done = match arguments.command {
        None => serve::run(&arguments.serve),
        Some(Command::Serve(settings)) => serve::run(&settings),
        Some(Command::CheckConfig(settings)) => check_config::run(&settings),
        Some(Command::Replay(arguments)) => replay::run(&arguments),
        Some(Command::Capture(arguments)) => capture::run(&arguments),
        Some(Command::Simulator(arguments)) => simulator::run(arguments),
        Some(Command::User(arguments)) => user::run(arguments),
        Some(Command::Token(arguments)) => token::run(arguments),
        Some(Command::Audit(arguments)) => audit::run(arguments),
        Some(Command::Key(arguments)) => key::run(arguments),
        Some(Command::QueueLog(arguments)) => queue_log::run(arguments),
        Some(Command::Cdr(arguments)) => cdr::run(arguments),
        Some(Command::History(arguments)) => history::run(arguments),
        Some(Command::Recordings(arguments)) => recordings::run(arguments),
        Some(Command::Reports(arguments)) => reports::run(arguments),
        Some(Command::Erase(arguments)) => erase::run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, json),
    }
}

/// Says what went wrong, and how the program ends.
fn failed(error: &anyhow::Error, json: bool) -> ExitCode {
    let told = error.downcast_ref::<Told>();
    if json {
        let field = told.map(|told| told.field);
        eprintln!(
            "{}",
            serde_json::json!({ "error": format!("{error:#}"), "field": field })
        );
    } else {
        eprintln!("starboard: {error:#}");
    }
    told.map_or(ExitCode::FAILURE, |told| ExitCode::from(told.exit as u8))
}

/// Says what a command did: for programs, or a line after the other for people.
fn answer(as_json: bool, (told, lines): (serde_json::Value, Vec<String>)) {
    if as_json {
        say(told);
    } else {
        lines.into_iter().for_each(say);
    }
}

/// A line for whoever started the program.
#[expect(clippy::print_stdout, reason = "the program's own output, not a log")]
fn say(line: impl std::fmt::Display) {
    println!("{line}");
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Ready when somebody asks the program to stop.
async fn stop_asked() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be received: the program only ends by force");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
