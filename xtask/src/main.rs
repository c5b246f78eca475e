//! The chores of this workspace that need more than a shell: `cargo xtask <chore>`.
#![expect(clippy::print_stdout, reason = "a command-line tool talks on standard output")]

mod breached;
mod bundle;
mod dev;
mod finish;
mod glue;
mod order;
mod places;
mod report;
mod site;
mod style;
mod tidy;
mod twins;
mod unused;
mod workspace;

use std::{env, path::Path, process::ExitCode};

use anyhow::Result;

use crate::workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <chore>
  site [--release]   build the browser half into target/site; --release also optimises,
                     compresses, prints the sizes and holds them to their budget
  trunk              the same for Trunk's post_build hook
  dev [ARGS...]      build, run the server with ARGS, and do it again on every change
  tidy               the house rules: floors, sizes, names, words
  breached LIST      the passwords that the server refuses, from a list with one a line";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match words {
        ["site"] => site::build(&workspace, site::Kind::Development)?,
        ["site", "--release"] => site::build(&workspace, site::Kind::Release)?,
        ["trunk"] => site::build_for_trunk(&workspace)?,
        ["dev", arguments @ ..] => dev::run(&workspace, arguments)?,
        ["tidy"] => return tidy::run(&workspace),
        ["breached", list] => breached::make(&workspace, Path::new(list))?,
        [] | [..] => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
