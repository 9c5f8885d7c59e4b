//! Names of transformers and ConvNeXts as others write them, and this crate's, which
//! are timm's.

use std::collections::HashMap;

use artkg_nn::{DType, Tensor};

use crate::error::Result;

/// How somebody names the tensors of a network.
struct Convention {
    /// A tensor that only this convention has, behind the `prefix`.
    mark: &'static str,
    /// What stands before every name of the network in files that hold more; there
    /// the other tensors are those of a text tower.
    prefixes: &'static [&'static str],
    /// The beginnings of names and what takes their place, the first that fits; `*`
    /// is any number, and names with nothing in their place are left out.
    rules: &'static [(&'static str, &'static str)],
}

const CONVENTIONS: [Convention; 8] = [
    // Hugging Face's DINOv2 in files and, since version 5, in memory.
    Convention {
        mark: "embeddings.patch_embeddings.projection.weight",
        prefixes: &["", "dinov2.", "dinov2_with_registers."],
        rules: &[
            ("embeddings.mask_token", ""),
            ("embeddings.cls_token", "cls_token"),
            ("embeddings.register_tokens", "reg_token"),
            ("embeddings.position_embeddings", "pos_embed"),
            ("embeddings.patch_embeddings.projection", "patch_embed.proj"),
            (
                "encoder.layer.*.attention.attention.query",
                "blocks.*.attn.q",
            ),
            ("encoder.layer.*.attention.attention.key", "blocks.*.attn.k"),
            (
                "encoder.layer.*.attention.attention.value",
                "blocks.*.attn.v",
            ),
            (
                "encoder.layer.*.attention.output.dense",
                "blocks.*.attn.proj",
            ),
            ("encoder.layer.*.attention.q_proj", "blocks.*.attn.q"),
            ("encoder.layer.*.attention.k_proj", "blocks.*.attn.k"),
            ("encoder.layer.*.attention.v_proj", "blocks.*.attn.v"),
            ("encoder.layer.*.attention.o_proj", "blocks.*.attn.proj"),
            ("encoder.layer.*.layer_scale1.lambda1", "blocks.*.ls1.gamma"),
            ("encoder.layer.*.layer_scale2.lambda1", "blocks.*.ls2.gamma"),
            ("encoder.layer.*.mlp.weights_in", "blocks.*.mlp.fc1"),
            ("encoder.layer.*.mlp.weights_out", "blocks.*.mlp.fc2"),
            ("encoder.layer.*.mlp.gate_proj", "blocks.*.mlp.gate"),
            ("encoder.layer.*.mlp.up_proj", "blocks.*.mlp.up"),
            ("encoder.layer.*.mlp.down_proj", "blocks.*.mlp.fc2"),
            ("encoder.layer.*", "blocks.*"),
            ("layernorm", "norm"),
        ],
    },
    // Hugging Face's CLIP.
    Convention {
        mark: "embeddings.class_embedding",
        prefixes: &["", "vision_model."],
        rules: &[
            ("embeddings.class_embedding", "cls_token"),
            ("embeddings.patch_embedding", "patch_embed.proj"),
            ("embeddings.position_embedding.weight", "pos_embed"),
            ("embeddings.position_ids", ""),
            ("pre_layrnorm", "norm_pre"),
            ("encoder.layers.*.self_attn.q_proj", "blocks.*.attn.q"),
            ("encoder.layers.*.self_attn.k_proj", "blocks.*.attn.k"),
            ("encoder.layers.*.self_attn.v_proj", "blocks.*.attn.v"),
            ("encoder.layers.*.self_attn.out_proj", "blocks.*.attn.proj"),
            ("encoder.layers.*.layer_norm1", "blocks.*.norm1"),
            ("encoder.layers.*.layer_norm2", "blocks.*.norm2"),
            ("encoder.layers.*", "blocks.*"),
            ("post_layernorm", "norm"),
        ],
    },
    // Hugging Face's SigLIP.
    Convention {
        mark: "head.probe",
        prefixes: &["", "vision_model."],
        rules: &[
            ("embeddings.patch_embedding", "patch_embed.proj"),
            ("embeddings.position_embedding.weight", "pos_embed"),
            ("embeddings.position_ids", ""),
            ("encoder.layers.*.self_attn.q_proj", "blocks.*.attn.q"),
            ("encoder.layers.*.self_attn.k_proj", "blocks.*.attn.k"),
            ("encoder.layers.*.self_attn.v_proj", "blocks.*.attn.v"),
            ("encoder.layers.*.self_attn.out_proj", "blocks.*.attn.proj"),
            ("encoder.layers.*.layer_norm1", "blocks.*.norm1"),
            ("encoder.layers.*.layer_norm2", "blocks.*.norm2"),
            ("encoder.layers.*", "blocks.*"),
            ("post_layernorm", "norm"),
            ("head.probe", "attn_pool.latent"),
            ("head.attention.in_proj_weight", "attn_pool.qkv.weight"),
            ("head.attention.in_proj_bias", "attn_pool.qkv.bias"),
            ("head.attention.out_proj", "attn_pool.proj"),
            ("head.layernorm", "attn_pool.norm"),
            ("head.mlp", "attn_pool.mlp"),
        ],
    },
    // OpenAI's CLIP and OpenCLIP.
    Convention {
        mark: "transformer.resblocks.0.ln_1.weight",
        prefixes: &["visual."],
        rules: &[
            ("class_embedding", "cls_token"),
            ("positional_embedding", "pos_embed"),
            ("conv1", "patch_embed.proj"),
            ("ln_pre", "norm_pre"),
            (
                "transformer.resblocks.*.attn.in_proj_weight",
                "blocks.*.attn.qkv.weight",
            ),
            (
                "transformer.resblocks.*.attn.in_proj_bias",
                "blocks.*.attn.qkv.bias",
            ),
            (
                "transformer.resblocks.*.attn.out_proj",
                "blocks.*.attn.proj",
            ),
            ("transformer.resblocks.*.ln_1", "blocks.*.norm1"),
            ("transformer.resblocks.*.ln_2", "blocks.*.norm2"),
            ("transformer.resblocks.*.mlp.c_fc", "blocks.*.mlp.fc1"),
            ("transformer.resblocks.*.mlp.c_proj", "blocks.*.mlp.fc2"),
            ("ln_post", "norm"),
            // Into the space that images and texts share.
            ("proj", ""),
        ],
    },
    // timm and Meta's DINOv2; OpenCLIP's towers by timm.
    Convention {
        mark: "blocks.0.attn.qkv.weight",
        prefixes: &["", "visual.trunk."],
        rules: &[
            ("mask_token", ""),
            ("register_tokens", "reg_token"),
            ("blocks.*.mlp.w12", "blocks.*.mlp.fc1"),
            ("blocks.*.mlp.w3", "blocks.*.mlp.fc2"),
        ],
    },
    // Hugging Face's ConvNeXt.
    Convention {
        mark: "encoder.stages.0.layers.0.dwconv.weight",
        prefixes: &["", "convnext."],
        rules: &[
            ("embeddings.patch_embeddings", "stem.0"),
            ("embeddings.layernorm", "stem.1"),
            ("encoder.stages.*.downsampling_layer", "stages.*.downsample"),
            (
                "encoder.stages.*.layers.*.dwconv",
                "stages.*.blocks.*.conv_dw",
            ),
            (
                "encoder.stages.*.layers.*.layernorm",
                "stages.*.blocks.*.norm",
            ),
            (
                "encoder.stages.*.layers.*.pwconv1",
                "stages.*.blocks.*.mlp.fc1",
            ),
            (
                "encoder.stages.*.layers.*.pwconv2",
                "stages.*.blocks.*.mlp.fc2",
            ),
            (
                "encoder.stages.*.layers.*.layer_scale_parameter",
                "stages.*.blocks.*.gamma",
            ),
            ("layernorm", "head.norm"),
        ],
    },
    // Meta's ConvNeXt.
    Convention {
        mark: "downsample_layers.0.0.weight",
        prefixes: &[""],
        rules: &[
            ("downsample_layers.0", "stem"),
            ("downsample_layers.*", "stages.*.downsample"),
            ("stages.*.*.dwconv", "stages.*.blocks.*.conv_dw"),
            ("stages.*.*.pwconv1", "stages.*.blocks.*.mlp.fc1"),
            ("stages.*.*.pwconv2", "stages.*.blocks.*.mlp.fc2"),
            ("stages.*.*", "stages.*.blocks.*"),
            ("norm", "head.norm"),
            ("head", "head.fc"),
        ],
    },
    // torchvision's ConvNeXt: stages and what leads to them alternate.
    Convention {
        mark: "features.1.0.layer_scale",
        prefixes: &[""],
        rules: &[
            ("features.0", "stem"),
            ("features.2", "stages.1.downsample"),
            ("features.4", "stages.2.downsample"),
            ("features.6", "stages.3.downsample"),
            ("features.1.*", "stages.0.blocks.*"),
            ("features.3.*", "stages.1.blocks.*"),
            ("features.5.*", "stages.2.blocks.*"),
            ("features.7.*", "stages.3.blocks.*"),
            ("classifier.0", "head.norm"),
            ("classifier.2", "head.fc"),
        ],
    },
];

