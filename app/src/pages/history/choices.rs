//! What can be chosen beside the field: each with its word in the address and on the page.

use telephony::{CallResult, Direction};

use crate::model::report::{By, Measure, Than};

/// By what calls are added up, by the word in the address.
pub const BY: [(&str, &str, By); 8] = [
    ("day", "Day", By::Day),
    ("hour", "Hour", By::Hour),
    ("queue", "Queue", By::Queue),
    ("agent", "Agent", By::Agent),
    ("trunk", "Trunk", By::Trunk),
    ("way", "Way", By::Way),
    ("pbx", "PBX", By::Pbx),
    ("disposition", "Disposition", By::Disposition),
];

/// What is drawn, by the word in the address.
pub const MEASURES: [(&str, &str, Measure); 7] = [
    ("calls", "How many", Measure::Calls),
    ("answered", "Answered, %", Measure::Answered),
    ("unanswered", "Not answered", Measure::Unanswered),
    ("average", "Talked on average", Measure::Average),
    ("talked", "Talked", Measure::Talked),
    ("delay", "Post-dial delay", Measure::Delay),
    ("voice", "Voice", Measure::Voice),
];

/// What calls are held against, by the word in the address.
pub const THAN: [(&str, &str, Than); 4] = [
    ("before", "as long before", Than::Before),
    ("day", "the day before", Than::Day),
    ("week", "the week before", Than::Week),
    ("year", "the year before", Than::Year),
];

/// Ways a call goes, by the word in the address.
pub const WAYS: [(&str, &str, Direction); 3] = [
    ("in", "Incoming", Direction::Inbound),
    ("out", "Outgoing", Direction::Outbound),
    ("internal", "Internal", Direction::Internal),
];

/// What came of a call, by the word in the address.
pub const RESULTS: [(&str, &str, CallResult); 8] = [
    ("answered", "Answered", CallResult::Answered),
    ("missed", "Missed", CallResult::Missed),
    ("busy", "Busy", CallResult::Busy),
    ("failed", "Failed", CallResult::Failed),
    ("abandoned", "Abandoned", CallResult::Abandoned),
    ("voicemail", "Voicemail", CallResult::Voicemail),
    ("service", "Service", CallResult::Service),
    ("interrupted", "Interrupted", CallResult::Interrupted),
];
