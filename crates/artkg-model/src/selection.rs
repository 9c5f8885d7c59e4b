use serde::{Deserialize, Serialize};

use artkg_measure::RiskCoverage;

/// Risk–coverage curves on the validation split, one per task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// Of tags that each head chooses for itself.
    pub independent: Vec<RiskCoverage>,
    /// Of the jointly most probable tags; empty where there is one task only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consistent: Vec<RiskCoverage>,
}
