//! Recordings, and a printer that tells a replay the way a person would.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(
    clippy::expect_used,
    reason = "a test that cannot read its recording has failed"
)]

pub mod world;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use telephony::replay::{Report, Timing, replay};
use telephony::{
    Board, Call, CallState, Conference, EndedCall, Extension, Leg, LegState, Mes, Moment, MomentKind,
    ParkedCall, Party, Queue, Settings, Timestamp, Trunk, Visit,
    visit::{Ring, Talk},
};

pub const START: Timestamp = Timestamp(1_795_220_000_000);

pub fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

/// Names of all recordings, sorted.
pub fn names() -> Vec<String> {
    let entries = fs::read_dir(directory()).expect("the captures are there");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.expect("readable").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".ami").map(str::to_owned))
        .collect();
    names.sort();
    names
}

pub fn bytes(name: &str) -> Vec<u8> {
    fs::read(directory().join(format!("{name}.ami"))).expect("a capture")
}

pub fn timing(name: &str) -> Timing {
    match fs::read_to_string(directory().join(format!("{name}.idx"))) {
        Ok(text) => Timing::parse(&text).expect("a timing index"),
        Err(_) => Timing::default(),
    }
}

/// The messages of a recording, each with the time it came.
pub fn messages(name: &str) -> Vec<(Timestamp, ami::Message)> {
    let bytes = bytes(name);
    let mut decoder = ami::Decoder::new(ami::Limits::default());
    let mut messages = Vec::new();
    for (ms, piece) in timing(name).pieces(bytes.len()) {
        decoder.push(&bytes[piece]);
        while let Some(decoded) = decoder.next() {
            if let ami::Decoded::Message(message) = decoded {
                messages.push((Timestamp(START.0 + ms), message));
            }
        }
    }
    messages
}

pub fn report(name: &str) -> Report {
    replay(&bytes(name), &timing(name), START, Settings::default())
}

fn party(party: &Party) -> String {
    let Party {
        number,
        name,
        extension,
    } = party;
    let number = if number.is_empty() { "?" } else { number };
    let outside = if extension.is_some() { "" } else { "~" };
    match name {
        Some(name) => format!("{outside}{number} {name}"),
        None => format!("{outside}{number}"),
    }
}

fn clock(at: Timestamp) -> String {
    format!("{:.1}", at.since_ms(START) as f64 / 1_000.0)
}

fn moment(moment: &Moment) -> String {
    let Moment { at, what } = moment;
    let text = match what {
        MomentKind::Started { caller, dialled } => format!("{} dials {dialled}", party(caller)),
        MomentKind::Ringing { party: who } => format!("{} rings", party(who)),
        MomentKind::Answered { party: who } => format!("{} answers", party(who)),
        MomentKind::NotAnswered { party: who, status } => format!("{} does not answer: {status}", party(who)),
        MomentKind::Held { party: who } => format!("{} holds", party(who)),
        MomentKind::Resumed { party: who } => format!("{} resumes", party(who)),
        MomentKind::QueueJoined { queue, position } => format!("joins queue {queue} at {position}"),
        MomentKind::QueueLeft { queue, abandoned } => format!("leaves queue {queue}, abandoned: {abandoned}"),
        MomentKind::QueueConnected { queue, agent } => format!("queue {queue} connects {}", party(agent)),
        MomentKind::BlindTransfer { by, to } => format!("{} transfers blindly to {to}", party(by)),
        MomentKind::AttendedTransfer { by, to } => format!("{} hands over to {}", party(by), party(to)),
        MomentKind::Parked { space, by } => {
            format!("parked in {space} by {}", by.as_ref().map_or("?".into(), party))
        }
        MomentKind::Unparked { space, by } => {
            format!("taken from {space} by {}", by.as_ref().map_or("?".into(), party))
        }
        MomentKind::ParkTimedOut { space } => format!("parking in {space} times out"),
        MomentKind::PickedUp { by } => format!("picked up by {}", party(by)),
        MomentKind::ConferenceJoined { room, party: who } => {
            format!("{} joins conference {room}", party(who))
        }
        MomentKind::ConferenceLeft { room, party: who } => format!("{} leaves conference {room}", party(who)),
        MomentKind::Recording { state } => format!("recording {state:?}"),
        MomentKind::Supervised { by } => format!("{} listens in", party(by)),
        MomentKind::HungUp { party: who, cause } => format!("{} hangs up, cause {cause}", party(who)),
        MomentKind::GapCrossed { from } => format!("gap since {}", clock(*from)),
        MomentKind::Discovered => "discovered".to_owned(),
        MomentKind::Sounded { party: who, from, to } => {
            let score = |mes: &Option<Mes>| mes.map_or("?".to_owned(), |mes| mes.to_string());
            format!(
                "voice from {} {}, to there {}",
                party(who),
                score(from),
                score(to)
            )
        }
    };
    format!("{} {text}", clock(*at))
}

