//! Asking for help: who sees it, who is on it, and when it is over.

use app::{
    AppError,
    access::BuiltIn,
    live::{
        help::{HelpRequest, OwnHelp},
        note::Note,
    },
    packed::unpack,
};
use telephony::{Command, Supervision};

use crate::{
    supervision::{somebody, talk},
    support::{
        Browser, TestServer, config,
        live::Live,
        office::{Office, send},
    },
};

fn notes<N: Note>(live: &Live) -> Vec<N> {
    let kind = format!("{}/", N::KIND);
    let found = live.notes.iter().filter(|((_, name), _)| name.starts_with(&kind));
    found.map(|(_, says)| unpack(says).unwrap()).collect()
}

/// Grace, an agent at 1003, and Sam, who supervises her team, at 1005.
struct Team {
    office: Office,
    grace: Browser,
    sam: Browser,
}

impl Team {
    async fn open() -> Self {
        let mut office = Office::open().await;
        let (grace, agent) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
        let (sam, supervisor) = somebody(&office.server, "sam", BuiltIn::Supervisor, "1005").await;
        // they belong to the team alone, not to the whole PBX
        let form = [
            ("id", "0".to_owned()),
            ("name", "Front desk".to_owned()),
            ("members[0]", grace.to_string()),
            ("members[1]", sam.to_string()),
        ];
        assert_eq!(office.browser.post("/api/save_team", &form).await.status, 200);
        Self {
            office,
            grace: agent,
            sam: supervisor,
        }
    }
}

async fn ask(browser: &mut Browser, words: &str) -> Result<i64, AppError> {
    let answer = browser
        .post("/api/ask_help", &[("words", words.to_owned())])
        .await;
    match answer.status {
        200 => Ok(answer.value()),
        _ => Err(answer.value()),
    }
}

#[tokio::test]
async fn supervisors_of_the_team_see_who_asks_and_nobody_else_does() {
    let mut team = Team::open().await;
    let (_, colleague) = somebody(&team.office.server, "carol", BuiltIn::Agent, "1006").await;
    let (_, elsewhere) = somebody(&team.office.server, "otto", BuiltIn::Supervisor, "1007").await;
    let mut sams = Live::open(&team.sam).await;
    let mut graces = Live::open(&team.grace).await;
    let mut carols = Live::open(&colleague).await;
    let mut ottos = Live::open(&elsewhere).await;
    let id = ask(&mut team.grace, "A refund").await.unwrap();
    sams.until("the request", |live| !notes::<HelpRequest>(live).is_empty())
        .await;
    let seen = notes::<HelpRequest>(&sams).remove(0);
    assert_eq!(
        (seen.id, &*seen.extension, &*seen.words),
        (id, "1003", "A refund")
    );
    assert!(notes::<OwnHelp>(&sams).is_empty(), "hers to see");
    graces
        .until("her own request", |live| !notes::<OwnHelp>(live).is_empty())
        .await;
    assert!(
        notes::<HelpRequest>(&graces).is_empty(),
        "nobody sees more than they may"
    );
    // one at a time
    assert!(matches!(
        ask(&mut team.grace, "").await,
        Err(AppError::Conflict(_))
    ));

    let id_form = [("id", id.to_string())];
    let mut other = elsewhere.clone();
    assert_eq!(other.post("/api/take_help", &id_form).await.status, 404);
    assert_eq!(other.post("/api/end_help", &id_form).await.status, 404);
    assert_eq!(
        team.grace.post("/api/take_help", &id_form).await.status,
        404,
        "not one's own"
    );
    assert_eq!(team.sam.post("/api/take_help", &id_form).await.status, 200);
    graces
        .until("who is on it", |live| {
            let own = notes::<OwnHelp>(live);
            own.iter()
                .any(|own| own.0.taken.as_ref().is_some_and(|(_, name)| name == "sam"))
        })
        .await;
    let answer = team.office.browser.post("/api/take_help", &id_form).await;
    assert!(matches!(answer.value(), AppError::Conflict(_)), "{answer:?}");
    assert_eq!(team.sam.post("/api/end_help", &id_form).await.status, 200);
    graces
        .until("it is over", |live| notes::<OwnHelp>(live).is_empty())
        .await;
    // nothing was ever told to the others, up to where everything was
    for live in [&mut carols, &mut ottos] {
        let upto = graces.sequence;
        live.until("what there was", |live| live.sequence >= upto || live.pulses > 0)
            .await;
        assert!(notes::<HelpRequest>(live).is_empty() && notes::<OwnHelp>(live).is_empty());
    }
    let trail = team.office.server.services.trail.newest(10).await.unwrap();
    let acts: Vec<_> = trail
        .iter()
        .map(|row| (&*row.act.actor, &*row.act.action))
        .collect();
    for act in [("grace", "ask_help"), ("sam", "take_help"), ("sam", "end_help")] {
        assert!(acts.contains(&act), "{act:?} in {acts:?}");
    }
}

