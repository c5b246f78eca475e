//! Actions on queues and their members.

use crate::wire::Text;
use crate::world::{Device, Member, World};

use super::Answer;

/// The queues an action is about: the one it names, or all.
fn chosen(world: &World, answer: &Answer<'_>) -> Vec<usize> {
    match answer.get("Queue") {
        Some(name) => world.queue_named(name).into_iter().collect(),
        None => (0..world.queues.len()).collect(),
    }
}

pub(super) fn status(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Queue status will follow");
    for at in chosen(world, answer) {
        let (Some(plan), Some(live)) = (world.company.queues.get(at), world.queues.get(at)) else {
            continue;
        };
        let text = Text::item("QueueParams", None)
            .with("Queue", plan.name)
            .with("Max", 0)
            .with("Strategy", plan.strategy)
            .with("Calls", live.waiting.len())
            .with("Holdtime", 0)
            .with("TalkTime", 0)
            .with("Completed", live.completed)
            .with("Abandoned", live.abandoned)
            .with("ServiceLevel", plan.service_level_s)
            .with("ServicelevelPerf", "0.0")
            .with("ServicelevelPerf2", "0.0")
            .with("Weight", 0)
            .with_action_id(answer.id());
        answer.push(text);
        for member in &live.members {
            let text = world.member_text(Text::item("QueueMember", None), at, member, true);
            answer.push(text.with_action_id(answer.id()));
        }
        for (index, waiter) in live.waiting.iter().enumerate() {
            let Some(channel) = world.channels.get(&waiter.key) else {
                continue;
            };
            let known = |text: &str| {
                if text.is_empty() {
                    "unknown".to_owned()
                } else {
                    text.to_owned()
                }
            };
            let text = Text::item("QueueEntry", None)
                .with("Queue", plan.name)
                .with("Position", index + 1)
                .with("Channel", &channel.name)
                .with("Uniqueid", &channel.uniqueid)
                .with("CallerIDNum", known(&channel.caller.number))
                .with("CallerIDName", known(&channel.caller.name))
                .with("ConnectedLineNum", known(&channel.connected.number))
                .with("ConnectedLineName", known(&channel.connected.name))
                .with("Wait", world.now_ms.saturating_sub(waiter.joined_ms) / 1000)
                .with("Priority", waiter.priority)
                .with_action_id(answer.id());
            answer.push(text);
        }
    }
    answer.end_list("QueueStatusComplete");
}

pub(super) fn summary(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Queue summary will follow");
    for at in chosen(world, answer) {
        let (Some(plan), Some(live)) = (world.company.queues.get(at), world.queues.get(at)) else {
            continue;
        };
        let free = |member: &&Member| member.paused.is_none() && world.member_device(member) == "NOT_INUSE";
        let longest_ms = live
            .waiting
            .first()
            .map_or(0, |waiter| world.now_ms.saturating_sub(waiter.joined_ms));
        let text = Text::item("QueueSummary", None)
            .with("Queue", plan.name)
            .with("LoggedIn", live.members.len())
            .with("Available", live.members.iter().filter(free).count())
            .with("Callers", live.waiting.len())
            .with("HoldTime", 0)
            .with("TalkTime", 0)
            .with("LongestHoldTime", longest_ms / 1000)
            .with_action_id(answer.id());
        answer.push(text);
    }
    answer.end_list("QueueSummaryComplete");
}

pub(super) fn add(world: &mut World, answer: &mut Answer<'_>) {
    let Some(name) = answer.get("Queue") else {
        return answer.error("'Queue' not specified.");
    };
    let Some(interface) = answer.get("Interface") else {
        return answer.error("'Interface' not specified.");
    };
    let Some(at) = world.queue_named(name) else {
        return answer.error("Unable to add interface to queue: No such queue");
    };
    if world.member_mut(at, interface).is_some() {
        return answer.error("Unable to add interface: Already there");
    }
    let device = interface
        .strip_prefix("PJSIP/")
        .and_then(|number| world.company.person(number))
        .map(Device::Phone);
    let now_ms = world.now_ms;
    let mut member = Member::new(
        interface,
        answer.get("MemberName").unwrap_or(interface),
        device,
        now_ms,
    );
    member.penalty = answer
        .get("Penalty")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    if is_true(answer.get("Paused")) {
        member.paused = Some(answer.get("Reason").unwrap_or_default().to_owned());
        member.last_pause_s = now_ms / 1000;
    }
    answer.success("Added interface to queue");
    world.add_member(at, member);
}

fn is_true(text: Option<&str>) -> bool {
    text.is_some_and(|text| {
        matches!(
            text.to_ascii_lowercase().as_str(),
            "1" | "true" | "yes" | "on" | "y" | "t"
        )
    })
}

