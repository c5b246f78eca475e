//! The audit trail holds: whatever somebody does to the database file is found, and the first wrong row is named.

use std::path::{Path, PathBuf};

use app::audit::{Action, AuditQuery, Fact, Outcome};
use server::{
    clock::wall_ms,
    seal::Seal,
    store::Store,
    trail::{
        Trail, Who,
        verify::{Verdict, verify},
    },
};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

const DAY_MS: u64 = 24 * 3600 * 1000;

/// A trail in a file, and the means to change the file behind its back.
struct Book {
    _folder: TempDir,
    path: PathBuf,
    store: Store,
    seal: Seal,
    trail: Trail,
}

impl Book {
    async fn open() -> Self {
        Self::open_in(tempfile::tempdir().unwrap()).await
    }

    async fn open_in(folder: TempDir) -> Self {
        let path = folder.path().join("starboard.db");
        let store = Store::open(&path).await.unwrap();
        let seal = Seal::open(&folder.path().join("starboard.key")).unwrap();
        let trail = Trail::open(&store, &seal).await.unwrap();
        Self {
            _folder: folder,
            path,
            store,
            seal,
            trail,
        }
    }

    /// Rows 2 to 2n + 1: n acts of Ada, each with its outcome. Row 1 says that the trail begins.
    async fn with_acts(acts: usize) -> Self {
        let book = Self::open().await;
        for act in 0..acts {
            book.act(&format!("call {act}")).await;
        }
        book
    }

    async fn act(&self, object: &str) {
        let who = Who::user(1, "ada");
        let facts = [Fact::changed("host", Some("a".into()), Some("b".into()))];
        let act = self
            .trail
            .begin(who, "192.0.2.1", Action::HangUp, object, &facts)
            .await
            .unwrap();
        self.trail.end(act, Outcome::Done, &[]).await;
    }

    async fn verdict(&self) -> Verdict {
        verify(&self.store, self.trail.keys()).await.unwrap()
    }

    /// As another process that has just started finds it.
    async fn verdict_from_afresh(&self) -> Verdict {
        let store = Store::open(&self.path).await.unwrap();
        let trail = Trail::open(&store, &self.seal).await.unwrap();
        let verdict = verify(&store, trail.keys()).await.unwrap();
        store.close().await;
        verdict
    }

    /// The first wrong row.
    async fn broken_at(&self) -> (i64, String) {
        match self.verdict().await {
            Verdict::Broken { row, what, .. } => (row, what),
            whole => panic!("nothing was found: {whole:?}"),
        }
    }

    async fn forge(&self, statements: &[&str]) {
        forge(&self.path, statements).await;
    }
}

