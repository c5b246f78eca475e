//! Plays a capture: the events of a recorded AMI stream, with the gaps they were recorded with.

use std::time::Duration;

use bytes::Bytes;

use crate::server::{Error, Play};

/// Milliseconds after the login until it begins, so that a client has asked for the state of things.
const LEAD_MS: u64 = 1000;

/// A capture read into memory: events only, for the answers belong to questions nobody asks now.
#[derive(Debug)]
pub(crate) struct Recording {
    frames: Vec<(u64, Bytes)>,
    speed: f64,
}

impl Recording {
    pub(crate) fn read(play: &Play) -> Result<Self, Error> {
        let failed = |source| Error::Capture {
            path: play.capture.clone(),
            source,
        };
        let bytes = std::fs::read(&play.capture).map_err(failed)?;
        let index = std::fs::read_to_string(play.capture.with_extension("idx")).unwrap_or_default();
        Ok(Recording {
            frames: cut(&Bytes::from(bytes), &index),
            speed: play.speed.max(0.001),
        })
    }

    /// Hands every frame over when it is due, until `send` says no.
    pub(crate) async fn play(&self, send: impl Fn(Bytes) -> bool) {
        let begun = tokio::time::Instant::now() + Duration::from_millis(LEAD_MS);
        for (at_ms, frame) in &self.frames {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a recording")]
            let due = begun + Duration::from_secs_f64(*at_ms as f64 / 1000.0 / self.speed);
            tokio::time::sleep_until(due).await;
            if !send(frame.clone()) {
                return;
            }
        }
    }
}

/// Cuts a capture into events and looks up when each came.
fn cut(bytes: &Bytes, index: &str) -> Vec<(u64, Bytes)> {
    let received: Vec<(u64, usize)> = index
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
        })
        .collect();
    let mut frames = Vec::new();
    let mut from = 0;
    let mut read = 0;
    while let Some(length) = bytes
        .get(from..)
        .and_then(|rest| rest.windows(4).position(|end| end == b"\r\n\r\n"))
    {
        let to = from + length + 4;
        while received.get(read + 1).is_some_and(|(_, offset)| *offset <= from) {
            read += 1;
        }
        let at_ms = received.get(read).map_or(0, |(at_ms, _)| *at_ms);
        let mut start = from;
        while bytes.get(start..start + 2) == Some(b"\r\n") {
            start += 2;
        }
        let frame = bytes.slice(start..to);
        if frame.starts_with(b"Event: ") && !frame.starts_with(b"Event: FullyBooted") && !is_answer(&frame) {
            frames.push((at_ms, frame));
        }
        from = to;
    }
    frames
}

/// An item of a list: it has the id of a question.
fn is_answer(frame: &[u8]) -> bool {
    !frame.starts_with(b"Event: OriginateResponse") && frame.windows(12).any(|line| line == b"\r\nActionID: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_keep_their_time_and_answers_are_left_out() {
        let capture =
            b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\nEvent: Hangup\r\nCause: 16\r\n\r\n\
            Event: QueueMember\r\nActionID: a1\r\n\r\n\r\nEvent: Hangup\r\nCause: 17\r\n\r\n";
        let frames = cut(&Bytes::from_static(capture), "0 0\n40 51\n90 85\n");
        let shown: Vec<(u64, &[u8])> = frames
            .iter()
            .map(|(at_ms, frame)| (*at_ms, frame.as_ref()))
            .collect();
        let expected: [(u64, &[u8]); 2] = [
            (40, b"Event: Hangup\r\nCause: 16\r\n\r\n"),
            (90, b"Event: Hangup\r\nCause: 17\r\n\r\n"),
        ];
        assert_eq!(shown, expected);
    }
}
