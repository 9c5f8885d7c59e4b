use crate::architecture::{Architecture, Family};
use crate::transformer_sizes::Scales;

impl Architecture {
    /// The architecture that a file's tensors belong to, by characteristic names and
    /// shapes.
    pub(crate) fn guess<'a>(shape: impl Fn(&str) -> Option<&'a [usize]>) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|candidate| candidate.has_tensors(&shape))
    }

    fn has_tensors<'a>(self, shape: &impl Fn(&str) -> Option<&'a [usize]>) -> bool {
        let has = |name: &str| shape(name).is_some();
        // The last convolution or batch norm, and nothing behind it.
        let ends = |last: &str, beyond: &str| has(last) && !has(beyond);
        match (self, self.family()) {
            (Self::Vgg16, _) => ends("features.28.bias", "features.30.bias"),
            (Self::Vgg16Bn, _) => ends("features.41.running_mean", "features.43.bias"),
            (Self::Vgg19, _) => ends("features.34.bias", "features.36.bias"),
            (_, Family::Vgg) => has("features.50.running_mean"),
            (_, Family::AlexNet) => has("classifier.1.weight"),
            (_, Family::GoogLeNet) => has("inception5b.branch4.1.conv.weight"),
            (_, Family::ResNet) => {
                let convolution =
                    |layer: usize, block: usize| has(&format!("layer{layer}.{block}.conv1.weight"));
                let counts = self.blocks().into_iter().zip(1..);
                has("layer1.0.conv3.weight") == self.has_bottlenecks()
                    && has("layer1.0.se.fc1.weight") == self.has_excitation()
                    && counts.into_iter().all(|(count, layer)| {
                        convolution(layer, count - 1) && !convolution(layer, count)
                    })
            }
            (_, Family::ConvNext(sizes)) => {
                let block = |block: usize| format!("stages.2.blocks.{block}.gamma");
                let depth = sizes.depths[2];
                shape(&block(depth - 1)) == Some(&[sizes.widths[2]]) && !has(&block(depth))
            }
            (_, Family::Transformer(sizes)) => {
                let patches = [sizes.width, 3, sizes.patch, sizes.patch];
                let block = |block: usize| format!("blocks.{block}.norm1.weight");
                let (class, registers) = (sizes.class_token, sizes.registers > 0);
                shape("patch_embed.proj.weight") == Some(&patches)
                    && ends(&block(sizes.depth - 1), &block(sizes.depth))
                    && has("cls_token") == class
                    && has("reg_token") == registers
                    && has("norm_pre.weight") == sizes.early_norm
                    && has("blocks.0.ls1.gamma") == (sizes.scales == Scales::Learned)
            }
        }
    }
}
