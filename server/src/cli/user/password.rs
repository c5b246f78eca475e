//! Where a password comes from on the command line: typed, read, or made.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};

use super::{Exit, Told, good};
use crate::access::password;

/// Letters of generated passwords: none that is taken for another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Letters in a group, and groups: 98 bits.
const GROUP: usize = 5;
const GROUPS: usize = 4;
/// The longest line that is read as a password, in bytes.
const MAX_LINE_BYTES: u64 = 4 << 10;

/// Where a password comes from; without a flag it is typed, twice, and not shown.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(in crate::cli) struct Source {
    /// Read the password from standard input, one line.
    #[arg(long, conflicts_with = "generate")]
    pub(super) password_stdin: bool,
    /// Make a password and print it, once.
    #[arg(long)]
    pub(super) generate: bool,
}

impl Source {
    /// Never from an argument, which everybody on the machine can read.
    pub(super) fn password(self, username: &str) -> Result<SecretString> {
        if self.generate {
            return Ok(generated());
        }
        let password = if self.password_stdin {
            let mut line = String::new();
            let mut input = std::io::Read::take(std::io::stdin().lock(), MAX_LINE_BYTES);
            input
                .read_line(&mut line)
                .context("the password cannot be read from standard input")?;
            SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned())
        } else {
            typed()?
        };
        good(password::problem(password.expose_secret(), username), "password")?;
        Ok(password)
    }
}

fn typed() -> Result<SecretString> {
    if !std::io::stdin().is_terminal() {
        let message = "password: there is no terminal to type it; use --password-stdin or --generate";
        return Err(Told::error(Exit::Invalid, "password", message));
    }
    let ask = |prompt| {
        let line =
            rpassword::prompt_password(prompt).context("the password cannot be read from the terminal")?;
        anyhow::Ok(SecretString::from(line))
    };
    let (password, again) = (ask("Password: ")?, ask("The same again: ")?);
    if password.expose_secret() != again.expose_secret() {
        return Err(Told::error(Exit::Invalid, "password", "password: the two differ"));
    }
    Ok(password)
}

fn generated() -> SecretString {
    let mut source = rand::rng();
    let mut groups = Vec::with_capacity(GROUPS);
    for _ in 0..GROUPS {
        let letters = std::iter::repeat_with(|| char::from(LETTERS[source.random_range(..LETTERS.len())]));
        groups.push(letters.take(GROUP).collect::<String>());
    }
    SecretString::from(groups.join("-"))
}
