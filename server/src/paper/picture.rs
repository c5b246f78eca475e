//! A drawing as a picture, for programs that show no SVG.

use resvg::tiny_skia::{Color, Pixmap, Transform};

use super::{faces::Faces, write::tree};
use crate::export::Broken;

/// Dots for each unit of the drawing: screens have two.
const SCALE: f32 = 2.0;

/// As PNG, on white.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, Broken> {
    let tree = tree(svg, Faces::all()?)?;
    let size = tree.size();
    let mut picture =
        Pixmap::new((size.width() * SCALE) as u32, (size.height() * SCALE) as u32).ok_or(Broken::Fault)?;
    picture.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    picture.encode_png().map_err(|error| {
        tracing::error!(%error, "a picture could not be written");
        Broken::Fault
    })
}
