use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Which classes occur together in how many training works: what the knowledge
/// graph says about a model's classes, compact enough for the model file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoOccurrence {
    /// The number of classes of each task.
    classes: Vec<usize>,
    /// Each combination of classes that occurs, one entry a task, `None` for a
    /// missing value; and how many works have it.
    combinations: Vec<(Vec<Option<usize>>, u32)>,
    /// What is known of classes beside the works that are counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    expected: Vec<Expected>,
}

/// What is expected of the works of a class before any is counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Expected {
    /// The task and the class whose works these are.
    of: (usize, usize),
    /// The task that is expected of them.
    task: usize,
    /// The share of each class of that task.
    shares: Vec<f64>,
}

impl CoOccurrence {
    /// Counts combinations, for each work a class of each task, of tasks with so
    /// many `classes`.
    pub fn of(classes: Vec<usize>, works: impl Iterator<Item = Vec<Option<usize>>>) -> Self {
        let mut counts: BTreeMap<Vec<Option<usize>>, u32> = BTreeMap::new();
        for work in works {
            *counts.entry(work).or_default() += 1;
        }
        Self {
            classes,
            combinations: counts.into_iter().collect(),
            expected: Vec::new(),
        }
    }

    /// Says that the works of a class, given as task and class, are expected to have
    /// the classes of another task in these `shares`, which add up to 1 and are
    /// positive. Counts go before: expectations count as much as one work.
    pub fn expect(&mut self, of: (usize, usize), task: usize, shares: Vec<f64>) {
        self.expected.push(Expected { of, task, shares });
    }

    /// Of how many pairs of a class and another task something is expected.
    pub fn expectations(&self) -> usize {
        self.expected.len()
    }

    /// What is expected of the works of each class of a task, where anything is.
    pub(super) fn expected(&self, of: usize, task: usize) -> Vec<Option<&[f64]>> {
        let mut rows = vec![None; self.classes[of]];
        for one in &self.expected {
            if (one.of.0, one.task) == (of, task) {
                rows[one.of.1] = Some(one.shares.as_slice());
            }
        }
        rows
    }

    /// The number of classes of each task.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// Checks that the table is for tasks with this many `classes`; says why not.
    ///
    /// # Errors
    /// When it is of others, or a combination is of none.
    pub fn check(&self, classes: &[usize]) -> Result<(), String> {
        if self.classes != classes {
            return Err(format!(
                "the co-occurrences are of {:?} classes, the tasks have {classes:?}",
                self.classes
            ));
        }
        for (combination, _) in &self.combinations {
            let mut pairs = combination.iter().zip(classes);
            let fits = pairs.all(|(class, count)| class.is_none_or(|class| class < *count));
            if combination.len() != classes.len() || !fits {
                return Err(format!(
                    "the combination {combination:?} does not fit {classes:?} classes"
                ));
            }
        }
        for one in &self.expected {
            let class = classes.get(one.of.0).filter(|count| one.of.1 < **count);
            let fits = classes.get(one.task) == Some(&one.shares.len());
            let positive = one.shares.iter().all(|share| *share > 0.0 && *share <= 1.0);
            if class.is_none() || !fits || !positive {
                return Err(format!(
                    "what is expected of class {} of task {} makes no sense",
                    one.of.1, one.of.0
                ));
            }
        }
        Ok(())
    }

    /// How many works have all of these classes, given as task and class.
    pub fn works_with(&self, classes: &[(usize, usize)]) -> u32 {
        let has = |combination: &[Option<usize>]| {
            let mut wanted = classes.iter();
            wanted.all(|&(task, class)| combination[task] == Some(class))
        };
        let matching = self.combinations.iter().filter(|(key, _)| has(key));
        matching.map(|(_, works)| works).sum()
    }

    /// With which classes of `task` works of a class occur, and in how many works:
    /// most works first.
    pub fn partners(&self, of: (usize, usize), task: usize) -> Vec<(usize, u32)> {
        let mut partners: Vec<(usize, u32)> = (0..self.classes[task])
            .map(|class| (class, self.works_with(&[of, (task, class)])))
            .filter(|(_, works)| *works > 0)
            .collect();
        partners.sort_by_key(|(class, works)| (std::cmp::Reverse(*works), *class));
        partners
    }

    /// The pairs of tasks whose classes in `tags`, one entry a task, no training
    /// work has together. The unknown class, which stands for many values, is in
    /// conflict with nothing.
    pub fn conflicts(&self, tags: &[usize]) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for first in 0..tags.len() {
            for second in first + 1..tags.len() {
                let classes = [(first, tags[first]), (second, tags[second])];
                let known = classes.iter().all(|(_, class)| *class != 0);
                if known && self.works_with(&classes) == 0 {
                    pairs.push((first, second));
                }
            }
        }
        pairs
    }

    /// How many works have each class of a task.
    pub(super) fn singles(&self, task: usize) -> Vec<f64> {
        let mut counts = vec![0.0; self.classes[task]];
        for (combination, works) in &self.combinations {
            if let Some(class) = combination[task] {
                counts[class] += f64::from(*works);
            }
        }
        counts
    }

    /// How many works have each class of one task with each of another,
    /// `[classes of first, classes of second]`.
    pub fn pairs(&self, first: usize, second: usize) -> Vec<f64> {
        let columns = self.classes[second];
        let mut counts = vec![0.0; self.classes[first] * columns];
        for (combination, works) in &self.combinations {
            if let (Some(row), Some(column)) = (combination[first], combination[second]) {
                counts[row * columns + column] += f64::from(*works);
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> CoOccurrence {
        let works = [
            vec![Some(1), Some(1)],
            vec![Some(1), Some(1)],
            vec![Some(1), None],
            vec![Some(2), Some(2)],
            vec![Some(0), Some(2)],
        ];
        CoOccurrence::of(vec![3, 3], works.into_iter())
    }

    #[test]
    fn combinations_are_counted_and_missing_values_are_of_no_class() {
        let counts = counts();
        assert_eq!(counts.works_with(&[(0, 1), (1, 1)]), 2);
        assert_eq!(counts.works_with(&[(0, 1)]), 3);
        assert_eq!(counts.works_with(&[(1, 2)]), 2);
        assert_eq!(counts.partners((1, 2), 0), [(0, 1), (2, 1)]);
        assert_eq!(counts.singles(1), [0.0, 2.0, 2.0]);
        let expected = [0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 0.0, 1.0];
        assert_eq!(counts.pairs(0, 1), expected);
    }

    #[test]
    fn known_values_that_never_meet_are_in_conflict() {
        let counts = counts();
        assert_eq!(counts.conflicts(&[1, 2]), [(0, 1)]);
        assert!(counts.conflicts(&[1, 1]).is_empty());
        assert!(counts.conflicts(&[0, 1]).is_empty(), "unknown is many");
    }

    #[test]
    fn tables_of_other_tasks_are_refused() {
        let mut odd = counts();
        odd.expect((0, 1), 1, vec![0.5, 0.5]);
        assert!(odd.check(&[3, 3]).is_err());
        let mut odd = counts();
        odd.expect((0, 3), 1, vec![0.5, 0.25, 0.25]);
        assert!(odd.check(&[3, 3]).is_err());
        let counts = counts();
        counts.check(&[3, 3]).unwrap();
        assert!(counts.check(&[3, 2]).is_err());
        assert!(counts.check(&[3, 3, 3]).is_err());
    }
}
