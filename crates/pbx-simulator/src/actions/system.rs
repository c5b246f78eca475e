//! Actions about Asterisk itself.

use crate::clock;
use crate::wire::Text;
use crate::world::World;

use super::{ACTIONS, Answer};

/// The version this stands in for.
pub(crate) const VERSION: &str = "22.10.1";
/// The AMI version, as the banner says it.
pub(crate) const AMI_VERSION: &str = "11.0.0";

pub(super) fn ping(world: &mut World, answer: &mut Answer<'_>) {
    let (seconds, millis) = (world.now_ms / 1000, world.now_ms % 1000);
    let text = Text::response("Success", answer.id())
        .with("Ping", "Pong")
        .with("Timestamp", format_args!("{seconds}.{millis:03}000"));
    answer.push(text);
}

pub(super) fn log_off(_: &mut World, answer: &mut Answer<'_>) {
    let text = Text::response("Goodbye", answer.id()).with("Message", "Thanks for all the fish.");
    answer.push(text);
}

pub(super) fn log_in_again(_: &mut World, answer: &mut Answer<'_>) {
    answer.success("Already authenticated");
}

pub(super) fn status(world: &mut World, answer: &mut Answer<'_>) {
    let started_ms = world.started_ms;
    let text = Text::response("Success", answer.id())
        .with("CoreStartupDate", clock::date(started_ms))
        .with("CoreStartupTime", clock::time(started_ms))
        .with("CoreReloadDate", clock::date(started_ms))
        .with("CoreReloadTime", clock::time(started_ms))
        .with("CoreCurrentCalls", world.channels.len())
        .with("CoreProcessedCalls", world.calls_seen);
    answer.push(text);
}

pub(super) fn settings(_: &mut World, answer: &mut Answer<'_>) {
    let text = Text::response("Success", answer.id())
        .with("AMIversion", AMI_VERSION)
        .with("AsteriskVersion", format_args!("{VERSION} (simulated)"))
        .with("SystemName", "")
        .with("CoreMaxCalls", 0)
        .with("CoreMaxLoadAvg", "0.000000")
        .with("CoreRunUser", "")
        .with("CoreRunGroup", "")
        .with("CoreMaxFilehandles", 0)
        .with("CoreRealTimeEnabled", "No")
        .with("CoreCDRenabled", "Yes")
        .with("CoreHTTPenabled", "No");
    answer.push(text);
}

pub(super) fn list_commands(_: &mut World, answer: &mut Answer<'_>) {
    let may = answer.may;
    let allowed = ACTIONS.iter().filter(|(_, class, _)| may.allows(*class));
    let text = allowed.fold(
        Text::response("Success", answer.id()),
        |text, (name, class, _)| {
            let privilege = class.privilege();
            text.with(name, format_args!("Simulated.  (Priv: {privilege})"))
        },
    );
    answer.push(text);
}

pub(super) fn db_get(world: &mut World, answer: &mut Answer<'_>) {
    let (Some(family), Some(key)) = (answer.get("Family"), answer.get("Key")) else {
        return answer.error(if answer.get("Family").is_none() {
            "No family specified."
        } else {
            "No key specified."
        });
    };
    let dnd = world
        .company
        .person(key)
        .and_then(|at| world.phones.get(at))
        .is_some_and(|phone| phone.dnd);
    if family != "DND" || !dnd {
        return answer.error("Database entry not found");
    }
    answer.begin_list("Result will follow");
    let text = answer
        .item("DBGetResponse")
        .with("Family", family)
        .with("Key", key)
        .with("Val", "YES");
    answer.push(text);
    answer.end_list("DBGetComplete");
}

pub(super) fn command(world: &mut World, answer: &mut Answer<'_>) {
    let Some(command) = answer.get("Command") else {
        return answer.error("No command provided");
    };
    let output = match command.trim() {
        "core show version" => vec![format!("Asterisk {VERSION} (simulated)")],
        "core show channels concise" => world
            .channels
            .values()
            .map(|channel| format!("{}!{}!{}!", channel.name, channel.context, channel.exten))
            .collect(),
        "core show uptime" => {
            let up_s = world.now_ms.saturating_sub(world.started_ms) / 1000;
            vec![
                format!("System uptime: {up_s} seconds"),
                format!("Last reload: {up_s} seconds"),
            ]
        }
        other => {
            let text = Text::response("Error", answer.id()).with("Message", "Command output follows").with(
                "Output",
                format_args!("No such command '{other}' (type 'core show help {other}' for other possible commands)"),
            );
            return answer.push(text);
        }
    };
    let text = Text::response("Success", answer.id()).with("Message", "Command output follows");
    answer.push(output.iter().fold(text, |text, line| text.with("Output", line)));
}
