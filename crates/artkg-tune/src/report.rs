use artkg_report::{
    Card, Cloud, Curve, LineChart, Page, Scale, ScatterChart, Table, line_chart, scatter_chart,
};

use crate::error::Result;
use crate::parameter::{Parameter, Range};
use crate::study::Study;
use crate::trial::{Outcome, Trial};
use crate::value::Value;

/// What a study's page says beside its trials.
#[derive(Clone, Debug, Default)]
pub struct ReportOptions {
    /// The title.
    pub title: String,
    /// The banner above everything, such as "Synthetic data"; may be empty.
    pub note: String,
    /// How to use the best parameters; may be empty.
    pub advice: String,
}

/// The page of a study: the best trial, the values over the trials, the value
/// against each parameter, the table of the trials. A `baseline`, a study of
/// the same space with another sampler, is drawn beside it.
///
/// # Errors
/// [`crate::Error::Report`] where a chart can't be drawn.
pub fn study_page(
    study: &Study,
    baseline: Option<&Study>,
    options: &ReportOptions,
) -> Result<Page> {
    let metric = &study.description().metric;
    let mut page = Page::new(&options.title);
    if !options.note.is_empty() {
        page.note(&options.note);
    }
    page.subtitle(format!(
        "{} of {} trials of {metric}, sampler {}, seed {}",
        study.trials().len(),
        study.description().trials,
        study.description().sampler,
        study.description().seed
    ));
    let studies: Vec<&Study> = std::iter::once(study).chain(baseline).collect();
    page.section("Best trials");
    page.cards(&cards(&studies));
    add_best(&mut page, study);
    if !options.advice.is_empty() {
        page.paragraph(&options.advice);
    }
    page.section("Search");
    add_progress(&mut page, &studies)?;
    page.section("Parameters");
    for parameter in study.description().parameters.parameters() {
        let chart = against(parameter, metric, &studies);
        let description = format!("{metric} of each trial against {}", parameter.name);
        page.figure(&scatter_chart(&chart)?, "", &description);
    }
    page.section("Trials");
    for study in studies {
        page.table(&trial_table(study));
    }
    Ok(page)
}

fn sampler(study: &Study) -> &'static str {
    study.description().sampler.name()
}

fn cards(studies: &[&Study]) -> Vec<Card> {
    let mut cards = Vec::new();
    for study in studies {
        let (value, detail) = match study.best() {
            Some(best) => (
                best.value()
                    .map_or(String::new(), |value| format!("{value:.4}")),
                format!("trial {} of {}", best.number, study.trials().len()),
            ),
            None => ("none".to_owned(), String::new()),
        };
        cards.push(Card::new(
            format!("Best of {}", sampler(study)),
            value,
            detail,
        ));
    }
    let trials = || studies.iter().flat_map(|study| study.trials());
    let without = trials().filter(|trial| trial.value().is_none()).count();
    if without > 0 {
        cards.push(Card::new(
            "Without a value",
            without.to_string(),
            "diverged or failed",
        ));
    }
    let seconds: f64 = trials().map(|trial| trial.seconds).sum();
    cards.push(Card::new("Time", format!("{seconds:.0} s"), "all trials"));
    cards
}

/// The best trial's parameters.
fn add_best(page: &mut Page, study: &Study) {
    let Some(best) = study.best() else { return };
    let mut table = Table::new()
        .text_column("Parameter")
        .number_column("Best trial")
        .text_column("Searched");
    for parameter in study.description().parameters.parameters() {
        let value = best.parameters.get(&parameter.name);
        let text = parameter.to_string();
        let range = text.split_once('=').map_or("", |(_, range)| range);
        table.row([
            parameter.name.clone(),
            value.map_or(String::new(), Value::to_string),
            range.to_owned(),
        ]);
    }
    page.table(&table);
}

/// The values over the trials, and the best ones so far.
fn add_progress(page: &mut Page, studies: &[&Study]) -> Result<()> {
    let metric = &studies[0].description().metric;
    let curves = studies
        .iter()
        .map(|study| {
            let best = study.best_so_far().into_iter().zip(1..);
            let point = |(value, number): (Option<f64>, i32)| {
                (f64::from(number), value.unwrap_or(f64::NAN))
            };
            Curve::new(sampler(study), best.map(point).collect())
        })
        .collect();
    let chart = LineChart::new("Best so far", "trial", metric.as_str(), curves);
    let description = format!("best {metric} up to each trial");
    page.figure(&line_chart(&chart)?, "", &description);
    let clouds = clouds(studies, |trial| Some(trial.number as f64));
    let chart = ScatterChart::new("Each trial", "trial", metric.as_str(), clouds);
    page.figure(
        &scatter_chart(&chart)?,
        "",
        &format!("{metric} of each trial"),
    );
    Ok(())
}

/// A cloud for each study: the values of its trials over `x`.
fn clouds(studies: &[&Study], x: impl Fn(&Trial) -> Option<f64>) -> Vec<Cloud> {
    let cloud = |study: &&Study| {
        let trials = study.trials().iter();
        let points = trials.filter_map(|trial| Some((x(trial)?, trial.value()?)));
        Cloud::new(sampler(study), points.collect())
    };
    studies.iter().map(cloud).collect()
}

/// The value of each trial against a parameter.
fn against(parameter: &Parameter, metric: &str, studies: &[&Study]) -> ScatterChart {
    let range = &parameter.range;
    let clouds = clouds(studies, |trial| {
        let value = trial.parameters.get(&parameter.name)?;
        match range {
            Range::Choice(_) => range.place(value),
            _ => value.number(),
        }
    });
    let name = parameter.name.as_str();
    let mut chart = ScatterChart::new(name, name, metric, clouds);
    chart.x_scale = match range {
        Range::LogUniform { .. } => Scale::Logarithmic,
        Range::Choice(values) => Scale::Categories(values.iter().map(Value::to_string).collect()),
        Range::Uniform { .. } | Range::Integer { .. } => Scale::Linear,
    };
    chart
}

fn trial_table(study: &Study) -> Table {
    let space = &study.description().parameters;
    let mut table = Table::new()
        .number_column("Trial")
        .number_column(study.description().metric.as_str());
    for parameter in space.parameters() {
        table = table.number_column(space.short_name(parameter));
    }
    let mut table = table
        .number_column("Seconds")
        .text_column("")
        .caption(format!("Sampler {}", sampler(study)));
    let best = study.best().map(|best| best.number);
    for trial in study.trials() {
        let value = trial.value();
        let mut row = vec![
            trial.number.to_string(),
            value.map_or(String::new(), |value| format!("{value:.4}")),
        ];
        row.extend(space.parameters().iter().map(|parameter| {
            let value = trial.parameters.get(&parameter.name);
            value.map_or(String::new(), Value::to_string)
        }));
        row.push(format!("{:.1}", trial.seconds));
        row.push(match &trial.outcome {
            Outcome::Finished { .. } if best == Some(trial.number) => "best".to_owned(),
            Outcome::Finished { .. } => String::new(),
            Outcome::Diverged { reason } => format!("diverged: {reason}"),
            Outcome::Failed { reason } => format!("failed: {reason}"),
        });
        table.row(row);
    }
    table
}
