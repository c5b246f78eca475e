//! One open row a person, one claimer a row, and every row closed by whoever reached them: whatever happens in whichever
//! order, and however often it is told.

use std::collections::{BTreeMap, BTreeSet};

use app::{
    access::BuiltIn,
    model::{PbxId, UserId},
};
use proptest::prelude::*;
use telephony::{
    CallId, Left, Timestamp, Visit,
    lost::{Contact, Loss, Missed, Path},
    visit::{Talk, TalkEnd},
};

use crate::store::{Claimed, HOLD_MS, LostRecord, LostState, Place, Store, TryRecord, UserRecord};

const PBX: PbxId = PbxId(1);
const START_MS: u64 = 1_795_220_000_000;
const USERS: [&str; 3] = ["Ada", "Bob", "Cyd"];

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("lost.db")).await.unwrap();
    for name in USERS {
        let user = UserRecord::new(&name.to_lowercase(), name, BuiltIn::Agent, 1);
        store.add_user(&user).await.unwrap();
    }
    (folder, store)
}

fn number(person: usize) -> String {
    format!("04055501{person:02}")
}

/// Something that the recorder is told.
#[derive(Clone, Debug)]
enum Word {
    Visit(Box<Visit>),
    Contact(Contact, Vec<String>),
    Missed(Missed),
}

fn visit(serial: usize, number: &str, at_ms: u64, how: Left) -> Visit {
    let at = Timestamp(at_ms);
    Visit {
        queue: "support".into(),
        channel: format!("{serial}.1"),
        serial: 1,
        call: CallId(format!("{serial}.1")),
        number: number.into(),
        name: None,
        joined: Timestamp(at_ms - 30_000),
        position: 1,
        rings: Vec::new(),
        more_rings: 0,
        left: Some((at, how)),
        talk: (how == Left::Answered).then(|| Talk {
            interface: "PJSIP/1001".into(),
            extension: Some("1001".into()),
            began: at,
            ended: Some((Timestamp(at_ms + 5_000), TalkEnd::Caller)),
            held_ms: 0,
        }),
        partial: false,
    }
}

fn missed(serial: usize, number: &str, at_ms: u64) -> Missed {
    Missed {
        call: CallId(format!("{serial}.1")),
        number: number.into(),
        name: None,
        extensions: vec!["1001".into(), "1002".into()],
        began: Timestamp(at_ms - 20_000),
        ended: Timestamp(at_ms),
        how: Loss::Missed,
    }
}

fn contact(serial: usize, number: &str, at_ms: u64, path: Path) -> Contact {
    Contact {
        call: CallId(format!("{serial}.1")),
        person: telephony::lost::person_of(number).unwrap(),
        path,
        extension: Some("1001".into()),
        began: Timestamp(at_ms),
        ended: None,
    }
}

async fn tell(store: &Store, words: &[Word]) -> BTreeSet<i64> {
    let mut recording = store.record().await.unwrap();
    for word in words {
        match word {
            Word::Visit(visit) => drop(recording.visit(PBX, None, visit).await.unwrap()),
            Word::Contact(contact, serves) => recording.contact(PBX, contact, serves).await.unwrap(),
            Word::Missed(missed) => recording.missed(PBX, missed).await.unwrap(),
        }
    }
    let touched = recording.take_touched().rows;
    recording.commit().await.unwrap();
    touched
}

async fn rows(store: &Store, now_ms: u64) -> Vec<(LostRecord, Vec<TryRecord>)> {
    let mut found: Vec<(LostRecord, Vec<TryRecord>)> = Vec::new();
    let all = (0, u64::MAX / 2);
    store
        .each_lost(all, now_ms, |record, attempt| match found.last_mut() {
            Some((last, tries)) if last.id == record.id => tries.push(attempt),
            Some(_) | None => found.push((record.clone(), vec![attempt])),
        })
        .await
        .unwrap();
    found
}

