//! A simulated PBX by itself: `cargo run -p pbx-simulator --example pbx -- [life SPEED | scripted | load CALLS_PER_S]`.
//! Log in as `starboard` with the secret `starboard`; scripts connect to the second address.

use pbx_simulator::{Habits, Options, Settings};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example for a terminal")]
async fn main() -> Result<(), pbx_simulator::Error> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let number = arguments
        .next()
        .and_then(|text| text.parse::<f64>().ok())
        .unwrap_or(1.0);
    let mut settings = Settings::default();
    match what.as_str() {
        "scripted" => settings.habits = Habits::Scripted,
        "load" => {
            settings.habits = Habits::Load {
                calls_per_s: number,
                talk_s: 5.0,
            };
        }
        _ => settings.speed = number,
    }
    let control = Some(std::net::SocketAddr::from(([127, 0, 0, 1], 0)));
    let options = Options {
        settings,
        control,
        ..Options::default()
    };
    pbx_simulator::run(options, |bound| println!("{bound:?}")).await
}
