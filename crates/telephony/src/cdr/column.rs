//! The columns of a row: their names in files, tables and events, and how each is read.

use std::{borrow::Cow, fmt};

use super::{CdrRow, Disposition, When};

/// The longest text of a column, in bytes. Asterisk keeps less.
const MAX_COLUMN_BYTES: usize = 4_096;

/// Why something is no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrong {
    /// A number was expected.
    NotANumber,
    /// A time was expected.
    NotATime,
    /// It is longer than anything that Asterisk writes.
    TooLong,
    /// A quotation mark stands where none can.
    Quotes,
    /// It is not UTF-8.
    NotText,
    /// There are so many columns, and no version writes so many.
    Columns(usize),
    /// It does not say when it began.
    NoStart,
}

impl fmt::Display for Wrong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::NotANumber => out.write_str("this is no number"),
            Wrong::NotATime => out.write_str("this is no time"),
            Wrong::TooLong => out.write_str("this is longer than anything that Asterisk writes"),
            Wrong::Quotes => out.write_str("a quotation mark stands where none can"),
            Wrong::NotText => out.write_str("this is not UTF-8"),
            Wrong::Columns(found) => write!(out, "there are {found} columns where Asterisk writes 16 to 21"),
            Wrong::NoStart => out.write_str("nothing says when it began"),
        }
    }
}

