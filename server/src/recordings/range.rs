//! Which bytes of a file a browser asks for (RFC 9110, section 14).

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it: nothing else was asked for, or nothing that can be read.
    Whole,
    /// From the first to the last of these, both among them.
    Part(u64, u64),
    /// Nothing of what there is.
    Nothing,
}

/// Reads a `Range` header for a file of so many bytes. Of several parts at once the whole is given, as a server may.
pub fn wanted(header: &str, bytes: u64) -> Wanted {
    let Some((unit, parts)) = header.split_once('=') else {
        return Wanted::Whole;
    };
    let Some((first, last)) = parts.trim().split_once('-') else {
        return Wanted::Whole;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // what is too long for a number is beyond every end
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    match (first.is_empty(), number(first), last.is_empty(), number(last)) {
        (false, Some(first), true, _) => part(first, u64::MAX, bytes),
        (false, Some(first), false, Some(last)) if first <= last => part(first, last, bytes),
        (true, _, false, Some(0)) => Wanted::Nothing,
        (true, _, false, Some(many)) => part(bytes.saturating_sub(many), u64::MAX, bytes),
        _ => Wanted::Whole,
    }
}

fn part(first: u64, last: u64, bytes: u64) -> Wanted {
    if first < bytes {
        Wanted::Part(first, last.min(bytes - 1))
    } else {
        Wanted::Nothing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Wanted, wanted};

    #[test]
    fn ranges_are_read_as_the_standard_has_them() {
        for (header, means) in [
            ("bytes=0-", Wanted::Part(0, 99)),
            ("bytes=0-0", Wanted::Part(0, 0)),
            ("bytes=10-19", Wanted::Part(10, 19)),
            ("bytes=90-1000", Wanted::Part(90, 99)),
            ("bytes=99-", Wanted::Part(99, 99)),
            ("bytes=-1", Wanted::Part(99, 99)),
            ("bytes=-100", Wanted::Part(0, 99)),
            ("bytes=-1000", Wanted::Part(0, 99)),
            ("BYTES = 5-6", Wanted::Part(5, 6)),
            ("bytes=0-99999999999999999999999", Wanted::Part(0, 99)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=100-200", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=9-5", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=1-2,4-5", Wanted::Whole),
            ("bytes=--1", Wanted::Whole),
            ("seconds=1-2", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted(header, 100), means, "{header}");
        }
        for header in ["bytes=0-", "bytes=0-0", "bytes=-5"] {
            assert_eq!(wanted(header, 0), Wanted::Nothing, "{header} of nothing");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_lies_in_the_file(header in "(bytes=)?\\PC{0,40}", from in any::<u64>(), to in any::<u64>(), bytes in 0..u64::MAX) {
            for header in [header, format!("bytes={from}-{to}"), format!("bytes=-{from}"), format!("bytes={from}-")] {
                if let Wanted::Part(first, last) = wanted(&header, bytes) {
                    prop_assert!(first <= last && last < bytes);
                }
            }
        }
    }
}
