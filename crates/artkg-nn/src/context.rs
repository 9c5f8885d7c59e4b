use std::cell::Cell;

use artkg_files::seeds::mix;

/// What a forward pass is for: training, with the randomness it needs, or
/// evaluation.
///
/// Random layers draw their seeds from the context in the order in which they
/// run, so a pass repeats exactly when it starts from the same seed. Training
/// derives that seed from (run seed, epoch, step), which is what makes a
/// resumed run equal to an unbroken one.
#[derive(Debug)]
pub struct Context {
    seed: Option<Cell<u64>>,
}

impl Context {
    /// A training pass: batch statistics in batch norm, dropout active.
    pub fn training(seed: u64) -> Self {
        Self {
            seed: Some(Cell::new(seed)),
        }
    }

    /// An evaluation pass: running statistics, no dropout.
    pub fn evaluation() -> Self {
        Self { seed: None }
    }

    /// Whether this is a training pass.
    pub fn is_training(&self) -> bool {
        self.seed.is_some()
    }

    /// The seed for the next random layer; always 0 in evaluation, where
    /// nothing random may run.
    pub fn next_seed(&self) -> u64 {
        match &self.seed {
            Some(seed) => {
                let next = mix(seed.get());
                seed.set(next);
                next
            }
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_seeds_repeat_and_differ() {
        let draw = |seed| {
            let context = Context::training(seed);
            [context.next_seed(), context.next_seed()]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_ne!(draw(7)[0], draw(7)[1]);
    }

    #[test]
    fn evaluation_is_not_training() {
        assert!(!Context::evaluation().is_training());
        assert!(Context::training(0).is_training());
    }
}