/// The parts of torchvision's blocks, by their places.
const TORCHVISION_BLOCK: [(&str, &str); 5] = [
    (".block.0.", ".conv_dw."),
    (".block.2.", ".norm."),
    (".block.3.", ".mlp.fc1."),
    (".block.5.", ".mlp.fc2."),
    (".layer_scale", ".gamma"),
];

/// The tensors of a transformer or ConvNeXt under this crate's names and in its shapes,
/// whoever wrote them; those of other networks as they are.
pub(crate) fn rename(tensors: HashMap<String, Tensor>) -> Result<HashMap<String, Tensor>> {
    let found = CONVENTIONS.iter().find_map(|convention| {
        let has_mark =
            |prefix: &&&str| tensors.contains_key(&format!("{prefix}{}", convention.mark));
        let prefix = convention.prefixes.iter().find(has_mark)?;
        Some((convention, *prefix))
    });
    let Some((convention, prefix)) = found else {
        return Ok(tensors);
    };
    let renamed = tensors.into_iter().filter_map(|(name, tensor)| {
        let Some(own) = name.strip_prefix(prefix) else {
            // Only where the file is that of a network with a classifier of its own.
            let is_classifier = name.starts_with("classifier.");
            return is_classifier.then(|| (name.replacen("classifier", "head.fc", 1), tensor));
        };
        Some((convention.rename(own)?, tensor))
    });
    let mut tensors: HashMap<String, Tensor> = renamed.collect();
    join(
        &mut tensors,
        [".attn.q.", ".attn.k.", ".attn.v."],
        ".attn.qkv.",
    )?;
    join(&mut tensors, [".mlp.gate.", ".mlp.up."], ".mlp.fc1.")?;
    split_pooling(&mut tensors)?;
    shape_tables(&mut tensors)?;
    merge_class_position(&mut tensors)?;
    Ok(tensors)
}

