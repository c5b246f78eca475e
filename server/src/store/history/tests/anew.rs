//! A call that is told anew is kept as if it had been told like that from the start: its rows, by whom and by what it is found,
//! and every sum of which it is a part.

use proptest::{
    prelude::{ProptestConfig, Strategy, prop, prop_compose},
    sample::subsequence,
    test_runner::TestRunner,
};
use telephony::{Mes, Quality};

use super::*;

/// Of the calls of a PBX, what each statement says, by what it says and not by numbers that mean nothing.
const MADE: [&str; 7] = [
    "SELECT json_array(call_id, call.id / 4096, linked, direction, result, queue, trunk, recorded, length, dialled, answered_ms,
        duration_ms, talk_ms, held_ms, first_by, last_by, cause, hung_up_by, marks, pdd_ms, mes, hex(told), caller_number,
        caller_name, caller_extension, callee_number, callee_name, callee_extension)
     FROM call JOIN call_kind AS kind ON kind.id = kind_id JOIN call_story ON call_story.id = call.id WHERE call.pbx_id = ?",
    "SELECT json_array(call_id, number, name, extension) FROM call JOIN json_each(others) AS other
     JOIN party ON party.id = other.value WHERE call.pbx_id = ? ORDER BY call_id, other.key",
    "SELECT json_array(call.call_id, role, number, name, extension, on_it.kind_id = call.kind_id) FROM call
     JOIN call_party AS on_it ON on_it.call_id = call.id JOIN party ON party.id = party_id WHERE call.pbx_id = ?",
    "SELECT json_array(direction, result, queue, trunk, recorded, length, calls) FROM call_kind WHERE pbx_id = ?",
    "SELECT json_array(call.call_id, named, recorded_call.told) FROM call JOIN recorded_call ON recorded_call.call_id = call.id
     WHERE call.pbx_id = ?",
    "SELECT json_array(hour, direction, answered, missed, busy, failed, abandoned, voicemail, service, interrupted, duration_ms,
        talk_ms, pdd_ms, pdd_calls, mes, mes_calls) FROM call_hour WHERE pbx_id = ?",
    "SELECT json_array(day, direction, answered, missed, busy, failed, abandoned, voicemail, service, interrupted, duration_ms,
        talk_ms, pdd_ms, pdd_calls, mes, mes_calls) FROM call_day WHERE pbx_id = ?",
];

impl Kept {
    async fn made(&self, pbx: PbxId) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for query in MADE {
            let mut rows: Vec<String> = sqlx::query_scalar(query)
                .bind(pbx.0)
                .fetch_all(&self.store.read)
                .await
                .unwrap();
            rows.sort_unstable();
            all.push(rows);
        }
        all
    }

    /// What each of these calls is kept as.
    async fn numbers(&self, pbx: PbxId) -> Vec<(i64, String)> {
        sqlx::query_as("SELECT id, call_id FROM call WHERE pbx_id = ? ORDER BY id")
            .bind(pbx.0)
            .fetch_all(&self.store.read)
            .await
            .unwrap()
    }
}

fn somebody() -> impl Strategy<Value = Party> {
    let number = prop::sample::select(vec!["1001", "1002", "0301234567", ""]);
    let name = prop::sample::select(vec!["Ann Anders", "Çelik", ""]);
    (number, name).prop_map(|(number, name)| party(number, name))
}

