//! The second half of a sign-in: what it takes, what it does not open, and that nobody guesses it.

use app::{
    AppError,
    access::BuiltIn,
    model::sign_in::{Security, Standing},
};
use leptos::server_fn::axum::server_fn_paths;
use server::{access::second_factor::AskedOf, config::Days};

use crate::support::{
    Browser, PASSWORD, TestServer,
    http::Answer,
    live::connect,
    person::{Phone, credentials, leads_to},
};

const SECOND: &str = "/sign-in?step=second";

async fn second(browser: &mut Browser, code: &str) -> Answer {
    browser
        .post("/api/second_code", &[("code", code.to_owned())])
        .await
}

/// A server whose proxy says where each request comes from.
async fn behind_a_proxy() -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(&folder);
    config.trusted_proxies = server::config::Networks(vec!["127.0.0.0/8".parse().unwrap()]);
    TestServer::start_with(folder, config).await
}

async fn from(browser: &mut Browser, address: u8, path: &str, form: &str) -> Answer {
    let client = format!("192.0.2.{address}");
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "*/*"),
        ("X-Forwarded-For", client.as_str()),
    ];
    browser.send("POST", path, &headers, form).await
}

fn problem(answer: &Answer) -> String {
    match answer.value() {
        AppError::Invalid(fields) => fields[0].problem.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_password_alone_opens_nothing_once_there_is_a_second_factor() {
    let server = TestServer::start().await;
    Phone::set_up(&mut server.set_up().await).await;
    let (mut halfway, answer) = server.password("ada").await;
    assert_eq!(leads_to(&answer), SECOND);
    let next = [
        "/api/second_ways",
        "/api/second_code",
        "/api/ask_second",
        "/api/second_passkey",
    ];
    let strangers = [
        "/api/doorstep",
        "/api/sign_in",
        "/api/ask_passkey",
        "/api/passkey_sign_in",
        "/api/set_up",
        "/api/sign_out",
        "/api/invited",
        "/api/accept",
        "/api/tv",
    ];
    let mut walked = 0;
    for (path, _) in server_fn_paths() {
        if next.contains(&path) || strangers.contains(&path) {
            continue;
        }
        let answer = halfway.post(path, &[]).await;
        assert_eq!(
            (answer.status, answer.value::<AppError>()),
            (401, AppError::NotSignedIn),
            "{path}"
        );
        walked += 1;
    }
    assert!(walked > 20, "{walked}");
    for page in [
        "/",
        "/extensions",
        "/admin/pbx",
        "/me",
        "/me/security",
        "/me/codes",
        "/sign-in/other",
    ] {
        let answer = halfway.get(page).await;
        assert_eq!(answer.status, 303, "{page}: {answer:?}");
        assert!(leads_to(&answer).starts_with("/sign-in"), "{page}");
    }
    let socket = connect(
        server.address,
        halfway.cookie.as_deref(),
        halfway.origin.as_deref(),
    )
    .await;
    assert_eq!(socket.err(), Some(401));
    assert_eq!(halfway.get(SECOND).await.status, 200);
    // and a stranger does not even get that far
    let page = server.browser().get(SECOND).await;
    assert!(
        page.body.contains("Begin again with your password"),
        "{}",
        page.body
    );
    assert_eq!(second(&mut server.browser(), "123456").await.status, 401);
}

#[tokio::test]
async fn a_code_of_an_app_opens_once() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let (phone, codes) = Phone::set_up(&mut browser).await;
    assert_eq!(codes.len(), 10);
    // the code that set the app up is spent with that, and a little later it has run out
    let (mut second_time, _) = server.password("ada").await;
    let spent = second(&mut second_time, &phone.first_code).await;
    let why = problem(&spent);
    assert!(
        why.contains("used already") || why.contains("just run out"),
        "{spent:?}"
    );

    server.forget_codes_taken(1).await;
    let (mut first, _) = server.password("ada").await;
    let entered = crate::support::eventually("the wait is over", async || {
        let code = phone.code().await;
        let answer = second(&mut first, &code).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(leads_to(&entered), "/");
    assert_eq!(first.get("/").await.status, 200);
}

#[tokio::test]
async fn a_code_that_has_run_out_is_told_apart_from_a_wrong_one_and_opens_nothing() {
    let server = behind_a_proxy().await;
    let (phone, _) = Phone::set_up(&mut server.set_up().await).await;
    server.forget_codes_taken(1).await;
    let (mut browser, _) = server.password("ada").await;
    phone.code().await;
    let before = phone.code_at(server::clock::wall_ms() - 30_000);
    let old = from(&mut browser, 1, "/api/second_code", &format!("code={before}")).await;
    assert!(problem(&old).contains("just run out"), "{old:?}");
    let after = phone.code_at(server::clock::wall_ms() + 30_000);
    let early = from(&mut browser, 2, "/api/second_code", &format!("code={after}")).await;
    assert_eq!(problem(&early), "This code is not right.");
    assert_eq!(browser.get("/").await.status, 303);
}

#[tokio::test]
async fn each_recovery_code_opens_once_however_it_is_typed() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let (_, codes) = Phone::set_up(&mut browser).await;
    for (number, typed) in [codes[3].to_uppercase(), codes[7].replace('-', " ")]
        .into_iter()
        .enumerate()
    {
        let (mut other, _) = server.password("ada").await;
        let answer = second(&mut other, &typed).await;
        assert_eq!((answer.status, leads_to(&answer)), (200, "/"), "{answer:?}");
        let page = other.get("/").await;
        let left = format!("You came in with a recovery code. {} are left.", 9 - number);
        assert!(page.body.contains(&left), "{number}");
        let again = other.get("/").await;
        assert!(!again.body.contains(&left), "said once");
    }
    let (mut other, _) = server.password("ada").await;
    let spent = second(&mut other, &codes[3]).await;
    assert_eq!(problem(&spent), "This code is not right.");
    let security: Security = browser.post("/api/security", &[]).await.value();
    assert_eq!(security.recovery_left, 8);
}

#[tokio::test]
async fn recovery_codes_are_shown_until_they_are_put_away_and_new_ones_replace_them() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let (_, codes) = Phone::set_up(&mut browser).await;
    assert!(browser.get("/me/codes").await.body.contains(&codes[0]));
    assert_eq!(browser.post("/api/put_codes_away", &[]).await.status, 200);
    assert!(!browser.get("/me/codes").await.body.contains(&codes[0]));
    assert_eq!(browser.post("/api/renew_codes", &[]).await.status, 200);
    let renewed: Vec<String> = browser.post("/api/codes", &[]).await.value();
    assert!(renewed.len() == 10 && renewed.iter().all(|code| !codes.contains(code)));
    let (mut other, _) = server.password("ada").await;
    assert_eq!(second(&mut other, &codes[0]).await.status, 422);
    // nothing of them is in the database as it is
    let file = std::fs::read(server.folder.path().join("starboard.db")).unwrap();
    let log = std::fs::read(server.folder.path().join("starboard.db-wal")).unwrap();
    for code in codes.iter().chain(&renewed) {
        for written in [code.clone(), code.replace('-', "")] {
            let found = |bytes: &[u8]| {
                bytes
                    .windows(written.len())
                    .any(|window| window == written.as_bytes())
            };
            assert!(!found(&file) && !found(&log), "{written}");
        }
    }
}

#[tokio::test]
async fn five_guesses_are_made_with_one_password_and_few_on_one_account_from_everywhere() {
    let server = behind_a_proxy().await;
    let agent = server.set_up().await;
    drop(agent);
    let id = server.add("bea", BuiltIn::Agent).await;
    let mut bea = server.signed_in("bea").await;
    let (phone, _) = Phone::set_up(&mut bea).await;
    let sign_in = format!("username=bea&password={}", PASSWORD.replace(' ', "+"));
    let mut source = 0;
    let mut guesses = 0;
    let mut browser = server.browser();
    'guessing: loop {
        source += 1;
        let answer = from(&mut browser, source, "/api/sign_in", &sign_in).await;
        assert_eq!(leads_to(&answer), SECOND, "{answer:?}");
        for _ in 0..5 {
            source += 1;
            let answer = from(&mut browser, source, "/api/second_code", "code=abcde-00000").await;
            if answer.status == 429 {
                break 'guessing;
            }
            assert_eq!(answer.status, 422, "{answer:?}");
            guesses += 1;
        }
        source += 1;
        let answer = from(&mut browser, source, "/api/second_code", "code=abcde-00000").await;
        assert_eq!(answer.status, 401, "the password is asked for again: {answer:?}");
    }
    assert_eq!(guesses, 10);
    // the password of bea is not held back by that, nor are others
    let (_, answer) = server.password("bea").await;
    assert_eq!(leads_to(&answer), SECOND);
    server.forget_codes_taken(id).await;
    drop(phone);
    server.signed_in("ada").await;
}

