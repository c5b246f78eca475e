//! What a person asks about a queue becomes exactly one action, or a reason; and the board says what came of it.

#![allow(clippy::expect_used, reason = "a command that is refused by mistake panics")]

mod support;

use ami::Action;
use telephony::visit::RingEnd;
use telephony::{
    Left, Output, QueueCommand, QueueRefusal, Refusal, Settings, Switchboard, Timestamp, Visit, Waiting,
};

/// A recording as it goes on.
struct Story {
    switchboard: Switchboard,
    out: Output,
    messages: std::vec::IntoIter<(Timestamp, ami::Message)>,
    visits: Vec<Visit>,
    owed: Vec<Action>,
}

impl Story {
    fn of(name: &str) -> Self {
        Self {
            switchboard: Switchboard::new(Settings::default()),
            out: Output::default(),
            messages: support::messages(name).into_iter(),
            visits: Vec::new(),
            owed: Vec::new(),
        }
    }

    /// Goes on to a moment of the recording, in milliseconds.
    fn until(mut self, ms: u64) -> Self {
        while let Some((now, _)) = self.messages.as_slice().first()
            && *now <= Timestamp(support::START.0 + ms)
            && let Some((now, message)) = self.messages.next()
        {
            self.switchboard.observe(&message, now, &mut self.out);
            self.visits.append(&mut self.out.visits);
            self.owed.extend(self.switchboard.owed());
        }
        self
    }

    fn whole(self) -> Self {
        self.until(u64::MAX / 2)
    }

    fn line(&self) -> &[Waiting] {
        &self.switchboard.board().queues["support"].waiting
    }

    fn lower(&self, command: &QueueCommand) -> Result<Vec<String>, Refusal> {
        let action = self.switchboard.lower_queue(command, "give-1")?;
        Ok(told(&action))
    }

    fn begin(&mut self, command: &QueueCommand) -> Vec<String> {
        let told = self.lower(command).expect("allowed");
        self.switchboard.begin_queue(command, "give-1", &mut self.out);
        told
    }

    fn give(&self, to: &str) -> QueueCommand {
        QueueCommand::GiveCaller {
            queue: "support".into(),
            call: self.line()[0].call.clone(),
            to: to.into(),
        }
    }
}

fn told(action: &Action) -> Vec<String> {
    let headers = action.headers().map(|(name, value)| format!("{name}: {value}"));
    std::iter::once(action.name().to_owned()).chain(headers).collect()
}

fn by_queue(why: QueueRefusal) -> Refusal {
    why.into()
}

#[test]
fn a_caller_given_to_somebody_keeps_the_place_until_their_phone_is_answered() {
    let mut story = Story::of("queue-given").until(2_500);
    let give = story.give("1010");
    let said = story.begin(&give);
    for header in [
        "Originate",
        "Application: Bridge",
        "Channel: PJSIP/1010",
        "CallerID: Ada Lindqvist <1001>",
    ] {
        assert!(said.contains(&header.to_owned()), "{header}: {said:?}");
    }
    assert!(
        said.iter().any(|header| header.starts_with("Data: PJSIP/1001-")),
        "{said:?}"
    );
    assert_eq!(
        story.line()[0].given_to.as_deref(),
        Some("1010"),
        "everybody sees it"
    );
    // a second supervisor is told
    let name = || "1003".to_owned();
    assert!(
        matches!(story.lower(&story.give(&name())), Err(Refusal::ByQueue(why)) if why.contains("their phone rings"))
    );

    let story = story.until(2_900);
    assert_eq!(story.line().len(), 1, "it rings, and the place is kept");
    let story = story.whole();
    assert!(story.line().is_empty());
    let last = story.visits.last().expect("a visit");
    let talk = last.talk.as_ref().expect("a talk");
    assert_eq!(
        (last.left.map(|(_, how)| how), talk.extension.as_deref()),
        (Some(Left::Answered), Some("1010"))
    );
    assert_eq!(
        last.rings
            .iter()
            .map(|ring| ring.ended.map(|(_, how)| how))
            .collect::<Vec<_>>(),
        [Some(RingEnd::TakenElsewhere)]
    );
    assert!(talk.ended.is_some() && story.owed.is_empty(), "{:?}", story.owed);
}

#[test]
fn a_caller_given_in_vain_waits_on_as_before() {
    let mut story = Story::of("queue-given-in-vain").until(2_000);
    let give = story.give("1010");
    story.begin(&give);
    let story = story.until(3_500);
    assert_eq!(story.line()[0].given_to.as_deref(), Some("1010"));
    let story = story.until(5_000);
    assert_eq!(
        (story.line().len(), story.line()[0].given_to.as_deref()),
        (1, None)
    );
    let story = story.whole();
    assert_eq!(
        story
            .visits
            .last()
            .and_then(|visit| visit.left)
            .map(|(_, how)| how),
        Some(Left::Unexplained)
    );
}

