//! The five compositions.

mod landscape;
mod marine;
mod portrait;
mod religious;
mod shapes;
mod still_life;

use rand_pcg::Pcg64Mcg;

use crate::canvas::Canvas;
use crate::style::Style;
use crate::world::Composition;

/// Paints a picture of `side` pixels, without its finish.
pub(crate) fn paint(
    side: usize,
    composition: Composition,
    style: &Style,
    random: &mut Pcg64Mcg,
) -> Canvas {
    let mut canvas = Canvas::new(side, style.palette.middle);
    let draw = match composition {
        Composition::Portrait => portrait::draw,
        Composition::Landscape => landscape::draw,
        Composition::StillLife => still_life::draw,
        Composition::Marine => marine::draw,
        Composition::Religious => religious::draw,
    };
    draw(&mut canvas, style, random);
    canvas
}