#[tokio::test]
async fn whoever_may_change_everything_is_guessed_at_three_times() {
    let server = behind_a_proxy().await;
    Phone::set_up(&mut server.set_up().await).await;
    let (mut browser, _) = server.password("ada").await;
    for source in 1..=3 {
        let answer = from(&mut browser, source, "/api/second_code", "code=000000").await;
        assert_eq!(answer.status, 422, "{answer:?}");
    }
    let answer = from(&mut browser, 4, "/api/second_code", "code=000000").await;
    assert!(
        matches!(
            answer.value(),
            AppError::TooMany {
                retry_after_s: 250..=300
            }
        ),
        "{answer:?}"
    );
}

#[tokio::test]
async fn after_the_days_of_grace_the_sign_in_leads_to_setting_one_up_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(&folder);
    config.second_factor_grace_days = Days(0);
    let server = TestServer::start_with(folder, config).await;
    // whoever sets Starboard up is in
    let mut first = server.set_up().await;
    let security: Security = first.post("/api/security", &[]).await.value();
    assert_eq!((security.required, security.standing), (true, Standing::Due));
    let (mut halfway, answer) = server.password("ada").await;
    assert_eq!(leads_to(&answer), "/sign-in?step=factor");
    for page in ["/", "/me/security", "/me/app"] {
        assert_eq!(halfway.get(page).await.status, 303, "{page}");
    }
    for (path, _) in server_fn_paths() {
        let open = [
            "/api/begin_app",
            "/api/setting_up",
            "/api/add_app",
            "/api/ask_new_passkey",
            "/api/add_passkey",
            "/api/doorstep",
            "/api/sign_in",
            "/api/ask_passkey",
            "/api/passkey_sign_in",
            "/api/set_up",
            "/api/sign_out",
            "/api/invited",
            "/api/accept",
            "/api/tv",
        ];
        if !open.contains(&path) {
            assert_eq!(halfway.post(path, &[]).await.status, 401, "{path}");
        }
    }
    assert_eq!(halfway.get("/sign-in?step=factor").await.status, 200);
    let before = halfway.cookie.clone();
    let (_, codes) = Phone::set_up(&mut halfway).await;
    assert_eq!(codes.len(), 10);
    assert_ne!(halfway.cookie, before, "a new id");
    assert_eq!(halfway.get("/").await.status, 200);
}

