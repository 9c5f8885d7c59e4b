use artkg_corpus::Corpus;
use artkg_measure::Spread;
use artkg_report::{
    BarChart, Card, Curve, HeatMap, LineChart, Page, Table, bar_chart, heat_map, line_chart,
    scatter_chart,
};
use artkg_vocabulary::Attribute;

use crate::error::Result;
use crate::map::class_map;
use crate::maps::Map;
use crate::result::{TaskResult, mean};
use crate::summary::{RowSummary, Summary, costs, percent};

/// Lays out a comparison as one HTML page that opens without the internet.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn comparison_page(summary: &Summary<'_>, maps: &[Map], corpus: &Corpus) -> Result<Page> {
    let name = &corpus.description.name;
    let mut page = Page::new(format!("Systems compared on {name}"));
    page.subtitle("Accuracy on the test split in percent; mean and standard deviation over seeds.");
    if corpus.description.synthetic {
        page.note("Synthetic data: these paintings were generated to show how artkg works.");
    }
    page.section("Accuracy");
    page.cards(&cards(summary));
    page.table(&accuracy_table(summary));
    if summary.rows.iter().any(|row| row.paper.is_some()) {
        page.paragraph("In brackets: the paper's figures (arXiv 1904.04985, table 3).");
    }
    for row in &summary.rows {
        if let Some(captioner) = row.runs.iter().find_map(|run| run.captioner.as_ref()) {
            page.paragraph(&format!("The captions of {} are by {captioner}.", row.row));
        }
    }
    add_differences(&mut page, summary);
    add_bars(&mut page, summary)?;
    page.section("Learning");
    add_curves(&mut page, summary)?;
    if let Some(best) = best_by_validation(summary) {
        add_confusions(&mut page, best)?;
    }
    add_maps(&mut page, maps)?;
    Ok(page)
}

/// The row with the best accuracy on the validation split.
fn best_by_validation<'a, 'b>(summary: &'b Summary<'a>) -> Option<&'b RowSummary<'a>> {
    let complete = summary.rows.iter().filter(|row| {
        summary
            .tasks
            .iter()
            .all(|&task| !row.accuracies(task).is_empty())
    });
    complete.max_by(|left, right| left.validation().total_cmp(&right.validation()))
}

fn cards(summary: &Summary<'_>) -> Vec<Card> {
    let mut cards = Vec::new();
    let card = |label: &str, row: &RowSummary<'_>| {
        Card::new(label, format!("{} %", percent(&row.means())), row.name())
    };
    if let Some(row) = summary.reference() {
        cards.push(card("reference", row));
    }
    if let Some(row) = summary.best_context() {
        cards.push(card("best context by validation", row));
    }
    cards
}

fn accuracy_table(summary: &Summary<'_>) -> Table {
    let mut table = Table::new().text_column("row");
    for column in summary.columns() {
        table = table.number_column(column);
    }
    for column in ["validation", "seeds", "trained", "time", "images/s"] {
        table = table.number_column(column);
    }
    let mut table = table.text_column("");
    for row in &summary.rows {
        let mut cells = vec![row.name()];
        cells.extend(summary.cells(row));
        cells.push(format!("{:.1}", 100.0 * row.validation()));
        cells.extend(costs(row));
        cells.push(row.mark().to_owned());
        table.row(cells);
    }
    table
}

/// Differences to the reference row: whether they are more than chance.
fn add_differences(page: &mut Page, summary: &Summary<'_>) {
    let Some(reference) = summary.reference() else {
        return;
    };
    page.section(&format!("Differences to {}", reference.name()));
    page.paragraph(
        "In points, with the 95 % interval of the paired bootstrap over the artworks of the test \
         split (each with the share of seeds that are right) and its p. Below, McNemar's test of \
         the first seeds: artworks that only the one or only the other has right, and its mid-p.",
    );
    let mut table = Table::new()
        .text_column("row")
        .text_column("task")
        .number_column("difference")
        .number_column("interval")
        .number_column("p")
        .number_column("only it right")
        .number_column("only the reference right")
        .number_column("McNemar's p");
    for row in &summary.rows {
        let mut add = |name: String, tasks: &[Attribute]| {
            let Some(found) = summary.difference(row, tasks) else {
                return;
            };
            let mut cells = vec![
                row.name(),
                name,
                format!("{:+.1}", 100.0 * found.difference),
                format!("{:+.1} to {:+.1}", 100.0 * found.low, 100.0 * found.high),
                format!("{:.4}", found.p),
            ];
            if let [task] = tasks
                && let Some(test) = summary.disagreement(row, *task)
            {
                cells.push(test.only_first.to_string());
                cells.push(test.only_second.to_string());
                cells.push(format!("{:.4}", test.mid));
            }
            table.row(cells);
        };
        add("mean".to_owned(), &summary.tasks);
        for &task in &summary.tasks {
            add(task.to_string(), &[task]);
        }
    }
    page.table(&table);
}

