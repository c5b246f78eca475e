//! Visits of queues and what agents did: each once, whole, and honest about what nobody saw.

use super::*;

#[tokio::test]
async fn every_visit_is_kept_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for name in QUEUES {
        let store = open(&folder, name).await;
        let messages = heard(&store, name).await;
        let truth = truth(&messages);
        let kept = kept(&store).await;
        assert_eq!(kept.len(), truth.len(), "{name}");
        for record in kept {
            let visit = record.visit;
            let key = (visit.queue.clone(), visit.channel.clone(), visit.serial);
            assert_eq!(Some(&visit), truth.get(&key), "{name}");
            compared += 1;
        }
    }
    assert!(compared >= 12, "{compared}");
}

/// A visit without its times, and without what came with the birth of a channel alone: the name, and which call it became
/// part of; and its times.
fn timeless(visit: &Visit) -> (Visit, Vec<u64>) {
    let mut visit = visit.clone();
    let mut times = Vec::new();
    let mut take = |at: &mut Timestamp| times.push(std::mem::take(at).0);
    (visit.name, visit.call) = (None, telephony::CallId(String::new()));
    take(&mut visit.joined);
    for ring in &mut visit.rings {
        take(&mut ring.began);
        if let Some((at, _)) = &mut ring.ended {
            take(at);
        }
    }
    if let Some((at, _)) = &mut visit.left {
        take(at);
    }
    if let Some(talk) = &mut visit.talk {
        take(&mut talk.began);
        if let Some((at, _)) = &mut talk.ended {
            take(at);
        }
        talk.held_ms = 0;
    }
    (visit, times)
}

/// What may differ in what is kept of a visit when the program was killed during it: only what nobody could see.
fn assert_honest(kept: &Visit, truth: &Visit, at: &str) {
    if !kept.partial {
        let (one, other) = (timeless(kept), timeless(truth));
        assert_eq!(one.0, other.0, "{at}");
        // each maps the PBX's stamps onto our clock by the smallest delay it has seen
        let near = |(one, other): (&u64, &u64)| one.abs_diff(*other) <= 20;
        assert!(one.1.iter().zip(&other.1).all(near), "{at}: {kept:#?} {truth:#?}");
        return;
    }
    assert!(kept.is_over(), "{at}: {kept:#?}");
    // where the beginning was seen it is exact; found later, it is the PBX's own whole seconds
    assert!(
        kept.joined.0.abs_diff(truth.joined.0) < 1_100,
        "{at}: {kept:#?} {truth:#?}"
    );
    let (how, true_how) = (kept.left.unwrap().1, truth.left.unwrap().1);
    assert!(
        how == true_how || how == Left::Unexplained,
        "{at}: {how:?} for {true_how:?}"
    );
    for ring in &kept.rings {
        let seen = truth.rings.iter().find(|one| one.channel == ring.channel);
        let seen = seen.unwrap_or_else(|| panic!("{at}: a ring that never was"));
        let (_, end) = ring.ended.unwrap();
        assert!(
            end == RingEnd::Unexplained || Some(end) == seen.ended.map(|(_, end)| end),
            "{at}: {ring:?} {seen:?}"
        );
    }
    let rings: std::collections::BTreeSet<_> = kept.rings.iter().map(|ring| &ring.channel).collect();
    assert_eq!(rings.len(), kept.rings.len(), "{at}: a ring counted twice");
}

#[tokio::test]
async fn killed_anywhere_nothing_is_lost_or_kept_twice_and_what_was_not_seen_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut marked, mut whole) = (0, 0);
    for name in QUEUES {
        let start = Clock::start().now();
        let messages = messages(name, start);
        let truth = truth(&messages);
        for cut in cuts(&messages, 25) {
            let at = format!("{name}, killed after {cut} messages");
            let store = open(&folder, &format!("{name}-{cut}")).await;
            killed_after(&store, &messages, cut, start).await;
            let kept = kept(&store).await;
            let mut found = BTreeMap::new();
            for record in &kept {
                let visit = &record.visit;
                let named = truth
                    .values()
                    .filter(|one| one.queue == visit.queue && one.channel == visit.channel);
                let nearest = named.min_by_key(|one| one.joined.0.abs_diff(visit.joined.0));
                let nearest = nearest.unwrap_or_else(|| panic!("{at}: a visit that never was: {visit:#?}"));
                *found
                    .entry((nearest.channel.clone(), nearest.serial))
                    .or_insert(0) += 1;
                assert_honest(visit, nearest, &at);
                if visit.partial {
                    marked += 1;
                } else {
                    whole += 1;
                }
            }
            assert!(
                found.values().all(|times| *times == 1),
                "{at}: kept twice: {kept:#?}"
            );
            assert_eq!(found.len(), truth.len(), "{at}: {kept:#?}");
            // and whoever was not served is among the lost callers, once for each visit
            let unserved = kept.iter().filter(|record| {
                let how = record.visit.left.and_then(|(_, how)| Loss::of_left(how));
                how.is_some() && record.visit.talk.is_none()
            });
            assert_eq!(tries(&store).await, unserved.count(), "{at}: {kept:#?}");
            let gaps = store.gaps(0, u64::MAX / 2).await.unwrap();
            assert_eq!(gaps.len(), 1, "{at}: {gaps:?}");
        }
    }
    assert!(marked > 20 && whole > 100, "{marked} {whole}");
}

