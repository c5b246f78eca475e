//! For how long recordings are kept: what is removed is what was counted, whoever asks, and nothing else.

use app::{
    access::BuiltIn,
    model::{
        UserId,
        health::{Health, Sign},
        keeping::{Due, Keeping, Named, Nightly, Whose},
        people::{TeamForm, TeamId},
    },
};

use crate::{
    recordings::{Scene, files, old},
    supervision::somebody,
    support::{Browser, eventually, http::Answer, office::PBX},
};

const DAY_MS: u64 = 24 * 3_600_000;

async fn keeping(browser: &mut Browser) -> Keeping {
    let answer = browser.post("/api/keeping", &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

async fn keep(browser: &mut Browser, whose: &str, days: &str) -> Answer {
    let form = [("whose", whose.to_owned()), ("days", days.to_owned())];
    browser.post("/api/keep_recordings", &form).await
}

async fn remove(browser: &mut Browser, due: Due) -> Answer {
    let form = [
        ("at_ms", due.at_ms.to_string()),
        ("files", due.files.to_string()),
        ("bytes", due.bytes.to_string()),
    ];
    browser.post("/api/remove_recordings", &form).await
}

/// The page once nothing is under way.
async fn done(browser: &mut Browser) -> Keeping {
    eventually("the removal is over", async || {
        let page = keeping(browser).await;
        let over = page.clean_ups.iter().all(|one| one.done_ms.is_some());
        over.then_some(page)
    })
    .await
}

#[tokio::test]
async fn what_is_removed_in_the_browser_is_what_was_counted_or_nothing() {
    let mut scene = Scene::open().await;
    old(&mut scene, 5, 40).await;
    let ada = &mut scene.office.browser;
    let page = keeping(ada).await;
    assert_eq!((page.kept.len(), page.due.files, page.clean_ups.len()), (0, 0, 0));
    assert_eq!(
        page.choices[0],
        Named {
            whose: Whose::Pbx(PBX),
            name: "Office, all other calls".into()
        }
    );
    for (whose, days, field) in [
        ("pbx:1", "0", "days"),
        ("pbx:1", "-1", "days"),
        ("pbx:1", "36501", "days"),
        ("pbx:1", "1e3", "days"),
        ("pbx:99", "30", "whose"),
        ("queue:1:') OR 1=1 --", "30", "whose"),
        ("team:99", "30", "whose"),
        ("everything", "30", "whose"),
    ] {
        let answer = keep(ada, whose, days).await;
        assert!(
            answer.status >= 400 && answer.body.contains(field),
            "{whose} {days}: {answer:?}"
        );
    }
    assert!(keep(ada, "pbx:1", "30").await.status < 400);
    let page = keeping(ada).await;
    assert_eq!(page.kept, [(page.choices[0].clone(), 30)]);
    let counted = page.due;
    assert_eq!((counted.files, counted.held), (5, 0));
    // somebody holds one meanwhile: what was counted is not what would go
    let held = {
        let store = &scene.office.server.services.store;
        store.troubled_recordings(0, 1).await.unwrap().remove(0).key
    };
    scene
        .command(&["recordings", "hold", "--recording", &held])
        .await
        .good();
    let ada = &mut scene.office.browser;
    let answer = remove(ada, counted).await;
    assert!(
        answer.status == 409 && answer.body.contains("look again"),
        "{answer:?}"
    );
    let ahead = Due {
        at_ms: counted.at_ms + 365 * DAY_MS,
        ..counted
    };
    assert!(
        remove(ada, ahead).await.status >= 400,
        "nobody removes what is not due yet"
    );
    assert_eq!(files(&scene, 40), 5);
    let ada = &mut scene.office.browser;
    let counted = keeping(ada).await.due;
    assert_eq!((counted.files, counted.held), (4, 1));
    assert!(remove(ada, counted).await.status < 400);
    let page = done(ada).await;
    let one = &page.clean_ups[0];
    assert_eq!(
        (one.by.as_str(), one.marked, one.removed, one.held, one.spared),
        ("ada", 4, 4, 1, 0)
    );
    assert_eq!((one.bytes, page.due.files), (counted.bytes, 0));
    // the same form once more removes nothing
    assert_eq!(remove(ada, counted).await.status, 409);
    assert_eq!(files(&scene, 40), 1);
    let told = scene.trail("remove_recordings").await;
    let ended: Vec<&str> = told.iter().map(|(outcome, _)| outcome.as_str()).collect();
    assert_eq!(ended.iter().filter(|one| **one == "done").count(), 1, "{told:?}");
}

#[tokio::test]
async fn a_team_keeps_the_calls_of_its_people_and_where_several_say_something_the_longest_counts() {
    let mut scene = Scene::open().await;
    let (call, _) = scene.heard().await;
    let store = scene.office.server.services.store.clone();
    let mut teams = Vec::new();
    for (name, number) in [("east", "1003"), ("west", "1002"), ("north", "1009")] {
        let (id, _) = somebody(&scene.office.server, name, BuiltIn::Agent, number).await;
        let form = TeamForm {
            id: None,
            name: name.into(),
            members: vec![UserId(id)],
            queues: Vec::new(),
        };
        teams.push(store.save_team(&form, 1).await.unwrap().unwrap());
    }
    let in_days = |days: u64| call.started.0 + days * DAY_MS;
    let due = async |days: u64| store.recordings_due(in_days(days)).await.unwrap().files;
    store
        .set_recording_policy(&Whose::Pbx(PBX), Some(7))
        .await
        .unwrap();
    assert_eq!((due(6).await, due(8).await), (0, 1));
    // nobody of the north was on it
    store
        .set_recording_policy(&Whose::Team(teams[2]), Some(1))
        .await
        .unwrap();
    assert_eq!(due(6).await, 0);
    let ada = &mut scene.office.browser;
    let word = |team: TeamId| Whose::Team(team).word();
    assert!(keep(ada, &word(teams[0]), "3").await.status < 400);
    assert_eq!((due(2).await, due(4).await), (0, 1));
    scene
        .command(&["recordings", "keep", "--team", "west", "--days", "60"])
        .await
        .good();
    assert_eq!((due(59).await, due(61).await), (0, 1));
    let told = scene.command(&["recordings", "keep"]).await.good().out;
    assert!(
        told.contains("team west: 60 days") && told.contains("Office: 7 days"),
        "{told}"
    );
    // without the teams it is as the PBX says
    for team in [teams[0], teams[1]] {
        store.delete_team(team).await.unwrap();
    }
    assert_eq!((due(6).await, due(8).await), (0, 1));
    assert_eq!(
        scene
            .command(&["recordings", "keep", "--team", "west", "--days", "60"])
            .await
            .exit,
        3
    );
}

#[tokio::test]
async fn at_night_what_is_due_goes_by_itself_and_what_cannot_go_is_told_and_tried_again() {
    let mut scene = Scene::open().await;
    old(&mut scene, 3, 40).await;
    let ada = &mut scene.office.browser;
    assert!(keep(ada, "pbx:1", "30").await.status < 400);
    let night = |at: &str, zone: &str| [("at", at.to_owned()), ("zone", zone.to_owned())];
    for (form, field) in [
        (night("25:00", "UTC"), "at"),
        (night("3", "UTC"), "at"),
        (night("03:00", "Nowhere/None"), "zone"),
    ] {
        let answer = ada.post("/api/remove_nightly", &form).await;
        assert!(
            answer.status >= 400 && answer.body.contains(field),
            "{form:?} {answer:?}"
        );
    }
    let answer = ada
        .post("/api/remove_nightly", &night("03:00", "Europe/Berlin"))
        .await;
    assert!(answer.status < 400, "{answer:?}");
    let set = keeping(ada).await.nightly.unwrap();
    assert_eq!((set.at_minute, set.zone.as_str()), (180, "Europe/Berlin"));
    let until = set.due_ms - server::clock::wall_ms();
    assert!(until <= 25 * 3_600_000, "{until}");
    // the disk is away
    let away = scene.folder.path().with_extension("away");
    std::fs::rename(scene.folder.path(), &away).unwrap();
    let services = scene.office.server.services.clone();
    let now = Nightly { due_ms: 1, ..set };
    services.store.set_nightly(Some(&now)).await.unwrap();
    services.keepings.poke();
    let ada = &mut scene.office.browser;
    let page = eventually("it says what is left", async || {
        let page = keeping(ada).await;
        page.clean_ups
            .iter()
            .any(|one| !one.left.is_empty())
            .then_some(page)
    })
    .await;
    let one = &page.clean_ups[0];
    assert_eq!(
        (one.by.as_str(), one.marked, one.removed, one.done_ms),
        ("server:starboard", 3, 0, None)
    );
    assert!(one.left.starts_with("3 files could not be removed: "), "{one:?}");
    assert!(page.nightly.unwrap().due_ms > server::clock::wall_ms());
    let health: Health = ada.ask("/api/health", &()).await.value();
    let part = health
        .parts
        .iter()
        .find(|part| part.name == "Removing recordings")
        .unwrap();
    assert!(
        part.sign == Sign::Strained && part.says.contains("3 files"),
        "{part:?}"
    );
    // and back
    std::fs::rename(&away, scene.folder.path()).unwrap();
    services.keepings.poke();
    let ada = &mut scene.office.browser;
    let page = done(ada).await;
    assert_eq!(
        (page.clean_ups.len(), page.clean_ups[0].removed, page.due.files),
        (1, 3, 0)
    );
    assert_eq!(files(&scene, 40), 0);
    // nothing is due: no removal is begun
    services.store.set_nightly(Some(&now)).await.unwrap();
    services.keepings.poke();
    let ada = &mut scene.office.browser;
    eventually("the night is over", async || {
        let next = keeping(ada).await.nightly.unwrap().due_ms;
        (next > 1).then_some(())
    })
    .await;
    assert_eq!(keeping(ada).await.clean_ups.len(), 1);
    let said = scene
        .command(&["recordings", "nightly", "--never"])
        .await
        .good()
        .out;
    assert!(said.contains("stays until somebody removes it"), "{said}");
    assert_eq!(keeping(&mut scene.office.browser).await.nightly, None);
}
