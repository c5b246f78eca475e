//! Erasing what is kept of a telephone number: all of it, nothing beside it, and to its end whatever is killed on the way.

use std::{fs, time::Duration};

use app::{
    access::BuiltIn,
    model::{
        erase::{Erasing, Erasure, Preview},
        history::{CallPage, CallRow, CallSearch, CallTold, Turn},
        recording::{CallRecordings, State},
    },
};
use server::store::Number;
use sqlx::{ConnectOptions, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use telephony::{
    CallId, FinishedCall, Left, Leg, LegId, LegRole, LegState, Marks, Moment, MomentKind, Story, Visit,
    finished::pack,
};
use tempfile::TempDir;

use crate::{
    call_exports::{call, keep, party},
    lost::visit,
    matrix::somebody,
    support::{
        Browser, eventually,
        http::Answer,
        office::{Office, PBX},
        program::{Ran, run, start},
    },
};

const NUMBER: &str = "0405550123";
/// What every spelling of it ends with.
const END: &str = "405550123";
const NEIGHBOUR: &str = "0405550124";
const WHY: &str = "Ann asked for it";

struct Scene {
    office: Office,
    folder: TempDir,
    lost: u32,
}

/// A call from a number, told whole; recorded to a file of this name where there is one.
fn from(at: u64, number: &str, file: &str) -> FinishedCall {
    let one = call(at, "");
    let caller = party(number, "Ann Anders", None);
    let agent = party("1003", "Grace", Some("1003"));
    let leg = |id: &str, who: &telephony::Party, role| Leg {
        id: LegId(format!("{}.{id}", one.id.0)),
        channel: format!("PJSIP/{}-00000001", who.number),
        party: who.clone(),
        role,
        state: LegState::Up,
        since: one.started,
        answered: Some(one.started),
        trunk: None,
    };
    let legs = [
        leg("1", &caller, LegRole::Caller),
        leg("2", &agent, LegRole::Callee),
    ];
    let started = MomentKind::Started {
        caller: caller.clone(),
        dialled: "1003".into(),
    };
    let handed_on = MomentKind::BlindTransfer {
        by: agent.clone(),
        to: number.to_owned(),
    };
    let story: Story = [started, handed_on]
        .into_iter()
        .map(|what| Moment {
            at: one.started,
            what,
        })
        .collect();
    let recorded = !file.is_empty();
    FinishedCall {
        caller,
        marks: if recorded { Marks::RECORDED } else { Marks(0) },
        files: recorded.then(|| file.to_owned()).into_iter().collect(),
        told: pack(&legs, &story),
        ..one
    }
}

impl Scene {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let office = Office::open_with(|config| config.pbx[0].recordings = Some(path)).await;
        Self {
            office,
            folder,
            lost: 0,
        }
    }

    fn put(&self, file: &str) {
        let path = self.folder.path().join(file);
        fs::write(&path, "sound of a kind that nobody reads").unwrap();
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(60);
        fs::File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
    }

    fn has(&self, file: &str) -> bool {
        self.folder.path().join(file).exists()
    }

    async fn calls(&mut self, search: CallSearch) -> Vec<CallRow> {
        let page: CallPage = self
            .office
            .browser
            .ask("/api/past_calls", &(search, Turn::Newest))
            .await
            .value();
        page.rows
    }

    async fn of_number(&mut self, number: &str) -> Vec<CallRow> {
        self.calls(CallSearch {
            anyone: number.into(),
            ..CallSearch::default()
        })
        .await
    }

    async fn ready(&mut self, call: i64) {
        eventually("the recording is ready", async || {
            let answer = self.office.browser.ask("/api/call_recordings", &call).await;
            let found: CallRecordings = answer.value();
            found
                .recordings
                .iter()
                .any(|one| one.state == State::Ready)
                .then_some(())
        })
        .await;
    }

    async fn preview(&mut self, number: &str) -> Preview {
        let erasing: Erasing = self.office.browser.ask("/api/erasing", &number).await.value();
        erasing.preview.unwrap()
    }

    async fn erase(&mut self, number: &str, again: &str, purpose: &str) -> Answer {
        erase(&mut self.office.browser, number, again, purpose).await
    }

    async fn command(&self, arguments: &[&str]) -> Ran {
        run(self.office.server.folder.path(), arguments, "").await
    }

    async fn erasures(&self) -> Vec<Erasure> {
        self.office.server.services.store.erasures().await.unwrap()
    }

    async fn database(&self) -> SqliteConnection {
        let file = self.office.server.folder.path().join("starboard.db");
        SqliteConnectOptions::new()
            .filename(file)
            .connect()
            .await
            .unwrap()
    }

    async fn sql(&self, statement: &str) {
        let mut database = self.database().await;
        sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&mut database)
            .await
            .unwrap();
    }

    /// Every table and column in which a text stands, in whatever form the column has.
    async fn where_stands(&self, text: &str) -> Vec<String> {
        let mut database = self.database().await;
        let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut database)
            .await
            .unwrap();
        let mut found = Vec::new();
        for table in tables {
            let columns = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA table_info(\"{table}\")")))
                .fetch_all(&mut database)
                .await
                .unwrap();
            for column in columns {
                let column: String = column.get("name");
                let query = format!(
                    "SELECT count(*) FROM \"{table}\" WHERE instr(CAST(\"{column}\" AS BLOB), CAST(? AS BLOB))"
                );
                let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
                    .bind(text)
                    .fetch_one(&mut database)
                    .await
                    .unwrap();
                if count > 0 {
                    found.push(format!("{table}.{column}"));
                }
            }
        }
        found
    }

    /// Where a text stands in the files of the database, with what is around it.
    fn in_files(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for file in ["starboard.db", "starboard.db-wal"] {
            let bytes = fs::read(self.office.server.folder.path().join(file)).unwrap_or_default();
            for (at, part) in bytes.windows(text.len()).enumerate() {
                if part == text.as_bytes() {
                    let around = &bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())];
                    found.push(format!("{file}: {}", String::from_utf8_lossy(around)));
                }
            }
        }
        found
    }

    /// Calls, how long they took and what came of them, by the hour.
    async fn figures(&self) -> Vec<String> {
        let mut database = self.database().await;
        let query = "SELECT hour || ' ' || direction || ' ' || answered || ' ' || missed || ' ' || duration_ms || ' ' || talk_ms
                     FROM call_hour ORDER BY hour, direction";
        sqlx::query_scalar(query).fetch_all(&mut database).await.unwrap()
    }

    /// What the trail says of erasures, the newest first: outcome, object and all that is remarked.
    async fn trail(&self) -> Vec<(String, String, String)> {
        let rows = self.office.server.services.trail.newest(200).await.unwrap();
        let rows = rows.into_iter().filter(|row| row.act.action == "erase_number");
        rows.map(|row| {
            let detail = format!(
                "{} {}",
                row.act.detail,
                row.ended_detail.clone().unwrap_or_default()
            );
            (row.outcome().to_owned(), row.act.object.clone(), detail)
        })
        .collect()
    }
}

