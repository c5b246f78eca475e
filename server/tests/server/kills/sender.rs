//! A PBX that has fifty calls a second, what each of them was, and the records that Asterisk would have written of them.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ami::{Decoded, Decoder, Kind, Limits, Message};
use pbx_simulator::{Habits, Noise, Options, Settings, Simulator, User};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use telephony::{
    CallResult,
    cdr::{CdrRow, Column},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    task::JoinHandle,
    time::Instant,
};

use crate::support::eventually;

/// Between two calls.
const EVERY: Duration = Duration::from_millis(20);
const SECRET: &str = "quiet harbour";
/// Phones that are picked up at once,
const ANSWERED: [&str; 12] = [
    "1001", "1002", "1017", "1018", "1019", "1020", "1021", "1024", "1025", "1026", "1027", "1028",
];
/// that ring in vain,
const UNHEARD: [&str; 4] = ["1032", "1033", "1034", "1035"];
/// and that are busy, without voicemail.
const BUSY: [&str; 2] = ["1037", "1038"];
/// The columns of a Master.csv.
const COLUMNS: [Column; 21] = [
    Column::Account,
    Column::Src,
    Column::Dst,
    Column::Context,
    Column::CallerId,
    Column::Channel,
    Column::DestChannel,
    Column::Application,
    Column::Data,
    Column::Start,
    Column::Answer,
    Column::End,
    Column::Duration,
    Column::Billable,
    Column::Disposition,
    Column::AmaFlags,
    Column::UniqueId,
    Column::UserField,
    Column::PeerAccount,
    Column::LinkedId,
    Column::Sequence,
];

/// What a call was.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) result: CallResult,
    pub(super) began_ms: u64,
    pub(super) ended_ms: u64,
}

/// What a second account of the manager, which nobody kills, has heard.
#[derive(Debug, Default)]
struct Heard {
    /// When channels that began a call ended.
    ended_ms: BTreeMap<String, u64>,
    records: String,
}

pub(super) struct Sender {
    pbx: Arc<Simulator>,
    heard: Arc<Mutex<Heard>>,
    stop: watch::Sender<bool>,
    sending: JoinHandle<BTreeMap<String, Sent>>,
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

impl Sender {
    pub(super) async fn start(seed: u64) -> Self {
        let settings = Settings {
            seed,
            habits: Habits::Scripted,
            noise: Noise::Some,
            ..Settings::default()
        };
        let options = Options {
            settings,
            users: vec![User::full("starboard", SECRET), User::full("witness", SECRET)],
            ..Options::default()
        };
        let pbx = Arc::new(Simulator::start(options).await.unwrap());
        for phone in ANSWERED {
            pbx.script(&format!("auto {phone} 200")).await.unwrap();
        }
        for phone in BUSY {
            pbx.script(&format!("busy {phone} on")).await.unwrap();
        }
        let heard = Arc::new(Mutex::new(Heard::default()));
        listen(pbx.bound().ami, heard.clone()).await;
        let (stop, stopped) = watch::channel(false);
        let sending = tokio::spawn(send(pbx.clone(), stopped, StdRng::seed_from_u64(seed ^ 0xca11)));
        Self {
            pbx,
            heard,
            stop,
            sending,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.pbx.bound().ami
    }

    /// No more calls; those that are up end. What was sent, and the records of it.
    pub(super) async fn finish(&mut self) -> (BTreeMap<String, Sent>, String) {
        self.stop.send(true).unwrap();
        let mut sent = (&mut self.sending).await.unwrap();
        eventually("every call is over", async || {
            let state = self.pbx.script("state").await.unwrap();
            state.starts_with("channels=0 ").then_some(())
        })
        .await;
        eventually("the end of every call is heard", async || {
            let heard = self.heard.lock().unwrap();
            sent.keys()
                .all(|name| heard.ended_ms.contains_key(name))
                .then_some(())
        })
        .await;
        let heard = self.heard.lock().unwrap();
        for (name, sent) in &mut sent {
            sent.ended_ms = heard.ended_ms[name];
        }
        (sent, heard.records.clone())
    }
}

/// A call every twentieth of a second, each ended by whoever placed it, if it goes on for so long.
async fn send(
    pbx: Arc<Simulator>,
    stopped: watch::Receiver<bool>,
    mut dice: StdRng,
) -> BTreeMap<String, Sent> {
    let mut sent = BTreeMap::new();
    let mut ends: BTreeMap<(Instant, u64), String> = BTreeMap::new();
    let mut ticks = tokio::time::interval(EVERY);
    let mut number = 0;
    while !*stopped.borrow() || !ends.is_empty() {
        ticks.tick().await;
        let now = Instant::now();
        while let Some(due) = ends.first_entry().filter(|due| due.key().0 <= now) {
            // who was busy is gone already
            let _ = pbx.script(&format!("hangup {}", due.remove())).await;
        }
        if *stopped.borrow() {
            continue;
        }
        number += 1;
        let (phone, result, up_ms) = match dice.random_range(0..20) {
            0..13 => (
                ANSWERED[dice.random_range(0..ANSWERED.len())],
                CallResult::Answered,
                dice.random_range(500..2_500),
            ),
            13 => (
                ANSWERED[dice.random_range(0..ANSWERED.len())],
                CallResult::Answered,
                dice.random_range(2_500..4_500),
            ),
            14..17 => (
                UNHEARD[dice.random_range(0..UNHEARD.len())],
                CallResult::Missed,
                dice.random_range(100..3_000),
            ),
            _ => (BUSY[dice.random_range(0..BUSY.len())], CallResult::Busy, 1_000),
        };
        let caller = format!("0301{number:07}");
        let began_ms = now_ms();
        let name = pbx.script(&format!("inbound {caller} {phone}")).await.unwrap();
        let call = Sent {
            result,
            began_ms,
            ended_ms: 0,
        };
        assert!(sent.insert(name, call).is_none());
        ends.insert((now + Duration::from_millis(up_ms), number), caller);
    }
    sent
}

async fn listen(address: SocketAddr, heard: Arc<Mutex<Heard>>) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let login = format!("Action: Login\r\nUsername: witness\r\nSecret: {SECRET}\r\n\r\n");
    socket.write_all(login.as_bytes()).await.unwrap();
    let mut decoder = Decoder::new(Limits::default());
    let mut bytes = vec![0; 64 << 10];
    // the banner and the answer
    let read = socket.read(&mut bytes).await.unwrap();
    decoder.push(&bytes[..read]);
    tokio::spawn(async move {
        while let Ok(read @ 1..) = socket.read(&mut bytes).await {
            decoder.push(&bytes[..read]);
            while let Some(decoded) = decoder.next() {
                if let Decoded::Message(message) = decoded {
                    note(&message, &heard);
                }
            }
        }
    });
}

fn note(message: &Message, heard: &Mutex<Heard>) {
    let text = |name: &str| message.get(name).map(|text| text.into_owned());
    if message.kind() == Kind::Hangup && text("Uniqueid") == text("Linkedid") {
        let name = text("Uniqueid").unwrap();
        heard.lock().unwrap().ended_ms.insert(name, now_ms());
    }
    if let Some(row) = CdrRow::of_event(message) {
        let quoted = |column| format!("\"{}\"", row.get(column).replace('"', "\"\""));
        let line = COLUMNS.map(quoted).join(",") + "\n";
        heard.lock().unwrap().records.push_str(&line);
    }
}
