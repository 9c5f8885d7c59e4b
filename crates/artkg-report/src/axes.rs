//! What charts with two axes share: ranges, the mesh, the legend.

use std::ops::Range;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::canvas::{Canvas, INK, drawing, font};
use crate::error::Result;
use crate::text::shortened;

/// The width of a chart.
pub(crate) const WIDTH: u32 = 760;
/// The height of what is below title and legend.
pub(crate) const PLOT_HEIGHT: u32 = 300;
/// The height of the title.
pub(crate) const TITLE_HEIGHT: i32 = 36;
/// The height of a row of the legend.
pub(crate) const LEGEND_STEP: i32 = 22;
/// The most characters of a name in the legend.
pub(crate) const LEGEND_LENGTH: usize = 40;

/// Smallest and largest value, opened up where they are one; `None` without
/// any value.
pub(crate) fn range(values: impl Iterator<Item = f64>) -> Option<Range<f64>> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return None;
    }
    Some(match low == high {
        true => low - 0.5..high + 0.5,
        false => low..high,
    })
}

/// A little more on both sides.
pub(crate) fn padded(range: Range<f64>) -> Range<f64> {
    let padding = (range.end - range.start) * 0.05;
    range.start - padding..range.end + padding
}

/// The left edge and the row of each name in the legend.
pub(crate) fn legend_places<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(i32, i32)> {
    let (mut left, mut row) = (12, 0);
    names
        .map(|name| {
            let length = shortened(name, LEGEND_LENGTH).chars().count();
            let width = 44 + length as i32 * 15 / 2;
            if left > 12 && left + width > WIDTH as i32 {
                (left, row) = (12, row + 1);
            }
            let place = (left, row);
            left += width;
            place
        })
        .collect()
}

/// How many ticks an axis has, and what they and the axis say.
pub(crate) struct Axis<'a> {
    pub(crate) label: &'a str,
    pub(crate) ticks: usize,
    pub(crate) tick: &'a dyn Fn(&f64) -> String,
}

/// A plane to draw on, with its axes drawn.
pub(crate) type Plane<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws a mesh with two axes.
pub(crate) fn draw_axes<'a, 'b>(
    plot: &'a Canvas<'b>,
    (x, y): (Range<f64>, Range<f64>),
    (x_axis, y_axis): (Axis<'_>, Axis<'_>),
) -> Result<Plane<'a, 'b>> {
    let mut plane = ChartBuilder::on(plot)
        .margin_right(24)
        .margin_top(8)
        .margin_bottom(4)
        .margin_left(4)
        .x_label_area_size(44)
        .y_label_area_size(72)
        .build_cartesian_2d(x, y)
        .map_err(drawing)?;
    let ink = INK.mix(0.8);
    let label = TextStyle::from(font(12)).color(&ink);
    plane
        .configure_mesh()
        .x_labels(x_axis.ticks)
        .y_labels(y_axis.ticks)
        .x_label_formatter(&x_axis.tick)
        .y_label_formatter(&y_axis.tick)
        .x_desc(x_axis.label)
        .y_desc(y_axis.label)
        .label_style(label.clone())
        .axis_desc_style(label)
        .axis_style(INK.mix(0.5))
        .bold_line_style(INK.mix(0.12))
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(drawing)?;
    Ok(plane)
}
