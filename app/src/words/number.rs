//! A number as a person types or clicks it, checked before anything is asked of a PBX.

/// Most characters of a number that can be dialled.
pub const MAX_NUMBER_CHARS: usize = 32;

/// Why a number cannot be dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberProblem {
    /// Nothing typed.
    #[error("Type a number first.")]
    Empty,
    /// Too long.
    #[error("A number has at most 32 characters.")]
    TooLong,
    /// A character no phone has.
    #[error("“{0}” cannot be dialled: use digits, *, # and a leading +.")]
    Character(char),
    /// A plus that is not the first character.
    #[error("A + can only stand at the beginning.")]
    PlusInside,
    /// A plus with nothing behind it.
    #[error("Type the number after the +.")]
    PlusAlone,
}

/// The number without the spaces, dashes, dots, slashes and brackets people write it with, and without `tel:`.
pub fn check_number(typed: &str) -> Result<String, NumberProblem> {
    let typed = typed.trim();
    let typed = typed
        .get(..4)
        .filter(|scheme| scheme.eq_ignore_ascii_case("tel:"))
        .map_or(typed, |scheme| &typed[scheme.len()..]);
    // the parameters of a tel: address (`;ext=`, `;phone-context=`) are not dialled
    let typed = typed.split(';').next().unwrap_or(typed);
    let mut number = String::new();
    for character in typed.chars() {
        match character {
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{202f}' => {}
            '+' if !number.is_empty() => return Err(NumberProblem::PlusInside),
            '0'..='9' | '*' | '#' | '+' => number.push(character),
            other => return Err(NumberProblem::Character(other)),
        }
    }
    match number.as_str() {
        "" => Err(NumberProblem::Empty),
        "+" => Err(NumberProblem::PlusAlone),
        _ if number.len() > MAX_NUMBER_CHARS => Err(NumberProblem::TooLong),
        _ => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NumberProblem, check_number};

    #[test]
    fn written_numbers_become_dialled_ones() {
        let cases = [
            ("1001", "1001"),
            (" +49 (0) 30/123-45 ", "+4903012345"),
            ("tel:+1-201-555-0123;ext=7", "+12015550123"),
            ("TEL:555", "555"),
            ("*97", "*97"),
            ("#31#", "#31#"),
        ];
        for (typed, number) in cases {
            assert_eq!(check_number(typed).as_deref(), Ok(number));
        }
    }

    #[test]
    fn what_cannot_be_dialled_says_why() {
        let cases = [
            ("", NumberProblem::Empty),
            (" - ", NumberProblem::Empty),
            ("+", NumberProblem::PlusAlone),
            ("1+2", NumberProblem::PlusInside),
            ("10&SIP", NumberProblem::Character('&')),
            ("1001\r\nAction: x", NumberProblem::Character('\r')),
            ("anna", NumberProblem::Character('a')),
            ("123456789012345678901234567890123", NumberProblem::TooLong),
        ];
        for (typed, problem) in cases {
            assert_eq!(check_number(typed), Err(problem));
        }
    }

    proptest! {
        #[test]
        fn only_dialled_characters_pass(typed in any::<String>()) {
            if let Ok(number) = check_number(&typed) {
                prop_assert!((1..=32).contains(&number.len()));
                prop_assert!(number.bytes().all(|byte| b"0123456789*#+".contains(&byte)));
                prop_assert_eq!(check_number(&number), Ok(number.clone()));
            }
        }
    }
}
