use std::fs;

use artkg_files::MemorySize;
use artkg_files::fingerprint::Fingerprint;
use artkg_nn::{Context, Device, Initialisation, ParameterStore, Role};
use serde::{Deserialize, Serialize};

use super::*;
use crate::config::TrainingConfig;
use crate::error::BoxError;
use crate::trainable::{Batches, Loss, Metrics};

/// A number is learned that lies close to some others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct MeanConfig {
    numbers: Vec<f64>,
    training: TrainingConfig,
}

impl RunConfig for MeanConfig {
    type Error = Error;

    fn check(&self) -> Result<()> {
        self.training.check()
    }

    fn training(&self) -> &TrainingConfig {
        &self.training
    }

    fn training_mut(&mut self) -> &mut TrainingConfig {
        &mut self.training
    }

    fn keys_free_to_change(&self) -> Vec<&'static str> {
        let mut keys = self.training.keys_free_to_change();
        // Found out by their fingerprint.
        keys.push("numbers");
        keys
    }
}

struct Mean {
    numbers: Vec<f64>,
    store: ParameterStore,
}

impl Trainable for Mean {
    type Batch = Vec<f64>;

    fn parameters(&self) -> &ParameterStore {
        &self.store
    }

    fn examples(&self) -> Option<usize> {
        Some(self.numbers.len())
    }

    fn batches_per_epoch(&self) -> usize {
        1
    }

    fn batches(&self, _: usize, skip: usize) -> Result<Batches<'_, Vec<f64>>, BoxError> {
        let all = std::iter::once(Ok(self.numbers.clone()));
        Ok(Box::new(all.skip(skip)))
    }

    fn loss(&self, batch: &Vec<f64>, _: &Context) -> Result<Loss, BoxError> {
        let (_, mean) = self.store.trainable().swap_remove(0);
        let target = batch.iter().sum::<f64>() / batch.len() as f64;
        let total = (mean.variable.as_tensor() - target)?.sqr()?.sum_all()?;
        Ok(Loss {
            total,
            parts: Vec::new(),
            examples: batch.len(),
        })
    }

    fn split(&self, batch: &Vec<f64>, _: usize) -> Result<Vec<Vec<f64>>, BoxError> {
        Ok(vec![batch.clone()])
    }

    fn describe(&self, batch: &Vec<f64>) -> String {
        format!("{batch:?}")
    }

    fn validate(&self) -> Result<Metrics, BoxError> {
        let batch = self.numbers.clone();
        let loss = self.loss(&batch, &Context::evaluation())?.total;
        let loss = f64::from(loss.to_scalar::<f32>()?);
        Ok(Metrics::from([("accuracy".to_owned(), -loss)]))
    }
}

/// Where a run is asked to stop before its training.
#[derive(Clone, Copy, PartialEq)]
enum Stops {
    Nowhere,
    Reading,
    Building,
}

struct MeanRun<'a> {
    stops: Stops,
    batches: &'a mut Option<MicroBatches>,
    trained: &'a mut Option<Trained>,
}

impl Run for MeanRun<'_> {
    type Config = MeanConfig;
    type Data = Vec<f64>;
    type Training = Mean;
    type Error = Error;

    fn read(&mut self, config: &MeanConfig, record: &mut DataRecord) -> Result<Option<Vec<f64>>> {
        let mut fingerprint = Fingerprint::new("numbers", 1);
        record.add("the numbers", fingerprint.numbers(&config.numbers));
        Ok((self.stops != Stops::Reading).then(|| config.numbers.clone()))
    }

    fn build(
        &mut self,
        config: &MeanConfig,
        numbers: Vec<f64>,
        folder: &RunFolder,
    ) -> Result<Option<Mean>> {
        artkg_files::write_bytes(&folder.path().join("extra"), b"kept")?;
        let store = ParameterStore::new(config.training.seed, &Device::Cpu);
        let root = store.root();
        root.parameter("mean", &[1], Initialisation::Zeros, Role::Bias)?;
        Ok((self.stops != Stops::Building).then_some(Mean { numbers, store }))
    }

    fn settle(&mut self, _: &mut Mean, batches: &MicroBatches, _: &Session) {
        *self.batches = Some(*batches);
    }

    fn save(
        self,
        _: &MeanConfig,
        training: Mean,
        trained: Trained,
        folder: &RunFolder,
    ) -> Result<PathBuf> {
        let path = folder.path().join("model");
        let (_, mean) = training.store.trainable().swap_remove(0);
        let values = mean.variable.to_vec1::<f32>()?;
        artkg_files::write_bytes(&path, format!("{values:?}").as_bytes())?;
        *self.trained = Some(trained);
        Ok(path)
    }
}

