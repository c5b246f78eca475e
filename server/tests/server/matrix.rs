//! The matrix: every page, every server function and the live socket, for every role and for strangers, against the
//! table of abilities. What is not in this file's tables is not reachable, or this test fails.

use std::collections::BTreeSet;

use app::{
    App,
    access::{ABILITIES, Ability, BuiltIn},
    model::OwnExtension,
};
use leptos_axum::generate_route_list;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{
    Browser, PASSWORD,
    office::{Office, PBX},
};

/// Whom a server function answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// Anybody.
    Anybody,
    /// Whoever has typed the right password and is asked for more; `second_factor` walks it with them.
    Halfway,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever has one of these.
    Holders(&'static [Ability]),
}

type Function = (&'static str, &'static [(&'static str, &'static str)], For);

/// Every server function: its path, a form that does no harm where it is let through, and whom it answers.
const FUNCTIONS: &[Function] = {
    use Ability::*;
    use For::*;
    &[
        ("/api/doorstep", &[], Anybody),
        ("/api/sign_in", &[("username", ""), ("password", "")], Anybody),
        (
            "/api/set_up",
            &[
                ("token", "x"),
                ("username", "x"),
                ("display_name", "x"),
                ("password", "x"),
                ("password_again", "y"),
            ],
            Anybody,
        ),
        ("/api/sign_out", &[], Anybody),
        ("/api/invited", &[("token", "x")], Anybody),
        (
            "/api/accept",
            &[("token", "x"), ("password", "x"), ("password_again", "y")],
            Anybody,
        ),
        ("/api/ask_passkey", &[], Anybody),
        ("/api/passkey_sign_in", ANSWER, Anybody),
        ("/api/second_ways", &[], Halfway),
        ("/api/second_code", &[("code", "x")], Halfway),
        ("/api/ask_second", &[], Halfway),
        ("/api/second_passkey", ANSWER, Halfway),
        ("/api/security", &[], SignedIn),
        (
            "/api/change_password",
            &[("password_now", ""), ("password", ""), ("password_again", "")],
            SignedIn,
        ),
        ("/api/end_session", &[("id", "x")], SignedIn),
        ("/api/end_other_sessions", &[], SignedIn),
        ("/api/begin_app", &[], SignedIn),
        ("/api/setting_up", &[], SignedIn),
        ("/api/add_app", &[("code", "x")], SignedIn),
        ("/api/remove_app", &[], SignedIn),
        ("/api/ask_new_passkey", &[], SignedIn),
        ("/api/add_passkey", ANSWER, SignedIn),
        ("/api/rename_passkey", &[("id", "99"), ("name", "x")], SignedIn),
        ("/api/remove_passkey", &[("id", "99")], SignedIn),
        ("/api/renew_codes", &[], SignedIn),
        ("/api/codes", &[], SignedIn),
        ("/api/put_codes_away", &[], SignedIn),
        ("/api/confirm_ways", &[], SignedIn),
        ("/api/confirm", &[("proof", "")], SignedIn),
        ("/api/ask_confirm", &[], SignedIn),
        ("/api/confirm_passkey", ANSWER, SignedIn),
        ("/api/reset_factors", &[("user", "99")], Holders(&[ManageUsers])),
        (
            "/api/save_profile",
            &[("display_name", ""), ("own", "")],
            SignedIn,
        ),
        (
            "/api/place_call",
            &[("to", ""), ("request_id", "walk-the-matrix")],
            SignedIn,
        ),
        ("/api/view_as", &[("user", "0")], SignedIn),
        ("/api/pbx_connections", &[], Holders(&[ManageConnections])),
        ("/api/save_pbx", PBX_FORM, Holders(&[ManageConnections])),
        ("/api/test_pbx", PBX_FORM, Holders(&[ManageConnections])),
        (
            "/api/test_saved_pbx",
            &[("id", "99")],
            Holders(&[ManageConnections]),
        ),
        ("/api/delete_pbx", &[("id", "99")], Holders(&[ManageConnections])),
        (
            "/api/people",
            &[],
            Holders(&[SeeUsers, ManageUsers, ManageTeams, ManageRoles]),
        ),
        (
            "/api/save_user",
            &[("id", "99"), ("display_name", "x"), ("role", "3")],
            Holders(&[ManageUsers]),
        ),
        ("/api/invite_user", &[("id", "99")], Holders(&[ManageUsers])),
        (
            "/api/set_user_disabled",
            &[("id", "99"), ("disabled", "true")],
            Holders(&[ManageUsers]),
        ),
        ("/api/end_user_sessions", &[("id", "99")], Holders(&[ManageUsers])),
        (
            "/api/import_users",
            &[("csv", ""), ("do_it", "true")],
            Holders(&[ManageUsers]),
        ),
        (
            "/api/save_team",
            &[("id", "99"), ("name", "")],
            Holders(&[ManageTeams]),
        ),
        ("/api/delete_team", &[("id", "99")], Holders(&[ManageTeams])),
        (
            "/api/save_role",
            &[("id", "99"), ("name", "")],
            Holders(&[ManageRoles]),
        ),
        ("/api/delete_role", &[("id", "99")], Holders(&[ManageRoles])),
        ("/api/desk", &[], SignedIn),
        ("/api/mailings", &[], SignedIn),
        ("/api/saved_searches", &[], SignedIn),
        (
            "/api/save_search",
            &[("name", ""), ("address", "/")],
            Holders(&[SeeCalls]),
        ),
        ("/api/forget_search", &[("id", "99")], Holders(&[SeeCalls])),
        (
            "/api/begin_mailing",
            &[
                ("address", ""),
                ("every", ""),
                ("at", ""),
                ("zone", ""),
                ("format", ""),
                ("to", ""),
            ],
            Holders(&[SeeCalls]),
        ),
        ("/api/send_mailing", &[("id", "99")], Holders(&[SeeCalls])),
        ("/api/end_mailing", &[("id", "99")], Holders(&[SeeCalls])),
        ("/api/say_of_call", &[("visit", "99")], Holders(&[ServeQueues])),
        (
            "/api/note_past_call",
            &[("id", "99"), ("note", "x")],
            Holders(&[SeeCalls]),
        ),
        ("/api/unnote_past_call", &[("id", "99")], Holders(&[SeeCalls])),
        (
            "/api/tag_past_call",
            &[("id", "99"), ("tag", "x")],
            Holders(&[SeeCalls]),
        ),
        (
            "/api/untag_past_call",
            &[("id", "99"), ("tag", "x")],
            Holders(&[SeeCalls]),
        ),
        (
            "/api/dispose_past_call",
            &[("id", "99"), ("disposition", "x")],
            Holders(&[SeeCalls]),
        ),
        ("/api/ask_help", &[("words", "walks the matrix")], SignedIn),
        ("/api/take_help", &[("id", "99")], SignedIn),
        ("/api/end_help", &[("id", "99")], SignedIn),
        ("/api/queue_set_up", &[], Holders(&[SeeQueues])),
        (
            "/api/save_queue_rules",
            &[
                ("pbx", "1"),
                ("queue", "none"),
                ("target_s", "0"),
                ("short_abandon_s", "0"),
                ("wrap_up_s", "0"),
            ],
            Holders(&[SetUpQueues]),
        ),
        (
            "/api/save_pause_reason",
            &[("id", "99"), ("name", "")],
            Holders(&[SetUpQueues]),
        ),
        ("/api/callback_rules", &[], Holders(&[SetUpQueues])),
        (
            "/api/save_callback_rules",
            &[
                ("pbx", "1"),
                ("queue", "none"),
                ("attempts", "0"),
                ("pause_min", "0"),
            ],
            Holders(&[SetUpQueues]),
        ),
        (
            "/api/callback",
            &[
                ("pbx", "1"),
                ("queue", "none"),
                ("request", "99"),
                ("verb", "cancel"),
            ],
            Holders(&[ManageCallers]),
        ),
        ("/api/claim_lost", &[("id", "99")], Holders(&[ReturnCalls])),
        (
            "/api/call_lost",
            &[("id", "99"), ("request_id", "walk-the-matrix")],
            Holders(&[ReturnCalls]),
        ),
        ("/api/hold_lost", &[], Holders(&[ReturnCalls])),
        ("/api/release_lost", &[("id", "99")], Holders(&[ReturnCalls])),
        (
            "/api/hand_over_lost",
            &[("id", "99"), ("to", "1")],
            Holders(&[ReturnCalls]),
        ),
        (
            "/api/give_up_lost",
            &[("id", "99"), ("reason", "walks the matrix")],
            Holders(&[ReturnCalls]),
        ),
        ("/api/tokens", &[], SignedIn),
        (
            "/api/make_token",
            &[("name", ""), ("days", "0")],
            Holders(&[UseTokens]),
        ),
        ("/api/revoke_token", &[("id", "99")], SignedIn),
        ("/api/alarms", &[], Holders(&[SeeQueues])),
        (
            "/api/save_alarm_rule",
            &[
                ("id", "99"),
                ("name", "x"),
                ("scope", "1"),
                ("metric", "waiting"),
                ("raise", "5"),
                ("clear", "2"),
            ],
            Holders(&[SetUpQueues]),
        ),
        ("/api/delete_alarm_rule", &[("id", "99")], Holders(&[SetUpQueues])),
        ("/api/push", &[], Holders(&[SeeQueues])),
        (
            "/api/add_push",
            &[("endpoint", "x"), ("p256dh", "x"), ("auth", "x")],
            Holders(&[SeeQueues]),
        ),
        ("/api/remove_push", &[("id", "99")], SignedIn),
        ("/api/audit_entry", &[("id", "99")], Holders(&[SeeAudit])),
        (
            "/api/share_recording",
            &[("key", "none"), ("purpose", "x"), ("days", "1")],
            Holders(&[HearRecordings]),
        ),
        ("/api/revoke_link", &[("id", "99")], Holders(&[CopyRecordings])),
        (
            "/api/hold_recordings",
            &[("call", "99"), ("why", "x")],
            Holders(&[HoldRecordings]),
        ),
        (
            "/api/release_recordings",
            &[("call", "99")],
            Holders(&[HoldRecordings]),
        ),
        (
            "/api/comment_recording",
            &[("key", "none"), ("at_s", "0"), ("said", "x")],
            Holders(&[HearRecordings]),
        ),
        (
            "/api/uncomment_recording",
            &[("id", "99")],
            Holders(&[HearRecordings]),
        ),
        ("/api/keeping", &[], Holders(&[KeepRecordings])),
        (
            "/api/keep_recordings",
            &[("whose", "pbx:99"), ("days", "x")],
            Holders(&[KeepRecordings]),
        ),
        (
            "/api/remove_nightly",
            &[("at", "x"), ("zone", "UTC")],
            Holders(&[KeepRecordings]),
        ),
        (
            "/api/remove_recordings",
            &[("at_ms", "1"), ("files", "99"), ("bytes", "1")],
            Holders(&[KeepRecordings]),
        ),
        (
            "/api/erase_number",
            &[("number", "0405550123"), ("again", ""), ("purpose", "")],
            Holders(&[EraseNumbers]),
        ),
        ("/api/wallboards", &[], SignedIn),
        ("/api/wallboard", &[("id", "99")], SignedIn),
        ("/api/make_wallboard", &[("name", "")], Holders(&[MakeWallboards])),
        (
            "/api/remove_wallboard",
            &[("id", "99")],
            Holders(&[MakeWallboards]),
        ),
        (
            "/api/pair_screen",
            &[("code", "x"), ("board", "99")],
            Holders(&[MakeWallboards]),
        ),
        ("/api/revoke_screen", &[("id", "99")], SignedIn),
        (
            "/api/wall_figures",
            &[("from_ms", "0"), ("to_ms", "1")],
            Holders(&[SeeQueues]),
        ),
        ("/api/tv", &[], Anybody),
    ]
};

