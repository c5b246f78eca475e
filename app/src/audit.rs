//! The words of the audit trail: what can be done, what came of it, and what of it a page shows. Trail, page, command
//! line and documentation read the same tables.

mod query;

pub use query::AuditQuery;

use serde::{Deserialize, Serialize};

/// Defines an enum with a stable word, a name and, for actions, an explanation for each.
macro_rules! words {
    ($(#[$doc:meta])* $of:ident { $($name:ident, $word:literal, $group:literal, $label:literal, $says:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $of {$(
            #[doc = $says]
            $name,
        )*}

        impl $of {
            /// Every one, in the order of the documentation.
            pub const ALL: &[$of] = &[$($of::$name),*];

            /// The word in the database, in exports and in addresses; it never changes.
            pub const fn word(self) -> &'static str {
                match self { $($of::$name => $word,)* }
            }

            /// Where it belongs.
            pub const fn group(self) -> &'static str {
                match self { $($of::$name => $group,)* }
            }

            /// What a page calls it.
            pub const fn label(self) -> &'static str {
                match self { $($of::$name => $label,)* }
            }

            /// What it means, in a sentence.
            pub const fn says(self) -> &'static str {
                match self { $($of::$name => $says,)* }
            }

            /// The one with this word.
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}

words! {
    /// What somebody did, or was about to do.
    Action {
        SetUp, "set_up", "Signing in", "First administrator", "Made the first administrator with the one-time link.";
        SignIn, "sign_in", "Signing in", "Sign-in", "Signed in, or tried to: the object is the name as typed.";
        SignOut, "sign_out", "Signing in", "Sign-out", "Signed out.";
        Confirm, "confirm", "Signing in", "Confirmed", "Showed again who they are, before something sensitive.";
        ChangePassword, "change_password", "Signing in", "Own password", "Changed their own password, and ended their other sessions.";
        EndSession, "end_session", "Signing in", "Own session ended", "Ended one of their own sessions, or all others.";
        AddApp, "add_app", "Signing in", "New authenticator app", "Set up an authenticator app.";
        RemoveApp, "remove_app", "Signing in", "Authenticator app removed", "Removed their authenticator app.";
        AddPasskey, "add_passkey", "Signing in", "New passkey", "Added a passkey.";
        RenamePasskey, "rename_passkey", "Signing in", "Passkey renamed", "Gave a passkey another name.";
        RemovePasskey, "remove_passkey", "Signing in", "Passkey removed", "Removed a passkey.";
        RenewCodes, "renew_codes", "Signing in", "New recovery codes", "Made new recovery codes; the old ones are worth nothing.";
        ResetFactors, "reset_factors", "People", "Second factors reset", "Took every second factor from somebody who lost them, and ended their sessions.";
        SaveProfile, "save_profile", "People", "Own profile", "Changed their own name or extension.";
        AddUser, "add_user", "People", "New user", "Made a user.";
        InviteUser, "invite_user", "People", "New user invited", "Made a user, who gets a one-time link.";
        ChangeUser, "change_user", "People", "User changed", "Changed a user's name, role, PBX, extensions or teams.";
        ImportUsers, "import_users", "People", "Users imported", "Made or changed users from a file.";
        MakeLink, "make_link", "People", "One-time link", "Made a new one-time link for a user.";
        ChoosePassword, "choose_password", "People", "Password chosen", "Chose a password by a one-time link.";
        EndSessions, "end_sessions", "People", "Sessions ended", "Ended every session of a user.";
        DisableUser, "disable_user", "People", "User disabled", "Disabled a user and ended their sessions.";
        EnableUser, "enable_user", "People", "User enabled", "Let a disabled user sign in again.";
        ResetPassword, "reset_password", "People", "Password reset", "Gave a user a new password and ended their sessions.";
        MakeAdmin, "make_admin", "People", "Made administrator", "Made a user an administrator.";
        LinkUser, "link_user", "People", "Sign-in linked", "Let a user sign in as somebody of a provider or the directory.";
        UnlinkUser, "unlink_user", "People", "Sign-in unlinked", "Let a user sign in so no more.";
        AddTeam, "add_team", "Teams and roles", "New team", "Made a team.";
        ChangeTeam, "change_team", "Teams and roles", "Team changed", "Changed a team.";
        RemoveTeam, "remove_team", "Teams and roles", "Team removed", "Removed a team.";
        AddRole, "add_role", "Teams and roles", "New role", "Made a role.";
        ChangeRole, "change_role", "Teams and roles", "Role changed", "Changed what a role may do.";
        RemoveRole, "remove_role", "Teams and roles", "Role removed", "Removed a role.";
        ViewAs, "view_as", "People", "Viewed as somebody", "Took the view of another user.";
        ViewAsEnded, "view_as_ended", "People", "Own view again", "Went back to the own view.";
        AddPbx, "add_pbx", "Telephone systems", "New PBX connection", "Made a PBX connection.";
        ChangePbx, "change_pbx", "Telephone systems", "PBX connection changed", "Changed a PBX connection.";
        DeletePbx, "delete_pbx", "Telephone systems", "PBX connection removed", "Removed a PBX connection.";
        TestPbx, "test_pbx", "Telephone systems", "Connection test", "Tried a PBX connection without saving it.";
        Call, "call", "Calls", "Call", "Had a phone ring and a number called.";
        HangUp, "hang_up", "Calls", "Hang up", "Ended a call.";
        HangUpLeg, "hang_up_leg", "Calls", "Hang up one side", "Ended one side of a call.";
        BlindTransfer, "blind_transfer", "Calls", "Transfer", "Sent a call on without asking.";
        AttendedTransfer, "attended_transfer", "Calls", "Transfer after asking", "Sent a call on after talking to the other side.";
        Park, "park", "Calls", "Park", "Parked a call.";
        TakeParked, "take_parked", "Calls", "Take a parked call", "Took a call out of its parking space.";
        PickUp, "pick_up", "Calls", "Pick up", "Answered at one phone what rang at another.";
        StartRecording, "start_recording", "Calls", "Recording started", "Had a call recorded.";
        PauseRecording, "pause_recording", "Calls", "Recording paused", "Had what is said kept out of the recording of a call.";
        ResumeRecording, "resume_recording", "Calls", "Recording resumed", "Had the recording of a call go on.";
        StopRecording, "stop_recording", "Calls", "Recording stopped", "Ended the recording of a call.";
        Listen, "listen", "Calls", "Listen in", "Listened to a call; the second row is written when that ended.";
        Whisper, "whisper", "Calls", "Whisper", "Spoke so that only the agent heard it; the second row is written when that ended.";
        Barge, "barge", "Calls", "Join a call", "Spoke with both sides of a call; the second row is written when that ended.";
        TakeOver, "take_over", "Calls", "Take over", "Took an agent's place in a call.";
        StopSupervising, "stop_supervising", "Calls", "Stop supervising", "Ended what one's own phone heard of a call.";
        SayOfCall, "say_of_call", "Queues", "Call described", "Said what became of a call that they took.";
        HearRecording, "hear_recording", "Calls", "Recording heard", "Heard a recording of a call.";
        CopyRecording, "copy_recording", "Calls", "Recording copied", "Took a copy of a recording of a call.";
        CommentRecording, "comment_recording", "Calls", "Recording commented", "Said something of a moment of a recording, or took back what they had said.";
        ShareRecording, "share_recording", "Calls", "Recording shared", "Made a link by which somebody without an account hears a recording.";
        RevokeLink, "revoke_link", "Calls", "Link revoked", "Ended a link to a recording.";
        HearByLink, "hear_by_link", "Calls", "Recording heard by a link", "Heard a recording by a link that somebody made.";
        KeepRecordings, "keep_recordings", "Calls", "Recordings kept", "Changed for how long recordings are kept.";
        HoldRecordings, "hold_recordings", "Calls", "Recordings held", "Had recordings kept whatever is set, or let them go again.";
        RemoveRecordings, "remove_recordings", "Calls", "Recordings removed", "Removed recordings that were kept for as long as is set.";
        EraseNumber, "erase_number", "Calls", "Number erased", "Erased what was kept of a telephone number; the second row is written when nothing is left.";
        AskHelp, "ask_help", "Calls", "Help asked for", "Asked supervisors for help.";
        TakeHelp, "take_help", "Calls", "Help given", "Said that they are on somebody's request for help.";
        EndHelp, "end_help", "Calls", "Help closed", "Took back or closed a request for help.";
        ChangeQueue, "change_queue", "Queues", "Queue changed", "Changed how a queue is counted, or what follows its calls.";
        ChangePauseReason, "change_pause_reason", "Queues", "Pause reason changed", "Made or changed a reason for which agents pause.";
        ChangeAlarmRule, "change_alarm_rule", "Queues", "Alarm rule changed", "Made or changed a rule of alarms.";
        RemoveAlarmRule, "remove_alarm_rule", "Queues", "Alarm rule removed", "Removed a rule of alarms.";
        AddPush, "add_push", "Queues", "Alarms pushed", "Had alarms sent to their browser, also while no page of Starboard is open.";
        RemovePush, "remove_push", "Queues", "Alarms pushed no more", "Had alarms sent to one of their browsers no more.";
        ImportQueueLog, "import_queue_log", "Queues", "Queue log imported", "Added calls, and put others right, by a log that a PBX wrote of its queues.";
        SetRecordSource, "set_record_source", "Calls", "Source of call records", "Said where a PBX keeps its own call records, or that they are read no more.";
        ReadRecords, "read_records", "Calls", "Call records read", "Read the call records of a PBX from where it keeps them.";
        CheckRecords, "check_records", "Calls", "Call records checked", "Held the call records of a PBX against the calls that were seen, and entered those that nobody saw.";
        RebuildHistory, "rebuild_history", "Calls", "History rebuilt", "Derived calls that call records tell anew from the records as they are kept, or added hours and days up anew; the second row is written when it is over.";
        ArchiveCalls, "archive_calls", "Calls", "Calls archived", "Wrote a month of the copy of calls to a file.";
        DropCopiedCalls, "drop_copied_calls", "Calls", "Copied calls dropped", "Dropped months of the copy of calls; they stay in the own database.";
        MoveCaller, "move_caller", "Queues", "Caller moved", "Moved a waiting caller to another place in line.";
        WithdrawCaller, "withdraw_caller", "Queues", "Caller taken out", "Took a waiting caller out of a queue.";
        GiveCaller, "give_caller", "Queues", "Caller given", "Had a phone ring for a waiting caller.";
        AddMember, "add_member", "Queues", "Into a queue", "Let an extension serve a queue.";
        RemoveMember, "remove_member", "Queues", "Out of a queue", "Let a member serve a queue no more.";
        PauseMember, "pause_member", "Queues", "Pause", "Paused a member of a queue, or of every queue.";
        UnpauseMember, "unpause_member", "Queues", "Pause ended", "Ended a member's pause.";
        SetPenalty, "set_penalty", "Queues", "Penalty", "Changed a member's penalty.";
        ChangeCallbacks, "change_callbacks", "Queues", "Callbacks changed", "Changed whether and how a queue calls back who keeps the place.";
        CallBack, "call_back", "Queues", "Callback", "Called somebody back who kept their place in a queue.";
        CallbackNext, "callback_next", "Queues", "Callback moved up", "Had somebody who keeps the place called next.";
        GiveUpCallback, "give_up_callback", "Queues", "Callback given up", "Had somebody who keeps the place called no more.";
        CancelCallback, "cancel_callback", "Queues", "Callback cancelled", "Took a request for a callback back, and ended its call.";
        ClaimLost, "claim_lost", "Queues", "Lost caller claimed", "Said that they are on a caller who was not reached.";
        ReleaseLost, "release_lost", "Queues", "Lost caller let go", "Let a caller go who was not reached: nobody is on it any more.";
        HandOverLost, "hand_over_lost", "Queues", "Lost caller handed over", "Gave a caller who was not reached to somebody else.";
        GiveUpLost, "give_up_lost", "Queues", "Lost caller given up", "Said that a caller who was not reached is called no more, and why.";
        MakeToken, "make_token", "Programs", "Token made", "Made a token with which a program acts for its owner.";
        RevokeToken, "revoke_token", "Programs", "Token revoked", "Ended a token; programs that use it are cut off at once.";
        TokenSeen, "token_seen", "Programs", "Token at a new address", "A token was used from an address that it had not been used from before.";
        UseToken, "use_token", "Programs", "Token used", "Used a token; only what was refused is written here, what was done has its own rows.";
        MakeWallboard, "make_wallboard", "Wallboards", "New wallboard", "Made a wallboard.";
        ChangeWallboard, "change_wallboard", "Wallboards", "Wallboard changed", "Changed a wallboard, or who may open it.";
        RemoveWallboard, "remove_wallboard", "Wallboards", "Wallboard removed", "Removed a wallboard; screens that showed it show nothing any more.";
        PairScreen, "pair_screen", "Wallboards", "Screen paired", "Approved the code on a screen, which shows a wallboard from then on.";
        RevokeScreen, "revoke_screen", "Wallboards", "Screen revoked", "Took a wallboard off a screen, which is cut off at once.";
        NotePastCall, "note_past_call", "Calls", "Call noted", "Noted something on a call that is over, or removed a note of their own.";
        TagPastCall, "tag_past_call", "Calls", "Call tagged", "Put a tag on a call that is over, or took one off.";
        DisposePastCall, "dispose_past_call", "Calls", "Disposition set", "Said what came of a call that is over, or took it back.";
        ExportCalls, "export_calls", "Calls", "Calls exported", "Took a copy of calls that are over.";
        SetUpMailing, "set_up_mailing", "Calls", "Report by mail set up", "Had a report sent by mail from now on, or no more.";
        MailReport, "mail_report", "Calls", "Report mailed", "A report was sent by mail, to whom is told.";
        ExportReport, "export_report", "Calls", "Report exported", "Took a copy of a report.";
        ExportAudit, "export_audit", "Trail and keys", "Trail exported", "Took a copy of the audit trail.";
        RotateKey, "rotate_key", "Trail and keys", "Key rotated", "Made a new key and sealed every secret with it.";
        LoseKey, "lose_key", "Trail and keys", "Key given up", "Gave the key file up as lost: secrets have to be typed in again, and rows before cannot be verified.";
        TrailBegun, "trail_begun", "Trail and keys", "Trail begun", "The chain begins; rows before it were written by an earlier version and carried over.";
        TrailCut, "trail_cut", "Trail and keys", "Old rows removed", "Removed rows that are older than the retention setting allows.";
        TrailBroken, "trail_broken", "Trail and keys", "Trail found broken", "Found that the trail's end had been tampered with, or that its key is lost, and went on from there.";
        Request, "request", "Other", "Other request", "Asked for something that has no word of its own, and was refused.";
    }
}

