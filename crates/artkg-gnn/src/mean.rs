//! The means of neighbours, by relation, mixed into bases: the one step of a graph
//! network that is no dense product.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Shape, Tensor, bail};
use rayon::prelude::*;

use crate::neighbours::Neighbours;

/// Nodes that one task sums gradients of shares over, in a fixed order.
const CHUNK: usize = 1024;

/// For features `[nodes, width]` and `shares` `[relations, bases]` the tensor
/// `[nodes, bases * width]`: for each basis the sum over relations of the share times
/// the mean of a node's neighbours by that relation (Schlichtkrull and others, ESWC
/// 2018, equations 2 and 3, with the products by the bases' matrices still to come).
///
/// # Errors
/// When a shape does not fit, or off the CPU.
pub(crate) fn mixed_means(
    features: &Tensor,
    shares: &Tensor,
    neighbours: &Arc<Neighbours>,
) -> candle_core::Result<Tensor> {
    let operation = MixedMeans(Arc::clone(neighbours));
    features
        .contiguous()?
        .apply_op2(&shares.contiguous()?, operation)
}

struct MixedMeans(Arc<Neighbours>);

impl MixedMeans {
    /// Width and number of bases.
    fn sizes(&self, features: &Shape, shares: &Shape) -> candle_core::Result<(usize, usize)> {
        let (nodes, width) = features.dims2()?;
        let (relations, bases) = shares.dims2()?;
        if (nodes, relations) != (self.0.nodes(), self.0.relations) {
            bail!(
                "means of {nodes} nodes by {relations} relations in a graph of {} and {}",
                self.0.nodes(),
                self.0.relations
            );
        }
        Ok((width, bases))
    }
}

impl CustomOp2 for MixedMeans {
    fn name(&self) -> &'static str {
        "mixed_means"
    }

    fn cpu_fwd(
        &self,
        features: &CpuStorage,
        features_layout: &Layout,
        shares: &CpuStorage,
        shares_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (width, bases) = self.sizes(features_layout.shape(), shares_layout.shape())?;
        let features = values(features, features_layout)?;
        let shares = values(shares, shares_layout)?;
        let mut mixed = vec![0.0_f32; self.0.nodes() * bases * width];
        let rows = mixed.par_chunks_exact_mut(bases * width);
        rows.enumerate().for_each(|(node, row)| {
            for neighbour in self.0.of(node) {
                let feature = &features[neighbour.node as usize * width..][..width];
                let shares = &shares[usize::from(neighbour.relation) * bases..][..bases];
                for (row, share) in row.chunks_exact_mut(width).zip(shares) {
                    add_scaled(row, feature, neighbour.weight * share);
                }
            }
        });
        let shape = Shape::from((self.0.nodes(), bases * width));
        Ok((CpuStorage::F32(mixed), shape))
    }

    fn bwd(
        &self,
        features: &Tensor,
        shares: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let (width, bases) = self.sizes(features.shape(), shares.shape())?;
        let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
        let of_row = flat(gradient)?;
        let (feature, share) = (flat(features)?, flat(shares)?);
        let mut of_features = vec![0.0_f32; feature.len()];
        let rows = of_features.par_chunks_exact_mut(width);
        rows.enumerate().for_each(|(node, row)| {
            for neighbour in self.0.to(node) {
                let gradient = &of_row[neighbour.node as usize * bases * width..][..bases * width];
                let shares = &share[usize::from(neighbour.relation) * bases..][..bases];
                for (gradient, share) in gradient.chunks_exact(width).zip(shares) {
                    add_scaled(row, gradient, neighbour.weight * share);
                }
            }
        });
        let nodes: Vec<usize> = (0..self.0.nodes()).collect();
        let parts: Vec<Vec<f32>> = nodes
            .par_chunks(CHUNK)
            .map(|nodes| {
                let mut sums = vec![0.0_f32; share.len()];
                for &node in nodes {
                    let gradient = &of_row[node * bases * width..][..bases * width];
                    for neighbour in self.0.of(node) {
                        let feature = &feature[neighbour.node as usize * width..][..width];
                        let sums = &mut sums[usize::from(neighbour.relation) * bases..][..bases];
                        for (sum, gradient) in sums.iter_mut().zip(gradient.chunks_exact(width)) {
                            *sum += neighbour.weight * product(feature, gradient);
                        }
                    }
                }
                sums
            })
            .collect();
        let mut of_shares = vec![0.0_f32; share.len()];
        for part in parts {
            of_shares
                .iter_mut()
                .zip(part)
                .for_each(|(sum, part)| *sum += part);
        }
        let device = features.device();
        Ok((
            Some(Tensor::from_vec(of_features, features.shape(), device)?),
            Some(Tensor::from_vec(of_shares, shares.shape(), device)?),
        ))
    }
}

