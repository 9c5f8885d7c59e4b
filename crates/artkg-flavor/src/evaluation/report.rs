use artkg_report::{
    BarChart, Card, Curve as ChartCurve, HeatMap, LineChart, Page, Table, bar_chart, heat_map,
    line_chart,
};

use super::bins::Binning;
use super::run::ModelEvaluation;
use crate::error::Result;

/// The report of an evaluation: one page for all models.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn evaluation_page(evaluations: &[ModelEvaluation]) -> Result<Page> {
    let mut page = Page::new("Flavour tagging");
    let Some(first) = evaluations.first() else {
        return Ok(page);
    };
    if evaluations.iter().any(|evaluation| evaluation.toy) {
        page.note(
            "Toy events: models here learned from events that were made up to show how artkg \
             works.",
        );
    }
    page.subtitle(format!(
        "{} events of the classes {}",
        first.events,
        first.classes.join(", ")
    ));
    let cards: Vec<Card> = evaluations
        .iter()
        .map(|evaluation| {
            let value = format!("{:.4}", evaluation.accuracy);
            Card::new(named(evaluation, evaluations), value, "accuracy")
        })
        .collect();
    page.section("Accuracy").cards(&cards);
    add_working_points(&mut page, evaluations);
    add_curves(&mut page, evaluations)?;
    for evaluation in evaluations {
        add_model(&mut page, evaluation, &named(evaluation, evaluations))?;
    }
    Ok(page)
}

/// The kind of a model, with its folder where there are two of it.
fn named(evaluation: &ModelEvaluation, all: &[ModelEvaluation]) -> String {
    let same = all
        .iter()
        .filter(|other| other.name == evaluation.name)
        .count();
    let folder = evaluation
        .model
        .parent()
        .and_then(|folder| folder.file_name());
    match folder {
        Some(folder) if same > 1 => format!("{} ({})", evaluation.name, folder.to_string_lossy()),
        _ => evaluation.name.clone(),
    }
}

fn add_working_points(page: &mut Page, evaluations: &[ModelEvaluation]) {
    let mut table = Table::new()
        .text_column("Signal")
        .text_column("Background")
        .caption("Background passing at a fixed signal efficiency, in percent");
    for evaluation in evaluations {
        table = table.number_column(named(evaluation, evaluations));
    }
    for (place, point) in evaluations[0].working_points.iter().enumerate() {
        let mut row = vec![
            format!("{:.0} % {}", 100.0 * point.signal_efficiency, point.signal),
            point.background.clone(),
        ];
        row.extend(evaluations.iter().map(|evaluation| {
            let point = &evaluation.working_points[place];
            let percent = |share: f64| 100.0 * share;
            format!(
                "{:.2} ± {:.2}",
                percent(point.background_efficiency),
                percent(point.error)
            )
        }));
        table.row(row);
    }
    page.section("Working points").table(&table).paragraph(
        "The cut is on the signal's probability. Errors: the deviation when events are drawn \
         anew, with replacement.",
    );
}

fn add_curves(page: &mut Page, evaluations: &[ModelEvaluation]) -> Result<()> {
    page.section("Curves");
    for signal in &evaluations[0].classes {
        let of_signal = |efficiency: bool| {
            let curves = evaluations.iter().flat_map(move |evaluation| {
                let name = named(evaluation, evaluations);
                evaluation.curves.iter().filter_map(move |curve| {
                    let wanted =
                        curve.signal == *signal && curve.background.is_some() == efficiency;
                    let name = match &curve.background {
                        Some(background) => format!("{background}, {name}"),
                        None => name.clone(),
                    };
                    wanted.then(|| ChartCurve::new(name, curve.points.clone()))
                })
            });
            curves.collect::<Vec<_>>()
        };
        let mut chart = LineChart::new(
            format!("Background efficiency, {signal} as signal"),
            format!("efficiency for {signal}"),
            "background efficiency",
            of_signal(true),
        );
        chart.logarithmic = true;
        let description = format!("background against {signal} efficiency, logarithmic");
        page.figure(&line_chart(&chart)?, "", &description);
        let chart = LineChart::new(
            format!("Purity, {signal} as signal"),
            format!("efficiency for {signal}"),
            "purity in these events",
            of_signal(false),
        );
        page.figure(
            &line_chart(&chart)?,
            "",
            &format!("purity against {signal} efficiency"),
        );
    }
    Ok(())
}

fn add_model(page: &mut Page, evaluation: &ModelEvaluation, name: &str) -> Result<()> {
    page.section(&format!("Model: {name}"));
    page.paragraph(&format!("{}", evaluation.model.display()));
    let map = HeatMap::new(
        "Confusion: rows are the truth",
        evaluation.classes.clone(),
        evaluation.confusion.clone(),
    );
    page.figure(&heat_map(&map)?, "", "confusion matrix");
    let mut table = Table::new()
        .text_column("Class")
        .number_column("Events")
        .number_column("Found")
        .number_column("Precision")
        .number_column("AUC");
    for class in &evaluation.class_metrics {
        table.row([
            class.class.clone(),
            class.events.to_string(),
            format!("{:.1} %", 100.0 * class.recall),
            format!("{:.1} %", 100.0 * class.precision),
            format!("{:.4}", class.auc),
        ]);
    }
    page.table(&table);
    for binning in &evaluation.binnings {
        page.table(&binning_table(binning, &evaluation.classes));
        let points = binning.bins.iter().map(|bin| {
            let middle = 0.5 * (bin.range.0 + bin.range.1);
            (middle, bin.accuracy)
        });
        let chart = LineChart::new(
            format!("Accuracy by {}", binning.quantity),
            binning.quantity.clone(),
            "accuracy",
            vec![ChartCurve::new(name, points.collect())],
        );
        page.figure(
            &line_chart(&chart)?,
            "",
            &format!("accuracy by {}", binning.quantity),
        );
    }
    if !evaluation.importances.is_empty() {
        let bars = evaluation.importances.iter();
        let bars = bars.map(|group| (group.inputs.clone(), group.loss_growth.max(0.0)));
        let mut chart = BarChart::new(
            "Growth of the loss without a group of inputs",
            bars.collect(),
        );
        chart.decimals = 3;
        let caption = "Each group in turn is dealt out anew among tracks, pairs or events.";
        page.figure(&bar_chart(&chart)?, caption, "importance of inputs");
    }
    Ok(())
}

fn binning_table(binning: &Binning, classes: &[String]) -> Table {
    let mut table = Table::new()
        .text_column(binning.quantity.as_str())
        .number_column("Events")
        .number_column("Accuracy");
    for class in classes {
        table = table.number_column(format!("AUC {class}"));
    }
    for bin in &binning.bins {
        let (low, high) = bin.range;
        let range = match high > 2.0 {
            true => format!("{low:.0} to {high:.0}"),
            false => format!("{low:.2} to {high:.2}"),
        };
        let mut row = vec![
            range,
            bin.events.to_string(),
            format!("{:.3}", bin.accuracy),
        ];
        let area = |area: &Option<f64>| area.map_or("–".to_owned(), |area| format!("{area:.4}"));
        row.extend(bin.auc.iter().map(area));
        table.row(row);
    }
    table
}
