//! What facts about an author make one expect of the author's works.

use std::collections::HashSet;

use artkg_corpus::is_timeframe;
use artkg_graph::{ARTWORK_KIND, KnowledgeGraph, Life};
use artkg_model::CoOccurrence;
use artkg_vocabulary::{Attribute, Vocabulary};

/// Works of the average kind beside those of the other authors who share a fact.
const AVERAGE_WORKS: f64 = 5.0;
/// The part of the expectation that is as all works are: facts can be wrong.
const DOUBT: f64 = 0.1;
/// From what age on people paint, and how old they are taken to become.
const FIRST_AGE: i32 = 18;
const LAST_AGE: i32 = 80;

/// Adds to `counts` what the facts of a graph say of the works of each author: as are
/// the works of others of the same nationality, movement or circle, of teachers and
/// friends, from years in which the author lived.
pub(crate) fn expect(
    counts: &mut CoOccurrence,
    vocabularies: &[Vocabulary],
    graph: &KnowledgeGraph,
) {
    let is_author = |vocabulary: &Vocabulary| vocabulary.attribute == Attribute::AUTHOR;
    let Some(author) = vocabularies.iter().position(is_author) else {
        return;
    };
    let kind = Attribute::AUTHOR.name();
    let classes: Vec<Option<u32>> = vocabularies[author]
        .classes
        .iter()
        .enumerate()
        .map(|(class, name)| (class > 0).then(|| graph.find(kind, name))?)
        .collect();
    let attributes = graph.attribute_kinds();
    let of_author = |node| relatives(graph, &attributes, node, &classes);
    let relatives: Vec<Vec<Vec<usize>>> = classes
        .iter()
        .map(|node| node.map_or_else(Vec::new, of_author))
        .collect();
    let mut expected = Vec::new();
    for (task, vocabulary) in vocabularies.iter().enumerate() {
        if task == author {
            continue;
        }
        let works = counts.pairs(author, task);
        let average = average(&works, vocabulary.len());
        for (class, node) in classes.iter().enumerate() {
            let known = node.and_then(|node| graph.identities().of(node));
            let life = known.and_then(|known| known.life);
            let years = life.and_then(|life| shares_of_life(life, &vocabulary.classes));
            if relatives[class].is_empty() && years.is_none() {
                continue;
            }
            let mut shares = shares_of_relatives(&relatives[class], &works, &average);
            if let Some(years) = years {
                shares
                    .iter_mut()
                    .zip(years)
                    .for_each(|(share, year)| *share *= year);
            }
            normalise(&mut shares);
            for (share, average) in shares.iter_mut().zip(&average) {
                *share = (1.0 - DOUBT) * *share + DOUBT * average;
            }
            expected.push(((author, class), task, shares));
        }
    }
    for (of, task, shares) in expected {
        counts.expect(of, task, shares);
    }
}

/// For each fact of an author, the classes of the other authors who share it.
fn relatives(
    graph: &KnowledgeGraph,
    attributes: &[u16],
    author: u32,
    classes: &[Option<u32>],
) -> Vec<Vec<usize>> {
    let nodes = graph.nodes();
    let is_fact = |node: &u32| {
        let kind = nodes.kind(*node);
        nodes.kind_name(*node) != ARTWORK_KIND
            && (kind == nodes.kind(author) || !attributes.contains(&kind))
    };
    let class_of = |node: u32| classes.iter().position(|known| *known == Some(node));
    let mut seen = HashSet::new();
    let facts = graph.neighbours(author).filter(is_fact);
    let facts = facts.filter(|fact| seen.insert(*fact));
    let others = facts.map(|fact| match nodes.kind(fact) == nodes.kind(author) {
        true => class_of(fact).into_iter().collect(),
        false => {
            let others = graph.neighbours(fact).filter(|other| *other != author);
            let mut others: Vec<usize> = others.filter_map(class_of).collect();
            others.sort_unstable();
            others.dedup();
            others
        }
    });
    others
        .filter(|others: &Vec<usize>| !others.is_empty())
        .collect()
}

/// The shares of the classes of a task among all works, each with one more.
fn average(works: &[f64], classes: usize) -> Vec<f64> {
    let mut shares = vec![1.0; classes];
    for row in works.chunks_exact(classes) {
        shares
            .iter_mut()
            .zip(row)
            .for_each(|(share, works)| *share += works);
    }
    normalise(&mut shares);
    shares
}

/// The mean over facts of how the works of those are who share it; the average, where
/// there is no fact.
fn shares_of_relatives(relatives: &[Vec<usize>], works: &[f64], average: &[f64]) -> Vec<f64> {
    let classes = average.len();
    let mut shares = vec![0.0; classes];
    for others in relatives {
        let mut of_fact: Vec<f64> = average.iter().map(|share| share * AVERAGE_WORKS).collect();
        for other in others {
            let row = &works[other * classes..][..classes];
            of_fact
                .iter_mut()
                .zip(row)
                .for_each(|(sum, works)| *sum += works);
        }
        normalise(&mut of_fact);
        shares
            .iter_mut()
            .zip(of_fact)
            .for_each(|(sum, share)| *sum += share);
    }
    if relatives.is_empty() {
        return average.to_vec();
    }
    normalise(&mut shares);
    shares
}

/// For each class that is a timeframe the share of its years in which somebody can have
/// worked, at least a hundredth; `None` where the classes are no timeframes.
fn shares_of_life(life: Life, classes: &[String]) -> Option<Vec<f64>> {
    const LEAST: f64 = 0.01;
    if !classes.iter().skip(1).all(|class| is_timeframe(class)) {
        return None;
    }
    let birth = life
        .birth
        .or_else(|| life.death.map(|death| death - LAST_AGE))?;
    let death = life.death.unwrap_or(birth + LAST_AGE);
    let shares = classes.iter().map(|class| {
        let ends = class.split_once('-').and_then(|(first, last)| {
            Some((first.parse::<i32>().ok()?, last.parse::<i32>().ok()?))
        });
        // The unknown class.
        let Some((first, last)) = ends else {
            return 1.0;
        };
        let years = death.min(last) - (birth + FIRST_AGE).max(first) + 1;
        (f64::from(years) / f64::from(last - first + 1)).max(LEAST)
    });
    Some(shares.collect())
}

fn normalise(shares: &mut [f64]) {
    let total: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= total);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_share_their_years_among_timeframes() {
        let classes = ["unknown", "1801-1850", "1851-1900", "1901-1950"].map(str::to_owned);
        let gogh = Life {
            birth: Some(1853),
            death: Some(1890),
        };
        let shares = shares_of_life(gogh, &classes).unwrap();
        assert_eq!(shares, [1.0, 0.01, 0.4, 0.01], "1871 to 1890");
        let born = Life {
            birth: Some(1893),
            death: None,
        };
        assert_eq!(shares_of_life(born, &classes).unwrap()[3], 0.8, "1911 on");
        assert!(shares_of_life(gogh, &["unknown", "Dutch"].map(str::to_owned)).is_none());
    }

    #[test]
    fn relatives_count_as_their_works_do() {
        // Three authors, the unknown one among them, and two classes.
        let works = [0.0, 0.0, 0.0, 5.0, 0.0, 0.0];
        let average = average(&works, 2);
        assert_eq!(average, [1.0 / 7.0, 6.0 / 7.0]);
        let shares = shares_of_relatives(&[vec![1]], &works, &average);
        assert!((shares[1] - (5.0 + 5.0 * 6.0 / 7.0) / 10.0).abs() < 1e-12);
        assert_eq!(shares_of_relatives(&[], &works, &average), average);
    }
}
