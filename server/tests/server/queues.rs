//! Figures of queues: what is counted, by which policy, over which days, and for whom.

use app::{
    access::BuiltIn,
    model::{
        PbxId, UserId,
        figures::{Figure, Figures, FiguresQuery, KeptVisit, Split, Subject, VisitsQuery},
        people::TeamForm,
    },
};
use server::records::{KeptPlace, What};
use telephony::{
    AgentChange, AgentId, CallId, Doing, Left, Timestamp, Visit,
    figures::ServiceLevel,
    visit::{Ring, RingEnd, Talk, TalkEnd},
};

use crate::{
    matrix::somebody,
    support::{
        Browser, eventually,
        office::{Office, PBX},
    },
};

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
/// 24 October 2026, 00:00 in Berlin; the day after has 25 hours.
const SATURDAY: u64 = 1_792_792_800_000;

pub(crate) fn visit(queue: &str, number: u32, joined: u64, waited_s: u64, how: Left) -> Visit {
    let left = Timestamp(joined + waited_s * SECOND);
    let agent = |name: &str| format!("PJSIP/{name}");
    let answered = how == Left::Answered;
    Visit {
        queue: queue.into(),
        channel: format!("{joined}.{number}"),
        serial: 1,
        call: CallId(format!("{joined}.{number}")),
        number: format!("040{number}"),
        name: None,
        joined: Timestamp(joined),
        position: 1,
        rings: vec![Ring {
            interface: agent("1004"),
            extension: Some("1004".into()),
            channel: format!("{joined}.{number}r"),
            began: Timestamp(joined),
            ended: Some((
                left,
                if answered {
                    RingEnd::Answered
                } else {
                    RingEnd::NotAnswered
                },
            )),
        }],
        more_rings: 0,
        left: Some((left, how)),
        talk: answered.then(|| Talk {
            interface: agent("1004"),
            extension: Some("1004".into()),
            began: left,
            ended: Some((Timestamp(left.0 + 60 * SECOND), TalkEnd::Caller)),
            held_ms: 10 * SECOND,
        }),
        partial: false,
    }
}

async fn keep(office: &Office, visits: &[Visit]) {
    let mut recording = office.server.services.store.record().await.unwrap();
    for visit in visits {
        recording.visit(PBX, None, visit).await.unwrap();
    }
    recording.commit().await.unwrap();
}

fn days(by: Split, edges: &[u64]) -> FiguresQuery {
    FiguresQuery {
        edges: edges.to_vec(),
        by,
        queues: Vec::new(),
    }
}

