use artkg_nn::ParameterStore;
use artkg_train::ParameterGroup;
use artkg_vision::{Backbone, Stage};

/// The parameters to train when everything up to `frozen` is not: groups for the rest
/// of the backbone, one for what classifies.
///
/// A stage of the backbone learns slower than the next by the factor `layer_decay`, and
/// the last one as fast as nothing else says; with a factor of 1 they are one group.
pub(crate) fn parameter_groups(
    store: &ParameterStore,
    backbone: &Backbone,
    frozen: Stage,
    layer_decay: f64,
) -> Vec<ParameterGroup> {
    let stage = |name: &str| backbone.stage_of_parameter(name);
    let named = |member: &dyn Fn(Stage) -> bool| {
        ParameterGroup::select("backbone", store, |name| stage(name).is_some_and(member))
    };
    let mut groups = match layer_decay {
        1.0 => vec![named(&|stage| stage > frozen)],
        _ => {
            let stages = backbone.architecture().stages().iter().rev();
            let trained = stages.zip(0..).filter(|(stage, _)| **stage > frozen);
            let scaled = trained.map(|(own, below)| {
                named(&|stage| stage == *own).with_rate_scale(layer_decay.powi(below))
            });
            scaled.collect()
        }
    };
    groups.push(ParameterGroup::select("heads", store, |name| {
        stage(name).is_none()
    }));
    groups.retain(|group| !group.parameters.is_empty());
    groups
}
