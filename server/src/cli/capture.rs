//! `starboard capture`: records an AMI stream as it comes, with a timing index beside it.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use ami::{
    Output, Session, SessionConfig,
    session::{CloseReason, State},
};
use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{runtime, say, stop_asked};

/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;
/// The longest a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// A recording never becomes larger.
const MAX_BYTES: u64 = 4 << 30;

/// Records an AMI stream. The secret comes from STARBOARD_AMI_SECRET or a file, never from the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Host of the PBX.
    #[arg(long)]
    host: String,
    /// AMI port.
    #[arg(long, default_value_t = ami::client::DEFAULT_PORT)]
    port: u16,
    /// AMI user name.
    #[arg(long)]
    username: String,
    /// A file that holds the AMI secret.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Stop by itself after so many seconds; otherwise Ctrl-C ends the recording.
    #[arg(long)]
    seconds: Option<u64>,
    /// Where to write, as day.ami; the index goes to day.idx.
    out: PathBuf,
}

/// Both files of a recording.
struct Recording {
    stream: File,
    index: File,
    started: Instant,
    bytes: u64,
}

impl Recording {
    /// Others must not read who called whom.
    fn create(path: &Path) -> Result<Self> {
        let make = |path: &Path| {
            let file = OpenOptions::new()
                .create_new(true)
                .write(true)
                .mode(0o600)
                .open(path);
            file.with_context(|| format!("{} cannot be made", path.display()))
        };
        Ok(Self {
            stream: make(path)?,
            index: make(&path.with_extension("idx"))?,
            started: Instant::now(),
            bytes: 0,
        })
    }

    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        writeln!(
            self.index,
            "{} {}",
            self.started.elapsed().as_millis(),
            self.bytes
        )?;
        self.stream.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let secret = match &arguments.secret_file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        None => std::env::var("STARBOARD_AMI_SECRET")
            .context("set STARBOARD_AMI_SECRET, or give --secret-file")?,
    };
    let mut recording = Recording::create(&arguments.out)?;
    runtime()?.block_on(async {
        let stop = async {
            match arguments.seconds {
                Some(seconds) => tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
                    () = stop_asked() => {}
                },
                None => stop_asked().await,
            }
        };
        tokio::select! {
            recorded = record(arguments, &secret, &mut recording) => recorded,
            () = stop => Ok(()),
        }
    })?;
    recording.stream.sync_all()?;
    say(format_args!(
        "{} bytes in {}",
        recording.bytes,
        arguments.out.display()
    ));
    Ok(())
}

async fn record(arguments: &Arguments, secret: &str, recording: &mut Recording) -> Result<()> {
    let address = (arguments.host.as_str(), arguments.port);
    let mut socket = timeout(CONNECT, TcpStream::connect(address))
        .await
        .context("the host does not answer")?
        .with_context(|| format!("{}:{} cannot be reached", address.0, address.1))?;
    let config = SessionConfig {
        username: arguments.username.clone(),
        secret: ami::Secret::new(secret),
        challenge: true,
        events: true,
        action_prefix: "capture".into(),
        limits: ami::Limits::default(),
    };
    let started = Instant::now();
    let now_ms = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut session = Session::new(config, now_ms());
    let mut buffer = vec![0; READ_BYTES];
    while recording.bytes < MAX_BYTES {
        let wait = session.deadline_ms().map_or(Duration::from_secs(1), |at_ms| {
            Duration::from_millis(at_ms.saturating_sub(now_ms()))
        });
        match timeout(wait, socket.read(&mut buffer)).await {
            Ok(Ok(0)) => return Ok(()),
            Ok(read) => {
                let bytes = &buffer[..read.context("the connection broke")?];
                recording.add(bytes)?;
                session.push(bytes, now_ms());
            }
            Err(_) => session.tick(now_ms()),
        }
        while let Some(output) = session.poll() {
            match output {
                Output::Transmit(bytes) => socket.write_all(&bytes).await.context("the connection broke")?,
                Output::State(State::Up) => say("recording; Ctrl-C ends it"),
                Output::State(State::Closed(CloseReason::CredentialsRefused { .. })) => {
                    bail!("user name or secret were refused")
                }
                Output::State(State::Closed(reason)) => bail!("the recording ended: {reason}"),
                Output::State(_)
                | Output::Message(_)
                | Output::Distrusted { .. }
                | Output::Finished { .. } => {}
            }
        }
    }
    say("the recording is as large as it may be");
    Ok(())
}