#[tokio::test]
async fn what_an_agent_did_has_no_holes_but_the_gap() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, "spans").await;
    let mut life = Life::begin(&store).await;
    life.live();
    let messages = messages("queue-pause-unpause", life.hub.clock().now());
    life.hear(&messages);
    life.keep().await;
    let since = life.hub.clock().now();
    life.hub.set_row(PBX, |row| {
        row.link = LinkStatus::Down {
            reason: "The connection was cut.".into(),
            since,
        };
    });
    life.keep().await;
    life.hub.set_row(PBX, |row| row.link = LinkStatus::CatchingUp);
    life.live();
    life.keep().await;
    let end = life.hub.clock().now().0 + 1;
    let spans = store.spans(0, end, 10_000).await.unwrap().unwrap();
    let gaps = store.gaps(0, end).await.unwrap();
    assert_eq!(gaps.len(), 1);
    let mut agents: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for span in &spans {
        agents.entry(&span.interface).or_default().push(span);
    }
    assert!(!agents.is_empty());
    for (agent, spans) in agents {
        assert!(spans.last().unwrap().until_ms.is_none(), "{agent} goes on");
        for pair in spans.windows(2) {
            let until = pair[0].until_ms.unwrap();
            let joined = until == pair[1].since_ms;
            let gap = gaps[0].from.0 == until && pair[1].since_ms >= gaps[0].to.0;
            assert!(joined || gap, "{agent}: {pair:#?} {gaps:?}");
        }
    }
}

#[tokio::test]
async fn while_the_database_takes_nothing_records_wait_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, "full").await;
    let mut life = Life::begin(&store).await;
    life.live();
    life.recorder.drain().await;
    store.limit_pages(Some(1)).await.unwrap();
    let messages = messages("queue-connect-complete", life.hub.clock().now());
    let truth = truth(&messages);
    let mut refused = false;
    for piece in messages.chunks(5) {
        life.hear(piece);
        refused |= !life.recorder.drain().await;
    }
    store.limit_pages(None).await.unwrap();
    assert!(life.recorder.drain().await);
    let kept = kept(&store).await;
    assert_eq!(kept.len(), truth.len());
    assert!(
        kept.iter()
            .all(|record| truth.values().any(|visit| *visit == record.visit))
    );
    // the pages that were there took them all, or the wait was real
    assert!(refused || !kept.is_empty());
}

#[test]
fn of_a_visit_only_the_last_word_waits_and_the_order_of_all_else_stays() {
    let visit = |position: u32| Visit {
        queue: "support".into(),
        channel: "1.1".into(),
        serial: 1,
        call: telephony::CallId("1.1".into()),
        number: String::new(),
        name: None,
        joined: Timestamp(1),
        position,
        rings: Vec::new(),
        more_rings: 0,
        left: None,
        talk: None,
        partial: false,
    };
    let out = |queue: &str| {
        What::Agent(AgentChange::LoggedOut {
            interface: "PJSIP/1".into(),
            queue: queue.into(),
            at: Timestamp(1),
        })
    };
    let mut waiting = Waiting::default();
    waiting.put(PBX, What::Visit(Box::new(visit(1))));
    waiting.put(PBX, out("a"));
    waiting.put(PBX, What::Visit(Box::new(visit(2))));
    let steps = waiting.take();
    waiting.put(PBX, What::Visit(Box::new(visit(3))));
    waiting.put_back(steps);
    waiting.put(PBX, out("b"));
    let told: Vec<String> = waiting
        .take()
        .into_iter()
        .filter_map(|(_, step)| match step {
            Step::Visit(visit) => Some(visit.position.to_string()),
            Step::Other(What::Agent(AgentChange::LoggedOut { queue, .. })) => Some(queue),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["a", "3", "b"]);
}
