//! The table of abilities: what each is, how far it can reach, and how far it does in the roles that are always there. The
//! code, the page of a role and `docs/access.md` all read this one table.

use super::reach::{
    COUNT, Reach,
    Reach::{All, Nothing, Own, Pbx, Teams},
};

/// Something that can be seen or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ability {
    /// See people.
    SeePeople,
    /// See calls.
    SeeCalls,
    /// See queues.
    SeeQueues,
    /// See parked calls.
    SeeParked,
    /// See conferences.
    SeeConferences,
    /// See trunks.
    SeeTrunks,
    /// Hear recordings of calls.
    HearRecordings,
    /// Take copies of recordings.
    CopyRecordings,
    /// Place calls.
    PlaceCalls,
    /// Bring two people together.
    ConnectPeople,
    /// End calls.
    EndCalls,
    /// Transfer and park calls.
    MoveCalls,
    /// Pick up a call that rings elsewhere.
    PickUp,
    /// Take a parked call.
    TakeParked,
    /// Start, pause and stop recordings.
    RecordCalls,
    /// Use programs.
    UseTokens,
    /// Serve queues: log in and out, pause, wrap up.
    ServeQueues,
    /// Move, withdraw and hand out waiting callers.
    ManageCallers,
    /// Put people into queues, pause them, change their penalty.
    ManageMembers,
    /// Listen to a call.
    Listen,
    /// Speak to one side of a call alone.
    Whisper,
    /// Join a call.
    Barge,
    /// Take a call over.
    TakeOver,
    /// Call back who was not reached.
    ReturnCalls,
    /// Targets, reasons, wrap-up, dispositions and alarms.
    SetUpQueues,
    /// Make wallboards and let screens show them.
    MakeWallboards,
    /// See users.
    SeeUsers,
    /// Manage users.
    ManageUsers,
    /// Manage teams.
    ManageTeams,
    /// Manage roles.
    ManageRoles,
    /// Manage PBX connections.
    ManageConnections,
    /// See the audit trail.
    SeeAudit,
    /// View as somebody.
    ViewAs,
    /// See and revoke the tokens of others.
    ManageTokens,
    /// Erase what is kept of a telephone number.
    EraseNumbers,
    /// Have recordings kept whatever is set.
    HoldRecordings,
    /// Set for how long recordings are kept, and remove what is due.
    KeepRecordings,
}

/// Where an ability stands in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What is seen.
    Seeing,
    /// What is done with calls.
    Calling,
    /// What is done with queues and those who serve them.
    Queues,
    /// What is set up.
    Administration,
}

impl Group {
    /// In the order in which they are shown.
    pub const EVERY: [Group; 4] = [
        Group::Seeing,
        Group::Calling,
        Group::Queues,
        Group::Administration,
    ];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Group::Seeing => "Seeing",
            Group::Calling => "Calling",
            Group::Queues => "Queues",
            Group::Administration => "Administration",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Which.
    pub ability: Ability,
    /// Where it stands.
    pub group: Group,
    /// The word in the database, in forms and in tokens.
    pub slug: &'static str,
    /// What people read.
    pub name: &'static str,
    /// What it comes to, in a sentence.
    pub help: &'static str,
    /// How far it can reach.
    pub reaches: &'static [Reach],
    /// How far it does for administrators, supervisors, agents and viewers.
    pub built_in: [Reach; 4],
}

const ANY: &[Reach] = &[Nothing, Own, Teams, Pbx, All];
const WHOLE: &[Reach] = &[Nothing, Pbx, All];
const OTHERS: &[Reach] = &[Nothing, Teams, Pbx, All];
const MINE: &[Reach] = &[Nothing, Own];
const PEOPLE: &[Reach] = &[Nothing, Teams, All];
const YES: &[Reach] = &[Nothing, All];

const fn info(
    ability: Ability,
    group: Group,
    slug: &'static str,
    name: &'static str,
    help: &'static str,
    reaches: &'static [Reach],
    built_in: [Reach; 4],
) -> Info {
    Info {
        ability,
        group,
        slug,
        name,
        help,
        reaches,
        built_in,
    }
}

