//! What every chart shares: a canvas, the palette, text styles.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::error::{Error, Result};
use crate::text::escape;

/// Okabe and Ito's colours, without yellow and black: those vanish on white
/// and on dark pages.
pub(crate) const PALETTE: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
];

/// Stands for the colour of the surrounding text; [`draw`] replaces it.
pub(crate) const INK: RGBColor = RGBColor(0x01, 0x02, 0x03);

const INK_CODE: &str = "#010203";

/// A drawing surface that writes SVG.
pub(crate) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws on a canvas of `width` by `height` pixels and returns the SVG. Its
/// size is only a wish: it shrinks with the page, and `title` is read aloud.
pub(crate) fn draw(
    title: &str,
    (width, height): (u32, u32),
    paint: impl FnOnce(&Canvas) -> Result<()>,
) -> Result<String> {
    let mut svg = String::new();
    {
        let canvas = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        paint(&canvas)?;
        canvas.present().map_err(drawing)?;
    }
    let opening = format!(
        "<svg role=\"img\" aria-label=\"{}\" style=\"max-width:100%;height:auto\" ",
        escape(title)
    );
    Ok(svg
        .replacen("<svg ", &opening, 1)
        .replace(INK_CODE, "currentColor"))
}

/// Turns any of the drawing library's errors into ours.
pub(crate) fn drawing(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Drawing(Box::new(error))
}

/// A text style: `size` in pixels, anchored at its left, centre or right and
/// its vertical centre.
pub(crate) fn text_style(size: u32, anchor: HPos, colour: &RGBAColor) -> TextStyle<'static> {
    TextStyle {
        font: font(size),
        color: colour.to_backend_color(),
        pos: Pos::new(anchor, VPos::Center),
    }
}

/// The reader's own interface font, `size` pixels high.
pub(crate) fn font(size: u32) -> FontDesc<'static> {
    // The SVG backend divides sizes by 1.24.
    ("system-ui, sans-serif", f64::from(size) * 1.24).into_font()
}

/// The chart's title, at the top left.
pub(crate) fn draw_title(canvas: &Canvas, title: &str) -> Result<()> {
    let style = TextStyle {
        font: font(15).style(FontStyle::Bold),
        ..text_style(15, HPos::Left, &INK.to_rgba())
    };
    canvas.draw_text(title, &style, (8, 18)).map_err(drawing)
}

/// A filled rectangle without a border.
pub(crate) fn fill(
    canvas: &Canvas,
    corner: (i32, i32),
    size: (i32, i32),
    colour: RGBAColor,
) -> Result<()> {
    let opposite = (corner.0 + size.0, corner.1 + size.1);
    canvas
        .draw(&Rectangle::new([corner, opposite], colour.filled()))
        .map_err(drawing)
}
