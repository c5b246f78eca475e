//! Lists of phones, trunks and mailboxes.

use crate::world::{Device, World};

use super::Answer;

/// Device states as `PJSIPShowEndpoints` words them.
fn spoken(state: &str) -> &'static str {
    match state {
        "NOT_INUSE" => "Not in use",
        "INUSE" => "In use",
        "BUSY" => "Busy",
        "UNAVAILABLE" => "Unavailable",
        "RINGING" => "Ringing",
        "RINGINUSE" => "Ringing+In use",
        "ONHOLD" => "On Hold",
        _ => "Unknown",
    }
}

pub(super) fn endpoints(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("A listing of Endpoints follows, presented as EndpointList events");
    for (at, person) in world.company.people.iter().enumerate() {
        let registered = world.phones.get(at).is_some_and(|phone| phone.registered);
        let contact = if registered {
            format!("{}/{},", person.number, world.contact_uri(at))
        } else {
            String::new()
        };
        endpoint(world, answer, Device::Phone(at), &person.number, &contact, true);
    }
    for (at, line) in world.company.lines.iter().enumerate() {
        let contact = format!("{}/sip:{},", line.name, line.host);
        endpoint(world, answer, Device::Line(at), line.name, &contact, false);
    }
    answer.end_list("EndpointListComplete");
}

fn endpoint(world: &World, answer: &mut Answer<'_>, device: Device, name: &str, contact: &str, phone: bool) {
    let active = world
        .channels
        .values()
        .filter(|channel| channel.device == device)
        .count();
    let text = answer
        .item("EndpointList")
        .with("ObjectType", "endpoint")
        .with("ObjectName", name)
        .with("Transport", "transport-udp")
        .with("Aor", name)
        .with("Auths", if phone { name } else { "" })
        .with("OutboundAuths", if phone { "" } else { name })
        .with("Contacts", contact)
        .with("DeviceState", spoken(world.device_state(device)))
        .with("ActiveChannels", active);
    answer.push(text);
}

pub(super) fn contacts(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("A listing of Contacts follows, presented as ContactList events");
    for (at, person) in world.company.people.iter().enumerate() {
        if !world.phones.get(at).is_some_and(|phone| phone.registered) {
            continue;
        }
        let text = answer
            .item("ContactList")
            .with("ObjectType", "contact")
            .with(
                "ObjectName",
                format_args!("{};@84e9323baa7bbd541fd1d9ad5e3a{at:04x}", person.number),
            )
            .with("ViaAddr", format_args!("192.0.2.{}", at + 10))
            .with("Endpoint", &person.number)
            .with("Uri", world.contact_uri(at))
            .with("QualifyFrequency", 0)
            .with("UserAgent", "Deskphone/2.4")
            .with("ExpirationTime", world.now_ms / 1000 + 600)
            .with("Status", "NonQualified")
            .with("RoundtripUsec", "N/A");
        answer.push(text);
    }
    answer.end_list("ContactListComplete");
}

pub(super) fn registrations(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Following are Events for each Outbound registration");
    let mut up = 0;
    // Only the first trunk registers; the other is known by its address.
    for (line, live) in world
        .company
        .lines
        .iter()
        .zip(&world.lines)
        .filter(|(line, _)| line.flaps)
    {
        up += usize::from(live.registration == "Registered");
        let text = answer
            .item("OutboundRegistrationDetail")
            .with("ObjectType", "registration")
            .with("ObjectName", format_args!("{}-reg", line.name))
            .with("ClientUri", format_args!("sip:company@{}", line.host))
            .with("ServerUri", format_args!("sip:{}", line.host))
            .with("Expiration", 60)
            .with("Transport", "transport-udp")
            .with("ContactUser", "company")
            .with("Endpoint", line.name)
            .with("OutboundAuth", line.name)
            .with("Status", live.registration)
            .with("NextReg", 54);
        answer.push(text);
    }
    let total = world.company.lines.iter().filter(|line| line.flaps).count();
    answer.end_list_with("OutboundRegistrationDetailComplete", |text| {
        text.with("Registered", up).with("NotRegistered", total - up)
    });
}

pub(super) fn mailbox_count(world: &mut World, answer: &mut Answer<'_>) {
    let Some(mailbox) = answer.get("Mailbox") else {
        return answer.error("Mailbox not specified");
    };
    let number = mailbox.split('@').next().unwrap_or(mailbox);
    let phone = world.company.person(number).and_then(|at| world.phones.get(at));
    let (new, old) = phone.map_or((0, 0), |phone| (phone.new_messages, phone.old_messages));
    let text = crate::wire::Text::response("Success", answer.id())
        .with("Message", "Mailbox Message Count")
        .with("Mailbox", mailbox)
        .with("UrgMessages", 0)
        .with("NewMessages", new)
        .with("OldMessages", old);
    answer.push(text);
}

pub(super) fn voicemail_users(world: &mut World, answer: &mut Answer<'_>) {
    answer.begin_list("Voicemail user list will follow");
    for (person, phone) in world
        .company
        .people
        .iter()
        .zip(&world.phones)
        .filter(|(person, _)| person.mailbox)
    {
        let text = answer
            .item("VoicemailUserEntry")
            .with("VMContext", "default")
            .with("VoiceMailbox", &person.number)
            .with("Fullname", person.name)
            .with("Email", "")
            .with("MaxMessageCount", 100)
            .with("MaxMessageLength", 180)
            .with("NewMessageCount", phone.new_messages)
            .with("OldMessageCount", phone.old_messages);
        answer.push(text);
    }
    answer.end_list("VoicemailUserEntryComplete");
}