macro_rules! columns {
    ($($(#[$doc:meta])* $column:ident, [$name:literal $(, $alias:literal)*], $header:literal;)*) => {
        /// A column.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Column {
            $($(#[$doc])* $column,)*
        }

        impl Column {
            /// Each of them.
            pub const ALL: [Column; [$($name),*].len()] = [$(Column::$column),*];

            /// Its name in Asterisk's own words.
            pub fn name(self) -> &'static str {
                match self {
                    $(Column::$column => $name,)*
                }
            }

            /// The column of this name in a table, whichever case it is written in.
            pub fn of_name(name: &str) -> Option<Self> {
                $(if [$name $(, $alias)*].iter().any(|one| one.eq_ignore_ascii_case(name)) {
                    return Some(Column::$column);
                })*
                None
            }

            /// The column of a header of the manager's event; a mapping may have given it its own name.
            pub fn of_header(header: &str) -> Option<Self> {
                $(if $header.eq_ignore_ascii_case(header) {
                    return Some(Column::$column);
                })*
                Self::of_name(header)
            }
        }
    };
}

columns! {
    /// The caller's account.
    Account, ["accountcode"], "AccountCode";
    /// The caller's number.
    Src, ["src"], "Source";
    /// What was dialled.
    Dst, ["dst"], "Destination";
    /// In which context.
    Context, ["dcontext"], "DestinationContext";
    /// The caller's name and number.
    CallerId, ["clid", "callerid"], "CallerID";
    /// The caller's channel.
    Channel, ["channel"], "Channel";
    /// The channel that was called.
    DestChannel, ["dstchannel"], "DestinationChannel";
    /// The last application.
    Application, ["lastapp"], "LastApplication";
    /// What it was given.
    Data, ["lastdata"], "LastData";
    /// When it began.
    Start, ["start", "calldate"], "StartTime";
    /// When it was answered.
    Answer, ["answer"], "AnswerTime";
    /// When it ended.
    End, ["end"], "EndTime";
    /// Its seconds.
    Duration, ["duration"], "Duration";
    /// Those since the answer.
    Billable, ["billsec"], "BillableSeconds";
    /// What came of it.
    Disposition, ["disposition"], "Disposition";
    /// What it is for.
    AmaFlags, ["amaflags"], "AMAFlags";
    /// The unique id of its channel.
    UniqueId, ["uniqueid"], "UniqueID";
    /// What a dialplan wrote.
    UserField, ["userfield"], "UserField";
    /// The account of whoever was called.
    PeerAccount, ["peeraccount"], "PeerAccount";
    /// What it belongs to.
    LinkedId, ["linkedid"], "LinkedID";
    /// Its number.
    Sequence, ["sequence"], "Sequence";
    /// The recording's file.
    Recording, ["recordingfile"], "RecordingFile";
    /// The number of ours.
    Did, ["did"], "DID";
}

impl CdrRow {
    /// Puts a column in, as it is written.
    ///
    /// # Errors
    /// What is wrong with it; the row is as it was.
    pub fn set(&mut self, column: Column, text: &str) -> Result<(), Wrong> {
        if text.len() > MAX_COLUMN_BYTES {
            return Err(Wrong::TooLong);
        }
        let own = || text.to_owned();
        let some = || (!text.is_empty()).then(|| text.to_owned());
        match column {
            Column::Account => self.account = some(),
            Column::Src => self.src = own(),
            Column::Dst => self.dst = own(),
            Column::Context => self.context = own(),
            Column::CallerId => self.caller_id = own(),
            Column::Channel => self.channel = own(),
            Column::DestChannel => self.dest_channel = own(),
            Column::Application => self.application = own(),
            Column::Data => self.data = own(),
            Column::Start => self.start = When::read(text)?,
            Column::Answer => self.answer = When::read(text)?,
            Column::End => self.end = When::read(text)?,
            Column::Duration => self.duration_s = seconds(text)?,
            Column::Billable => self.billable_s = seconds(text)?,
            Column::Disposition => self.disposition = Disposition::of(text),
            Column::AmaFlags => self.ama_flags = some(),
            Column::UniqueId => self.uniqueid = some(),
            Column::UserField => self.user_field = some(),
            Column::PeerAccount => self.peer_account = some(),
            Column::LinkedId => self.linkedid = some(),
            Column::Sequence => {
                let number = || text.parse().map_err(|_| Wrong::NotANumber);
                self.sequence = (!text.is_empty()).then(number).transpose()?;
            }
            Column::Recording => self.recording = some(),
            Column::Did => self.did = some(),
        }
        Ok(())
    }

    /// A column, as text; empty where it is not there.
    pub fn get(&self, column: Column) -> Cow<'_, str> {
        let some = |text: &'_ Option<String>| Cow::Owned(text.clone().unwrap_or_default());
        let when = |when: Option<When>| Cow::Owned(when.map(|when| when.to_string()).unwrap_or_default());
        match column {
            Column::Account => some(&self.account),
            Column::Src => Cow::Borrowed(&self.src),
            Column::Dst => Cow::Borrowed(&self.dst),
            Column::Context => Cow::Borrowed(&self.context),
            Column::CallerId => Cow::Borrowed(&self.caller_id),
            Column::Channel => Cow::Borrowed(&self.channel),
            Column::DestChannel => Cow::Borrowed(&self.dest_channel),
            Column::Application => Cow::Borrowed(&self.application),
            Column::Data => Cow::Borrowed(&self.data),
            Column::Start => when(self.start),
            Column::Answer => when(self.answer),
            Column::End => when(self.end),
            Column::Duration => Cow::Owned(self.duration_s.to_string()),
            Column::Billable => Cow::Owned(self.billable_s.to_string()),
            Column::Disposition => Cow::Borrowed(self.disposition.word()),
            Column::AmaFlags => some(&self.ama_flags),
            Column::UniqueId => some(&self.uniqueid),
            Column::UserField => some(&self.user_field),
            Column::PeerAccount => some(&self.peer_account),
            Column::LinkedId => some(&self.linkedid),
            Column::Sequence => Cow::Owned(self.sequence.map(|one| one.to_string()).unwrap_or_default()),
            Column::Recording => some(&self.recording),
            Column::Did => some(&self.did),
        }
    }
}

/// Whole seconds; a table may have them with a fraction, and a clock that was set back makes them negative.
fn seconds(text: &str) -> Result<u64, Wrong> {
    const MOST: u64 = 1 << 40;
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if whole.is_empty() {
        return Ok(0);
    }
    let seconds: i64 = whole.parse().map_err(|_| Wrong::NotANumber)?;
    Ok(u64::try_from(seconds).unwrap_or_default().min(MOST))
}