#[derive(Clone, Debug)]
enum Step {
    Lose(usize),
    Miss(usize),
    Reach(usize, u8),
    Again,
    Wait(u64),
    Claim(usize, usize),
    Beat(usize),
    Release(usize, usize),
    HandOver(usize, usize, usize),
    GiveUp(usize, usize),
    Sweep(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let person = 0..3_usize;
    let user = 0..3_usize;
    prop_oneof![
        4 => person.clone().prop_map(Step::Lose),
        1 => person.clone().prop_map(Step::Miss),
        3 => (person.clone(), 0..3_u8).prop_map(|(person, path)| Step::Reach(person, path)),
        2 => Just(Step::Again),
        3 => prop_oneof![1_000..20_000_u64, Just(HOLD_MS / 2), Just(HOLD_MS), Just(HOLD_MS + 1)].prop_map(Step::Wait),
        5 => (person.clone(), user.clone()).prop_map(|(person, user)| Step::Claim(person, user)),
        3 => user.clone().prop_map(Step::Beat),
        1 => (person.clone(), user.clone()).prop_map(|(person, user)| Step::Release(person, user)),
        1 => (person.clone(), user.clone(), user.clone()).prop_map(|(person, from, to)| Step::HandOver(person, from, to)),
        1 => (person, user).prop_map(|(person, user)| Step::GiveUp(person, user)),
        2 => any::<bool>().prop_map(Step::Sweep),
    ]
}

/// What should be: of each person whether they wait to be called, and who is on it until when.
#[derive(Debug, Default)]
struct Model {
    open: BTreeMap<usize, Option<(usize, u64)>>,
    closed: usize,
}

impl Model {
    fn holder(&self, person: usize, now_ms: u64) -> Option<usize> {
        let (user, until) = (*self.open.get(&person)?)?;
        (until > now_ms).then_some(user)
    }

