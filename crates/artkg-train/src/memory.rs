//! Whether a run fits into memory, and the micro-batches that make it fit.

mod machine;

use artkg_files::Amount;
use artkg_nn::{
    Context, DType, Role, Tensor, Var, allocated_bytes, allocated_peak, backward, peak_bytes,
};

use self::machine::{available_bytes, peak_resident_bytes, resident_bytes};
use crate::config::TrainingConfig;
use crate::error::{BoxError, Error, Result};
use crate::memory_shortage::MemoryShortage;
use crate::trainable::Trainable;

/// The least that a process holds beside what is counted: code, stacks, small
/// blocks.
const PROGRAM: u64 = 32 << 20;
/// The share of allocated memory that lies in gaps between the blocks.
const GAPS: f64 = 0.2;

/// What the steps of a run take, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Needs {
    /// What is not counted.
    program: u64,
    /// What is there all the time: weights, data, the optimiser's state.
    held: u64,
    /// What a step takes whatever its batch.
    step: f64,
    /// What it takes for each example.
    example: f64,
    /// The sum of gradients beside those of a micro-batch.
    sum: u64,
    /// What saving and reading checkpoints takes, between steps.
    saving: u64,
    /// The most that the process has held so far, reading weights for instance.
    reached: u64,
}

impl Needs {
    /// The most that the process holds with batches of `batch_size` in
    /// `accumulate` micro-batches.
    fn peak(&self, batch_size: usize, accumulate: usize) -> u64 {
        let examples = batch_size.div_ceil(accumulate.max(1));
        let sum = if accumulate > 1 { self.sum } else { 0 };
        let step = self.step + self.example * examples as f64 + sum as f64;
        let allocated = self.held as f64 + step.max(self.saving as f64);
        self.reached
            .max(self.program + (allocated * (1.0 + GAPS)) as u64)
    }
}

/// How a run fits into memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// The micro-batches of a step.
    pub accumulate: usize,
    /// The most bytes that the process will hold, where that could be measured.
    pub peak: Option<u64>,
}

impl std::fmt::Display for MemoryPlan {
    /// `about 1.4 GiB`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.peak {
            Some(peak) => write!(formatter, "about {}", Amount(peak)),
            None => formatter.write_str("not known"),
        }
    }
}

/// Checks before a run starts that it fits into memory: into
/// `config.memory_limit`, or without one into what the machine has left. Plans
/// the micro-batches of a step: `config.accumulate`, or as many more as the
/// limit takes; a run that is `resumed` keeps its number.
///
/// What a step takes is measured: one and two examples run forward and
/// backward, and the rest is proportional. That needs
/// [`artkg_nn::CountingAllocator`] in the program and [`Trainable::blank_batch`] in
/// the model; without them a run with a limit is refused and any other starts
/// unchecked.
///
/// # Errors
/// [`Error::Memory`] when it doesn't fit, [`Error::Model`] when the trial fails.
pub fn plan_memory<T: Trainable>(
    model: &T,
    config: &TrainingConfig,
    resumed: bool,
) -> Result<MemoryPlan> {
    config.check()?;
    let Some(needs) = measure(model, config)? else {
        return match config.memory_limit {
            None => Ok(MemoryPlan {
                accumulate: config.accumulate,
                peak: None,
            }),
            Some(limit) => Err(MemoryShortage::Unmeasured { limit }.into()),
        };
    };
    let free = available_bytes().map(|free| free + resident_bytes().unwrap_or_default());
    let accumulate = choose(&needs, config, resumed, free)?;
    Ok(MemoryPlan {
        accumulate,
        peak: Some(needs.peak(config.batch_size, accumulate)),
    })
}