fn leg(leg: &Leg) -> String {
    let Leg {
        id: _,
        channel,
        party: who,
        role,
        state,
        since: _,
        answered,
        trunk,
    } = leg;
    let answered = answered.map_or(String::new(), |at| format!(", answered {}", clock(at)));
    let trunk = trunk
        .as_ref()
        .map_or(String::new(), |trunk| format!(", over {trunk}"));
    let state = match state {
        LegState::Ended(cause) => format!("ended {cause}"),
        state => format!("{state:?}"),
    };
    format!("{role:?} {} [{channel}] {state}{answered}{trunk}", party(who))
}

pub fn call(call: &Call, out: &mut String) {
    let Call {
        id: _,
        direction,
        caller,
        callee,
        dialled,
        state,
        state_since,
        started,
        answered,
        held_ms,
        held_since,
        queue,
        parked_in,
        conference,
        recording,
        legs,
        story,
        discovered,
    } = call;
    let state = match state {
        CallState::Service(app) => format!("Service {}", app.as_deref().unwrap_or("?")),
        state => format!("{state:?}"),
    };
    let _ = writeln!(
        out,
        "{direction:?}: {} -> {} (dialled {dialled:?})",
        party(caller),
        party(callee)
    );
    let _ = write!(
        out,
        "  {state} since {}, started {}",
        clock(*state_since),
        clock(*started)
    );
    let _ = write!(out, ", answered {}", answered.map_or("never".into(), clock));
    let _ = writeln!(
        out,
        ", held {:.1}s, recording {recording:?}",
        *held_ms as f64 / 1_000.0
    );
    for (name, value) in [
        ("held since", held_since.map(clock)),
        ("parked", parked_in.clone()),
        ("room", conference.clone()),
    ] {
        if let Some(value) = value {
            let _ = writeln!(out, "  {name} {value}");
        }
    }
    if *discovered {
        let _ = writeln!(out, "  discovered");
    }
    if let Some(visit) = queue {
        let connected = visit.connected.map_or("never".into(), clock);
        let agent = visit.agent.as_deref().unwrap_or("nobody");
        let _ = writeln!(
            out,
            "  queue {} at {} since {}, connected {connected} to {agent}",
            visit.queue,
            visit.position,
            clock(visit.joined)
        );
    }
    for one in legs {
        let _ = writeln!(out, "  leg {}", leg(one));
    }
    for one in story.iter() {
        let _ = writeln!(out, "  {}", moment(&one));
    }
}

pub fn ended(ended: &EndedCall, out: &mut String) {
    let EndedCall {
        call: row,
        linked: _,
        files,
        quality,
        end,
    } = ended;
    call(row, out);
    if let Some(pdd_ms) = quality.pdd_ms {
        let _ = writeln!(out, "  a trunk gave a sign after {pdd_ms} ms");
    }
    if let Some(mes) = quality.mes {
        let _ = writeln!(out, "  voice {mes}");
    }
    for file in files {
        let _ = writeln!(out, "  recorded to {file}");
    }
    let _ = writeln!(
        out,
        "  = {:?} at {} by {:?}, cause {}",
        end.result,
        clock(end.at),
        end.by,
        end.cause
    );
}

pub fn visit(visit: &Visit, out: &mut String) {
    let Visit {
        queue,
        channel: _,
        serial,
        call: _,
        number,
        name,
        joined,
        position,
        rings,
        more_rings,
        left,
        talk,
        partial,
    } = visit;
    let name = name.as_deref().unwrap_or("?");
    let partial = if *partial { ", partial" } else { "" };
    let _ = write!(
        out,
        "{queue} {serial}: {number} {name} joins at {position} at {}{partial}",
        clock(*joined)
    );
    let left = left.map_or("waits".into(), |(at, how)| format!("{how:?} at {}", clock(at)));
    let _ = writeln!(out, ", {left}");
    for Ring {
        interface,
        extension,
        channel: _,
        began,
        ended,
    } in rings
    {
        let number = extension.as_deref().unwrap_or("?");
        let ended = ended.map_or("rings".into(), |(at, how)| format!("{how:?} at {}", clock(at)));
        let _ = writeln!(
            out,
            "  rings {interface} ({number}) at {}, {ended}",
            clock(*began)
        );
    }
    if *more_rings > 0 {
        let _ = writeln!(out, "  and {more_rings} more");
    }
    if let Some(Talk {
        interface,
        extension,
        began,
        ended,
        held_ms,
    }) = talk
    {
        let number = extension.as_deref().unwrap_or("?");
        let ended = ended.map_or("talks".into(), |(at, by)| {
            format!("ended by {by:?} at {}", clock(at))
        });
        let held = *held_ms as f64 / 1_000.0;
        let _ = writeln!(
            out,
            "  talks to {interface} ({number}) at {}, {ended}, held {held:.1}s",
            clock(*began)
        );
    }
}

