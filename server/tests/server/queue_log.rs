//! What was not seen of calls is put right by the PBX's own log of its queues, and what was seen stays.

use std::{fs, io::Write, path::Path};

use app::model::{
    PbxConnection,
    figures::{Figure, Figures, FiguresQuery, KeptVisit, VisitsQuery},
};
use server::store::Recording;
use telephony::{
    AgentChange, AgentId, CallId, Doing, Left, Timestamp, Visit,
    visit::{Ring, RingEnd, Talk, TalkEnd},
};

use crate::support::{
    Browser, TestServer, config, eventually,
    office::{Office, PBX, simulator},
    pbx,
    program::run,
};

pub(crate) const SECOND: u64 = 1_000;
/// A second of a night in which nobody runs this.
pub(crate) const NIGHT_S: u64 = 1_790_000_000;

/// A call of support that 1004 took, as it was kept.
fn kept(number: u64, partial: bool, how: Left) -> Visit {
    let joined = Timestamp((NIGHT_S + number * 100) * SECOND + 400);
    let left = Timestamp(joined.0 + 10 * SECOND);
    Visit {
        queue: "support".into(),
        channel: format!("17900.{number}"),
        serial: 1,
        call: CallId(format!("17900.{number}")),
        number: "0401".into(),
        name: Some("Zoë".into()),
        joined,
        position: 1,
        rings: Vec::new(),
        more_rings: 0,
        left: Some((left, how)),
        talk: None,
        partial,
    }
}

/// The same in the log: rung in vain, then answered.
fn lines(number: u64, agent: &str) -> String {
    lines_from(NIGHT_S + number * 100, number, agent)
}

/// The same at another time.
fn lines_from(at: u64, number: u64, agent: &str) -> String {
    let line = |second: u64, rest: &str| format!("{}|17900.{number}|support|{rest}\n", at + second);
    [
        line(0, "NONE|ENTERQUEUE||0401|1"),
        line(4, &format!("{agent}|RINGNOANSWER|3000")),
        line(10, &format!("{agent}|CONNECT|10|17900.{number}9|2")),
        line(40, &format!("{agent}|COMPLETEAGENT|10|30|1")),
    ]
    .concat()
}

async fn keep(server: &TestServer, visits: &[Visit]) -> Vec<i64> {
    let mut recording = server.services.store.record().await.unwrap();
    let mut ids = Vec::new();
    for visit in visits {
        ids.push(recording.visit(PBX, None, visit).await.unwrap());
    }
    recording.commit().await.unwrap();
    ids
}

async fn visit(server: &TestServer, id: i64) -> (Visit, bool) {
    let record = server.services.store.visit(id).await.unwrap().unwrap();
    (record.visit, record.from_log)
}

async fn all(server: &TestServer) -> Vec<(Visit, bool)> {
    let mut all = Vec::new();
    let store = &server.services.store;
    store
        .each_visit(0, u64::MAX / 2, |record| {
            all.push((record.visit, record.from_log))
        })
        .await
        .unwrap();
    all.sort_by_key(|(visit, _)| visit.joined);
    all
}

/// The PBX was not seen during these seconds of the night.
pub(crate) async fn unseen(server: &TestServer, from: u64, to: u64) {
    let at = |second: u64| Timestamp((NIGHT_S + second) * SECOND);
    let mut recording = server.services.store.record().await.unwrap();
    recording.unseen(PBX, at(from), "Nobody looked.").await.unwrap();
    recording.seen(PBX, at(to)).await.unwrap();
    recording.commit().await.unwrap();
}

