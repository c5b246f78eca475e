//! What people say of calls: kept, found by, and for those alone who see the call.

use app::{
    AppError,
    access::BuiltIn,
    model::{
        UserId,
        history::{
            CallPage, CallSearch, CallTold, MAX_NOTE_CHARS, MAX_NOTES, MAX_SAVED, MAX_TAGS, SavedSearch, Turn,
        },
        people::TeamForm,
    },
};

use crate::{
    call_exports::{call, keep, party},
    supervision::somebody,
    support::{Browser, TestServer, http::Answer, office::Office},
};

async fn found(browser: &mut Browser, search: CallSearch) -> CallPage {
    browser
        .ask("/api/past_calls", &(search, Turn::Newest))
        .await
        .value()
}

async fn say(browser: &mut Browser, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let pairs: Vec<(&str, String)> = pairs
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    browser.post(path, &pairs).await
}

fn of(change: impl FnOnce(&mut CallSearch)) -> CallSearch {
    let mut search = CallSearch::default();
    change(&mut search);
    search
}

#[tokio::test]
async fn a_call_is_found_by_its_tags_and_by_what_was_noted() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    keep(&server, (0..300).map(|at| call(at, ""))).await;
    let all = found(&mut ada, CallSearch::default()).await;
    let (first, second) = (all.rows[7].id.to_string(), all.rows[40].id.to_string());
    for (path, id, name, value) in [
        (
            "/api/note_past_call",
            &first,
            "note",
            " Wants the BLUE one; 50% off \u{202e}'); DROP TABLE call_note;-- ",
        ),
        ("/api/note_past_call", &second, "note", "Asked for Özgür"),
        ("/api/tag_past_call", &first, "tag", "VIP"),
        ("/api/tag_past_call", &first, "tag", "vip"),
        ("/api/tag_past_call", &second, "tag", "vip"),
        ("/api/tag_past_call", &second, "tag", "later"),
    ] {
        let answer = say(&mut ada, path, &[("id", id), (name, value)]).await;
        assert!(answer.status < 400, "{path} {answer:?}");
    }
    for (search, ids) in [
        (of(|search| search.note = "blue ONE".into()), vec![&first]),
        (of(|search| search.note = "%".into()), vec![&first]),
        (of(|search| search.note = "özgür".into()), vec![&second]),
        (of(|search| search.noted = true), vec![&first, &second]),
        (of(|search| search.tag = "Vip".into()), vec![&first, &second]),
        (
            of(|search| (search.tag, search.note) = ("vip".into(), "özg".into())),
            vec![&second],
        ),
        (
            of(|search| (search.tag, search.extension) = ("vip".into(), "1003".into())),
            vec![&first, &second],
        ),
        (
            of(|search| (search.tag, search.extension) = ("vip".into(), "1004".into())),
            vec![],
        ),
        (of(|search| search.tag = "vi".into()), vec![]),
    ] {
        let page = found(&mut ada, search.clone()).await;
        let told: Vec<String> = page.rows.iter().map(|row| row.id.to_string()).collect();
        assert_eq!(told.iter().collect::<Vec<_>>(), ids, "{search:?}");
        assert_eq!((page.found, page.more), (ids.len() as u64, false), "{search:?}");
    }
    let id = all.rows[40].id;
    let page = found(&mut ada, CallSearch::default()).await;
    assert_eq!(page.said[&id], (vec!["later".into(), "vip".into()], 1));
    let told: CallTold = ada.ask("/api/past_call", &id).await.value();
    assert_eq!(
        (told.notes[0].lines[0].as_str(), told.notes[0].name.as_str()),
        ("Asked for Özgür", "Ada")
    );
    assert_eq!(
        (told.tags, told.known_tags.len()),
        (vec!["later".into(), "vip".into()], 2)
    );
    // and gone again
    let note = told.notes[0].id.to_string();
    assert!(
        say(&mut ada, "/api/unnote_past_call", &[("id", &note)])
            .await
            .status
            < 400
    );
    assert!(
        say(
            &mut ada,
            "/api/untag_past_call",
            &[("id", &second), ("tag", "later")]
        )
        .await
        .status
            < 400
    );
    let told: CallTold = ada.ask("/api/past_call", &id).await.value();
    assert_eq!((told.notes.len(), told.tags), (0, vec!["vip".to_owned()]));
}