async fn erase(browser: &mut Browser, number: &str, again: &str, purpose: &str) -> Answer {
    let form = [
        ("number", number.to_owned()),
        ("again", again.to_owned()),
        ("purpose", purpose.to_owned()),
    ];
    browser.post("/api/erase_number", &form).await
}

/// Everything that a telephone system tells of a number, and what people wrote of it.
async fn told_of(scene: &mut Scene, number: &str) {
    let digits = number.trim_start_matches('0');
    let last = &number[number.len() - 1..];
    for statement in [
        format!(
            "INSERT INTO cdr (pbx_id, key, content, told_by, linked, start_ms, end_ms, doubt, account, src, dst, context, caller_id,
                channel, dest_channel, application, data, duration_s, billable_s, disposition, ama_flags, uniqueid, linkedid,
                peer_account, user_field, recording, did)
             VALUES (1, CAST('k{last}' AS BLOB), x'00', 1, 'far', 1, 2, '', '', '{number}', '1003', 'in',
                '\"Ann Anders\" <+61{digits}>', 'PJSIP/carrier-1', 'PJSIP/1003-2', 'Dial', 'PJSIP/{number}@carrier,30', 1, 1, 'ANSWERED', '',
                'u', 'far', '', 'said +61 {digits}', 'in-{number}-1003.wav', '')"
        ),
        format!(
            "INSERT INTO cel (pbx_id, linked, at_ms, name, unique_id, channel, number, caller, exten, context, application, data, peer, extra)
             VALUES (1, 'far', 1, 'ANSWER', 'u', 'PJSIP/carrier-1', '{number}', 'Ann Anders', '1003', 'in', 'Dial',
                'PJSIP/+61{digits}@carrier', '', '')"
        ),
        format!(
            "INSERT INTO callback_request (pbx_id, queue, number, name, joined_ms, asked_ms, since_ms, state, serial, attempts, over)
             VALUES (1, 'sales', '{number}', 'Ann Anders', 1, 1, 1, '\"Gone\"', 1, 1, 1)"
        ),
        format!("INSERT INTO callback_wish VALUES (1, 'sales', '{number}', 7, 7)"),
        format!("INSERT INTO callback_call VALUES (1, '{number}', {digits} / 7, 1, 7)"),
        format!("INSERT INTO command_request VALUES (1, 'r{last}', 1, '{{\"Call\":\"{number}\"}}', 1, 1, NULL)"),
        format!("INSERT INTO saved_search (user_id, name, address) VALUES (1, 's{number}x', '/calls/history?q=from%3A%2B61+{digits}')"),
        format!(
            "INSERT INTO mailing (user_id, address, every, at_minute, zone, format, recipients, due_ms, try_ms)
             VALUES (1, '/calls/reports?q=from%3A{number}', 'month', 1, 'UTC', 'pdf', '[]', 9000000000000, 9000000000000)"
        ),
        format!("INSERT INTO recorded_call (pbx_id, named, told, call_id) VALUES (1, 'in-{number}.wav', '/x/in-{number}.wav', 1)"),
    ] {
        scene.sql(&statement).await;
    }
    let call = CallId(format!("sales.{}", scene.lost));
    scene.lost += 1;
    let lost = Visit {
        channel: call.0.clone(),
        call,
        ..visit("sales", number, Left::Abandoned)
    };
    let mut recording = scene.office.server.services.store.record().await.unwrap();
    recording.visit(PBX, None, &lost).await.unwrap();
    recording.commit().await.unwrap();
}

