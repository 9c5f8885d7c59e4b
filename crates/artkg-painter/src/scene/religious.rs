//! A saint or an angel with a halo, in an arched niche.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::canvas::{Canvas, Point};
use crate::color::Color;
use crate::scene::shapes::{ball, robe};
use crate::style::Style;

const GOLD: Color = Color([0.93, 0.76, 0.32]);

pub(super) fn draw(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let palette = style.palette;
    let x = random.random_range(0.4..0.6);
    let stone = palette.light.mix(palette.earth, 0.55);
    canvas.all(|(px, py), _| stone.scale(0.85 + 0.2 * (px * 40.0).sin() * (py * 3.0).cos() * 0.3));
    let half = random.random_range(0.27..0.4);
    let spring = random.random_range(0.32..0.5);
    let gold = GOLD.mix(palette.middle, random.random_range(0.25..0.65));
    let rays = random.random_bool(0.6);
    let head: Point = (
        x + random.random_range(-0.03..0.03),
        random.random_range(0.23..0.36),
    );
    canvas.area((0.0, 0.0), (1.0, 1.0), |(px, py)| {
        let across = px - x;
        let arch = across.hypot((py - spring).min(0.0) * 1.05);
        if arch > half {
            return None;
        }
        if arch > half - 0.03 {
            return Some((palette.accent.mix(palette.deep, 0.3), 1.0));
        }
        let angle = (px - head.0).atan2(py - head.1);
        let beam = if rays && (angle * 12.0).sin() > 0.2 {
            1.18
        } else {
            1.0
        };
        let distance = (px - head.0).hypot(py - head.1);
        Some((gold.scale((1.2 - 0.75 * distance) * beam), 1.0))
    });
    style.brush(canvas, random);
    // The figure need not stand in the middle of the niche.
    let x = head.0;
    let size = random.random_range(0.085..0.1);
    if random.random_bool(0.55) {
        wings(canvas, style, head, size);
    }
    let cloth = [
        palette.accent,
        palette.middle.mix(palette.deep, 0.35),
        palette.deep.mix(palette.accent, 0.4),
    ][random.random_range(0..3)];
    let hem = random.random_range(0.2..0.27);
    robe(
        canvas,
        (x, head.1 + size * 1.2),
        (size * 1.9, hem),
        0.97,
        cloth,
    );
    let mantle = palette
        .light
        .mix(palette.middle, random.random_range(0.0..0.6));
    let shoulder = head.1 + size * 1.6;
    let side = if random.random_bool(0.5) { 1.0 } else { -1.0 };
    canvas.polygon(
        &[
            (x - side * size * 1.9, shoulder + 0.03),
            (x - side * size * 0.5, shoulder - 0.03),
            (x + side * size * 0.6, 0.62),
            (x - side * hem * 0.3, 0.97),
            (x - side * hem * 0.95, 0.97),
        ],
        |(px, py)| mantle.scale(0.9 + 0.12 * ((px * 1.2 + py) * 50.0).sin()),
    );
    for _ in 0..random.random_range(0..4) {
        candle(canvas, style, random);
    }
    style.touch_up(canvas, random);

    // Halo, head and hands stay crisp.
    let halo = size * random.random_range(1.9..2.3);
    canvas.ellipse(head, (halo, halo), |(u, v)| {
        let rim = u.hypot(v);
        GOLD.scale(if rim > 0.86 { 0.75 } else { 1.12 })
    });
    let hair = palette
        .earth
        .mix(palette.deep, random.random_range(0.2..0.9));
    canvas.ellipse(
        (x, head.1 + size * 0.1),
        (size * 0.95, size * 1.15),
        |(u, _)| hair.scale(0.9 - 0.25 * u),
    );
    ball(
        canvas,
        (x, head.1 + size * 0.12),
        (size * 0.7, size * 0.95),
        style.skin.scale(1.15),
    );
    for side in [-1.0, 1.0] {
        let eye = (x + side * size * 0.28, head.1 + size * 0.1);
        canvas.line(
            (eye.0 - size * 0.14, eye.1),
            (eye.0 + size * 0.14, eye.1),
            size * 0.1,
            style.skin.scale(0.3),
        );
    }
    canvas.line(
        (x - size * 0.2, head.1 + size * 0.6),
        (x + size * 0.2, head.1 + size * 0.6),
        size * 0.1,
        style.skin.mix(palette.accent, 0.5).scale(0.8),
    );
    let hands = (x + side * size * 0.3, head.1 + size * 2.8);
    for side in [-1.0, 1.0] {
        let elbow = (x + side * size * 1.9, hands.1 + 0.07);
        canvas.line(elbow, hands, size * 0.75, cloth.scale(0.8 - 0.12 * side));
    }
    ball(
        canvas,
        (hands.0, hands.1 - size * 0.35),
        (size * 0.38, size * 0.7),
        style.skin.scale(1.15),
    );
}

fn candle(canvas: &mut Canvas, style: &Style, random: &mut Pcg64Mcg) {
    let side = random.random_range(0.06..0.24);
    let x = if random.random_bool(0.5) {
        side
    } else {
        1.0 - side
    };
    let (top, foot) = (random.random_range(0.5..0.75), 0.95);
    canvas.glow((x, top - 0.03), 0.12, GOLD, 0.6);
    canvas.line((x, top), (x, foot), 0.03, style.palette.light);
    canvas.ellipse((x, top - 0.035), (0.014, 0.028), |_| {
        Color([1.0, 0.85, 0.45])
    });
}

fn wings(canvas: &mut Canvas, style: &Style, head: Point, size: f32) {
    for side in [-1.0, 1.0] {
        let at = |right: f32, down: f32| (head.0 + side * right * size, head.1 + down * size);
        let corners = [
            at(0.8, 2.2),
            at(2.6, -0.4),
            at(3.6, -0.2),
            at(3.5, 2.6),
            at(2.8, 4.6),
            at(1.4, 4.0),
        ];
        canvas.polygon(&corners, |(x, y)| {
            let feathers = ((x * side + y * 0.6) * 90.0).sin() * 0.1;
            style.palette.light.scale(0.95 + feathers)
        });
    }
}