/// Every ability, in the order of [`Ability`].
#[rustfmt::skip]
pub const ABILITIES: [Info; COUNT] = {
    use Ability::*;
    use Group::{Administration, Calling, Queues, Seeing};
    [
        info(SeePeople, Seeing, "see_people", "People", "Extensions with their state. With whom somebody talks is shown where the call is.", ANY, [All, Pbx, Pbx, Pbx]),
        info(SeeCalls, Seeing, "see_calls", "Calls", "Calls with both sides, their state and their story; those that are over, too.", ANY, [All, Teams, Teams, Pbx]),
        info(SeeQueues, Seeing, "see_queues", "Queues", "Queues with who waits and who serves them. Own: the queues that the person serves.", ANY, [All, Teams, Own, Pbx]),
        info(SeeParked, Seeing, "see_parked", "Parked calls", "Who waits in a parking space, and since when.", ANY, [All, Pbx, Pbx, Pbx]),
        info(SeeConferences, Seeing, "see_conferences", "Conferences", "Rooms with who is in them.", ANY, [All, Teams, Own, Pbx]),
        info(SeeTrunks, Seeing, "see_trunks", "Trunks", "Lines to the outside and how busy they are.", WHOLE, [All, Pbx, Nothing, Pbx]),
        info(HearRecordings, Seeing, "hear_recordings", "Recordings", "Recordings of those calls that are seen. Whoever hears one is written down.", ANY, [All, Teams, Own, Nothing]),
        info(CopyRecordings, Seeing, "copy_recordings", "Copies of recordings", "Takes recordings that are heard along as files. Whoever does is written down.", ANY, [All, Nothing, Nothing, Nothing]),
        info(PlaceCalls, Calling, "place_calls", "Place calls", "Rings the person's own phone first, then the number.", MINE, [Own, Own, Own, Nothing]),
        info(ConnectPeople, Calling, "connect_people", "Connect two people", "Rings one of ours, then another of ours; nobody outside.", OTHERS, [All, Teams, Nothing, Nothing]),
        info(EndCalls, Calling, "end_calls", "End calls", "Hangs up a call, or one side of it.", ANY, [All, Teams, Own, Nothing]),
        info(MoveCalls, Calling, "move_calls", "Transfer and park", "Hands a call on, at once or announced, or puts it into a parking space.", ANY, [All, Teams, Own, Nothing]),
        info(PickUp, Calling, "pick_up", "Pick up", "Answers at the own phone what rings at another one. Only calls that are seen.", OTHERS, [All, Teams, Teams, Nothing]),
        info(TakeParked, Calling, "take_parked", "Take parked calls", "Takes a parked call at the own phone. Only those that are seen.", ANY, [All, Pbx, Pbx, Nothing]),
        info(RecordCalls, Calling, "record_calls", "Record calls", "Starts, pauses and ends the recording of a call, where the PBX lets Starboard.", ANY, [All, Teams, Nothing, Nothing]),
        info(UseTokens, Calling, "use_tokens", "Use programs", "Makes tokens for programs that act for this person and may do no more.", MINE, [Own, Own, Nothing, Nothing]),
        info(ServeQueues, Queues, "serve_queues", "Serve queues", "Logs in to and out of queues, pauses with a reason, wraps up.", MINE, [Own, Own, Own, Nothing]),
        info(ManageCallers, Queues, "manage_callers", "Manage callers", "Moves waiting callers up, takes them out, hands them to somebody.", OTHERS, [All, Teams, Nothing, Nothing]),
        info(ManageMembers, Queues, "manage_members", "Manage who serves", "Puts people into queues and takes them out, pauses them, changes their penalty.", OTHERS, [All, Teams, Nothing, Nothing]),
        info(Listen, Queues, "listen", "Listen in", "Hears a call at the own phone; sees who supervises whom and who asks for help.", OTHERS, [All, Teams, Nothing, Nothing]),
        info(Whisper, Queues, "whisper", "Whisper", "Speaks so that only the agent hears it.", OTHERS, [All, Teams, Nothing, Nothing]),
        info(Barge, Queues, "barge", "Join a call", "Speaks with both sides.", OTHERS, [All, Teams, Nothing, Nothing]),
        info(TakeOver, Queues, "take_over", "Take over", "Takes the agent's place in a call.", OTHERS, [All, Teams, Nothing, Nothing]),
        info(ReturnCalls, Queues, "return_calls", "Return calls", "Callers of queues that were not reached: who calls them back. Own: of the queues that the person serves.", ANY, [All, Teams, Own, Nothing]),
        info(SetUpQueues, Queues, "set_up_queues", "Set up queues", "Targets, pause reasons, wrap-up, dispositions and alarms.", OTHERS, [All, Teams, Nothing, Nothing]),
        info(MakeWallboards, Queues, "make_wallboards", "Make wallboards", "Boards of what the person sees, and the screens that show them.", MINE, [Own, Own, Nothing, Nothing]),
        info(SeeUsers, Administration, "see_users", "See users", "Who has an account here, with their role, teams and extensions.", PEOPLE, [All, Teams, Nothing, Nothing]),
        info(ManageUsers, Administration, "manage_users", "Manage users", "Invites, changes and disables users, ends their sessions. Nobody gives rights that they do not have.", YES, [All, Nothing, Nothing, Nothing]),
        info(ManageTeams, Administration, "manage_teams", "Manage teams", "Teams with their members and queues.", PEOPLE, [All, Nothing, Nothing, Nothing]),
        info(ManageRoles, Administration, "manage_roles", "Manage roles", "Roles made from these abilities.", YES, [All, Nothing, Nothing, Nothing]),
        info(ManageConnections, Administration, "manage_connections", "Manage PBX connections", "Connections to telephone systems and their secrets.", YES, [All, Nothing, Nothing, Nothing]),
        info(SeeAudit, Administration, "see_audit", "See the audit trail", "Who did what, when, from where.", YES, [All, Nothing, Nothing, Nothing]),
        info(ViewAs, Administration, "view_as", "View as", "Sees what somebody else sees, and does nothing meanwhile. It is written down.", PEOPLE, [All, Teams, Nothing, Nothing]),
        info(ManageTokens, Administration, "manage_tokens", "Manage tokens", "Sees and revokes the tokens of everybody.", YES, [All, Nothing, Nothing, Nothing]),
        info(EraseNumbers, Administration, "erase_numbers", "Erase numbers", "Erases what is kept of a telephone number, for good. It is written down.", YES, [All, Nothing, Nothing, Nothing]),
        info(HoldRecordings, Administration, "hold_recordings", "Hold recordings", "Keeps recordings that are heard whatever is set, and lets them go. It is written down.", YES, [All, Nothing, Nothing, Nothing]),
        info(KeepRecordings, Administration, "keep_recordings", "Keep and remove recordings", "For how long recordings are kept, and the removal of what is due.", YES, [All, Nothing, Nothing, Nothing]),
    ]
};

