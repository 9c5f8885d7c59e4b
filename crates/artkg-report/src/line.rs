use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::axes::{
    Axis, LEGEND_LENGTH, LEGEND_STEP, PLOT_HEIGHT, TITLE_HEIGHT, WIDTH, draw_axes, legend_places,
    padded, range,
};
use crate::canvas::{Canvas, INK, PALETTE, draw, draw_title, drawing, text_style};
use crate::error::Result;
use crate::text::{shortened, tick};

/// One named curve.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The name in the legend.
    pub name: String,
    /// Points in drawing order; the line breaks where one isn't finite.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// A curve through `points`.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self {
            name: name.into(),
            points,
        }
    }
}

/// Several curves over one axis.
#[derive(Debug, Clone)]
pub struct LineChart {
    /// The title.
    pub title: String,
    /// What the horizontal axis counts.
    pub x_label: String,
    /// What the vertical axis measures.
    pub y_label: String,
    /// Logarithmic vertical axis; points that aren't positive are left out.
    pub logarithmic: bool,
    /// The curves.
    pub curves: Vec<Curve>,
}

impl LineChart {
    /// A chart with a linear vertical axis.
    pub fn new(
        title: impl Into<String>,
        x_label: impl Into<String>,
        y_label: impl Into<String>,
        curves: Vec<Curve>,
    ) -> Self {
        Self {
            title: title.into(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            logarithmic: false,
            curves,
        }
    }
}

/// Longer curves have no marks at their points.
const MOST_MARKS: usize = 60;

/// Draws a [`LineChart`] as SVG.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn line_chart(chart: &LineChart) -> Result<String> {
    let drawable =
        |(x, y): &(f64, f64)| x.is_finite() && y.is_finite() && (!chart.logarithmic || *y > 0.0);
    let points = || {
        let all = chart.curves.iter().flat_map(|curve| &curve.points);
        all.filter(|point| drawable(point))
    };
    let legend = legend_places(chart.curves.iter().map(|curve| curve.name.as_str()));
    let legend_rows = legend.last().map_or(0, |(_, row)| row + 1);
    let top = TITLE_HEIGHT + LEGEND_STEP * legend_rows;
    let size = (WIDTH, PLOT_HEIGHT + top as u32);

    draw(&chart.title, size, |canvas| {
        draw_title(canvas, &shortened(&chart.title, 90))?;
        draw_legend(canvas, &chart.curves, &legend)?;
        let Some(x) = range(points().map(|point| point.0)) else {
            let quiet = text_style(13, HPos::Left, &INK.mix(0.7));
            return canvas
                .draw_text("no data", &quiet, (16, top + 20))
                .map_err(drawing);
        };
        let (_, plot) = canvas.split_vertically(top);
        if chart.logarithmic {
            let logarithms = range(points().map(|point| point.1.log10())).unwrap_or(0.0..1.0);
            let label = |exponent: &f64| tick(10f64.powf(*exponent));
            let curves = transformed(&chart.curves, &drawable, f64::log10);
            draw_plot(&plot, chart, x, padded(logarithms), &label, &curves)
        } else {
            let y = range(points().map(|point| point.1)).unwrap_or(0.0..1.0);
            let curves = transformed(&chart.curves, &drawable, |value| value);
            draw_plot(&plot, chart, x, padded(y), &|value| tick(*value), &curves)
        }
    })
}

/// The curves cut into unbroken pieces, with `scale` applied to every y.
fn transformed(
    curves: &[Curve],
    drawable: &dyn Fn(&(f64, f64)) -> bool,
    scale: fn(f64) -> f64,
) -> Vec<Vec<Vec<(f64, f64)>>> {
    let pieces = |curve: &Curve| {
        curve
            .points
            .split(|point| !drawable(point))
            .filter(|piece| !piece.is_empty())
            .map(|piece| piece.iter().map(|&(x, y)| (x, scale(y))).collect())
            .collect()
    };
    curves.iter().map(pieces).collect()
}

