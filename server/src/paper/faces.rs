//! The typefaces: Inter, as on the pages, and DejaVu Sans for letters that it does not have.

use std::sync::LazyLock;

use app::words::visible;
use krilla::text::Font;
use usvg::fontdb::Database;

use crate::export::Broken;

static REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.ttf");
static SEMIBOLD: &[u8] = include_bytes!("../../fonts/Inter-SemiBold.ttf");

/// How strong letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Plain,
    Strong,
}

/// One file of a typeface.
pub(super) struct Cut {
    /// For the document,
    pub(super) font: Font,
    /// and to measure.
    metrics: ttf_parser::Face<'static>,
}

impl Cut {
    fn new(bytes: &'static [u8]) -> Option<Self> {
        Some(Self {
            font: Font::new(bytes.into(), 0)?,
            metrics: ttf_parser::Face::parse(bytes, 0).ok()?,
        })
    }

    fn has(&self, letter: char) -> bool {
        self.metrics.glyph_index(letter).is_some()
    }

    /// How wide a letter is that is one high.
    fn advance(&self, letter: char) -> f32 {
        let glyph = self.metrics.glyph_index(letter).unwrap_or_default();
        let advance = self.metrics.glyph_hor_advance(glyph).unwrap_or_default();
        f32::from(advance) / f32::from(self.metrics.units_per_em())
    }
}

/// All of them.
pub(crate) struct Faces {
    plain: Cut,
    strong: Cut,
    other: Cut,
    /// The same for drawings.
    pub(super) drawn: std::sync::Arc<Database>,
}

impl std::fmt::Debug for Faces {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Faces")
    }
}

static ALL: LazyLock<Option<Faces>> = LazyLock::new(|| {
    let mut drawn = Database::new();
    for bytes in [REGULAR, SEMIBOLD, dejavu::sans::regular()] {
        drawn.load_font_source(usvg::fontdb::Source::Binary(std::sync::Arc::new(bytes)));
    }
    drawn.set_sans_serif_family("Inter");
    Some(Faces {
        plain: Cut::new(REGULAR)?,
        strong: Cut::new(SEMIBOLD)?,
        other: Cut::new(dejavu::sans::regular())?,
        drawn: std::sync::Arc::new(drawn),
    })
});

/// A size and a strength.
type Style = (f32, Face);

impl Faces {
    /// They are part of the program: that they can be read is tested.
    pub(super) fn all() -> Result<&'static Self, Broken> {
        ALL.as_ref().ok_or_else(|| {
            tracing::error!("the typefaces could not be read");
            Broken::Fault
        })
    }

    fn cut(&self, face: Face, letter: char) -> &Cut {
        let wanted = match face {
            Face::Plain => &self.plain,
            Face::Strong => &self.strong,
        };
        if wanted.has(letter) || !self.other.has(letter) {
            wanted
        } else {
            &self.other
        }
    }

    fn advance(&self, letter: char, (size, face): Style) -> f32 {
        self.cut(face, letter).advance(letter) * size
    }

    /// How wide a text is.
    pub(super) fn width(&self, text: &str, style: Style) -> f32 {
        text.chars().map(|letter| self.advance(letter, style)).sum()
    }

    /// The text in pieces, each of one typeface.
    pub(super) fn pieces<'text>(&self, text: &'text str, face: Face) -> Vec<(&'text str, &Cut)> {
        let mut pieces: Vec<(&str, &Cut)> = Vec::new();
        let mut begins = 0;
        let mut before: Option<&Cut> = None;
        for (at, letter) in text.char_indices() {
            let cut = self.cut(face, letter);
            // spaces and signs stay with the letters around them
            let cut = before
                .filter(|before| !letter.is_alphabetic() && before.has(letter))
                .unwrap_or(cut);
            match before {
                Some(last) if !std::ptr::eq(last, cut) => {
                    pieces.push((text.get(begins..at).unwrap_or_default(), last));
                    begins = at;
                }
                _ => {}
            }
            before = Some(cut);
        }
        if let Some(last) = before {
            pieces.push((text.get(begins..).unwrap_or_default(), last));
        }
        pieces
    }

    /// As much of a text as has room, with an ellipsis where that is not all of it; what hides in it is made visible.
    pub(super) fn shortened(&self, text: &str, style: Style, most: f32) -> String {
        let text = visible(text);
        let text = text.as_ref();
        if self.width(text, style) <= most {
            return text.to_owned();
        }
        let mut left = most - self.advance('…', style);
        let fits = |letter: &char| {
            left -= self.advance(*letter, style);
            left >= 0.0
        };
        let begins: String = text.chars().take_while(fits).collect();
        format!("{}…", begins.trim_end())
    }

    /// A text broken where words end; what hides in it is made visible.
    pub(super) fn lines(&self, text: &str, style: Style, most: f32) -> Vec<String> {
        let text = visible(text);
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), style) <= most => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(self.shortened(word, style, most)),
            }
        }
        lines
    }
}