words! {
    /// What came of it.
    Outcome {
        Begun, "begun", "", "Begun", "It began, and nothing says how it ended: it is under way, or Starboard was stopped meanwhile.";
        Done, "done", "", "Done", "It was done; a command was accepted by the PBX.";
        Refused, "refused", "", "Refused", "It was not allowed or not possible, and nothing was changed.";
        Failed, "failed", "", "Failed", "It went wrong.";
        Unknown, "unknown", "", "Unknown", "The PBX did not answer: it may have happened.";
    }
}

/// Something that is told with an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What.
    pub name: String,
    /// How it was, where it was something else before.
    pub old: Option<String>,
    /// How it is; None when it is no more.
    pub new: Option<String>,
    /// Whether it changed; else `new` is a plain remark.
    pub changed: bool,
}

impl Fact {
    /// A remark.
    pub fn told(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            old: None,
            new: Some(value.into()),
            changed: false,
        }
    }

    /// A change.
    pub fn changed(name: &str, old: Option<String>, new: Option<String>) -> Self {
        Self {
            name: name.into(),
            old,
            new,
            changed: true,
        }
    }
}

/// An act and what came of it, as a row of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// The act's number.
    pub id: i64,
    /// When it began.
    pub at_ms: u64,
    /// Who: a user's name, or `kind:name` for what is no user; empty for strangers.
    pub actor: String,
    /// Where from; empty for what came over no network.
    pub address: String,
    /// The word of an [`Action`].
    pub action: String,
    /// On what.
    pub object: String,
    /// The word of an [`Outcome`].
    pub outcome: String,
    /// The gist of what is told with it.
    pub note: String,
}