/// The values of a tensor that `mixed_means` made contiguous.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> candle_core::Result<&'a [f32]> {
    let start = layout.start_offset();
    Ok(&storage.as_slice()?[start..start + layout.shape().elem_count()])
}

fn add_scaled(sums: &mut [f32], values: &[f32], scale: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += scale * value;
    }
}

fn product(first: &[f32], second: &[f32]) -> f32 {
    first.iter().zip(second).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use artkg_nn::{Device, Var};

    use super::*;
    use crate::neighbours::tests::small;

    fn variable(values: &[f32], shape: (usize, usize)) -> Var {
        Var::from_tensor(&Tensor::from_slice(values, shape, &Device::Cpu).unwrap()).unwrap()
    }

    #[test]
    fn means_by_relation_are_mixed_into_bases() {
        let features = variable(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (3, 2));
        let shares = variable(&[1.0, 0.5, 10.0, 0.0], (2, 2));
        let mixed = mixed_means(&features, &shares, &Arc::new(small())).unwrap();
        let expected = [
            // The mean of nodes 1 and 2, in full and by half.
            [4.0, 5.0, 2.0, 2.5],
            // Node 2 by the second relation.
            [50.0, 60.0, 0.0, 0.0],
            [0.0; 4],
        ];
        assert_eq!(mixed.to_vec2::<f32>().unwrap(), expected);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let neighbours = Arc::new(small());
        let features = variable(&[0.3, -0.2, 0.5, 0.1, -0.4, 0.7], (3, 2));
        let shares = variable(&[0.9, -0.5, 0.4, 0.8], (2, 2));
        let weights = Tensor::from_vec(
            (1..13).map(|n| n as f32 / 5.0).collect(),
            (3, 4),
            &Device::Cpu,
        );
        let weights: Tensor = weights.unwrap();
        let loss = || {
            let mixed = mixed_means(&features, &shares, &neighbours).unwrap();
            (mixed.sqr().unwrap() * &weights)
                .unwrap()
                .sum_all()
                .unwrap()
        };
        let gradients = loss().backward().unwrap();
        for variable in [&features, &shares] {
            let gradient = gradients.get(variable.as_tensor()).unwrap();
            let gradient: Vec<f32> = gradient.flatten_all().unwrap().to_vec1().unwrap();
            let start: Vec<f32> = variable.flatten_all().unwrap().to_vec1().unwrap();
            for place in 0..start.len() {
                let at = |step: f32| {
                    let mut values = start.clone();
                    values[place] += step;
                    let values = Tensor::from_vec(values, variable.shape(), &Device::Cpu).unwrap();
                    variable.set(&values).unwrap();
                    f64::from(loss().to_scalar::<f32>().unwrap())
                };
                let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
                let values = Tensor::from_vec(start.clone(), variable.shape(), &Device::Cpu);
                variable.set(&values.unwrap()).unwrap();
                let error = (difference - f64::from(gradient[place])).abs();
                assert!(
                    error < 1e-3 * (1.0 + difference.abs()),
                    "{place}: {difference}"
                );
            }
        }
    }
}
