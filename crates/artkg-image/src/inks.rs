//! Four inks to the light they leave, by the table of a press's profile (ICC `lut8Type`
//! and `lut16Type`), in the steps in which littleCMS does it: the profile is sampled on a
//! grid of 17 inks each, and colours between are interpolated in the tetrahedron around
//! them. Printers' grids are coarse, so that other ways differ by tens of grey levels.

use moxcms::{LutDataType, LutStore};

use crate::lab;

/// Points of the grid for each ink.
const GRID: usize = 17;

/// sRGB of 8 bits, still fractions, at each point of the grid; black changes fastest.
pub(crate) struct InkTable {
    points: Box<[[f32; 3]]>,
}

impl InkTable {
    /// Samples a profile's table to CIELab. `black` are shares of white that become none,
    /// for each of XYZ; without them the profile's own darkest colour does.
    ///
    /// `None` where the table is not one of four inks.
    pub(crate) fn new(table: &LutDataType, black: Option<[f32; 3]>) -> Option<Self> {
        let stored = Stored::new(table)?;
        let black = black.unwrap_or_else(|| lab::relative(stored.lab([1.0; 4])));
        let share = |at: usize| at as f32 / (GRID - 1) as f32;
        let points = (0..GRID.pow(4)).map(|point| {
            let place = |power: u32| share(point / GRID.pow(power) % GRID);
            let light = lab::relative(stored.lab([place(3), place(2), place(1), place(0)]));
            let moved: [f32; 3] =
                std::array::from_fn(|at| (light[at] - black[at]) / (1.0 - black[at]));
            lab::linear(moved).map(|value| lab::encode(value) * 255.0)
        });
        Some(Self {
            points: points.collect(),
        })
    }

    /// The colour of amounts of ink from 0 to 1.
    pub(crate) fn color(&self, inks: [f32; 4]) -> [u8; 3] {
        let point = |[cyan, magenta, yellow, black]: [usize; 4]| {
            self.points[((cyan * GRID + magenta) * GRID + yellow) * GRID + black]
        };
        interpolated(inks, GRID, point).map(|value| value.round() as u8)
    }
}

/// A profile's table, in shares of the full scale.
struct Stored {
    curves: [Vec<f32>; 4],
    grid: usize,
    points: Vec<f32>,
    output: [Vec<f32>; 3],
    /// What the full scale of lightness and of the opponents means.
    scale: [f32; 2],
}

impl Stored {
    fn new(table: &LutDataType) -> Option<Self> {
        let shares = |store: &LutStore| -> Vec<f32> {
            match store {
                LutStore::Store8(values) => values.iter().map(|&v| f32::from(v) / 255.0).collect(),
                LutStore::Store16(values) => {
                    values.iter().map(|&v| f32::from(v) / 65535.0).collect()
                }
            }
        };
        let scale = match table.clut_table {
            LutStore::Store8(_) => [100.0, 255.0],
            // 100 is FF00 in the older of the two codings of 16 bits.
            LutStore::Store16(_) => [100.0 * 65535.0 / 65280.0, 65535.0 / 256.0],
        };
        let (input, output) = (shares(&table.input_table), shares(&table.output_table));
        let points = shares(&table.clut_table);
        let grid = usize::from(table.num_clut_grid_points);
        let (of_input, of_output) = (input.len() / 4, output.len() / 3);
        let is_whole = (table.num_input_channels, table.num_output_channels) == (4, 3)
            && grid >= 2
            && points.len() >= grid.pow(4) * 3
            && of_input >= 2
            && of_output >= 2;
        is_whole.then(|| Self {
            curves: std::array::from_fn(|ink| input[ink * of_input..][..of_input].to_vec()),
            grid,
            points,
            output: std::array::from_fn(|at| output[at * of_output..][..of_output].to_vec()),
            scale,
        })
    }

    /// The CIELab of amounts of ink.
    fn lab(&self, inks: [f32; 4]) -> [f32; 3] {
        let inks = std::array::from_fn(|ink| on_curve(&self.curves[ink], inks[ink]));
        let point = |[cyan, magenta, yellow, black]: [usize; 4]| {
            let grid = self.grid;
            let start = (((cyan * grid + magenta) * grid + yellow) * grid + black) * 3;
            [
                self.points[start],
                self.points[start + 1],
                self.points[start + 2],
            ]
        };
        let between = interpolated(inks, self.grid, point);
        let [lightness, a, b] = std::array::from_fn(|at| on_curve(&self.output[at], between[at]));
        let [of_lightness, of_opponents] = self.scale;
        [
            lightness * of_lightness,
            a * of_opponents - 128.0,
            b * of_opponents - 128.0,
        ]
    }
}

/// The value of a sampled curve at a share of its length.
fn on_curve(curve: &[f32], place: f32) -> f32 {
    let place = place.clamp(0.0, 1.0) * (curve.len() - 1) as f32;
    let below = (place as usize).min(curve.len() - 2);
    let share = place - below as f32;
    curve[below] + (curve[below + 1] - curve[below]) * share
}

/// The value between the points of a grid: along the first axis on a line, along the
/// others in the tetrahedron whose corners are met when they are walked by their shares.
fn interpolated(place: [f32; 4], grid: usize, point: impl Fn([usize; 4]) -> [f32; 3]) -> [f32; 3] {
    let place = place.map(|place| place.clamp(0.0, 1.0) * (grid - 1) as f32);
    let corner = place.map(|place| (place as usize).min(grid - 2));
    let share: [f32; 4] = std::array::from_fn(|axis| place[axis] - corner[axis] as f32);
    let mut axes = [1, 2, 3];
    axes.sort_by(|&one, &other| share[other].total_cmp(&share[one]));
    let on_face = |first: usize| {
        let mut corner = [corner[0] + first, corner[1], corner[2], corner[3]];
        let mut here = point(corner);
        let mut value = here;
        for axis in axes {
            corner[axis] += 1;
            let next = point(corner);
            value = std::array::from_fn(|at| value[at] + (next[at] - here[at]) * share[axis]);
            here = next;
        }
        value
    };
    let (near, far) = (on_face(0), on_face(1));
    std::array::from_fn(|at| near[at] + (far[at] - near[at]) * share[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_linear_stays_so_between_the_points() {
        let point = |[c, m, y, k]: [usize; 4]| {
            [
                (c + 2 * m) as f32,
                (3 * y) as f32,
                (4 * k) as f32 - c as f32,
            ]
        };
        let found = interpolated([0.3, 0.55, 0.9, 1.0], 5, point);
        for (found, expected) in found.into_iter().zip([1.2 + 4.4, 10.8, 16.0 - 1.2]) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn curves_are_read_between_their_samples() {
        assert_eq!(on_curve(&[0.0, 0.5, 2.0], 0.75), 1.25);
        assert_eq!(on_curve(&[0.0, 0.5, 2.0], 2.0), 2.0);
    }
}
