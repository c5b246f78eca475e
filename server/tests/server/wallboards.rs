//! Wallboards: whose they are, what is wrong with one, and the screens that show them.

use std::time::{Duration, Instant};

use app::{
    access::BuiltIn,
    api::wallboard::SaveWallboard,
    live::protocol::{ByeReason, ServerFrame},
    model::{
        OwnExtension, UserId,
        people::TeamForm,
        wallboard::{
            MAX_BOARDS, Metric, Page, Place, Scope, Shown, Tile, Today, Tv, Wallboard, WallboardId,
            Wallboards,
        },
    },
};
use futures::StreamExt;
use server::store::{UserRecord, built_in_id};
use telephony::Outcome;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    matrix::{functions, pages},
    support::{
        Browser, PASSWORD, PATIENCE,
        http::Answer,
        live::{Live, connect},
        office::{Office, PBX, call},
    },
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
    (id, office.server.signed_in(username).await)
}

fn board(tiles: Vec<Tile>) -> Wallboard {
    Wallboard {
        name: "Hall".into(),
        pages: vec![Page {
            tiles,
            ..Page::default()
        }],
        ..Wallboard::default()
    }
}

fn tile(metric: Metric, at: u8, scope: Scope) -> Tile {
    let place = Place {
        x: at,
        y: 0,
        wide: 1,
        high: 1,
    };
    Tile {
        scope,
        ..Tile::new(metric, place)
    }
}

fn queue(name: &str) -> Scope {
    Scope::Queues(vec![(PBX, name.into())])
}

/// Makes a board that is as this one.
async fn make(browser: &mut Browser, board: &Wallboard) -> WallboardId {
    let made = browser
        .post("/api/make_wallboard", &[("name", board.name.clone())])
        .await;
    assert_eq!(made.status, 200, "{made:?}");
    let id = made
        .header("location")
        .unwrap()
        .strip_prefix("/wallboards/")
        .unwrap();
    let id = WallboardId(id.parse().unwrap());
    let saved = save(browser, id, 1, board).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    id
}

async fn save(browser: &mut Browser, id: WallboardId, version: i64, board: &Wallboard) -> Answer {
    let form = SaveWallboard {
        id,
        version,
        board: board.clone(),
    };
    browser.ask("/api/save_wallboard", &form).await
}

async fn open(browser: &mut Browser, id: WallboardId) -> Answer {
    browser.post("/api/wallboard", &[("id", id.0.to_string())]).await
}

async fn listed(browser: &mut Browser) -> Wallboards {
    browser.post("/api/wallboards", &[]).await.value()
}

/// A television that shows a code.
async fn television(office: &Office) -> (Browser, String) {
    let mut tv = office.server.browser();
    let code = code(&mut tv).await;
    (tv, code)
}

