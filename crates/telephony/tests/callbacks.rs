//! Callers who keep their place and hang up, told from the caller's, the agent's and the supervisor's side.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use telephony::Timestamp;
use telephony::callback::{
    Ask, Asked, Attempt, Callbacks, Effect, End, Live, MAX_REQUESTS, Miss, Not, Open, Phase, Policy, Request,
    RequestId, Sent, Sight, State, World,
};

const MINUTE: u64 = 60_000;

/// A queue that calls numbers with 04 back: twice, five minutes apart.
fn queue() -> Callbacks {
    let policy = Policy {
        on: true,
        attempts: 2,
        prefixes: vec!["04".into()],
        ..Policy::default()
    };
    Callbacks::load(policy, Vec::new(), Timestamp(0))
}

fn ask(queue: &mut Callbacks, id: i64, number: &str, joined: u64, now: u64) -> Asked {
    let ask = Ask {
        number: number.into(),
        name: None,
        joined: Timestamp(joined),
    };
    queue.ask(RequestId(id), ask, Timestamp(now))
}

/// What the supervisor would see, with so many agents free.
struct Hall {
    free: usize,
    waiting: Vec<Live>,
    talking: Vec<Live>,
    sight: Sight,
    /// Of whom the sight is; of everybody where None.
    whose: Option<i64>,
    seeing: bool,
}

fn hall(free: usize) -> Hall {
    Hall {
        free,
        waiting: Vec::new(),
        talking: Vec::new(),
        sight: Sight::Nothing,
        whose: None,
        seeing: true,
    }
}

impl Hall {
    /// The numbers that are called now.
    fn calls(&self, queue: &mut Callbacks, now: u64) -> Vec<String> {
        let sight = |attempt: Attempt| match self.whose {
            Some(id) if RequestId(id) != attempt.request => Sight::Nothing,
            _ => self.sight,
        };
        let world = World {
            seeing: self.seeing,
            free: self.free,
            waiting: &self.waiting,
            talking: &self.talking,
            sight: &sight,
        };
        let effects = queue.step(&world, Timestamp(now));
        let called = effects.into_iter().filter_map(|effect| match effect {
            Effect::Call { attempt, number } => {
                queue.sent(attempt, Sent::Perhaps, Timestamp(now));
                Some(number)
            }
            Effect::HangUp(_) => None,
        });
        called.collect()
    }

    fn seen(sight: Sight) -> Hall {
        Hall { sight, ..hall(0) }
    }
}

fn live(number: &str, joined: u64) -> Live {
    Live {
        number: number.into(),
        joined: Timestamp(joined),
    }
}

fn only(queue: &mut Callbacks) -> Request {
    queue.requests()[0].clone()
}

fn ends(queue: &mut Callbacks) -> Vec<State> {
    let rows = queue.changed();
    rows.into_iter()
        .filter(Request::is_over)
        .map(|row| row.state)
        .collect()
}

#[test]
fn nobody_is_called_until_the_queue_is_switched_on() {
    let mut queue = Callbacks::default();
    assert_eq!(ask(&mut queue, 1, "0405550123", 0, 10), Asked::New);
    assert_eq!(hall(5).calls(&mut queue, 20), [""; 0]);
    // who was promised a call is not forgotten: somebody sees that it cannot be kept
    assert_eq!(only(&mut queue).state, State::Open(Open::NotAllowed));
    let policy = Policy {
        on: true,
        prefixes: vec!["04".into()],
        ..Policy::default()
    };
    queue.set_policy(policy, Timestamp(30));
    assert_eq!(hall(5).calls(&mut queue, 40), ["0405550123"]);
}

#[test]
fn only_numbers_with_an_allowed_beginning_are_called() {
    let mut queue = queue();
    ask(&mut queue, 1, "0900123456", 0, 10);
    ask(&mut queue, 2, "0405550123", 5, 10);
    assert_eq!(hall(5).calls(&mut queue, 20), ["0405550123"]);
    assert_eq!(queue.call_next(RequestId(1), Timestamp(30)), Err(Not::NotAllowed));
}

#[test]
fn what_is_no_number_is_not_asked_for() {
    let mut queue = queue();
    for number in [
        "",
        "04,1",
        "04@out",
        "04\r\nAction: Originate",
        &"4".repeat(33),
        "\u{0664}04",
    ] {
        assert_eq!(ask(&mut queue, 1, number, 0, 10), Asked::BadNumber, "{number:?}");
    }
    assert!(queue.requests().is_empty());
}

#[test]
fn a_caller_who_asks_twice_is_called_once_and_keeps_the_better_place() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 100, 200);
    ask(&mut queue, 2, "0405550124", 150, 210);
    assert_eq!(
        ask(&mut queue, 3, "0405550124", 250, 300),
        Asked::Known(RequestId(2))
    );
    assert_eq!(hall(2).calls(&mut queue, 400), ["0405550123", "0405550124"]);
}