    /// What somebody is told who wants to do something with a row.
    fn answer(&self, person: usize, user: usize, now_ms: u64) -> Claimed {
        match self.holder(person, now_ms) {
            _ if !self.open.contains_key(&person) => Claimed::Over,
            Some(holder) if holder != user => Claimed::By(USERS[holder].into()),
            Some(_) | None => Claimed::Yes,
        }
    }
}

async fn walk(steps: Vec<Step>) {
    let (_folder, store) = store().await;
    let mut now_ms = START_MS;
    let mut model = Model::default();
    let mut told: Vec<Word> = Vec::new();
    let mut ids: BTreeMap<usize, i64> = BTreeMap::new();
    let user_id = |user: usize| user as i64 + 1;
    for (serial, step) in steps.into_iter().enumerate() {
        // no two things happen in one moment
        now_ms += 10;
        match step {
            Step::Lose(person) | Step::Miss(person) => {
                let word = if matches!(step, Step::Lose(_)) {
                    Word::Visit(Box::new(visit(serial, &number(person), now_ms, Left::Abandoned)))
                } else {
                    Word::Missed(missed(serial, &number(person), now_ms))
                };
                let touched = tell(&store, std::slice::from_ref(&word)).await;
                assert_eq!(touched.len(), 1);
                ids.insert(person, *touched.first().unwrap());
                told.push(word);
                model.open.entry(person).or_insert(None);
            }
            Step::Reach(person, path) => {
                let word = match path {
                    0 => Word::Visit(Box::new(visit(serial, &number(person), now_ms, Left::Answered))),
                    1 => Word::Contact(contact(serial, &number(person), now_ms, Path::In), Vec::new()),
                    // an outside line's zero before the number
                    _ => {
                        let dialled = format!("0{}", number(person));
                        Word::Contact(contact(serial, &dialled, now_ms, Path::Out), Vec::new())
                    }
                };
                let touched = tell(&store, std::slice::from_ref(&word)).await;
                told.push(word);
                let closed = model.open.remove(&person).is_some();
                assert_eq!(touched.len(), usize::from(closed));
                model.closed += usize::from(closed);
            }
            // the same words again, as after a crash before they were known to be kept
            Step::Again => {
                let last = told.len().saturating_sub(4);
                assert!(tell(&store, &told[last..]).await.is_empty());
            }
            Step::Wait(ms) => now_ms += ms,
            Step::Claim(person, user) => {
                let Some(id) = ids.get(&person) else { continue };
                let expected = model.answer(person, user, now_ms);
                let answer = store.claim_lost(*id, user_id(user), now_ms).await.unwrap();
                assert_eq!(answer, expected);
                if answer == Claimed::Yes {
                    model.open.insert(person, Some((user, now_ms + HOLD_MS)));
                }
            }
            Step::Beat(user) => {
                let mut held = 0;
                for id in store.claims_of(user_id(user), now_ms).await.unwrap() {
                    held += store.hold_lost(id, user_id(user), now_ms).await.unwrap();
                }
                let mut theirs = 0;
                for (holder, until) in model.open.values_mut().flatten() {
                    if *holder == user && *until > now_ms {
                        *until = now_ms + HOLD_MS;
                        theirs += 1;
                    }
                }
                assert_eq!(held, theirs);
            }
            Step::Release(person, user) => {
                let Some(id) = ids.get(&person) else { continue };
                store
                    .release_lost(*id, user_id(user), false, now_ms)
                    .await
                    .unwrap();
                if model.answer(person, user, now_ms) == Claimed::Yes {
                    model.open.insert(person, None);
                }
            }
            Step::HandOver(person, from, to) => {
                let Some(id) = ids.get(&person) else { continue };
                let expected = model.answer(person, from, now_ms);
                let pair = (user_id(from), user_id(to));
                let answer = store.hand_over_lost(*id, pair, false, now_ms).await.unwrap();
                assert_eq!(answer, expected);
                if answer == Claimed::Yes {
                    model.open.insert(person, Some((to, now_ms + HOLD_MS)));
                }
            }
            Step::GiveUp(person, user) => {
                let Some(id) = ids.get(&person) else { continue };
                let expected = model.answer(person, user, now_ms);
                let who = (user_id(user), USERS[user]);
                let answer = store
                    .give_up_lost(*id, who, "Wrong number", false, now_ms)
                    .await
                    .unwrap();
                assert_eq!(answer, expected);
                if answer == Claimed::Yes {
                    model.open.remove(&person);
                    model.closed += 1;
                }
            }
            Step::Sweep(talks) => {
                // the first person rings somewhere, or nobody does
                let person = telephony::lost::person_of(&number(0)).unwrap();
                let on_line: BTreeSet<_> = talks.then_some((PBX, person)).into_iter().collect();
                store.free_lost(now_ms, &on_line).await.unwrap();
                for (person, holder) in &mut model.open {
                    if let Some((_, until)) = holder
                        && *person == 0
                        && talks
                        && *until > now_ms
                        && *until <= now_ms + 30_000
                    {
                        *until = now_ms + HOLD_MS;
                    }
                }
            }
        }
        check(&store, &model, now_ms).await;
    }
}

async fn check(store: &Store, model: &Model, now_ms: u64) {
    let mut open = BTreeMap::new();
    let mut closed = 0;
    for (record, tries) in rows(store, now_ms).await {
        assert!(!tries.is_empty());
        match record.state {
            LostState::Open(claim) => {
                let holder = claim.map(|claim| claim.user);
                assert!(
                    open.insert(record.number, holder).is_none(),
                    "two open rows of one person"
                );
            }
            LostState::Reached(at, ..) => {
                assert!(tries.iter().all(|one| one.at <= at), "closed with a later try");
                closed += 1;
            }
            LostState::GivenUp(..) => closed += 1,
        }
    }
    let expected: BTreeMap<_, _> = model
        .open
        .keys()
        .map(|person| {
            let holder = model.holder(*person, now_ms);
            (number(*person), holder.map(|user| UserId(user as i64 + 1)))
        })
        .collect();
    assert_eq!(open, expected);
    assert_eq!(closed, model.closed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_person_has_one_open_row_and_a_row_one_claimer_whatever_happens(steps in prop::collection::vec(step(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(walk(steps));
    }
}

#[tokio::test]
async fn of_many_who_claim_at_once_one_gets_it_and_the_others_are_told_whom() {
    let (_folder, store) = store().await;
    let word = Word::Visit(Box::new(visit(1, &number(1), START_MS, Left::TimedOut)));
    let id = *tell(&store, &[word]).await.first().unwrap();
    let claims = (0..12).map(|at| {
        let store = store.clone();
        tokio::spawn(async move { store.claim_lost(id, at % 3 + 1, START_MS + 1).await.unwrap() })
    });
    let mut answers = Vec::new();
    for (at, claim) in claims.enumerate() {
        answers.push((at % 3, claim.await.unwrap()));
    }
    let winners: BTreeSet<usize> = answers
        .iter()
        .filter(|(_, answer)| *answer == Claimed::Yes)
        .map(|(user, _)| *user)
        .collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    let winner = USERS[*winners.first().unwrap()];
    assert!(
        answers
            .iter()
            .all(|(_, answer)| *answer == Claimed::Yes || *answer == Claimed::By(winner.into())),
        "{answers:?}"
    );
}

#[tokio::test]
async fn what_is_told_late_is_closed_by_the_talk_that_came_after_it() {
    let (_folder, store) = store().await;
    let late = Word::Visit(Box::new(visit(1, &number(1), START_MS, Left::PbxStopped)));
    let reached = Word::Contact(contact(2, &number(1), START_MS + 60_000, Path::Out), Vec::new());
    tell(&store, &[reached, late]).await;
    let found = rows(&store, START_MS).await;
    assert_eq!(found.len(), 1);
    assert!(matches!(found[0].0.state, LostState::Reached(at, Path::Out, ..) if at.0 == START_MS + 60_000));
    // who tries again after that talk waits anew
    let again = Word::Visit(Box::new(visit(3, &number(1), START_MS + 90_000, Left::Full)));
    tell(&store, &[again]).await;
    let states: Vec<bool> = rows(&store, START_MS)
        .await
        .iter()
        .map(|(record, _)| matches!(record.state, LostState::Open(None)))
        .collect();
    assert_eq!(states, [true, false]);
}

#[tokio::test]
async fn a_colleague_who_gave_up_is_helped_by_whoever_serves_that_queue_and_not_by_a_chat() {
    let (_folder, store) = store().await;
    let lost = Word::Visit(Box::new(visit(1, "1007", START_MS, Left::Abandoned)));
    tell(&store, &[lost]).await;
    let is_open = async || matches!(rows(&store, START_MS).await[0].0.state, LostState::Open(_));
    let chat = contact(2, "1007", START_MS + 10_000, Path::Inside);
    tell(&store, &[Word::Contact(chat, vec!["sales".into()])]).await;
    assert!(is_open().await);
    let help = contact(3, "1007", START_MS + 20_000, Path::Inside);
    tell(
        &store,
        &[Word::Contact(help, vec!["sales".into(), "support".into()])],
    )
    .await;
    assert!(!is_open().await);
}

#[tokio::test]
async fn a_call_that_rang_two_phones_is_one_try_of_one_person_at_two_places() {
    let (_folder, store) = store().await;
    tell(&store, &[Word::Missed(missed(1, "+49 405 550199", START_MS))]).await;
    tell(&store, &[Word::Missed(missed(2, "", START_MS + 5_000))]).await;
    let found = rows(&store, START_MS).await;
    assert_eq!(found.len(), 1);
    let calls: BTreeSet<&str> = found[0].1.iter().map(|one| one.call.as_str()).collect();
    assert_eq!((calls.len(), found[0].1.len()), (1, 2));
    let (_, places) = store.lost(found[0].0.id, START_MS).await.unwrap().unwrap();
    let extensions = ["1001", "1002"].map(|number| Place::Extension(number.into()));
    assert_eq!(places, BTreeSet::from(extensions));
    // a withheld number is nobody, and counted
    let mut withheld = 0;
    store
        .each_withheld((0, u64::MAX / 2), |_| withheld += 1)
        .await
        .unwrap();
    assert_eq!(withheld, 2);
}

#[tokio::test]
async fn who_seemed_lost_and_had_an_agent_was_never_lost() {
    let (_folder, store) = store().await;
    let unseen = |serial, at_ms| Word::Visit(Box::new(visit(serial, &number(1), at_ms, Left::Unexplained)));
    let answered = |serial, at_ms| Word::Visit(Box::new(visit(serial, &number(1), at_ms, Left::Answered)));
    tell(&store, &[unseen(1, START_MS)]).await;
    assert_eq!(rows(&store, START_MS).await.len(), 1);
    let mut recording = store.record().await.unwrap();
    let Word::Visit(known) = answered(1, START_MS) else {
        panic!()
    };
    recording.visit(PBX, None, &known).await.unwrap();
    let touched = recording.take_touched();
    recording.commit().await.unwrap();
    assert!(touched.rows.is_empty());
    let place = (PBX, Place::Queue("support".into()));
    assert_eq!(
        touched.places,
        BTreeSet::from([place]),
        "pages that show the row are told"
    );
    assert!(
        rows(&store, START_MS).await.is_empty(),
        "neither lost nor recovered"
    );
    // an earlier try stays, and is what that talk reached
    let earlier = Word::Visit(Box::new(visit(2, &number(1), START_MS + 60_000, Left::Full)));
    tell(
        &store,
        &[
            earlier,
            unseen(3, START_MS + 90_000),
            answered(3, START_MS + 90_000),
        ],
    )
    .await;
    let found = rows(&store, START_MS).await;
    let [(row, tries)] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(tries.len(), 1);
    assert!(
        matches!(row.state, LostState::Reached(at, Path::Queue, ..) if at.0 == START_MS + 90_000),
        "{row:?}"
    );
}

#[tokio::test]
async fn how_somebody_was_lost_is_told_anew_when_it_is_known_better() {
    let (_folder, store) = store().await;
    let lost = |how| Word::Visit(Box::new(visit(1, &number(1), START_MS, how)));
    tell(&store, &[lost(Left::Unexplained)]).await;
    assert_eq!(tell(&store, &[lost(Left::TimedOut)]).await.len(), 1);
    let found = rows(&store, START_MS).await;
    assert_eq!((found.len(), found[0].1.len()), (1, 1));
    assert_eq!(found[0].1[0].how, Loss::TimedOut);
    // the dialplan sent them on after all
    tell(&store, &[lost(Left::Continued)]).await;
    assert!(rows(&store, START_MS).await.is_empty());
}
