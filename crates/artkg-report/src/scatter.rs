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

/// Points of one kind.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// The name in the legend.
    pub name: String,
    /// The points; those that aren't finite are left out.
    pub points: Vec<(f64, f64)>,
}

impl Cloud {
    /// A cloud of `points`.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self {
            name: name.into(),
            points,
        }
    }
}

/// What a horizontal axis counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Scale {
    /// Numbers.
    #[default]
    Linear,
    /// Magnitudes; points that aren't positive are left out.
    Logarithmic,
    /// Names, at 0, 1, 2, …
    Categories(Vec<String>),
}

/// Points of several kinds, each with a colour of its own; from the seventh
/// kind on with another mark as well, so that 18 can be told apart.
#[derive(Debug, Clone)]
pub struct ScatterChart {
    /// The title.
    pub title: String,
    /// What the horizontal axis measures.
    pub x_label: String,
    /// What the vertical axis measures.
    pub y_label: String,
    /// What the horizontal axis counts.
    pub x_scale: Scale,
    /// The kinds of points.
    pub clouds: Vec<Cloud>,
    /// Points of no particular kind, small and grey behind the others.
    pub rest: Option<Cloud>,
    /// Whether only distances count: no ticks, and one scale for both axes.
    pub is_map: bool,
}

impl ScatterChart {
    /// A chart with linear axes.
    pub fn new(
        title: impl Into<String>,
        x_label: impl Into<String>,
        y_label: impl Into<String>,
        clouds: Vec<Cloud>,
    ) -> Self {
        Self {
            title: title.into(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            x_scale: Scale::Linear,
            clouds,
            rest: None,
            is_map: false,
        }
    }

    /// A map, on which only distances count.
    pub fn map(title: impl Into<String>, clouds: Vec<Cloud>, rest: Option<Cloud>) -> Self {
        Self {
            rest,
            is_map: true,
            ..Self::new(title, "", "", clouds)
        }
    }

    /// The clouds in the order of the legend, each with its kind.
    fn kinds(&self) -> impl Iterator<Item = (Option<usize>, &Cloud)> {
        let clouds = self.clouds.iter().enumerate();
        clouds
            .map(|(kind, cloud)| (Some(kind), cloud))
            .chain(self.rest.iter().map(|cloud| (None, cloud)))
    }

    /// Where on the horizontal axis a value lies, if anywhere.
    fn place(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let x = match self.x_scale {
            Scale::Logarithmic => x.log10(),
            Scale::Linear | Scale::Categories(_) => x,
        };
        (x.is_finite() && y.is_finite()).then_some((x, y))
    }
}

/// The side of a map.
const MAP_SIDE: i32 = 620;
/// The margin around the outermost points of a map.
const MAP_MARGIN: i32 = 14;

/// Draws a [`ScatterChart`] as SVG.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn scatter_chart(chart: &ScatterChart) -> Result<String> {
    let legend = legend_places(chart.kinds().map(|(_, cloud)| cloud.name.as_str()));
    let legend_rows = legend.last().map_or(0, |(_, row)| row + 1);
    let top = TITLE_HEIGHT + LEGEND_STEP * legend_rows;
    let points = || {
        let all = chart.kinds().flat_map(|(_, cloud)| &cloud.points);
        all.filter_map(|point| chart.place(*point))
    };
    let x = range(points().map(|point| point.0));
    let y = range(points().map(|point| point.1));
    let height = match chart.is_map {
        true => MAP_SIDE as u32,
        false => PLOT_HEIGHT,
    };
    draw(&chart.title, (WIDTH, height + top as u32), |canvas| {
        draw_title(canvas, &shortened(&chart.title, 90))?;
        draw_legend(canvas, chart, &legend)?;
        let (Some(x), Some(y)) = (x, y) else {
            let quiet = text_style(13, HPos::Left, &INK.mix(0.7));
            return canvas
                .draw_text("no data", &quiet, (16, top + 20))
                .map_err(drawing);
        };
        match chart.is_map {
            true => draw_marks(canvas, chart, &on_map(x, y, top)),
            false => {
                let (_, plot) = canvas.split_vertically(top);
                let plane = draw_plane(&plot, chart, x, padded(y))?;
                let area = plane.plotting_area();
                draw_marks(canvas, chart, &|point| area.map_coordinate(&point))
            }
        }
    })
}

fn draw_plane<'a, 'b>(
    plot: &'a Canvas<'b>,
    chart: &ScatterChart,
    x: Range<f64>,
    y: Range<f64>,
) -> Result<crate::axes::Plane<'a, 'b>> {
    let category = |categories: &[String], value: f64| {
        let whole = value.fract() == 0.0 && value >= 0.0;
        let name = whole.then(|| categories.get(value as usize)).flatten();
        name.map_or(String::new(), |name| shortened(name, 16))
    };
    let (x, ticks) = match &chart.x_scale {
        Scale::Categories(names) => (-0.5..names.len() as f64 - 0.5, names.len() + 1),
        Scale::Linear | Scale::Logarithmic => (padded(x), 8),
    };
    let x_axis = Axis {
        label: &chart.x_label,
        ticks,
        tick: &|value| match &chart.x_scale {
            Scale::Linear => tick(*value),
            Scale::Logarithmic => tick(10f64.powf(*value)),
            Scale::Categories(names) => category(names, *value),
        },
    };
    let y_axis = Axis {
        label: &chart.y_label,
        ticks: 6,
        tick: &|value| tick(*value),
    };
    draw_axes(plot, (x, y), (x_axis, y_axis))
}

