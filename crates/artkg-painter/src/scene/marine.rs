//! Ships at sea.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::canvas::{Canvas, Point};
use crate::noise::Noise;
use crate::scene::shapes::{ridge, sky};
use crate::style::Style;

pub(super) fn draw(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let palette = style.palette;
    let horizon = random.random_range(0.5..0.68);
    sky(canvas, style, random, horizon);
    let noise = Noise::new(random.random());
    if random.random_bool(0.4) {
        let coast = palette.middle.mix(palette.deep, 0.35);
        canvas.polygon(&ridge(noise, horizon + 0.02, 0.16, 2.5), |_| coast);
    }
    let sea = palette.middle.mix(palette.deep, 0.55);
    let storm = random.random_range(0.6..1.6);
    let waves = |x: f32, y: f32| {
        let near = (y - horizon) / (1.0 - horizon);
        let length = 30.0 - 20.0 * near;
        noise.rough(x * length * 0.5, y * length * 2.6)
    };
    canvas.area((0.0, horizon), (1.0, 1.0), |(x, y)| {
        let near = (y - horizon) / (1.0 - horizon);
        let crest = waves(x, y) - 0.5;
        let water = sea
            .mix(palette.light, 0.35 * (1.0 - near))
            .scale(1.05 + crest * storm);
        let foam = ((crest * storm - 0.22) * 8.0).clamp(0.0, 0.7);
        Some((water.mix(palette.light, foam), 1.0))
    });
    style.brush(canvas, random);

    let count = random.random_range(1..4);
    let mut ships: Vec<(Point, f32)> = (0..count)
        .map(|_| {
            let near: f32 = random.random_range(0.03..0.25);
            let x = random.random_range(0.15..0.85);
            ((x, horizon + near), 0.07 + near * 0.62)
        })
        .collect();
    ships.sort_by(|one, other| one.1.total_cmp(&other.1));
    let wind = if random.random_bool(0.5) { 1.0 } else { -1.0 };
    for (place, size) in ships {
        ship(canvas, style, place, size, wind, random);
    }
    style.touch_up(canvas, random);
    for _ in 0..random.random_range(0..5) {
        let (x, y) = (
            random.random_range(0.1..0.9),
            random.random_range(0.08..0.4),
        );
        let span = random.random_range(0.012..0.025);
        for side in [-1.0, 1.0] {
            canvas.line(
                (x, y),
                (x + side * span, y - span * 0.6),
                0.006,
                palette.deep,
            );
        }
    }
}

/// A hull with one to three masts, its sails filled by the wind.
fn ship(
    canvas: &mut Canvas,
    style: &Style,
    (x, y): Point,
    size: f32,
    wind: f32,
    random: &mut Pcg64Mcg,
) {
    let palette = style.palette;
    let wood = palette.earth.mix(palette.deep, 0.5);
    let masts = random.random_range(1..4);
    let sail = palette.light.mix(
        palette.accent,
        if random.random_bool(0.3) { 0.6 } else { 0.05 },
    );
    for mast in 0..masts {
        let part = (mast as f32 + 1.0) / (masts as f32 + 1.0) * 2.0 - 1.0;
        let foot = (x + part * size * 0.8, y - size * 0.1);
        let top = (foot.0, y - size * random.random_range(1.5..1.9));
        canvas.line(foot, top, size * 0.06, wood.scale(0.8));
        let low = y - size * 0.3;
        let belly = foot.0 + wind * size * 0.75;
        let corners = [
            (foot.0, top.1 + size * 0.1),
            (foot.0 + wind * size * 0.45, top.1 + size * 0.45),
            (belly, low - size * 0.25),
            (foot.0 + wind * size * 0.55, low),
            (foot.0, low),
        ];
        canvas.polygon(&corners, |point| {
            let fill = (point.0 - foot.0) * wind / (size * 0.75);
            sail.scale(0.82 + 0.3 * fill)
        });
    }
    let hull = [
        (x - size * 1.1, y - size * 0.28),
        (x + size * 1.1, y - size * 0.28),
        (x + size * 0.8, y + size * 0.12),
        (x - size * 0.8, y + size * 0.12),
    ];
    canvas.polygon(&hull, |point| {
        wood.scale(1.25 - (point.1 - y + size * 0.28) / size)
    });
    // Its reflection, and a wake.
    canvas.area(
        (x - size, y + size * 0.12),
        (x + size, y + size * 0.5),
        |point| {
            let fade = 1.0 - (point.1 - y) / (size * 0.5);
            let ripple = (point.1 * 260.0).sin() * 0.25;
            Some((palette.deep, (0.5 * fade + ripple * fade).clamp(0.0, 0.6)))
        },
    );
    canvas.line(
        (x - size * 1.1, y + size * 0.14),
        (x + size * 1.1, y + size * 0.14),
        size * 0.05,
        palette.light,
    );
    if random.random_bool(0.7) {
        let top = (x, y - size * 1.95);
        let flag = [
            top,
            (top.0 + wind * size * 0.4, top.1 + size * 0.1),
            (top.0, top.1 + size * 0.2),
        ];
        canvas.line((x, y - size * 1.2), top, size * 0.05, wood.scale(0.8));
        canvas.polygon(&flag, |_| palette.accent);
    }
}