fn extension(row: &Extension, out: &mut String) {
    let Extension {
        number,
        name,
        device,
        device_state,
        registration,
        dnd,
        voicemail,
        engagements,
        since,
    } = row;
    let name = name.as_deref().unwrap_or("?");
    let _ = writeln!(
        out,
        "extension {number} {name} {device} {device_state:?} {registration:?} dnd {dnd:?} voicemail {voicemail:?} since {}",
        clock(*since)
    );
    for one in engagements {
        let _ = writeln!(
            out,
            "  {:?} with {} ({}) {:?} since {}",
            one.activity,
            one.with,
            one.number,
            one.direction,
            clock(one.since)
        );
    }
}

fn queue(row: &Queue, out: &mut String) {
    let Queue {
        name,
        strategy,
        waiting,
        members,
        completed,
        abandoned,
        service_level_s,
    } = row;
    let _ = writeln!(
        out,
        "queue {name} {strategy:?}: completed {completed}, abandoned {abandoned}, level {service_level_s}s"
    );
    for one in waiting {
        let _ = writeln!(
            out,
            "  waits {} {} {:?} since {}",
            one.position,
            one.number,
            one.name,
            clock(one.joined)
        );
    }
    for one in members {
        let paused = one.paused_since.map_or(String::new(), |at| {
            format!(", paused since {} {:?}", clock(at), one.pause_reason)
        });
        let _ = writeln!(
            out,
            "  member {} {} ext {:?} {:?} {:?} penalty {} taken {} dynamic {}{paused}",
            one.interface,
            one.name,
            one.extension,
            one.state,
            one.device_state,
            one.penalty,
            one.calls_taken,
            one.dynamic
        );
    }
}

pub fn board(board: &Board, out: &mut String) {
    let Board {
        calls,
        extensions,
        queues,
        trunks,
        parked,
        conferences,
    } = board;
    for row in calls.values() {
        out.push_str("UP ");
        call(row, out);
    }
    extensions.values().for_each(|row| extension(row, out));
    queues.values().for_each(|row| queue(row, out));
    for Trunk {
        name,
        device,
        device_state,
        registration,
        registration_since,
        channels,
    } in trunks.values()
    {
        let since = clock(*registration_since);
        let _ = writeln!(
            out,
            "trunk {name} {device} {device_state:?} {registration:?} since {since}, {channels} channels"
        );
    }
    for ParkedCall {
        lot,
        space,
        call: _,
        caller,
        parked_by,
        since,
        until,
    } in parked.values()
    {
        let by = parked_by.as_ref().map_or("?".into(), party);
        let _ = writeln!(
            out,
            "parked {lot} {space}: {} by {by} since {} until {:?}",
            party(caller),
            clock(*since),
            until.map(clock)
        );
    }
    for Conference {
        room,
        participants,
        locked,
        recording,
        since,
    } in conferences.values()
    {
        let _ = writeln!(
            out,
            "conference {room} locked {locked} recording {recording} since {}",
            clock(*since)
        );
        for one in participants {
            let _ = writeln!(
                out,
                "  {} muted {} admin {}",
                party(&one.party),
                one.muted,
                one.admin
            );
        }
    }
}

/// The whole replay as text.
pub fn tell(report: &Report) -> String {
    let mut out = String::new();
    for one in &report.ended {
        ended(one, &mut out);
    }
    if !report.visits.is_empty() {
        out.push_str("-- visits\n");
    }
    for one in &report.visits {
        visit(one, &mut out);
    }
    out.push_str("--\n");
    board(&report.board, &mut out);
    let _ = writeln!(out, "--\n{:?}\n{:?}", report.counters, report.stream);
    out
}
