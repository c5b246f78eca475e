//! Which commands about queues somebody may give.

use telephony::{Board, Key, QueueCommand, Row};

use super::{
    Ability, About, Rights,
    rules::{Refused, about, may, seen},
};
use crate::model::PbxId;

/// Whether a command about a queue may be given on this board.
///
/// # Errors
/// Why not.
pub fn permits_queue(
    rights: &Rights,
    pbx: PbxId,
    command: &QueueCommand,
    board: &Board,
) -> Result<(), Refused> {
    let sees = |name: &str| sees_queue(rights, pbx, name, board);
    let reaches = |ability, name: &str| rights.allow(ability, pbx, &About::queue(name));
    let serves = |number: Option<&str>| {
        rights.has(Ability::ServeQueues) && number.is_some_and(|number| rights.is_own(pbx, number))
    };
    match command {
        QueueCommand::MoveCallerUp { queue, .. }
        | QueueCommand::ChangePriority { queue, .. }
        | QueueCommand::WithdrawCaller { queue, .. } => {
            seen(sees(queue))?;
            may(reaches(Ability::ManageCallers, queue))
        }
        QueueCommand::GiveCaller { queue, to, .. } => {
            seen(sees(queue) && sees_extension(rights, pbx, to, board))?;
            may(reaches(Ability::ManageCallers, queue))
        }
        QueueCommand::AddMember { queue, extension, .. } => {
            // who left a queue does not see it any more, and may come back to those of their teams
            let theirs = rights
                .team_queues
                .iter()
                .any(|(on, name)| *on == pbx && name == queue);
            let comes = serves(Some(extension)) && board.queues.contains_key(queue);
            if comes && (theirs || sees(queue)) {
                return Ok(());
            }
            seen(sees(queue) && sees_extension(rights, pbx, extension, board))?;
            may(reaches(Ability::ManageMembers, queue))
        }
        QueueCommand::RemoveMember { queue, interface } => {
            seen(sees(queue))?;
            may(serves(extension_of(board, queue, interface)) || reaches(Ability::ManageMembers, queue))
        }
        QueueCommand::SetPenalty { queue, .. } => {
            seen(sees(queue))?;
            may(reaches(Ability::ManageMembers, queue))
        }
        QueueCommand::PauseMember { queue, interface, .. }
        | QueueCommand::UnpauseMember { queue, interface } => {
            let in_all = || {
                let holds = |(_, row): &(&String, &telephony::Queue)| {
                    row.members.iter().any(|member| member.interface == *interface)
                };
                let queues = board.queues.iter().filter(holds).map(|(name, _)| name.clone());
                queues.collect::<Vec<String>>()
            };
            let queues = queue.as_ref().map_or_else(in_all, |queue| vec![queue.clone()]);
            seen(queues.iter().any(|queue| sees(queue)))?;
            let first = queues.first().map(String::as_str).unwrap_or_default();
            let number = extension_of(board, first, interface);
            let person = number
                .is_some_and(|number| rights.allow(Ability::ManageMembers, pbx, &About::extension(number)));
            let every = queues.iter().all(|queue| reaches(Ability::ManageMembers, queue));
            may(serves(number) || person || every)
        }
    }
}

fn sees_queue(rights: &Rights, pbx: PbxId, name: &str, board: &Board) -> bool {
    board.queues.get(name).is_some_and(|row| {
        let row = Row::Queue(Box::new(row.clone()));
        rights.see(pbx, &Key::Queue(name.to_owned()), &about(&row))
    })
}

fn sees_extension(rights: &Rights, pbx: PbxId, number: &str, board: &Board) -> bool {
    let key = Key::Extension(number.to_owned());
    board.extensions.contains_key(number) && rights.see(pbx, &key, &About::extension(number))
}

fn extension_of<'board>(board: &'board Board, queue: &str, interface: &str) -> Option<&'board str> {
    let mut members = board.queues.get(queue)?.members.iter();
    members
        .find(|member| member.interface == interface)?
        .extension
        .as_deref()
}
