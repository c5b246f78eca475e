//! Passkeys, from a key in software: they let their owner in, alone or after the password, and nobody else.

use app::{
    AppError,
    access::BuiltIn,
    model::sign_in::{PasskeyAnswer, PasskeyPlace, PasskeyQuestion, Security},
};

use crate::support::{Browser, TestServer, authenticator::Authenticator, http::Answer, person::leads_to};

async fn question(browser: &mut Browser, path: &str) -> PasskeyQuestion {
    let answer = browser.post(path, &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

async fn answer(browser: &mut Browser, path: &str, answer: PasskeyAnswer) -> Answer {
    let form = [("name", answer.name), ("credential", answer.credential)];
    browser.post(path, &form).await
}

fn key(server: &TestServer) -> Authenticator {
    Authenticator::new(&format!("http://localhost:{}", server.address.port()))
}

async fn add(browser: &mut Browser, key: &mut Authenticator) -> Answer {
    let asked = question(browser, "/api/ask_new_passkey").await;
    answer(browser, "/api/add_passkey", key.create(&asked)).await
}

#[tokio::test]
async fn a_passkey_is_the_second_half_and_the_whole_of_a_sign_in() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    let mut key = key(&server);
    let added = add(&mut ada, &mut key).await;
    assert_eq!((added.status, leads_to(&added)), (200, "/me/codes"), "{added:?}");
    let security: Security = ada.post("/api/security", &[]).await.value();
    assert_eq!((security.passkeys.len(), security.recovery_left), (1, 10));
    assert_eq!(security.passkeys[0].used_ms, None);

    let (mut halfway, next) = server.password("ada").await;
    assert_eq!(leads_to(&next), "/sign-in?step=second");
    let asked = question(&mut halfway, "/api/ask_second").await;
    let entered = answer(&mut halfway, "/api/second_passkey", key.prove(&asked)).await;
    assert_eq!((entered.status, leads_to(&entered)), (200, "/"), "{entered:?}");
    assert_eq!(halfway.get("/").await.status, 200);

    let mut alone = server.browser();
    let asked = question(&mut alone, "/api/ask_passkey").await;
    let entered = answer(&mut alone, "/api/passkey_sign_in", key.prove(&asked)).await;
    assert_eq!((entered.status, leads_to(&entered)), (200, "/"), "{entered:?}");
    assert_eq!(alone.get("/").await.status, 200);
    let security: Security = alone.post("/api/security", &[]).await.value();
    assert!(security.passkeys[0].used_ms.is_some());
}

#[tokio::test]
async fn an_answer_is_taken_once_and_for_its_own_question() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    let mut key = key(&server);
    add(&mut ada, &mut key).await;
    let mut thief = server.browser();
    let first = question(&mut thief, "/api/ask_passkey").await;
    let second = question(&mut thief, "/api/ask_passkey").await;
    let proof = key.prove(&first);
    // for another question
    let moved = PasskeyAnswer {
        name: second.name,
        ..proof.clone()
    };
    assert_eq!(
        answer(&mut thief, "/api/passkey_sign_in", moved).await.status,
        409
    );
    assert_eq!(thief.get("/").await.status, 303);
    // the question of a sign-in proves nothing to a session, and the other way round
    assert_eq!(answer(&mut ada, "/api/confirm_passkey", proof).await.status, 409);
    let asked = question(&mut ada, "/api/ask_confirm").await;
    let proof = key.prove(&asked);
    let mut other = server.browser();
    let refused = crate::support::eventually("the wait after a wrong one is over", async || {
        let refused = answer(&mut other, "/api/passkey_sign_in", proof.clone()).await;
        (refused.status != 429).then_some(refused)
    })
    .await;
    assert_eq!(refused.status, 409, "{refused:?}");
    // spent by that
    let refused = crate::support::eventually("the wait after a wrong one is over", async || {
        let refused = answer(&mut ada, "/api/confirm_passkey", proof.clone()).await;
        (refused.status != 429).then_some(refused)
    })
    .await;
    assert_eq!(refused.status, 409, "{refused:?}");
}

