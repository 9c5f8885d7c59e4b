use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use artkg_nn::{Initialisation, ParameterStore, Role, Star, Tensor, Var, star_marginals};
use artkg_vocabulary::{Attribute, Vocabulary};

use crate::error::Result;
use crate::joint::{CoOccurrence, star_factors};

/// Heads that are judged together: a star around the author, whose factors say
/// how often an author's works are of each school, timeframe and type.
///
/// Factors are the buffers `joint.<attribute>.factors`, `[centre classes, leaf
/// classes]`.
#[derive(Debug)]
pub(crate) struct JointHeads {
    /// The number of classes of each head.
    classes: Vec<usize>,
    /// The head that the others depend on.
    centre: usize,
    /// The other heads with their factors.
    leaves: Vec<(usize, Var)>,
    /// Made of the factors when it is first needed.
    star: Mutex<Option<Arc<Star>>>,
}

impl JointHeads {
    /// Creates the buffers in `store`. The centre is the author, or where that is
    /// no task the one with most classes.
    ///
    /// # Errors
    /// When a buffer cannot be created.
    pub(crate) fn new(store: &ParameterStore, vocabularies: &[Vocabulary]) -> Result<Self> {
        let classes: Vec<usize> = vocabularies.iter().map(Vocabulary::len).collect();
        let heads = vocabularies.iter().enumerate();
        let centre = heads.max_by_key(|(_, vocabulary)| {
            let is_author = vocabulary.attribute == Attribute::AUTHOR;
            (is_author, vocabulary.len())
        });
        let centre = centre.map_or(0, |(head, _)| head);
        let leaves = vocabularies
            .iter()
            .enumerate()
            .filter(|(head, _)| *head != centre)
            .map(|(head, vocabulary)| {
                let scope = store.root().sub("joint").sub(vocabulary.attribute);
                let shape = [classes[centre], vocabulary.len()];
                // Until they are set, no class says anything of another.
                let ones = Initialisation::Ones;
                Ok((
                    head,
                    scope.parameter("factors", &shape, ones, Role::Buffer)?,
                ))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            classes,
            centre,
            leaves,
            star: Mutex::new(None),
        })
    }

    /// Sets the factors from what occurs together.
    ///
    /// # Errors
    /// When the counts are of other classes.
    pub(crate) fn set(&self, counts: &CoOccurrence) -> Result<()> {
        for (leaf, factors) in &self.leaves {
            let values = star_factors(counts, self.centre, *leaf);
            factors.set(&Tensor::from_vec(
                values,
                factors.shape(),
                factors.device(),
            )?)?;
        }
        *self.star.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    /// The log marginals of each head from the logits of each.
    ///
    /// # Errors
    /// When a shape does not fit.
    pub(crate) fn marginals(&self, logits: &[Tensor]) -> Result<Vec<Tensor>> {
        let marginals = star_marginals(&Tensor::cat(logits, 1)?, &self.star()?)?;
        let ranges = (0..logits.len()).map(|head| self.columns(head));
        ranges
            .map(|columns| Ok(marginals.narrow(1, columns.start, columns.len())?))
            .collect()
    }

    /// The columns of a head.
    fn columns(&self, head: usize) -> Range<usize> {
        let start = self.classes[..head].iter().sum();
        start..start + self.classes[head]
    }

    fn star(&self) -> Result<Arc<Star>> {
        let mut star = self.star.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(star) = &*star {
            return Ok(Arc::clone(star));
        }
        let leaves = self
            .leaves
            .iter()
            .map(|(head, factors)| Ok((self.columns(*head), factors.flatten_all()?.to_vec1()?)))
            .collect::<Result<_>>()?;
        let made = Arc::new(Star::new(self.columns(self.centre), leaves)?);
        *star = Some(Arc::clone(&made));
        Ok(made)
    }
}
