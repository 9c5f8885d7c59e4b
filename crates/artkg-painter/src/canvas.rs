//! A square picture and the few ways of putting paint on it. Coordinates run
//! from 0 to 1, left to right and top to bottom.

use artkg_image::Pixels;

use crate::color::Color;

/// A point `(x, y)`.
pub(crate) type Point = (f32, f32);

/// A square picture.
#[derive(Clone)]
pub(crate) struct Canvas {
    side: usize,
    colors: Vec<Color>,
}

impl Canvas {
    pub(crate) fn new(side: usize, color: Color) -> Self {
        Self {
            side,
            colors: vec![color; side * side],
        }
    }

    /// Replaces every colour by `paint(point, colour)`.
    pub(crate) fn all(&mut self, mut paint: impl FnMut(Point, Color) -> Color) {
        let scale = 1.0 / self.side as f32;
        for (index, color) in self.colors.iter_mut().enumerate() {
            let x = ((index % self.side) as f32 + 0.5) * scale;
            let y = ((index / self.side) as f32 + 0.5) * scale;
            *color = paint((x, y), *color);
        }
    }

    /// The colour at a point; beyond the edges that of the edge.
    pub(crate) fn at(&self, (x, y): Point) -> Color {
        let index = |part: f32| ((part * self.side as f32) as usize).min(self.side - 1);
        self.colors[index(y) * self.side + index(x)]
    }

    /// Paints where `paint` gives a colour and its opacity, within a box.
    pub(crate) fn area(
        &mut self,
        (left, top): Point,
        (right, bottom): Point,
        mut paint: impl FnMut(Point) -> Option<(Color, f32)>,
    ) {
        let scale = self.side as f32;
        let range = |from: f32, to: f32| {
            let from = (from * scale).floor().clamp(0.0, scale) as usize;
            from..(to * scale).ceil().clamp(from as f32, scale) as usize
        };
        for row in range(top, bottom) {
            for column in range(left, right) {
                let point = ((column as f32 + 0.5) / scale, (row as f32 + 0.5) / scale);
                if let Some((color, opacity)) = paint(point) {
                    let here = &mut self.colors[row * self.side + column];
                    *here = here.mix(color, opacity);
                }
            }
        }
    }

    /// An ellipse; `color` sees coordinates from -1 to 1 inside it.
    pub(crate) fn ellipse(
        &mut self,
        (x, y): Point,
        (across, down): Point,
        color: impl Fn(Point) -> Color,
    ) {
        self.area((x - across, y - down), (x + across, y + down), |point| {
            let inside = ((point.0 - x) / across, (point.1 - y) / down);
            (inside.0 * inside.0 + inside.1 * inside.1 <= 1.0).then(|| (color(inside), 1.0))
        });
    }

    /// A soft spot of light that fades to nothing at its radius.
    pub(crate) fn glow(&mut self, (x, y): Point, radius: f32, color: Color, strength: f32) {
        self.area(
            (x - radius, y - radius),
            (x + radius, y + radius),
            |point| {
                let distance = (point.0 - x).hypot(point.1 - y) / radius;
                (distance < 1.0).then(|| (color, strength * (1.0 - distance).powi(2)))
            },
        );
    }

    /// A polygon; `color` sees canvas coordinates.
    pub(crate) fn polygon(&mut self, corners: &[Point], color: impl Fn(Point) -> Color) {
        let fold = |pick: fn(&Point) -> f32, choose: fn(f32, f32) -> f32, start| {
            corners.iter().map(pick).fold(start, choose)
        };
        let low = (
            fold(|p| p.0, f32::min, f32::MAX),
            fold(|p| p.1, f32::min, f32::MAX),
        );
        let high = (
            fold(|p| p.0, f32::max, f32::MIN),
            fold(|p| p.1, f32::max, f32::MIN),
        );
        self.area(low, high, |point| {
            contains(corners, point).then(|| (color(point), 1.0))
        });
    }

    /// A line with round ends.
    pub(crate) fn line(&mut self, from: Point, to: Point, width: f32, color: Color) {
        let reach = width / 2.0;
        let low = (from.0.min(to.0) - reach, from.1.min(to.1) - reach);
        let high = (from.0.max(to.0) + reach, from.1.max(to.1) + reach);
        let along = (to.0 - from.0, to.1 - from.1);
        let length = (along.0 * along.0 + along.1 * along.1).max(1e-9);
        self.area(low, high, |point| {
            let offset = (point.0 - from.0, point.1 - from.1);
            let share = ((offset.0 * along.0 + offset.1 * along.1) / length).clamp(0.0, 1.0);
            let distance = (offset.0 - along.0 * share).hypot(offset.1 - along.1 * share);
            (distance <= reach).then_some((color, 1.0))
        });
    }

    /// The picture with every square of `factor` × `factor` averaged.
    pub(crate) fn pixels(&self, factor: usize) -> Pixels {
        let side = self.side / factor;
        let mut data = Vec::with_capacity(side * side * 3);
        for row in 0..side {
            for column in 0..side {
                let mut sum = [0.0; 3];
                for y in 0..factor {
                    let start = (row * factor + y) * self.side + column * factor;
                    for color in &self.colors[start..start + factor] {
                        for (total, part) in sum.iter_mut().zip(color.0) {
                            *total += part.clamp(0.0, 1.0);
                        }
                    }
                }
                let count = (factor * factor) as f32;
                data.extend(Color(sum.map(|total| total / count)).bytes());
            }
        }
        Pixels::new(side, side, data)
    }
}

/// Whether a point lies in a polygon, by the even-odd rule.
fn contains(corners: &[Point], (x, y): Point) -> bool {
    let mut inside = false;
    let mut previous = match corners.last() {
        Some(&corner) => corner,
        None => return false,
    };
    for &corner in corners {
        if (corner.1 > y) != (previous.1 > y) {
            let share = (y - corner.1) / (previous.1 - corner.1);
            if x < corner.0 + share * (previous.0 - corner.0) {
                inside = !inside;
            }
        }
        previous = corner;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_cover_their_areas() {
        let share = |draw: &dyn Fn(&mut Canvas)| {
            let mut canvas = Canvas::new(200, Color::BLACK);
            draw(&mut canvas);
            let white = canvas.colors.iter().filter(|&&c| c == Color::WHITE).count();
            white as f32 / 40_000.0
        };
        let ellipse = share(&|c| c.ellipse((0.5, 0.5), (0.4, 0.2), |_| Color::WHITE));
        assert!((ellipse - std::f32::consts::PI * 0.08).abs() < 0.005);
        let triangle = [(0.1, 0.9), (0.9, 0.9), (0.5, 0.1)];
        let polygon = share(&|c| c.polygon(&triangle, |_| Color::WHITE));
        assert!((polygon - 0.32).abs() < 0.005);
        let line = share(&|c| c.line((0.2, 0.5), (0.8, 0.5), 0.1, Color::WHITE));
        assert!((line - 0.06 - std::f32::consts::PI * 0.0025).abs() < 0.005);
    }

    #[test]
    fn averaging_halves_the_side() {
        let mut canvas = Canvas::new(4, Color::BLACK);
        canvas.area((0.0, 0.0), (0.25, 1.0), |_| Some((Color::WHITE, 1.0)));
        let pixels = canvas.pixels(2);
        assert_eq!((pixels.width, pixels.color(0, 0)), (2, [128; 3]));
        assert_eq!(pixels.color(1, 1), [0; 3]);
    }
}