#[tokio::test]
async fn everything_about_a_number_goes_what_is_held_stays_and_so_does_its_neighbour() {
    let mut scene = Scene::open().await;
    for file in [
        "a.mp3",
        "b.mp3",
        "c.mp3",
        "in-0405550123-1003.mp3",
        "in-0405550124-1003.mp3",
    ] {
        scene.put(file);
    }
    let calls = [
        from(0, NUMBER, "/far/a.mp3"),
        from(1, "+61 405 550 123", ""),
        from(2, "0061405550123", "/far/b.mp3"),
        from(3, NEIGHBOUR, "/far/c.mp3"),
        from(4, "1234567", ""),
        // only the story says that the number was on it
        FinishedCall {
            caller: party("0301111111", "Somebody else", None),
            ..from(5, NUMBER, "")
        },
        FinishedCall {
            dialled: NUMBER.into(),
            ..call(6, "")
        },
    ];
    keep(&scene.office.server, calls).await;
    told_of(&mut scene, NUMBER).await;
    told_of(&mut scene, NEIGHBOUR).await;
    let rows = scene.calls(CallSearch::default()).await;
    let id = |at: usize| rows[rows.len() - 1 - at].id;
    for (call, note) in [
        (id(0), "Wants the blue one"),
        (id(3), "Ann said 0405-550-123, not 0405550124"),
    ] {
        let form = [("id", call.to_string()), ("note", note.to_owned())];
        assert!(
            scene
                .office
                .browser
                .post("/api/note_past_call", &form)
                .await
                .status
                < 400
        );
    }
    for call in [id(0), id(2), id(3)] {
        scene.ready(call).await;
    }
    // four were put right by records, and what was seen of them is kept
    for (call, number) in [
        (id(0), NUMBER),
        (id(2), NUMBER),
        (id(3), NEIGHBOUR),
        (id(4), NUMBER),
    ] {
        let seen = serde_json::to_string(&from(0, number, "")).unwrap();
        let statement = format!("INSERT INTO call_seen (id, seen, told) VALUES ({call}, '{seen}', '{{}}')");
        scene.sql(&statement).await;
    }
    eventually("the loose ones are there", async || {
        let all = scene
            .office
            .server
            .services
            .store
            .troubled_recordings(0, 10)
            .await
            .unwrap();
        (all.iter().filter(|one| one.is.state == State::Ready).count() == 2).then_some(())
    })
    .await;
    for (call, said) in [(id(0), "She sounds glad"), (id(3), "Here she says 0405 550 123")] {
        let found: CallRecordings = scene
            .office
            .browser
            .ask("/api/call_recordings", &call)
            .await
            .value();
        let form = [
            ("key", found.recordings[0].key.clone()),
            ("at_s", "0".to_owned()),
            ("said", said.to_owned()),
        ];
        let answer = scene.office.browser.post("/api/comment_recording", &form).await;
        assert!(answer.status < 400, "{answer:?}");
    }
    let held = id(2).to_string();
    scene
        .command(&["recordings", "hold", "--call", &held])
        .await
        .good();
    let figures = scene.figures().await;
    assert_eq!(scene.of_number(NUMBER).await.len(), 3);

    // counted first, in any spelling, and nothing is changed by it
    for spelled in [NUMBER, "+61 405 550 123", "(0405) 550-123"] {
        let preview = scene.preview(spelled).await;
        let tally = preview.tally;
        assert_eq!(
            (tally.calls, tally.recordings, tally.notes),
            (2, 2, 1),
            "{spelled}: {preview:?}"
        );
        assert_eq!(
            (tally.others, preview.held, preview.ours),
            (4, 1, false),
            "{preview:?}"
        );
        assert_eq!((preview.named.len(), preview.named[0].call), (1, Some(id(2))));
    }
    assert_eq!(scene.preview("0405550999").await.tally, Default::default());
    assert_eq!(scene.of_number(NUMBER).await.len(), 3);

    let begun = scene.erase(NUMBER, "+61 405 550 123", WHY).await;
    assert!(begun.status < 400, "{begun:?}");
    let done = eventually("it is erased", async || {
        let erasures = scene.erasures().await;
        erasures.into_iter().find(|one| one.done_ms.is_some())
    })
    .await;
    assert_eq!(
        (done.tally.calls, done.tally.recordings, done.held),
        (4, 2, 1),
        "{done:?}"
    );
    assert_eq!(scene.figures().await, figures, "every figure is as it was");
    let seen: Vec<i64> = sqlx::query_scalar("SELECT id FROM call_seen ORDER BY id")
        .fetch_all(&mut scene.database().await)
        .await
        .unwrap();
    assert_eq!(seen, [id(2), id(3)], "records do not bring it back");
    assert!(!scene.has("a.mp3") && !scene.has("in-0405550123-1003.mp3"));
    assert!(scene.has("b.mp3") && scene.has("c.mp3") && scene.has("in-0405550124-1003.mp3"));
    let left = scene.of_number(NUMBER).await;
    assert_eq!(
        left.iter().map(|row| row.id).collect::<Vec<_>>(),
        [id(2)],
        "what is held is there"
    );
    let erased: CallTold = scene.office.browser.ask("/api/past_call", &id(0)).await.value();
    assert_eq!(erased.row.caller.number, "");
    assert_eq!(
        erased.row.caller.name.as_deref(),
        Some(format!("Erased {}", done.id).as_str())
    );
    assert_eq!(
        (erased.legs.len(), erased.story.len(), erased.notes.len()),
        (2, 2, 0)
    );
    assert!(!format!("{erased:?}").contains("Ann"), "{erased:?}");

    // the neighbour has everything
    let neighbour: CallTold = scene.office.browser.ask("/api/past_call", &id(3)).await.value();
    assert_eq!(neighbour.row.caller.number, NEIGHBOUR);
    assert_eq!(
        neighbour.notes[0].lines.concat(),
        "Ann said (erased), not 0405550124"
    );
    assert_eq!(neighbour.row.caller.name.as_deref(), Some("Ann Anders"));
    let there = scene.where_stands("405550124").await;
    for column in [
        "party.number",
        "call_story.told",
        "visit.number",
        "lost.person",
        "cdr.src",
        "cdr.caller_id",
        "callback_request.number",
        "callback_wish.number",
        "callback_call.number",
        "command_request.command",
        "saved_search.address",
        "mailing.address",
        "recorded_call.told",
        "recording.file",
    ] {
        assert!(there.iter().any(|one| one == column), "{column}: {there:?}");
    }

    // let go, the rest goes too, and the number is nowhere
    scene
        .command(&["recordings", "hold", "--call", &held, "--release"])
        .await
        .good();
    let ran = scene
        .command(&["erase", "--number", NUMBER, "--purpose", WHY, "--json"])
        .await
        .good()
        .json();
    assert_eq!(
        (
            &ran["done"],
            &ran["erased"]["calls"],
            &ran["erased"]["recordings"]
        ),
        (&true.into(), &1.into(), &1.into()),
        "{ran}"
    );
    assert!(!scene.has("b.mp3"));
    assert_eq!(scene.where_stands(END).await, Vec::<String>::new());
    assert_eq!(
        scene.in_files(END),
        Vec::<String>::new(),
        "the files of the database have it no more"
    );
    assert_eq!(scene.of_number(NUMBER).await, Vec::new());
    assert_eq!(scene.figures().await, figures);
    assert_eq!(
        scene.preview(NUMBER).await,
        Preview {
            hint: "number …123".into(),
            ..Preview::default()
        }
    );
    let trail = scene.trail().await;
    assert_eq!(trail.len(), 2);
    for (outcome, object, detail) in trail {
        assert_eq!((outcome.as_str(), object.as_str()), ("done", "number …123"));
        assert!(detail.contains(WHY) && detail.contains("recording"), "{detail}");
    }
    let verdict = scene.command(&["audit", "verify"]).await;
    assert_eq!(verdict.exit, 0, "{verdict:?}");
}

