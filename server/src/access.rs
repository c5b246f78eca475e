//! Who may see and do what. Rights are a value made from the caller; every transport asks the same value.

pub mod password;
pub mod throttle;

use app::{
    AppError,
    model::{OwnExtension, PbxId, Role, Viewer},
};
use telephony::{Board, CallId, Command, LegId};

use crate::store::UserRecord;

/// The shape in which a person may see the boards. One frame is encoded for each and shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Every board, whole.
    Everything,
}

/// What one signed-in person may do.
#[derive(Clone, Debug)]
pub struct Rights {
    role: Role,
    own: Option<OwnExtension>,
}

impl Rights {
    /// The rights of a person.
    pub fn of(viewer: &Viewer) -> Self {
        Self {
            role: viewer.role,
            own: viewer.own_extension.clone(),
        }
    }

    /// What they see.
    pub fn sight(&self) -> Sight {
        match self.role {
            Role::Admin | Role::Supervisor | Role::Agent | Role::Viewer => Sight::Everything,
        }
    }

    /// Only administrators see and change PBX connections.
    pub fn manage_connections(&self) -> Result<(), AppError> {
        match self.role {
            Role::Admin => Ok(()),
            Role::Supervisor | Role::Agent | Role::Viewer => Err(AppError::Forbidden),
        }
    }

    /// Whether this person may give this command on this board.
    pub fn command(&self, pbx: PbxId, command: &Command, board: &Board) -> Result<(), AppError> {
        let all_calls = match self.role {
            Role::Admin | Role::Supervisor => true,
            Role::Agent => false,
            Role::Viewer => return Err(AppError::Forbidden),
        };
        match command {
            Command::Call { from, to } => self.is_own(pbx, from).or_else(|refused| {
                // two people of ours may be brought together; no foreign phone ever calls outside
                let ours = |number: &String| board.extensions.contains_key(number);
                if all_calls && ours(from) && ours(to) {
                    Ok(())
                } else {
                    Err(refused)
                }
            }),
            Command::TakeParked { by, .. } | Command::PickUp { by, .. } => self.is_own(pbx, by),
            Command::HangUp { call } if all_calls || self.is_on(pbx, board, call, None) => Ok(()),
            Command::HangUpLeg { call, leg }
            | Command::BlindTransfer { call, leg, .. }
            | Command::AttendedTransfer { call, leg, .. }
            | Command::Park { call, leg }
                if all_calls || self.is_on(pbx, board, call, Some(leg)) =>
            {
                Ok(())
            }
            Command::HangUp { .. }
            | Command::HangUpLeg { .. }
            | Command::BlindTransfer { .. }
            | Command::AttendedTransfer { .. }
            | Command::Park { .. } => Err(AppError::Forbidden),
        }
    }

    /// Calls start at the caller's own phone and no other.
    fn is_own(&self, pbx: PbxId, number: &str) -> Result<(), AppError> {
        match &self.own {
            None => Err(AppError::field(
                "extension",
                "Choose your own extension in your profile first.",
            )),
            Some(own) if own.pbx == pbx && own.number == number => Ok(()),
            Some(own) if own.pbx != pbx => Err(AppError::field(
                "extension",
                "Your own extension is on another telephone system.",
            )),
            Some(_) => Err(AppError::Forbidden),
        }
    }

    fn is_on(&self, pbx: PbxId, board: &Board, call: &CallId, leg: Option<&LegId>) -> bool {
        let Some(own) = self.own.as_ref().filter(|own| own.pbx == pbx) else {
            return false;
        };
        let Some(call) = board.calls.get(call) else {
            return false;
        };
        call.legs.iter().any(|candidate| {
            leg.is_none_or(|leg| *leg == candidate.id)
                && candidate.party.extension.as_deref() == Some(own.number.as_str())
        })
    }
}

/// What a person may know of themselves.
pub fn viewer(user: &UserRecord) -> Viewer {
    Viewer {
        id: app::model::UserId(user.id),
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        role: user.role,
        own_extension: user.own.as_ref().map(|(pbx, number)| OwnExtension {
            pbx: PbxId(*pbx),
            number: number.clone(),
        }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use app::model::UserId;

    use super::*;

    fn rights(role: Role) -> Rights {
        Rights::of(&Viewer {
            id: UserId(1),
            username: "a".into(),
            display_name: "A".into(),
            role,
            own_extension: Some(OwnExtension {
                pbx: PbxId(1),
                number: "1001".into(),
            }),
        })
    }

    fn extension(number: &str) -> telephony::Extension {
        telephony::Extension {
            number: number.into(),
            name: None,
            device: format!("PJSIP/{number}"),
            device_state: Default::default(),
            registration: Default::default(),
            dnd: None,
            voicemail: None,
            engagements: Vec::new(),
            since: telephony::Timestamp(0),
        }
    }

    fn call(from: &str) -> Command {
        Command::Call {
            from: from.into(),
            to: "2".into(),
        }
    }

    #[test]
    fn nobody_calls_from_a_phone_that_is_not_theirs() {
        let board = Board::default();
        for role in [Role::Admin, Role::Supervisor, Role::Agent] {
            assert_eq!(rights(role).command(PbxId(1), &call("1001"), &board), Ok(()));
            assert_eq!(
                rights(role).command(PbxId(1), &call("1002"), &board),
                Err(AppError::Forbidden)
            );
            assert!(rights(role).command(PbxId(2), &call("1001"), &board).is_err());
        }
        assert_eq!(
            rights(Role::Viewer).command(PbxId(1), &call("1001"), &board),
            Err(AppError::Forbidden)
        );
    }

    #[test]
    fn a_supervisor_brings_two_of_our_people_together_and_reaches_nobody_outside() {
        let mut board = Board::default();
        for number in ["1001", "1002", "1003"] {
            board.extensions.insert(number.into(), extension(number));
        }
        let call = |from: &str, to: &str| Command::Call {
            from: from.into(),
            to: to.into(),
        };
        for role in [Role::Admin, Role::Supervisor] {
            assert_eq!(
                rights(role).command(PbxId(1), &call("1002", "1003"), &board),
                Ok(())
            );
            let outside = rights(role).command(PbxId(1), &call("1002", "00405550100"), &board);
            assert_eq!(outside, Err(AppError::Forbidden));
        }
        for role in [Role::Agent, Role::Viewer] {
            let refused = rights(role).command(PbxId(1), &call("1002", "1003"), &board);
            assert_eq!(refused, Err(AppError::Forbidden));
        }
    }

    #[test]
    fn an_agent_ends_no_foreign_call() {
        let board = Board::default();
        let hang_up = Command::HangUp {
            call: CallId("1.1".into()),
        };
        assert_eq!(
            rights(Role::Agent).command(PbxId(1), &hang_up, &board),
            Err(AppError::Forbidden)
        );
        assert_eq!(
            rights(Role::Supervisor).command(PbxId(1), &hang_up, &board),
            Ok(())
        );
    }

    #[test]
    fn only_administrators_manage_connections() {
        for role in [Role::Supervisor, Role::Agent, Role::Viewer] {
            assert_eq!(rights(role).manage_connections(), Err(AppError::Forbidden));
        }
        assert_eq!(rights(Role::Admin).manage_connections(), Ok(()));
    }
}
