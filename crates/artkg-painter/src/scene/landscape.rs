//! Hills under a sky, with trees and sometimes a river or a house.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::canvas::{Canvas, Point};
use crate::color::Color;
use crate::noise::Noise;
use crate::scene::shapes::{ball, ridge, sky};
use crate::style::Style;

pub(super) fn draw(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let palette = style.palette;
    let horizon = random.random_range(0.45..0.6);
    sky(canvas, style, random, horizon + 0.05);
    let noise = Noise::new(random.random());
    let far = palette.middle.mix(palette.light, 0.5);
    canvas.polygon(&ridge(noise, horizon + 0.04, 0.2, 3.0), |_| far);
    let green = Color([0.36, 0.45, 0.2]);
    let meadow = palette.earth.mix(palette.middle, 0.4).mix(green, 0.35);
    canvas.polygon(&ridge(noise, horizon + 0.12, 0.14, 2.0), |(_, y)| {
        meadow.mix(far, 0.5).scale(1.3 - 0.5 * y)
    });
    let near = meadow.mix(palette.deep, 0.15);
    canvas.polygon(&ridge(noise, horizon + 0.28, 0.12, 1.6), |(x, y)| {
        near.scale(1.25 - 0.55 * y + 0.15 * noise.at(x * 12.0, y * 20.0))
    });

    if random.random_bool(0.55) {
        let mouth = random.random_range(0.35..0.65);
        let end = random.random_range(0.1..0.9);
        let water = palette.light.mix(palette.middle, 0.35);
        let bend = |part: f32| mouth + (end - mouth) * part + 0.09 * (part * 6.0).sin();
        let top = horizon + 0.16;
        canvas.area((0.0, top), (1.0, 1.0), |(x, y)| {
            let part = (y - top) / (1.0 - top);
            let half = 0.015 + 0.1 * part * part;
            ((x - bend(part)).abs() < half).then(|| (water.scale(1.05 - 0.25 * part), 1.0))
        });
    }
    style.brush(canvas, random);
    if random.random_bool(0.45) {
        house(
            canvas,
            style,
            (random.random_range(0.2..0.8), horizon + 0.13),
            random,
        );
    }
    let mut feet: Vec<Point> = (0..random.random_range(3..8))
        .map(|_| {
            let y: f32 = horizon + random.random_range(0.12..0.4);
            (random.random_range(0.02..0.98), y)
        })
        .collect();
    // Near trees stand before far ones.
    feet.sort_by(|one, other| one.1.total_cmp(&other.1));
    let slender = random.random_bool(0.35);
    let leaves = palette
        .deep
        .mix(green, 0.45)
        .mix(palette.accent, random.random_range(0.0..0.35));
    for foot in feet {
        tree(
            canvas,
            style,
            foot,
            (foot.1 - horizon + 0.05) * 1.1,
            slender,
            leaves,
            random,
        );
    }
    style.touch_up(canvas, random);
}

fn house(canvas: &mut Canvas, style: &Style, (x, y): Point, random: &mut Pcg64Mcg) {
    let size = random.random_range(0.05..0.08);
    let wall = style.palette.light.scale(0.92);
    let corners = [
        (x - size, y - size),
        (x + size, y - size),
        (x + size, y),
        (x - size, y),
    ];
    canvas.polygon(&corners, |point| {
        wall.scale(if point.0 < x { 1.0 } else { 0.8 })
    });
    let roof = [
        (x - size * 1.2, y - size),
        (x, y - size * 1.8),
        (x + size * 1.2, y - size),
    ];
    canvas.polygon(&roof, |_| style.palette.accent.scale(0.85));
    let door = [
        (x - size * 0.2, y - size * 0.6),
        (x + size * 0.2, y - size * 0.6),
    ];
    canvas.polygon(&[door[0], door[1], (door[1].0, y), (door[0].0, y)], |_| {
        style.palette.deep
    });
}

fn tree(
    canvas: &mut Canvas,
    style: &Style,
    (x, y): Point,
    height: f32,
    slender: bool,
    leaves: Color,
    random: &mut Pcg64Mcg,
) {
    let trunk = style.palette.earth.mix(style.palette.deep, 0.6);
    canvas.line((x, y), (x, y - height * 0.6), height * 0.08, trunk);
    if slender {
        ball(
            canvas,
            (x, y - height * 0.65),
            (height * 0.16, height * 0.55),
            leaves.scale(1.2),
        );
        return;
    }
    for _ in 0..6 {
        let middle = (
            x + height * random.random_range(-0.28..0.28),
            y - height * random.random_range(0.5..0.95),
        );
        let radius = height * random.random_range(0.16..0.3);
        let shade = random.random_range(0.95..1.35);
        ball(canvas, middle, (radius, radius * 0.85), leaves.scale(shade));
    }
}
