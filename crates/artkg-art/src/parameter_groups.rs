use artkg_nn::ParameterStore;
use artkg_train::ParameterGroup;
use artkg_vision::{Backbone, Stage};

/// The parameters to train when everything up to `frozen` is not: one group for
/// the rest of the backbone, one for what classifies.
pub(crate) fn parameter_groups(
    store: &ParameterStore,
    backbone: &Backbone,
    frozen: Stage,
) -> Vec<ParameterGroup> {
    let stage = |name: &str| backbone.stage_of_parameter(name);
    let mut groups = vec![
        ParameterGroup::select("backbone", store, |name| {
            stage(name).is_some_and(|stage| stage > frozen)
        }),
        ParameterGroup::select("heads", store, |name| stage(name).is_none()),
    ];
    groups.retain(|group| !group.parameters.is_empty());
    groups
}
