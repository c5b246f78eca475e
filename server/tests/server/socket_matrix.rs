//! The matrix of the live socket: every message that a page can say, for every role and for strangers.

use app::{
    access::{Ability, BuiltIn, Reach},
    live::protocol::ClientFrame,
};
use telephony::Outcome;

use crate::{
    matrix::somebody,
    support::{
        live::{Live, connect},
        office::{Office, call},
    },
};

/// Rows of a kind, and what shows them.
fn rows(live: &Live) -> [(Ability, usize); 4] {
    let (_, board) = live.pbx();
    [
        (Ability::SeePeople, board.extensions.len()),
        (Ability::SeeCalls, board.calls.len()),
        (Ability::SeeQueues, board.queues.len()),
        (Ability::SeeTrunks, board.trunks.len()),
    ]
}

/// All rows of a kind for whoever sees the PBX, and fewer for whoever sees their own and their teams'.
fn shows_what_the_role_shows(live: &Live, everything: &Live, role: BuiltIn, when: &str) {
    for ((ability, seen), (_, there)) in rows(live).into_iter().zip(rows(everything)) {
        let whole = matches!(role.abilities().reach(ability), Reach::Pbx | Reach::All);
        assert!(seen <= there && there > 0, "{role:?}, {when}: {seen} of {there}");
        assert_eq!(
            seen == there,
            whole,
            "{role:?}, {when}: {seen} of {there} rows of {ability:?}"
        );
    }
}

#[tokio::test]
async fn whatever_a_page_says_it_is_shown_what_the_role_shows() {
    let mut office = Office::open().await;
    let called = office.outcome("a-call-to-see", call("1001", "1002")).await;
    assert_eq!(called, Outcome::Accepted);
    office.pbx.answer("1001").await.unwrap();
    office.sees("the call", |board| !board.calls.is_empty()).await;
    for role in BuiltIn::EVERY {
        let browser = somebody(&office, role).await;
        let mut live = Live::open(&browser).await;
        shows_what_the_role_shows(&live, &office.live, role, "at first");
        for (said, snapshots) in [
            (ClientFrame::SnapshotPlease, 2),
            (ClientFrame::Visible(false), 2),
            (ClientFrame::Visible(true), 3),
        ] {
            let when = format!("{said:?}");
            live.say(said).await;
            live.until(&when, |live| live.snapshots == snapshots).await;
            shows_what_the_role_shows(&live, &office.live, role, &when);
        }
    }
}

#[tokio::test]
async fn the_socket_is_for_sessions_and_for_our_own_pages() {
    let office = Office::open().await;
    let origin = office.browser.origin.as_deref();
    let cookie = office.browser.cookie.as_deref();
    let refused = async |cookie, origin| connect(office.server.address, cookie, origin).await.unwrap_err();
    assert_eq!(refused(None, origin).await, 401, "a stranger");
    assert_eq!(
        refused(Some("sid=somebody"), origin).await,
        401,
        "a cookie of no session"
    );
    assert_eq!(
        refused(cookie, Some("https://evil.example")).await,
        403,
        "another site"
    );
    assert_eq!(refused(cookie, None).await, 403, "no page at all");
}