#[tokio::test]
async fn nobody_says_anything_of_a_call_that_they_do_not_see_or_removes_a_note_of_others() {
    let office = Office::open().await;
    let (server, mut ada) = (&office.server, office.browser.clone());
    let theirs = telephony::FinishedCall {
        callee: party("1005", "Dana", Some("1005")),
        ..call(2, "")
    };
    keep(server, [call(1, ""), theirs]).await;
    let rows = found(&mut ada, CallSearch::default()).await.rows;
    let (others, own) = (rows[0].id.to_string(), rows[1].id.to_string());
    let (_, mut grace) = somebody(server, "grace", BuiltIn::Agent, "1003").await;
    for (path, name) in [
        ("/api/note_past_call", "note"),
        ("/api/tag_past_call", "tag"),
        ("/api/untag_past_call", "tag"),
    ] {
        let answer = say(&mut grace, path, &[("id", &others), (name, "x")]).await;
        assert_eq!(
            (answer.status, answer.value::<AppError>()),
            (404, AppError::NotFound),
            "{path}"
        );
    }
    assert!(
        say(&mut ada, "/api/note_past_call", &[("id", &own), ("note", "mine")])
            .await
            .status
            < 400
    );
    let told: CallTold = grace.ask("/api/past_call", &rows[1].id).await.value();
    let note = told.notes[0].id.to_string();
    assert_eq!(
        say(&mut grace, "/api/unnote_past_call", &[("id", &note)])
            .await
            .status,
        404
    );
    let trail = server.services.trail.newest(20).await.unwrap();
    let noted: Vec<_> = trail
        .iter()
        .filter(|row| row.act.action == "note_past_call")
        .collect();
    assert!(
        noted.iter().any(|row| row.outcome() == "done") && noted.iter().any(|row| row.outcome() == "refused")
    );
    // what was said stands in the page, not in the trail
    assert!(!trail.iter().any(|row| row.act.detail.contains("mine")));
}

#[tokio::test]
async fn what_is_too_long_or_too_much_is_refused_by_name_and_nothing_is_kept() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    keep(&server, [call(1, "")]).await;
    let id = found(&mut ada, CallSearch::default()).await.rows[0].id;
    let own = id.to_string();
    let long = "n".repeat(MAX_NOTE_CHARS + 1);
    for (path, name, value) in [
        ("/api/note_past_call", "note", " "),
        ("/api/note_past_call", "note", long.as_str()),
        ("/api/tag_past_call", "tag", "two words"),
        ("/api/tag_past_call", "tag", ""),
        ("/api/tag_past_call", "tag", "a:b"),
        (
            "/api/tag_past_call",
            "tag",
            "sixteen-letters-and-then-some-more-of-them",
        ),
    ] {
        let answer = say(&mut ada, path, &[("id", &own), (name, value)]).await;
        assert!((400..500).contains(&answer.status), "{path} {value}: {answer:?}");
        assert!(
            format!("{:?}", answer.value::<AppError>()).contains(name),
            "{answer:?}"
        );
    }
    for at in 0..MAX_NOTES.max(MAX_TAGS) + 2 {
        let text = format!("n{at}");
        say(&mut ada, "/api/note_past_call", &[("id", &own), ("note", &text)]).await;
        say(&mut ada, "/api/tag_past_call", &[("id", &own), ("tag", &text)]).await;
    }
    let told: CallTold = ada.ask("/api/past_call", &id).await.value();
    assert_eq!(
        (told.notes.len(), told.tags.len()),
        (MAX_NOTES as usize, MAX_TAGS as usize)
    );
}

