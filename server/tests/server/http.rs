//! The door: headers, set-up, sign-in, what strangers may see, what faults look like.

use crate::support::{PASSWORD, TestServer, setup_form};
use app::AppError;

fn credentials(username: &str, password: &str) -> Vec<(&'static str, String)> {
    vec![
        ("username", username.to_owned()),
        ("password", password.to_owned()),
    ]
}

#[tokio::test]
async fn strangers_are_led_to_the_sign_in_and_get_no_data() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for page in [
        "/",
        "/extensions",
        "/admin/pbx",
        "/me",
        "/nowhere",
        "/call?to=1",
        "/admin/pbx/:id",
        "/%2e%2e/",
    ] {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, 303, "{page}: {answer:?}");
        assert!(
            answer.header("location").unwrap().starts_with("/sign-in"),
            "{page}"
        );
    }
    for function in [
        "command",
        "place_call",
        "pbx_connections",
        "save_pbx",
        "test_pbx",
        "delete_pbx",
        "nothing",
    ] {
        let answer = browser.post(&format!("/api/{function}"), &[]).await;
        assert_eq!(
            (answer.status, answer.value::<AppError>()),
            (401, AppError::NotSignedIn),
            "{function}"
        );
    }
    for page in ["/sign-in", "/setup", "/healthz", "/readyz"] {
        assert_eq!(browser.get(page).await.status, 200, "{page}");
    }
    // the way back stays here
    assert_eq!(
        browser.get("/me").await.header("location"),
        Some("/sign-in?next=%2Fme")
    );
    assert_eq!(
        browser.get("//evil.example/x").await.header("location"),
        Some("/sign-in")
    );
}

#[tokio::test]
async fn every_answer_carries_the_headers_and_the_pages_nonce_is_in_its_policy() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for path in ["/sign-in", "/", "/healthz", "/pkg/missing.js", "/api/command"] {
        let answer = browser.get(path).await;
        let policy = answer
            .header("content-security-policy")
            .unwrap_or_else(|| panic!("{path}: {answer:?}"));
        assert!(
            policy.contains("default-src 'none'") && policy.contains("'wasm-unsafe-eval'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("same-origin"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
    let page = browser.get("/sign-in").await;
    let policy = page.header("content-security-policy").unwrap();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap()
        .to_owned();
    assert!(page.body.contains(&format!("nonce=\"{nonce}\"")), "{}", page.body);
    let again = browser.get("/sign-in").await;
    assert!(
        !again.header("content-security-policy").unwrap().contains(&nonce),
        "a nonce is used once"
    );
}

#[tokio::test]
async fn a_file_named_by_its_content_is_kept_for_good_and_may_do_nothing() {
    let server = TestServer::start().await;
    let package = server.folder.path().join("site/pkg");
    std::fs::create_dir_all(&package).unwrap();
    std::fs::write(package.join("some.0123456789abcdef.js"), "1").unwrap();
    let file = server.browser().get("/pkg/some.0123456789abcdef.js").await;
    for (header, value) in [
        ("cache-control", "public, max-age=31536000, immutable"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(file.header(header), Some(value), "{file:?}");
    }
}

#[tokio::test]
async fn set_up_works_once() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let cookie = browser.cookie.clone().unwrap();
    assert!(cookie.starts_with("__Host-sid="), "{cookie}");
    assert_eq!(browser.get("/").await.status, 200);

    let mut other = server.browser();
    let second = other
        .post("/api/set_up", &setup_form(&server.setup_token(), "eve"))
        .await;
    assert!(matches!(second.value(), AppError::Conflict(_)), "{second:?}");
    assert!(other.cookie.is_none());

    let folder = server.stop().await;
    let config = crate::support::config(&folder);
    let server = TestServer::start_with(folder, config).await;
    assert_eq!(
        server.setup_link, None,
        "no link is made while there is an administrator"
    );
}

#[tokio::test]
async fn a_wrong_set_up_token_makes_nobody_and_slows_down() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let wrong = browser.post("/api/set_up", &setup_form("0000", "ada")).await;
    assert!(
        matches!(wrong.value(), AppError::Invalid(fields) if fields[0].field == "token"),
        "{wrong:?}"
    );
    let next = browser.post("/api/set_up", &setup_form("0001", "ada")).await;
    assert!(matches!(next.value(), AppError::TooMany { .. }), "{next:?}");
    assert!(browser.cookie.is_none());
    assert!(server.services.store.setup_open().await.unwrap());
}

#[tokio::test]
async fn set_up_tells_every_field_that_is_wrong_and_keeps_the_token() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let mut form = setup_form(&server.setup_token(), "Not A Name");
    form[3].1 = "password1234".into();
    form[4].1 = "password1234".into();
    let AppError::Invalid(fields) = browser.post("/api/set_up", &form).await.value() else {
        panic!("accepted")
    };
    let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(names, ["username", "password"]);
    server.set_up().await;
}