#[tokio::test]
async fn another_site_and_another_key_get_nowhere() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    let mut good = key(&server);
    add(&mut ada, &mut good).await;
    let elsewhere = format!("http://localhost:{}", server.address.port() ^ 1);
    for (origin, verifies) in [
        ("https://evil.example", true),
        (elsewhere.as_str(), true),
        ("", false),
    ] {
        let origin = if origin.is_empty() {
            format!("http://localhost:{}", server.address.port())
        } else {
            origin.to_owned()
        };
        let mut odd = Authenticator::new(&origin);
        odd.verifies = verifies;
        let refused = add(&mut ada, &mut odd).await;
        assert_eq!(refused.status, 409, "{origin}: {refused:?}");
    }
    // a key that was never added says that it is ada's
    let mut forged = key(&server);
    forged.handle = good.handle.clone();
    let mut thief = server.browser();
    let asked = question(&mut thief, "/api/ask_passkey").await;
    let refused = answer(&mut thief, "/api/passkey_sign_in", forged.prove(&asked)).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    // without the fingerprint the right one does not count either
    good.verifies = false;
    let asked = question(&mut thief, "/api/ask_passkey").await;
    let refused = answer(&mut thief, "/api/passkey_sign_in", good.prove(&asked)).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    for odd in ["", "{}", "[[[[", "null"] {
        let asked = question(&mut thief, "/api/ask_passkey").await;
        let odd = PasskeyAnswer {
            name: asked.name,
            credential: odd.to_owned(),
        };
        assert_eq!(answer(&mut thief, "/api/passkey_sign_in", odd).await.status, 400);
    }
    assert_eq!(thief.get("/").await.status, 303);
}

#[tokio::test]
async fn a_passkey_is_of_one_person_and_can_be_named_and_taken_away() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    server.add("ann", BuiltIn::Agent).await;
    let mut ann = server.signed_in("ann").await;
    let (mut first, mut second) = (key(&server), key(&server));
    assert_eq!(add(&mut ada, &mut first).await.status, 200);
    assert_eq!(ada.post("/api/put_codes_away", &[]).await.status, 200);
    let again = add(&mut ada, &mut second).await;
    assert_eq!(leads_to(&again), "/me/security", "the codes came with the first");
    assert_eq!(add(&mut ann, &mut first).await.status, 409, "known already");
    let security: Security = ada.post("/api/security", &[]).await.value();
    let id = security.passkeys[0].id.to_string();
    let name = [("id", id.clone()), ("name", "Blue key".to_owned())];
    assert_eq!(ann.post("/api/rename_passkey", &name).await.status, 404);
    assert_eq!(ann.post("/api/remove_passkey", &name).await.status, 404);
    assert_eq!(ada.post("/api/rename_passkey", &name).await.status, 200);
    let nameless = [("id", id.clone()), ("name", String::new())];
    assert_eq!(ada.post("/api/rename_passkey", &nameless).await.status, 422);
    let security: Security = ada.post("/api/security", &[]).await.value();
    assert_eq!(security.passkeys[0].name, "Blue key");
    assert_eq!(ada.post("/api/remove_passkey", &name).await.status, 200);
    let mut gone = server.browser();
    let asked = question(&mut gone, "/api/ask_passkey").await;
    assert_eq!(
        answer(&mut gone, "/api/passkey_sign_in", first.prove(&asked))
            .await
            .status,
        409
    );
    // the last one stays, for an administrator needs one
    let last = [("id", security.passkeys[1].id.to_string())];
    assert_eq!(ada.post("/api/remove_passkey", &last).await.status, 409);
}

#[tokio::test]
async fn a_passkey_confirms_who_one_is() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    let mut key = key(&server);
    add(&mut ada, &mut key).await;
    server.long_ago(&ada).await;
    assert_eq!(
        ada.post("/api/renew_codes", &[]).await.value::<AppError>(),
        AppError::Reauthenticate
    );
    let asked = question(&mut ada, "/api/ask_confirm").await;
    assert_eq!(
        answer(&mut ada, "/api/confirm_passkey", key.prove(&asked))
            .await
            .status,
        200
    );
    assert_eq!(ada.post("/api/renew_codes", &[]).await.status, 200);
}

#[tokio::test]
async fn where_passkeys_do_not_work_it_is_said_what_to_configure() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(&folder);
    config.public_url = Some("https://192.0.2.1".into());
    let server = TestServer::start_with(folder, config).await;
    let mut ada = server.set_up().await;
    let security: Security = ada.post("/api/security", &[]).await.value();
    let PasskeyPlace::Nowhere(why) = security.place else {
        panic!("{:?}", security.place)
    };
    assert!(why.contains("public_url"), "{why}");
    let refused = ada.post("/api/ask_new_passkey", &[]).await;
    assert_eq!(refused.value::<AppError>(), AppError::Conflict(why));
}