const ANSWER: &[(&str, &str)] = &[("name", "x"), ("credential", "{}")];

const PBX_FORM: &[(&str, &str)] = &[
    ("id", "99"),
    ("name", ""),
    ("host", ""),
    ("port", ""),
    ("ca_pem", ""),
    ("username", ""),
    ("secret", ""),
    ("context", ""),
];

/// Functions whose arguments are packed: what they are let do is walked in `access::rules`, in `commands`, in `exports`, in
/// `call_exports` and in `erase`, `health`, `queues`, `lost`, `recordings` and `wallboards`.
const PACKED: &[&str] = &[
    "/api/audit",
    "/api/call_off_export",
    "/api/call_record",
    "/api/call_recordings",
    "/api/call_records",
    "/api/call_report",
    "/api/command",
    "/api/erasing",
    "/api/export_state",
    "/api/figures",
    "/api/health",
    "/api/lost_caller",
    "/api/lost_callers",
    "/api/past_call",
    "/api/past_calls",
    "/api/prove_recording",
    "/api/queue_command",
    "/api/recording_links",
    "/api/save_wallboard",
    "/api/troubled_recordings",
    "/api/visits",
    "/api/earlier_visits",
];

/// What may be asked for with somebody's view: it is seeing, or ends it.
const SEEING: &[&str] = &[
    "/api/view_as",
    "/api/alarms",
    "/api/push",
    "/api/queue_set_up",
    "/api/callback_rules",
    "/api/desk",
    "/api/mailings",
    "/api/saved_searches",
    "/api/wall_figures",
];

