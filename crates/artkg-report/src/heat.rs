use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::canvas::{Canvas, INK, PALETTE, draw, draw_title, drawing, fill, text_style};
use crate::error::{Error, Result};
use crate::text::shortened;

/// A confusion matrix: rows are the true classes, columns the predicted ones.
/// Colours are shares of the row.
#[derive(Debug, Clone)]
pub struct HeatMap {
    /// The title.
    pub title: String,
    /// Class names.
    pub classes: Vec<String>,
    /// `counts[true][predicted]`.
    pub counts: Vec<Vec<u64>>,
}

impl HeatMap {
    /// A heat map of `counts[true][predicted]`.
    pub fn new(title: impl Into<String>, classes: Vec<String>, counts: Vec<Vec<u64>>) -> Self {
        Self {
            title: title.into(),
            classes,
            counts,
        }
    }

    fn check(&self) -> Result<()> {
        let classes = self.classes.len();
        let misfit = |row: usize| Error::MatrixShape {
            classes,
            row,
            found: self.counts.get(row).map_or(0, Vec::len),
        };
        if let Some(row) = self.counts.iter().position(|row| row.len() != classes) {
            return Err(misfit(row));
        }
        match self.counts.len() == classes {
            true => Ok(()),
            false => Err(misfit(self.counts.len().min(classes))),
        }
    }
}

const MATRIX_SIDE: i32 = 600;
const LABEL_LENGTH: usize = 22;
/// Cells at least this wide print their percentage.
const CELL_WITH_NUMBER: i32 = 30;
/// Cells at least this wide have a gap between them.
const CELL_WITH_GAP: i32 = 10;
const TOP: i32 = 64;

/// Draws a [`HeatMap`] as SVG. With many classes the labels are thinned out:
/// every second, fifth, tenth, … is left.
///
/// # Errors
/// [`Error::MatrixShape`] where the counts don't fit the classes, and
/// [`Error::Drawing`].
pub fn heat_map(map: &HeatMap) -> Result<String> {
    map.check()?;
    let classes = map.classes.len().max(1) as i32;
    let cell = (MATRIX_SIDE / classes).clamp(3, 44);
    let side = cell * classes;
    let labels: Vec<String> = map
        .classes
        .iter()
        .map(|label| shortened(label, LABEL_LENGTH))
        .collect();
    let longest = labels.iter().map(|label| label.chars().count()).max();
    let label_room = 14 + longest.unwrap_or(0) as i32 * 7;
    let left = 24 + label_room;
    let width = (left + side + 24).max(360);
    let height = TOP + side + label_room + 8;
    let origin = (left, TOP);

    draw(&map.title, (width as u32, height as u32), |canvas| {
        draw_title(canvas, &shortened(&map.title, (width / 9) as usize))?;
        fill(canvas, origin, (side, side), INK.mix(0.05))?;
        draw_cells(canvas, &map.counts, origin, cell)?;
        draw_labels(canvas, &labels, origin, cell)
    })
}

fn draw_cells(canvas: &Canvas, counts: &[Vec<u64>], origin: (i32, i32), cell: i32) -> Result<()> {
    let gap = i32::from(cell >= CELL_WITH_GAP);
    for (row, counts) in counts.iter().enumerate() {
        let total: u64 = counts.iter().sum();
        for (column, &count) in counts.iter().enumerate() {
            if count == 0 {
                continue;
            }
            let share = count as f64 / total as f64;
            let corner = (
                origin.0 + cell * column as i32,
                origin.1 + cell * row as i32,
            );
            // Even one work in a large row must be visible.
            let colour = PALETTE[0].mix(0.12 + 0.88 * share);
            fill(canvas, corner, (cell - gap, cell - gap), colour)?;
            if cell >= CELL_WITH_NUMBER {
                let ink = match share > 0.45 {
                    true => WHITE.to_rgba(),
                    false => INK.to_rgba(),
                };
                let middle = (corner.0 + cell / 2, corner.1 + cell / 2);
                let percent = format!("{:.0}", share * 100.0);
                canvas
                    .draw_text(&percent, &text_style(12, HPos::Center, &ink), middle)
                    .map_err(drawing)?;
            }
        }
    }
    Ok(())
}

fn draw_labels(canvas: &Canvas, labels: &[String], origin: (i32, i32), cell: i32) -> Result<()> {
    let style = text_style(12, HPos::Right, &INK.to_rgba());
    let turned = TextStyle {
        font: style.font.clone().transform(FontTransform::Rotate270),
        ..style.clone()
    };
    let side = cell * labels.len() as i32;
    // A label needs 14 pixels; skip the classes in between.
    let every = [1, 2, 5, 10, 20, 50]
        .into_iter()
        .find(|every| every * cell >= 14)
        .unwrap_or(100);
    for (index, label) in labels.iter().enumerate().step_by(every as usize) {
        let middle = cell * index as i32 + cell / 2;
        canvas
            .draw_text(label, &style, (origin.0 - 6, origin.1 + middle))
            .map_err(drawing)?;
        canvas
            .draw_text(label, &turned, (origin.0 + middle, origin.1 + side + 6))
            .map_err(drawing)?;
    }
    let quiet = text_style(12, HPos::Left, &INK.mix(0.7));
    let note = "rows: true, columns: predicted; colour: share of the row (%)";
    canvas.draw_text(note, &quiet, (8, 42)).map_err(drawing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(classes: usize) -> HeatMap {
        let names = (0..classes).map(|class| format!("class {class}")).collect();
        let counts = (0..classes)
            .map(|row| {
                (0..classes)
                    .map(|column| u64::from(row == column))
                    .collect()
            })
            .collect();
        HeatMap::new("Confusion", names, counts)
    }

    #[test]
    fn few_classes_are_labelled_and_print_percentages() {
        let mut map = identity(3);
        map.counts[0] = vec![3, 1, 0];
        let svg = heat_map(&map).unwrap();
        assert_eq!(svg.matches("class 2\n").count(), 2, "row and column");
        assert!(svg.contains(">\n75\n") && svg.contains(">\n25\n"), "{svg}");
    }

    #[test]
    fn many_classes_lose_labels_but_no_cells() {
        let svg = heat_map(&identity(200)).unwrap();
        assert_eq!(svg.matches("<rect").count(), 201);
        assert!(svg.contains("class 0\n") && !svg.contains("class 1\n"));
        assert!(!svg.contains(">\n100\n"));
    }

    #[test]
    fn a_matrix_that_does_not_fit_is_refused() {
        let mut map = identity(3);
        map.counts[1].pop();
        let message = heat_map(&map).unwrap_err().to_string();
        assert!(message.contains("row 1 has 2"), "{message}");
        map = identity(3);
        map.counts.pop();
        let message = heat_map(&map).unwrap_err().to_string();
        assert!(message.contains("row 2 has 0"), "{message}");
    }
}
