use crate::calibration::probabilities;

/// What is said of some images about one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The number of classes.
    pub classes: usize,
    /// The probability of each class, `[images, classes]`, row by row.
    pub probabilities: Vec<f32>,
    /// The class that each image is given.
    pub chosen: Vec<usize>,
}

impl Prediction {
    /// Gives each image its most probable class.
    pub fn most_probable(probabilities: Vec<f32>, classes: usize) -> Self {
        let chosen = probabilities.chunks_exact(classes).map(argmax).collect();
        Self {
            classes,
            probabilities,
            chosen,
        }
    }

    /// Gives each image its most probable class by a head's `logits`, `[images,
    /// classes]` row by row, with the probabilities that a temperature makes honest.
    pub fn calibrated(logits: &[f32], classes: usize, temperature: f32) -> Self {
        Self::most_probable(probabilities(logits, classes, temperature), classes)
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// The probabilities of an image's classes.
    pub fn row(&self, image: usize) -> &[f32] {
        &self.probabilities[image * self.classes..][..self.classes]
    }

    /// The probability of the class that an image is given.
    pub fn confidence(&self, image: usize) -> f32 {
        self.row(image)[self.chosen[image]]
    }

    /// An image's classes: the given one, then the others by falling probability.
    pub fn ranking(&self, image: usize) -> Vec<usize> {
        let (row, chosen) = (self.row(image), self.chosen[image]);
        let mut order: Vec<usize> = (0..self.classes).collect();
        order.sort_by(|&left, &right| {
            let is_chosen = |class: usize| class == chosen;
            is_chosen(right)
                .cmp(&is_chosen(left))
                .then(row[right].total_cmp(&row[left]))
        });
        order
    }

    /// How many classes come before `class` in an image's ranking.
    pub fn rank(&self, image: usize, class: usize) -> usize {
        let (row, chosen) = (self.row(image), self.chosen[image]);
        if class == chosen {
            return 0;
        }
        // Equal ones keep the classes' order, so a constant row is not right by luck.
        let is_before = |other: usize| {
            other != chosen
                && (row[other] > row[class] || (row[other] == row[class] && other < class))
        };
        1 + (0..self.classes).filter(|&other| is_before(other)).count()
    }
}

/// The index of the largest value, the first of equal ones.
pub(crate) fn argmax(row: &[f32]) -> usize {
    row.iter().enumerate().fold(
        0,
        |best, (index, value)| {
            if *value > row[best] { index } else { best }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_given_class_comes_first_whatever_its_probability() {
        let mut prediction = Prediction::most_probable(vec![0.2, 0.5, 0.3, 0.1, 0.2, 0.7], 3);
        assert_eq!(prediction.chosen, [1, 2]);
        assert_eq!(prediction.ranking(0), [1, 2, 0]);
        prediction.chosen[0] = 0;
        assert_eq!(prediction.ranking(0), [0, 1, 2]);
        assert_eq!(prediction.confidence(0), 0.2);
        for image in 0..2 {
            for (place, class) in prediction.ranking(image).into_iter().enumerate() {
                assert_eq!(prediction.rank(image, class), place);
            }
        }
    }
}
