//! What hands do with a lost caller, and keeping what is shown as it is.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn};
use telephony::Outcome;

use crate::{
    again::{Again, Newer},
    api::lost::{CallLost, ClaimLost, GiveUpLost, HandOverLost, HoldLost, LoadLostCallers, ReleaseLost},
    asking::{Asking, told},
    browser,
    components::trouble::capitalised,
    live::Live,
    model::{
        Viewer,
        lost::{BEAT_MS, LostMark, LostPage, LostQuery},
    },
    sending::Sending,
    verbs,
};

/// What is new is asked for at most this often.
pub const PAUSE: Duration = Duration::from_millis(300);
/// How often without any news.
const QUIET_MS: u64 = 30_000;

/// Everything that can be sent.
#[derive(Clone, Copy)]
pub struct Hands {
    /// Claims and calls.
    pub call: Sending,
    /// Claims.
    pub claim: Sending,
    /// Lets go.
    pub release: Sending,
    /// Hands over.
    pub hand_over: Sending,
    /// Gives up.
    pub give_up: Sending,
    /// Moves when something was answered.
    pub answered: RwSignal<u32>,
}

impl Hands {
    /// Nothing is sent yet.
    pub fn ready() -> Self {
        let hands = Self {
            call: Sending::to::<CallLost>(),
            claim: Sending::to::<ClaimLost>(),
            release: Sending::to::<ReleaseLost>(),
            hand_over: Sending::to::<HandOverLost>(),
            give_up: Sending::to::<GiveUpLost>(),
            answered: RwSignal::new(0),
        };
        let asking = expect_context::<Asking>();
        Effect::new(move |before: Option<bool>| {
            let busy = hands.busy();
            if before == Some(true) && !busy {
                hands.answered.update(|times| *times = times.wrapping_add(1));
            }
            busy
        });
        Effect::new(move |before: Option<bool>| {
            let busy = hands.call.pending.get();
            if before == Some(true)
                && !busy
                && let Some(answer) = untrack(|| hands.call.answer::<Outcome>())
            {
                let (tone, text) = told("ring your phone and call them", &answer);
                asking.tell(tone, text);
            }
            busy
        });
        hands
    }

    fn all(self) -> [Sending; 5] {
        [self.call, self.claim, self.release, self.hand_over, self.give_up]
    }

    /// Whether an answer is awaited; tracked.
    pub fn busy(self) -> bool {
        self.all().iter().any(|one| one.pending.get())
    }

    /// What went wrong last with a row: a call tells of itself, and forms where they are; tracked.
    pub fn problem(self) -> Option<String> {
        let problem = self.claim.problem().or_else(|| self.release.problem());
        problem.map(|error| capitalised(&error.to_string()))
    }

    /// Claims and calls.
    pub fn call(self, id: i64) {
        let id = id.to_string();
        let request = browser::request_id();
        self.call.send_pairs(&[("id", &id), ("request_id", &request)]);
    }
}

/// Whether somebody could call from here.
pub fn may_call(viewer: &Viewer) -> bool {
    verbs::may_call(viewer) && viewer.own_extension().is_some()
}

/// Asks again whenever something is new, and says that whoever is here is still on what they claimed.
pub fn keep_fresh(question: Memo<LostQuery>, hands: Hands) -> Newer<LostQuery, LostPage> {
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let beats = {
        let now_ms = now_ms.clone();
        Memo::new(move |_| now_ms.get() / BEAT_MS)
    };
    let quiet = Memo::new(move |_| now_ms.get() / QUIET_MS);
    let hold = Sending::to::<HoldLost>();
    Effect::new(move |_| {
        let _ = beats.get();
        hold.send_pairs(&[]);
    });
    let marks = Memo::new(move |_| live.notes_of::<LostMark>());
    let again = Again::ready(LoadLostCallers::PATH, question, PAUSE).unseen();
    Effect::new(move |_| {
        // a memo that nobody reads follows nothing
        let _ = (marks.get(), quiet.get());
        hands.answered.track();
        // at first, too: what the page was made from is from before it could hear anything
        again.soon();
    });
    again.newer()
}
