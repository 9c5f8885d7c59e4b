//! Times the training of linear heads on stored features for `benchmarks/run.py`.
//!
//! `head_speed --data FILE --batch N --rate RATE --outputs FILE`; RAYON_NUM_THREADS sets
//! the number of threads. The file holds `features` `[rows, width]`, `order` with the rows
//! of each batch one after another, and `targets.NAME` for each head. A pass is an epoch of
//! SGD with momentum on the mean of the heads' losses; the outputs are the heads' weights
//! and biases after the first one, which start at zero.

#[path = "../../../benchmarks/turns.rs"]
mod turns;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use artkg_nn::{
    Context, Device, Linear, Module, Optimiser, ParameterGroup, ParameterStore, Sgd, SgdConfig,
    Tensor, cross_entropy, load_tensors, save_tensors,
};
use turns::{Options, Outcome, serve};

struct Head {
    linear: Linear,
    targets: Vec<u32>,
}

fn main() -> Outcome<()> {
    artkg_nn::keep_freed_memory();
    let options = Options::read()?;
    let batch = options.count("batch")?;
    let (mut data, _) = load_tensors(Path::new(options.get("data")?))?;
    let features = data.remove("features").ok_or("no features")?;
    let order: Vec<u32> = data.remove("order").ok_or("no order")?.to_vec1()?;
    let store = ParameterStore::new(0, &Device::Cpu);
    let heads = create_heads(&store, features.dim(1)?, data)?;
    let config = SgdConfig {
        learning_rate: options.get("rate")?.parse()?,
        ..SgdConfig::default()
    };
    let groups = vec![ParameterGroup::new("heads", store.trainable())];
    let mut optimiser = Sgd::new(groups, config)?;
    let mut first = HashMap::new();
    serve(|| {
        for rows in order.chunks(batch) {
            let loss = loss(&heads, &features, rows)?;
            optimiser.step(&loss.backward()?)?;
        }
        if first.is_empty() {
            for (name, parameter) in store.named() {
                first.insert(name, parameter.variable.copy()?);
            }
        }
        Ok(())
    })?;
    let path = Path::new(options.get("outputs")?);
    save_tensors(path, &first, &BTreeMap::new())?;
    Ok(())
}

/// A head for each `targets.NAME`, with as many classes as its largest target needs.
fn create_heads(
    store: &ParameterStore,
    width: usize,
    data: HashMap<String, Tensor>,
) -> Outcome<Vec<Head>> {
    let mut targets: Vec<(String, Tensor)> = data.into_iter().collect();
    targets.sort_by(|left, right| left.0.cmp(&right.0));
    let mut heads = Vec::new();
    for (name, targets) in targets {
        let name = name.strip_prefix("targets.").ok_or("an unknown tensor")?;
        let targets: Vec<u32> = targets.to_vec1()?;
        let classes = targets.iter().max().map_or(1, |largest| largest + 1);
        let linear = Linear::new(&store.root().sub(name), width, classes as usize)?;
        linear.weight().set(&linear.weight().zeros_like()?)?;
        linear.bias().set(&linear.bias().zeros_like()?)?;
        heads.push(Head { linear, targets });
    }
    Ok(heads)
}

/// The mean of the heads' cross entropies on some rows.
fn loss(heads: &[Head], features: &Tensor, rows: &[u32]) -> Outcome<Tensor> {
    let input = features.index_select(&Tensor::new(rows, &Device::Cpu)?, 0)?;
    let mut sum: Option<Tensor> = None;
    for head in heads {
        let logits = head.linear.forward(&input, &Context::training(0))?;
        let chosen = rows.iter().map(|&row| head.targets[row as usize]);
        let loss = cross_entropy(&logits, &chosen.collect::<Vec<_>>(), 0.0)?;
        sum = Some(match sum {
            Some(sum) => (sum + loss)?,
            None => loss,
        });
    }
    Ok((sum.ok_or("no head")? / heads.len() as f64)?)
}