#[test]
fn a_phone_rings_no_more_for_a_caller_who_is_gone() {
    // the recording's phone is not told to stop: what is owed to it is what counts
    let mut story = Story::of("queue-given").until(2_500);
    let give = story.give("1010");
    story.begin(&give);
    let mut story = story.until(3_200);
    let caller = story
        .switchboard
        .board()
        .calls
        .values()
        .find(|call| call.queue.is_some())
        .expect("waits");
    let leg = caller.legs[0].id.0.clone();
    let gone = format!(
        "Event: QueueCallerAbandon\r\nQueue: support\r\nPosition: 1\r\nChannel: x\r\nUniqueid: {leg}\r\nLinkedid: {leg}\r\n\r\n"
    );
    let mut decoder = ami::Decoder::new(ami::Limits::default());
    decoder.push(gone.as_bytes());
    let Some(ami::Decoded::Message(gone)) = decoder.next() else {
        return assert_eq!(gone, "a message");
    };
    story
        .switchboard
        .observe(&gone, Timestamp(support::START.0 + 3_200), &mut story.out);
    let owed = story.switchboard.owed();
    assert_eq!(
        owed.iter()
            .map(|action| told(action)[0].clone())
            .collect::<Vec<_>>(),
        ["Hangup"]
    );
    assert!(told(&owed[0])[1].contains("PJSIP/1010-"), "{owed:?}");
    assert!(story.switchboard.owed().is_empty(), "once");
}

#[test]
fn a_caller_is_moved_to_the_front_and_the_list_says_so() {
    let mut story = Story::of("queue-priority").until(2_700);
    let [first, _, last] = story.line() else {
        return assert_eq!(story.line().len(), 3);
    };
    let up = |call: &Waiting| QueueCommand::MoveCallerUp {
        queue: "support".into(),
        call: call.call.clone(),
    };
    assert_eq!(story.lower(&up(first)), Err(by_queue(QueueRefusal::First)));
    let (command, number) = (up(last), last.number.clone());
    let said = story.begin(&command);
    for header in [
        "QueueChangePriorityCaller",
        "Queue: support",
        "Priority: 1",
        "Immediate: true",
    ] {
        assert!(said.contains(&header.to_owned()), "{header}: {said:?}");
    }
    let look = command.look_again().expect("no event tells");
    assert_eq!(told(&look), ["QueueStatus", "Queue: support"]);

    let mut story = story.until(3_600);
    let line: Vec<_> = story
        .line()
        .iter()
        .map(|one| (one.number.as_str(), one.position, one.priority))
        .collect();
    assert_eq!(
        line,
        [("1009", 1, Some(1)), ("1001", 2, Some(0)), ("1002", 3, Some(0))]
    );
    assert_eq!(line[0].0, number);
    // the next one has to get above that
    let said = story.lower(&up(&story.line()[2])).expect("allowed");
    assert!(said.contains(&"Priority: 2".to_owned()), "{said:?}");

    let out = QueueCommand::WithdrawCaller {
        queue: "support".into(),
        call: story.line()[0].call.clone(),
    };
    story.begin(&out);
    assert_eq!(
        story.lower(&out),
        Err(by_queue(QueueRefusal::LeavingAlready)),
        "the second one is told"
    );
    let story = story.whole();
    let left = |number: &str| {
        let visits = story.visits.iter().rev();
        visits
            .filter(|visit| visit.number == number)
            .find_map(|visit| visit.left)
            .map(|(_, how)| how)
    };
    assert_eq!(
        left("1009"),
        Some(Left::Withdrawn),
        "the account does not see the variable; who asked knows"
    );
}

#[test]
fn members_come_and_go_as_the_queue_knows_them() {
    let story = Story::of("queue-given").whole();
    let queue = || "support".to_owned();
    let interface = || "PJSIP/1003".to_owned();
    let gone = QueueCommand::RemoveMember {
        queue: queue(),
        interface: interface(),
    };
    assert!(
        matches!(story.lower(&gone), Err(Refusal::ByQueue(why)) if why.contains("fixed in the configuration"))
    );
    let unknown = QueueCommand::SetPenalty {
        queue: queue(),
        interface: "PJSIP/4711".into(),
        penalty: 1,
    };
    assert_eq!(
        story.lower(&unknown),
        Err(by_queue(QueueRefusal::NotServing("PJSIP/4711".into())))
    );
    let nowhere = QueueCommand::AddMember {
        queue: "nowhere".into(),
        extension: "1003".into(),
        penalty: 0,
    };
    assert_eq!(
        story.lower(&nowhere),
        Err(by_queue(QueueRefusal::UnknownQueue("nowhere".into())))
    );
    let again = QueueCommand::AddMember {
        queue: queue(),
        extension: "1003".into(),
        penalty: 0,
    };
    assert!(
        matches!(story.lower(&again), Err(Refusal::ByQueue(why)) if why.contains("serves this queue already"))
    );
    let high = QueueCommand::SetPenalty {
        queue: queue(),
        interface: interface(),
        penalty: 1_001,
    };
    assert!(matches!(story.lower(&high), Err(Refusal::BadNumber { field, .. }) if field == "penalty"));
    let pause = |reason: &str| QueueCommand::PauseMember {
        queue: None,
        interface: interface(),
        reason: reason.into(),
    };
    let said = story.lower(&pause(" Büro & Lunch ")).expect("allowed");
    assert_eq!(
        said,
        [
            "QueuePause",
            "Interface: PJSIP/1003",
            "Paused: true",
            "Reason: Büro & Lunch"
        ]
    );
    let long = "x".repeat(81);
    for bad in ["a|b", "a,b", "a\nAction: Command", "a\u{7f}", &long] {
        assert!(
            matches!(story.lower(&pause(bad)), Err(Refusal::BadNumber { field, .. }) if field == "reason"),
            "{bad:?}"
        );
    }
}