prop_compose! {
    /// What is told of a call, but for its name and when it began.
    fn telling()(
        result in prop::sample::select(vec![CallResult::Answered, CallResult::Missed, CallResult::Abandoned, CallResult::Service]),
        direction in prop::sample::select(vec![Direction::Inbound, Direction::Internal]),
        caller in somebody(),
        callee in somebody(),
        others in prop::collection::vec(somebody(), 0..3),
        queue in prop::option::of(prop::sample::select(vec!["sales", "support"])),
        marks in subsequence(vec![Marks::RECORDED, Marks::SUPERVISION, Marks::TOLD, Marks::HELD], 0..4),
        files in subsequence(vec!["one.wav", "day/two.wav"], 0..3),
        answered in prop::option::of(0_u64..5_000),
        lasted in 5_000_u64..4_000_000,
        (pdd_ms, mes) in (prop::option::of(0_u64..9_000), prop::option::of(1_u64..1_000)),
        told in prop::collection::vec(0_u8..=255, 0..8),
    ) -> FinishedCall {
        let mut call = call(0);
        (call.result, call.direction, call.caller, call.callee, call.others) = (result, direction, caller, callee, others);
        call.queue = queue.map(str::to_owned);
        call.marks = Marks(marks.into_iter().fold(0, |all, mark| all | mark.0));
        call.files = files.into_iter().map(str::to_owned).collect();
        call.answered = answered.map(|after| Timestamp(START + after));
        call.ended = Timestamp(START + lasted);
        call.quality = Quality { pdd_ms, mes: mes.and_then(Mes::of_tenths) };
        call.told = told;
        call
    }
}

prop_compose! {
    /// A call that begins so many milliseconds after the start, as it was told, and as it is told anew.
    fn retold()(
        // two of one moment, of one hour, of one day, or of two days
        at in prop::sample::select(vec![0, 0, 1, 700, 3_600_000, 86_400_000]),
        was in telling(),
        is in prop::option::of(telling()),
    ) -> (u64, FinishedCall, Option<FinishedCall>) {
        (at, was, is)
    }
}

fn begun(number: usize, at: u64, told: &FinishedCall) -> FinishedCall {
    let later = |time: Timestamp| Timestamp(time.0 + at);
    FinishedCall {
        id: CallId(format!("{number}.1")),
        linked: format!("{number}.1"),
        started: later(told.started),
        answered: told.answered.map(later),
        ended: later(told.ended),
        ..told.clone()
    }
}

/// Tells them to one PBX as they were and then anew, some at a time, and to another one as they are from the start.
async fn told_anew_and_at_once(
    kept: &Kept,
    pbxs: [PbxId; 2],
    calls: &[(u64, FinishedCall, Option<FinishedCall>)],
) {
    // a time of their own: what begins in one millisecond is numbered, and these are far more than ever do
    let time = pbxs[0].0.unsigned_abs() * 10 * 86_400_000;
    let of = |number: usize, at: u64, told| begun(number, time + at, told);
    let (were, are): (Vec<_>, Vec<_>) = calls
        .iter()
        .enumerate()
        .map(|(number, (at, was, is))| (of(number, *at, was), of(number, *at, is.as_ref().unwrap_or(was))))
        .unzip();
    kept.write(pbxs[0], were).await;
    let mut anew = Vec::new();
    for (id, name) in kept.numbers(pbxs[0]).await {
        let call = are.iter().zip(calls).find(|(call, _)| call.id.0 == name).unwrap();
        if call.1.2.is_some() {
            anew.push((id, pbxs[0], call.0.clone()));
        }
    }
    for some in anew.chunks(3) {
        let mut recording = kept.store.record().await.unwrap();
        recording.tell_anew(some).await.unwrap();
        for (id, _, call) in some {
            assert_eq!(recording.differences(*id, call).await.unwrap(), Some(Vec::new()));
        }
        recording.commit().await.unwrap();
    }
    kept.write(pbxs[1], are).await;
    assert_eq!(kept.made(pbxs[0]).await, kept.made(pbxs[1]).await);
}

#[test]
fn a_call_told_anew_is_kept_as_if_it_had_been_told_so_from_the_start() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let kept = runtime.block_on(Kept::of([]));
    let pbx = std::cell::Cell::new(10);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(150));
    runner
        .run(&prop::collection::vec(retold(), 1..9), |calls| {
            pbx.set(pbx.get() + 2);
            let pbxs = [PbxId(pbx.get()), PbxId(pbx.get() + 1)];
            runtime.block_on(told_anew_and_at_once(&kept, pbxs, &calls));
            Ok(())
        })
        .unwrap();
}
