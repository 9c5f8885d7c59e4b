use artkg_model::Predictor;
use clap::Args;

/// The option of commands that give tags.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct ConsistencyArgument {
    /// Give the jointly most probable tags, given which values occur together among the training
    /// works; a number sets how much that counts: 0 not at all, as fitted when not given
    #[arg(long, value_name = "STRENGTH", num_args = 0..=1, require_equals = true)]
    consistent: Option<Option<f64>>,
}

impl ConsistencyArgument {
    /// The predictor, choosing tags as it was asked to.
    pub(crate) fn applied(self, predictor: Predictor) -> artkg_model::Result<Predictor> {
        match self.consistent {
            Some(strength) => predictor.consistent(strength),
            None => Ok(predictor),
        }
    }

    /// What distinguishes files of such tags from others; empty for the usual ones.
    pub(crate) fn name(self) -> String {
        match self.consistent {
            Some(Some(strength)) => format!("consistent {strength}"),
            Some(None) => "consistent".to_owned(),
            None => String::new(),
        }
    }
}
