//! Text from the telephone network, made safe to look at: nothing hides and nothing turns around.

use std::{borrow::Cow, fmt::Write};

/// Characters of a name shown at most; the rest is in its title.
pub const NAME_CHARS: usize = 48;

/// The same text with every control, direction and invisible character as a visible escape (`⟨U+202E⟩`).
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if hides(character) {
            // writing to a String cannot fail
            let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// [`visible`], and cut to `max_chars` with an ellipsis.
pub fn shortened(text: &str, max_chars: usize) -> String {
    let shown = visible(text);
    if shown.chars().count() <= max_chars {
        return shown.into_owned();
    }
    let mut cut: String = shown.chars().take(max_chars.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// The same text, kept together inside a sentence of ours: a name written from right to left would else take the
/// number or the arrow behind it along.
pub fn isolated(text: String) -> String {
    let turns = |character| {
        matches!(character, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
            | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
    };
    if text.chars().any(turns) {
        format!("\u{2068}{text}\u{2069}")
    } else {
        text
    }
}

fn hides(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{hides, isolated, shortened, visible};

    #[test]
    fn names_of_people_stay_as_they_are() {
        for name in [
            "Zoë Müller-Łęcka",
            "أحمد",
            "山田 太郎",
            "<b>bold</b>",
            "O'Neil & Sons",
        ] {
            assert_eq!(visible(name), name);
        }
    }

    #[test]
    fn what_hides_is_shown() {
        assert_eq!(visible("evil\u{202E}txt.exe"), "evil⟨U+202E⟩txt.exe");
        assert_eq!(visible("two\r\nlines"), "two⟨U+000D⟩⟨U+000A⟩lines");
        assert_eq!(visible("zero\u{200B}width\u{FEFF}"), "zero⟨U+200B⟩width⟨U+FEFF⟩");
        assert_eq!(visible("\u{7f}\u{85}"), "⟨U+007F⟩⟨U+0085⟩");
    }

    #[test]
    fn a_name_from_right_to_left_does_not_turn_what_is_beside_it() {
        assert_eq!(isolated("منى حسن".into()), "\u{2068}منى حسن\u{2069}");
        assert_eq!(isolated("Zoë".into()), "Zoë");
    }

    #[test]
    fn long_names_end_in_an_ellipsis() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdefg", 6), "abcde…");
    }

    proptest! {
        #[test]
        fn nothing_hides_in_any_text(text in any::<String>(), limit in 1usize..60) {
            prop_assert!(!visible(&text).chars().any(hides));
            prop_assert!(shortened(&text, limit).chars().count() <= limit);
        }
    }
}