pub(super) fn remove(world: &mut World, answer: &mut Answer<'_>) {
    let Some(name) = answer.get("Queue") else {
        return answer.error("'Queue' not specified.");
    };
    let Some(interface) = answer.get("Interface") else {
        return answer.error("'Interface' not specified.");
    };
    let Some(at) = world.queue_named(name) else {
        return answer.error("Unable to remove interface from queue: No such queue");
    };
    match world.member_mut(at, interface).map(|member| member.dynamic) {
        Some(true) => {
            answer.success("Removed interface from queue");
            world.remove_member(at, interface);
        }
        Some(false) => answer.error("Member not dynamic, can not remove"),
        None => answer.error("Unable to remove interface: Not there"),
    }
}

pub(super) fn pause(world: &mut World, answer: &mut Answer<'_>) {
    let Some(interface) = answer.get("Interface") else {
        return answer.error("Need 'Interface' and 'Paused' parameters.");
    };
    let Some(paused) = answer.get("Paused") else {
        return answer.error("Need 'Interface' and 'Paused' parameters.");
    };
    let paused = is_true(Some(paused));
    let reason = paused.then(|| answer.get("Reason").unwrap_or_default());
    let queues = chosen(world, answer);
    let member = queues.iter().any(|at| world.member_mut(*at, interface).is_some());
    if !member {
        return answer.error("Interface not found");
    }
    answer.success(if paused {
        "Interface paused successfully"
    } else {
        "Interface unpaused successfully"
    });
    for at in queues {
        world.set_paused(at, interface, reason);
    }
}

pub(super) fn penalty(world: &mut World, answer: &mut Answer<'_>) {
    let (Some(interface), Some(penalty)) = (answer.get("Interface"), answer.get("Penalty")) else {
        return answer.error("Need 'Interface' and 'Penalty' parameters.");
    };
    let Ok(penalty) = penalty.parse::<u32>() else {
        return answer.error("Invalid interface, queuename or penalty");
    };
    let queues: Vec<usize> = chosen(world, answer)
        .into_iter()
        .filter(|at| world.member_mut(*at, interface).is_some())
        .collect();
    if queues.is_empty() {
        return answer.error("Invalid interface, queuename or penalty");
    }
    answer.success("Interface penalty set successfully");
    for at in queues {
        if let Some(member) = world.member_mut(at, interface) {
            member.penalty = penalty;
        }
        world.say_member("QueueMemberPenalty", at, interface);
    }
}

pub(super) fn reset(world: &mut World, answer: &mut Answer<'_>) {
    for at in chosen(world, answer) {
        if let Some(live) = world.queues.get_mut(at) {
            live.completed = 0;
            live.abandoned = 0;
        }
    }
    answer.success("Queue stats reset successfully");
}

pub(super) fn withdraw(world: &mut World, answer: &mut Answer<'_>) {
    let Some(name) = answer.get("Queue") else {
        return answer.error("'Queue' not specified.");
    };
    let Some(caller) = answer.get("Caller") else {
        return answer.error("'Caller' not specified.");
    };
    let Some(at) = world.queue_named(name) else {
        return answer.error("Could not withdraw from queue: No such queue.");
    };
    let waits = world.channel_named(caller).filter(|key| {
        world
            .queues
            .get(at)
            .is_some_and(|live| live.waiting.iter().any(|waiter| waiter.key == *key))
    });
    match waits {
        Some(key) => {
            answer.success("Withdraw requested successfully");
            world.withdraw(key, at);
        }
        None => answer.error("Could not withdraw from queue: No such caller."),
    }
}

/// Nobody is told where the caller stands afterwards, as Asterisk tells nobody.
pub(super) fn prioritise(world: &mut World, answer: &mut Answer<'_>) {
    let (Some(name), Some(caller)) = (answer.get("Queue"), answer.get("Caller")) else {
        return answer.error("'Queue' or 'Caller' not specified.");
    };
    let Some(priority) = answer.get("Priority").and_then(|text| text.parse::<i32>().ok()) else {
        return answer.error("'Priority' need integer.");
    };
    let Some(at) = world.queue_named(name) else {
        return answer.error("Unable to change priority caller on queue: No such queue");
    };
    let (key, at_once) = (world.channel_named(caller), is_true(answer.get("Immediate")));
    let live = world.queues.get_mut(at);
    let found = live.and_then(|live| {
        let index = live.waiting.iter().position(|waiter| Some(waiter.key) == key)?;
        Some((live, index))
    });
    let Some((live, index)) = found else {
        return answer.error("Unable to change priority caller on queue: No such caller");
    };
    if let Some(waiter) = live.waiting.get_mut(index) {
        waiter.priority = priority;
    }
    if at_once {
        let waiter = live.waiting.remove(index);
        live.waiting.insert(live.place_of(priority), waiter);
    }
    answer.success("Priority change for caller on queue");
}
