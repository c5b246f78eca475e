//! Lists of what is up.

use crate::clock;
use crate::company::{INTERNAL, SPACES};
use crate::wire::Text;
use crate::world::{Channel, World};

use super::Answer;

fn bridge_uniqueid<'a>(world: &'a World, channel: &Channel) -> &'a str {
    channel
        .bridge
        .and_then(|id| world.bridges.get(&id))
        .map_or("", |bridge| bridge.uniqueid.as_str())
}

pub(super) fn channels(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Channels will follow");
    for channel in world.channels.values().rev() {
        let text = answer
            .item("CoreShowChannel")
            .channel("", channel)
            .with("Application", &channel.application.0)
            .with("ApplicationData", &channel.application.1)
            .with(
                "Duration",
                clock::duration(world.now_ms.saturating_sub(channel.born_ms) / 1000),
            )
            .with("BridgeId", bridge_uniqueid(world, channel));
        answer.push(text);
    }
    answer.end_list("CoreShowChannelsComplete");
}

pub(super) fn channel_status(world: &mut World, answer: &mut Answer<'_>) {
    let only = answer.get("Channel");
    if only.is_some_and(|name| world.channel_named(name).is_none()) {
        return answer.error("No such channel");
    }
    answer.begin_list("Channel status will follow");
    for channel in world
        .channels
        .values()
        .rev()
        .filter(|channel| only.is_none_or(|name| channel.name == name))
    {
        let text = Text::item("Status", None)
            .with("Privilege", "Call")
            .channel("", channel)
            .with("Type", "PJSIP")
            .with("DNID", channel.variables.get("DNID").map_or("", String::as_str))
            .with("TimeToHangup", 0)
            .with("BridgeID", bridge_uniqueid(world, channel))
            .with("Application", &channel.application.0)
            .with("Data", &channel.application.1)
            .with("Seconds", world.now_ms.saturating_sub(channel.born_ms) / 1000)
            .with_action_id(answer.id());
        answer.push(text);
    }
    let items = world.channels.len();
    answer.end_list_with("StatusComplete", |text| text.with("Items", items));
}

pub(super) fn channel_map(world: &mut World, answer: &mut Answer<'_>) {
    let Some(name) = answer.get("Channel") else {
        return answer.error("Channel not specified");
    };
    let Some(key) = world.channel_named(name) else {
        return answer.error("No such channel");
    };
    answer.begin_list("Channel map will follow");
    let bridge = world
        .channels
        .get(&key)
        .and_then(|channel| channel.bridge)
        .and_then(|id| world.bridges.get(&id));
    for member in bridge
        .iter()
        .flat_map(|bridge| &bridge.members)
        .filter(|member| **member != key)
    {
        if let Some(channel) = world.channels.get(member) {
            let text = answer
                .item("CoreShowChannelMap")
                .with("Channel", name)
                .with("ConnectedChannel", &channel.name);
            answer.push(text);
        }
    }
    answer.end_list("CoreShowChannelMapComplete");
}

pub(super) fn bridges(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Bridge listing will follow");
    for bridge in world.bridges.values() {
        let text = answer
            .item("BridgeListItem")
            .bridge("", bridge, bridge.members.len());
        answer.push(text);
    }
    answer.end_list("BridgeListComplete");
}

pub(super) fn bridge_info(world: &mut World, answer: &mut Answer<'_>) {
    let Some(id) = answer.get("BridgeUniqueid") else {
        return answer.error("BridgeUniqueid must be provided");
    };
    let Some(bridge) = world.bridges.values().find(|bridge| bridge.uniqueid == id) else {
        return answer.error("Specified BridgeUniqueid not found");
    };
    answer.begin_list("Bridge channel listing will follow");
    for member in &bridge.members {
        if let Some(channel) = world.channels.get(member) {
            let text = answer.item("BridgeInfoChannel").channel("", channel);
            answer.push(text);
        }
    }
    answer.end_list_with("BridgeInfoComplete", |text| {
        text.bridge("", bridge, bridge.members.len())
    });
}

pub(super) fn devices(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Device State Changes will follow");
    for (device, state) in world.devices() {
        let text = answer
            .item("DeviceStateChange")
            .with("Device", device)
            .with("State", state);
        answer.push(text);
    }
    answer.end_list("DeviceStateListComplete");
}

fn hint_text(text: Text, exten: &str, hint: &str, status: u8) -> Text {
    text.with("Exten", exten)
        .with("Context", INTERNAL)
        .with("Hint", hint)
        .with("Status", status)
        .with("StatusText", crate::world::status_text(status))
}

pub(super) fn hints(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Extension Statuses will follow");
    for (exten, hint, status) in world.hints() {
        let text = hint_text(answer.item("ExtensionStatus"), &exten, &hint, status);
        answer.push(text);
    }
    answer.end_list("ExtensionStateListComplete");
}

pub(super) fn extension_state(world: &mut World, answer: &mut Answer<'_>) {
    let Some(exten) = answer.get("Exten") else {
        return answer.error("Extension not specified");
    };
    let found = world.hints().into_iter().find(|(number, _, _)| number == exten);
    let text = Text::response("Success", answer.id()).with("Message", "Extension Status");
    let text = match found {
        Some((number, hint, status)) => hint_text(text, &number, &hint, status),
        None => text
            .with("Exten", exten)
            .with("Context", answer.get("Context").unwrap_or("default"))
            .with("Hint", "")
            .with("Status", -1)
            .with("StatusText", "Unknown"),
    };
    answer.push(text);
}

pub(super) fn parked(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Parked calls will follow");
    let spaces: Vec<u16> = world.parking.keys().copied().collect();
    let mut total = 0;
    for space in spaces {
        if let Some(text) = world.parking_text(Text::item("ParkedCall", None), space, None) {
            answer.push(text.with_action_id(answer.id()));
            total += 1;
        }
    }
    answer.end_list_with("ParkedCallsComplete", |text| text.with("Total", total));
}

pub(super) fn lots(_: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Parking lots will follow");
    let text = answer
        .item("Parkinglot")
        .with("Name", "default")
        .with("StartSpace", SPACES.start())
        .with("StopSpace", SPACES.end())
        .with("Timeout", crate::company::PARKING_S);
    answer.push(text);
    answer.end_list("ParkinglotsComplete");
}