/// Changes the file as somebody would who has it open in another program.
pub(crate) async fn forge(path: &Path, statements: &[&str]) {
    let mut connection: SqliteConnection = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false)
        .connect()
        .await
        .unwrap();
    for statement in statements {
        sqlx::query(sqlx::AssertSqlSafe((*statement).to_owned()))
            .execute(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

const NO_TRIGGERS: [&str; 4] = [
    "DROP TRIGGER audit_is_not_changed",
    "DROP TRIGGER audit_is_not_deleted",
    "DROP TRIGGER audit_grows_at_its_end",
    "DROP TRIGGER audit_head_stays",
];

#[tokio::test]
async fn an_untouched_trail_is_whole_also_for_another_process_while_rows_are_written() {
    let book = Book::with_acts(3).await;
    let Verdict::Whole { first, rows, last_id } = book.verdict().await else {
        panic!("broken");
    };
    assert_eq!((first.unwrap().0, rows, last_id), (1, 7, 7));
    let writing = async {
        for act in 0..50 {
            book.act(&format!("meanwhile {act}")).await;
        }
    };
    let verifying = async {
        for _ in 0..5 {
            let verdict = book.verdict_from_afresh().await;
            assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
        }
    };
    tokio::join!(writing, verifying);
    assert!(matches!(book.verdict().await, Verdict::Whole { rows: 107, .. }));
}

#[tokio::test]
async fn every_column_of_a_changed_row_is_found() {
    for change in [
        "at_ms = at_ms + 1",
        "act_id = 99",
        "actor_id = 2",
        "actor_id = NULL",
        "actor = 'eve'",
        "address = '192.0.2.2'",
        "action = 'park'",
        "object = 'call 8'",
        "detail = ''",
        "outcome = 'refused'",
        "hash = zeroblob(32)",
    ] {
        let book = Book::with_acts(3).await;
        book.forge(&NO_TRIGGERS).await;
        book.forge(&[&format!("UPDATE audit SET {change} WHERE id = 4")])
            .await;
        let (row, what) = book.broken_at().await;
        assert_eq!(row, 4, "{change}: {what}");
    }
}

#[tokio::test]
async fn a_deleted_an_inserted_and_a_moved_row_are_found() {
    for (statements, wrong, says) in [
        (&["DELETE FROM audit WHERE id = 4"][..], 4, "missing"),
        (&["DELETE FROM audit WHERE id IN (4, 5)"], 4, "rows 4 to 5 are missing"),
        (
            &[
                "DELETE FROM audit WHERE id = 4",
                "UPDATE audit SET id = id - 1 WHERE id > 4",
                "UPDATE audit_head SET last_id = last_id - 1",
            ],
            4,
            "changed",
        ),
        (
            &[
                "UPDATE audit SET id = -id WHERE id > 4",
                "UPDATE audit SET id = 1 - id WHERE id < 0",
                "INSERT INTO audit SELECT 5, at_ms, act_id, actor_id, actor, address, action, 'forged', detail, outcome,
                 key_id, hash FROM audit WHERE id = 2",
                "UPDATE audit_head SET last_id = last_id + 1",
            ],
            5,
            "changed, inserted, or moved",
        ),
        (
            &[
                "UPDATE audit SET id = 100 WHERE id = 4",
                "UPDATE audit SET id = 4 WHERE id = 6",
                "UPDATE audit SET id = 6 WHERE id = 100",
            ],
            4,
            "moved",
        ),
        (
            &["INSERT INTO audit SELECT 8, at_ms, NULL, actor_id, actor, address, action, object, detail, outcome, key_id, hash
               FROM audit WHERE id = 6"],
            8,
            "changed, inserted",
        ),
        (
            &["INSERT INTO audit SELECT 0, at_ms, NULL, actor_id, actor, address, action, object, detail, outcome, key_id, hash
               FROM audit WHERE id = 6"],
            0,
            "before the beginning",
        ),
        (&["DELETE FROM audit WHERE id = 1"], 1, "missing"),
    ] {
        let book = Book::with_acts(3).await;
        book.forge(&NO_TRIGGERS).await;
        book.forge(statements).await;
        let (row, what) = book.broken_at().await;
        assert_eq!(row, wrong, "{statements:?}: {what}");
        assert!(what.contains(says), "{statements:?}: {what}");
    }
}

#[tokio::test]
async fn a_cut_off_end_is_found_whatever_is_done_to_the_sealed_head() {
    for head in [
        "UPDATE audit_head SET first_id = 1",
        "UPDATE audit_head SET last_id = 5, last_hash = (SELECT hash FROM audit WHERE id = 5)",
        "UPDATE audit_head SET last_id = 5, last_hash = (SELECT hash FROM audit WHERE id = 5), mac = zeroblob(32)",
    ] {
        let book = Book::with_acts(3).await;
        book.forge(&NO_TRIGGERS).await;
        book.forge(&["DELETE FROM audit WHERE id > 5", head]).await;
        let (row, what) = book.broken_at().await;
        assert_eq!(row, 6, "{head}: {what}");
    }
    let book = Book::with_acts(1).await;
    book.forge(&NO_TRIGGERS).await;
    book.forge(&["DELETE FROM audit_head"]).await;
    assert_eq!(book.broken_at().await.0, 1);
}

#[tokio::test]
async fn a_fault_at_the_end_stays_found_when_the_trail_goes_on() {
    let book = Book::with_acts(3).await;
    book.forge(&NO_TRIGGERS).await;
    book.forge(&[
        "DELETE FROM audit WHERE id > 5",
        "UPDATE audit_head SET last_id = 5, last_hash = (SELECT hash FROM audit WHERE id = 5)",
    ])
    .await;
    book.act("what must be written is written").await;
    let (row, what) = book.broken_at().await;
    assert_eq!(row, 6);
    assert!(what.contains("Starboard itself found"), "{what}");
    let newest = book.trail.newest(2).await.unwrap();
    assert_eq!(newest[0].act.object, "what must be written is written");
    assert_eq!(newest[1].act.action, "trail_broken");
}

#[tokio::test]
async fn an_older_end_put_back_is_noticed_by_the_server_that_wrote_the_newer_one() {
    let book = Book::with_acts(1).await;
    let save = "CREATE TABLE kept AS SELECT * FROM audit_head";
    book.forge(&[save]).await;
    book.act("to be forgotten").await;
    book.forge(&NO_TRIGGERS).await;
    book.forge(&[
        "DELETE FROM audit WHERE id > 3",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head SELECT * FROM kept",
    ])
    .await;
    assert!(
        matches!(book.verdict().await, Verdict::Whole { .. }),
        "the file alone cannot tell"
    );
    book.act("the next").await;
    let (row, what) = book.broken_at().await;
    assert!(row == 4 && what.contains("are gone"), "{row}: {what}");
}

#[tokio::test]
async fn the_database_itself_refuses_changes_deletions_and_rows_out_of_order() {
    let book = Book::with_acts(2).await;
    for statement in [
        "UPDATE audit SET actor = 'eve'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 5",
        "DELETE FROM audit_head",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE id = 3",
        "INSERT INTO audit SELECT 9, at_ms, NULL, NULL, '', '', '', '', '', '', key_id, hash FROM audit WHERE id = 3",
    ] {
        let mut connection: SqliteConnection = SqliteConnectOptions::new()
            .filename(&book.path)
            .connect()
            .await
            .unwrap();
        let refused = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("audit trail"), "{statement}: {refused}");
    }
    assert!(matches!(book.verdict().await, Verdict::Whole { rows: 5, .. }));
}

#[tokio::test]
async fn old_rows_go_as_a_whole_that_is_told_and_the_rest_stays_whole() {
    let book = Book::with_acts(3).await;
    let now_ms = wall_ms();
    assert_eq!(book.trail.cut(365, now_ms).await.unwrap(), 0, "nothing is old");
    assert_eq!(
        book.trail.cut(0, now_ms + 10_000 * DAY_MS).await.unwrap(),
        0,
        "for ever"
    );
    let later_ms = now_ms + 366 * DAY_MS;
    assert_eq!(book.trail.cut(365, later_ms).await.unwrap(), 7);
    let Verdict::Whole { first, rows, .. } = book.verdict_from_afresh().await else {
        panic!("{:?}", book.verdict().await);
    };
    assert_eq!((first.unwrap().0, rows), (8, 1));
    let told = &book.trail.newest(1).await.unwrap()[0];
    assert_eq!(
        (told.act.action.as_str(), told.act.object.as_str()),
        ("trail_cut", "rows 1 to 7")
    );
    book.act("life goes on").await;
    // what lies before the sealed beginning is no longer missed; what lies behind it is
    book.forge(&NO_TRIGGERS).await;
    book.forge(&["DELETE FROM audit WHERE id = 8"]).await;
    assert_eq!(book.broken_at().await.0, 8);
}

#[tokio::test]
async fn what_an_earlier_version_wrote_is_carried_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("starboard.db");
    let store = Store::open(&path).await.unwrap();
    forge(
        &path,
        &[
            "INSERT INTO audit_before VALUES (1, 1000, 'ada', '192.0.2.1', 'sign_in', 'ada', 'done')",
            "INSERT INTO audit_before VALUES (7, 2000, 'ada', '192.0.2.1', 'call', 'pbx 1: from 1 to 2', 'refused: this call has ended')",
            "INSERT INTO audit_before VALUES (8, 3000, 'ada', '192.0.2.1', 'park', 'x', NULL)",
        ],
    )
    .await;
    store.close().await;
    let book = Book::open_in(folder).await;
    assert!(matches!(book.verdict().await, Verdict::Whole { rows: 6, .. }));
    let rows = book.trail.newest(10).await.unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.act.at_ms, row.act.action.as_str(), row.outcome()))
        .collect();
    assert_eq!(
        told[1..],
        [
            (3000, "park", "begun"),
            (2000, "call", "refused"),
            (1000, "sign_in", "done")
        ]
    );
    assert_eq!(told[0].1, "trail_begun");
    assert!(
        rows[2]
            .ended_detail
            .as_deref()
            .unwrap()
            .contains("this call has ended")
    );
    assert!(matches!(
        book.verdict_from_afresh().await,
        Verdict::Whole { rows: 6, .. }
    ));
}

