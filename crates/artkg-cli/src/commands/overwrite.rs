use std::path::{Path, PathBuf};

use clap::Args;

/// The option of commands that write files.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct OverwriteArgument {
    /// Replace outputs that are there, whatever they hold; without it, only what this command
    /// wrote. What it reads is never replaced
    #[arg(long)]
    overwrite: bool,
}

impl OverwriteArgument {
    /// Whether everything that is no input may be replaced.
    #[cfg(feature = "collections")]
    pub(crate) fn is_given(self) -> bool {
        self.overwrite
    }

    /// Refuses an `output` that would replace one of the `inputs`, or a file that
    /// `is_ours` does not know, unless that was asked for.
    pub(crate) fn claim(
        self,
        output: &Path,
        inputs: &[PathBuf],
        is_ours: impl FnOnce(&[u8]) -> bool,
    ) -> artkg_files::Result<()> {
        let inputs = inputs.iter().map(PathBuf::as_path);
        artkg_files::claim(output, inputs, self.overwrite, is_ours)
    }
}

/// Files that were given, of those that may be.
#[cfg(feature = "collections")]
pub(crate) fn given<const N: usize>(files: [Option<&PathBuf>; N]) -> Vec<PathBuf> {
    files.into_iter().flatten().cloned().collect()
}
