//! Smooth random fields.

use artkg_files::seeds::mix;

/// Value noise: random heights at whole coordinates, smooth between them.
#[derive(Clone, Copy)]
pub(crate) struct Noise {
    seed: u64,
}

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A random number from 0 to 1 for a cell.
    pub(super) fn cell(self, x: i32, y: i32) -> f32 {
        let key = self.seed ^ (u64::from(x as u32) << 32 | u64::from(y as u32));
        (mix(key) >> 40) as f32 / (1 << 24) as f32
    }

    /// The height from 0 to 1 at a point.
    pub(crate) fn at(self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let smooth = |part: f32| part * part * (3.0 - 2.0 * part);
        let (across, down) = (smooth(x - left), smooth(y - top));
        let corner = |dx, dy| self.cell(left as i32 + dx, top as i32 + dy);
        let upper = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * across;
        let lower = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * across;
        upper + (lower - upper) * down
    }

    /// Three octaves, each finer and weaker than the one before; 0 to 1.
    pub(crate) fn rough(self, x: f32, y: f32) -> f32 {
        (4.0 * self.at(x, y)
            + 2.0 * self.at(2.0 * x + 17.0, 2.0 * y + 5.0)
            + self.at(4.0 * x + 31.0, 4.0 * y + 11.0))
            / 7.0
    }

    /// The distance from a point to the border between the two nearest of one
    /// random point a cell: near 0 on a net of lines.
    pub(crate) fn net(self, x: f32, y: f32) -> f32 {
        let (column, row) = (x.floor() as i32, y.floor() as i32);
        let (mut nearest, mut second) = (f32::MAX, f32::MAX);
        for cell_y in row - 1..=row + 1 {
            for cell_x in column - 1..=column + 1 {
                let point_x = cell_x as f32 + self.cell(cell_x, cell_y);
                let point_y = cell_y as f32 + self.cell(cell_y, cell_x.wrapping_add(7919));
                let distance = (point_x - x).hypot(point_y - y);
                if distance < nearest {
                    (nearest, second) = (distance, nearest);
                } else {
                    second = second.min(distance);
                }
            }
        }
        second - nearest
    }
}
