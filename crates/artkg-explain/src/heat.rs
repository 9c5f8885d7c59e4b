use artkg_image::{Pixels, Region};
use serde::Serialize;

/// Where in an image something is, on a coarse grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Heat {
    /// Rows of the grid.
    pub rows: usize,
    /// Columns of the grid.
    pub columns: usize,
    /// `[rows, columns]`, row by row, 0 to 1; the hottest cell is 1, unless all
    /// are 0.
    pub values: Vec<f32>,
}

/// From little to much heat (ColorBrewer's YlOrRd, which the colour-blind can read).
const COLOURS: [[f32; 3]; 4] = [
    [255.0, 237.0, 160.0],
    [254.0, 178.0, 76.0],
    [240.0, 59.0, 32.0],
    [189.0, 0.0, 38.0],
];
/// How much of the picture the greatest heat covers.
const COVER: f32 = 0.75;
/// The brightness of what the model did not see.
const UNSEEN: f32 = 0.45;

impl Heat {
    /// A grid of `[rows, columns]` values scaled to a maximum of 1; what is
    /// negative becomes 0.
    ///
    /// # Panics
    /// When the number of values is not `rows * columns`.
    pub fn new(rows: usize, columns: usize, mut values: Vec<f32>) -> Self {
        assert_eq!(values.len(), rows * columns, "the values fill the grid");
        let largest = values.iter().copied().fold(0.0, f32::max);
        for value in &mut values {
            *value = match largest > 0.0 {
                true => value.max(0.0) / largest,
                false => 0.0,
            };
        }
        Self {
            rows,
            columns,
            values,
        }
    }

    /// The heat at a place in shares of width and height, between the centres of
    /// the cells linear in both directions.
    pub fn at(&self, x: f64, y: f64) -> f32 {
        let (left, right, across) = between(x, self.columns);
        let (top, bottom, down) = between(y, self.rows);
        let value = |row: usize, column: usize| self.values[row * self.columns + column];
        let mix = |from: f32, to: f32, share: f32| from + (to - from) * share;
        let upper = mix(value(top, left), value(top, right), across);
        let lower = mix(value(bottom, left), value(bottom, right), across);
        mix(upper, lower, down)
    }

    /// Draws the heat over a picture, which loses its colours; what is outside
    /// the `region` that the grid covers is darkened.
    pub fn draw(&self, pixels: &Pixels, region: Region) -> Pixels {
        let place = |position: usize, length: usize, start: f64, share: f64| {
            ((position as f64 + 0.5) / length as f64 - start) / share
        };
        let mut data = Vec::with_capacity(pixels.data.len());
        for row in 0..pixels.height {
            let y = place(row, pixels.height, region.top, region.height);
            for column in 0..pixels.width {
                let x = place(column, pixels.width, region.left, region.width);
                let grey = luma(pixels.color(column, row));
                let is_seen = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
                data.extend(match is_seen {
                    true => heated(grey, self.at(x, y)),
                    false => [(grey * UNSEEN) as u8; 3],
                });
            }
        }
        Pixels::new(pixels.width, pixels.height, data)
    }
}

/// The cells around a place and the share of the way between their centres.
fn between(place: f64, cells: usize) -> (usize, usize, f32) {
    let position = (place * cells as f64 - 0.5).clamp(0.0, (cells - 1) as f64);
    let first = position.floor() as usize;
    let second = (first + 1).min(cells - 1);
    (first, second, (position - first as f64) as f32)
}

/// The brightness of a colour (ITU-R BT.601), 0 to 255.
fn luma([red, green, blue]: [u8; 3]) -> f32 {
    0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
}

fn heated(grey: f32, heat: f32) -> [u8; 3] {
    let position = heat.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f32;
    let first = (position as usize).min(COLOURS.len() - 2);
    let share = position - first as f32;
    std::array::from_fn(|channel| {
        let (from, to) = (COLOURS[first][channel], COLOURS[first + 1][channel]);
        let colour = from + (to - from) * share;
        (grey + (colour - grey) * COVER * heat).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_scaled_and_lie_at_the_centres_of_cells() {
        let heat = Heat::new(1, 2, vec![-3.0, 4.0]);
        assert_eq!(heat.values, [0.0, 1.0]);
        assert_eq!(heat.at(0.25, 0.5), 0.0);
        assert_eq!(heat.at(0.5, 0.0), 0.5);
        assert_eq!(heat.at(0.99, 1.0), 1.0);
        assert_eq!(Heat::new(1, 2, vec![-1.0, 0.0]).values, [0.0, 0.0]);
    }

    #[test]
    fn hot_is_red_cold_is_grey_and_the_unseen_is_dark() {
        let picture = Pixels::new(4, 1, [100, 100, 100].repeat(4));
        let region = Region {
            left: 0.25,
            top: 0.0,
            width: 0.5,
            height: 1.0,
        };
        let drawn = Heat::new(1, 2, vec![0.0, 1.0]).draw(&picture, region);
        assert_eq!(drawn.color(0, 0), [45; 3]);
        assert_eq!(drawn.color(1, 0), [100; 3]);
        // A quarter of the grey is left below the darkest red.
        assert_eq!(drawn.color(2, 0), [167, 25, 54]);
        assert_eq!(drawn.color(3, 0), [45; 3]);
    }
}
