//! A simulated PBX by itself: `cargo run -p pbx-simulator --example pbx -- [scripted] [SPEED] [SEED]`.
//! Log in as `starboard` with the secret `starboard`; scripts connect to the second address.

use pbx_simulator::{Habits, Options, Settings};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example for a terminal")]
async fn main() -> Result<(), pbx_simulator::Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let scripted = arguments.iter().any(|text| text == "scripted");
    let mut numbers = arguments.iter().filter_map(|text| text.parse::<f64>().ok());
    let defaults = Settings::default();
    let settings = Settings {
        habits: if scripted { Habits::Scripted } else { Habits::Life },
        speed: numbers.next().unwrap_or(defaults.speed),
        seed: numbers.next().map_or(defaults.seed, f64::to_bits),
        ..defaults
    };
    let control = Some(std::net::SocketAddr::from(([127, 0, 0, 1], 0)));
    let options = Options {
        settings,
        control,
        ..Options::default()
    };
    pbx_simulator::run(options, |bound| println!("{bound:?}")).await
}
