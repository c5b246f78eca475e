//! What Asterisk's own call records tell: rows of a real Asterisk, and made ones with everything wrong that can be.

#![allow(clippy::expect_used, clippy::panic, reason = "a claim that is wrong panics")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use telephony::cdr::{
    CdrRow, Column, Disposition, Doubt, Known, MasterCsv, NEAR_MS, Offset, Told, When, Wrong, Zone, call_of,
    heal, is_of_somebody, seen_offset,
};
use telephony::finished::unpack;
use telephony::{
    CallResult, Direction, EndedCall, FinishedCall, LegState, Marks, MomentKind, Output, Settings,
    Switchboard, Timestamp,
};

fn wall(text: &str) -> When {
    When::read(text).expect("a time").expect("not empty")
}

fn wall_s(text: &str) -> i64 {
    match wall(text) {
        When::Wall(seconds) => seconds,
        When::At(at) => panic!("{at:?} is a moment"),
    }
}

/// Clocks as they are in Berlin in 2026, in the hours in which they are changed and around them.
struct Berlin;

impl Zone for Berlin {
    fn offset(&self, wall_s: i64) -> Offset {
        let at = |text: &str| wall_s - self::wall_s(text);
        let hour = 0..3_600;
        if hour.contains(&at("2026-10-25 02:00:00")) {
            Offset::Twice(7_200, 3_600)
        } else if hour.contains(&at("2026-03-29 02:00:00")) {
            Offset::Never(3_600, 7_200)
        } else if at("2026-03-29 03:00:00") >= 0 && at("2026-10-25 02:00:00") < 0 {
            Offset::One(7_200)
        } else {
            Offset::One(3_600)
        }
    }
}

fn rows(file: &[u8]) -> (Vec<CdrRow>, MasterCsv) {
    let mut csv = MasterCsv::default();
    let lines = file.split(|byte| *byte == b'\n');
    let rows = lines.filter_map(|line| csv.line(line)).collect();
    (rows, csv)
}

const LINE: &str = r#""","1001","1002","from-internal","""Ann ""the"" Voice"" <1001>","PJSIP/1001-00000000","PJSIP/1002-00000001","Dial","PJSIP/1002,10,tT","2026-11-21 00:22:35","2026-11-21 00:22:37","2026-11-21 00:22:47",12,10,"ANSWERED","DOCUMENTATION""#;

fn line(rest: &str) -> CdrRow {
    let (rows, csv) = rows(format!("{LINE}{rest}\n").as_bytes());
    assert_eq!(csv.counted().faults, [], "{rest}");
    rows.into_iter().next().expect("a row")
}

