//! A person, to the shoulders, before a dark or plain ground.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::canvas::Canvas;
use crate::color::Color;
use crate::scene::shapes::{ball, robe};
use crate::style::Style;

pub(super) fn draw(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let palette = style.palette;
    let x = random.random_range(0.37..0.63);
    let y = random.random_range(0.33..0.44);
    let size = random.random_range(0.125..0.2);
    let wall = palette
        .deep
        .mix(palette.earth, random.random_range(0.1..0.7));
    let lamp = x + random.random_range(-0.35..0.35);
    canvas.all(|point, _| {
        let distance = (point.0 - lamp).hypot(point.1 - y);
        wall.scale(1.35 - distance)
    });
    match random.random_range(0..4) {
        0 => window(canvas, style, random),
        1 => curtain(canvas, style, random),
        _ => {}
    }
    style.brush(canvas, random);

    let cloth = [
        palette.accent,
        palette.middle,
        palette.deep.mix(palette.middle, 0.4),
    ][random.random_range(0..3)];
    let hair = [
        palette.deep.scale(0.6),
        palette.earth.scale(0.7),
        Color([0.75, 0.6, 0.35]),
        Color([0.72, 0.70, 0.68]),
    ][random.random_range(0..4)];
    let long_hair = random.random_bool(0.5);
    if long_hair {
        canvas.ellipse((x, y + size * 0.5), (size * 1.15, size * 1.9), |(u, _)| {
            hair.scale(0.8 - 0.3 * u)
        });
    }
    let shoulders = size * random.random_range(2.0..2.5);
    robe(
        canvas,
        (x, y + size * 1.35),
        (shoulders, shoulders * 1.1),
        1.02,
        cloth,
    );
    let neck = (x, y + size * 1.15);
    canvas.ellipse(neck, (size * 0.45, size * 0.7), |(u, _)| {
        style.skin.scale(0.8 - 0.15 * u)
    });
    if random.random_bool(0.5) {
        let collar = (x, y + size * 1.65);
        canvas.ellipse(collar, (size * 1.1, size * 0.35), |(u, v)| {
            palette
                .light
                .scale(1.0 - 0.15 * (u * 20.0).sin().abs() - 0.15 * v)
        });
    }
    canvas.ellipse((x, y - size * 0.2), (size * 1.0, size * 1.25), |(u, _)| {
        hair.scale(0.95 - 0.3 * u)
    });
    ball(
        canvas,
        (x, y + size * 0.12),
        (size * 0.8, size * 1.1),
        style.skin.scale(1.18),
    );
    style.touch_up(canvas, random);
    face(canvas, style, (x, y + size * 0.1), size);

    if random.random_bool(0.4) {
        let hat = palette
            .accent
            .mix(palette.deep, random.random_range(0.2..0.8));
        let brim = y - size * 0.75;
        canvas.ellipse(
            (x, brim - size * 0.3),
            (size * 0.85, size * 0.6),
            |(u, _)| hat.scale(0.95 - 0.3 * u),
        );
        canvas.ellipse((x, brim), (size * 1.5, size * 0.25), |(_, v)| {
            hat.scale(0.8 - 0.3 * v)
        });
        if random.random_bool(0.5) {
            let tip = (x + size * 1.3, brim - size * 0.8);
            canvas.line(
                (x + size * 0.4, brim - size * 0.2),
                tip,
                size * 0.2,
                palette.light,
            );
        }
    }
}

/// A window to a bright day, on either side.
fn window(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let palette = style.palette;
    let left = [0.06, 0.72][random.random_range(0..2)];
    let (top, bottom) = (
        random.random_range(0.08..0.2),
        random.random_range(0.42..0.6),
    );
    let meadow = random.random_range(0.55..0.8);
    canvas.area((left, top), (left + 0.22, bottom), |(_, y)| {
        let sky = palette.light.mix(palette.middle, 0.2);
        let hill = (y - top) / (bottom - top) > meadow;
        Some((
            if hill {
                palette.middle.mix(palette.earth, 0.4)
            } else {
                sky
            },
            1.0,
        ))
    });
    canvas.line(
        (left + 0.11, top),
        (left + 0.11, bottom),
        0.012,
        palette.deep,
    );
}

/// A hanging cloth on one side.
fn curtain(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let cloth = style
        .palette
        .accent
        .mix(style.palette.deep, random.random_range(0.2..0.6));
    let width = random.random_range(0.16..0.3);
    let right = random.random_bool(0.5);
    canvas.all(|(x, y), color| {
        let inside = if right { 1.0 - x } else { x };
        if inside > width * (1.2 - 0.5 * y) {
            return color;
        }
        cloth.scale(0.85 + 0.3 * (inside * 70.0 + y * 3.0).sin())
    });
}

/// Eyes, brows, nose and mouth, half in shade.
fn face(canvas: &mut Canvas, style: &Style, (x, y): (f32, f32), size: f32) {
    let shade = style.skin.scale(0.45);
    for side in [-1.0, 1.0] {
        let eye = (x + side * size * 0.32, y - size * 0.05);
        canvas.ellipse(eye, (size * 0.17, size * 0.09), |_| {
            Color([0.93, 0.9, 0.85])
        });
        canvas.ellipse(eye, (size * 0.085, size * 0.09), |_| {
            style.palette.deep.scale(0.5)
        });
        canvas.line(
            (eye.0 - side * size * 0.17, eye.1 - size * 0.2),
            (eye.0 + side * size * 0.19, eye.1 - size * 0.16),
            size * 0.06,
            shade,
        );
    }
    let tip = (x + size * 0.07, y + size * 0.32);
    canvas.line(
        (x + size * 0.04, y),
        tip,
        size * 0.06,
        style.skin.scale(0.75),
    );
    canvas.line((x - size * 0.05, tip.1), tip, size * 0.05, shade);
    let lips = style.skin.mix(Color([0.75, 0.2, 0.2]), 0.55).scale(0.85);
    let mouth = (x, y + size * 0.62);
    for side in [-1.0, 1.0] {
        let corner = (x + side * size * 0.24, mouth.1 - size * 0.05);
        canvas.line(mouth, corner, size * 0.1, lips);
    }
}
