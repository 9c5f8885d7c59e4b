//! What several compositions are made of.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::canvas::{Canvas, Point};
use crate::color::Color;
use crate::noise::Noise;
use crate::style::Style;

/// A sky down to `horizon`, with clouds and a sun or moon.
pub(super) fn sky(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg, horizon: f32) {
    let palette = style.palette;
    let dusk = random.random_range(0.0..0.6);
    let high = palette
        .middle
        .mix(palette.light, 0.4)
        .mix(palette.deep, dusk * 0.5);
    let low = palette.light.mix(palette.accent, dusk * 0.4);
    let clouds = Noise::new(random.random());
    let cover = random.random_range(0.42..0.62);
    canvas.area((0.0, 0.0), (1.0, horizon), |(x, y)| {
        let height = y / horizon;
        let cloud = clouds.rough(x * 4.0, y * 9.0);
        let thick = ((cloud - cover) * 5.0).clamp(0.0, 0.8);
        let lit = palette.light.mix(Color::WHITE, 0.4);
        Some((high.mix(low, height * height).mix(lit, thick), 1.0))
    });
    if random.random_bool(0.6) {
        let sun = (
            random.random_range(0.15..0.85),
            random.random_range(0.12..0.6) * horizon,
        );
        let radius = random.random_range(0.03..0.06);
        let color = palette
            .light
            .mix(palette.accent, 0.25 + dusk * 0.5)
            .scale(1.15);
        canvas.glow(sun, radius * 5.0, color, 0.6);
        canvas.ellipse(sun, (radius, radius), |_| color);
    }
}

/// A ball, lit from the upper left.
pub(super) fn ball(canvas: &mut Canvas, middle: Point, radii: Point, color: Color) {
    canvas.ellipse(middle, radii, |(x, y)| {
        let facing = 1.0 - (x + 0.4).hypot(y + 0.45) / 1.6;
        color.scale(0.45 + 0.85 * facing)
    });
}

/// The outline of hills: heights of a ridge from left to right, closed below.
pub(super) fn ridge(noise: Noise, level: f32, rise: f32, waves: f32) -> Vec<Point> {
    let steps = 48;
    let mut corners: Vec<Point> = (0..=steps)
        .map(|step| {
            let x = step as f32 / steps as f32;
            (x, level - rise * noise.rough(x * waves, level * 10.0))
        })
        .collect();
    corners.extend([(1.0, 1.0), (0.0, 1.0)]);
    corners
}

/// A clothed figure's body: shoulders or a robe from `top` to `bottom`, with folds.
pub(super) fn robe(
    canvas: &mut Canvas,
    (x, top): Point,
    (shoulders, hem): (f32, f32),
    bottom: f32,
    color: Color,
) {
    let slope = (bottom - top) * 0.22;
    let corners = [
        (x - shoulders * 0.4, top),
        (x + shoulders * 0.4, top),
        (x + shoulders, top + slope),
        (x + hem, bottom),
        (x - hem, bottom),
        (x - shoulders, top + slope),
    ];
    canvas.polygon(&corners, |point| {
        let across = (point.0 - x) / hem;
        let folds = (across * 13.0).sin() * 0.12;
        color.scale(0.85 + folds - 0.3 * across)
    });
}