/// Pages for strangers; every other page leads to the sign-in.
const PUBLIC_PAGES: [&str; 4] = ["/sign-in", "/setup", "/welcome", "/tv"];

/// Somebody of a role, signed in.
pub(crate) async fn somebody(office: &Office, role: BuiltIn) -> Browser {
    let services = &office.server.services;
    let username = format!("{}-walks", role.slug());
    let number = if role == BuiltIn::Agent { "1004" } else { "1005" };
    let user = server::store::UserRecord {
        password_hash: services.passwords.hash(PASSWORD).await.unwrap(),
        extensions: vec![OwnExtension {
            pbx: PBX,
            number: number.into(),
        }],
        ..server::store::UserRecord::new(&username, "Somebody", role, 1)
    };
    services.store.add_user(&user).await.unwrap();
    let mut browser = office.server.browser();
    let form = [("username", username), ("password", PASSWORD.to_owned())];
    let answer = browser.post("/api/sign_in", &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    browser
}

fn form(fields: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    fields
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

/// Every function with a form, for whoever walks them as somebody else.
pub(crate) fn functions() -> impl Iterator<Item = (&'static str, Vec<(&'static str, String)>)> {
    let forms = FUNCTIONS.iter().map(|(path, fields, _)| (*path, form(fields)));
    forms.chain(PACKED.iter().map(|path| (*path, Vec::new())))
}

#[test]
fn every_server_function_is_in_the_table() {
    let known: BTreeSet<&str> = FUNCTIONS
        .iter()
        .map(|(path, ..)| *path)
        .chain(PACKED.iter().copied())
        .collect();
    let there: BTreeSet<&str> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(there, known, "left: registered, right: in this table");
}

#[tokio::test]
async fn a_server_function_answers_whom_the_table_names_and_tells_every_refusal() {
    let office = Office::open().await;
    for role in BuiltIn::EVERY {
        let mut browser = somebody(&office, role).await;
        let abilities = role.abilities();
        for (path, fields, whom) in FUNCTIONS {
            if *path == "/api/sign_out" {
                continue;
            }
            // what is repeated within a minute is told in one row: each of these is a first time
            office.server.services.trail.sum_up(true).await;
            let last = office.server.services.trail.newest(1).await.unwrap()[0].act.id;
            let answer = browser.post(path, &form(fields)).await;
            if *whom == For::Halfway {
                assert_eq!(answer.status, 401, "{role:?} {path}: {answer:?}");
                continue;
            }
            let allowed = match whom {
                For::Anybody | For::Halfway | For::SignedIn => true,
                For::Holders(any) => any
                    .iter()
                    .any(|ability| abilities.reach(*ability) > app::access::Reach::Nothing),
            };
            assert_ne!(answer.status, 401, "{role:?} {path}: {answer:?}");
            assert_ne!(answer.status, 500, "{role:?} {path}: {answer:?}");
            assert_eq!(answer.status != 403, allowed, "{role:?} {path}: {answer:?}");
            if !allowed {
                let trail = office.server.services.trail.newest(5).await.unwrap();
                let told = trail.iter().any(|row| {
                    row.act.id > last
                        && row.act.actor == format!("{}-walks", role.slug())
                        && row.outcome() == "refused"
                });
                assert!(told, "{role:?} {path}: a refusal leaves a row: {trail:?}");
            }
        }
    }
    // and nothing of it had an effect
    let (users, _) = office.server.services.store.users(None).await.unwrap();
    assert_eq!(users.len(), 1 + BuiltIn::EVERY.len());
    assert!(users.iter().all(|(record, _)| !record.disabled));
    assert_eq!(office.server.services.store.pbxs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_stranger_reaches_the_doorstep_and_nothing_else() {
    let office = Office::open().await;
    for (path, fields, whom) in FUNCTIONS {
        let answer = office.server.browser().post(path, &form(fields)).await;
        assert_eq!(answer.status == 401, *whom != For::Anybody, "{path}: {answer:?}");
    }
    for path in PACKED {
        let answer = office.server.browser().post(path, &[]).await;
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
    }
    for page in pages() {
        let answer = office.server.browser().get(&page).await;
        if PUBLIC_PAGES.contains(&page.as_str()) {
            assert!(answer.status == 200, "{page}: {answer:?}");
        } else {
            assert_eq!(answer.status, 303, "{page}: {answer:?}");
            assert!(
                answer.header("location").unwrap().starts_with("/sign-in"),
                "{page}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn whoever_takes_somebodys_view_does_nothing_and_nothing_in_their_name() {
    let mut office = Office::open().await;
    let mut agent = somebody(&office, BuiltIn::Agent).await;
    let services = office.server.services.clone();
    let seen = services.store.user_named("agent-walks").await.unwrap().unwrap();
    let taken = office
        .browser
        .post("/api/view_as", &[("user", seen.id.to_string())])
        .await;
    assert_eq!(taken.status, 200, "{taken:?}");
    for (path, fields, whom) in FUNCTIONS {
        if matches!(whom, For::Anybody | For::Halfway) || SEEING.contains(path) {
            continue;
        }
        let mut fields = form(fields);
        if *path == "/api/save_profile" {
            fields = vec![
                ("display_name", "Somebody else".to_owned()),
                ("own", String::new()),
            ];
        }
        let answer = office.browser.post(path, &fields).await;
        assert!(
            matches!(answer.status, 403 | 409 | 400 | 422),
            "{path}: {answer:?}"
        );
    }
    let after = services.store.user(seen.id).await.unwrap().unwrap();
    assert_eq!(
        (after.display_name, after.extensions),
        (seen.display_name, seen.extensions)
    );
    // the page is theirs, the person is not
    assert!(
        office
            .browser
            .get("/")
            .await
            .body
            .contains("You see what Somebody sees")
    );
    assert_eq!(office.browser.get("/admin/users").await.status, 200);
    assert!(
        office
            .browser
            .get("/admin/users")
            .await
            .body
            .contains("You may not do this")
    );
    assert_eq!(
        office
            .browser
            .post("/api/view_as", &[("user", "0".to_owned())])
            .await
            .status,
        200
    );
    assert!(
        !office
            .browser
            .get("/")
            .await
            .body
            .contains("You see what Somebody sees")
    );
    let refused = agent.post("/api/view_as", &[("user", "1".to_owned())]).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let trail = services.trail.newest(50).await.unwrap();
    for action in ["view_as", "view_as_ended"] {
        let told = trail
            .iter()
            .any(|row| row.act.actor == "ada" && row.act.action == action && row.outcome() == "done");
        assert!(told, "{action}: {trail:?}");
    }
}

/// Every page, with something in the place of each parameter.
pub(crate) fn pages() -> Vec<String> {
    let routes = generate_route_list(App);
    let routed = routes.iter().map(|route| {
        let path = route.path().replace("{id}", "1").replace("{pbx}", "1");
        path.replace("{step}", "second")
    });
    let beside = app::pages::screens::PLACES.iter().map(|(place, _)| {
        let place = place
            .replace(":id?", "1")
            .replace(":id", "1")
            .replace(":part?", "security")
            .replace(":pbx?", "1")
            .replace(":queue?", "support");
        format!("/{place}")
    });
    routed.filter(|path| !path.contains('*')).chain(beside).collect()
}

/// A page is made and sent by whichever thread is free: nothing of it may belong to one thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_arrives_whole_whichever_thread_sends_it() {
    let office = Office::open().await;
    let (address, cookie) = (office.browser.address, office.browser.cookie.clone().unwrap());
    let visits = (0..4).map(|_| {
        let cookie = cookie.clone();
        tokio::spawn(async move {
            for page in pages().iter().cycle().take(3 * pages().len()) {
                let mut socket = TcpStream::connect(address).await.unwrap();
                let asks = format!(
                    "GET {page} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\
                     Connection: close\r\n\r\n"
                );
                socket.write_all(asks.as_bytes()).await.unwrap();
                let mut answer = Vec::new();
                socket.read_to_end(&mut answer).await.unwrap();
                let answer = String::from_utf8_lossy(&answer).to_lowercase();
                // the last of its chunks, which is empty; an answer in one piece is complete by its length
                let whole = answer.contains("\r\ncontent-length:") || answer.ends_with("\r\n0\r\n\r\n");
                assert!(whole, "{page}: {answer}");
            }
        })
    });
    for visit in visits.collect::<Vec<_>>() {
        visit.await.unwrap();
    }
}

/// Pages that show nothing of what they are about to whoever lacks the ability.
const ADMINISTRATION: [(&str, Ability, &str); 7] = [
    ("/admin/users", Ability::SeeUsers, "ada"),
    ("/admin/teams", Ability::SeeUsers, "No teams yet"),
    ("/admin/roles", Ability::SeeUsers, "Manage PBX connections"),
    ("/admin/pbx", Ability::ManageConnections, "Office"),
    ("/admin/pbx/1", Ability::ManageConnections, "Manager user"),
    ("/admin/audit", Ability::SeeAudit, "by itself"),
    ("/admin/audit/1", Ability::SeeAudit, "Chained by"),
];

#[tokio::test]
async fn a_page_shows_what_the_role_shows() {
    let office = Office::open().await;
    for role in BuiltIn::EVERY {
        let mut browser = somebody(&office, role).await;
        for page in pages() {
            let answer = browser.get(&page).await;
            assert!(
                matches!(answer.status, 200 | 302 | 303),
                "{role:?} {page}: {}",
                answer.status
            );
        }
        for (page, ability, shows) in ADMINISTRATION {
            office.server.services.trail.sum_up(true).await;
            let body = browser.get(page).await.body;
            let main = body.split("<main").nth(1).unwrap_or_default();
            let main = main.split("</main>").next().unwrap_or_default();
            let may = role.abilities().reach(ability) > app::access::Reach::Nothing;
            assert_eq!(
                main.contains("You may not do this"),
                !may,
                "{role:?} {page}: {main}"
            );
            assert!(may || !main.contains(shows), "{role:?} {page}: {main}");
            let trail = office.server.services.trail.newest(3).await.unwrap();
            let told = trail.iter().any(|row| {
                row.act.actor == format!("{}-walks", role.slug())
                    && row.act.object == page
                    && row.outcome() == "refused"
            });
            assert!(told != may, "{role:?} {page}: a refusal leaves a row: {trail:?}");
        }
        // the one address beside pages, functions and the socket that is for some only
        office.server.services.trail.sum_up(true).await;
        let export = browser.get("/admin/audit/export?format=csv").await;
        let may = role.abilities().reach(Ability::SeeAudit) > app::access::Reach::Nothing;
        assert_eq!(export.status, if may { 200 } else { 403 }, "{role:?}: {export:?}");
        let trail = office.server.services.trail.newest(1).await.unwrap();
        let told = (trail[0].act.action.as_str(), trail[0].outcome());
        assert_eq!(
            told,
            ("export_audit", if may { "done" } else { "refused" }),
            "{role:?}"
        );
    }
}

#[test]
fn the_document_says_what_the_table_says() {
    let document = include_str!("../../../docs/access.md");
    for info in &ABILITIES {
        let built_in = info.built_in.map(|reach| reach.word()).join(" | ");
        let reaches = info
            .reaches
            .iter()
            .map(|reach| reach.word())
            .collect::<Vec<_>>()
            .join(", ");
        let line = format!("| {} | {} | {} | {} |", info.name, info.help, reaches, built_in);
        assert!(
            document.contains(&line),
            "docs/access.md lacks this line:\n{line}"
        );
    }
}

#[test]
fn the_security_model_names_tests_that_are_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut proofs = 0;
    let mut file = String::new();
    // every second piece between backticks is code: a file, then the tests in it
    for piece in document.split('`').skip(1).step_by(2) {
        if piece.contains('/') && piece.ends_with(".rs") {
            let path = root.join(piece);
            file = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{piece}: {error}"));
        } else if piece.contains('_') && piece.split('_').count() > 3 {
            assert!(
                file.contains(&format!("fn {piece}(")),
                "docs/security.md: there is no test {piece}"
            );
            proofs += 1;
        }
    }
    assert!(proofs > 40, "{proofs}");
}
