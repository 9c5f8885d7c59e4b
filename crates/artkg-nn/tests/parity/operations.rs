//! Parity with PyTorch's values and gradients; `make_op_fixtures.py` writes the
//! file.

use std::collections::HashMap;

use artkg_nn::{
    BatchNorm, Context, ConvolutionShape, Device, ParameterStore, Resampling, Tensor, Var,
    adaptive_average_pool, add_positions, add_scaled, attention, backward, concatenate_channels,
    convolution, depthwise_convolution, excite, gelu, global_average_pool, layer_norm, linear,
    load_tensors, max_pool, max_pool_rounding_up, mean_of_tokens, quick_gelu, relu,
    resample_grid_bicubic, select_tokens, silu, swiglu, with_prefix,
};
use serde_json::Value;

use crate::common::{assert_close, fixture, on_tape};

const TOLERANCE: f32 = 3e-6;

struct Case<'a> {
    settings: &'a Value,
    tensors: &'a HashMap<String, Tensor>,
}

impl Case<'_> {
    fn name(&self) -> &str {
        self.settings["name"].as_str().unwrap()
    }

    fn tensor(&self, key: &str) -> &Tensor {
        &self.tensors[&format!("{}/{key}", self.name())]
    }

    fn number(&self, key: &str) -> usize {
        self.settings[key].as_u64().unwrap() as usize
    }

    fn pair(&self, key: &str) -> (usize, usize) {
        let number = |index| self.settings[key][index].as_u64().unwrap() as usize;
        (number(0), number(1))
    }

    fn flag(&self, key: &str) -> bool {
        self.settings[key].as_bool().unwrap()
    }

    fn compute(&self, leaves: &HashMap<&str, Var>) -> Tensor {
        let leaf = |key: &str| leaves[key].as_tensor();
        let first = self.settings["arguments"][0].as_str().unwrap();
        let input = leaf(if leaves.contains_key("input") {
            "input"
        } else {
            first
        });
        match self.settings["kind"].as_str().unwrap() {
            "convolution" => {
                let shape = ConvolutionShape {
                    kernel: self.pair("kernel"),
                    stride: self.pair("stride"),
                    padding: self.pair("padding"),
                };
                let bias = leaves.get("bias").map(Var::as_tensor);
                convolution(input, &leaves["filters"], bias, shape).unwrap()
            }
            "batch norm" => self.batch_norm(leaves),
            "max pool" => {
                let (kernel, stride) = (self.number("kernel"), self.number("stride"));
                max_pool(input, kernel, stride, self.number("padding")).unwrap()
            }
            "global average pool" => global_average_pool(input).unwrap(),
            "max pool rounding up" => {
                let (kernel, stride) = (self.number("kernel"), self.number("stride"));
                max_pool_rounding_up(input, kernel, stride, self.number("padding")).unwrap()
            }
            "adaptive average pool" => adaptive_average_pool(input, self.pair("size")).unwrap(),
            "excite" => excite(input, leaf("gate"), leaf("residual")).unwrap(),
            "join channels" => {
                let parts = ["a", "b", "c", "d"].map(|key| leaf(key).clone());
                concatenate_channels(&parts).unwrap()
            }
            "relu" => relu(input).unwrap(),
            kind => self.of_transformer(kind, input, leaves),
        }
    }

    /// Operations of vision transformers and ConvNeXt.
    fn of_transformer(&self, kind: &str, input: &Tensor, leaves: &HashMap<&str, Var>) -> Tensor {
        let leaf = |key: &str| leaves[key].as_tensor();
        let output = match kind {
            "attention" => attention(input, self.number("heads")),
            "gelu" => gelu(input),
            "quick gelu" => quick_gelu(input),
            "silu" => silu(input),
            "swiglu" => swiglu(input),
            "scaled residual" => add_scaled(input, leaf("branch"), leaf("scale")),
            "layer norm" => layer_norm(input, leaf("weight"), leaf("bias"), 1e-6),
            "linear" => linear(input, leaf("weight"), leaf("bias")),
            "tokens" => with_prefix(input, leaf("prefix"))
                .and_then(|tokens| add_positions(&tokens, leaf("positions"))),
            "select" => select_tokens(input, 1, 4),
            "mean" => mean_of_tokens(input),
            "grid" => {
                let resampling = match self.settings["way"].as_str().unwrap() {
                    "even" => Resampling::Even,
                    "offset" => Resampling::Offset(0.1),
                    _ => Resampling::Antialiased,
                };
                resample_grid_bicubic(input, self.pair("size"), resampling)
            }
            "depthwise" => {
                let kernel = self.number("kernel");
                depthwise_convolution(input, leaf("filters"), leaf("bias"), kernel)
            }
            kind => panic!("unknown kind {kind}"),
        };
        output.unwrap()
    }

    fn batch_norm(&self, leaves: &HashMap<&str, Var>) -> Tensor {
        let store = ParameterStore::new(0, &Device::Cpu);
        let layer = BatchNorm::new(&store.root(), leaves["weight"].elem_count()).unwrap();
        let buffers = ["running_mean", "running_var"];
        let mut given: HashMap<String, Tensor> = buffers
            .iter()
            .map(|key| ((*key).into(), self.tensor(key).clone()))
            .collect();
        for key in ["weight", "bias"] {
            given.insert(key.into(), leaves[key].as_tensor().clone());
        }
        store.load(&given).unwrap();
        let context = if self.flag("training") {
            Context::training(0)
        } else {
            Context::evaluation()
        };
        let residual = leaves.get("residual").map(Var::as_tensor);
        let output = layer
            .forward_fused(&leaves["input"], residual, self.flag("relu"), &context)
            .unwrap();
        let after = store.export().unwrap();
        for key in buffers {
            let expected = self.tensor(&format!("{key}.after"));
            assert_close(
                &format!("{} {key}", self.name()),
                &after[key],
                expected,
                TOLERANCE,
            );
        }
        // The layer owns its parameters: their gradients are checked here.
        let gradients = (&output * self.tensor("gradient"))
            .unwrap()
            .sum_all()
            .unwrap()
            .backward()
            .unwrap();
        for (key, parameter) in [("weight", layer.weight()), ("bias", layer.bias())] {
            let expected = self.tensor(&format!("{key}.gradient"));
            let actual = gradients.get(parameter).unwrap();
            assert_close(
                &format!("{} {key}", self.name()),
                actual,
                expected,
                TOLERANCE,
            );
        }
        output
    }

    fn check(&self) {
        let leaves: HashMap<&str, Var> = self.settings["arguments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| {
                let key = key.as_str().unwrap();
                (key, Var::from_tensor(self.tensor(key)).unwrap())
            })
            .collect();
        let first = leaves.get("input").unwrap_or_else(|| &leaves["a"]);
        let output = on_tape(first, || self.compute(&leaves));
        assert_close(self.name(), &output, self.tensor("output"), TOLERANCE);
        let projected = (&output * self.tensor("gradient")).unwrap();
        let gradients = backward(&projected.sum_all().unwrap()).unwrap();
        for (key, leaf) in &leaves {
            let own_parameter =
                self.settings["kind"] == "batch norm" && ["weight", "bias"].contains(key);
            if own_parameter {
                continue;
            }
            let expected = self.tensor(&format!("{key}.gradient"));
            let actual = gradients
                .get(leaf)
                .unwrap_or_else(|| panic!("{}: no gradient of {key}", self.name()));
            assert_close(
                &format!("{} {key}", self.name()),
                actual,
                expected,
                TOLERANCE,
            );
        }
    }
}

#[test]
fn values_and_gradients_are_pytorchs() {
    let (tensors, metadata) = load_tensors(&fixture("operations.safetensors")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&metadata["cases"]).unwrap();
    assert_eq!(cases.len(), 61);
    for settings in &cases {
        Case {
            settings,
            tensors: &tensors,
        }
        .check();
    }
}
