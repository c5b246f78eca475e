//! Rights as they act on an open live socket: what is not theirs is not sent, and a change acts within seconds.

use std::time::{Duration, Instant};

use app::{
    access::{BuiltIn, Reach},
    model::OwnExtension,
};
use server::store::{Store, UserRecord, built_in_id};
use telephony::{Command, Outcome};

use crate::support::{
    Browser, PASSWORD,
    live::Live,
    office::{Office, PBX, call, send},
};

/// How soon a change of rights acts.
const SOON: Duration = Duration::from_secs(5);

/// Somebody of a role with a phone, signed in.
async fn somebody(office: &Office, username: &str, role: BuiltIn, number: &str) -> (i64, Browser) {
    let services = &office.server.services;
    let user = UserRecord {
        password_hash: services.passwords.hash(PASSWORD).await.unwrap(),
        extensions: vec![OwnExtension {
            pbx: PBX,
            number: number.into(),
        }],
        ..UserRecord::new(username, username, role, 1)
    };
    let id = services.store.add_user(&user).await.unwrap();
    let mut browser = office.server.browser();
    let form = [
        ("username", username.to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    assert_eq!(browser.post("/api/sign_in", &form).await.status, 200);
    (id, browser)
}

fn role_form(id: i64, name: &str, role: BuiltIn, number: &str) -> Vec<(&'static str, String)> {
    vec![
        ("id", id.to_string()),
        ("display_name", name.to_owned()),
        ("role", built_in_id(role).to_string()),
        ("extensions", number.to_owned()),
    ]
}

#[tokio::test]
async fn an_agent_is_told_of_the_calls_of_their_team_and_of_no_others() {
    let mut office = Office::open().await;
    let (grace, browser) = somebody(&office, "grace", BuiltIn::Agent, "1005").await;
    let mut hers = Live::open(&browser).await;
    assert_eq!(
        hers.pbx().1.extensions.len(),
        office.live.pbx().1.extensions.len()
    );
    assert!(hers.pbx().1.trunks.is_empty() && hers.pbx().1.queues.is_empty());

    // ada calls 1002: nothing of grace's
    assert_eq!(
        office.outcome("first-call", call("1001", "1002")).await,
        Outcome::Accepted
    );
    office.pbx.answer("1001").await.unwrap();
    hers.until("1001 is seen to be busy", |live| {
        !live.pbx().1.extensions["1001"].engagements.is_empty()
    })
    .await;
    assert!(hers.pbx().1.calls.is_empty(), "{:?}", hers.pbx().1.calls);
    let with = &hers.pbx().1.extensions["1001"].engagements[0];
    assert_eq!(
        (with.with.as_str(), with.number.as_str(), with.call.0.as_str()),
        ("", "", "")
    );

    // a command about it is answered as if it were not there
    let id = office.live.pbx().1.calls.keys().next().cloned();
    let id = match id {
        Some(id) => id,
        None => {
            office.sees("the call", |board| !board.calls.is_empty()).await;
            office.live.pbx().1.calls.keys().next().unwrap().clone()
        }
    };
    let mut asking = browser.clone();
    let answer = send(
        &mut asking,
        "not-hers-to-end",
        Command::HangUp { call: id.clone() },
    )
    .await;
    assert_eq!(answer.status, 404, "{answer:?}");

    // ada and grace become a team: the call is hers to see, on the open socket
    let begun = Instant::now();
    let users = office.server.services.store.users(None).await.unwrap().0;
    let ada = users
        .iter()
        .find(|(record, _)| record.username == "ada")
        .unwrap()
        .0
        .id;
    let form = [
        ("id", "0".to_owned()),
        ("name", "Front desk".to_owned()),
        ("members[0]", ada.to_string()),
        ("members[1]", grace.to_string()),
    ];
    assert_eq!(office.browser.post("/api/save_team", &form).await.status, 200);
    hers.until("the call of the team", |live| {
        live.pbx().1.calls.contains_key(&id)
    })
    .await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    let viewer = hers.viewer.clone().unwrap();
    assert_eq!(viewer.rights.team_extensions.len(), 2);
    assert!(!hers.pbx().1.extensions["1001"].engagements[0].call.0.is_empty());
    // seen, and still not hers to end
    let answer = send(
        &mut asking,
        "seen-not-hers-x",
        Command::HangUp { call: id.clone() },
    )
    .await;
    assert_eq!(answer.status, 403, "{answer:?}");
}

#[tokio::test]
async fn a_right_that_another_program_takes_away_acts_on_an_open_socket() {
    let office = Office::open().await;
    let (grace, browser) = somebody(&office, "grace", BuiltIn::Supervisor, "1005").await;
    let mut hers = Live::open(&browser).await;
    assert!(!hers.pbx().1.extensions.is_empty() && !hers.pbx().1.trunks.is_empty());

    // as the command line does it: another process on the same file
    let begun = Instant::now();
    let other = Store::open(&office.server.folder.path().join("starboard.db"))
        .await
        .unwrap();
    let mut mute = app::model::people::RoleForm {
        id: None,
        name: "Nothing".into(),
        abilities: app::access::Abilities::none(),
    };
    mute.abilities.set(app::access::Ability::SeeParked, Reach::Own);
    let role = other.save_role(&mute, 1).await.unwrap().unwrap();
    let mut record = other.user(grace).await.unwrap().unwrap();
    record.role_id = role.0;
    let wanted = server::store::Wanted {
        record,
        teams: Vec::new(),
        invitation: None,
    };
    other.save_people(&[wanted], 1).await.unwrap().unwrap();
    hers.until("an empty board", |live| {
        live.pbx().1.extensions.is_empty() && live.pbx().1.trunks.is_empty()
    })
    .await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(hers.viewer.as_ref().unwrap().role, "Nothing");

    // and who is shut out is out
    let begun = Instant::now();
    assert!(other.set_disabled(grace, true).await.unwrap());
    while hers.frame().await.is_some() {}
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    let mut again = browser.clone();
    assert_eq!(again.get("/").await.status, 303);
}

#[tokio::test]
async fn nobody_gives_more_than_they_have_and_the_last_administrator_stays() {
    let mut office = Office::open().await;
    let services = office.server.services.clone();
    // somebody who manages users, and sees no trunks
    let (paula, _, mut browser) = personnel(&office).await;
    let (grace, _) = somebody(&office, "grace", BuiltIn::Agent, "1005").await;
    let to_agent = role_form(grace, "Grace", BuiltIn::Agent, "1005");
    assert_eq!(browser.post("/api/save_user", &to_agent).await.status, 200);
    let to_admin = role_form(grace, "Grace", BuiltIn::Admin, "1005");
    let answer = browser.post("/api/save_user", &to_admin).await;
    assert!(answer.status == 422 || answer.status == 400, "{answer:?}");
    let herself = role_form(paula, "Paula", BuiltIn::Admin, "1006");
    assert_ne!(browser.post("/api/save_user", &herself).await.status, 200);
    let ada = services.store.user_named("ada").await.unwrap().unwrap().id;
    for (path, form) in [
        ("/api/save_user", role_form(ada, "Ada", BuiltIn::Viewer, "1001")),
        (
            "/api/set_user_disabled",
            vec![("id", ada.to_string()), ("disabled", "true".to_owned())],
        ),
        ("/api/invite_user", vec![("id", ada.to_string())]),
        ("/api/end_user_sessions", vec![("id", ada.to_string())]),
        ("/api/reset_factors", vec![("user", ada.to_string())]),
    ] {
        let answer = browser.post(path, &form).await;
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
    }
    // not even by herself
    let answer = office
        .browser
        .post("/api/save_user", &role_form(ada, "Ada", BuiltIn::Viewer, "1001"))
        .await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!(
        services.store.user(ada).await.unwrap().unwrap().role,
        "Administrator"
    );
}

#[tokio::test]
async fn whoever_changes_people_or_roles_has_shown_lately_who_they_are() {
    let mut office = Office::open().await;
    let (grace, _) = somebody(&office, "grace", BuiltIn::Agent, "1005").await;
    office.server.long_ago(&office.browser).await;
    let id = || ("id", grace.to_string());
    for (path, form) in [
        (
            "/api/save_user",
            role_form(grace, "Grace", BuiltIn::Supervisor, "1005"),
        ),
        ("/api/save_user", role_form(0, "Eve", BuiltIn::Admin, "1006")),
        ("/api/invite_user", vec![id()]),
        ("/api/end_user_sessions", vec![id()]),
        (
            "/api/set_user_disabled",
            vec![id(), ("disabled", "true".to_owned())],
        ),
        ("/api/reset_factors", vec![("user", grace.to_string())]),
        (
            "/api/save_role",
            vec![("id", "0".to_owned()), ("name", "Reception".to_owned())],
        ),
        ("/api/delete_role", vec![("id", "99".to_owned())]),
        (
            "/api/import_users",
            vec![
                ("csv", "username,name\neve,Eve".to_owned()),
                ("do_it", "true".to_owned()),
            ],
        ),
    ] {
        let answer = office.browser.post(path, &form).await;
        assert_eq!(
            answer.value::<app::AppError>(),
            app::AppError::Reauthenticate,
            "{path}: {answer:?}"
        );
    }
    let (users, _) = office.server.services.store.users(None).await.unwrap();
    assert_eq!(users.len(), 2);
    let grace = users.iter().find(|(record, _)| record.id == grace).unwrap();
    assert_eq!((grace.0.role.as_str(), grace.0.disabled), ("Agent", false));
    let proof = [("proof", PASSWORD.to_owned()), ("next", String::new())];
    assert_eq!(office.browser.post("/api/confirm", &proof).await.status, 200);
    let again = role_form(grace.0.id, "Grace", BuiltIn::Supervisor, "1005");
    assert_eq!(office.browser.post("/api/save_user", &again).await.status, 200);
}

/// Somebody who manages users and belongs to the only PBX there is, without seeing what teams they are not in see.
async fn personnel(office: &Office) -> (i64, i64, Browser) {
    let services = &office.server.services;
    let mut abilities = BuiltIn::Supervisor.abilities();
    abilities.set(app::access::Ability::ManageUsers, Reach::All);
    let form = app::model::people::RoleForm {
        id: None,
        name: "Personnel".into(),
        abilities,
    };
    let role = services.store.save_role(&form, 1).await.unwrap().unwrap().0;
    let (paula, browser) = somebody(office, "paula", BuiltIn::Supervisor, "1006").await;
    let mut record = services.store.user(paula).await.unwrap().unwrap();
    record.role_id = role;
    let wanted = server::store::Wanted {
        record,
        teams: Vec::new(),
        invitation: None,
    };
    services.store.save_people(&[wanted], 1).await.unwrap();
    (paula, role, browser)
}

/// A team of these people; gives its id.
async fn team(office: &mut Office, name: &str, members: &[i64]) -> String {
    let mut form = vec![("id", "0".to_owned()), ("name", name.to_owned())];
    let fields = ["members[0]", "members[1]", "members[2]"];
    form.extend(fields.into_iter().zip(members.iter().map(i64::to_string)));
    let made = office.browser.post("/api/save_team", &form).await;
    assert_eq!(made.status, 200, "{made:?}");
    let teams = office.server.services.store.teams().await.unwrap();
    teams
        .iter()
        .find(|team| team.name == name)
        .unwrap()
        .id
        .0
        .to_string()
}

#[tokio::test]
async fn whoever_manages_users_gives_neither_teams_nor_phones_that_they_do_not_reach() {
    let mut office = Office::open().await;
    let (paula, role, mut browser) = personnel(&office).await;
    let (grace, _) = somebody(&office, "grace", BuiltIn::Agent, "1005").await;
    let team = team(&mut office, "Front desk", &[1]).await;
    let herself = |number: &str| {
        let mut form = role_form(paula, "Paula", BuiltIn::Agent, number);
        form.iter_mut().find(|(field, _)| *field == "role").unwrap().1 = role.to_string();
        form
    };
    assert_eq!(browser.post("/api/save_user", &herself("1006")).await.status, 200);
    // ada's phone, with her calls; and ada's team
    assert_eq!(browser.post("/api/save_user", &herself("1001")).await.status, 422);
    let profile = [("display_name", "Paula".to_owned()), ("own", "1:1001".to_owned())];
    assert_eq!(browser.post("/api/save_profile", &profile).await.status, 422);
    for form in [herself("1006"), role_form(grace, "Grace", BuiltIn::Agent, "1005")] {
        let mut form = form;
        form.push(("teams[0]", team.clone()));
        let answer = browser.post("/api/save_user", &form).await;
        assert_eq!(answer.status, 422, "{answer:?}");
    }
    // nor by way of a team that she makes herself
    let mut abilities = BuiltIn::Supervisor.abilities();
    abilities.set(app::access::Ability::ManageTeams, Reach::All);
    let store = &office.server.services.store;
    let form = app::model::people::RoleForm {
        id: None,
        name: "Organiser".into(),
        abilities,
    };
    let organiser = store.save_role(&form, 1).await.unwrap().unwrap();
    let (olga, mut hers) = somebody(&office, "olga", BuiltIn::Supervisor, "1008").await;
    assert!(store.set_role(olga, organiser.0).await.unwrap());
    let credentials = [("username", "olga".to_owned()), ("password", PASSWORD.to_owned())];
    assert_eq!(hers.post("/api/sign_in", &credentials).await.status, 200);
    let with = |members: &[i64]| {
        let mut form = vec![("id", "0".to_owned()), ("name", "Mine".to_owned())];
        let fields = ["members[0]", "members[1]"];
        form.extend(fields.into_iter().zip(members.iter().map(i64::to_string)));
        form
    };
    assert_eq!(hers.post("/api/save_team", &with(&[olga, 1])).await.status, 422);
    assert_eq!(hers.post("/api/save_team", &with(&[grace, 1])).await.status, 200);
    // who sits at which phone is hers to say
    let moved = role_form(grace, "Grace", BuiltIn::Agent, "1007");
    assert_eq!(browser.post("/api/save_user", &moved).await.status, 200);
}

#[tokio::test]
async fn a_view_that_shows_more_than_ones_own_cannot_be_taken_and_ends_when_it_becomes_one() {
    let mut office = Office::open().await;
    let (sue, mut browser) = somebody(&office, "sue", BuiltIn::Supervisor, "1006").await;
    let (grace, _) = somebody(&office, "grace", BuiltIn::Agent, "1005").await;
    team(&mut office, "Front desk", &[sue, grace]).await;
    let as_grace = [("user", grace.to_string())];
    assert_eq!(browser.post("/api/view_as", &as_grace).await.status, 200);
    let mut live = Live::open(&browser).await;
    // grace joins a team of others: what she sees there sue does not
    team(&mut office, "Sales", &[1, grace]).await;
    live.until("her own view again", |live| {
        live.viewer
            .as_ref()
            .is_some_and(|viewer| viewer.seen_by.is_none())
    })
    .await;
    let back = [("user", "0".to_owned())];
    assert_eq!(browser.post("/api/view_as", &back).await.status, 200);
    assert_eq!(browser.post("/api/view_as", &as_grace).await.status, 404);
    // and nobody who administers
    let ada = [("user", "1".to_owned())];
    assert_eq!(browser.post("/api/view_as", &ada).await.status, 404);
}

#[tokio::test]
async fn whoever_is_made_an_administrator_signs_in_again() {
    let mut office = Office::open().await;
    let (grace, mut browser) = somebody(&office, "grace", BuiltIn::Agent, "1005").await;
    let to_admin = role_form(grace, "Grace", BuiltIn::Admin, "1005");
    assert_eq!(office.browser.post("/api/save_user", &to_admin).await.status, 200);
    assert_eq!(
        browser.get("/").await.status,
        303,
        "the longer session of an agent is over"
    );
}

#[tokio::test]
async fn a_role_in_a_file_is_its_whole_name() {
    let mut office = Office::open().await;
    for (role, made) in [
        ("a", false),
        ("ad", false),
        ("admi", false),
        ("admin", true),
        ("Agent", true),
    ] {
        let csv = format!("username,name,role\nfile-{},Somebody,{role}", role.to_lowercase());
        let form = [("csv", csv), ("do_it", "true".to_owned())];
        office.browser.post("/api/import_users", &form).await;
        let name = format!("file-{}", role.to_lowercase());
        let user = office.server.services.store.user_named(&name).await.unwrap();
        assert_eq!(user.is_some(), made, "{role}");
    }
    // what it would come to is said before it is done
    let csv = "username,name,role,extensions\nnew,New One,agent,1009";
    let tried = office
        .browser
        .post(
            "/api/import_users",
            &[("csv", csv.to_owned()), ("do_it", "false".to_owned())],
        )
        .await;
    let import: app::model::people::Import = tried.value();
    let app::model::people::ImportOutcome::Add(what) = &import.lines[0].outcome else {
        panic!("{import:?}")
    };
    assert_eq!(what, "name New One; role Agent; PBX every PBX; extensions 1/1009");
}

#[tokio::test]
async fn people_are_counted_and_listed_as_far_as_they_are_seen() {
    let mut office = Office::open().await;
    let (sue, mut browser) = somebody(&office, "sue", BuiltIn::Supervisor, "1006").await;
    let (grace, _) = somebody(&office, "grace", BuiltIn::Agent, "1005").await;
    somebody(&office, "henry", BuiltIn::Agent, "1007").await;
    team(&mut office, "Front desk", &[sue, grace]).await;
    team(&mut office, "Sales", &[1, grace]).await;
    let people: app::model::people::People = browser.post("/api/people", &[]).await.value();
    let names: Vec<_> = people.users.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(names, ["grace", "sue"]);
    assert_eq!(people.teams.len(), 1);
    assert!(
        people.users.iter().all(|user| user.teams.len() == 1),
        "{people:?}"
    );
    let counted: u32 = people.roles.iter().map(|role| role.users).sum();
    assert_eq!(counted, 2, "{:?}", people.roles);
}
