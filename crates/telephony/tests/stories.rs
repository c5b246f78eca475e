//! What no recording shows: joined calls, trunks, restarts, and calls lost from sight.

#![allow(clippy::expect_used, reason = "a story that cannot be told panics")]

use ami::Message;
use ami::wire::MessageBuilder;
use telephony::{
    Activity, Board, CallResult, CallState, Counters, Direction, EndedBy, EndedCall, List, MomentKind,
    Output, Settings, Switchboard, Timestamp,
};

/// A switchboard that is told events in short: `Newstate Channel=PJSIP/1001-1 ChannelState=6 ...`, a second each.
struct Story {
    switchboard: Switchboard,
    out: Output,
    now: Timestamp,
}

fn message(line: &str) -> Message {
    let mut words = line.split_whitespace();
    let mut built = MessageBuilder::event(words.next().expect("a name"));
    for word in words {
        let (name, value) = word.split_once('=').expect("name=value");
        built = built.header(name, value);
    }
    built.build().expect("a frame")
}

impl Story {
    fn new() -> Self {
        Story {
            switchboard: Switchboard::new(Settings::default()),
            out: Output::default(),
            now: Timestamp(1_000_000),
        }
    }

    fn tell(&mut self, lines: &[&str]) -> &mut Self {
        for line in lines {
            self.now.0 += 1_000;
            self.switchboard.observe(&message(line), self.now, &mut self.out);
        }
        self
    }

    /// `from` calls `to` over fresh channels `a` and `b`, up to the answer.
    fn talk(&mut self, from: &str, a: &str, to: &str, b: &str) -> &mut Self {
        self.ring(from, a, to, b);
        let up = |device: &str, uid: &str| {
            format!("Newstate Channel=PJSIP/{device}-{uid} ChannelState=6 Uniqueid={uid} Linkedid={a}")
        };
        let enter = |device: &str, uid: &str| {
            format!(
                "BridgeEnter BridgeUniqueid=b{a} BridgeType=basic Channel=PJSIP/{device}-{uid} ChannelState=6 Uniqueid={uid} Linkedid={a}"
            )
        };
        let answer = format!(
            "DialEnd Channel=PJSIP/{from}-{a} Uniqueid={a} Linkedid={a} DestChannel=PJSIP/{to}-{b} DestUniqueid={b} DestLinkedid={a} DialStatus=ANSWER"
        );
        self.tell(&[&up(to, b), &answer, &up(from, a), &enter(to, b), &enter(from, a)])
    }

    fn ring(&mut self, from: &str, a: &str, to: &str, b: &str) -> &mut Self {
        let born = format!(
            "Newchannel Channel=PJSIP/{from}-{a} ChannelState=4 CallerIDNum={from} Exten={to} Uniqueid={a} Linkedid={a}"
        );
        let called =
            format!("Newchannel Channel=PJSIP/{to}-{b} ChannelState=0 Exten=s Uniqueid={b} Linkedid={a}");
        let begin = format!(
            "DialBegin Channel=PJSIP/{from}-{a} Uniqueid={a} Linkedid={a} DestChannel=PJSIP/{to}-{b} DestUniqueid={b} DestLinkedid={a}"
        );
        let rings = format!("Newstate Channel=PJSIP/{to}-{b} ChannelState=5 Uniqueid={b} Linkedid={a}");
        self.tell(&[&born, &called, &begin, &rings])
    }

    fn hang_up(&mut self, device: &str, uid: &str) -> &mut Self {
        let line = format!("Hangup Channel=PJSIP/{device}-{uid} Uniqueid={uid} Cause=16");
        self.tell(&[&line])
    }

    fn board(&self) -> &Board {
        self.switchboard.board()
    }

    fn counters(&self) -> Counters {
        self.switchboard.counters()
    }

    fn only_ended(&self) -> &EndedCall {
        assert_eq!(self.out.ended.len(), 1, "{:#?}", self.out.ended);
        &self.out.ended[0]
    }

