use std::time::Duration;

use artkg_report::{Card, Curve, LineChart, Page, Table, duration_text, grouped, line_chart};

use crate::config::TrainingConfig;
use crate::error::{Error, Result};
use crate::record::EpochRecord;
use crate::run_folder::RunFolder;
use crate::trainable::Trainable;

/// Writes `report.html` of a run: key figures, learning curves, the table of
/// epochs, and whatever the trainable adds.
pub(crate) fn write_report(
    folder: &RunFolder,
    config: &TrainingConfig,
    model: &impl Trainable,
) -> Result<()> {
    let epochs = folder.epochs()?;
    let name = folder.path().file_name().unwrap_or_default();
    let mut page = Page::new(format!("Training run {}", name.to_string_lossy()));
    add_key_figures(&mut page, config, &epochs);
    add_settings(&mut page, config);
    add_learning_curves(&mut page, &epochs)?;
    model.report(&mut page).map_err(|source| Error::Model {
        during: "writing the report".to_owned(),
        source,
    })?;
    let html = page.render();
    Ok(artkg_files::write_bytes(
        &folder.report_file(),
        html.as_bytes(),
    )?)
}

fn add_key_figures(page: &mut Page, config: &TrainingConfig, epochs: &[EpochRecord]) {
    let metric = &config.early_stopping.metric;
    let mut cards = vec![Card::new(
        "Epochs",
        epochs.len().to_string(),
        format!("of at most {}", config.epochs),
    )];
    if let Some(best) = epochs.iter().rev().find(|epoch| epoch.best)
        && let Some(value) = best.validation.get(metric)
    {
        let detail = format!("validation, epoch {}", best.epoch);
        cards.push(Card::new(
            format!("Best {metric}"),
            format!("{value:.4}"),
            detail,
        ));
    }
    if let Some(last) = epochs.last() {
        cards.push(Card::new(
            "Training loss",
            format!("{:.4}", last.loss),
            "last epoch",
        ));
        let seconds: f64 = epochs.iter().map(|epoch| epoch.seconds).sum();
        let time = duration_text(Duration::from_secs_f64(seconds));
        let speed = format!("{} examples/s", grouped(last.examples_per_second, 1));
        cards.push(Card::new("Training time", time, speed));
    }
    page.section("Overview").cards(&cards);
}

fn add_settings(page: &mut Page, config: &TrainingConfig) {
    let mut table = Table::new().text_column("Setting").text_column("Value");
    for (name, value) in settings(config) {
        table.row(vec![name.to_owned(), value]);
    }
    page.section("Settings").table(&table);
}

/// What a run trains with, as people read it.
pub(crate) fn settings(config: &TrainingConfig) -> Vec<(&'static str, String)> {
    let schedule = config.schedule.kind().name();
    let mut batches = format!("{} examples", config.batch_size);
    if config.accumulate > 1 {
        batches.push_str(&format!(" in {} micro-batches", config.accumulate));
    }
    if let Some(limit) = config.memory_limit {
        batches.push_str(&format!(", memory limit {limit}"));
    }
    let warm_up = match config.schedule.warm_up_epochs {
        0.0 => String::new(),
        1.0 => " after a warm-up of an epoch".to_owned(),
        epochs => format!(" after a warm-up of {epochs} epochs"),
    };
    let clip = match config.gradient_clip {
        0.0 => "not clipped".to_owned(),
        most => format!("clipped to a norm of {most}"),
    };
    vec![
        ("optimiser", config.optimiser.to_string()),
        ("batches", batches),
        ("learning rate", format!("{schedule}{warm_up}")),
        ("gradient", clip),
    ]
}

/// Adds a section with the curves of losses, validation metrics and learning
/// rate, and a table of the epochs.
///
/// # Errors
/// [`Error::Report`] where a chart can't be drawn.
fn add_learning_curves(page: &mut Page, epochs: &[EpochRecord]) -> Result<()> {
    page.section("Learning curves");
    let curve = |name: &str, value: &dyn Fn(&EpochRecord) -> Option<f64>| {
        let points = epochs
            .iter()
            .map(|epoch| (epoch.epoch as f64, value(epoch).unwrap_or(f64::NAN)));
        Curve::new(name, points.collect())
    };
    let names = |names: &dyn Fn(&EpochRecord) -> Vec<String>| {
        let mut names: Vec<String> = epochs.iter().flat_map(names).collect();
        names.sort();
        names.dedup();
        names
    };
    let parts = names(&|epoch| epoch.parts.keys().cloned().collect());
    let metrics = names(&|epoch| epoch.validation.keys().cloned().collect());

    let mut losses = vec![curve("total", &|epoch| Some(epoch.loss))];
    if parts.len() > 1 {
        let part = |name: &String| curve(name, &|epoch| epoch.parts.get(name).copied());
        losses.extend(parts.iter().map(part));
    }
    let is_loss = |name: &&String| name.contains("loss");
    let metric = |name: &String| curve(name, &|epoch| epoch.validation.get(name).copied());
    let validation_losses = metrics.iter().filter(is_loss);
    losses.extend(validation_losses.map(|name| {
        let mut curve = metric(name);
        curve.name = format!("validation {name}");
        curve
    }));
    let others = metrics.iter().filter(|name| !is_loss(name));
    let others: Vec<Curve> = others.map(metric).collect();
    let rate = vec![curve("learning rate", &|epoch| Some(epoch.learning_rate))];

    let mut figure = |title: &str, y: &str, curves: Vec<Curve>| -> Result<()> {
        if !curves.is_empty() {
            let chart = LineChart::new(title, "epoch", y, curves);
            page.figure(&line_chart(&chart)?, "", &format!("{title} by epoch"));
        }
        Ok(())
    };
    figure("Loss", "mean of an example", losses)?;
    figure("Validation", "metric", others)?;
    figure("Learning rate", "at the epoch's end", rate)?;
    page.table(&epoch_table(epochs, &metrics));
    Ok(())
}

fn epoch_table(epochs: &[EpochRecord], metrics: &[String]) -> Table {
    let mut table = Table::new()
        .number_column("Epoch")
        .number_column("Training loss");
    for metric in metrics {
        table = table.number_column(metric.as_str());
    }
    let mut table = table
        .number_column("Learning rate")
        .number_column("Examples/s")
        .text_column("")
        .collapsed("Every epoch");
    for epoch in epochs {
        let mut row = vec![epoch.epoch.to_string(), format!("{:.4}", epoch.loss)];
        row.extend(metrics.iter().map(|name| {
            let value = epoch.validation.get(name);
            value.map_or(String::new(), |value| format!("{value:.4}"))
        }));
        row.push(format!("{:.2e}", epoch.learning_rate));
        row.push(grouped(epoch.examples_per_second, 1));
        row.push(if epoch.best { "best so far" } else { "" }.to_owned());
        table.row(row);
    }
    table
}
