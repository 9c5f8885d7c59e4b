use artkg_report::{BarChart, Card, HeatMap, Page, Table, bar_chart, heat_map};

use super::metrics::TaskMetrics;
use super::run::Evaluation;
use crate::{Mode, ModelDescription, Result};

/// Lays out an evaluation as one HTML page that opens without the internet.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn evaluation_page(evaluation: &Evaluation) -> Result<Page> {
    let model = &evaluation.model;
    let mut page = Page::new(format!("Evaluation on {}", evaluation.corpus));
    page.subtitle(format!(
        "{} of a {}, on {} images of the {} split",
        system_name(model),
        model.architecture,
        evaluation.images,
        evaluation.split
    ));
    if evaluation.synthetic {
        page.note("Synthetic data: these paintings were generated to show how artkg works.");
    }
    page.section("Summary");
    let mut cards: Vec<Card> = evaluation
        .tasks
        .iter()
        .map(|task| {
            Card::new(
                format!("{} accuracy", task.attribute),
                percent(task.accuracy),
                format!("largest class alone {}", percent(task.majority)),
            )
        })
        .collect();
    cards.push(Card::new(
        "mean accuracy",
        percent(evaluation.mean_accuracy),
        "",
    ));
    page.cards(&cards);
    page.table(&summary_table(&evaluation.tasks));
    for task in &evaluation.tasks {
        task_section(&mut page, task)?;
    }
    if !evaluation.failures.is_empty() {
        let mut table = Table::new().text_column("image").collapsed(format!(
            "{} images could not be used",
            evaluation.failures.len()
        ));
        for failure in &evaluation.failures {
            table.row([failure.as_str()]);
        }
        page.section("Images left out").table(&table);
    }
    provenance_section(&mut page, evaluation);
    Ok(page)
}

fn summary_table(tasks: &[TaskMetrics]) -> Table {
    let mut table = Table::new()
        .text_column("task")
        .number_column("classes")
        .number_column("artworks")
        .number_column("accuracy")
        .number_column("top 5")
        .number_column("macro F1")
        .number_column("largest class alone");
    for task in tasks {
        table.row([
            task.attribute.to_string(),
            task.classes.len().to_string(),
            task.examples.to_string(),
            percent(task.accuracy),
            percent(task.top5),
            percent(task.macro_f1),
            percent(task.majority),
        ]);
    }
    table
}

fn task_section(page: &mut Page, task: &TaskMetrics) -> Result<()> {
    page.section(&format!("Task: {}", task.attribute));
    let classes = || task.classes.iter().map(|class| class.class.clone());
    let map = HeatMap::new(
        format!("Confusion of {}", task.attribute),
        classes().collect(),
        task.confusion.clone(),
    );
    page.figure(
        &heat_map(&map)?,
        "Rows are the true classes, columns the predicted ones; colours are shares of the row.",
        &format!("Confusion matrix of {}", task.attribute),
    );
    let mut recalls: Vec<(String, f64)> = task
        .classes
        .iter()
        .filter(|class| class.support > 0)
        .map(|class| (class.class.clone(), 100.0 * class.recall))
        .collect();
    recalls.sort_by(|left, right| right.1.total_cmp(&left.1));
    let chart = BarChart::new(format!("Found of each {}, %", task.attribute), recalls);
    page.figure(
        &bar_chart(&chart)?,
        "Share of the artworks of a class that were given that class.",
        &format!("Recall by class of {}", task.attribute),
    );
    let mut table = Table::new()
        .text_column("class")
        .number_column("artworks")
        .number_column("predicted")
        .number_column("precision")
        .number_column("recall")
        .number_column("F1")
        .collapsed(format!("All {} classes", task.classes.len()));
    for class in &task.classes {
        table.row([
            class.class.clone(),
            class.support.to_string(),
            class.predicted.to_string(),
            percent(class.precision),
            percent(class.recall),
            percent(class.f1),
        ]);
    }
    page.table(&table);
    Ok(())
}

fn provenance_section(page: &mut Page, evaluation: &Evaluation) {
    let model = &evaluation.model;
    let provenance = &model.provenance;
    let mut table = Table::new().text_column("").text_column("");
    let initial = provenance.initial_weights.as_deref().unwrap_or("random");
    for (name, value) in [
        ("trained on", provenance.corpus.clone()),
        ("source", provenance.corpus_source.clone()),
        ("licence", provenance.corpus_licence.clone()),
        (
            "backbone",
            format!("{} ({})", model.architecture, model.bottleneck),
        ),
        ("initial weights", initial.to_owned()),
        ("epoch", provenance.epoch.to_string()),
        ("seed", provenance.seed.to_string()),
        ("artkg", provenance.artkg_version.clone()),
    ] {
        table.row([name.to_owned(), value]);
    }
    page.section("The model").table(&table);
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// The system in words.
fn system_name(model: &ModelDescription) -> String {
    let context = model.classifier.projection.as_ref();
    match (model.mode, context) {
        (Mode::Kgm, Some(context)) => format!("KGM ({})", context.usage),
        (Mode::Mtl, _) => "MTL".to_owned(),
        (mode, _) => mode.to_string(),
    }
}
