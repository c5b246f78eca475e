//! The real program, run beside a server on the same installation.

use std::{
    io::Write,
    path::Path,
    process::{Child, Command, Stdio},
};

/// What a run of it came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn good(self) -> Self {
        assert_eq!(self.exit, 0, "{self:?}");
        self
    }
}

/// Starts `starboard ARGUMENTS` on the installation in `folder`.
pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_starboard"))
        .args(arguments)
        .env_clear()
        .env("STARBOARD_DATABASE", folder.join("starboard.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs `starboard ARGUMENTS` to its end, with this on its standard input.
pub(crate) async fn run(folder: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut child = start(folder, arguments);
    let (input, mut pipe) = (input.to_owned(), child.stdin.take().unwrap());
    let ended = tokio::task::spawn_blocking(move || {
        // one that reads nothing may be gone already
        let _ = pipe.write_all(input.as_bytes());
        drop(pipe);
        child.wait_with_output().unwrap()
    });
    let output = ended.await.unwrap();
    Ran {
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
