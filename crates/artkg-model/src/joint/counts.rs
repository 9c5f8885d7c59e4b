use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Which classes occur together in how many training works: what the knowledge
/// graph says about a model's classes, compact enough for the model file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoOccurrence {
    /// The number of classes of each task.
    classes: Vec<usize>,
    /// Each combination of classes that occurs, one entry a task, `None` for a
    /// missing value; and how many works have it.
    combinations: Vec<(Vec<Option<usize>>, u32)>,
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
        }
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
    pub(super) fn pairs(&self, first: usize, second: usize) -> Vec<f64> {
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
        let counts = counts();
        counts.check(&[3, 3]).unwrap();
        assert!(counts.check(&[3, 2]).is_err());
        assert!(counts.check(&[3, 3, 3]).is_err());
    }
}