impl Convention {
    /// The name in this crate; `None` for what no network here has.
    fn rename(&self, name: &str) -> Option<String> {
        let renamed = self.rules.iter().find_map(|(from, to)| {
            let (numbers, rest) = fit(from, name)?;
            Some((to, numbers, rest))
        });
        let Some((to, numbers, rest)) = renamed else {
            return Some(name.to_owned());
        };
        if to.is_empty() {
            return None;
        }
        let mut full = String::new();
        let mut numbers = numbers.into_iter();
        for part in to.split('.') {
            let part = match part {
                "*" => numbers.next().unwrap_or_default(),
                plain => plain,
            };
            if !full.is_empty() {
                full.push('.');
            }
            full.push_str(part);
        }
        full.push_str(rest);
        for (from, to) in TORCHVISION_BLOCK {
            full = full.replace(from, to);
        }
        Some(full)
    }
}

/// The numbers in the place of each `*`, and what follows `pattern` in `name`.
fn fit<'a>(pattern: &str, name: &'a str) -> Option<(Vec<&'a str>, &'a str)> {
    let mut numbers = Vec::new();
    let mut rest = name;
    for (place, part) in pattern.split('.').enumerate() {
        if place > 0 {
            rest = rest.strip_prefix('.')?;
        }
        let end = rest.find('.').unwrap_or(rest.len());
        let (found, behind) = rest.split_at(end);
        if part == "*" {
            let is_number = !found.is_empty() && found.bytes().all(|byte| byte.is_ascii_digit());
            numbers.push(is_number.then_some(found)?);
        } else if part != found {
            return None;
        }
        rest = behind;
    }
    Some((numbers, rest))
}

