use artkg_nn::Precision;
use clap::Args;

use crate::globals::Globals;

/// The option of commands that run a network.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PrecisionArgument {
    /// Precision of the network's products: f32, or bf16, about 1.5 times as fast on
    /// processors that have it
    #[arg(long, default_value = "f32")]
    precision: Precision,
}

impl PrecisionArgument {
    /// What was asked for, or `f32` with a note where the processor lacks it.
    pub(crate) fn chosen(self, globals: &Globals) -> Precision {
        if !self.precision.is_supported() {
            globals.note(format!(
                "this processor has no {} products; using f32",
                self.precision
            ));
        }
        self.precision.or_f32()
    }
}
