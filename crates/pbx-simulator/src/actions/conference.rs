//! Actions on the conference room.

use crate::company::ROOM;
use crate::wire::Text;
use crate::world::{Key, World};

use super::Answer;

const NO_ROOM: &str = "No Conference by that name found.";
const NO_SEAT: &str = "No Channel by that name found in Conference.";

fn is_open(world: &World, answer: &mut Answer<'_>) -> bool {
    let open = world.room.is_some() && answer.get("Conference") == Some(ROOM);
    if !open {
        answer.error(NO_ROOM);
    }
    open
}

/// The channel an action names, where it sits in the room.
fn seat(world: &World, answer: &mut Answer<'_>) -> Option<Key> {
    if !is_open(world, answer) {
        return None;
    }
    let found = answer
        .get("Channel")
        .and_then(|name| world.channel_named(name))
        .filter(|key| {
            world
                .room
                .as_ref()
                .is_some_and(|room| room.seats.iter().any(|seat| seat.key == *key))
        });
    if found.is_none() {
        answer.error(NO_SEAT);
    }
    found
}

pub(super) fn kick(world: &mut World, answer: &mut Answer<'_>) {
    if answer.get("Channel") == Some("all") && is_open(world, answer) {
        answer.success("User kicked");
        let all: Vec<Key> = world
            .room
            .as_ref()
            .map_or_else(Vec::new, |room| room.seats.iter().map(|seat| seat.key).collect());
        for key in all {
            world.leave_conference(key, 16);
        }
        return;
    }
    if let Some(key) = seat(world, answer) {
        answer.success("User kicked");
        world.noise_variable(key, "CONFBRIDGE_RESULT", "KICKED");
        world.leave_conference(key, 16);
    }
}

pub(super) fn mute(world: &mut World, answer: &mut Answer<'_>) {
    if let Some(key) = seat(world, answer) {
        answer.success("User muted");
        world.mute(key, true);
    }
}

pub(super) fn unmute(world: &mut World, answer: &mut Answer<'_>) {
    if let Some(key) = seat(world, answer) {
        answer.success("User unmuted");
        world.mute(key, false);
    }
}

pub(super) fn lock(world: &mut World, answer: &mut Answer<'_>) {
    set_locked(world, answer, true, "Conference locked");
}

pub(super) fn unlock(world: &mut World, answer: &mut Answer<'_>) {
    set_locked(world, answer, false, "Conference unlocked");
}

fn set_locked(world: &mut World, answer: &mut Answer<'_>, locked: bool, message: &str) {
    if is_open(world, answer)
        && let Some(room) = world.room.as_mut()
    {
        room.locked = locked;
        answer.success(message);
    }
}

pub(super) fn start_record(world: &mut World, answer: &mut Answer<'_>) {
    set_recording(
        world,
        answer,
        true,
        "Conference Recording Started.",
        "ConfbridgeRecord",
    );
}

pub(super) fn stop_record(world: &mut World, answer: &mut Answer<'_>) {
    set_recording(
        world,
        answer,
        false,
        "Conference Recording Stopped.",
        "ConfbridgeStopRecord",
    );
}

fn set_recording(world: &mut World, answer: &mut Answer<'_>, on: bool, message: &str, event: &str) {
    if is_open(world, answer)
        && let Some(room) = world.room.as_mut()
    {
        if room.recording == on {
            return answer.error(if on {
                "Conference is already being recorded."
            } else {
                "Internal error while stopping recording."
            });
        }
        room.recording = on;
        answer.success(message);
        world.say_room(event);
    }
}

pub(super) fn rooms(world: &mut World, answer: &mut Answer<'_>) {
    let Some(room) = &world.room else {
        return answer.error("No active conferences.");
    };
    answer.begin_list("Confbridge conferences will follow");
    let text = answer
        .item("ConfbridgeListRooms")
        .with("Conference", ROOM)
        .with("Parties", room.seats.len())
        .with("Marked", 0)
        .with("Locked", yes(room.locked))
        .with("Muted", "No");
    answer.push(text);
    answer.end_list("ConfbridgeListRoomsComplete");
}

fn yes(value: bool) -> &'static str {
    if value { "Yes" } else { "No" }
}

pub(super) fn list(world: &mut World, answer: &mut Answer<'_>) {
    if !is_open(world, answer) {
        return;
    }
    answer.begin_list("Confbridge user list will follow");
    for seat in world.room.iter().flat_map(|room| &room.seats) {
        let Some(channel) = world.channels.get(&seat.key) else {
            continue;
        };
        let text: Text = answer
            .item("ConfbridgeList")
            .with("Conference", ROOM)
            .with("Admin", yes(seat.admin))
            .with("MarkedUser", "No")
            .with("WaitMarked", "No")
            .with("EndMarked", "No")
            .with("EndMarkedAny", "No")
            .with("Waiting", "No")
            .with("Muted", yes(seat.muted))
            .with("Talking", "No")
            .with("AnsweredTime", world.now_ms.saturating_sub(seat.since_ms) / 1000)
            .channel("", channel);
        answer.push(text);
    }
    answer.end_list("ConfbridgeListComplete");
}
