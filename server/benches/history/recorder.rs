//! Calls that end one by one, as the product writes them: each handed over by itself, those of a moment together on the disk.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use app::model::PbxId;
use server::{
    clock::Clock,
    hub::Hub,
    lost::Lost,
    recorder::Recorder,
    records::{Over, Records, What},
    store::Store,
};
use telephony::FinishedCall;
use tokio::sync::{mpsc, oneshot};

/// How many end in a second.
const A_SECOND: u32 = 2_500;

/// How long after its end each of them is on the disk.
pub(crate) async fn run(store: &Store, calls: Vec<(PbxId, FinishedCall)>) {
    let (records, incoming) = Records::new();
    let hub = Arc::new(Hub::new("bench".into(), Clock::start()).keeping(records));
    let (talks, _nobody) = mpsc::channel(16);
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::new(store.clone(), hub.clone(), incoming, talks, Lost::default())
        .spooling(folder.path().join("spool"));
    recorder.begin().await.unwrap();
    let (_last_word, listening) = oneshot::channel();
    let recording = tokio::spawn(recorder.run(listening));
    let records = hub.records().unwrap();
    let (begun, many) = (Instant::now(), calls.len());
    let (mut ended, mut took) = (Vec::with_capacity(many), Vec::with_capacity(many));
    let mut coming = calls.into_iter();
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    while took.len() < many {
        ticks.tick().await;
        let due = (begun.elapsed().as_secs_f64() * f64::from(A_SECOND)) as usize;
        for (pbx, call) in coming.by_ref().take(due.saturating_sub(ended.len())) {
            records.put(pbx, What::CallOver(Box::new(Over::Whole(call))));
            ended.push(Instant::now());
        }
        let written = ended.len() - records.behind().0 as usize;
        took.extend(
            ended[took.len()..written]
                .iter()
                .map(|at| at.elapsed().as_secs_f64() * 1e3),
        );
    }
    println!(
        "one by one, {A_SECOND} a second: on the disk after p50 {:.0} ms, p95 {:.0} ms; {:.0} calls/s for {:.1?}",
        super::percentile(&mut took, 50),
        super::percentile(&mut took, 95),
        many as f64 / begun.elapsed().as_secs_f64(),
        begun.elapsed()
    );
    recording.abort();
}
