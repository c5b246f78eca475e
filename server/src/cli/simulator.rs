//! `starboard simulator`: a small company's PBX to look at, to load and to test with.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Result;
use pbx_simulator::{Habits, Noise, Options, Play, Settings, User};

use super::{runtime, say, stop_asked};

/// A small company's PBX that speaks AMI.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where AMI clients connect.
    #[arg(long, default_value = "127.0.0.1:5038")]
    listen: SocketAddr,
    /// Where scripts connect and say what people do, a line each; loopback only.
    #[arg(long)]
    control: Option<SocketAddr>,
    /// The AMI user name. Its secret comes from STARBOARD_SIMULATOR_SECRET, else it is `starboard`.
    #[arg(long, default_value = "starboard")]
    username: String,
    /// How many times faster than real people live.
    #[arg(long)]
    speed: Option<f64>,
    /// Seed of everything that is left to chance.
    #[arg(long)]
    seed: Option<u64>,
    /// Extensions, from 1001 on; never fewer than forty.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(..=9_000))]
    people: u32,
    /// Nobody does anything by themselves: only scripts and actions do.
    #[arg(long, conflicts_with = "calls_per_s")]
    scripted: bool,
    /// A load instead of a working day: new calls each second.
    #[arg(long, value_name = "CALLS")]
    calls_per_s: Option<f64>,
    /// Seconds a call of the load lasts once answered.
    #[arg(long, default_value_t = 10.0)]
    talk_s: f64,
    /// Leave out the events that readers skip (VarSet, Newexten, CEL).
    #[arg(long)]
    quiet: bool,
    /// Play a recording to every client instead.
    #[arg(long, value_name = "FILE")]
    play: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments) -> Result<()> {
    let mut settings = Settings::default();
    let speed = arguments.speed.unwrap_or(settings.speed);
    settings.speed = speed;
    settings.seed = arguments.seed.unwrap_or(settings.seed);
    settings.people = arguments.people as usize;
    if arguments.scripted {
        settings.habits = Habits::Scripted;
    } else if let Some(calls_per_s) = arguments.calls_per_s {
        settings.habits = Habits::Load {
            calls_per_s,
            talk_s: arguments.talk_s,
        };
    }
    if arguments.quiet {
        settings.noise = Noise::Quiet;
    }
    let secret = std::env::var("STARBOARD_SIMULATOR_SECRET").unwrap_or_else(|_| "starboard".into());
    let options = Options {
        listen: arguments.listen,
        control: arguments.control,
        settings,
        // the other one may record calls that are up, too
        users: vec![
            User::cockpit(&arguments.username, &secret),
            User::full("recorder", &secret),
        ],
        play: arguments.play.map(|capture| Play { capture, speed }),
    };
    runtime()?.block_on(async {
        let running = pbx_simulator::run(options, |bound| {
            say(format_args!("simulator: AMI on {}", bound.ami));
            if let Some(control) = bound.control {
                say(format_args!("simulator: scripts on {control}"));
            }
        });
        tokio::select! {
            ran = running => Ok(ran?),
            () = stop_asked() => Ok(()),
        }
    })
}
