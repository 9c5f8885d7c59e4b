//! From the names of others to this crate's, which are timm's.

use std::collections::HashMap;

use artkg_nn::{DType, Tensor};

use super::conventions::{CONVENTIONS, Convention, TORCHVISION_BLOCK};
use crate::error::Result;

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
