//! Why a call ended, from the Q.850 cause the PBX gives, in plain words.

/// The words for a cause; unknown ones keep their number.
pub fn cause_words(cause: u16) -> String {
    let known = match cause {
        0 | 16 | 31 => "hung up",
        1 | 3 => "the number does not exist",
        17 => "busy",
        18 | 19 => "no answer",
        20 => "the phone could not be reached",
        21 => "declined",
        22 => "the number has changed",
        26 => "answered elsewhere",
        27 | 38 | 41 | 44 | 47 => "a fault on the way",
        28 => "the number is not complete",
        34 | 42 => "all lines are taken",
        58 | 65 | 79 | 88 => "the two phones do not understand each other",
        102 => "timed out",
        127 => "ended by the other network",
        _ => return format!("ended (cause {cause})"),
    };
    known.into()
}