fn draw_legend(canvas: &Canvas, curves: &[Curve], places: &[(i32, i32)]) -> Result<()> {
    let style = text_style(13, HPos::Left, &INK.to_rgba());
    for (index, (curve, (left, row))) in curves.iter().zip(places).enumerate() {
        let middle = TITLE_HEIGHT + LEGEND_STEP * row + 8;
        let colour = PALETTE[index % PALETTE.len()];
        let line = vec![(*left, middle), (left + 20, middle)];
        canvas
            .draw(&PathElement::new(line, colour.stroke_width(3)))
            .map_err(drawing)?;
        canvas
            .draw_text(
                &shortened(&curve.name, LEGEND_LENGTH),
                &style,
                (left + 26, middle),
            )
            .map_err(drawing)?;
    }
    Ok(())
}

fn draw_plot(
    plot: &Canvas,
    chart: &LineChart,
    x: Range<f64>,
    y: Range<f64>,
    y_tick: &dyn Fn(&f64) -> String,
    curves: &[Vec<Vec<(f64, f64)>>],
) -> Result<()> {
    // Between two epochs there is nothing to label.
    let mut abscissas = curves.iter().flatten().flatten().map(|point| point.0);
    let ticks = match abscissas.all(|x| x.fract() == 0.0) {
        true => 10.min((x.end - x.start) as usize + 1),
        false => 10,
    };
    let x_axis = Axis {
        label: &chart.x_label,
        ticks,
        tick: &|value| tick(*value),
    };
    let y_axis = Axis {
        label: &chart.y_label,
        ticks: 6,
        tick: y_tick,
    };
    let mut context = draw_axes(plot, (x, y), (x_axis, y_axis))?;
    for (index, pieces) in curves.iter().enumerate() {
        let colour = PALETTE[index % PALETTE.len()];
        for piece in pieces {
            context
                .draw_series(LineSeries::new(
                    piece.iter().copied(),
                    colour.stroke_width(2),
                ))
                .map_err(drawing)?;
            if piece.len() <= MOST_MARKS {
                let marks = piece
                    .iter()
                    .map(|point| Circle::new(*point, 3, colour.filled()));
                context.draw_series(marks).map_err(drawing)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_every_curve_and_breaks_at_what_is_not_finite() {
        let mut chart = LineChart::new(
            "Loss",
            "epoch",
            "loss",
            vec![
                Curve::new(
                    "training",
                    vec![(1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0), (4.0, 0.5)],
                ),
                Curve::new("validation", vec![(1.0, 2.5), (2.0, 2.0)]),
            ],
        );
        for logarithmic in [false, true] {
            chart.logarithmic = logarithmic;
            let svg = line_chart(&chart).unwrap();
            assert!(svg.contains("training") && svg.contains("validation"));
            assert_eq!(svg.matches("<circle").count(), 5, "{svg}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
        }
    }

    #[test]
    fn whole_numbers_have_no_labels_between_them() {
        let curve = vec![Curve::new("a", vec![(1.0, 10.0), (2.0, 20.0), (4.0, 30.0)])];
        let svg = line_chart(&LineChart::new("t", "epoch", "y", curve)).unwrap();
        assert!(svg.contains(">\n3\n") && !svg.contains("2.5"), "{svg}");
    }

    #[test]
    fn one_point_and_no_point_are_fine() {
        let one = vec![Curve::new("a", vec![(1.0, 0.25)])];
        let svg = line_chart(&LineChart::new("t", "x", "y", one)).unwrap();
        assert_eq!(svg.matches("<circle").count(), 1);
        let none = vec![Curve::new("a", vec![(1.0, f64::NAN)])];
        let svg = line_chart(&LineChart::new("t", "x", "y", none)).unwrap();
        assert!(svg.contains("no data"));
    }
}