/// Pixels of points on a map: one scale for both axes, the middle in the middle.
fn on_map(x: Range<f64>, y: Range<f64>, top: i32) -> impl Fn((f64, f64)) -> (i32, i32) {
    let room = |side: i32| f64::from(side - 2 * MAP_MARGIN);
    let scale = (room(WIDTH as i32) / (x.end - x.start)).min(room(MAP_SIDE) / (y.end - y.start));
    let middle = ((x.start + x.end) / 2.0, (y.start + y.end) / 2.0);
    move |point| {
        let right = (point.0 - middle.0) * scale;
        let up = (point.1 - middle.1) * scale;
        (
            WIDTH as i32 / 2 + right.round() as i32,
            top + MAP_SIDE / 2 - up.round() as i32,
        )
    }
}

fn draw_marks(
    canvas: &Canvas,
    chart: &ScatterChart,
    pixel: &dyn Fn((f64, f64)) -> (i32, i32),
) -> Result<()> {
    let mut kinds: Vec<(Option<usize>, &Cloud)> = chart.kinds().collect();
    // What is of no kind lies behind.
    kinds.sort_by_key(|(kind, _)| kind.is_some());
    for (kind, cloud) in kinds {
        for point in cloud.points.iter().filter_map(|point| chart.place(*point)) {
            draw_mark(canvas, kind, pixel(point))?;
        }
    }
    Ok(())
}

fn draw_legend(canvas: &Canvas, chart: &ScatterChart, places: &[(i32, i32)]) -> Result<()> {
    let style = text_style(13, HPos::Left, &INK.to_rgba());
    for ((kind, cloud), (left, row)) in chart.kinds().zip(places) {
        let middle = TITLE_HEIGHT + LEGEND_STEP * row + 8;
        draw_mark(canvas, kind, (left + 10, middle))?;
        let name = shortened(&cloud.name, LEGEND_LENGTH);
        canvas
            .draw_text(&name, &style, (left + 20, middle))
            .map_err(drawing)?;
    }
    Ok(())
}

fn draw_mark(canvas: &Canvas, kind: Option<usize>, pixel: (i32, i32)) -> Result<()> {
    let Some(kind) = kind else {
        let grey = INK.mix(0.3).filled();
        return canvas.draw(&Circle::new(pixel, 2, grey)).map_err(drawing);
    };
    let colour = PALETTE[kind % PALETTE.len()].mix(0.85);
    match kind / PALETTE.len() % 3 {
        0 => canvas.draw(&Circle::new(pixel, 3, colour.filled())),
        1 => canvas.draw(&TriangleMarker::new(pixel, 5, colour.filled())),
        _ => canvas.draw(&Cross::new(pixel, 3, colour.stroke_width(2))),
    }
    .map_err(drawing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(count: usize) -> Vec<(f64, f64)> {
        (0..count)
            .map(|index| (index as f64, (index * index) as f64))
            .collect()
    }

    #[test]
    fn each_kind_has_its_own_mark_and_colour() {
        let clouds = (0..18)
            .map(|kind| Cloud::new(format!("class {kind}"), grid(2)))
            .collect();
        let rest = Some(Cloud::new("other", grid(3)));
        let svg = scatter_chart(&ScatterChart::map("Map", clouds, rest)).unwrap();
        // Two points and one mark in the legend each; the grey ones have three.
        assert_eq!(svg.matches("<circle").count(), 6 * 3 + 4);
        assert_eq!(svg.matches("<polygon").count(), 6 * 3);
        assert_eq!(svg.matches("<line").count(), 6 * 3 * 2);
        assert!(svg.contains("class 17") && svg.contains(">\nother\n"));
    }

    #[test]
    fn a_map_keeps_proportions() {
        let cloud = Cloud::new("a", vec![(0.0, 0.0), (10.0, 0.0), (10.0, 5.0)]);
        let svg = scatter_chart(&ScatterChart::map("Map", vec![cloud], None)).unwrap();
        let places: Vec<(i32, i32)> = svg
            .lines()
            .filter(|line| line.starts_with("<circle"))
            .skip(1)
            .map(|line| {
                let number = |key: &str| {
                    let rest = line.split(key).nth(1).unwrap();
                    rest.split('"').nth(1).unwrap().parse().unwrap()
                };
                (number("cx="), number("cy="))
            })
            .collect();
        let (right, up) = (places[1].0 - places[0].0, places[1].1 - places[2].1);
        assert!((right - 2 * up).abs() <= 1, "{places:?}");
        assert!(right > 700, "{places:?}");
    }

    #[test]
    fn what_has_no_place_is_left_out() {
        let points = vec![
            (0.0, 1.0),
            (f64::NAN, 1.0),
            (0.1, f64::INFINITY),
            (0.01, 2.0),
        ];
        let clouds = vec![Cloud::new("trials", points)];
        let mut chart = ScatterChart::new("Rate", "rate", "value", clouds);
        let circles = |chart: &ScatterChart| {
            let svg = scatter_chart(chart).unwrap();
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
            svg.matches("<circle").count() - 1
        };
        assert_eq!(circles(&chart), 2);
        chart.x_scale = Scale::Logarithmic;
        assert_eq!(circles(&chart), 1);
        chart.clouds.clear();
        assert!(scatter_chart(&chart).unwrap().contains("no data"));
    }

    #[test]
    fn categories_are_named() {
        let clouds = vec![Cloud::new("trials", vec![(0.0, 1.0), (2.0, 3.0)])];
        let mut chart = ScatterChart::new("Kind", "kind", "value", clouds);
        let names = ["sgd", "adam", "adamw"].map(str::to_owned);
        chart.x_scale = Scale::Categories(names.to_vec());
        let svg = scatter_chart(&chart).unwrap();
        for name in names {
            assert!(svg.contains(&format!(">\n{name}\n")), "{svg}");
        }
    }
}