/// The micro-batches of a step, from what is measured; `free` is what the process may
/// hold on this machine where that is known.
fn choose(
    needs: &Needs,
    config: &TrainingConfig,
    resumed: bool,
    free: Option<u64>,
) -> Result<usize> {
    let batch_size = config.batch_size;
    let peak = |accumulate| needs.peak(batch_size, accumulate);
    let given = config.accumulate;
    let bound = match (config.memory_limit, free) {
        (Some(limit), _) => limit.0,
        (None, Some(free)) => free,
        (None, None) => return Ok(given),
    };
    // The sum of gradients can make two micro-batches larger than one batch.
    let fitting = (given..=batch_size).find(|accumulate| peak(*accumulate) <= bound);
    if peak(given) <= bound {
        return Ok(given);
    }
    if let (Some(_), Some(accumulate), false) = (config.memory_limit, fitting, resumed) {
        return Ok(accumulate);
    }
    let needed = Amount(peak(given));
    Err(match config.memory_limit {
        Some(limit) if resumed => MemoryShortage::Resumed { needed, limit },
        Some(limit) => MemoryShortage::Limit {
            least: Amount(peak(batch_size)),
            limit,
        },
        None => MemoryShortage::Machine {
            needed,
            free: Amount(bound),
            fitting: fitting.map(|accumulate| (accumulate, Amount(peak(accumulate)))),
        },
    }
    .into())
}

/// Measures what a run takes; `None` where that is not possible.
fn measure<T: Trainable>(model: &T, config: &TrainingConfig) -> Result<Option<Needs>> {
    let Some(before) = allocated_bytes() else {
        return Ok(None);
    };
    // Until now the process has held what was counted, and this beside it.
    let reached = peak_resident_bytes().unwrap_or_default();
    let counted = allocated_peak().unwrap_or_default() as u64;
    let program = reached.saturating_sub(counted).max(PROGRAM);
    let buffers = Buffers::copy(model)?;
    // Batch norm refuses a single value; then there are two and four.
    let measured = match steps(model, [1, 2]) {
        Err(_) => steps(model, [2, 4]),
        measured => measured,
    };
    buffers.restore()?;
    let failed = |source| Error::Model {
        during: "the trial step that measures memory".to_owned(),
        source,
    };
    let Some([(few, least), (more, most)]) = measured.map_err(failed)? else {
        return Ok(None);
    };
    let example = (most - least) / (more - few) as f64;
    // Threads keep buffers that they fill when they first have work.
    let kept = allocated_bytes().unwrap_or_default().saturating_sub(before);
    let trained: usize = model
        .parameter_groups()
        .iter()
        .flat_map(|group| &group.parameters)
        .map(|(_, parameter)| parameter.variable.elem_count())
        .sum();
    let trained = (trained * DType::F32.size_in_bytes()) as u64;
    let state = trained * config.optimiser.rule.state_values() as u64;
    Ok(Some(Needs {
        program,
        held: before as u64 + state + model.reading_bytes(),
        step: kept as f64 + least - example * few as f64,
        example,
        sum: trained,
        saving: trained + state.max(trained),
        reached,
    }))
}

/// Two numbers of examples and the bytes that a step of each takes for itself.
type Steps = [(usize, f64); 2];

fn steps<T: Trainable>(
    model: &T,
    sizes: [usize; 2],
) -> std::result::Result<Option<Steps>, BoxError> {
    let mut steps = [(0, 0.0); 2];
    for (step, examples) in steps.iter_mut().zip(sizes) {
        let Some(batch) = model.blank_batch(examples)? else {
            return Ok(None);
        };
        let (gradients, peak) = peak_bytes(|| {
            let loss = model.loss(&batch, &Context::training(0))?;
            Ok::<_, BoxError>(backward(&loss.total)?)
        });
        drop(gradients?);
        drop(batch);
        // What is left afterwards is not the step's own.
        let left = allocated_bytes().unwrap_or_default();
        *step = (examples, peak.unwrap_or_default() as f64 - left as f64);
    }
    Ok(Some(steps))
}

/// The running statistics, which a step changes.
struct Buffers(Vec<(Var, Tensor)>);

impl Buffers {
    fn copy(model: &impl Trainable) -> Result<Self> {
        let named = model.parameters().named().into_iter();
        let buffers = named
            .filter(|(name, parameter)| parameter.role == Role::Buffer && model.is_trained(name));
        buffers
            .map(|(_, parameter)| {
                let values = parameter.variable.as_detached_tensor().copy()?;
                Ok((parameter.variable, values))
            })
            .collect::<Result<_>>()
            .map(Self)
    }

