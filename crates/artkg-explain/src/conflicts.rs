use artkg_model::{CoOccurrence, ModelDescription};
use artkg_vocabulary::Attribute;

/// Values that a sentence lists at most.
const LISTED: usize = 4;

/// A sentence for each pair of `tags` (a class of each task) that no training
/// work has together, with what there is instead.
pub(super) fn conflicts(description: &ModelDescription, tags: &[usize]) -> Vec<String> {
    let Some(prior) = &description.joint else {
        return Vec::new();
    };
    let counts = prior.counts();
    counts
        .conflicts(tags)
        .into_iter()
        .map(|(first, second)| {
            let attribute = |task: usize| description.vocabularies[task].attribute;
            // An author is who has something, whatever the tasks' order.
            let (of, other) = match attribute(second) {
                Attribute::AUTHOR => (second, first),
                _ => (first, second),
            };
            sentence(description, counts, (of, tags[of]), (other, tags[other]))
        })
        .collect()
}

fn sentence(
    description: &ModelDescription,
    counts: &CoOccurrence,
    of: (usize, usize),
    other: (usize, usize),
) -> String {
    let words = |(task, class): (usize, usize)| {
        let vocabulary = &description.vocabularies[task];
        words(vocabulary.attribute, &vocabulary.classes[class])
    };
    let partners = counts.partners(of, other.0);
    let mut listed: Vec<String> = partners
        .iter()
        .take(LISTED)
        .map(|(class, works)| format!("{} ({works})", words((other.0, *class))))
        .collect();
    if partners.len() > LISTED {
        listed.push(format!("{} more", partners.len() - LISTED));
    }
    let known = match listed.is_empty() {
        true => String::new(),
        false => format!("; there are {}", listed.join(", ")),
    };
    format!("No training work {} is {}{known}.", words(of), words(other))
}

/// A value as a part of a sentence about a work.
fn words(attribute: Attribute, class: &str) -> String {
    match attribute {
        Attribute::AUTHOR => format!("by {class}"),
        Attribute::TIMEFRAME => format!("from {class}"),
        _ => format!("of the {attribute} {class}"),
    }
}
