//! Actions on calls: place, end, send elsewhere, park, record.

use crate::company::INTERNAL;
use crate::wire::Text;
use crate::world::{By, Device, Doing, Key, Origin, Party, World};

use super::Answer;

/// Seconds `Originate` waits when it does not say.
const TIMEOUT_MS: u64 = 30_000;
/// The longest it may wait, in milliseconds.
const MAX_TIMEOUT_MS: u64 = 600_000;

impl World {
    pub(crate) fn channel_named(&self, name: &str) -> Option<Key> {
        let found = self
            .channels
            .iter()
            .find(|(_, channel)| channel.name.eq_ignore_ascii_case(name) || channel.uniqueid == name);
        found.map(|(key, _)| *key)
    }

    /// The device behind `PJSIP/1001` or `PJSIP/+49...@trunk`.
    fn device_named(&self, channel: &str) -> Option<Device> {
        let rest = channel.strip_prefix("PJSIP/")?;
        if let Some((_, line)) = rest.rsplit_once('@') {
            return self.company.line(line).map(Device::Line);
        }
        let number = rest.split('/').next().unwrap_or(rest);
        self.company
            .person(number)
            .map(Device::Phone)
            .or_else(|| self.company.line(number).map(Device::Line))
    }
}

/// The channel an action names, or the error Asterisk gives.
fn channel(world: &World, answer: &mut Answer<'_>, missing: &str, unknown: &str) -> Option<Key> {
    let Some(name) = answer.get("Channel") else {
        answer.error(missing);
        return None;
    };
    let found = world.channel_named(name);
    if found.is_none() {
        answer.error(&unknown.replace("{}", name));
    }
    found
}

/// `Jürgen <1010>` or `1010`.
fn caller_id(text: &str) -> Party {
    match text.rsplit_once('<') {
        Some((name, number)) => {
            Party::new(number.trim_end_matches('>').trim(), name.trim().trim_matches('"'))
        }
        None => Party::new(text.trim(), ""),
    }
}

pub(super) fn originate(world: &mut World, answer: &mut Answer<'_>) {
    let Some(channel) = answer.get("Channel") else {
        return answer.error("Channel not specified");
    };
    let application = answer
        .get("Application")
        .map(|name| (name.to_owned(), answer.get("Data").unwrap_or_default().to_owned()));
    let context = answer.get("Context").unwrap_or(INTERNAL);
    let exten = answer.get("Exten").unwrap_or_default();
    if application.is_none() && (exten.is_empty() || !world.leads_somewhere(context, exten)) {
        return answer.error("Extension does not exist.");
    }
    let timeout_ms = answer
        .get("Timeout")
        .and_then(|text| text.parse().ok())
        .unwrap_or(TIMEOUT_MS);
    let origin = Origin {
        action_id: answer.id().map(str::to_owned),
        channel: channel.to_owned(),
        context: context.to_owned(),
        exten: exten.to_owned(),
        priority: 1,
        application,
        caller: answer.get("CallerID").map(caller_id),
        channel_id: answer.get("ChannelId").map(str::to_owned),
        timeout_ms: timeout_ms.min(MAX_TIMEOUT_MS),
    };
    if origin
        .channel_id
        .as_deref()
        .is_some_and(|id| world.channel_named(id).is_some())
    {
        return answer.error("Uniqueid is already in use");
    }
    answer.success("Originate successfully queued");
    let device = world.device_named(channel);
    world.originate(device, origin);
}

pub(super) fn hang_up(world: &mut World, answer: &mut Answer<'_>) {
    let Some(name) = answer.get("Channel") else {
        return answer.error("No channel specified");
    };
    let cause = answer.get("Cause").and_then(|text| text.parse().ok());
    if let Some(pattern) = name.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        return hang_up_matching(world, answer, pattern);
    }
    let Some(key) = world.channel_named(name) else {
        return answer.error("No such channel");
    };
    answer.success("Channel Hungup");
    world.hang_up(key, cause.unwrap_or(16), By::Pbx);
}

/// Channels whose name begins like the pattern; that is all the patterns people use here.
fn hang_up_matching(world: &mut World, answer: &mut Answer<'_>, pattern: &str) {
    let start = pattern
        .trim_start_matches('^')
        .trim_end_matches('$')
        .trim_end_matches(".*");
    let found: Vec<(Key, String)> = world
        .channels
        .iter()
        .filter(|(_, channel)| channel.name.starts_with(start))
        .map(|(key, channel)| (*key, channel.name.clone()))
        .collect();
    answer.begin_list("Channels hung up will follow");
    for (key, name) in found {
        let item = Text::item("ChannelHungup", None)
            .with("Channel", name)
            .with_action_id(answer.id());
        answer.push(item);
        world.hang_up(key, 16, By::Pbx);
    }
    answer.end_list("ChannelsHungupListComplete");
}

