//! A server that is connected to a simulated PBX in which nothing happens by itself.

use app::{
    live::protocol::LinkStatus,
    model::{CommandRequest, PbxId},
};
use pbx_simulator::{Habits, Noise, Options, Settings, Simulator, User};
use server::config::Config;
use telephony::{Command, Outcome};

use super::{Browser, TestServer, http::Answer, live::Live, pbx};

pub(crate) struct Office {
    pub(crate) pbx: Simulator,
    pub(crate) server: TestServer,
    pub(crate) browser: Browser,
    pub(crate) live: Live,
}

pub(crate) const PBX: PbxId = PbxId(1);

pub(crate) async fn simulator() -> Simulator {
    let settings = Settings {
        habits: Habits::Scripted,
        noise: Noise::Some,
        ..Settings::default()
    };
    let users = vec![
        User::full("starboard", "quiet harbour"),
        User::viewer("viewer", "quiet harbour"),
    ];
    Simulator::start(Options {
        settings,
        users,
        ..Options::default()
    })
    .await
    .unwrap()
}

impl Office {
    /// Everything is up and the board is compared. Ada's own phone is 1001.
    pub(crate) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// The same, with other settings.
    pub(crate) async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let pbx_simulator = simulator().await;
        let folder = tempfile::tempdir().unwrap();
        let mut config = super::config(&folder);
        config.pbx = vec![pbx(pbx_simulator.bound().ami, "starboard", "quiet harbour")];
        change(&mut config);
        let server = TestServer::start_with(folder, config).await;
        let mut browser = server.set_up().await;
        let mut live = Live::open(&browser).await;
        live.until("the link is live", |live| {
            live.pbx().0.link == LinkStatus::Live && live.pbx().1.extensions.len() >= 40
        })
        .await;
        let profile = [("display_name", "Ada".to_owned()), ("own", "1:1001".to_owned())];
        let answer = browser.post("/api/save_profile", &profile).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Self {
            pbx: pbx_simulator,
            server,
            browser,
            live,
        }
    }

    pub(crate) async fn send(&mut self, request_id: &str, command: Command) -> Answer {
        send(&mut self.browser, request_id, command).await
    }

    pub(crate) async fn outcome(&mut self, request_id: &str, command: Command) -> Outcome {
        let answer = self.send(request_id, command).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.value()
    }

    pub(crate) async fn sees(&mut self, what: &str, mut condition: impl FnMut(&telephony::Board) -> bool) {
        self.live.until(what, |live| condition(&live.pbx().1)).await;
    }

    pub(crate) async fn link(&mut self, what: &str, mut condition: impl FnMut(&LinkStatus) -> bool) {
        self.live.until(what, |live| condition(&live.pbx().0.link)).await;
    }
}

pub(crate) async fn send(browser: &mut Browser, request_id: &str, command: Command) -> Answer {
    let request = CommandRequest {
        request_id: request_id.into(),
        pbx: PBX,
        command,
    };
    browser.ask("/api/command", &request).await
}

pub(crate) fn call(from: &str, to: &str) -> Command {
    Command::Call {
        from: from.into(),
        to: to.into(),
    }
}