/// Where the models see the artworks, coloured by class.
fn add_maps(page: &mut Page, maps: &[Map]) -> Result<()> {
    /// Classes in colours of their own.
    const COLOURED: usize = 8;
    for map in maps {
        page.section(&format!("Map of {}: {}", map.row, map.space));
        page.paragraph(
            "The artworks of the test split, placed by t-SNE. The Davies–Bouldin index says how \
             well classes separate in the space itself; smaller is better.",
        );
        for task in &map.tasks {
            let index = match task.davies_bouldin {
                Some(index) => format!("Davies–Bouldin index {index:.2}"),
                None => "one class".to_owned(),
            };
            let title = format!("By {}", task.attribute);
            let chart = class_map(&title, &map.places, &task.classes, &task.names, COLOURED);
            let caption = format!("{index}.");
            page.figure(&scatter_chart(&chart)?, &caption, &title);
        }
    }
    Ok(())
}

fn add_bars(page: &mut Page, summary: &Summary<'_>) -> Result<()> {
    let of_rows = |value: &dyn Fn(&RowSummary<'_>) -> Vec<f64>| -> Vec<(String, f64)> {
        summary
            .rows
            .iter()
            .filter_map(|row| {
                let spread = Spread::of(&value(row))?;
                Some((row.name(), 100.0 * spread.mean))
            })
            .collect()
    };
    let mut charts: Vec<(String, Vec<(String, f64)>)> = vec![(
        "Mean accuracy over the tasks, %".to_owned(),
        of_rows(&|row| row.means()),
    )];
    charts.extend(summary.tasks.iter().map(|&task| {
        let bars = of_rows(&|row| row.accuracies(task));
        (format!("Accuracy of {task}, %"), bars)
    }));
    for (title, bars) in charts {
        let chart = BarChart {
            decimals: 1,
            ..BarChart::new(title.clone(), bars)
        };
        page.figure(&bar_chart(&chart)?, &title, &title);
    }
    Ok(())
}

/// The validation accuracy of the first seed of each row by epoch.
fn add_curves(page: &mut Page, summary: &Summary<'_>) -> Result<()> {
    let curves = summary
        .rows
        .iter()
        .filter(|row| !row.consistent)
        .filter_map(|row| {
            let runs = &row.runs.first()?.curves;
            let epochs = runs.iter().map(Vec::len).min()?;
            // Networks of their own for each task: their mean.
            let value = |epoch: usize| mean(runs.iter().map(|curve| curve[epoch]));
            let points = (0..epochs).map(|epoch| (epoch as f64 + 1.0, 100.0 * value(epoch)));
            Some(Curve::new(row.name(), points.collect()))
        })
        .collect();
    let chart = LineChart::new(
        "Validation accuracy, mean of the tasks, %",
        "epoch",
        "accuracy",
        curves,
    );
    page.figure(
        &line_chart(&chart)?,
        "The first seed of each row.",
        "Learning curves of all rows",
    );
    Ok(())
}

/// The confusion matrices of the first seed of a row.
fn add_confusions(page: &mut Page, row: &RowSummary<'_>) -> Result<()> {
    page.section(&format!("Confusions of {}", row.name()));
    page.paragraph("The best row by validation; its first seed.");
    let Some(run) = row.runs.first() else {
        return Ok(());
    };
    for task in row.tasks_of(run) {
        let map = HeatMap::new(
            format!("Confusion of {}", task.attribute),
            task.classes.clone(),
            confusion(task),
        );
        page.figure(
            &heat_map(&map)?,
            "Rows are the true classes, columns the predicted ones; colours are shares of the row.",
            &format!("Confusion matrix of {}", task.attribute),
        );
    }
    Ok(())
}

/// `[truth][prediction]`.
fn confusion(task: &TaskResult) -> Vec<Vec<u64>> {
    let classes = task.classes.len();
    let mut counts = vec![vec![0; classes]; classes];
    for (target, predicted) in task.targets.iter().zip(&task.predicted) {
        if let Some(target) = target {
            counts[*target][*predicted] += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confusions_leave_missing_values_out() {
        let task = TaskResult {
            attribute: Attribute::TYPE,
            classes: vec!["unknown".into(), "portrait".into()],
            validation: 0.0,
            accuracy: 0.5,
            predicted: vec![1, 1, 0],
            targets: vec![Some(1), Some(0), None],
        };
        assert_eq!(confusion(&task), [[0, 1], [0, 1]]);
    }
}