async fn figures(browser: &mut Browser, query: &FiguresQuery) -> Figures {
    let answer = browser.ask("/api/figures", query).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

fn numbers(figures: &Figures) -> Vec<(Subject, u64, u64)> {
    let rows = figures.rows.iter();
    rows.map(|row| (row.of.clone(), row.visits.offered, row.visits.answered))
        .collect()
}

#[tokio::test]
async fn a_day_of_25_hours_is_one_day_and_its_hours_add_up() {
    let mut office = Office::open().await;
    let sunday = SATURDAY + 24 * HOUR;
    let monday = sunday + 25 * HOUR;
    let mut all = Vec::new();
    for hour in 0..49 {
        let joined = SATURDAY + hour * HOUR + 30 * 60 * SECOND;
        all.push(visit("support", 1, joined, 5, Left::Answered));
    }
    keep(&office, &all).await;
    let by_day = figures(
        &mut office.browser,
        &days(Split::Interval, &[SATURDAY, sunday, monday]),
    )
    .await;
    assert_eq!(
        numbers(&by_day),
        [
            (Subject::Interval(SATURDAY), 24, 24),
            (Subject::Interval(sunday), 25, 25)
        ]
    );
    let edges: Vec<u64> = (0..=25).map(|hour| sunday + hour * HOUR).collect();
    let by_hour = figures(&mut office.browser, &days(Split::Interval, &edges)).await;
    assert_eq!(by_hour.rows.len(), 25);
    assert!(by_hour.rows.iter().all(|row| row.visits.offered == 1));
    assert_eq!(by_hour.whole.visits, by_day.rows[1].visits);
}

#[tokio::test]
async fn a_new_target_counts_from_then_on_and_the_past_stays_as_it_was() {
    let mut office = Office::open().await;
    let rules = |target: &str| {
        [
            ("pbx", "1".to_owned()),
            ("queue", "support".to_owned()),
            ("target_s", target.to_owned()),
            ("short_abandon_s", "5".to_owned()),
            ("wrap_up_s", "0".to_owned()),
            ("dispositions", "Sold\nCalls again".to_owned()),
        ]
    };
    let answer = office.browser.post("/api/save_queue_rules", &rules("20")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let before = office.server.services.hub.clock().now().0 - HOUR;
    keep(&office, &[visit("support", 1, before, 40, Left::Answered)]).await;
    let query = days(Split::Queue, &[before - HOUR, before + 24 * HOUR]);
    let strict = |figures: &Figures| {
        let share = figures.whole.visits.service_level(ServiceLevel::Strict).unwrap();
        (share.part, share.whole)
    };
    assert_eq!(strict(&figures(&mut office.browser, &query).await), (0, 1));
    let answer = office.browser.post("/api/save_queue_rules", &rules("60")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let after = server::clock::wall_ms() + HOUR;
    keep(&office, &[visit("support", 2, after, 40, Left::Answered)]).await;
    let now = figures(&mut office.browser, &query).await;
    assert_eq!(strict(&now), (1, 2));
    let versions: Vec<u32> = now.policies.iter().map(|one| one.policy.version).collect();
    assert!(versions.len() >= 2 && versions.is_sorted(), "{versions:?}");
    for (field, bad) in [("target_s", "0"), ("target_s", "4000"), ("short_abandon_s", "61")] {
        let mut form = rules("60");
        form.iter_mut().find(|(name, _)| *name == field).unwrap().1 = bad.into();
        let answer = office.browser.post("/api/save_queue_rules", &form).await;
        assert!(
            answer.status != 200 && answer.body.contains(field),
            "{field}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn who_keeps_the_place_did_not_leave_by_a_key_and_does_not_count_against_the_service_level() {
    let mut office = Office::open().await;
    let all: Vec<Visit> = (1..=3)
        .map(|at| visit("support", at, SATURDAY, 8, Left::Key))
        .collect();
    keep(&office, &all).await;
    keep(&office, &[visit("support", 4, SATURDAY, 8, Left::Answered)]).await;
    let records = office.server.services.hub.records().unwrap();
    let wish = |channel: Option<&str>, number: &str| KeptPlace {
        queue: "support".into(),
        channel: channel.map(str::to_owned),
        number: number.into(),
        at: Timestamp(SATURDAY + 20_000),
    };
    // the first one asked with another number than their own; the second was only found in the PBX's database
    records.put(PBX, What::KeptPlace(wish(Some(&all[0].channel), "0405")));
    records.put(PBX, What::KeptPlace(wish(None, &all[1].number)));
    records.put(PBX, What::KeptPlace(wish(Some("elsewhere"), &all[2].number)));
    let query = days(Split::Queue, &[SATURDAY, SATURDAY + HOUR]);
    let sums = eventually("two keep their place", async || {
        let sums = figures(&mut office.browser, &query).await.whole.visits;
        (sums.kept_place == 2).then_some(sums)
    })
    .await;
    assert_eq!((sums.offered, sums.key), (4, 1));
    let level = sums.service_level(ServiceLevel::Strict).unwrap();
    assert_eq!((level.part, level.whole), (1, 2));
}

#[tokio::test]
async fn whoever_sees_on_the_board_that_a_caller_left_finds_them_in_the_figures_within_a_second_of_it() {
    let mut office = Office::open().await;
    let now = server::clock::wall_ms();
    let query = days(Split::Queue, &[now - HOUR, now + HOUR]);
    let clock = office.server.services.hub.clock();
    let mut late = Vec::new();
    for number in 1..=25 {
        office.pbx.queue_call("03012345678", "support").await.unwrap();
        office
            .sees("one waits", |board| board.queues["support"].waiting.len() == 1)
            .await;
        office.pbx.script("abandon 03012345678").await.unwrap();
        office
            .sees("nobody waits", |board| board.queues["support"].waiting.is_empty())
            .await;
        eventually("it is counted", async || {
            let sums = figures(&mut office.browser, &query).await.whole.visits;
            (sums.offered == number).then_some(())
        })
        .await;
        let mut left = Timestamp(0);
        let store = &office.server.services.store;
        store
            .each_visit(now, now + HOUR, |record| {
                left = left.max(record.visit.left.map_or(left, |(at, _)| at));
            })
            .await
            .unwrap();
        late.push(clock.now().since_ms(left));
    }
    // a disk may stand still for a moment; what is held is what is usual
    late.sort_unstable();
    assert!(
        late[late.len() / 2] <= 1_000,
        "ms after the caller left: {late:?}"
    );
}

#[tokio::test]
async fn the_calls_behind_a_figure_are_those_that_it_counts() {
    let mut office = Office::open().await;
    let ways = [
        (Left::Answered, 5),
        (Left::Answered, 500),
        (Left::Abandoned, 2),
        (Left::Abandoned, 100),
        (Left::TimedOut, 300),
        (Left::Key, 9),
        (Left::KeptPlace, 40),
        (Left::Full, 0),
        (Left::NoAgents, 30),
        (Left::Withdrawn, 12),
    ];
    let all: Vec<Visit> = (0..)
        .zip(ways)
        .map(|(at, (how, waited_s))| visit("support", at, SATURDAY + u64::from(at) * 1_000, waited_s, how))
        .collect();
    keep(&office, &all).await;
    let whole = figures(
        &mut office.browser,
        &days(Split::Queue, &[SATURDAY, SATURDAY + HOUR]),
    )
    .await;
    let sums = whole.whole.visits;
    for (figure, counted) in [
        (Figure::Offered, sums.offered),
        (Figure::Answered, sums.answered),
        (Figure::InTime, sums.answered_in_time),
        (Figure::Late, sums.answered - sums.answered_in_time),
        (Figure::Abandoned, sums.abandoned),
        (Figure::AbandonedShort, sums.abandoned_short),
        (Figure::TimedOut, sums.timed_out),
        (Figure::Key, sums.key),
        (Figure::KeptPlace, sums.kept_place),
        (Figure::NotServed, sums.turned_away + sums.no_agents),
        (Figure::RingNoAnswer, sums.rings_not_answered),
    ] {
        let query = VisitsQuery {
            from_ms: SATURDAY,
            to_ms: SATURDAY + HOUR,
            figure: Some(figure),
            limit: 100,
            ..VisitsQuery::default()
        };
        let answer = office.browser.ask("/api/visits", &query).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let (visits, more): (Vec<KeptVisit>, bool) = answer.value();
        assert_eq!(visits.len() as u64, counted, "{figure:?}");
        assert!(!more && counted > 0, "{figure:?}");
    }
}

#[tokio::test]
async fn figures_of_work_are_cut_to_the_time_and_the_queue_that_is_asked_for() {
    let mut office = Office::open().await;
    let store = &office.server.services.store;
    let agent = AgentId {
        interface: "PJSIP/9001".into(),
        name: "Somebody".into(),
        extension: Some("9001".into()),
    };
    let does = |doing: Option<Doing>, at: u64| AgentChange::Does {
        agent: agent.clone(),
        doing,
        at: Timestamp(at),
    };
    let logged_in = |queue: &str, at: u64| AgentChange::LoggedIn {
        agent: agent.clone(),
        queue: queue.into(),
        at: Timestamp(at),
    };
    let mut recording = store.record().await.unwrap();
    let minute = 60 * SECOND;
    for change in [
        logged_in("support", SATURDAY),
        logged_in("sales", SATURDAY + 20 * minute),
        does(Some(Doing::Available), SATURDAY),
        does(Some(Doing::Talking), SATURDAY + 10 * minute),
        does(Some(Doing::Paused("Lunch".into())), SATURDAY + 30 * minute),
        does(None, SATURDAY + 50 * minute),
    ] {
        recording.agent(PBX, &change).await.unwrap();
    }
    recording.commit().await.unwrap();
    let query = days(Split::Queue, &[SATURDAY + 5 * minute, SATURDAY + 45 * minute]);
    let figures = figures(&mut office.browser, &query).await;
    let of = |name: &str| {
        let row = figures.rows.iter().find(|row| row.name == name).unwrap();
        row.work.clone()
    };
    let support = of("support");
    assert_eq!(
        (support.available_ms, support.talking_ms, support.paused_ms()),
        (5 * minute, 20 * minute, 15 * minute)
    );
    assert_eq!(support.occupancy(), Some((20 * minute, 25 * minute)));
    let sales = of("sales");
    assert_eq!(
        (sales.available_ms, sales.talking_ms, sales.paused_ms()),
        (0, 10 * minute, 15 * minute)
    );
    // in two queues at once one works once
    assert_eq!(figures.whole.work.logged_in_ms, 40 * minute);
}

#[tokio::test]
async fn everybody_sees_the_figures_of_the_queues_that_they_see_and_of_nobody_else() {
    let mut office = Office::open().await;
    keep(
        &office,
        &[
            visit("support", 1, SATURDAY, 5, Left::Answered),
            visit("sales", 2, SATURDAY, 5, Left::Answered),
        ],
    )
    .await;
    let query = days(Split::Queue, &[SATURDAY, SATURDAY + HOUR]);
    let seen = |figures: &Figures| -> Vec<String> {
        let counted = figures.rows.iter().filter(|row| row.visits.offered > 0);
        counted.map(|row| row.name.clone()).collect()
    };
    assert_eq!(
        seen(&figures(&mut office.browser, &query).await),
        ["sales", "support"]
    );
    let mut supervisor = somebody(&office, BuiltIn::Supervisor).await;
    assert!(seen(&figures(&mut supervisor, &query).await).is_empty());
    let store = &office.server.services.store;
    let user = store.user_named("supervisor-walks").await.unwrap().unwrap();
    let team = TeamForm {
        id: None,
        name: "Sales".into(),
        members: vec![UserId(user.id)],
        queues: vec![(PBX, "sales".into())],
    };
    store.save_team(&team, 1).await.unwrap();
    let theirs = figures(&mut supervisor, &query).await;
    assert_eq!(seen(&theirs), ["sales"]);
    assert_eq!(theirs.whole.visits.offered, 1);
    let listed = VisitsQuery {
        from_ms: SATURDAY,
        to_ms: SATURDAY + HOUR,
        limit: 10,
        ..VisitsQuery::default()
    };
    let (visits, _): (Vec<KeptVisit>, bool) = supervisor.ask("/api/visits", &listed).await.value();
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0].visit.queue, "sales");
    let stranger = office.server.browser().ask("/api/figures", &query).await;
    assert_ne!(stranger.status, 200);
    for edges in [
        vec![],
        vec![1],
        vec![2, 1],
        vec![1, 1],
        vec![0, 500 * 24 * HOUR],
        (0..500).collect(),
    ] {
        let answer = office
            .browser
            .ask("/api/figures", &days(Split::Queue, &edges))
            .await;
        assert!(
            answer.status != 200 && answer.body.contains("edges"),
            "{edges:?}: {answer:?}"
        );
    }
    // more queues than anybody has would keep everybody else waiting
    let many = FiguresQuery {
        queues: vec![(PbxId(1), "sales".into()); 101],
        ..days(Split::Queue, &[0, HOUR])
    };
    let answer = office.browser.ask("/api/figures", &many).await;
    assert!(
        answer.status != 200 && answer.body.contains("queues"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_reason_is_a_word_that_everybody_can_read() {
    let mut office = Office::open().await;
    let form = |name: &str| {
        [
            ("id", "0".to_owned()),
            ("name", name.to_owned()),
            ("colour", "blue".to_owned()),
            ("paid", "true".to_owned()),
            ("most_min", "45".to_owned()),
        ]
    };
    let answer = office
        .browser
        .post("/api/save_pause_reason", &form("Lunch"))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for bad in ["", "Lunch", "a|b", "a,b", "a\nb", "wrap-up", &"x".repeat(41)] {
        let answer = office.browser.post("/api/save_pause_reason", &form(bad)).await;
        assert!(
            answer.status != 200 && answer.body.contains("name"),
            "{bad:?}: {answer:?}"
        );
    }
    let set_up: app::model::queues::QueueSetUp = office.browser.post("/api/queue_set_up", &[]).await.value();
    assert_eq!(set_up.reasons.len(), 1);
    assert_eq!(
        (set_up.reasons[0].most_s, set_up.reasons[0].paid),
        (Some(45 * 60), true)
    );
    assert!(
        set_up.queues.iter().any(|rules| rules.queue.1 == "support"),
        "{set_up:?}"
    );
}

#[tokio::test]
async fn calls_are_listed_by_the_agent_who_missed_them_and_by_the_team_whose_queues_they_came_to() {
    let mut office = Office::open().await;
    keep(
        &office,
        &[
            visit("support", 1, SATURDAY, 5, Left::Answered),
            visit("sales", 2, SATURDAY, 30, Left::Abandoned),
        ],
    )
    .await;
    let team = TeamForm {
        id: None,
        name: "Sales".into(),
        members: Vec::new(),
        queues: vec![(PBX, "sales".into())],
    };
    let store = &office.server.services.store;
    store.save_team(&team, 1).await.unwrap();
    let team = store.teams().await.unwrap()[0].id.0;
    let all = VisitsQuery {
        from_ms: SATURDAY,
        to_ms: SATURDAY + HOUR,
        limit: 10,
        ..VisitsQuery::default()
    };
    let missed = |agent: &str, pbx: PbxId| VisitsQuery {
        figure: Some(Figure::RingNoAnswer),
        agent: Some((pbx, agent.to_owned())),
        ..all.clone()
    };
    for (query, queues) in [
        (all.clone(), &["sales", "support"][..]),
        (missed("PJSIP/1004", PBX), &["sales"]),
        (missed("PJSIP/1005", PBX), &[]),
        (missed("PJSIP/1004", PbxId(99)), &[]),
        (
            VisitsQuery {
                agent: Some((PBX, "PJSIP/1004".into())),
                ..all.clone()
            },
            &["support"],
        ),
        (
            VisitsQuery {
                team: Some(team),
                ..all.clone()
            },
            &["sales"],
        ),
    ] {
        let answer = office.browser.ask("/api/visits", &query).await;
        let (visits, _): (Vec<KeptVisit>, bool) = answer.value();
        let found: Vec<&str> = visits.iter().map(|kept| kept.visit.queue.as_str()).collect();
        assert_eq!(found, queues, "{query:?}");
    }
    let nobodys = VisitsQuery {
        team: Some(99),
        ..all
    };
    assert_eq!(office.browser.ask("/api/visits", &nobodys).await.status, 404);
}