pub(super) fn redirect(world: &mut World, answer: &mut Answer<'_>) {
    let Some(name) = answer.get("Channel") else {
        return answer.error("Channel not specified");
    };
    let Some(exten) = answer.get("Exten") else {
        return answer.error("Exten not specified");
    };
    let Some(context) = answer.get("Context") else {
        return answer.error("Context not specified");
    };
    let Some(key) = world.channel_named(name) else {
        return answer.error(&format!("Channel does not exist: {name}"));
    };
    if !world.leads_somewhere(context, exten) {
        return answer.error("Redirect failed");
    }
    answer.success("Redirect successful");
    world.redirect(key, context, exten);
    if let Some(extra) = answer
        .get("ExtraChannel")
        .and_then(|name| world.channel_named(name))
    {
        let exten = answer.get("ExtraExten").unwrap_or(exten);
        world.redirect(extra, answer.get("ExtraContext").unwrap_or(context), exten);
    }
}

pub(super) fn blind_transfer(world: &mut World, answer: &mut Answer<'_>) {
    let Some(key) = channel(
        world,
        answer,
        "No channel specified",
        "Channel specified does not exist",
    ) else {
        return;
    };
    let Some(exten) = answer.get("Exten") else {
        return answer.error("No extension specified");
    };
    let context = answer.get("Context").unwrap_or(INTERNAL);
    if !world.leads_somewhere(context, exten) {
        return answer.error("Specified extension does not exist.");
    }
    if world.peer(key).is_none() {
        return answer.error("Transfer failed");
    }
    answer.success("Transfer succeeded");
    world.blind_transfer(key, context, exten);
}

pub(super) fn attended_transfer(world: &mut World, answer: &mut Answer<'_>) {
    let Some(key) = channel(
        world,
        answer,
        "No channel specified",
        "Channel specified does not exist",
    ) else {
        return;
    };
    let Some(exten) = answer.get("Exten") else {
        return answer.error("No extension specified");
    };
    // Asterisk queues the digits and says so, whatever comes of it.
    answer.success("Atxfer successfully queued");
    if world.leads_somewhere(INTERNAL, exten) {
        world.attended_transfer(key, exten);
    }
}

pub(super) fn cancel_transfer(world: &mut World, answer: &mut Answer<'_>) {
    let Some(key) = channel(
        world,
        answer,
        "No channel specified",
        "Channel specified does not exist",
    ) else {
        return;
    };
    answer.success("CancelAtxfer successfully queued");
    let far = world
        .channels
        .get(&key)
        .and_then(|channel| channel.consultation)
        .map(|found| found.far);
    if let Some(far) = far {
        world.cancel_consultation(far);
    }
}

pub(super) fn park(world: &mut World, answer: &mut Answer<'_>) {
    let Some(key) = channel(
        world,
        answer,
        "Channel not specified",
        "Channel does not exist: {}",
    ) else {
        return;
    };
    let parker = answer
        .get("TimeoutChannel")
        .and_then(|name| world.channel_named(name));
    let timeout_ms = answer.get("Timeout").and_then(|text| text.parse::<u64>().ok());
    let free = world.free_space().is_some();
    let there = world
        .channels
        .get(&key)
        .is_some_and(|channel| !matches!(channel.doing, Doing::Parked(_)));
    if !free || !there {
        return answer.error("Park action failed");
    }
    let text = Text::response("Success", answer.id()).with_line_feed("Message", "Park successful");
    answer.push(text);
    world.park(key, parker, timeout_ms);
}

pub(super) fn record(world: &mut World, answer: &mut Answer<'_>) {
    let Some(key) = channel(world, answer, "No channel specified", "No such channel") else {
        return;
    };
    answer.push(Text::response("Success", answer.id()));
    world.record_call(key, Some(false), answer.get("File"));
}

pub(super) fn record_mute(world: &mut World, answer: &mut Answer<'_>) {
    let Some(key) = channel(world, answer, "No channel specified", "No such channel") else {
        return;
    };
    let muted = match answer.get("State") {
        Some("1" | "true" | "yes" | "on") => true,
        Some("0" | "false" | "no" | "off") => false,
        Some(_) | None => return answer.error("No state specified"),
    };
    if world
        .channels
        .get(&key)
        .is_none_or(|channel| channel.recording.is_none())
    {
        return answer.error("Cannot set mute flag");
    }
    answer.push(Text::response("Success", answer.id()));
    world.record_call(key, Some(muted), None);
}

pub(super) fn record_stop(world: &mut World, answer: &mut Answer<'_>) {
    let Some(key) = channel(world, answer, "No channel specified", "No such channel") else {
        return;
    };
    if world.record_call(key, None, None) {
        answer.success("Stopped MixMonitor");
    } else {
        answer.error("Could not stop monitoring channel");
    }
}