#[tokio::test]
async fn another_key_file_leaves_no_mark_and_one_that_is_given_up_does_for_ever() {
    let book = Book::with_acts(1).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let seal = Seal::open(&elsewhere.path().join("key")).unwrap();
    assert!(
        Trail::open(&book.store, &seal).await.is_err(),
        "a slip is refused"
    );
    assert!(matches!(
        book.verdict_from_afresh().await,
        Verdict::Whole { rows: 3, .. }
    ));
    let trail = Trail::give_up_key(&book.store, &seal).await.unwrap();
    let act = trail
        .begin(Who::itself(), "", Action::TestPbx, "x", &[])
        .await
        .unwrap();
    trail.end(act, Outcome::Done, &[]).await;
    let verdict = verify(&book.store, trail.keys()).await.unwrap();
    let Verdict::Broken { row: 1, what, .. } = verdict else {
        panic!("{verdict:?}");
    };
    assert!(what.contains("key does not open"), "{what}");
}

#[tokio::test]
async fn filters_find_what_they_say_and_pages_join() {
    let book = Book::with_acts(5).await;
    let other = Who::command_line("root");
    let act = book
        .trail
        .begin(other, "", Action::AddUser, "user 100%_eve", &[])
        .await
        .unwrap();
    book.trail
        .end(act, Outcome::Failed, &[Fact::told("why", "taken")])
        .await;
    let objects = async |query: AuditQuery, most: u32| {
        let search = book.store.search_trail(&query, most).await.unwrap();
        let objects: Vec<String> = search
            .found
            .iter()
            .map(|found| found.act.object.clone())
            .collect();
        (objects, search.older)
    };
    let of = |change: fn(&mut AuditQuery)| {
        let mut query = AuditQuery::default();
        change(&mut query);
        query
    };
    let eve = vec!["user 100%_eve".to_owned()];
    for query in [
        of(|query| query.text = "100%_E".into()),
        of(|query| query.text = "TAKEN".into()),
        of(|query| query.actor = "cli".into()),
        of(|query| query.actor = "cli:root".into()),
        of(|query| query.action = Some(Action::AddUser)),
        of(|query| query.outcome = Some(Outcome::Failed)),
    ] {
        assert_eq!(objects(query, 10).await, (eve.clone(), None));
    }
    assert_eq!(
        objects(of(|query| query.text = "0%0".into()), 10).await,
        (vec![], None)
    );
    assert_eq!(
        objects(of(|query| query.actor = "cl".into()), 10).await,
        (vec![], None)
    );
    let (first, older) = objects(of(|query| query.actor = "ada".into()), 3).await;
    assert_eq!(first, ["call 4", "call 3", "call 2"]);
    let mut next = of(|query| query.actor = "ada".into());
    next.before = older;
    assert_eq!(
        objects(next, 3).await,
        (vec!["call 1".into(), "call 0".into()], None)
    );
    let now_ms = wall_ms();
    let mut window = AuditQuery {
        from_ms: Some(now_ms - DAY_MS),
        to_ms: Some(now_ms + DAY_MS),
        ..AuditQuery::default()
    };
    assert_eq!(objects(window.clone(), 10).await.0.len(), 7);
    window.to_ms = Some(now_ms - DAY_MS);
    assert_eq!(objects(window.clone(), 10).await.0.len(), 0);
    window = AuditQuery {
        from_ms: Some(now_ms + DAY_MS),
        ..AuditQuery::default()
    };
    assert_eq!(objects(window, 10).await.0.len(), 0);
}
