//! What Asterisk's own call records tell: rows of a real Asterisk, and made ones with everything wrong that can be.

#![allow(clippy::expect_used, clippy::panic, reason = "a claim that is wrong panics")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use telephony::cdr::{
    CdrRow, Column, Disposition, Doubt, Known, MasterCsv, Offset, Told, When, Wrong, Zone, call_of,
    is_of_somebody, seen_offset,
};
use telephony::finished::unpack;
use telephony::{CallResult, Direction, FinishedCall, Marks, Timestamp};

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

/// The call that the first records of a recording tell.
fn told(name: &str) -> FinishedCall {
    let groups = groups(name);
    let rows = groups.values().next().expect("records");
    call_of(rows, &mut Known::default()).expect("a call")
}

#[test]
fn what_records_tell_of_a_call_is_what_was_seen_of_it() {
    for name in [
        "basic-answered-call",
        "basic-callee-hangs-up",
        "busy",
        "no-answer",
        "cancelled-by-caller",
        "congestion-failed",
        "blind-transfer-ami",
        "queue-connect-complete",
        "dial-two-phones",
    ] {
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