async fn code(tv: &mut Browser) -> String {
    match tv.post("/api/tv", &[]).await.value() {
        Tv::Code { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

async fn pair(browser: &mut Browser, code: &str, board: WallboardId, masked: bool) -> Answer {
    let mut form = vec![
        ("code", code.to_owned()),
        ("board", board.0.to_string()),
        ("name", "Front door".to_owned()),
    ];
    if masked {
        form.push(("masked", "true".to_owned()));
    }
    browser.post("/api/pair_screen", &form).await
}

/// A television that shows a board.
async fn screen(office: &mut Office, board: &Wallboard, masked: bool) -> Browser {
    let id = make(&mut office.browser, board).await;
    let (tv, code) = television(office).await;
    let paired = pair(&mut office.browser, &code, id, masked).await;
    assert_eq!(paired.status, 200, "{paired:?}");
    tv
}

async fn bye(live: &mut Live) -> ByeReason {
    loop {
        match live.frame().await {
            Some(ServerFrame::Bye(reason)) => return reason,
            Some(_) => {}
            None => panic!("the socket ended without a word"),
        }
    }
}

#[tokio::test]
async fn a_board_is_ones_own_until_it_is_shared_with_those_who_see_the_same() {
    let mut office = Office::open().await;
    let (_, mut agent) = somebody(&office, "grace", BuiltIn::Agent, "1007").await;
    let mut hall = board(vec![tile(Metric::Waiting, 0, queue("support"))]);
    let id = make(&mut office.browser, &hall).await;
    assert_eq!(open(&mut agent, id).await.status, 404);
    hall.shared = true;
    assert_eq!(save(&mut office.browser, id, 2, &hall).await.status, 200);
    // 1007 serves sales alone
    assert_eq!(open(&mut agent, id).await.status, 404);
    assert_eq!(listed(&mut agent).await.boards, []);
    hall.pages[0].tiles[0].scope = queue("sales");
    assert_eq!(save(&mut office.browser, id, 3, &hall).await.status, 200);
    let shown: Shown = open(&mut agent, id).await.value();
    assert_eq!(
        (shown.board, shown.mine, shown.owner.as_str()),
        (hall.clone(), false, "Ada")
    );
    assert_eq!(listed(&mut agent).await.boards.len(), 1);
    // and nobody changes what is somebody else's
    assert_eq!(save(&mut agent, id, 4, &hall).await.status, 403);
    let (_, mut supervisor) = somebody(&office, "joan", BuiltIn::Supervisor, "1008").await;
    assert_eq!(save(&mut supervisor, id, 4, &hall).await.status, 404);
    let gone = supervisor
        .post("/api/remove_wallboard", &[("id", id.0.to_string())])
        .await;
    assert_eq!(gone.status, 404, "{gone:?}");
    let made = agent
        .post("/api/make_wallboard", &[("name", "Mine".into())])
        .await;
    assert_eq!(made.status, 403, "{made:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_board_is_told_by_field_and_nothing_is_kept() {
    let mut office = Office::open().await;
    let hall = board(vec![tile(Metric::Waiting, 0, Scope::Everything)]);
    let id = make(&mut office.browser, &hall).await;
    let mut wrong = hall.clone();
    wrong.name = "x".repeat(61);
    wrong.pages[0].seconds = 4;
    wrong.pages[0].tiles.push(tile(Metric::Waiting, 0, queue("")));
    let refused = save(&mut office.browser, id, 2, &wrong).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    let app::AppError::Invalid(problems) = refused.value() else {
        panic!("{refused:?}")
    };
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    let wanted = [
        "name",
        "page.1.seconds",
        "page.1.tile.1.place",
        "page.1.tile.2.scope",
        "page.1.tile.2.place",
    ];
    assert_eq!(fields, wanted);
    let shown: Shown = open(&mut office.browser, id).await.value();
    assert_eq!((shown.board, shown.version), (hall.clone(), 2));
    // another window has saved meanwhile
    assert_eq!(save(&mut office.browser, id, 1, &hall).await.status, 409);
    let again = office
        .browser
        .post("/api/make_wallboard", &[("name", "Hall".into())])
        .await;
    assert_eq!(again.status, 422, "{again:?}");
    let rows = office.server.services.trail.newest(20).await.unwrap();
    for action in ["make_wallboard", "change_wallboard"] {
        let told = |outcome| {
            rows.iter()
                .any(|row| row.act.action == action && row.outcome() == outcome)
        };
        assert!(told("done") && told("refused"), "{action}");
    }
}

#[tokio::test]
async fn one_person_has_so_many_boards_and_no_more() {
    let mut office = Office::open().await;
    for number in 0..MAX_BOARDS {
        let form = [("name", format!("Board {number}"))];
        assert_eq!(
            office.browser.post("/api/make_wallboard", &form).await.status,
            200
        );
    }
    let refused = office
        .browser
        .post("/api/make_wallboard", &[("name", "One more".into())])
        .await;
    assert_eq!(refused.status, 409, "{refused:?}");
}

#[tokio::test]
async fn a_code_pairs_one_screen_once_and_a_wrong_one_none() {
    let mut office = Office::open().await;
    let hall = board(vec![tile(Metric::Waiting, 0, queue("support"))]);
    let id = make(&mut office.browser, &hall).await;
    let (mut tv, shown) = television(&office).await;
    assert_eq!(code(&mut tv).await, shown, "a screen keeps its code");
    for wrong in ["", "AAAA-AAAA", &shown[..8]] {
        let refused = pair(&mut office.browser, wrong, id, true).await;
        assert_eq!(refused.status, 422, "{wrong}: {refused:?}");
        let app::AppError::Invalid(problems) = refused.value() else {
            panic!("{refused:?}")
        };
        assert_eq!(problems[0].field, "code");
        office
            .server
            .services
            .throttle
            .passed("ada/screen", STEP, [127, 0, 0, 1].into());
    }
    let unknown = pair(&mut office.browser, &shown, WallboardId(99), true).await;
    assert_eq!(unknown.status, 422, "{unknown:?}");
    assert_eq!(
        pair(&mut office.browser, &shown.to_lowercase(), id, true)
            .await
            .status,
        200
    );
    let Tv::Board {
        name,
        shown: on_screen,
    } = tv.post("/api/tv", &[]).await.value()
    else {
        panic!("no board")
    };
    assert_eq!(
        (name.as_str(), on_screen.board, on_screen.owner),
        ("Front door", hall, String::new())
    );
    let used = pair(&mut office.browser, &shown, id, true).await;
    assert_eq!(used.status, 422, "{used:?}");
    let screens = listed(&mut office.browser).await.screens;
    assert_eq!(screens.len(), 1);
    assert_eq!(
        (screens[0].name.as_str(), screens[0].address.as_str()),
        ("Front door", "127.0.0.1")
    );
    // the cookie is the screen's alone, and no script reads it
    let (_, answer) = {
        let mut tv = office.server.browser();
        let answer = tv.post("/api/tv", &[]).await;
        (tv, answer)
    };
    let cookie = answer.header("set-cookie").unwrap();
    for word in ["__Host-tv=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let rows = office.server.services.trail.newest(10).await.unwrap();
    let told = rows
        .iter()
        .find(|row| row.act.action == "pair_screen" && row.outcome() == "done");
    assert_eq!(told.unwrap().act.object, "screen Front door");
    assert!(!format!("{rows:?}").contains(&shown), "a code is in no trail");
}

/// How guesses at codes are counted.
const STEP: server::access::throttle::Guess = server::access::throttle::Guess::Second { strict: false };

#[tokio::test]
async fn codes_are_guessed_slowly_and_given_out_in_small_numbers() {
    let mut office = Office::open().await;
    let id = make(&mut office.browser, &board(Vec::new())).await;
    let (_, shown) = television(&office).await;
    assert_eq!(pair(&mut office.browser, "AAAA-AAAA", id, true).await.status, 422);
    let refused = pair(&mut office.browser, &shown, id, true).await;
    assert_eq!(refused.status, 429, "the right one too: {refused:?}");
    assert!(refused.header("retry-after").is_some());
    for _ in 0..9 {
        television(&office).await;
    }
    let refused = office.server.browser().post("/api/tv", &[]).await;
    assert_eq!(refused.status, 429, "{refused:?}");
}

#[tokio::test]
async fn a_screen_reaches_its_board_and_nothing_else() {
    let mut office = Office::open().await;
    let hall = board(vec![tile(Metric::Offered, 0, Scope::Everything)]);
    let tv = screen(&mut office, &hall, true).await;
    let now_ms = server::clock::wall_ms();
    let figures = [
        ("from_ms", (now_ms - 1_000).to_string()),
        ("to_ms", now_ms.to_string()),
    ];
    let mut asking = tv.clone();
    let today: Today = asking.post("/api/wall_figures", &figures).await.value();
    assert_eq!(today.queues, []);
    let public = [
        "/api/doorstep",
        "/api/sign_in",
        "/api/ask_passkey",
        "/api/passkey_sign_in",
        "/api/set_up",
        "/api/sign_out",
        "/api/invited",
        "/api/accept",
        "/api/tv",
        "/api/wall_figures",
    ];
    for (path, form) in functions() {
        let answer = tv.clone().post(path, &form).await;
        assert_eq!(
            answer.status == 401,
            !public.contains(&path),
            "{path}: {answer:?}"
        );
    }
    for page in pages() {
        let answer = tv.clone().get(&page).await;
        let open = ["/tv", "/sign-in", "/setup", "/welcome"].contains(&page.as_str());
        assert_eq!(answer.status == 303, !open, "{page}: {}", answer.status);
    }
    let export = tv.clone().get("/admin/audit/export?format=csv").await;
    assert_eq!(export.status, 303, "{export:?}");
    let api = tv.clone().get("/api/v1/calls").await;
    assert_eq!(api.status, 401, "{api:?}");
    // what it says changes nothing of what it may
    let mut live = Live::open(&tv).await;
    live.say(app::live::protocol::ClientFrame::SnapshotPlease).await;
    live.until("a second snapshot", |live| live.snapshots == 2).await;
    assert!(live.pbx().1.extensions.is_empty() && live.pbx().1.calls.is_empty());
    let foreign = connect(tv.address, tv.cookie.as_deref(), Some("https://evil.example")).await;
    assert_eq!(foreign.err(), Some(403));
}

#[tokio::test]
async fn a_browser_in_which_somebody_is_signed_in_is_no_screen() {
    let mut office = Office::open().await;
    let Tv::SomebodyIsSignedIn = office.browser.post("/api/tv", &[]).await.value() else {
        panic!("a screen")
    };
    let tv = screen(&mut office, &board(Vec::new()), true).await;
    let mut both = office.browser.clone();
    both.cookie = Some(format!("{}; {}", both.cookie.unwrap(), tv.cookie.unwrap()));
    let Tv::SomebodyIsSignedIn = both.post("/api/tv", &[]).await.value() else {
        panic!("a screen")
    };
    let live = Live::open(&both).await;
    assert!(live.pbx().1.extensions.len() >= 40, "it is hers");
}

/// Everything that comes over a socket, as it comes, until the condition holds for it.
async fn heard(tv: &Browser, office: &mut Office, what: &str) -> String {
    let socket = connect(tv.address, tv.cookie.as_deref(), tv.origin.as_deref()).await;
    let mut socket = socket.unwrap();
    let mut text = String::new();
    let until = office.server.services.hub.sequence();
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next())
            .await
            .unwrap_or_else(|_| panic!("never: {what}"));
        let Some(Ok(Message::Binary(bytes))) = message else {
            continue;
        };
        text.push_str(&String::from_utf8_lossy(&bytes));
        let sequence = match postcard::from_bytes::<ServerFrame>(&bytes).unwrap() {
            ServerFrame::Snapshot(snapshot) => snapshot.sequence,
            ServerFrame::Changes { upto, .. } => upto,
            _ => 0,
        };
        if sequence >= until {
            return text;
        }
    }
}

#[tokio::test]
async fn names_that_are_masked_are_on_no_wire() {
    let mut office = Office::open().await;
    let tiles = vec![
        tile(Metric::WaitingList, 0, queue("support")),
        tile(Metric::AgentList, 1, queue("support")),
        tile(Metric::Calls, 2, Scope::Everything),
    ];
    office.pbx.queue_call("03012345678", "support").await.unwrap();
    office.pbx.queue_call("04098765432", "sales").await.unwrap();
    assert_eq!(
        office.outcome("a-call-to-see", call("1001", "1002")).await,
        Outcome::Accepted
    );
    let waits = |name: &str, board: &telephony::Board| {
        board
            .queues
            .get(name)
            .is_some_and(|queue| !queue.waiting.is_empty())
    };
    office
        .sees("both wait", |board| {
            waits("support", board) && waits("sales", board)
        })
        .await;
    let all = office.live.pbx().1.clone();
    let names = |queue: &str| -> Vec<String> {
        all.queues[queue]
            .members
            .iter()
            .map(|member| member.name.clone())
            .collect()
    };
    let mut everybody: Vec<String> = all
        .extensions
        .values()
        .filter_map(|row| row.name.clone())
        .collect();
    everybody.extend(names("support"));
    assert!(everybody.len() >= 10, "{everybody:?}");

    let masked = screen(&mut office, &board(tiles.clone()), true).await;
    let mut page = masked.clone();
    let document = page.get("/tv").await.body;
    assert!(document.contains("Who waits"), "{document}");
    let wire = heard(&masked, &mut office, "masked").await + &document;
    for name in
        everybody
            .iter()
            .map(String::as_str)
            .chain(["03012345678", "04098765432", "PJSIP/", "ada", "Ada"])
    {
        assert!(!wire.contains(name), "{name} is on the wire");
    }

    // shown, it is the names of this queue and no others
    let mut other = board(tiles);
    other.name = "Open".into();
    let open = screen(&mut office, &other, false).await;
    let wire = heard(&open, &mut office, "open").await;
    assert!(wire.contains("03012345678") && !wire.contains("04098765432"));
    for name in names("support") {
        assert!(wire.contains(&name), "{name} is not on the wire");
    }
    for name in everybody.iter().filter(|name| !names("support").contains(name)) {
        assert!(!wire.contains(name.as_str()), "{name} is on the wire");
    }
    // the board's own word holds as well
    other.masked = true;
    let id = listed(&mut office.browser)
        .await
        .boards
        .iter()
        .find(|row| row.name == "Open")
        .unwrap()
        .id;
    assert_eq!(save(&mut office.browser, id, 2, &other).await.status, 200);
    let wire = heard(&open, &mut office, "masked by the board").await;
    assert!(!wire.contains("03012345678"));
}

#[tokio::test]
async fn a_screen_that_is_revoked_is_cut_off_at_once_and_shows_another_code() {
    let mut office = Office::open().await;
    let mut tv = screen(
        &mut office,
        &board(vec![tile(Metric::Waiting, 0, Scope::Everything)]),
        true,
    )
    .await;
    let mut live = Live::open(&tv).await;
    let id = listed(&mut office.browser).await.screens[0].id;
    let (_, mut other) = somebody(&office, "joan", BuiltIn::Supervisor, "1008").await;
    let form = [("id", id.0.to_string())];
    assert_eq!(
        other.post("/api/revoke_screen", &form).await.status,
        404,
        "it is not hers"
    );
    let began = Instant::now();
    assert_eq!(office.browser.post("/api/revoke_screen", &form).await.status, 200);
    assert_eq!(bye(&mut live).await, ByeReason::SignedOut);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(
        connect(tv.address, tv.cookie.as_deref(), tv.origin.as_deref())
            .await
            .err(),
        Some(401)
    );
    code(&mut tv).await;
    assert_eq!(listed(&mut office.browser).await.screens, []);

    // a board that is removed takes its screens with it
    let mut second = board(Vec::new());
    second.name = "Second".into();
    let tv = screen(&mut office, &second, true).await;
    let mut live = Live::open(&tv).await;
    let id = listed(&mut office.browser)
        .await
        .boards
        .iter()
        .find(|row| row.name == "Second")
        .unwrap()
        .id;
    assert_eq!(
        office
            .browser
            .post("/api/remove_wallboard", &[("id", id.0.to_string())])
            .await
            .status,
        200
    );
    assert_eq!(bye(&mut live).await, ByeReason::SignedOut);
}

#[tokio::test]
async fn a_screen_sees_what_whoever_paired_it_sees_at_the_moment_and_ends_with_them() {
    let mut office = Office::open().await;
    // 1005 serves no queue
    let (joan, mut supervisor) = somebody(&office, "joan", BuiltIn::Supervisor, "1005").await;
    let services = office.server.services.clone();
    let team = |queues: &[&str]| TeamForm {
        id: None,
        name: "Support".into(),
        members: vec![UserId(joan)],
        queues: queues.iter().map(|queue| (PBX, (*queue).to_owned())).collect(),
    };
    let id = services
        .store
        .save_team(&team(&["support", "sales"]), 1)
        .await
        .unwrap()
        .unwrap();
    services.current.look(&services.store).await;
    let hall = make(
        &mut supervisor,
        &board(vec![tile(Metric::Waiting, 0, Scope::Everything)]),
    )
    .await;
    let (tv, code) = television(&office).await;
    assert_eq!(pair(&mut supervisor, &code, hall, true).await.status, 200);
    let mut live = Live::open(&tv).await;
    let queues = |live: &Live| live.pbx().1.queues.keys().cloned().collect::<Vec<_>>();
    assert_eq!(queues(&live), ["sales", "support"]);

    let began = Instant::now();
    let fewer = TeamForm {
        id: Some(id),
        ..team(&["support"])
    };
    services.store.save_team(&fewer, 2).await.unwrap();
    live.until("sales is gone", |live| queues(live) == ["support"])
        .await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());

    // without the ability to make boards nothing is left of it
    let began = Instant::now();
    let form = [
        ("id", joan.to_string()),
        ("display_name", "joan".to_owned()),
        ("role", built_in_id(BuiltIn::Agent).to_string()),
        ("extensions", "1005".to_owned()),
    ];
    assert_eq!(office.browser.post("/api/save_user", &form).await.status, 200);
    assert_eq!(bye(&mut live).await, ByeReason::SignedOut);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    let mut asking = tv.clone();
    let again = asking.post("/api/tv", &[]).await;
    assert!(matches!(again.value(), Tv::Code { .. }), "{again:?}");
}

#[tokio::test]
async fn a_screen_ends_with_the_account_of_whoever_paired_it() {
    let mut office = Office::open().await;
    let (joan, mut supervisor) = somebody(&office, "joan", BuiltIn::Supervisor, "1008").await;
    let hall = make(
        &mut supervisor,
        &board(vec![tile(Metric::Waiting, 0, Scope::Everything)]),
    )
    .await;
    let (tv, code) = television(&office).await;
    assert_eq!(pair(&mut supervisor, &code, hall, true).await.status, 200);
    let mut live = Live::open(&tv).await;
    let began = Instant::now();
    let form = [("id", joan.to_string()), ("disabled", "true".to_owned())];
    assert_eq!(
        office.browser.post("/api/set_user_disabled", &form).await.status,
        200
    );
    assert_eq!(bye(&mut live).await, ByeReason::SignedOut);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}
