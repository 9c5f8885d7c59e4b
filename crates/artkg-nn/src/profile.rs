//! Where the time of a pass goes, layer by layer.
//!
//! Networks run their layers through [`layer`]. That costs nothing worth
//! measuring until a caller asks, with [`record`], what its thread does.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use candle_core::{Tensor, Var};

use crate::error::{Error, Result};

/// What a profile measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// The layers as they run.
    Forward,
    /// Each layer by itself, forward and backward: the graph is cut before it,
    /// and its gradients start from ones.
    ForwardAndBackward,
}

/// The description of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name, as its parameters are called where it has any.
    pub name: String,
    /// What it does: `convolution 3×3`, `max pool`.
    pub operation: String,
    /// Multiply-adds of its forward pass over the whole batch.
    pub multiply_adds: u64,
}

/// One layer's part in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The description of the layer.
    pub layer: Description,
    /// The shape of its output.
    pub shape: Vec<usize>,
    /// The time of its forward pass.
    pub forward: Duration,
    /// The time of its backward pass, where that was measured.
    pub backward: Option<Duration>,
}

struct Recorder {
    passes: Passes,
    calls: Vec<Call>,
}

thread_local! {
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

/// Runs `work` and lists the layers that it ran on this thread, in order.
pub fn record<R>(passes: Passes, work: impl FnOnce() -> R) -> (R, Vec<Call>) {
    let recorder = Recorder {
        passes,
        calls: Vec::new(),
    };
    let outer = RECORDER.replace(Some(recorder));
    let result = work();
    let recorder = RECORDER.replace(outer);
    (result, recorder.map_or_else(Vec::new, |own| own.calls))
}

/// Whether this thread's layers are recorded.
pub fn is_recording() -> bool {
    RECORDER.with_borrow(Option::is_some)
}

/// Runs a layer on `inputs`; while its thread is recorded, with its time taken.
///
/// `describe` is asked only then, with the layer's output. Layers inside of a
/// layer are part of it.
///
/// # Errors
/// Those of `run`.
pub fn layer<E: From<Error>>(
    describe: impl FnOnce(&Tensor) -> Description,
    inputs: &[&Tensor],
    run: impl FnOnce(&[&Tensor]) -> std::result::Result<Tensor, E>,
) -> std::result::Result<Tensor, E> {
    let Some(recorder) = RECORDER.take() else {
        return run(inputs);
    };
    // Taken, so that layers inside of this one find none.
    let outcome = timed(&recorder, inputs, run);
    let mut recorder = recorder;
    let result = outcome.map(|(output, forward, backward)| {
        recorder.calls.push(Call {
            layer: describe(&output),
            shape: output.dims().to_vec(),
            forward,
            backward,
        });
        output
    });
    RECORDER.replace(Some(recorder));
    result
}

type Timed = (Tensor, Duration, Option<Duration>);

fn timed<E: From<Error>>(
    recorder: &Recorder,
    inputs: &[&Tensor],
    run: impl FnOnce(&[&Tensor]) -> std::result::Result<Tensor, E>,
) -> std::result::Result<Timed, E> {
    if recorder.passes == Passes::Forward {
        let start = Instant::now();
        let output = run(inputs)?;
        return Ok((output, start.elapsed(), None));
    }
    // Images want no gradient: the first layer has less to do.
    let wants_gradient = !recorder.calls.is_empty();
    let inputs = inputs
        .iter()
        .map(|input| cut(input, wants_gradient))
        .collect::<Result<Vec<_>>>()?;
    let inputs: Vec<&Tensor> = inputs.iter().collect();
    let start = Instant::now();
    let output = run(&inputs)?;
    let forward = start.elapsed();
    let start = Instant::now();
    output.backward().map_err(Error::from)?;
    let backward = start.elapsed();
    Ok((output.detach(), forward, Some(backward)))
}

/// The same values outside of the graph so far.
fn cut(input: &Tensor, wants_gradient: bool) -> Result<Tensor> {
    let input = input.detach();
    Ok(if wants_gradient {
        Var::from_tensor(&input)?.into_inner()
    } else {
        input
    })
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn double(input: &Tensor, name: &str) -> Result<Tensor> {
        layer(
            |output| Description {
                name: name.to_owned(),
                operation: "doubling".to_owned(),
                multiply_adds: output.elem_count() as u64,
            },
            &[input],
            |inputs| Ok((inputs[0] * 2.0)?),
        )
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.to_vec1().unwrap()
    }

    #[test]
    fn nothing_is_recorded_unless_asked() {
        let input = Tensor::new(&[1f32, 2.0], &Device::Cpu).unwrap();
        assert_eq!(values(&double(&input, "before").unwrap()), [2.0, 4.0]);
        let (output, calls) = record(Passes::Forward, || double(&input, "asked"));
        assert_eq!(values(&output.unwrap()), [2.0, 4.0]);
        double(&input, "after").unwrap();
        assert_eq!(calls.len(), 1);
        let Call {
            layer,
            shape,
            backward,
            ..
        } = &calls[0];
        assert_eq!((layer.name.as_str(), layer.multiply_adds), ("asked", 2));
        assert_eq!((shape.as_slice(), *backward), (&[2][..], None));
    }

    #[test]
    fn layers_inside_of_layers_are_part_of_them() {
        let input = Tensor::new(&[1f32, 2.0], &Device::Cpu).unwrap();
        let (_, calls) = record(Passes::Forward, || {
            let describe = |_: &Tensor| Description {
                name: "outer".to_owned(),
                operation: "doubling".to_owned(),
                multiply_adds: 0,
            };
            layer::<Error>(describe, &[&input], |inputs| double(inputs[0], "inner"))?;
            double(&input, "next")
        });
        let names: Vec<&str> = calls.iter().map(|call| call.layer.name.as_str()).collect();
        assert_eq!(names, ["outer", "next"]);
    }

    #[test]
    fn backward_passes_are_timed_by_themselves() {
        let weight = Var::new(&[3f32, 4.0], &Device::Cpu).unwrap();
        let (output, calls) = record(Passes::ForwardAndBackward, || {
            let first = double(weight.as_tensor(), "first")?;
            double(&first, "second")
        });
        assert_eq!(values(&output.unwrap()), [12.0, 16.0]);
        assert!(calls.iter().all(|call| call.backward.is_some()));
    }

    #[test]
    fn errors_leave_the_profile_usable() {
        let input = Tensor::new(&[1f32, 2.0], &Device::Cpu).unwrap();
        let (_, calls) = record(Passes::Forward, || {
            let describe = |_: &Tensor| unreachable!("there is no output");
            let failed = layer(describe, &[&input], |_| {
                Err(Error::Argument("no".to_owned()))
            });
            assert!(failed.is_err());
            double(&input, "next")
        });
        assert_eq!(calls.len(), 1);
    }
}
