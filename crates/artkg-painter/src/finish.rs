//! What time and the workshop do to a picture: ground, light, varnish, cracks,
//! signature and border.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::canvas::{Canvas, Point};
use crate::color::Color;
use crate::noise::Noise;
use crate::style::Style;
use crate::world::Motif;

/// The yellow of old varnish.
const VARNISH: Color = Color([1.0, 0.87, 0.58]);

/// The part of the side that a border takes.
const BORDER: f32 = 0.035;

/// Finishes a painted picture.
pub(crate) fn finish(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    sign(canvas, style, random);
    ground(canvas, style, random);
    tone(canvas, style);
    crack(canvas, style, random);
    if let Some(color) = style.border {
        frame(canvas, color);
    }
    let dust = Noise::new(random.random());
    canvas.all(|(x, y), color| {
        color.scale(0.97 + 0.06 * dust.cell((x * 1e4) as i32, (y * 1e4) as i32))
    });
}

/// The painter's ground shows through, and the weave of canvas or the fibres of
/// a panel.
fn ground(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let noise = Noise::new(random.random());
    let grain = style.grain;
    canvas.all(|(x, y), color| {
        let mottle = noise.rough(x * grain, y * grain) - 0.5;
        let support = if style.panel {
            noise.at(x * 60.0 + 100.0, y * 4.0) - 0.5
        } else {
            0.5 * ((x * 300.0).sin() * (y * 300.0).sin())
        };
        color.scale(1.0 + 0.28 * mottle + 0.06 * support)
    });
}

fn tone(canvas: &mut Canvas, style: &Style) {
    let tone = style.tone;
    canvas.all(|(x, y), color| {
        let distance = ((x - 0.5).powi(2) + (y - 0.48).powi(2)) * 2.0;
        let shade = 1.0 - tone.vignette * 0.75 * distance.min(1.0);
        let lit = color.saturate(tone.saturation).scale(tone.exposure * shade);
        let contrasted = Color(lit.0.map(|part| (part - 0.45) * tone.contrast + 0.45));
        contrasted.mix(contrasted.glaze(VARNISH), tone.varnish)
    });
}

fn crack(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let strength = style.tone.craquelure;
    if strength < 0.02 {
        return;
    }
    let noise = Noise::new(random.random());
    let cells = random.random_range(9.0..13.0);
    canvas.all(|(x, y), color| {
        // Straight cells would look like tiles.
        let bend = |offset: f32| 0.8 * noise.at(x * 8.0 + offset, y * 8.0);
        let distance = noise.net(x * cells + bend(0.0), y * cells + bend(50.0));
        let line = (1.0 - distance / 0.09).clamp(0.0, 1.0);
        color.scale(1.0 - 0.6 * strength * line)
    });
}

fn frame(canvas: &mut Canvas, color: Color) {
    canvas.all(|(x, y), paint| {
        let edge = x.min(y).min(1.0 - x).min(1.0 - y);
        if edge >= BORDER {
            return paint;
        }
        // A bevel: lit from the upper left.
        let lit = if x.min(y) < (1.0 - x).min(1.0 - y) {
            1.15
        } else {
            0.85
        };
        let round = 0.8 + 0.4 * (edge / BORDER * std::f32::consts::PI).sin();
        color.scale(lit * round)
    });
}

/// Puts the painter's motif near a lower corner, sometimes an upper one.
fn sign(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let x = if random.random_bool(0.5) { 0.2 } else { 0.8 };
    let y = if random.random_bool(0.8) { 0.82 } else { 0.2 };
    let middle = (
        x + random.random_range(-0.03..0.03),
        y + random.random_range(-0.03..0.03),
    );
    let Some(motif) = style.motif else {
        return;
    };
    let size = random.random_range(0.055..0.07);
    let color = style.motif_color;
    canvas.glow(middle, size * 1.9, Color::BLACK, 0.45);
    let around = |angle: f32, radius: f32| -> Point {
        (
            middle.0 + size * radius * angle.sin(),
            middle.1 - size * radius * angle.cos(),
        )
    };
    let turn = std::f32::consts::TAU;
    match motif {
        Motif::Star => {
            let corners: Vec<Point> = (0..10)
                .map(|i| around(turn * i as f32 / 10.0, [1.0, 0.42][i % 2]))
                .collect();
            canvas.polygon(&corners, |_| color);
        }
        Motif::Flower => {
            for petal in 0..5 {
                let centre = around(turn * petal as f32 / 5.0, 0.6);
                canvas.ellipse(centre, (size * 0.42, size * 0.42), |_| color);
            }
            canvas.ellipse(middle, (size * 0.3, size * 0.3), |_| color.scale(0.5));
        }
        Motif::Diamond => {
            let corners = [0.0, 0.25, 0.5, 0.75].map(|part| around(turn * part, 1.0));
            canvas.polygon(&corners, |(x, _)| {
                color.scale(if x < middle.0 { 1.0 } else { 0.75 })
            });
        }
        Motif::Leaf => {
            canvas.area(
                (middle.0 - size, middle.1 - size),
                (middle.0 + size, middle.1 + size),
                |(x, y)| {
                    // Two circles' overlap, lying along the diagonal.
                    let (right, down) = ((x - middle.0) / size, (y - middle.1) / size);
                    let (along, across) = ((right - down) * 0.707, (right + down) * 0.707);
                    let inside = along * along + (across.abs() + 0.75).powi(2) <= 1.56;
                    let vein = if across.abs() < 0.1 { 0.6 } else { 1.0 };
                    inside.then(|| (color.scale(vein), 1.0))
                },
            );
        }
        Motif::Crescent => {
            canvas.area(
                (middle.0 - size, middle.1 - size),
                (middle.0 + size, middle.1 + size),
                |(x, y)| {
                    let (right, down) = ((x - middle.0) / size, (y - middle.1) / size);
                    let inside = right.hypot(down) <= 1.0 && (right - 0.45).hypot(down) > 0.8;
                    inside.then_some((color, 1.0))
                },
            );
        }
        Motif::Bird => {
            let wing = |side: f32| {
                [(0.0, 0.35), (0.45, -0.45), (1.1, -0.25), (0.5, -0.1)]
                    .map(|(x, y)| (middle.0 + side * x * size, middle.1 + y * size))
            };
            canvas.polygon(&wing(1.0), |_| color);
            canvas.polygon(&wing(-1.0), |_| color);
        }
        Motif::Ring => {
            canvas.area(
                (middle.0 - size, middle.1 - size),
                (middle.0 + size, middle.1 + size),
                |(x, y)| {
                    let distance = (x - middle.0).hypot(y - middle.1) / size;
                    (0.55..=0.95).contains(&distance).then_some((color, 1.0))
                },
            );
        }
    }
}
