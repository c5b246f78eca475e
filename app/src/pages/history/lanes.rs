//! A call drawn: a lane for each phone, with when it rang, talked and held.

use leptos::prelude::*;
use telephony::{Leg, LegRole, LegState, Moment, MomentKind, Party};

use crate::{
    model::history::CallTold,
    words::{clock, party_name},
};

/// How wide the drawing is, in its own units.
const WIDTH: u64 = 1_000;
/// The narrowest piece that can be seen.
const NARROWEST: u64 = 4;
/// Lanes that are drawn; the story has the rest.
const MAX_LANES: usize = 16;

/// A piece of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it did: `ringing`, `talking` or `hold`.
    pub state: &'static str,
    /// From when on, in milliseconds since the call began,
    pub from_ms: u64,
    /// and until when.
    pub to_ms: u64,
}

/// A phone's part in the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Who.
    pub who: Party,
    /// What they did.
    pub pieces: Vec<Piece>,
}

/// When somebody first rang, or began the call.
fn began(leg: &Leg, story: &[Moment], from: u64) -> u64 {
    let end = leg.since.0;
    let rang = story.iter().filter(|moment| match &moment.what {
        MomentKind::Ringing { party } => *party == leg.party,
        MomentKind::Started { caller, .. } => *caller == leg.party && leg.role == LegRole::Caller,
        _ => false,
    });
    // a phone that rang twice has two legs: the last ring before its end is its own
    let rang = rang.map(|moment| moment.at.0).rfind(|at| *at <= end);
    rang.or(leg.answered.map(|at| at.0))
        .unwrap_or(end)
        .saturating_sub(from)
}

/// The lanes of a call.
pub fn lanes(told: &CallTold) -> Vec<Lane> {
    let from = told.row.started.0;
    let until = told.row.duration_ms;
    let people = told.legs.iter().filter(|leg| leg.role != LegRole::Internal);
    let lane = |leg: &Leg| {
        let end = match leg.state {
            LegState::Ended(_) => leg.since.0.saturating_sub(from).min(until),
            _ => until,
        };
        let start = began(leg, &told.story, from).min(end);
        let mut pieces = Vec::new();
        let answered = leg.answered.map(|at| at.0.saturating_sub(from).clamp(start, end));
        pieces.push(Piece {
            state: "ringing",
            from_ms: start,
            to_ms: answered.unwrap_or(end),
        });
        if let Some(answered) = answered {
            pieces.push(Piece {
                state: "talking",
                from_ms: answered,
                to_ms: end,
            });
        }
        let mut held = None;
        for moment in &told.story {
            let at = moment.at.0.saturating_sub(from).min(end);
            match &moment.what {
                MomentKind::Held { party } if *party == leg.party => held = Some(at),
                MomentKind::Resumed { party } if *party == leg.party => {
                    if let Some(since) = held.take() {
                        pieces.push(Piece {
                            state: "hold",
                            from_ms: since,
                            to_ms: at,
                        });
                    }
                }
                _ => {}
            }
        }
        if let Some(since) = held {
            pieces.push(Piece {
                state: "hold",
                from_ms: since,
                to_ms: end,
            });
        }
        pieces.retain(|piece| piece.to_ms > piece.from_ms);
        Lane {
            who: leg.party.clone(),
            pieces,
        }
    };
    people.take(MAX_LANES).map(lane).collect()
}

/// The drawing; the story below it says the same in words.
pub fn drawn(told: &CallTold) -> AnyView {
    let whole = told.row.duration_ms.max(1);
    let lanes = lanes(told);
    if lanes.is_empty() {
        return ().into_any();
    }
    let piece = move |piece: Piece| {
        let x = piece.from_ms.saturating_mul(WIDTH) / whole;
        let width = ((piece.to_ms - piece.from_ms).saturating_mul(WIDTH) / whole).max(NARROWEST);
        view! {
            <rect data-state=piece.state x=x.min(WIDTH - NARROWEST).to_string() y="0" width=width.to_string() height="10"></rect>
        }
        .into_any()
    };
    let lane = move |lane: Lane| {
        view! {
            <li>
                <span class="lane-who">{party_name(&lane.who)}</span>
                <svg viewBox=format!("0 0 {WIDTH} 10") preserveAspectRatio="none">{lane.pieces.into_iter().map(piece).collect_view()}</svg>
            </li>
        }
        .into_any()
    };
    view! {
        <figure class="lanes" aria-hidden="true">
            <ol>{lanes.into_iter().map(lane).collect_view()}</ol>
            <div class="bars-ends"><span>"0:00"</span><span>{clock(told.row.duration_ms)}</span></div>
            <figcaption>
                <span class="key" data-state="ringing">"rings or dials"</span>
                <span class="key" data-state="talking">"is up"</span>
                <span class="key" data-state="hold">"holds"</span>
            </figcaption>
        </figure>
    }
    .into_any()
}