#[tokio::test]
async fn the_cookie_is_locked_down_and_renewed_at_sign_in() {
    let server = TestServer::start().await;
    let first = server.set_up().await.cookie.unwrap();
    let mut browser = server.browser();
    browser.cookie = Some(first.clone());
    let answer = browser.post("/api/sign_in", &credentials("ada", PASSWORD)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["__Host-sid=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert_ne!(browser.cookie.as_ref(), Some(&first));
    // the old id is worth nothing
    let mut thief = server.browser();
    thief.cookie = Some(first);
    assert_eq!(thief.get("/").await.status, 303);
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let server = TestServer::start().await;
    server.set_up().await;
    let mut browser = server.browser();
    let wrong = browser
        .post("/api/sign_in", &credentials("ada", "not the password"))
        .await;
    let again = browser.post("/api/sign_in", &credentials("ada", PASSWORD)).await;
    assert!(
        matches!(again.value(), AppError::TooMany { retry_after_s: 1 }),
        "{again:?}"
    );
    let unknown = browser
        .post("/api/sign_in", &credentials("nobody", "not the password"))
        .await;
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    assert!(matches!(wrong.value(), AppError::Invalid(_)));
}

#[tokio::test]
async fn a_change_from_a_foreign_origin_is_refused() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    for origin in [
        Some("https://evil.example"),
        Some("null"),
        Some("http://127.0.0.1:1"),
        None,
    ] {
        let mut foreign = browser.clone();
        foreign.origin = origin.map(str::to_owned);
        assert_eq!(foreign.post("/api/sign_out", &[]).await.status, 403, "{origin:?}");
    }
    assert_eq!(browser.get("/").await.status, 200, "still signed in");
    let cookie = browser.cookie.clone();
    assert_eq!(browser.post("/api/sign_out", &[]).await.status, 200);
    browser.cookie = cookie;
    assert_eq!(browser.get("/").await.status, 303, "signed out for good");
    let trail = server.services.trail.newest(1).await.unwrap();
    assert_eq!(
        (trail[0].act.action.as_str(), trail[0].outcome()),
        ("sign_out", "done")
    );
}

#[tokio::test]
async fn bodies_are_bounded() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let answer = browser
        .post("/api/sign_in", &credentials("ada", &"x".repeat(2 << 20)))
        .await;
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[tokio::test]
async fn a_full_disk_is_said_and_heals_without_a_restart() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    server.services.store.limit_pages(Some(1)).await.unwrap();
    // fills what is left of the last page
    let mut form = vec![
        ("display_name", "Ada ".to_owned() + &"L".repeat(70)),
        ("own", String::new()),
    ];
    let full = crate::support::eventually("the disk is full", async || {
        form[0].1.push('x');
        form[0].1.truncate(79);
        let answer = browser.post("/api/save_profile", &form).await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    let AppError::Unavailable(text) = full.value() else {
        panic!("{full:?}")
    };
    assert!(text.contains("disk is full"), "{text}");
    // reading goes on
    assert_eq!(browser.get("/").await.status, 200);
    server.services.store.limit_pages(None).await.unwrap();
    assert_eq!(browser.post("/api/save_profile", &form).await.status, 200);
}

#[tokio::test]
async fn a_newer_database_is_refused_clearly() {
    let server = TestServer::start().await;
    let folder = server.stop().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("starboard.db"));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', 1, x'00', 0)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let error = server::Server::build(crate::support::config(&folder))
        .await
        .unwrap_err();
    assert!(format!("{error:#}").contains("newer Starboard"), "{error:#}");
}

#[tokio::test]
async fn health_says_ok() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    assert_eq!(browser.get("/healthz").await.body, "ok\n");
    assert_eq!(browser.get("/readyz").await.body, "ready\n");
}

#[tokio::test]
async fn a_sign_in_leads_back_to_where_one_wanted_to_go_and_never_elsewhere() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let ran_out = browser.cookie.clone();
    assert_eq!(browser.post("/api/sign_out", &[]).await.status, 200);
    // a session that is over leads to the sign-in, which remembers the place
    browser.cookie = ran_out;
    let answer = browser.get("/extensions?q=10").await;
    let sign_in = answer.header("location").unwrap().to_owned();
    assert_eq!(sign_in, "/sign-in?next=%2Fextensions%3Fq%3D10");
    let page = browser.get(&sign_in).await;
    assert!(page.body.contains("value=\"/extensions?q=10\""), "{}", page.body);
    for (next, leads_to) in [
        ("/extensions?q=10", "/extensions?q=10"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/%2fevil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/me\r\nSet-Cookie: a=b", "/"),
        ("https://evil.example", "/"),
    ] {
        let mut form = credentials("ada", PASSWORD);
        form.push(("next", next.to_owned()));
        let answer = browser.post("/api/sign_in", &form).await;
        assert_eq!(answer.header("location"), Some(leads_to), "{next:?}: {answer:?}");
    }
    // a form without the field is as good
    let answer = browser.post("/api/sign_in", &credentials("ada", PASSWORD)).await;
    assert_eq!(answer.header("location"), Some("/"));
}
