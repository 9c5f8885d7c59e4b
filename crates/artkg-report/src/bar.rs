use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::canvas::{INK, PALETTE, draw, draw_title, drawing, fill, text_style};
use crate::error::Result;
use crate::text::{grouped, shortened};

/// Horizontal bars, drawn in the order given.
#[derive(Debug, Clone)]
pub struct BarChart {
    /// The title.
    pub title: String,
    /// Labels and values. Values that are negative or not finite get no bar.
    pub bars: Vec<(String, f64)>,
    /// Digits after the point of the printed values.
    pub decimals: usize,
    /// Most bars to draw; a last line says how many more there are.
    pub most: usize,
}

impl BarChart {
    /// A chart of whole numbers, of at most 40 bars.
    pub fn new(title: impl Into<String>, bars: Vec<(String, f64)>) -> Self {
        Self {
            title: title.into(),
            bars,
            decimals: 0,
            most: 40,
        }
    }
}

const WIDTH: u32 = 760;
const TOP: i32 = 40;
const STEP: i32 = 22;
const THICKNESS: i32 = 16;
const LABEL_LENGTH: usize = 30;
/// Room for the printed value, right of the longest bar.
const VALUE_ROOM: i32 = 90;

/// Draws a [`BarChart`] as SVG; long labels are shortened.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn bar_chart(chart: &BarChart) -> Result<String> {
    let shown = &chart.bars[..chart.bars.len().min(chart.most)];
    let hidden = chart.bars.len() - shown.len();
    let lines = shown.len().max(1) + usize::from(hidden > 0);
    let height = TOP + STEP * lines as i32 + 8;
    let labels: Vec<String> = shown
        .iter()
        .map(|(label, _)| shortened(label, LABEL_LENGTH))
        .collect();
    let longest = labels.iter().map(|label| label.chars().count()).max();
    let left = 16 + (longest.unwrap_or(0) as i32 * 15 / 2).max(40);
    let room = WIDTH as i32 - left - VALUE_ROOM;
    let largest = shown
        .iter()
        .map(|(_, value)| *value)
        .filter(|value| value.is_finite())
        .fold(f64::MIN_POSITIVE, f64::max);

    draw(&chart.title, (WIDTH, height as u32), |canvas| {
        draw_title(canvas, &shortened(&chart.title, 90))?;
        let right = text_style(13, HPos::Right, &INK.to_rgba());
        let quiet = text_style(13, HPos::Left, &INK.mix(0.7));
        for (line, ((_, value), label)) in shown.iter().zip(&labels).enumerate() {
            let top = TOP + STEP * line as i32;
            let middle = top + THICKNESS / 2;
            canvas
                .draw_text(label, &right, (left - 8, middle))
                .map_err(drawing)?;
            // NaN compares false and gets no bar.
            let length = if *value > 0.0 && value.is_finite() {
                ((value / largest * f64::from(room)).round() as i32).max(1)
            } else {
                0
            };
            fill(
                canvas,
                (left, top),
                (length, THICKNESS),
                PALETTE[0].to_rgba(),
            )?;
            let printed = grouped(*value, chart.decimals);
            canvas
                .draw_text(&printed, &quiet, (left + length + 6, middle))
                .map_err(drawing)?;
        }
        let remark = match (shown.is_empty(), hidden) {
            (true, _) => "no data".to_owned(),
            (false, 0) => return Ok(()),
            (false, hidden) => format!("and {} more", grouped(hidden as f64, 0)),
        };
        let middle = TOP + STEP * shown.len() as i32 + THICKNESS / 2;
        canvas
            .draw_text(&remark, &quiet, (left, middle))
            .map_err(drawing)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_labels_values_and_what_is_left_out() {
        let mut chart = BarChart::new(
            "Works by school",
            vec![
                ("Dutch & <Flemish>".into(), 1234.0),
                (
                    "a very long name of a school that nobody can read".into(),
                    1.0,
                ),
                ("Italian".into(), 3.0),
            ],
        );
        chart.most = 2;
        let svg = bar_chart(&chart).unwrap();
        assert!(svg.contains("Dutch &amp; &lt;Flemish&gt;"), "{svg}");
        assert!(svg.contains("1,234"));
        assert!(svg.contains("a very long name of a school…"), "{svg}");
        assert!(!svg.contains("Italian"));
        assert!(svg.contains("and 1 more"));
        assert!(svg.contains("currentColor") && !svg.contains("#010203"));
        assert!(svg.contains("viewBox"));
    }

    #[test]
    fn the_longest_bar_fills_the_room_and_others_keep_proportion() {
        let bars = vec![
            ("a".into(), 100.0),
            ("b".into(), 50.0),
            ("c".into(), f64::NAN),
        ];
        let svg = bar_chart(&BarChart::new("t", bars)).unwrap();
        let widths: Vec<i32> = svg
            .lines()
            .filter(|line| line.starts_with("<rect"))
            .map(|line| line.split("width=\"").nth(1).unwrap())
            .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(widths[0], widths[1] * 2);
        assert_eq!(widths.get(2), Some(&0));
    }

    #[test]
    fn nothing_to_draw_says_so() {
        let svg = bar_chart(&BarChart::new("t", vec![])).unwrap();
        assert!(svg.contains("no data"));
    }
}