/// One entry, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// What its row shows.
    pub row: AuditRow,
    /// When it ended, where that is known.
    pub ended_ms: Option<u64>,
    /// Everything that is told with it.
    pub facts: Vec<Fact>,
    /// The hash of the act's row, in hexadecimal digits.
    pub hash: String,
    /// The number and hash of the row that tells the outcome.
    pub outcome_row: Option<(i64, String)>,
}

/// One page of the trail, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditList {
    /// The rows.
    pub rows: Vec<AuditRow>,
    /// Where the next page begins; None when there is nothing older.
    pub older: Option<i64>,
    /// When the oldest row that is kept was written.
    pub since_ms: Option<u64>,
    /// A search looks through so many rows at a time: how far back this one went, where it found less than a page.
    pub searched_to_ms: Option<u64>,
    /// Days after which rows are removed; 0 for never.
    pub kept_days: u64,
}

#[cfg(test)]
mod tests {
    use super::{Action, Outcome};

    #[test]
    fn every_word_is_its_own_and_leads_back() {
        for action in Action::ALL {
            assert_eq!(Action::of(action.word()), Some(*action));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::of(outcome.word()), Some(*outcome));
        }
        assert_eq!(Action::of("nothing"), None);
    }

    #[test]
    fn the_documentation_has_every_word_and_no_other() {
        let document = include_str!("../../docs/audit.md");
        let actions = Action::ALL.iter().map(|action| {
            let (word, group, label, says) = (action.word(), action.group(), action.label(), action.says());
            format!("| `{word}` | {group} | {label} | {says} |")
        });
        let outcomes = Outcome::ALL.iter().map(|outcome| {
            let (word, label, says) = (outcome.word(), outcome.label(), outcome.says());
            format!("| `{word}` | {label} | {says} |")
        });
        let wanted: Vec<String> = actions.chain(outcomes).collect();
        let (_, tables) = document.split_once("## Actions").unwrap_or_default();
        let (tables, _) = tables.split_once("## The chain").unwrap_or_default();
        let found: Vec<&str> = tables.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(found, wanted, "docs/audit.md, left, against app/src/audit.rs");
    }
}
