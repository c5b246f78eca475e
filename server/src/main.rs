//! Starboard: a live cockpit for Asterisk.

fn main() -> std::process::ExitCode {
    server::cli::main()
}