#[tokio::test]
async fn who_listens_in_is_on_it_and_the_end_of_the_call_closes_it() {
    let mut team = Team::open().await;
    let (call, leg) = talk(&mut team.office, "1002", "1003").await;
    ask(&mut team.grace, "").await.unwrap();
    let mut sams = Live::open(&team.sam).await;
    sams.until("the request", |live| !notes::<HelpRequest>(live).is_empty())
        .await;
    assert_eq!(notes::<HelpRequest>(&sams)[0].call.as_ref(), Some(&call));
    let listen = Command::Supervise {
        call,
        leg,
        how: Supervision::Listen,
        by: "1005".into(),
    };
    let answer = send(&mut team.sam, "help-listen", listen).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    sams.until("sam is on it", |live| {
        let open = notes::<HelpRequest>(live);
        open.iter()
            .any(|one| one.taken.as_ref().is_some_and(|(_, name)| name == "sam"))
    })
    .await;
    team.office.pbx.hang_up("1002").await.unwrap();
    sams.until("it is closed with the call", |live| {
        notes::<HelpRequest>(live).is_empty()
    })
    .await;
    assert!(
        team.office
            .server
            .services
            .store
            .help_requests()
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_restart_forgets_nobody_and_who_is_shut_out_asks_no_more() {
    let mut team = Team::open().await;
    let id = ask(&mut team.grace, "Still here").await.unwrap();
    let Team { office, grace, sam } = team;
    let address = office.pbx.bound().ami;
    let folder = office.server.stop().await;
    let config = server::config::Config {
        pbx: Vec::new(),
        ..config(&folder)
    };
    let server = TestServer::start_with(folder, config).await;
    let again = |browser: &Browser| Browser {
        address: server.address,
        origin: Some(format!("http://{}", server.address)),
        ..browser.clone()
    };
    let mut sams = Live::open(&again(&sam)).await;
    sams.until("the request is there again", |live| {
        notes::<HelpRequest>(live)
            .iter()
            .any(|one| one.id == id && one.words == "Still here")
    })
    .await;
    let mut graces = Live::open(&again(&grace)).await;
    graces
        .until("hers as well", |live| !notes::<OwnHelp>(live).is_empty())
        .await;
    let grace = server
        .services
        .store
        .user_named("grace")
        .await
        .unwrap()
        .unwrap()
        .id;
    assert!(
        server.services.store.set_disabled(grace, true).await.unwrap(),
        "{address}"
    );
    sams.until("it is closed", |live| notes::<HelpRequest>(live).is_empty())
        .await;
}

#[tokio::test]
async fn whoever_asks_again_and_again_is_told_to_wait() {
    let mut team = Team::open().await;
    for _ in 0..6 {
        let id = ask(&mut team.grace, "").await.unwrap();
        let answer = team.grace.post("/api/end_help", &[("id", id.to_string())]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert!(matches!(
        ask(&mut team.grace, "").await,
        Err(AppError::TooMany { .. })
    ));
    let long = "x".repeat(121);
    assert!(matches!(
        ask(&mut team.sam, &long).await,
        Err(AppError::Invalid(_))
    ));
}
