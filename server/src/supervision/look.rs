//! How a supervision stands on the board, and what is to become of it.

use app::{
    access::{Rights, about_agent, permits},
    model::PbxId,
};
use telephony::{Board, Call, CallId, Command, Leg, LegId, LegState, Supervision};

use super::Order;

/// What the board says of a supervisor's phone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is not there: not yet, or no more.
    Absent,
    /// It is on its way or hears the call, which is this one now; its agent and queue as rights take them.
    There { heard: bool, call: CallId },
    /// It has taken the other's place.
    TookOver,
    /// It has to be hung up, and why.
    HangUp(&'static str),
}

fn up(leg: &Leg) -> bool {
    !matches!(leg.state, LegState::Ended(_))
}

/// A leg that is up, in whatever call it is now.
fn find<'board>(board: &'board Board, id: &LegId) -> impl Iterator<Item = (&'board Call, &'board Leg)> {
    let legs = board
        .calls
        .values()
        .flat_map(|call| call.legs.iter().map(move |leg| (call, leg)));
    legs.filter(move |(_, leg)| leg.id == *id && up(leg))
}

pub(super) fn standing(board: &Board, rights: &Rights, order: &Order) -> Standing {
    let Some((_, own)) = find(board, &order.own).next() else {
        return Standing::Absent;
    };
    let heard = own.answered.is_some();
    let takes_over = order.how == Supervision::TakeOver;
    if takes_over && matches!(own.state, LegState::Talking | LegState::Holding) {
        return Standing::TookOver;
    }
    let Some((call, _)) = find(board, &order.leg).find(|(call, _)| about_agent(call, &order.leg).is_some())
    else {
        // answered, it has the caller in a moment, or ends by itself
        return if takes_over && heard {
            Standing::There {
                heard,
                call: order.call.clone(),
            }
        } else {
            Standing::HangUp("the call ended")
        };
    };
    if let Err(why) = may(rights, order.pbx, call, order, board) {
        return Standing::HangUp(why);
    }
    Standing::There {
        heard,
        call: call.id.clone(),
    }
}

fn may(rights: &Rights, pbx: PbxId, call: &Call, order: &Order, board: &Board) -> Result<(), &'static str> {
    let again = Command::Supervise {
        call: call.id.clone(),
        leg: order.leg.clone(),
        how: order.how,
        by: order.by.clone(),
    };
    permits(rights, pbx, &again, board).map_err(|_| "they may not any more")
}