pub(crate) fn append(path: &Path, text: &str) {
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// A server whose PBX writes a log into the folder.
async fn followed() -> (pbx_simulator::Simulator, TestServer, std::path::PathBuf) {
    let pbx_simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("queue_log");
    let mut config = config(&folder);
    let mut connection = pbx(pbx_simulator.bound().ami, "starboard", "quiet harbour");
    connection.queue_log = Some(log.clone());
    config.pbx = vec![connection];
    let server = TestServer::start_with(folder, config).await;
    (pbx_simulator, server, log)
}

#[tokio::test]
async fn a_log_that_is_followed_heals_what_was_not_seen_and_leaves_what_was() {
    let (_pbx, server, log) = followed().await;
    let mut differs = kept(3, false, Left::TimedOut);
    differs.position = 7;
    let ids = keep(
        &server,
        &[
            kept(1, true, Left::Unexplained),
            kept(2, false, Left::Unexplained),
            differs.clone(),
        ],
    )
    .await;
    unseen(&server, 405, 420).await;
    // the fifth is written there by somebody who calls: it was never seen, and the PBX was
    append(
        &log,
        &[1, 2, 3, 5, 4]
            .into_iter()
            .map(|number| lines(number, "PJSIP/1004"))
            .collect::<String>(),
    );
    let added = eventually("the fourth call is added", async || {
        let all = all(&server).await;
        (all.len() == 4).then(|| all[3].clone())
    })
    .await;
    assert_eq!(
        added.0.left,
        Some((Timestamp((NIGHT_S + 410) * SECOND), Left::Answered))
    );
    assert!(added.1 && !added.0.partial);
    for id in &ids[..2] {
        let (healed, from_log) = visit(&server, *id).await;
        assert!(from_log && !healed.partial);
        assert_eq!(healed.left.map(|(_, how)| how), Some(Left::Answered));
        assert_eq!(healed.name.as_deref(), Some("Zoë"), "what was seen stays");
        let talk = healed.talk.unwrap();
        assert_eq!(talk.interface, "PJSIP/1004");
        assert_eq!(talk.ended.map(|(_, by)| by), Some(TalkEnd::Agent));
    }
    let (healed, _) = visit(&server, ids[0]).await;
    let missed = healed
        .rings
        .iter()
        .filter(|ring| matches!(ring.ended, Some((_, RingEnd::NotAnswered))));
    assert_eq!(missed.count(), 1);
    assert_eq!(
        visit(&server, ids[2]).await,
        (differs, false),
        "it was seen as a whole"
    );
}

#[tokio::test]
async fn a_log_is_read_on_after_a_restart_and_through_a_file_put_aside() {
    let (pbx_simulator, server, log) = followed().await;
    // of the second call only the beginning is there yet
    let second = lines(2, "PJSIP/1004");
    let (begins, ends) = second.split_at(second.find("1790000210").unwrap());
    append(&log, &(lines(1, "PJSIP/1004") + begins));
    eventually("the first call is added", async || {
        (all(&server).await.len() == 1).then_some(())
    })
    .await;
    let folder = server.stop().await;
    append(&log, ends);
    fs::rename(&log, folder.path().join("queue_log.1")).unwrap();
    append(&log, &lines(3, "PJSIP/1004"));
    let mut config = config(&folder);
    let mut connection = pbx(pbx_simulator.bound().ami, "starboard", "quiet harbour");
    connection.queue_log = Some(log.clone());
    config.pbx = vec![connection];
    let server = TestServer::start_with(folder, config).await;
    let found = eventually("all three are there", async || {
        let all = all(&server).await;
        (all.len() == 3).then_some(all)
    })
    .await;
    assert!(
        found
            .iter()
            .all(|(visit, from_log)| *from_log && !visit.partial && visit.number == "0401"),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_log_that_is_read_on_in_the_middle_of_a_call_does_not_tell_it_twice() {
    let (pbx_simulator, server, log) = followed().await;
    // a line about an agent is still needed, in case that this ends without a word
    let at = server::clock::wall_ms() / SECOND - 50;
    let call = lines_from(at, 1, "PJSIP/1004");
    let (begins, ends) = call.split_at(call.find(&format!("{}|", at + 4)).unwrap());
    let pause = format!("{}|NONE|support|PJSIP/1004|PAUSE|Lunch\n", at + 2);
    append(&log, &(begins.to_owned() + &pause + ends));
    eventually("the call is added", async || {
        (all(&server).await.len() == 1).then_some(())
    })
    .await;
    let folder = server.stop().await;
    append(&log, &lines_from(at + 1, 2, "PJSIP/1004"));
    let mut config = config(&folder);
    let mut connection = pbx(pbx_simulator.bound().ami, "starboard", "quiet harbour");
    connection.queue_log = Some(log.clone());
    config.pbx = vec![connection];
    let server = TestServer::start_with(folder, config).await;
    let found = eventually("the second call is added", async || {
        let all = all(&server).await;
        (all.iter().any(|(visit, _)| visit.channel == "17900.2")).then_some(all)
    })
    .await;
    assert_eq!(found.len(), 2, "{found:?}");
}

#[tokio::test]
async fn what_is_told_by_the_pbx_after_the_log_is_the_same_call() {
    let (_pbx, server, log) = followed().await;
    append(&log, &lines(1, "PJSIP/1004"));
    eventually("the call is added", async || {
        (all(&server).await.len() == 1).then_some(())
    })
    .await;
    // found under way by somebody who did not see all of it: the log knows better
    keep(&server, &[kept(1, true, Left::Unexplained)]).await;
    let told = all(&server).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0.left.map(|(_, how)| how), Some(Left::Answered));
    // seen as a whole: to the millisecond
    let at = Timestamp((NIGHT_S + 110) * SECOND + 321);
    let seen = Visit {
        rings: vec![Ring {
            interface: "PJSIP/1004".into(),
            extension: None,
            channel: "17900.19".into(),
            began: Timestamp(at.0 - SECOND),
            ended: Some((at, RingEnd::Answered)),
        }],
        left: Some((at, Left::Answered)),
        talk: Some(Talk {
            interface: "PJSIP/1004".into(),
            extension: None,
            began: at,
            ended: Some((Timestamp(at.0 + 30 * SECOND), TalkEnd::Agent)),
            held_ms: 0,
        }),
        ..kept(1, false, Left::Answered)
    };
    keep(&server, std::slice::from_ref(&seen)).await;
    let all = all(&server).await;
    assert_eq!(all.len(), 1);
    let seen_without_rings = Visit {
        rings: Vec::new(),
        ..seen
    };
    assert_eq!(all[0], (seen_without_rings, false));
}

#[tokio::test]
async fn a_gap_that_the_log_fills_is_told_so_and_figures_say_what_stands_on_the_log() {
    let mut office = Office::open().await;
    let store = &office.server.services.store;
    let (from, to) = ((NIGHT_S + 90) * SECOND, (NIGHT_S + 190) * SECOND);
    let mut recording = store.record().await.unwrap();
    recording
        .unseen(PBX, Timestamp(from - 60 * SECOND), "Nothing before.")
        .await
        .unwrap();
    recording.seen(PBX, Timestamp(from - 60 * SECOND)).await.unwrap();
    let agents = [
        ("PJSIP/7004", "Nina Night", "support"),
        ("PJSIP/7005", "Otto Owl", "support"),
    ];
    let come = async |recording: &mut Recording, at, doing: Doing| {
        for (interface, name, queue) in agents {
            let agent = AgentId {
                interface: interface.into(),
                name: name.into(),
                extension: None,
            };
            let (queue, at) = (queue.to_owned(), Timestamp(at));
            let change = AgentChange::LoggedIn {
                agent: agent.clone(),
                queue,
                at,
            };
            recording.agent(PBX, &change).await.unwrap();
            let doing = Some(doing.clone());
            recording
                .agent(PBX, &AgentChange::Does { agent, doing, at })
                .await
                .unwrap();
        }
    };
    come(&mut recording, from - 60 * SECOND, Doing::Available).await;
    recording
        .unseen(PBX, Timestamp(from), "The link was cut.")
        .await
        .unwrap();
    recording.seen(PBX, Timestamp(to)).await.unwrap();
    come(&mut recording, to, Doing::Available).await;
    recording
        .unseen(PBX, Timestamp(to + 60 * SECOND), "Nothing after.")
        .await
        .unwrap();
    recording.seen(PBX, Timestamp(to + 60 * SECOND)).await.unwrap();
    recording.commit().await.unwrap();
    let log = office.server.folder.path().join("old.queue_log");
    let agent = |number| if number == 1 { "Nina Night" } else { "PJSIP/1004" };
    let mut told: Vec<String> = (0..=3)
        .flat_map(|number| {
            lines(number, agent(number))
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    // one is paused in the middle of the call that ends at 140; what the other one did does not follow from the log
    let at = |second: u64, name: &str, what: &str| format!("{}|NONE|support|{name}|{what}", NIGHT_S + second);
    told.extend([
        at(120, "Nina Night", "PAUSE|Lunch"),
        at(160, "Nina Night", "UNPAUSE|"),
        at(130, "Otto Owl", "PAUSE|Door"),
    ]);
    told.sort();
    fs::write(&log, told.join("\n") + "\n").unwrap();
    let arguments = [
        "queue-log",
        "import",
        "--json",
        "--pbx",
        "Office",
        log.to_str().unwrap(),
    ];
    let ran = run(office.server.folder.path(), &arguments, "")
        .await
        .good()
        .json();
    assert_eq!(
        (&ran["added"], &ran["only_there"], &ran["gaps_filled"]),
        (&2.into(), &2.into(), &3.into()),
        "{ran}"
    );
    let query = FiguresQuery {
        edges: vec![NIGHT_S * SECOND, (NIGHT_S + 1_000) * SECOND],
        ..Default::default()
    };
    let answer = office.browser.ask("/api/figures", &query).await;
    let figures: Figures = answer.value();
    let sums = figures.whole.visits;
    assert_eq!((sums.answered, sums.from_log, sums.partial), (2, 2, 0));
    let gaps = figures.gaps.iter().filter(|gap| gap.from < gap.to);
    let gaps: Vec<_> = gaps.map(|gap| (gap.filled, gap.agents_unknown)).collect();
    assert_eq!(gaps, [(true, Some(1))], "{:?}", figures.gaps);
    let work = figures.whole.work;
    assert_eq!(
        work.paused,
        [("Lunch".to_owned(), false, 20 * SECOND)],
        "the talk comes before the pause"
    );
    // both a minute before and after; in the gap the one of whom all is known
    assert_eq!(work.logged_in_ms, 4 * 60 * SECOND + (to - from));
    assert_eq!(
        work.available_ms,
        4 * 60 * SECOND,
        "that somebody was ready is not in the log"
    );
}

#[tokio::test]
async fn an_import_says_first_what_it_would_do_and_twice_does_no_more_than_once() {
    let office = Office::open().await;
    let ids = keep(&office.server, &[kept(1, true, Left::Unexplained)]).await;
    let folder = office.server.folder.path();
    let log = folder.join("queue_log.1");
    fs::write(
        &log,
        lines(1, "PJSIP/1004") + "half a li|ne\n" + &lines(2, "Nobody | knows"),
    )
    .unwrap();
    let file = log.to_str().unwrap();
    let preview = run(
        folder,
        &[
            "queue-log",
            "import",
            "--json",
            "--dry-run",
            "--pbx",
            "Office",
            file,
        ],
        "",
    )
    .await;
    let preview = preview.good().json();
    assert_eq!(
        (&preview["added"], &preview["put_right"]),
        (&0.into(), &1.into()),
        "{preview}"
    );
    assert_eq!(
        visit(&office.server, ids[0]).await,
        (kept(1, true, Left::Unexplained), false)
    );
    let import = async || {
        run(folder, &["queue-log", "import", "--pbx", "1", file], "")
            .await
            .good()
            .out
    };
    let first = import().await;
    assert!(first.contains("put right 1"), "{first}");
    let healed = all(&office.server).await;
    let second = import().await;
    assert!(second.contains("added 0, put right 0, unchanged 1"), "{second}");
    assert_eq!(all(&office.server).await, healed);
    let rows = office.server.services.trail.newest(10).await.unwrap();
    let imports = rows.iter().filter(|row| row.act.action == "import_queue_log");
    assert_eq!(imports.count(), 2, "a preview is no act");
    for (arguments, exit) in [
        (["queue-log", "import", "--pbx", "Elsewhere", file], 3),
        (
            ["queue-log", "import", "--pbx", "Office", "/nowhere/queue_log"],
            2,
        ),
    ] {
        assert_eq!(run(folder, &arguments, "").await.exit, exit);
    }
}

#[tokio::test]
async fn a_call_that_the_log_tells_otherwise_stays_as_it_was_seen_and_its_figures_are_marked() {
    let mut office = Office::open().await;
    let seen = kept(1, false, Left::TimedOut);
    let ids = keep(&office.server, std::slice::from_ref(&seen)).await;
    let folder = office.server.folder.path().to_owned();
    let log = folder.join("queue_log.1");
    fs::write(&log, lines(1, "PJSIP/1004")).unwrap();
    let query = FiguresQuery {
        edges: vec![NIGHT_S * SECOND, (NIGHT_S + 1_000) * SECOND],
        ..FiguresQuery::default()
    };
    let behind = VisitsQuery {
        from_ms: query.edges[0],
        to_ms: query.edges[1],
        figure: Some(Figure::Partial),
        limit: 10,
        ..VisitsQuery::default()
    };
    for marked in [0, 1, 1] {
        let figures: Figures = office.browser.ask("/api/figures", &query).await.value();
        let sums = figures.whole.visits;
        assert_eq!((sums.offered, sums.timed_out, sums.partial), (1, 1, marked));
        let answer = office.browser.ask("/api/visits", &behind).await;
        let (behind, _): (Vec<KeptVisit>, bool) = answer.value();
        assert!(behind.iter().all(|one| one.id == ids[0] && one.doubted));
        assert_eq!(behind.len() as u64, marked);
        let import = ["queue-log", "import", "--pbx", "1", log.to_str().unwrap()];
        run(&folder, &import, "").await.good();
        assert_eq!(visit(&office.server, ids[0]).await, (seen.clone(), false));
    }
}

#[tokio::test]
async fn the_form_takes_whole_paths_of_queue_logs_and_no_others() {
    let mut office = Office::open().await;
    let before = connection(&mut office.browser).await;
    for (path, good) in [
        ("/var/log/asterisk/queue_log", true),
        ("", true),
        ("queue_log", false),
        ("/var/log/../../etc/queue_log", false),
        ("/etc/shadow", false),
        ("/var/log/queue_log\n", true),
        ("/var/log/queue\u{7}_log", false),
    ] {
        let form = [
            ("id", "1".to_owned()),
            ("name", before.name.clone()),
            ("host", before.host.clone()),
            ("port", before.port.to_string()),
            ("ca_pem", String::new()),
            ("username", before.username.clone()),
            ("secret", String::new()),
            ("context", before.context.clone()),
            ("enabled", "true".to_owned()),
            ("queue_log", path.to_owned()),
        ];
        let answer = office.browser.post("/api/save_pbx", &form).await;
        assert_eq!(answer.body.contains("queue_log"), !good, "{path:?}: {answer:?}");
        if good {
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(connection(&mut office.browser).await.queue_log, path.trim());
        }
    }
}

async fn connection(browser: &mut Browser) -> PbxConnection {
    let answer = browser.post("/api/pbx_connections", &[]).await;
    let mut all: Vec<PbxConnection> = answer.value();
    all.remove(0)
}