fn config() -> MeanConfig {
    MeanConfig {
        numbers: vec![1.0, 2.0, 6.0],
        training: TrainingConfig {
            epochs: 3,
            ..TrainingConfig::default()
        },
    }
}

/// What came of a run.
struct Lived {
    report: RunReport,
    batches: Option<MicroBatches>,
    trained: Option<Trained>,
}

fn live(folder: &Path, config: &MeanConfig, resume: bool, stops: Stops) -> Result<Lived> {
    let (mut batches, mut trained) = (None, None);
    let run = MeanRun {
        stops,
        batches: &mut batches,
        trained: &mut trained,
    };
    let options = RunOptions {
        folder,
        resume,
        session: &Session::silent(1),
    };
    let report = execute(config, options, |_| Ok(run))?;
    Ok(Lived {
        report,
        batches,
        trained,
    })
}

#[test]
fn a_run_ends_with_the_model_of_its_best_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let lived = live(folder, &config(), false, Stops::Nowhere).unwrap();
    assert_eq!(lived.report.model, Some(folder.join("model")));
    let summary = lived.report.training.unwrap();
    assert_eq!((summary.outcome, summary.epochs), (Outcome::Finished, 3));
    // No batch is larger than all there is.
    let expected = MicroBatches {
        count: 1,
        batch: 3,
        size: 3,
    };
    assert_eq!(lived.batches, Some(expected));
    let trained = lived.trained.unwrap();
    assert_eq!((trained.epoch, trained.seed), (3, 0));
    assert!(trained.validation.contains_key("accuracy"));
    assert!(folder.join("extra").exists());
}

#[test]
fn a_run_that_is_stopped_before_its_training_is_resumed() {
    let whole = tempfile::tempdir().unwrap();
    live(whole.path(), &config(), false, Stops::Nowhere).unwrap();
    for stops in [Stops::Reading, Stops::Building] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let lived = live(folder, &config(), false, stops).unwrap();
        assert!(lived.report.training.is_none() && lived.report.model.is_none());
        live(folder, &config(), true, Stops::Nowhere).unwrap();
        let model = |folder: &Path| fs::read(folder.join("model")).unwrap();
        assert_eq!(model(folder), model(whole.path()));
    }
}

#[test]
fn a_resumed_run_learns_from_the_same_data() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, &config(), false, Stops::Building).unwrap();
    let mut other = config();
    other.numbers.push(3.0);
    let error = live(folder, &other, true, Stops::Nowhere).err().unwrap();
    let Error::DataChanged { parts, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(parts, ["the numbers"]);
}

#[test]
fn a_resumed_run_keeps_its_micro_batches() {
    let folder = tempfile::tempdir().unwrap();
    let mut under_limit = config();
    under_limit.training.memory_limit = Some(MemorySize(1 << 40));
    let mut started = under_limit.clone();
    started.training.accumulate = 2;
    drop(RunFolder::create(folder.path(), &started).unwrap());
    let options = RunOptions {
        folder: folder.path(),
        resume: true,
        session: &Session::silent(1),
    };
    let resumed = super::started(&under_limit, &options).unwrap();
    assert_eq!(resumed.training.accumulate, 2);
}
