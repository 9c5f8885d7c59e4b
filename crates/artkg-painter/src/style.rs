//! How one work is painted, and the brush.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::canvas::{Canvas, Point};
use crate::color::Color;
use crate::world::{Motif, Palette, Tone};

/// A school's colours, a period's tone and a painter's hand.
pub(crate) struct Style {
    pub(crate) palette: Palette,
    pub(crate) border: Option<Color>,
    pub(crate) tone: Tone,
    /// Of the strokes, in radians.
    pub(crate) angle: f32,
    pub(crate) motif: Option<Motif>,
    pub(crate) motif_color: Color,
    /// Cells of the ground's texture across the picture.
    pub(crate) grain: f32,
    /// Wood instead of canvas.
    pub(crate) panel: bool,
    pub(crate) skin: Color,
}

impl Style {
    /// Repaints the picture in strokes, coarse ones and then finer ones.
    pub(crate) fn brush(&self, canvas: &mut Canvas, random: &mut Pcg64Mcg) {
        let width = self.tone.stroke / 100.0;
        self.layer(canvas, random, width, 0.8);
        self.layer(canvas, random, width * 0.6, 0.6);
    }

    /// Goes over what was put on last, with a small brush.
    pub(crate) fn touch_up(&self, canvas: &mut Canvas, random: &mut Pcg64Mcg) {
        self.layer(canvas, random, self.tone.stroke / 100.0 * 0.45, 0.6);
    }

    fn layer(&self, canvas: &mut Canvas, random: &mut Pcg64Mcg, width: f32, opacity: f32) {
        let model = canvas.clone();
        let length = width * 4.0;
        // Enough to cover nearly everything once.
        let count = (1.2 / (width * length)) as usize;
        for _ in 0..count {
            let middle = (random.random_range(0.0..1.0), random.random_range(0.0..1.0));
            let stroke = Stroke {
                middle,
                angle: self.angle + random.random_range(-0.3..0.3),
                half_length: length * random.random_range(0.3..0.6),
                half_width: width * random.random_range(0.35..0.6),
                color: model.at(middle).scale(random.random_range(0.92..1.08)),
                opacity,
                bristles: random.random_range(0.0..6.0),
            };
            stroke.paint(canvas);
        }
    }
}

struct Stroke {
    middle: Point,
    angle: f32,
    half_length: f32,
    half_width: f32,
    color: Color,
    opacity: f32,
    /// Where the pattern of the bristles starts.
    bristles: f32,
}

impl Stroke {
    fn paint(&self, canvas: &mut Canvas) {
        let (sine, cosine) = self.angle.sin_cos();
        let reach = (
            self.half_length * cosine.abs() + self.half_width * sine.abs(),
            self.half_length * sine.abs() + self.half_width * cosine.abs(),
        );
        let (x, y) = self.middle;
        canvas.area(
            (x - reach.0, y - reach.1),
            (x + reach.0, y + reach.1),
            |point| {
                let offset = (point.0 - x, point.1 - y);
                let along = (offset.0 * cosine + offset.1 * sine) / self.half_length;
                let across = (offset.1 * cosine - offset.0 * sine) / self.half_width;
                let inside = along * along + across.powi(4) <= 1.0;
                inside.then(|| {
                    let ridge = 1.0 + 0.05 * (across * 4.0 + self.bristles).sin();
                    // The brush runs dry towards the end.
                    let wet = self.opacity * (1.0 - 0.35 * (along * 0.5 + 0.5));
                    (self.color.scale(ridge), wet)
                })
            },
        );
    }
}