#[test]
fn a_line_is_read_with_and_without_the_columns_that_a_pbx_may_add() {
    let row = line("");
    assert_eq!(row.caller_id, r#""Ann "the" Voice" <1001>"#);
    assert_eq!((row.duration_s, row.billable_s), (12, 10));
    assert_eq!(row.disposition, Disposition::Answered);
    assert_eq!((row.uniqueid.clone(), row.name()), (None, None));
    let id = r#","lab-1-1795220555.0""#;
    assert_eq!(line(id).uniqueid.as_deref(), Some("lab-1-1795220555.0"));
    assert_eq!(line(r#","sold""#).user_field.as_deref(), Some("sold"));
    let newer = r#","2002","1795220554.9",17"#;
    let row = line(newer);
    assert_eq!(
        (row.sequence, row.name()),
        (Some(17), None),
        "without its own id it has no name"
    );
    assert_eq!(row.peer_account.as_deref(), Some("2002"));
    let row = line(&format!(r#"{id},"sold"{newer}"#));
    assert_eq!(row.name(), Some(("lab-1-1795220555.0", "1795220554.9", 17)));
    assert_eq!(
        (row.group(), row.user_field.as_deref()),
        (Some("1795220554.9"), Some("sold"))
    );
    let row = line(&format!("{id}{newer}"));
    assert_eq!((row.uniqueid.is_some(), row.sequence), (true, Some(17)));
}

#[test]
fn what_a_real_asterisk_wrote_is_read_to_the_last_line() {
    use CallResult::{Answered, Busy, Missed, Service};
    let (whole, csv) = rows(include_bytes!("captures/cdr/Master.csv"));
    assert_eq!((csv.counted().rows, csv.counted().damaged), (7, 0));
    let calls = whole.into_iter().map(|row| {
        assert!(row.name().is_some() && row.channel_made_s().is_some(), "{row:?}");
        let times = row.times(&0).expect("it began");
        call_of(&[Told { row, times }], &mut Known::default()).expect("a call")
    });
    let calls: Vec<FinishedCall> = calls.collect();
    let results: Vec<CallResult> = calls.iter().map(|call| call.result).collect();
    assert_eq!(
        results,
        [Busy, Answered, Answered, Answered, Missed, Missed, Service]
    );
    let outside = &calls[5];
    assert_eq!(outside.caller.name.as_deref(), Some("Zoe, the 1st <x>"));
    assert_eq!(
        (outside.queue.as_deref(), outside.direction),
        (Some("sales"), Direction::Inbound)
    );
    assert_eq!(calls[2].first_by.as_deref(), Some("1008"));
    let (plain, csv) = rows(include_bytes!("captures/cdr/plain.csv"));
    assert_eq!((csv.counted().rows, csv.counted().damaged), (1, 0));
    assert_eq!((plain[0].name(), plain[0].group()), (None, None));
}

#[test]
fn a_line_that_is_none_is_told_by_its_number_and_column_and_the_next_ones_are_read() {
    let bad = [
        (
            LINE.replace(",12,", ",twelve,"),
            Some(Column::Duration),
            Wrong::NotANumber,
        ),
        (
            LINE.replace("2026-11-21 00:22:37", "yesterday"),
            Some(Column::Answer),
            Wrong::NotATime,
        ),
        (
            LINE.replace("2026-11-21 00:22:35", "2026-13-21 00:22:35"),
            Some(Column::Start),
            Wrong::NotATime,
        ),
        (
            LINE.replace("\"2026-11-21 00:22:35\"", ""),
            Some(Column::Start),
            Wrong::NoStart,
        ),
        (LINE.replace("\"1001\",", "\"1001\"x,"), None, Wrong::Quotes),
        ("one,two".to_owned(), None, Wrong::Columns(2)),
        (format!("{LINE},1,2,3,4,5,6"), None, Wrong::Columns(22)),
        (
            LINE.replace("Dial", &"x".repeat(5_000)),
            Some(Column::Application),
            Wrong::TooLong,
        ),
        ("x".repeat(20_000), None, Wrong::TooLong),
        // within quotation marks to the end, and the next line is one of its own
        (LINE.trim_end_matches('"').to_owned(), None, Wrong::Quotes),
    ];
    for (text, column, what) in bad {
        let (rows, csv) = rows(format!("{LINE}\n{text}\n{LINE}\r\n\n").as_bytes());
        assert_eq!(rows.len(), 2, "{text}");
        let [fault] = &csv.counted().faults[..] else {
            panic!("{text}: {:?}", csv.counted())
        };
        assert_eq!(
            (fault.line, fault.column, fault.what),
            (2, column, what),
            "{text}"
        );
    }
    let (_, csv) = rows(LINE.replace(",12,", ",twelve,").as_bytes());
    assert_eq!(
        csv.counted().faults[0].to_string(),
        "line 1, column duration: this is no number"
    );
}

#[test]
fn what_a_dialplan_writes_may_have_lines_and_commas_in_it_and_names_any_bytes() {
    let row = line(",\"one\ntwo, \"\"three\"\"\n\"");
    assert_eq!(row.user_field.as_deref(), Some("one\ntwo, \"three\"\n"));
    let mut latin = LINE.as_bytes().to_vec();
    let at = LINE.find("Ann").expect("there");
    latin[at] = 0xe4;
    let (rows, _) = rows(&latin);
    assert!(rows[0].caller_id.starts_with("\"\u{fffd}nn"));
}

#[test]
fn times_are_read_as_every_back_end_writes_them() {
    let noon = Timestamp(1_795_780_800_000);
    assert_eq!(wall("2026-11-27 12:00:00"), When::Wall(1_795_780_800));
    for text in [
        "2026-11-27 13:00:00+01",
        "2026-11-27T12:00:00Z",
        "2026-11-27 12:00:00.123456+00",
        "2026-11-27 06:30:00-05:30",
        "1795780800",
    ] {
        assert_eq!(wall(text), When::At(noon), "{text}");
    }
    assert_eq!(wall("1795780800.25"), When::At(Timestamp(noon.0 + 250)));
    for nothing in ["", "0000-00-00 00:00:00", "0.000000", "0"] {
        assert_eq!(When::read(nothing), Ok(None), "{nothing}");
    }
    for bad in [
        "2026-02-29 12:00:00",
        "2026-11-27",
        "2026-11-27 24:00:00",
        "27.11.2026 12:00:00",
        "2026-11-27 12:00:00+1",
        "1969-11-27 12:00:00",
        "99999999999999999999",
        "1.2.3",
        "2026-11-27 12:00:00'; DROP TABLE cdr; --",
    ] {
        assert!(When::read(bad).is_err(), "{bad}: {:?}", When::read(bad));
    }
    assert!(When::read("2028-02-29 12:00:00").is_ok(), "a leap year");
}

fn made(start: &str, end: Option<&str>, duration_s: u64, unique: Option<&str>) -> CdrRow {
    CdrRow {
        start: Some(wall(start)),
        end: end.map(wall),
        duration_s,
        uniqueid: unique.map(str::to_owned),
        ..CdrRow::default()
    }
}

#[test]
fn an_hour_that_clocks_show_twice_is_told_apart_by_the_end_or_the_channel_and_says_so_where_it_is_not() {
    // 02:30 in summer time is 00:30 UTC, in winter time 01:30 UTC
    let (summer, winter) = (1_792_888_200_000, 1_792_891_800_000);
    assert_eq!(winter - summer, 3_600_000);
    let start = |row: &CdrRow| {
        let times = row.times(&Berlin).expect("it began");
        (times.start.0, times.doubt)
    };
    let by_channel = |seconds: u64| made("2026-10-25 02:30:00", None, 60, Some(&format!("{seconds}.7")));
    assert_eq!(start(&by_channel(summer / 1_000)), (summer, None));
    assert_eq!(start(&by_channel(winter / 1_000)), (winter, None));
    let ends = |duration_s| {
        made(
            "2026-10-25 02:30:00",
            Some("2026-10-25 03:10:00"),
            duration_s,
            None,
        )
    };
    assert_eq!(start(&ends(100 * 60)), (summer, None));
    assert_eq!(start(&ends(40 * 60)), (winter, None));
    let nothing = made("2026-10-25 02:30:00", Some("2026-10-25 02:31:00"), 60, None);
    assert_eq!(start(&nothing), (summer, Some(Doubt::Twice)));
    // a row that a channel begins an hour into its life may be of either hour
    let later = by_channel(summer / 1_000 - 1_800);
    assert_eq!(start(&later), (summer, Some(Doubt::Twice)));
    let never = made("2026-03-29 02:30:00", None, 60, None);
    assert_eq!(start(&never).1, Some(Doubt::Never));
    // over the change of clocks a call is as long as it was
    let over = made("2026-10-25 01:59:30", Some("2026-10-25 02:00:30"), 3_660, None);
    let times = over.times(&Berlin).expect("it began");
    assert_eq!(times.end.0 - times.start.0, 3_660_000);
}

#[test]
fn what_a_row_leaves_out_is_reckoned_from_its_seconds() {
    let mut row = made("2026-11-27 12:00:00", None, 30, None);
    row.billable_s = 20;
    row.disposition = Disposition::Answered;
    let times = row.times(&3_600).expect("it began");
    assert_eq!(times.end.0 - times.start.0, 30_000);
    assert_eq!(times.answer.map(|at| at.0 - times.start.0), Some(10_000));
    row.disposition = Disposition::NoAnswer;
    assert_eq!(row.times(&3_600).expect("it began").answer, None);
}

#[test]
fn the_clocks_of_a_pbx_are_known_by_when_it_tells() {
    let row = made("2026-11-27 12:00:00", Some("2026-11-27 12:00:30"), 30, None);
    let told = |shift_s: i64| {
        let at = 1_795_780_830 - shift_s;
        seen_offset(&row, Timestamp(u64::try_from(at).expect("positive") * 1_000))
    };
    for offset in [0, 3_600, -3_600 * 5, 20_700, 45_900] {
        assert_eq!(told(i64::from(offset)), Some(offset));
        assert_eq!(told(i64::from(offset) - 200), Some(offset), "told 200 s late");
    }
    assert_eq!(told(20 * 3_600), None);
}

/// The records of a recording by their linked id.
fn groups(name: &str) -> BTreeMap<String, Vec<Told>> {
    let mut groups: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for (_, message) in support::messages(name) {
        if let Some(row) = CdrRow::of_event(&message) {
            let times = row.times(&0).expect("it began");
            let linked = row.group().expect("a name").to_owned();
            assert!(row.name().is_some(), "{name}: {row:?}");
            groups.entry(linked).or_default().push(Told { row, times });
        }
    }
    groups
}

/// Every name that a call goes by.
fn names(call: &FinishedCall) -> BTreeSet<String> {
    let (legs, _) = unpack(&call.told).expect("a story");
    let legs = legs.into_iter().map(|leg| leg.id.0);
    legs.chain([call.id.0.clone(), call.linked.clone()]).collect()
}

#[test]
fn the_records_of_every_recording_are_of_calls_that_were_seen() {
    let mut groups_seen = 0;
    for name in support::names() {
        let report = support::report(&name);
        let calls: Vec<FinishedCall> = report.ended.iter().map(FinishedCall::of).collect();
        for (linked, rows) in groups(&name) {
            let unique = rows.iter().filter_map(|told| told.row.uniqueid.clone());
            let wanted: BTreeSet<String> = unique.chain([linked.clone()]).collect();
            let seen = calls.iter().any(|call| !names(call).is_disjoint(&wanted));
            let somebody = is_of_somebody(&rows, &mut Known::default());
            assert_eq!(seen, somebody, "{name}: {linked} {rows:#?}");
            groups_seen += 1;
        }
    }
    assert!(groups_seen > 40, "{groups_seen}");
}

/// Records later by so much; earlier where it is less than nothing.
fn moved(rows: &[Told], by: i64) -> Vec<Told> {
    let at = |at: Timestamp| Timestamp(at.0.saturating_add_signed(by));
    let mut rows = rows.to_vec();
    for told in &mut rows {
        let times = &mut told.times;
        (times.start, times.end) = (at(times.start), at(times.end));
        times.answer = times.answer.map(at);
    }
    rows
}

/// The first call of a recording, and its records as if Asterisk's clock had shown our time.
fn with_records(name: &str) -> (FinishedCall, Vec<Told>) {
    let call = FinishedCall::of(&support::report(name).ended[0]);
    let rows = groups(name).into_values().next().expect("records");
    let first = rows.iter().map(|told| told.times.start).min().expect("one");
    let whole_second = call.started.0 / 1_000 * 1_000;
    let by = whole_second.cast_signed() - first.0.cast_signed();
    (call, moved(&rows, by))
}

/// The first call of a recording as it was when sight of it was lost, at each moment.
fn lost_at_each_moment(name: &str) -> Vec<FinishedCall> {
    let mut switchboard = Switchboard::new(Settings::default());
    let mut output = Output::default();
    let mut lost = Vec::new();
    let messages = support::messages(name);
    for (place, (at, message)) in messages.iter().enumerate() {
        switchboard.observe(message, *at, &mut output);
        if !output.ended.is_empty() {
            break;
        }
        // nobody stops in the middle of what is told at once
        let apart = messages.get(place + 1).is_none_or(|(next, _)| next.0 > at.0 + 5);
        if let Some(call) = switchboard.board().calls.values().next().filter(|_| apart) {
            lost.push(FinishedCall::of(&EndedCall::unseen(call.clone(), *at)));
        }
    }
    lost
}

const SIMPLE: [&str; 9] = [
    "basic-answered-call",
    "basic-callee-hangs-up",
    "busy",
    "no-answer",
    "cancelled-by-caller",
    "congestion-failed",
    "blind-transfer-ami",
    "queue-connect-complete",
    "dial-two-phones",
];

#[test]
fn a_call_that_nobody_saw_end_is_what_it_was_by_its_records_whenever_sight_of_it_was_lost() {
    let mut healed = 0;
    for name in SIMPLE {
        let (truth, rows) = with_records(name);
        for lost in lost_at_each_moment(name) {
            let at = format!("{name}, lost at {}", lost.ended.0);
            assert_eq!(lost.result, CallResult::Interrupted, "{at}");
            let now = heal(&lost, &rows, Some(truth.ended), &mut Known::default());
            let now = now.unwrap_or_else(|| panic!("{at}: {lost:#?} {rows:#?}"));
            assert_eq!((now.result, &now.id), (truth.result, &truth.id), "{at}");
            assert_eq!((now.started, &now.caller), (truth.started, &truth.caller), "{at}");
            assert!(now.ended >= lost.ended, "{at}: it was there");
            assert!(
                now.ended.0.abs_diff(truth.ended.0) <= NEAR_MS,
                "{at}: {now:#?} {truth:#?}"
            );
            assert_eq!(now.answered.is_some(), truth.answered.is_some(), "{at}");
            if truth.result == CallResult::Answered {
                assert_eq!(now.callee.extension, truth.callee.extension, "{at}");
                assert_eq!(now.first_by, truth.first_by, "{at}");
            }
            let gone = now.marks.has(Marks::LOST_TRACK);
            assert!(
                now.marks.has(Marks::HEALED) && now.marks.is_partial() && !gone,
                "{at}"
            );
            let (legs, story) = unpack(&now.told).expect("a story");
            assert!(
                legs.iter().all(|leg| matches!(leg.state, LegState::Ended(_))),
                "{at}"
            );
            let answered = story.iter().any(|one| {
                matches!(
                    one.what,
                    MomentKind::Answered { .. } | MomentKind::QueueConnected { .. }
                )
            });
            assert_eq!(answered, truth.answered.is_some(), "{at}");
            assert_eq!(
                heal(&truth, &rows, Some(truth.ended), &mut Known::default()),
                None,
                "{at}: once"
            );
            healed += 1;
        }
    }
    assert!(healed > 30, "{healed}");
}

#[test]
fn of_a_call_that_was_found_under_way_records_know_how_it_began() {
    for (name, result) in [
        ("busy", CallResult::Busy),
        ("basic-answered-call", CallResult::Answered),
    ] {
        let (truth, rows) = with_records(name);
        // found after it was tried, or long after it was answered
        let found = FinishedCall {
            result: match result {
                CallResult::Answered => result,
                _ => CallResult::Failed,
            },
            answered: truth.answered.map(|at| Timestamp(at.0 + NEAR_MS + 1_001)),
            marks: Marks::DISCOVERED,
            ..truth.clone()
        };
        let now = heal(&found, &rows, None, &mut Known::default()).expect(name);
        assert_eq!(
            (now.result, now.ended, now.cause),
            (result, truth.ended, truth.cause),
            "{name}"
        );
        let near = |(one, other): (Timestamp, Timestamp)| one.0.abs_diff(other.0) <= NEAR_MS;
        assert!(
            now.answered.zip(truth.answered).is_none_or(near),
            "{name}: {now:#?}"
        );
        assert_eq!(now.answered.is_some(), truth.answered.is_some(), "{name}");
        assert!(
            now.marks.has(Marks::HEALED) && now.marks.has(Marks::DISCOVERED),
            "{name}"
        );
        // records of another call that goes by its name
        assert_eq!(
            heal(&found, &moved(&rows, 60_000), None, &mut Known::default()),
            None,
            "{name}"
        );
        // where they know no better it stays as it is
        let known = FinishedCall {
            result,
            answered: truth.answered,
            ..found
        };
        assert_eq!(heal(&known, &rows, None, &mut Known::default()), None, "{name}");
    }
}

#[test]
fn records_of_what_cannot_have_been_change_nothing() {
    let (truth, rows) = with_records("basic-answered-call");
    let all = lost_at_each_moment("basic-answered-call");
    let known = &mut Known::default();
    let talking = all
        .iter()
        .find(|lost| lost.answered.is_some())
        .expect("they talk");
    let ringing = all.first().expect("it rings");
    let again = Some(truth.ended);
    // it ended before it was last seen to be up, or after its PBX was seen without it
    assert_eq!(heal(talking, &moved(&rows, -60_000), again, known), None);
    assert_eq!(heal(talking, &moved(&rows, 60_000), again, known), None);
    // somebody had answered, and whoever looked saw it ring
    let mut early = moved(&rows, 0);
    early[0].times.answer = Some(Timestamp(ringing.ended.0 - 60_000));
    assert_eq!(heal(ringing, &early, again, known), None);
    // whoever listens to a call is not on it
    let mut listens = moved(&rows, 0);
    listens[0].row.application = "ChanSpy".into();
    assert_eq!(heal(ringing, &listens, again, known), None);
    assert_eq!(heal(ringing, &[], again, known), None);
    assert_eq!(
        heal(talking, &rows, None, known),
        None,
        "nobody saw the PBX since"
    );
    // what was seen as a whole stays, whatever they say
    assert_eq!(heal(&truth, &rows, again, known), None);
}

/// The call that the first records of a recording tell.
fn told(name: &str) -> FinishedCall {
    let groups = groups(name);
    let rows = groups.values().next().expect("records");
    call_of(rows, &mut Known::default()).expect("a call")
}

#[test]
fn what_records_tell_of_a_call_is_what_was_seen_of_it() {
    for name in SIMPLE {
        let seen = FinishedCall::of(&support::report(name).ended[0]);
        let told = told(name);
        let result = |call: &FinishedCall| (call.id.clone(), call.result, call.direction);
        assert_eq!(result(&told), result(&seen), "{name}");
        let party = |call: &FinishedCall| (call.caller.number.clone(), call.caller.extension.clone());
        assert_eq!(party(&told), party(&seen), "{name}");
        assert_eq!(told.dialled, seen.dialled, "{name}");
        assert!(
            told.duration_ms().abs_diff(seen.duration_ms()) <= 2_000,
            "{name}: {told:?} {seen:?}"
        );
        if seen.result == CallResult::Answered {
            assert_eq!(told.callee.extension, seen.callee.extension, "{name}");
            assert_eq!(told.first_by, seen.first_by, "{name}");
        }
        assert!(told.marks.has(Marks::TOLD) && told.marks.is_partial());
    }
}

#[test]
fn a_queue_nobody_answered_in_is_missed_and_a_trunk_makes_a_call_come_from_outside() {
    let left = told("queue-abandon");
    assert_eq!(
        (left.result, left.queue.as_deref()),
        (CallResult::Missed, Some("support"))
    );
    let mut row = line(r#","1795220555.0""#);
    row.channel = "PJSIP/carrier-00000001".into();
    row.src = "+4930123".into();
    let times = row.times(&0).expect("it began");
    let rows = [Told { row, times }];
    let call = call_of(&rows, &mut Known::of_trunks(["carrier".to_owned()])).expect("a call");
    assert_eq!(
        (call.direction, call.trunk.as_deref()),
        (Direction::Inbound, Some("carrier"))
    );
    assert_eq!(
        (call.caller.number.as_str(), call.caller.extension),
        ("+4930123", None)
    );
    assert!(call_of(&[], &mut Known::default()).is_none());
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let (rows, csv) = rows(&bytes);
        let counted = csv.counted();
        prop_assert_eq!(rows.len() as u64, counted.rows);
        prop_assert!(counted.rows + counted.damaged <= csv.lines());
        for row in rows {
            prop_assert!(row.times(&Berlin).is_some());
        }
    }

    #[test]
    fn a_damaged_line_costs_itself_alone(damage in "[^\r\n]{0,60}", at in 0..LINE.len(), much in 0..40_usize) {
        let mut bad = LINE.as_bytes().to_vec();
        let end = (at + much).min(bad.len());
        bad.splice(at..end, damage.bytes());
        let file = [LINE.as_bytes(), &bad, LINE.as_bytes(), LINE.as_bytes()].join(&b'\n');
        let (rows, csv) = rows(&file);
        let whole = rows.iter().filter(|row| **row == line("")).count();
        prop_assert!(whole >= 3, "{:?}", csv.counted());
        prop_assert!(csv.counted().damaged <= 1);
    }

    #[test]
    fn whatever_records_say_what_was_seen_of_a_call_stays(
        name in prop::sample::select(SIMPLE.to_vec()), cut in any::<prop::sample::Index>(), by in -5_000..5_000_i64,
        answer in prop::option::of(-9_000..9_000_i64), gap in 0..20_000_u64, whole in any::<bool>(),
    ) {
        let (truth, rows) = with_records(name);
        let lost = lost_at_each_moment(name);
        // one recording has nothing that lasts longer than a moment
        let whole = whole || lost.is_empty();
        let seen = if whole { truth } else { cut.get(&lost).clone() };
        let mut rows = moved(&rows, by);
        if let Some(by) = answer {
            rows[0].times.answer = Some(Timestamp(rows[0].times.start.0.saturating_add_signed(by)));
        }
        let again = Timestamp(seen.ended.0 + gap);
        let Some(now) = heal(&seen, &rows, Some(again), &mut Known::default()) else { return Ok(()) };
        prop_assert!(!whole);
        prop_assert_eq!((&now.id, now.started, &now.caller), (&seen.id, seen.started, &seen.caller));
        prop_assert_eq!((&now.dialled, now.direction), (&seen.dialled, seen.direction));
        prop_assert!(now.ended >= seen.ended && now.ended.0 <= again.0 + NEAR_MS);
        prop_assert!(seen.answered.is_none() || now.answered == seen.answered);
        prop_assert!(now.answered.is_none_or(|at| at >= now.started && at <= now.ended));
        prop_assert_eq!(now.result == CallResult::Interrupted, false);
    }

    #[test]
    fn what_is_written_of_a_time_is_read_as_the_same(seconds in 0..7_258_118_400_i64) {
        let when = When::Wall(seconds);
        prop_assert_eq!(When::read(&when.to_string()), Ok(Some(when)));
    }

    #[test]
    fn any_text_is_a_time_or_is_refused(text in ".{0,40}") {
        let _ = When::read(&text);
        let _ = Disposition::of(&text);
        let mut row = CdrRow::default();
        for column in Column::ALL {
            let _ = row.set(column, &text);
            let _ = row.get(column);
        }
        if let Some(times) = row.times(&Berlin) {
            prop_assert!(times.start <= times.end);
            let rows = [Told { row, times }];
            let call = call_of(&rows, &mut Known::default());
            prop_assert_eq!(call.is_some(), is_of_somebody(&rows, &mut Known::default()));
        }
    }
}
