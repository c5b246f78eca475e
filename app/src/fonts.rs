//! Which cuts of the typeface a page needs. The document asks for them at its head: they come with the style, and
//! nothing is drawn in another face first.

use std::sync::LazyLock;

use telephony::Row;

use crate::live::protocol::{LiveSnapshot, Rows};

/// Where the cuts are declared, and for which characters.
const STYLE: &str = include_str!("../../style/base.css");

/// One cut.
struct Cut {
    path: &'static str,
    ranges: Vec<(u32, u32)>,
}

static CUTS: LazyLock<Vec<Cut>> =
    LazyLock::new(|| STYLE.split("@font-face").skip(1).filter_map(cut).collect());

/// The files for the page's own words and for the names on a board.
pub(crate) fn of_page(snapshot: Option<&LiveSnapshot<Rows>>) -> Vec<&'static str> {
    let rows = snapshot.into_iter().flat_map(|snapshot| &snapshot.pbxs);
    let names = rows.flat_map(|pbx| &pbx.board).flat_map(|row| match row {
        Row::Extension(row) => vec![row.name.as_deref()],
        Row::Call(row) => vec![row.caller.name.as_deref(), row.callee.name.as_deref()],
        Row::Queue(row) => row.waiting.iter().map(|caller| caller.name.as_deref()).collect(),
        Row::Trunk(_) | Row::Parked(_) | Row::Conference(_) => Vec::new(),
    });
    for_text(names.flatten().chain(["a"]))
}

fn for_text<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'static str> {
    let mut needed = vec![false; CUTS.len()];
    for character in texts.flat_map(str::chars) {
        let code = u32::from(character);
        // of two that have it a browser takes the one that is declared last
        let last = CUTS.iter().rposition(|cut| {
            let mut ranges = cut.ranges.iter();
            ranges.any(|(first, last)| (*first..=*last).contains(&code))
        });
        if let Some(at) = last {
            needed[at] = true;
        }
    }
    let cuts = CUTS.iter().zip(needed);
    cuts.filter(|(_, needed)| *needed)
        .map(|(cut, _)| cut.path)
        .collect()
}

fn cut(declared: &'static str) -> Option<Cut> {
    let (_, rest) = declared.split_once("url(\"")?;
    let (path, rest) = rest.split_once('"')?;
    let (_, rest) = rest.split_once("unicode-range:")?;
    let (ranges, _) = rest.split_once(';')?;
    let ranges = ranges.split(',').filter_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let code = |text: &str| u32::from_str_radix(text.trim().trim_start_matches("U+"), 16).ok();
        Some((code(first)?, code(last)?))
    });
    Some(Cut {
        path,
        ranges: ranges.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::for_text;

    #[test]
    fn names_ask_for_the_cuts_that_they_are_written_in() {
        let cuts = |names: &[&'static str]| for_text(names.iter().copied());
        assert_eq!(cuts(&["Alice", "Søren"]), ["/fonts/inter-latin.woff2"]);
        assert_eq!(
            cuts(&["Łódź"]),
            ["/fonts/inter-latin-ext.woff2", "/fonts/inter-latin.woff2"]
        );
        assert_eq!(cuts(&["Ольга"]), ["/fonts/inter-cyrillic.woff2"]);
        assert_eq!(cuts(&["Κώστας"]), ["/fonts/inter-greek.woff2"]);
        // the browser looks for its own
        assert!(cuts(&["李伟", "رانيا"]).is_empty());
    }
}