#[tokio::test]
async fn whoever_is_killed_in_the_middle_leaves_work_that_the_next_one_ends() {
    let scene = Scene::open().await;
    let many = 2_400;
    let calls = (0..many).map(|at| from(at, if at % 2 == 0 { NUMBER } else { NEIGHBOUR }, ""));
    keep(&scene.office.server, calls).await;
    let figures = scene.figures().await;
    for least in [1, 300, 700] {
        let mut child = start(scene.office.server.folder.path(), &["erase", "--number", NUMBER]);
        eventually("some of it is erased", async || {
            let erasures = scene.erasures().await;
            let some = erasures.iter().any(|one| one.tally.calls >= least);
            (some || child.try_wait().unwrap().is_some()).then_some(())
        })
        .await;
        let _ = child.kill();
        child.wait().unwrap();
        let erasures = scene.erasures().await;
        assert_eq!(
            erasures.len(),
            1,
            "it is one erasure however often it is gone on with: {erasures:?}"
        );
        assert!(
            erasures[0].done_ms.is_none(),
            "killed before its end: {erasures:?}"
        );
        assert!(
            scene
                .where_stands(END)
                .await
                .contains(&"call_story.told".to_owned())
        );
    }
    scene.command(&["erase", "--number", NUMBER]).await.good();
    let erasures = scene.erasures().await;
    assert_eq!(
        (erasures.len(), erasures[0].tally.calls),
        (1, many / 2),
        "{erasures:?}"
    );
    assert!(erasures[0].done_ms.is_some());
    assert_eq!(scene.where_stands(END).await, Vec::<String>::new());
    assert_eq!(scene.figures().await, figures);
    let outcomes: Vec<String> = scene
        .trail()
        .await
        .into_iter()
        .map(|(outcome, ..)| outcome)
        .collect();
    assert_eq!(outcomes, ["done"], "one act, ended once");
}