/// Layers on the same input as one: query, key and value, or both halves of a SwiGLU.
fn join<const COUNT: usize>(
    tensors: &mut HashMap<String, Tensor>,
    parts: [&str; COUNT],
    whole: &str,
) -> Result<()> {
    let firsts: Vec<String> = tensors
        .keys()
        .filter(|name| name.contains(parts[0]))
        .cloned()
        .collect();
    for first in firsts {
        let names = parts.map(|part| first.replace(parts[0], part));
        let found: Vec<&Tensor> = names.iter().filter_map(|name| tensors.get(name)).collect();
        if found.len() < COUNT {
            // What is missing is named when the file is loaded.
            continue;
        }
        let joined = Tensor::cat(&found, 0)?;
        for name in &names {
            tensors.remove(name);
        }
        tensors.insert(first.replace(parts[0], whole), joined);
    }
    Ok(())
}

/// The pooling's query apart from key and value, which see other tokens.
fn split_pooling(tensors: &mut HashMap<String, Tensor>) -> Result<()> {
    for kind in ["weight", "bias"] {
        let Some(joined) = tensors.remove(&format!("attn_pool.qkv.{kind}")) else {
            continue;
        };
        let width = joined.dim(0)? / 3;
        let part = |start, length| -> Result<Tensor> {
            Ok(joined.narrow(0, start, length)?.contiguous()?)
        };
        tensors.insert(format!("attn_pool.q.{kind}"), part(0, width)?);
        tensors.insert(format!("attn_pool.kv.{kind}"), part(width, 2 * width)?);
    }
    Ok(())
}

/// Tokens and positions as `[1, tokens, width]`, scales as `[width]`.
fn shape_tables(tensors: &mut HashMap<String, Tensor>) -> Result<()> {
    for (name, tensor) in tensors {
        let tail = name.rsplit('.').next().unwrap_or(name);
        if matches!(tail, "cls_token" | "reg_token" | "pos_embed" | "latent") {
            let width = tensor.dims().last().copied().unwrap_or(1).max(1);
            *tensor = tensor.reshape((1, tensor.elem_count() / width, width))?;
        } else if tail == "gamma" && tensor.rank() > 1 {
            *tensor = tensor.flatten_all()?;
        }
    }
    Ok(())
}

/// The position of the class token, the first where there is one more than a square
/// grid has, as part of the token itself.
fn merge_class_position(tensors: &mut HashMap<String, Tensor>) -> Result<()> {
    let (Some(positions), Some(class)) = (tensors.get("pos_embed"), tensors.get("cls_token"))
    else {
        return Ok(());
    };
    let count = positions.dim(1)?;
    if grid_side(count).is_some() || grid_side(count - 1).is_none() {
        return Ok(());
    }
    let positions = positions.to_dtype(DType::F32)?;
    let class = (class.to_dtype(DType::F32)? + positions.narrow(1, 0, 1)?)?;
    let patches = positions.narrow(1, 1, count - 1)?.contiguous()?;
    tensors.insert("cls_token".to_owned(), class);
    tensors.insert("pos_embed".to_owned(), patches);
    Ok(())
}

/// The side of a square grid of `count` patches.
pub(super) fn grid_side(count: usize) -> Option<usize> {
    let side = count.isqrt();
    (side > 0 && side * side == count).then_some(side)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_whole_words_and_numbers() {
        let (numbers, rest) = fit("stages.*.layers.*", "stages.2.layers.10.norm.bias").unwrap();
        assert_eq!((numbers, rest), (vec!["2", "10"], ".norm.bias"));
        assert!(fit("stages.*", "stages.x.norm").is_none());
        assert!(fit("norm", "norm1.weight").is_none());
        assert_eq!(fit("norm", "norm").unwrap(), (vec![], ""));
    }

    #[test]
    fn sides_are_those_of_squares() {
        assert_eq!(grid_side(1369), Some(37));
        assert_eq!(grid_side(1370), None);
        assert_eq!(grid_side(0), None);
    }
}