#[tokio::test]
async fn a_sign_in_that_is_halfway_is_over_once_the_password_or_the_factors_are_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(&folder);
    config.second_factor_grace_days = Days(0);
    let server = TestServer::start_with(folder, config).await;
    let store = &server.services.store;
    let mut ada = server.set_up().await;
    // somebody else has the password, and waits where a factor is set up
    let halfway = async |username: &str| {
        let (mut thief, answer) = server.password(username).await;
        assert_eq!(leads_to(&answer), "/sign-in?step=factor");
        assert_eq!(thief.post("/api/begin_app", &[]).await.status, 200);
        thief
    };
    let mut thief = halfway("ada").await;
    Phone::set_up(&mut ada).await;
    assert_eq!(
        thief.post("/api/begin_app", &[]).await.status,
        401,
        "there is one now"
    );
    let sue = server.add("sue", BuiltIn::Supervisor).await;
    for what in [
        "sessions ended",
        "factors reset",
        "disabled",
        "password changed",
        "password reset",
    ] {
        let mut thief = halfway("sue").await;
        match what {
            "sessions ended" => store.delete_sessions_of(sue).await.unwrap(),
            "factors reset" => store.reset_factors(sue).await.unwrap(),
            "disabled" => {
                assert!(store.set_disabled(sue, true).await.unwrap());
                assert!(store.set_disabled(sue, false).await.unwrap());
            }
            "password changed" => {
                let hash = server.services.passwords.hash(PASSWORD).await.unwrap();
                store.change_password(sue, &hash, None).await.unwrap();
            }
            _ => assert!(store.set_password(sue, "of nobody").await.unwrap()),
        }
        assert_eq!(thief.post("/api/begin_app", &[]).await.status, 401, "{what}");
    }
}

#[tokio::test]
async fn a_one_time_link_is_worth_nothing_once_the_password_is_another() {
    let server = TestServer::start().await;
    server.set_up().await;
    let store = &server.services.store;
    let sue = server.add("sue", BuiltIn::Agent).await;
    for what in ["changed", "reset", "disabled"] {
        let hash = [7; 32];
        store.invite(sue, &hash, 1, u64::MAX / 4).await.unwrap();
        assert!(store.invited(&hash, 2).await.unwrap().is_some());
        match what {
            "changed" => drop(store.change_password(sue, "other", None).await.unwrap()),
            "reset" => assert!(store.set_password(sue, "other").await.unwrap()),
            _ => {
                assert!(store.set_disabled(sue, true).await.unwrap());
                assert!(store.set_disabled(sue, false).await.unwrap());
            }
        }
        assert!(store.invited(&hash, 2).await.unwrap().is_none(), "{what}");
    }
}