#[tokio::test]
async fn a_file_that_cannot_be_removed_is_said_to_be_left_and_goes_when_it_can() {
    let mut scene = Scene::open().await;
    scene.put("a.mp3");
    keep(&scene.office.server, [from(0, NUMBER, "/far/a.mp3")]).await;
    let call = scene.of_number(NUMBER).await[0].id;
    scene.ready(call).await;
    let (there, away) = (
        scene.folder.path().to_owned(),
        scene.folder.path().with_extension("away"),
    );
    fs::rename(&there, &away).unwrap();
    let ran = scene
        .command(&["erase", "--number", NUMBER, "--json"])
        .await
        .good()
        .json();
    assert_eq!(ran["done"], false, "{ran}");
    assert!(
        ran["left"].as_str().unwrap().contains("1 file is still there")
            || ran["left"].as_str().unwrap().contains("1 files"),
        "{ran}"
    );
    let recordings: CallRecordings = scene
        .office
        .browser
        .ask("/api/call_recordings", &call)
        .await
        .value();
    assert_eq!(
        recordings.recordings[0].state,
        State::Doomed,
        "nobody hears it meanwhile"
    );
    let outcomes: Vec<String> = scene
        .trail()
        .await
        .into_iter()
        .map(|(outcome, ..)| outcome)
        .collect();
    assert_eq!(outcomes, ["begun"]);
    fs::rename(&away, &there).unwrap();
    let ran = scene
        .command(&["erase", "--number", "+61405550123", "--json"])
        .await
        .good()
        .json();
    assert_eq!(ran["done"], true, "{ran}");
    assert!(!scene.has("a.mp3"));
    assert_eq!(scene.where_stands(END).await, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_erases_who_may_not_and_nothing_is_erased_by_a_slip() {
    let mut scene = Scene::open().await;
    keep(&scene.office.server, [from(0, NUMBER, "")]).await;
    for role in [BuiltIn::Supervisor, BuiltIn::Agent, BuiltIn::Viewer] {
        let mut other = somebody(&scene.office, role).await;
        assert_eq!(
            erase(&mut other, NUMBER, NUMBER, WHY).await.status,
            403,
            "{role:?}"
        );
        assert_eq!(other.ask("/api/erasing", &NUMBER).await.status, 403, "{role:?}");
    }
    for (number, again, purpose, field) in [
        (NUMBER, NEIGHBOUR, WHY, "again"),
        (NUMBER, "", WHY, "again"),
        (NUMBER, NUMBER, " ", "purpose"),
        (NUMBER, NUMBER, "0405 550 123 asked", "purpose"),
        ("12345", "12345", WHY, "number"),
        ("%", "%", WHY, "number"),
        ("ann@example.org", "ann@example.org", WHY, "number"),
        ("'; DELETE FROM call; --", "x", WHY, "number"),
    ] {
        let answer = scene.erase(number, again, purpose).await;
        assert!(
            answer.status >= 400 && answer.body.contains(field),
            "{number} {again}: {answer:?}"
        );
    }
    let long = scene.erase(NUMBER, NUMBER, &"x".repeat(201)).await;
    assert!(long.status >= 400, "{long:?}");
    // somebody who works here
    scene
        .sql("INSERT INTO user_extension VALUES (1, 1, '555000111', 9)")
        .await;
    let ours = scene.erase("0555000111", "0555000111", WHY).await;
    assert!(ours.status >= 400 && ours.body.contains("phone here"), "{ours:?}");
    assert!(scene.preview("555000111").await.ours);
    // a browser that was left alone
    scene.office.server.long_ago(&scene.office.browser).await;
    let answer = scene.erase(NUMBER, NUMBER, WHY).await;
    assert!(
        answer.status >= 400,
        "who one is has to be shown again: {answer:?}"
    );
    assert_eq!(scene.erasures().await, Vec::new());
    assert_eq!(scene.of_number(NUMBER).await.len(), 1);
    let stands = scene.where_stands(END).await;
    assert!(
        !stands.iter().any(|column| column.starts_with("audit")),
        "no refusal says the number: {stands:?}"
    );
    for (arguments, exit) in [
        (&["erase", "--number", "12345"][..], 2),
        (&["erase", "--number", "0555000111"], 2),
        (&["erase", "--number", NUMBER, "--purpose", NUMBER], 2),
        (&["erase"], 2),
    ] {
        assert_eq!(scene.command(arguments).await.exit, exit, "{arguments:?}");
    }
    let preview = scene
        .command(&["erase", "--number", NUMBER, "--dry-run"])
        .await
        .good()
        .out;
    assert!(
        preview.starts_with("would erase 1 call, 0 recordings, 0 notes, 0 other entries; 0 held\n"),
        "{preview}"
    );
    assert_eq!(scene.of_number(NUMBER).await.len(), 1);
    assert!(Number::of(NUMBER).unwrap().is("+61405550123"));
}

#[tokio::test]
async fn what_is_under_way_is_left_and_said_to_be() {
    let mut scene = Scene::open().await;
    keep(&scene.office.server, [from(0, NUMBER, "")]).await;
    scene
        .sql(
            "INSERT INTO callback_request (pbx_id, queue, number, name, joined_ms, asked_ms, since_ms, state, serial, attempts, over)
             VALUES (1, 'sales', '0405550123', NULL, 1, 1, 1, '\"Gone\"', 1, 1, 0)",
        )
        .await;
    assert_eq!(scene.preview(NUMBER).await.under_way, 1);
    scene.command(&["erase", "--number", NUMBER]).await.good();
    assert_eq!(scene.where_stands(END).await, ["callback_request.number"]);
    assert_eq!(scene.of_number(NUMBER).await, Vec::new());
}
