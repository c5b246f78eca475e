//! Which file is a recording of which call, by nothing but names: what the PBX said that it records to, else the unique id
//! of a channel in the file's name.

/// Files of one call that are remembered.
pub(crate) const MAX_FILES: usize = 16;
/// Digits of the time in a unique id, from 2001 on.
const SECONDS_DIGITS: std::ops::RangeInclusive<usize> = 9..=11;
/// Digits of the number behind it.
const MAX_SERIAL_DIGITS: usize = 9;

/// The name of a file without its folders.
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// A unique id without the name of its system: `office-1795221359.7` is `1795221359.7`.
pub fn bare_id(id: &str) -> &str {
    id.rsplit('-').next().unwrap_or_default()
}

/// Whether a path below a folder of recordings is the file that a PBX named. The folder may have another name here than on
/// the PBX, so that the end of the PBX's path decides, name by name.
pub fn is_told(told: &str, below: &str) -> bool {
    let mut told = names(told).rev();
    let mut below = names(below).rev().peekable();
    below.peek().is_some() && below.all(|name| told.next() == Some(name))
}

fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

/// The unique id in the name of a file, as `out-0401-1001-20261127-023000-1795221359.7.wav` has it: the last one there is.
pub fn id_in(path: &str) -> Option<&str> {
    let name = base_name(path);
    let dots = name.char_indices().filter(|(_, letter)| *letter == '.');
    dots.filter_map(|(dot, _)| id_around(name, dot)).next_back()
}

/// What stands around a dot, where that is a unique id.
fn id_around(name: &str, dot: usize) -> Option<&str> {
    let digits = |text: &mut dyn Iterator<Item = char>| text.take_while(char::is_ascii_digit).count();
    let seconds = digits(&mut name[..dot].chars().rev());
    let serial = digits(&mut name[dot + 1..].chars());
    let fits = SECONDS_DIGITS.contains(&seconds) && (1..=MAX_SERIAL_DIGITS).contains(&serial);
    // digits are one byte each
    fits.then(|| &name[dot - seconds..dot + 1 + serial])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{bare_id, base_name, id_in, is_told};

    #[test]
    fn names_that_asterisk_and_its_front_ends_give_tell_their_call() {
        for (path, id) in [
            (
                "2026/11/27/out-0405550100-1001-20261127-023000-1795221359.7.wav",
                Some("1795221359.7"),
            ),
            (
                "exten-1001-unknown-20231114-120000-1699999999.123.wav",
                Some("1699999999.123"),
            ),
            (
                "q-600-0401-20231114-120000-office-1699999999.123.WAV",
                Some("1699999999.123"),
            ),
            ("1699999999.123-in.wav", Some("1699999999.123")),
            ("1699999999.123.wav.tmp", Some("1699999999.123")),
            // two of them: the name of the file ends with its own
            ("1699999990.1-1699999999.2.wav", Some("1699999999.2")),
            ("20231114-120000.wav", None),
            ("20231114120000.123.wav", None),
            ("1699999999.wav", None),
            ("1699999999.", None),
            ("1699999999.1/menu.wav", None),
            ("", None),
        ] {
            assert_eq!(id_in(path), id, "{path}");
        }
        assert_eq!(bare_id("office-2-1699999999.123"), "1699999999.123");
        assert_eq!(base_name("a/b.wav"), "b.wav");
    }

    #[test]
    fn a_name_that_the_pbx_told_is_the_file_whatever_the_folder_is_called_here() {
        let told = "/var/spool/asterisk/monitor/2026/11/talk.wav";
        for below in [
            "talk.wav",
            "11/talk.wav",
            "monitor/2026/11/talk.wav",
            "//11//talk.wav",
        ] {
            assert!(is_told(told, below), "{below}");
        }
        for below in [
            "",
            "/",
            "alk.wav",
            "12/talk.wav",
            "talk.wav/x",
            "x/var/spool/asterisk/monitor/2026/11/talk.wav",
        ] {
            assert!(!is_told(told, below), "{below}");
        }
    }

    proptest! {
        #[test]
        fn an_id_is_found_again_between_any_words(
            before in "[a-zA-Zäöü_ -]{0,12}",
            seconds in 100_000_000_u64..9_999_999_999,
            serial in 0_u32..999_999_999,
            after in "(-[a-zA-Z]{1,8})?\\.(wav|WAV|gsm|mp3)",
        ) {
            let id = format!("{seconds}.{serial}");
            let name = format!("{before}{id}{after}");
            prop_assert_eq!(id_in(&name), Some(id.as_str()));
            let below = format!("2026/1795221359.1/{name}");
            prop_assert_eq!(id_in(&below), Some(id.as_str()));
        }

        #[test]
        fn any_text_is_a_name_or_none(text in "\\PC*", other in "\\PC*") {
            if let Some(id) = id_in(&text) {
                prop_assert!(base_name(&text).contains(id));
                prop_assert_eq!(bare_id(id), id);
            }
            prop_assert_eq!(is_told(&text, &text), text.chars().any(|letter| letter != '/'));
            if is_told(&text, &other) {
                prop_assert_eq!(base_name(text.trim_end_matches('/')), base_name(other.trim_end_matches('/')));
            }
        }
    }
}
