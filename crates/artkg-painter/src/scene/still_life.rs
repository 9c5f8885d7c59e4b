//! Fruit, a vessel and flowers on a table.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::canvas::{Canvas, Point};
use crate::color::Color;
use crate::scene::shapes::ball;
use crate::style::Style;

pub(super) fn draw(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let palette = style.palette;
    let edge = random.random_range(0.6..0.7);
    let wall = palette
        .deep
        .mix(palette.earth, random.random_range(0.1..0.6));
    canvas.all(|(x, y), _| wall.scale(1.5 - 0.6 * x - 0.35 * y));
    let cloth = random.random_bool(0.5);
    let table = if cloth { palette.light } else { palette.earth };
    canvas.area((0.0, edge), (1.0, 1.0), |(x, y)| {
        let pattern = if cloth {
            0.1 * ((x * 25.0 + (y * 9.0).sin() * 2.0).sin())
        } else {
            0.08 * (y * 120.0 + (x * 5.0).sin() * 3.0).sin()
        };
        Some((table.scale(1.05 + pattern - 0.5 * (y - edge)), 1.0))
    });
    style.brush(canvas, random);
    let place = (random.random_range(0.35..0.65), edge + 0.08);
    let flowers = random.random_bool(0.55);
    vessel(canvas, style, place, flowers, random);
    let fruits = [
        palette.accent,
        palette.middle.scale(1.1),
        Color([0.72, 0.16, 0.12]),
        Color([0.88, 0.66, 0.18]),
        Color([0.42, 0.55, 0.18]),
        Color([0.36, 0.16, 0.34]),
    ];
    let kind = random.random_range(0..fruits.len());
    let other = random.random_range(0..fruits.len());
    let count = random.random_range(4..9);
    let mut places: Vec<Point> = (0..count)
        .map(|_| {
            (
                random.random_range(0.12..0.88),
                edge + random.random_range(0.06..0.2),
            )
        })
        .collect();
    places.sort_by(|one, two| one.1.total_cmp(&two.1));
    let mut fruit_shapes = Vec::new();
    for (x, y) in places {
        let radius = random.random_range(0.05..0.085);
        let color = fruits[if random.random_bool(0.65) {
            kind
        } else {
            other
        }];
        canvas.ellipse(
            (x + radius * 0.5, y + radius * 0.75),
            (radius * 1.25, radius * 0.35),
            |_| table.scale(0.4),
        );
        ball(canvas, (x, y), (radius, radius * 0.95), color.scale(1.25));
        fruit_shapes.push((x, y, radius));
    }
    style.touch_up(canvas, random);
    for (x, y, radius) in fruit_shapes {
        canvas.glow(
            (x - radius * 0.35, y - radius * 0.4),
            radius * 0.4,
            Color::WHITE,
            0.9,
        );
        let stem = (x + radius * 0.1, y - radius * 1.25);
        canvas.line((x, y - radius * 0.85), stem, radius * 0.12, palette.deep);
    }
}

/// A jug or vase, standing at `(x, y)`, with or without flowers.
fn vessel(canvas: &mut Canvas, style: &Style, (x, y): Point, flowers: bool, random: &mut Pcg64Mcg) {
    let palette = style.palette;
    let height = random.random_range(0.24..0.34);
    let belly = random.random_range(0.09..0.14);
    let top = y - height;
    if flowers {
        for _ in 0..random.random_range(6..11) {
            let angle: f32 = random.random_range(-1.1..1.1);
            let length = random.random_range(0.1..0.27);
            let end = (x + length * angle.sin() * 1.15, top - length * angle.cos());
            canvas.line((x, top), end, 0.012, Color([0.25, 0.38, 0.16]));
            let colors = [palette.accent, palette.light, palette.middle];
            let color = colors[random.random_range(0..3)];
            let size = random.random_range(0.035..0.055);
            for petal in 0..6 {
                let turn = petal as f32 * std::f32::consts::TAU / 6.0;
                let middle = (
                    end.0 + size * 0.6 * turn.cos(),
                    end.1 + size * 0.6 * turn.sin(),
                );
                canvas.ellipse(middle, (size * 0.5, size * 0.5), |(u, v)| {
                    color.scale(1.05 - 0.15 * (u + v))
                });
            }
            canvas.ellipse(end, (size * 0.35, size * 0.35), |_| {
                palette.earth.scale(1.1)
            });
        }
    }
    let glaze = [
        palette.middle,
        palette.light.mix(palette.middle, 0.3),
        palette.accent.mix(palette.deep, 0.4),
    ][random.random_range(0..3)];
    let neck = belly * random.random_range(0.35..0.6);
    canvas.area((x - belly, top), (x + belly, y), |(px, py)| {
        let part = (py - top) / height;
        // A narrow neck, a round belly and a foot.
        let swell = ((part - 0.12) / 0.88 * std::f32::consts::PI).sin().max(0.0);
        let half = neck + (belly - neck) * swell.powf(0.8);
        let across = (px - x) / half;
        (across.abs() <= 1.0).then(|| {
            let shine = (1.0 - (across + 0.4).abs() * 4.0).max(0.0) * 0.3;
            (glaze.scale(1.0 - 0.45 * across + shine), 1.0)
        })
    });
    if !flowers && random.random_bool(0.6) {
        let side = if random.random_bool(0.5) { 1.0 } else { -1.0 };
        let handle: Vec<Point> = (0..=8)
            .map(|step| {
                let turn = step as f32 / 8.0 * std::f32::consts::PI;
                let out = belly * 0.7 + belly * 0.7 * turn.sin();
                (
                    x + side * out,
                    top + height * (0.15 + 0.45 * step as f32 / 8.0),
                )
            })
            .collect();
        for pair in handle.windows(2) {
            canvas.line(pair[0], pair[1], 0.022, glaze.scale(0.8));
        }
    }
}
