use crate::error::{Error, Result};

/// How much to paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// The number of paintings.
    pub count: usize,
    /// Pixels of both sides of a painting, 32 to 1024.
    pub size: usize,
    /// The same seed paints the same corpus.
    pub seed: u64,
}

impl Default for DemoOptions {
    /// 720 paintings of 96 pixels, seed 0.
    fn default() -> Self {
        Self {
            count: 720,
            size: 96,
            seed: 0,
        }
    }
}

impl DemoOptions {
    /// Refuses what the painter cannot paint.
    pub(crate) fn validate(self) -> Result<()> {
        if self.count == 0 || self.count > 100_000 {
            return Err(Error::Option(format!(
                "the demo painter paints 1 to 100000 paintings, not {}",
                self.count
            )));
        }
        if !(32..=1024).contains(&self.size) {
            return Err(Error::Option(format!(
                "the demo painter's pictures have sides of 32 to 1024 pixels, not {}",
                self.size
            )));
        }
        Ok(())
    }
}