    fn parties(&self) -> Vec<(String, String, CallState)> {
        let calls = self.board().calls.values();
        calls
            .map(|call| {
                (
                    call.caller.number.clone(),
                    call.callee.number.clone(),
                    call.state.clone(),
                )
            })
            .collect()
    }
}

#[test]
fn a_picked_up_call_is_one_call_answered_by_who_picked_it_up() {
    let mut story = Story::new();
    story.ring("1001", "1.0", "1002", "1.1").tell(&[
        "Newchannel Channel=PJSIP/1003-1.2 ChannelState=4 CallerIDNum=1003 Exten=*8 Uniqueid=1.2 Linkedid=1.2",
        "Pickup Channel=PJSIP/1003-1.2 ChannelState=4 Uniqueid=1.2 Linkedid=1.2 TargetChannel=PJSIP/1002-1.1 TargetUniqueid=1.1 TargetLinkedid=1.0",
        "Newstate Channel=PJSIP/1003-1.2 ChannelState=6 Uniqueid=1.2 Linkedid=1.0",
        "DialEnd Channel=PJSIP/1001-1.0 Uniqueid=1.0 Linkedid=1.0 DestChannel=PJSIP/1003-1.2 DestUniqueid=1.2 DestLinkedid=1.0 DialStatus=ANSWER",
        "BridgeEnter BridgeUniqueid=x BridgeType=basic Channel=PJSIP/1003-1.2 Uniqueid=1.2 Linkedid=1.0",
        "BridgeEnter BridgeUniqueid=x BridgeType=basic Channel=PJSIP/1001-1.0 Uniqueid=1.0 Linkedid=1.0",
        "Hangup Channel=PJSIP/1002-1.1 Uniqueid=1.1 Linkedid=1.0 Cause=26",
    ]);
    assert_eq!(
        story.parties(),
        [("1001".into(), "1003".into(), CallState::Talking)]
    );
    assert!(story.board().extensions["1002"].engagements.is_empty());
    story.hang_up("1003", "1.2").hang_up("1001", "1.0");
    let ended = story.only_ended();
    assert_eq!(ended.end.result, CallResult::Answered);
    assert!(
        ended
            .call
            .story
            .iter()
            .any(|moment| matches!(&moment.what, MomentKind::PickedUp { by } if by.number == "1003"))
    );
    assert_eq!(story.counters().merged, 1);
}

#[test]
fn two_calls_joined_by_a_phone_become_the_older_one() {
    let mut story = Story::new();
    story
        .talk("1001", "1.0", "1002", "1.1")
        .tell(&["Hold Channel=PJSIP/1002-1.1 Uniqueid=1.1 Linkedid=1.0"]);
    assert_eq!(story.parties()[0].2, CallState::OnHold);
    story.talk("1002", "1.2", "1003", "1.3");
    assert_eq!(
        story.parties()[1],
        ("1002".into(), "1003".into(), CallState::Talking)
    );
    assert_eq!(story.board().extensions["1002"].engagements.len(), 2);
    story.tell(&[
        "BridgeLeave BridgeUniqueid=b1.0 Channel=PJSIP/1002-1.1 Uniqueid=1.1 Linkedid=1.0",
        "BridgeLeave BridgeUniqueid=b1.2 Channel=PJSIP/1003-1.3 Uniqueid=1.3 Linkedid=1.0",
        "BridgeEnter BridgeUniqueid=b1.0 BridgeType=basic Channel=PJSIP/1003-1.3 Uniqueid=1.3 Linkedid=1.0",
        "AttendedTransfer Result=Success OrigTransfererChannel=PJSIP/1002-1.1 OrigTransfererUniqueid=1.1 SecondTransfererChannel=PJSIP/1002-1.2 SecondTransfererUniqueid=1.2 TransfereeChannel=PJSIP/1001-1.0 TransfereeUniqueid=1.0 TransferTargetChannel=PJSIP/1003-1.3 TransferTargetUniqueid=1.3 DestType=Bridge",
    ]);
    story.hang_up("1002", "1.1").hang_up("1002", "1.2");
    assert_eq!(
        story.parties(),
        [("1001".into(), "1003".into(), CallState::Talking)]
    );
    assert_eq!(story.board().extensions["1003"].engagements[0].with, "1001");
    story.hang_up("1001", "1.0").hang_up("1003", "1.3");
    let ended = story.only_ended();
    assert_eq!((ended.call.id.0.as_str(), ended.call.legs.len()), ("1.0", 4));
    assert!(ended.call.held_ms > 0);
    let told = ended.call.story.iter().find_map(|moment| match &moment.what {
        MomentKind::AttendedTransfer { by, to } => Some((by.number.clone(), to.number.clone())),
        _ => None,
    });
    assert_eq!(told, Some(("1002".into(), "1003".into())));
}