    fn restore(&self) -> Result<()> {
        for (variable, values) in &self.0 {
            variable.set(values)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use artkg_files::MemorySize;

    use super::*;

    const MIB: u64 = 1 << 20;

    fn needs() -> Needs {
        Needs {
            program: 40 * MIB,
            held: 200 * MIB,
            step: 100.0 * MIB as f64,
            example: 50.0 * MIB as f64,
            sum: 90 * MIB,
            saving: 300 * MIB,
            reached: 90 * MIB,
        }
    }

    fn config(accumulate: usize, limit: Option<u64>) -> TrainingConfig {
        TrainingConfig {
            batch_size: 16,
            accumulate,
            memory_limit: limit.map(|limit| MemorySize(limit * MIB)),
            ..TrainingConfig::default()
        }
    }

    #[test]
    fn the_largest_micro_batches_that_fit_are_chosen() {
        let needs = needs();
        // 40 + 1.2 · (200 + 100 + 16 · 50) = 1360 MiB in one piece.
        assert_eq!(needs.peak(16, 1) / MIB, 1360);
        // 40 + 1.2 · (200 + 100 + 90 + 8 · 50) = 988 MiB in two.
        assert_eq!(needs.peak(16, 2) / MIB, 988);
        // Saving takes more than a step of one example: 40 + 1.2 · 500.
        assert_eq!(needs.peak(16, 16) / MIB, 640);
        // What the program holds beside what is counted is measured, and counts.
        let larger = Needs {
            program: 540 * MIB,
            ..needs
        };
        assert_eq!(larger.peak(16, 2) / MIB, 1488);
        let limited = config(1, Some(1400));
        assert_eq!(choose(&larger, &limited, false, None).unwrap(), 3);
        let loading = Needs {
            reached: 700 * MIB,
            ..needs
        };
        assert_eq!(
            loading.peak(16, 16) / MIB,
            700,
            "what has been cannot be undone"
        );
        let chosen = |accumulate, limit| {
            choose(&needs, &config(accumulate, limit), false, Some(1000 * MIB)).unwrap()
        };
        assert_eq!(chosen(1, Some(1400)), 1, "a limit beats what is free");
        assert_eq!(chosen(1, Some(1000)), 2);
        assert_eq!(chosen(1, Some(648)), 8);
        assert_eq!(chosen(5, Some(1400)), 5);
        assert_eq!(chosen(2, None), 2);
        let unknown = choose(&needs, &config(1, None), false, None).unwrap();
        assert_eq!(unknown, 1, "nothing is known about the machine");
    }

    #[test]
    fn what_does_not_fit_says_how_much_it_takes() {
        let shortage = |accumulate, limit, resumed| {
            let config = config(accumulate, limit);
            match choose(&needs(), &config, resumed, Some(1000 * MIB)) {
                Err(Error::Memory(shortage)) => shortage,
                other => panic!("{other:?}"),
            }
        };
        let limit = |mebibytes| MemorySize(mebibytes * MIB);
        let amount = |mebibytes| Amount(mebibytes * MIB);
        let found = shortage(1, Some(500), false);
        let MemoryShortage::Limit { least, .. } = found else {
            panic!("{found:?}");
        };
        assert_eq!(least, amount(640));
        let text = found.to_string();
        assert!(
            text.contains("640 MiB") && text.contains("500MiB"),
            "{text}"
        );
        let found = shortage(1, None, false);
        let MemoryShortage::Machine {
            free,
            fitting: Some((accumulate, peak)),
            ..
        } = found
        else {
            panic!("{found:?}");
        };
        assert_eq!((free, accumulate), (amount(1000), 2));
        assert!(peak < free);
        let text = found.to_string();
        assert!(
            text.contains("1.3 GiB") && text.contains("1000 MiB are free"),
            "{text}"
        );
        let found = shortage(2, Some(800), true);
        let expected = limit(800);
        assert!(matches!(found, MemoryShortage::Resumed { limit, .. } if limit == expected));
    }
}