#[test]
fn a_place_in_the_queue_is_kept_against_live_callers() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 100, 110);
    let mut hall = hall(1);
    hall.waiting = vec![live("0405550199", 90)];
    assert_eq!(hall.calls(&mut queue, 200), [""; 0], "somebody was there before");
    hall.waiting = vec![live("0405550199", 120)];
    assert_eq!(
        hall.calls(&mut queue, 210),
        ["0405550123"],
        "who came later waits"
    );
}

#[test]
fn never_more_calls_than_free_agents() {
    let mut queue = queue();
    for id in 0..5 {
        ask(&mut queue, id, &format!("04055501{id:02}"), id as u64, 10);
    }
    assert_eq!(hall(2).calls(&mut queue, 20), ["0405550100", "0405550101"]);
    assert_eq!(
        Hall {
            sight: Sight::Ringing,
            ..hall(2)
        }
        .calls(&mut queue, 30),
        [""; 0]
    );
    assert_eq!(
        Hall {
            sight: Sight::Back,
            ..hall(3)
        }
        .calls(&mut queue, 40),
        ["0405550102"]
    );
}

#[test]
fn who_does_not_answer_is_called_again_after_the_pause_and_then_given_up() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    assert_eq!(hall(1).calls(&mut queue, 20).len(), 1);
    Hall::seen(Sight::Over(Miss::NoAnswer)).calls(&mut queue, 30_000);
    assert_eq!(only(&mut queue).miss, Some(Miss::NoAnswer));
    assert_eq!(
        hall(1).calls(&mut queue, 30_000 + 4 * MINUTE),
        [""; 0],
        "a pause between"
    );
    assert_eq!(hall(1).calls(&mut queue, 30_000 + 5 * MINUTE), ["0405550123"]);
    Hall::seen(Sight::Over(Miss::Busy)).calls(&mut queue, 6 * MINUTE);
    assert_eq!(ends(&mut queue), [State::Ended(End::NotReached)]);
    assert_eq!(hall(1).calls(&mut queue, 60 * MINUTE), [""; 0]);
}

#[test]
fn others_are_called_during_somebodys_pause_and_the_place_is_still_the_first() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    ask(&mut queue, 2, "0405550124", 5, 10);
    hall(1).calls(&mut queue, 20);
    Hall::seen(Sight::Over(Miss::NoAnswer)).calls(&mut queue, 100);
    assert_eq!(hall(1).calls(&mut queue, 200), ["0405550124"]);
    let second = Hall {
        whose: Some(2),
        ..Hall::seen(Sight::Connected)
    };
    second.calls(&mut queue, 300);
    ask(&mut queue, 3, "0405550125", 250, 400);
    assert_eq!(hall(1).calls(&mut queue, 100 + 5 * MINUTE), ["0405550123"]);
}

#[test]
fn nobody_is_called_again_when_it_is_not_known_what_became_of_the_call() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    hall(1).calls(&mut queue, 20);
    let dark = Hall {
        seeing: false,
        ..hall(1)
    };
    dark.calls(&mut queue, 1_000);
    assert_eq!(hall(1).calls(&mut queue, 2_000), [""; 0]);
    assert_eq!(only(&mut queue).state, State::Open(Open::Unknown));
    assert_eq!(
        hall(1).calls(&mut queue, 60 * MINUTE),
        [""; 0],
        "only a person says so"
    );
    queue
        .call_next(RequestId(1), Timestamp(61 * MINUTE))
        .expect("it is open");
    assert_eq!(hall(1).calls(&mut queue, 62 * MINUTE), ["0405550123"]);
}

#[test]
fn a_call_that_is_still_there_after_the_cut_goes_on() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    hall(1).calls(&mut queue, 20);
    Hall {
        seeing: false,
        ..hall(1)
    }
    .calls(&mut queue, 1_000);
    Hall::seen(Sight::Back).calls(&mut queue, 2_000);
    let State::Calling { phase, unsure, .. } = only(&mut queue).state else {
        panic!("it is under way");
    };
    assert_eq!((phase, unsure), (Phase::Back, None));
    Hall::seen(Sight::Connected).calls(&mut queue, 3_000);
    assert_eq!(ends(&mut queue), [State::Ended(End::Reached)]);
}

#[test]
fn a_long_cut_puts_the_question_to_a_person_and_what_is_seen_later_answers_it() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    hall(1).calls(&mut queue, 20);
    let dark = Hall {
        seeing: false,
        ..hall(1)
    };
    dark.calls(&mut queue, 1_000);
    dark.calls(&mut queue, 1_000 + 2 * MINUTE);
    assert_eq!(only(&mut queue).state, State::Open(Open::Unseen));
    Hall::seen(Sight::Ringing).calls(&mut queue, 5 * MINUTE);
    assert_eq!(queue.in_flight(), 1);
}