#[tokio::test]
async fn the_policy_asks_those_who_may_do_something_to_others_and_says_so() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    assert!(ada.get("/").await.body.contains("It is needed in 7 days."));
    server.add("sue", BuiltIn::Supervisor).await;
    server.add("ann", BuiltIn::Agent).await;
    let mut sue = server.signed_in("sue").await;
    assert!(sue.get("/").await.body.contains("It is needed in 7 days."));
    let mut ann = server.signed_in("ann").await;
    assert!(!ann.get("/").await.body.contains("It is needed"));
    Phone::set_up(&mut sue).await;
    assert!(!sue.get("/").await.body.contains("It is needed"));
    // what is needed cannot be taken away, what is not can
    assert_eq!(sue.post("/api/remove_app", &[]).await.status, 409);
    Phone::set_up(&mut ann).await;
    assert_eq!(ann.post("/api/remove_app", &[]).await.status, 200);
    let security: Security = ann.post("/api/security", &[]).await.value();
    assert_eq!((security.app_since_ms, security.recovery_left), (None, 0));
    server.signed_in("ann").await;
}

#[tokio::test]
async fn where_it_is_optional_nobody_is_asked_and_everybody_may() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(&folder);
    config.second_factor = AskedOf::Optional;
    let server = TestServer::start_with(folder, config).await;
    let mut ada = server.set_up().await;
    assert!(!ada.get("/").await.body.contains("second factor"));
    Phone::set_up(&mut ada).await;
    let (_, answer) = server.password("ada").await;
    assert_eq!(leads_to(&answer), SECOND);
    assert_eq!(ada.post("/api/remove_app", &[]).await.status, 200);
}

#[tokio::test]
async fn an_administrator_helps_somebody_who_lost_everything() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    let sue = server.add("sue", BuiltIn::Supervisor).await;
    let mut lost = server.signed_in("sue").await;
    Phone::set_up(&mut lost).await;
    let form = [("user", sue.to_string())];
    assert_eq!(lost.post("/api/reset_factors", &form).await.status, 403);
    server.long_ago(&ada).await;
    let asked = ada.post("/api/reset_factors", &form).await;
    assert_eq!(asked.value::<AppError>(), AppError::Reauthenticate);
    let confirmed = ada.post("/api/confirm", &[("proof", PASSWORD.to_owned())]).await;
    assert_eq!(confirmed.status, 200, "{confirmed:?}");
    assert_eq!(ada.post("/api/reset_factors", &form).await.status, 200);
    assert_eq!(lost.get("/").await.status, 303, "her sessions are over");
    // a password is enough for nothing but setting up anew
    let (_, answer) = server.password("sue").await;
    assert_eq!(leads_to(&answer), "/sign-in?step=factor");
    let trail = server.services.trail.newest(20).await.unwrap();
    let row = trail
        .iter()
        .find(|row| row.act.action == "reset_factors" && row.outcome() == "done")
        .unwrap();
    assert_eq!(
        (row.act.actor.as_str(), row.act.object.as_str()),
        ("ada", "user sue")
    );
}

#[tokio::test]
async fn every_step_of_a_sign_in_has_an_id_of_its_own() {
    let server = TestServer::start().await;
    let (_, codes) = Phone::set_up(&mut server.set_up().await).await;
    let mut browser = server.browser();
    let mut ids = vec![None];
    browser.post("/api/sign_in", &credentials("ada", PASSWORD)).await;
    ids.push(browser.cookie.clone());
    assert_eq!(second(&mut browser, &codes[0]).await.status, 200);
    ids.push(browser.cookie.clone());
    let confirmed = browser
        .post("/api/confirm", &[("proof", PASSWORD.to_owned())])
        .await;
    assert_eq!(confirmed.status, 200, "{confirmed:?}");
    ids.push(browser.cookie.clone());
    for (place, id) in ids.iter().enumerate() {
        assert!(!ids[..place].contains(id), "{place}");
        let mut thief = server.browser();
        thief.cookie.clone_from(id);
        let last = place + 1 == ids.len();
        assert_eq!(
            thief.get("/").await.status,
            if last { 200 } else { 303 },
            "{place}"
        );
    }
}