#[test]
fn direction_follows_the_trunk() {
    let mut story = Story::new();
    story.tell(&[
        "Newchannel Channel=PJSIP/provider-1 ChannelState=4 CallerIDNum=0301234 CallerIDName=Doe Exten=4930555 Uniqueid=2.0 Linkedid=2.0",
        "Newchannel Channel=PJSIP/1001-2 ChannelState=4 CallerIDNum=1001 Exten=00441234 Uniqueid=2.1 Linkedid=2.1",
        "Newchannel Channel=PJSIP/provider-3 ChannelState=0 Exten=s Uniqueid=2.2 Linkedid=2.1",
        "DialBegin Channel=PJSIP/1001-2 Uniqueid=2.1 Linkedid=2.1 DestChannel=PJSIP/provider-3 DestCallerIDNum=00441234 DestUniqueid=2.2 DestLinkedid=2.1",
    ]);
    let directions: Vec<_> = story.board().calls.values().map(|call| call.direction).collect();
    assert_eq!(directions, [Direction::Inbound, Direction::Outbound]);
    let inbound = story.board().calls.values().next().expect("the first");
    assert_eq!(
        (inbound.caller.number.as_str(), inbound.caller.name.as_deref()),
        ("0301234", Some("Doe"))
    );
    let outbound = story.board().calls.values().nth(1).expect("the second");
    assert_eq!(outbound.legs[1].party.number, "00441234");
    assert_eq!(story.board().trunks["provider"].channels, 2);
    assert_eq!(
        story.board().extensions["1001"].engagements[0].activity,
        Activity::Dialling
    );
    story
        .hang_up("provider", "2.0")
        .hang_up("provider", "2.2")
        .hang_up("1001", "2.1");
    assert_eq!(story.board().trunks["provider"].channels, 0);
}

