//! What was laid out, as a file.

use krilla::{
    Document,
    color::rgb,
    geom::{PathBuilder, Point, Rect, Size, Transform},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
    text::TextDirection,
};
use krilla_svg::{SurfaceExt, SvgSettings};

use super::{Ink, Mark, Paper, faces::Faces};
use crate::export::Broken;

/// The file.
pub(super) fn pdf(paper: &Paper) -> Result<Vec<u8>, Broken> {
    let (width, height) = paper.size;
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(paper.title.clone())
            .creator("Starboard".into())
            .language("en".into()),
    );
    for marks in &paper.pages {
        let settings = PageSettings::from_wh(width, height).ok_or(Broken::Fault)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, paper.faces, mark)?;
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| {
        tracing::error!(?error, "a document could not be written");
        Broken::Fault
    })
}

fn fill((red, green, blue): Ink) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

fn draw(surface: &mut Surface<'_>, faces: &Faces, mark: &Mark) -> Result<(), Broken> {
    match mark {
        Mark::Text {
            at: (left, top),
            size,
            face,
            ink,
            text,
        } => {
            let mut left = *left;
            surface.set_fill(Some(fill(*ink)));
            for (piece, cut) in faces.pieces(text, *face) {
                let at = Point::from_xy(left, *top);
                surface.draw_text(at, cut.font.clone(), *size, piece, false, TextDirection::Auto);
                left += faces.width(piece, (*size, *face));
            }
        }
        Mark::Box {
            at: (left, top),
            size: (width, height),
            ink,
        } => {
            let rect = Rect::from_xywh(*left, *top, *width, *height).ok_or(Broken::Fault)?;
            let mut path = PathBuilder::new();
            path.push_rect(rect);
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(*ink)));
                surface.draw_path(&path);
            }
        }
        Mark::Drawing {
            at: (left, top),
            size: (width, height),
            svg,
        } => {
            let tree = tree(svg, faces)?;
            let size = Size::from_wh(*width, *height).ok_or(Broken::Fault)?;
            surface.push_transform(&Transform::from_translate(*left, *top));
            surface.draw_svg(&tree, size, SvgSettings::default());
            surface.pop();
        }
    }
    Ok(())
}

/// A drawing of ours, read; nothing in it is fetched.
pub(super) fn tree(svg: &str, faces: &Faces) -> Result<usvg::Tree, Broken> {
    let options = usvg::Options {
        font_family: "Inter".into(),
        fontdb: faces.drawn.clone(),
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(svg, &options).map_err(|error| {
        tracing::error!(%error, "a drawing could not be read");
        Broken::Fault
    })
}
