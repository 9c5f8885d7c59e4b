//! The tables of networks and of layers.

use artkg_vision::{Layer, Published, Stage};

use super::Entry;

/// Prints one line a network, and what the columns mean.
pub(super) fn print_networks(entries: &[Entry], size: usize) {
    let measured = entries
        .iter()
        .any(|entry| entry.images_per_second.is_some());
    let speed_title = if measured { " images/s" } else { "" };
    outln!(
        "{:<17} {:>6} {:>10} {:>7} {:>6} {:>6} {:>8}{speed_title}  stages",
        "name",
        "layers",
        "parameters",
        "GFLOP",
        "top 1",
        "top 5",
        "features"
    );
    for entry in entries {
        let summary = &entry.summary;
        let speed = match entry.images_per_second {
            Some(speed) => format!(" {speed:>8.1}"),
            None => String::new(),
        };
        let error = |of: fn(&Published) -> f64| match &summary.published {
            Some(published) => format!("{:.2}", of(published)),
            None => "–".to_owned(),
        };
        outln!(
            "{:<17} {:>6} {:>8.2} M {:>7.2} {:>6} {:>6} {:>8}{speed}  {}",
            summary.name,
            summary.depth,
            summary.parameters as f64 / 1e6,
            giga(2 * summary.multiply_adds),
            error(|published| published.top1_error),
            error(|published| published.top5_error),
            summary.features,
            stages_text(&summary.stages)
        );
    }
    outln!();
    outln!(
        "GFLOP: for one image of {size} px; a multiply-add counts as two, other work is left out."
    );
    outln!("Parameters and GFLOP include the classifier of 1000 classes.");
    outln!("top 1, top 5: errors in % on ImageNet's validation images, one centre crop of 224 px:");
    outln!("  (– for networks that learned from other images)");
    let mut sources: Vec<&str> = Vec::new();
    let source_of = |entry: &Entry| entry.summary.published.as_ref().map(|own| own.source);
    for source in entries.iter().filter_map(source_of) {
        if !sources.contains(&source) {
            sources.push(source);
            let names: Vec<&str> = entries
                .iter()
                .filter(|entry| source_of(entry) == Some(source))
                .map(|entry| entry.summary.name.as_str())
                .collect();
            outln!("  {source}: {}", names.join(", "));
        }
    }
}

/// The names of the stages that can be frozen; of a transformer's blocks the first and
/// the last.
fn stages_text(stages: &[Stage]) -> String {
    let is_between = |place: usize| {
        let block = |place: usize| matches!(stages.get(place), Some(Stage::Blocks(_)));
        place > 0 && block(place - 1) && block(place) && block(place + 1)
    };
    let mut names: Vec<&str> = Vec::new();
    for (place, stage) in stages
        .iter()
        .enumerate()
        .filter(|(_, s)| **s != Stage::Input)
    {
        let name = if is_between(place) {
            "…"
        } else {
            stage.name()
        };
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    names.join(" ")
}

/// Prints one line a layer.
pub(super) fn print_layers(layers: &[Layer]) {
    let width = column_width("layer", layers.iter().map(|layer| layer.name.as_str()));
    outln!(
        "{:<width$}  {:<20} {:>14} {:>11} {:>8}",
        "layer",
        "operation",
        "output",
        "parameters",
        "GFLOP"
    );
    for layer in layers {
        outln!(
            "{:<width$}  {:<20} {:>14} {:>11} {:>8.3}",
            layer.name,
            layer.operation,
            shape(&layer.output),
            layer.parameters,
            giga(2 * layer.multiply_adds)
        );
    }
}

/// The width of a column with this title and these values.
pub(super) fn column_width<'a>(title: &str, values: impl Iterator<Item = &'a str>) -> usize {
    let widths = values.map(|value| value.chars().count());
    widths.max().unwrap_or_default().max(title.chars().count())
}

/// `56×56×256`.
pub(super) fn shape(dimensions: &[usize]) -> String {
    let dimensions: Vec<String> = dimensions.iter().map(ToString::to_string).collect();
    dimensions.join("×")
}

pub(super) fn giga(count: u64) -> f64 {
    count as f64 / 1e9
}