#[test]
fn a_trunk_is_timed_from_its_dial_to_its_first_sign_and_the_worst_voice_is_that_of_the_call() {
    let mut story = Story::new();
    let dialled = |leg: u32| {
        [
            format!(
                "Newchannel Channel=PJSIP/provider-{leg} ChannelState=0 Exten=s Uniqueid=2.{leg} Linkedid=2.1"
            ),
            format!(
                "DialBegin Channel=PJSIP/1001-1 Uniqueid=2.1 Linkedid=2.1 DestChannel=PJSIP/provider-{leg} DestUniqueid=2.{leg} DestLinkedid=2.1"
            ),
        ]
    };
    story.tell(&["Newchannel Channel=PJSIP/1001-1 ChannelState=4 CallerIDNum=1001 Exten=00441234 Uniqueid=2.1 Linkedid=2.1"]);
    // the first way is not a way
    story.tell(&dialled(2).each_ref().map(String::as_str));
    story.tell(&[
        "DialEnd Channel=PJSIP/1001-1 Uniqueid=2.1 Linkedid=2.1 DestChannel=PJSIP/provider-2 DestUniqueid=2.2 DestLinkedid=2.1 DialStatus=CHANUNAVAIL",
    ]);
    story.hang_up("provider", "2.2");
    story.tell(&dialled(3).each_ref().map(String::as_str));
    story.now.0 += 500;
    let state = "Channel=PJSIP/1001-1 Uniqueid=2.1 Linkedid=2.1 DestChannel=PJSIP/provider-3 DestUniqueid=2.3 DestLinkedid=2.1";
    let heard = |uid: &str, from: f64, to: f64| {
        format!("VarSet Channel=x Uniqueid={uid} Variable=RTPAUDIOQOSMES Value=avgrxmes={from};avgtxmes={to}")
    };
    story.tell(&[
        &format!("DialState {state} DialStatus=PROCEEDING"),
        &format!("DialState {state} DialStatus=PROGRESS"),
        "Newstate Channel=PJSIP/provider-3 ChannelState=5 Uniqueid=2.3 Linkedid=2.1",
        "Newstate Channel=PJSIP/provider-3 ChannelState=6 Uniqueid=2.3 Linkedid=2.1",
        &heard("2.3", 71.5, 0.0),
        &heard("2.1", 88.0, 64.26),
        // of the other side of a bridge, and of nobody who is on it
        "VarSet Channel=x Uniqueid=2.1 Variable=RTPAUDIOQOSMESBRIDGED Value=avgrxmes=1;avgtxmes=1",
        &heard("9.9", 1.0, 1.0),
    ]);
    story.hang_up("provider", "2.3").hang_up("1001", "2.1");
    let ended = story.only_ended();
    assert_eq!(ended.quality.pdd_ms, Some(2_500));
    assert_eq!(
        ended.quality.mes.map(|mes| mes.to_string()).as_deref(),
        Some("64.3")
    );
    let told = ended.call.story.iter().filter_map(|moment| match moment.what {
        MomentKind::Sounded { party, from, to } => {
            Some((party.number, [from, to].map(|mes| mes.map(|mes| mes.tenths()))))
        }
        _ => None,
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[1], ("1001".to_owned(), [Some(880), Some(643)]));
}

#[test]
fn a_parked_call_goes_back_when_its_time_is_out() {
    let mut story = Story::new();
    story.talk("1001", "1.0", "1002", "1.1").tell(&[
        "ParkedCall ParkeeChannel=PJSIP/1001-1.0 ParkeeUniqueid=1.0 ParkeeLinkedid=1.0 ParkerDialString=PJSIP/1002 Parkinglot=default ParkingSpace=701 ParkingTimeout=45",
        "BridgeLeave BridgeUniqueid=b1.0 Channel=PJSIP/1001-1.0 Uniqueid=1.0 Linkedid=1.0",
    ]);
    story.hang_up("1002", "1.1");
    let parked = story.board().parked.values().next().expect("it is parked");
    assert_eq!(
        parked.parked_by.as_ref().map(|by| by.number.as_str()),
        Some("1002")
    );
    assert_eq!(
        parked.until.map(|until| until.since_ms(parked.since)),
        Some(45_000)
    );
    story.tell(&["ParkedCallTimeOut ParkeeChannel=PJSIP/1001-1.0 ParkeeUniqueid=1.0 Parkinglot=default ParkingSpace=701"]);
    assert!(story.board().parked.is_empty());
    assert_eq!(story.parties()[0].2, CallState::Dialling);
    story.hang_up("1001", "1.0");
    assert!(
        story
            .only_ended()
            .call
            .story
            .iter()
            .any(|moment| matches!(moment.what, MomentKind::ParkTimedOut { .. }))
    );
}

#[test]
fn a_killed_pbx_ends_its_calls_at_the_last_sign_of_life() {
    let mut story = Story::new();
    story
        .tell(&["FullyBooted Uptime=500"])
        .talk("1001", "1.0", "1002", "1.1");
    let cut = Timestamp(story.now.0 + 10_000);
    story.switchboard.link_lost(cut, &mut story.out);
    assert_eq!(story.board().calls.len(), 1, "rows stay while nothing is known");
    story.now.0 += 60_000;
    story.tell(&["FullyBooted Uptime=2"]);
    let ended = story.only_ended();
    assert_eq!(
        (ended.end.by, ended.end.result, ended.end.at),
        (EndedBy::PbxStopped, CallResult::Interrupted, cut)
    );
    assert_eq!((story.out.gaps[0].from, story.out.gaps[0].restarted), (cut, true));
    assert!(story.board().calls.is_empty());
    assert!(
        story
            .board()
            .extensions
            .values()
            .all(|extension| extension.engagements.is_empty())
    );
}

#[test]
fn a_new_login_to_the_same_pbx_ends_nothing() {
    let mut story = Story::new();
    story
        .tell(&["FullyBooted Uptime=500"])
        .talk("1001", "1.0", "1002", "1.1");
    let elapsed_s = 500 + 9;
    let again = format!("FullyBooted Uptime={elapsed_s}");
    story.tell(&[&again]);
    assert_eq!((story.board().calls.len(), story.out.ended.len()), (1, 0));
}

#[test]
fn after_a_gap_lost_calls_end_found_ones_appear_and_kept_ones_say_so() {
    let mut story = Story::new();
    story
        .talk("1001", "1.0", "1002", "1.1")
        .talk("1003", "1.2", "1004", "1.3");
    let cut = story.now;
    story.switchboard.link_lost(cut, &mut story.out);
    story.now.0 += 30_000;
    story.switchboard.begin_resync(story.now, &mut story.out);
    story.tell(&[
        "CoreShowChannel Channel=PJSIP/1006-1.5 ChannelState=6 Application=AppDial Uniqueid=1.5 Linkedid=1.4 BridgeId=y Duration=00:00:08",
        "CoreShowChannel Channel=PJSIP/1005-1.4 ChannelState=6 CallerIDNum=1005 Exten=1006 Uniqueid=1.4 Linkedid=1.4 BridgeId=y Duration=00:00:10",
        "CoreShowChannel Channel=PJSIP/1002-1.1 ChannelState=6 Uniqueid=1.1 Linkedid=1.0 BridgeId=b1.0",
        "CoreShowChannel Channel=PJSIP/1001-1.0 ChannelState=6 Uniqueid=1.0 Linkedid=1.0 BridgeId=b1.0",
        "CoreShowChannelsComplete EventList=Complete ListItems=4",
    ]);
    let ended = story.only_ended();
    assert_eq!(
        (ended.call.caller.number.as_str(), ended.end.by, ended.end.at),
        ("1003", EndedBy::LostTrack, cut)
    );
    let parties = story.parties();
    assert_eq!(parties[0], ("1001".into(), "1002".into(), CallState::Talking));
    assert_eq!(parties[1], ("1005".into(), "1006".into(), CallState::Talking));
    let calls: Vec<_> = story.board().calls.values().collect();
    assert!(
        calls[0]
            .story
            .iter()
            .any(|moment| moment.what == MomentKind::GapCrossed { from: cut })
    );
    let first = calls[1].story.iter().next().map(|moment| moment.what);
    assert!(calls[1].discovered && first == Some(MomentKind::Discovered));
    let counters = story.counters();
    assert_eq!((counters.lost_track, counters.discovered), (1, 1));
}

#[test]
fn a_refused_list_sweeps_nothing() {
    let mut story = Story::new();
    story.talk("1001", "1.0", "1002", "1.1");
    story.switchboard.begin_resync(story.now, &mut story.out);
    story
        .switchboard
        .list_refused(List::Channels, story.now, &mut story.out);
    story.tell(&["CoreShowChannelsComplete EventList=Complete ListItems=0"]);
    assert_eq!(story.board().calls.len(), 1);
}