#[tokio::test]
async fn searches_are_kept_by_name_each_for_their_own_person() {
    let office = Office::open().await;
    let mut ada = office.browser.clone();
    let (_, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
    let address = "/calls/history?q=missed&time=7";
    for (name, address) in [
        ("Missed", "/calls/history?q=missed"),
        ("By queue", "/calls/reports?by=queue"),
        ("Missed", address),
    ] {
        let answer = say(
            &mut ada,
            "/api/save_search",
            &[("name", name), ("address", address)],
        )
        .await;
        assert!(answer.status < 400, "{answer:?}");
    }
    let saved: Vec<SavedSearch> = ada.ask("/api/saved_searches", &()).await.value();
    let told: Vec<(&str, &str)> = saved
        .iter()
        .map(|one| (one.name.as_str(), one.address.as_str()))
        .collect();
    assert_eq!(
        told,
        [("By queue", "/calls/reports?by=queue"), ("Missed", address)]
    );
    for (name, address) in [("", address), ("x", "https://x.example"), ("x", "/admin/users")] {
        let answer = say(
            &mut ada,
            "/api/save_search",
            &[("name", name), ("address", address)],
        )
        .await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    let id = saved[1].id.to_string();
    assert_eq!(
        say(&mut grace, "/api/forget_search", &[("id", &id)]).await.status,
        404
    );
    let none: Vec<SavedSearch> = grace.ask("/api/saved_searches", &()).await.value();
    assert!(none.is_empty());
    assert!(say(&mut ada, "/api/forget_search", &[("id", &id)]).await.status < 400);
    for at in 0..MAX_SAVED + 2 {
        let name = format!("n{at}");
        say(
            &mut ada,
            "/api/save_search",
            &[("name", &name), ("address", address)],
        )
        .await;
    }
    let saved: Vec<SavedSearch> = ada.ask("/api/saved_searches", &()).await.value();
    assert_eq!(saved.len(), MAX_SAVED as usize);
}

#[tokio::test]
async fn calls_are_found_by_people_and_teams_as_far_as_these_are_seen() {
    let office = Office::open().await;
    let mut ada = office.browser.clone();
    let theirs = telephony::FinishedCall {
        callee: party("1005", "Dana", Some("1005")),
        queue: Some("sales".into()),
        ..call(2, "")
    };
    let support = telephony::FinishedCall {
        queue: Some("support".into()),
        ..call(1, "")
    };
    keep(&office.server, [support, theirs, call(3, "")]).await;
    let (grace, mut agent) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
    let (dana, _) = somebody(&office.server, "dana", BuiltIn::Agent, "1005").await;
    let team = TeamForm {
        id: None,
        name: "Night shift".into(),
        members: vec![UserId(grace), UserId(dana)],
        queues: Vec::new(),
    };
    office.server.services.store.save_team(&team, 1).await.unwrap();
    for (search, calls) in [
        (of(|search| search.user = "GRACE".into()), 2),
        (of(|search| search.user = "dana".into()), 1),
        (of(|search| search.user = "nobody".into()), 0),
        (of(|search| search.team = "night SHIFT".into()), 3),
        (
            of(|search| (search.team, search.user) = ("night shift".into(), "dana".into())),
            1,
        ),
        (of(|search| search.team = "day shift".into()), 0),
        (of(|search| search.user = "me".into()), 0),
        (of(|search| search.queue = "sales,support".into()), 2),
        (of(|search| search.queue = "sales, nowhere".into()), 1),
    ] {
        assert_eq!(found(&mut ada, search.clone()).await.found, calls, "{search:?}");
    }
    assert_eq!(
        found(&mut agent, of(|search| search.user = "me".into()))
            .await
            .found,
        2
    );
    let answer = agent
        .ask(
            "/api/past_calls",
            &(of(|search| search.user = "dana".into()), Turn::Newest),
        )
        .await;
    assert_eq!(answer.status, 403, "{answer:?}");
}
