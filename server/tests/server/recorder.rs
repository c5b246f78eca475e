//! Recording a call that is up: begun, paused, gone on with and ended by whoever may, and seen by everybody who sees the call.

use std::{fs, time::Duration};

use app::{
    access::BuiltIn,
    model::{
        history::{CallPage, CallSearch, Turn},
        recording::{CallRecordings, State},
    },
};
use telephony::{CallId, Command, Outcome, Recorder, Recording, Refusal};

use crate::{
    recordings::wav,
    supervision::{somebody, talk},
    support::{
        eventually,
        live::Live,
        office::{Office, PBX, send},
    },
};

fn order(call: &CallId, how: Recorder) -> Command {
    Command::Record {
        call: call.clone(),
        how,
    }
}

async fn is(office: &mut Office, call: &CallId, state: Recording) {
    office
        .sees("what the PBX tells is shown", |board| {
            board.calls.get(call).is_some_and(|call| call.recording == state)
        })
        .await;
}

#[tokio::test]
async fn a_call_is_recorded_with_a_pause_and_stands_with_its_recording_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let mut office = Office::open_with(|config| config.pbx[0].recordings = Some(path)).await;
    let (call, _) = talk(&mut office, "1002", "1003").await;
    let (_, viewer) = somebody(&office.server, "vera", BuiltIn::Viewer, "1009").await;
    let mut viewer = Live::open(&viewer).await;
    for (request, how, state) in [
        ("record-start", Recorder::Start, Recording::On),
        ("record-pause", Recorder::Pause, Recording::Paused),
        ("record-resume", Recorder::Resume, Recording::On),
        ("record-stop", Recorder::Stop, Recording::Off),
    ] {
        assert_eq!(
            office.outcome(request, order(&call, how)).await,
            Outcome::Accepted,
            "{how:?}"
        );
        is(&mut office, &call, state).await;
        viewer
            .until("everybody who sees the call sees it", |live| {
                live.pbx()
                    .1
                    .calls
                    .get(&call)
                    .is_some_and(|call| call.recording == state)
            })
            .await;
    }
    // the same request again does nothing more
    assert_eq!(
        office
            .outcome("record-start", order(&call, Recorder::Start))
            .await,
        Outcome::Accepted
    );
    is(&mut office, &call, Recording::Off).await;
    office.pbx.hang_up("1003").await.unwrap();

    let file = folder
        .path()
        .join(format!("starboard-1-record-start-{}.wav", call.0));
    fs::write(&file, wav(16_000)).unwrap();
    let then = std::time::SystemTime::now() - Duration::from_secs(10);
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(then)
        .unwrap();
    let row = eventually("the call is kept", async || {
        let asked = (CallSearch::default(), Turn::Newest);
        let page: CallPage = office.browser.ask("/api/past_calls", &asked).await.value();
        page.rows.into_iter().find(|row| row.call == call)
    })
    .await;
    let found = eventually("its recording is there", async || {
        let found: CallRecordings = office.browser.ask("/api/call_recordings", &row.id).await.value();
        found
            .recordings
            .into_iter()
            .find(|one| one.state != State::Growing)
    })
    .await;
    assert_eq!(found.state, State::Ready);
    assert_eq!(found.file, file.file_name().unwrap().to_str().unwrap());
    let rows = office.server.services.trail.newest(50).await.unwrap();
    for word in [
        "start_recording",
        "pause_recording",
        "resume_recording",
        "stop_recording",
    ] {
        let told: Vec<_> = rows.iter().filter(|row| row.act.action == word).collect();
        assert_eq!(told.len(), 1, "{word}");
        assert_eq!(
            (told[0].outcome(), told[0].act.object.as_str()),
            ("done", format!("pbx 1: call {}", call.0).as_str())
        );
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_reason_and_nothing_is_sent() {
    let mut office = Office::open().await;
    let (call, _) = talk(&mut office, "1002", "1003").await;
    let not_recorded = Outcome::Refused(Refusal::WrongState("not recorded".into()));
    for (request, how) in [
        ("pause-nothing", Recorder::Pause),
        ("resume-nothing", Recorder::Resume),
        ("stop-nothing", Recorder::Stop),
    ] {
        assert_eq!(
            office.outcome(request, order(&call, how)).await,
            not_recorded,
            "{how:?}"
        );
    }
    office
        .outcome("record-start", order(&call, Recorder::Start))
        .await;
    is(&mut office, &call, Recording::On).await;
    let recorded = Outcome::Refused(Refusal::WrongState("recorded".into()));
    assert_eq!(
        office
            .outcome("record-again", order(&call, Recorder::Start))
            .await,
        recorded
    );
    office.pbx.call("1004", "1005").await.unwrap();
    let mut ringing = None;
    office
        .sees("1005 rings", |board| {
            ringing = board
                .calls
                .values()
                .find(|one| one.id != call)
                .map(|one| one.id.clone());
            ringing.is_some()
        })
        .await;
    let answer = office
        .outcome("record-ringing", order(&ringing.unwrap(), Recorder::Start))
        .await;
    assert!(
        matches!(answer, Outcome::Refused(Refusal::WrongState(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn nobody_records_who_may_not_and_a_call_that_is_not_seen_is_not_there() {
    let mut office = Office::open().await;
    let (call, _) = talk(&mut office, "1002", "1003").await;
    for (name, role, number, status) in [
        ("vera", BuiltIn::Viewer, "1009", 403),
        // on the call, and without the ability
        ("alan", BuiltIn::Agent, "1002", 403),
        // of a team that the call is not of
        ("sam", BuiltIn::Supervisor, "1010", 404),
    ] {
        let (_, mut browser) = somebody(&office.server, name, role, number).await;
        for how in [Recorder::Start, Recorder::Pause, Recorder::Resume, Recorder::Stop] {
            let answer = send(&mut browser, "record-not", order(&call, how)).await;
            assert_eq!(answer.status, status, "{name} {how:?}: {answer:?}");
        }
    }
    let hub = &office.server.services.hub;
    let state = hub.look(PBX, |switchboard, _| switchboard.board().calls[&call].recording);
    assert_eq!(state, Some(Recording::Off));
}
