use artkg_report::{
    BarChart, Card, Curve, HeatMap, LineChart, Page, Table, bar_chart, heat_map, line_chart,
};

use artkg_measure::{ConfidenceMetrics, TaskMetrics};
use artkg_model::{Mode, ModelDescription};

use crate::consistency::ConsistencyMetrics;
use crate::error::Result;
use crate::run::Evaluation;

/// Lays out an evaluation as one HTML page that opens without the internet.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn evaluation_page(evaluation: &Evaluation) -> Result<Page> {
    let model = &evaluation.model;
    let mut page = Page::new(format!("Evaluation on {}", evaluation.corpus));
    page.subtitle(format!(
        "{} of a {}, on {} of the {} split",
        system_name(model),
        model.architecture,
        artkg_files::counted(evaluation.images, "image"),
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
    if let Some(consistency) = &evaluation.consistency {
        consistency_section(&mut page, consistency, &evaluation.tasks);
    }
    confidence_section(&mut page, &evaluation.tasks)?;
    for task in &evaluation.tasks {
        task_section(&mut page, task)?;
    }
    if !evaluation.failures.is_empty() {
        let mut table = Table::new().text_column("image").collapsed(format!(
            "{} could not be used",
            artkg_files::counted(evaluation.failures.len(), "image")
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
        .number_column("largest class alone")
        .number_column("calibration error")
        .number_column("before temperature");
    for task in tasks {
        table.row([
            task.attribute.to_string(),
            task.classes.len().to_string(),
            task.examples.to_string(),
            percent(task.accuracy),
            percent(task.top5),
            percent(task.macro_f1),
            percent(task.majority),
            of_confidence(task, |metrics| metrics.reliability.calibration_error),
            of_confidence(task, |metrics| metrics.uncalibrated.calibration_error),
        ]);
    }
    table
}

fn of_confidence(task: &TaskMetrics, value: impl Fn(&ConfidenceMetrics) -> f64) -> String {
    let metrics = task.confidence.as_ref();
    metrics.map_or_else(String::new, |metrics| percent(value(metrics)))
}

/// What choosing tags jointly did.
fn consistency_section(page: &mut Page, consistency: &ConsistencyMetrics, tasks: &[TaskMetrics]) {
    let mut table = Table::new()
        .text_column("accuracy of")
        .number_column("each head alone")
        .number_column("by joint marginals")
        .number_column("jointly most probable");
    for (task, accuracies) in tasks.iter().zip(&consistency.tasks) {
        table.row([
            task.attribute.to_string(),
            percent(accuracies.alone),
            percent(accuracies.marginal),
            percent(accuracies.together),
        ]);
    }
    table.row([
        "all tags right".to_owned(),
        percent(consistency.all_right_alone),
        String::new(),
        percent(consistency.all_right_together),
    ]);
    page.section("Consistent tags")
        .paragraph(&format!(
            "These tags were chosen jointly, by the heads and by how often their values occur \
             together among the training works (strength {:.2}). Taken each for itself, {} of the \
             images would have two tags that no training work has together; so they are {}.",
            consistency.strength,
            percent(consistency.conflicts_alone),
            percent(consistency.conflicts_together)
        ))
        .table(&table);
}

/// What the confidences are worth: risk against coverage, and what a given risk
/// costs.
fn confidence_section(page: &mut Page, tasks: &[TaskMetrics]) -> Result<()> {
    const RISKS: [f64; 4] = [0.02, 0.05, 0.1, 0.2];
    let known: Vec<(&TaskMetrics, &ConfidenceMetrics)> = tasks
        .iter()
        .filter_map(|task| Some((task, task.confidence.as_ref()?)))
        .collect();
    if known.is_empty() {
        return Ok(());
    }
    let curves = known.iter().map(|(task, metrics)| {
        let points = &metrics.selection.points;
        let points = points
            .iter()
            .map(|point| (100.0 * point.coverage, 100.0 * point.risk));
        Curve::new(task.attribute.name(), points.collect())
    });
    let chart = LineChart::new(
        "Risk and coverage",
        "tags given, %",
        "of those wrong, %",
        curves.collect(),
    );
    page.section("Giving only sure tags").figure(
        &line_chart(&chart)?,
        "The surest tags first: how many of those given are wrong, by how many are given.",
        "Risk–coverage curve of each task",
    );
    let mut table = Table::new()
        .text_column("task")
        .number_column("area under the curve");
    for risk in RISKS {
        table = table.number_column(format!("given with {:.0} % wrong", 100.0 * risk));
    }
    for (task, metrics) in known {
        let mut row = vec![
            task.attribute.to_string(),
            format!("{:.3}", metrics.selection.area),
        ];
        row.extend(RISKS.map(|risk| match metrics.selection.at_risk(risk) {
            Some(point) => format!("{} (from {:.2})", percent(point.coverage), point.threshold),
            None => "none".to_owned(),
        }));
        table.row(row);
    }
    page.table(&table).paragraph(
        "In brackets: the confidence that a tag needs. These are figures of this split; \
         `artkg tag --abstain-risk` takes its thresholds from the validation split.",
    );
    Ok(())
}

/// Confidence against accuracy, before and after temperature.
fn reliability_diagram(metrics: &ConfidenceMetrics, task: &TaskMetrics) -> Result<String> {
    let curves = vec![
        Curve::new("as given", metrics.reliability.curve()),
        Curve::new("before temperature", metrics.uncalibrated.curve()),
        Curve::new("honest", vec![(0.0, 0.0), (1.0, 1.0)]),
    ];
    let title = format!("Reliability of {}", task.attribute);
    let chart = LineChart::new(title, "confidence", "share that is right", curves);
    Ok(line_chart(&chart)?)
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
    if let Some(metrics) = &task.confidence {
        page.figure(
            &reliability_diagram(metrics, task)?,
            "Tags by their confidence, in 15 bins; below the straight line the model is too sure.",
            &format!("Reliability diagram of {}", task.attribute),
        );
    }
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
        ("trained on", provenance.data.name.clone()),
        ("source", provenance.data.source.clone()),
        ("licence", provenance.data.licence.clone()),
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