#[test]
fn a_start_of_the_server_keeps_places_and_dials_nothing_twice() {
    let mut before = queue();
    ask(&mut before, 1, "0405550123", 0, 10);
    ask(&mut before, 2, "0405550124", 5, 10);
    hall(1).calls(&mut before, 20);
    let stored = before.changed();
    let mut after = Callbacks::load(before.policy().clone(), stored, Timestamp(1_000));
    assert_eq!(hall(1).calls(&mut after, 1_100), ["0405550124"]);
    assert_eq!(after.requests()[0].state, State::Open(Open::Unknown));
}

#[test]
fn an_order_that_never_left_is_no_attempt() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    let sight = |_: Attempt| Sight::Nothing;
    let world = World {
        seeing: true,
        free: 1,
        waiting: &[],
        talking: &[],
        sight: &sight,
    };
    let effects = queue.step(&world, Timestamp(20));
    let [Effect::Call { attempt, .. }] = &effects[..] else {
        panic!("one call: {effects:?}");
    };
    queue.sent(*attempt, Sent::NotSent, Timestamp(30));
    assert_eq!(only(&mut queue).attempts, 0);
    assert_eq!(
        hall(1).calls(&mut queue, 40),
        [""; 0],
        "what failed would fail again at once"
    );
    assert_eq!(hall(1).calls(&mut queue, MINUTE), ["0405550123"]);
    assert_eq!(
        only(&mut queue).serial,
        2,
        "an attempt is never sent under the same id"
    );
}

#[test]
fn who_calls_again_meanwhile_waits_in_person_and_is_not_called() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    let mut hall = hall(3);
    hall.waiting = vec![live("0405550123", 100)];
    assert_eq!(hall.calls(&mut queue, 110), [""; 0]);
    hall.talking = std::mem::take(&mut hall.waiting);
    hall.calls(&mut queue, 120);
    assert_eq!(ends(&mut queue), [State::Ended(End::CameBack)]);
}

#[test]
fn who_calls_again_and_gives_up_keeps_the_place() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    let mut hall = hall(1);
    hall.waiting = vec![live("0405550123", 100)];
    hall.calls(&mut queue, 110);
    hall.waiting.clear();
    assert_eq!(hall.calls(&mut queue, 120), ["0405550123"]);
}

#[test]
fn a_supervisor_calls_somebody_next_whoever_is_before() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    ask(&mut queue, 2, "0405550124", 5, 10);
    queue.call_next(RequestId(2), Timestamp(20)).expect("it waits");
    assert_eq!(hall(1).calls(&mut queue, 30), ["0405550124"]);
    assert_eq!(queue.call_next(RequestId(2), Timestamp(40)), Err(Not::UnderWay));
}

#[test]
fn cancelling_ends_the_call_and_the_request() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    hall(1).calls(&mut queue, 20);
    let order = queue.cancel(RequestId(1), Timestamp(30)).expect("it is open");
    assert!(matches!(order, Some(Effect::HangUp(_))));
    assert_eq!(queue.in_flight(), 1, "until it is gone");
    Hall::seen(Sight::Over(Miss::Failed)).calls(&mut queue, 40);
    assert_eq!(ends(&mut queue), [State::Ended(End::Cancelled)]);
    assert_eq!(queue.cancel(RequestId(1), Timestamp(50)), Err(Not::Gone));
}

#[test]
fn giving_up_lets_the_call_under_way_be_the_last() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    hall(1).calls(&mut queue, 20);
    queue.give_up(RequestId(1), Timestamp(30)).expect("it is open");
    Hall::seen(Sight::Over(Miss::NoAnswer)).calls(&mut queue, 40);
    assert_eq!(ends(&mut queue), [State::Ended(End::GivenUp)]);
}

#[test]
fn a_request_is_not_kept_for_ever() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    hall(0).calls(&mut queue, 9 * 60 * MINUTE);
    assert_eq!(ends(&mut queue), [State::Ended(End::Expired)]);
}

#[test]
fn a_queue_takes_only_so_many() {
    let mut queue = queue();
    for id in 0..MAX_REQUESTS {
        assert_eq!(
            ask(&mut queue, id as i64, &format!("04{id:06}"), 0, 10),
            Asked::New
        );
    }
    assert_eq!(ask(&mut queue, -1, "0499999999", 0, 10), Asked::Full);
}

#[test]
fn switching_off_stops_calls_and_forgets_nobody() {
    let mut queue = queue();
    ask(&mut queue, 1, "0405550123", 0, 10);
    queue.set_policy(Policy::default(), Timestamp(20));
    assert_eq!(hall(1).calls(&mut queue, 30), [""; 0]);
    assert_eq!(only(&mut queue).state, State::Open(Open::NotAllowed));
}