impl Ability {
    /// Its row of the table.
    pub fn info(self) -> &'static Info {
        &ABILITIES[self as usize]
    }

    /// The ability of a word.
    pub fn of_slug(slug: &str) -> Option<Self> {
        ABILITIES
            .iter()
            .find(|info| info.slug == slug)
            .map(|info| info.ability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::BuiltIn;

    #[test]
    fn the_table_is_in_the_order_of_the_abilities() {
        for (at, info) in ABILITIES.iter().enumerate() {
            assert_eq!(info.ability as usize, at, "{}", info.slug);
            assert_eq!(Ability::of_slug(info.slug), Some(info.ability));
            assert_eq!(info.reaches[0], Reach::Nothing, "{}", info.slug);
            assert!(info.reaches.is_sorted(), "{}", info.slug);
        }
    }

    #[test]
    fn a_built_in_role_reaches_only_as_far_as_an_ability_can() {
        for info in &ABILITIES {
            for reach in info.built_in {
                assert!(info.reaches.contains(&reach), "{} {reach:?}", info.slug);
            }
        }
    }

    #[test]
    fn every_built_in_role_is_covered_by_the_administrator() {
        let admin = BuiltIn::Admin.abilities();
        for role in BuiltIn::EVERY {
            assert!(admin.cover(&role.abilities()), "{role:?}");
            assert_eq!(
                role.abilities().administer(),
                matches!(role, BuiltIn::Admin | BuiltIn::Supervisor)
            );
        }
        assert!(!BuiltIn::Agent.abilities().cover(&BuiltIn::Viewer.abilities()));
    }
}
