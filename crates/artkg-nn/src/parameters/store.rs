use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use artkg_files::seeds::derive_seed_by_name;
use candle_core::{DType, Device, Tensor, Var};

use super::parameter::{Parameter, Role};
use crate::error::{Error, Result};
use crate::initialisation::Initialisation;
use crate::tensor_fault::TensorFault;
use crate::values::Values;

/// All parameters of a model by name, in alphabetical order.
///
/// Names follow torchvision (`layer1.0.conv1.weight`), and so do the layouts in
/// which [`ParameterStore::export`] and [`ParameterStore::load`] exchange
/// tensors with files.
#[derive(Debug)]
pub struct ParameterStore {
    parameters: Mutex<Parameters>,
    device: Device,
    /// What random parameters start from; `None` where all start at zero.
    seed: Option<u64>,
}

#[derive(Debug, Default)]
struct Parameters {
    named: BTreeMap<String, Parameter>,
    /// While a model is assembled: the random values that have not been drawn.
    undrawn: Option<BTreeMap<String, Initialisation>>,
}

impl ParameterStore {
    /// An empty store; parameters created in it start from `seed` and their name.
    pub fn new(seed: u64, device: &Device) -> Self {
        Self {
            parameters: Mutex::default(),
            device: device.clone(),
            seed: Some(seed),
        }
    }

    /// An empty store whose parameters all start at zero, whatever their layers
    /// want: for models that are loaded or only counted. Memory that nobody
    /// writes to is not taken, and no random numbers are drawn.
    pub fn blank(device: &Device) -> Self {
        Self {
            parameters: Mutex::default(),
            device: device.clone(),
            seed: None,
        }
    }

    /// A new store and what `build` creates and loads in it. Random values are
    /// drawn last, and only for parameters that `build` did not load: drawing 60
    /// million values takes longer than reading them. Until then they are zero,
    /// so `build` must not compute with them. The values are those that
    /// [`ParameterStore::new`] gives.
    ///
    /// # Errors
    /// Those of `build`.
    pub fn assemble<T, E: From<Error>>(
        seed: u64,
        device: &Device,
        build: impl FnOnce(&Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<(Self, T), E> {
        let store = Self::new(seed, device);
        store.lock().undrawn = Some(BTreeMap::new());
        let built = build(&store)?;
        store.draw_undrawn()?;
        Ok((store, built))
    }

    /// Draws the values that were put off, and ends putting off.
    fn draw_undrawn(&self) -> Result<()> {
        let mut parameters = self.lock();
        for (name, initialisation) in parameters.undrawn.take().unwrap_or_default() {
            let variable = &parameters.named[&name].variable;
            let values = self.draw(&name, variable.elem_count(), initialisation);
            variable.set(&Tensor::from_vec(values, variable.shape(), &self.device)?)?;
        }
        Ok(())
    }

    /// The values that the parameter `name` starts from.
    fn draw(&self, name: &str, count: usize, initialisation: Initialisation) -> Vec<f32> {
        let seed = derive_seed_by_name(self.seed.unwrap_or_default(), name);
        initialisation.draw(count, seed)
    }

    /// Creates a parameter.
    pub(super) fn create(
        &self,
        name: String,
        shape: &[usize],
        initialisation: Initialisation,
        role: Role,
    ) -> Result<Var> {
        let mut parameters = self.lock();
        if parameters.named.contains_key(&name) {
            return Err(Error::NameTaken(name));
        }
        let zeros = || Var::zeros(shape, DType::F32, &self.device);
        let variable = match &mut parameters.undrawn {
            _ if self.seed.is_none() => zeros()?,
            Some(undrawn) if initialisation.is_random() => {
                undrawn.insert(name.clone(), initialisation);
                zeros()?
            }
            _ => {
                let values = self.draw(&name, shape.iter().product(), initialisation);
                Var::from_vec(values, shape, &self.device)?
            }
        };
        let parameter = Parameter {
            variable: variable.clone(),
            role,
        };
        parameters.named.insert(name, parameter);
        Ok(variable)
    }

    /// The device of the parameters.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// All parameters and buffers, by name.
    pub fn named(&self) -> Vec<(String, Parameter)> {
        self.lock()
            .named
            .iter()
            .map(|(name, parameter)| (name.clone(), parameter.clone()))
            .collect()
    }

    /// The parameters that are trained (no buffers), by name.
    pub fn trainable(&self) -> Vec<(String, Parameter)> {
        let mut named = self.named();
        named.retain(|(_, parameter)| parameter.is_trainable());
        named
    }

    /// The number of trained values.
    pub fn parameter_count(&self) -> usize {
        self.trainable()
            .iter()
            .map(|(_, parameter)| parameter.variable.elem_count())
            .sum()
    }

    /// Every tensor by name, in PyTorch's layouts.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn export(&self) -> Result<HashMap<String, Tensor>> {
        self.export_where(|_| true)
    }

    /// [`ParameterStore::export`] of the parameters whose name satisfies `wanted`.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn export_where(&self, wanted: impl Fn(&str) -> bool) -> Result<HashMap<String, Tensor>> {
        self.lock()
            .named
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, parameter)| Ok((name.clone(), parameter.to_file_layout()?)))
            .collect()
    }

    /// Hands `take` the names and values of the parameters whose name satisfies
    /// `wanted`, in the order of the names, as bytes: each name, then its values
    /// in little-endian order. A hash of them tells whether weights are the same.
    ///
    /// # Errors
    /// When values cannot be read.
    pub fn read_bytes(
        &self,
        wanted: impl Fn(&str) -> bool,
        mut take: impl FnMut(&[u8]),
    ) -> Result<()> {
        let mut buffer = Vec::new();
        for (name, parameter) in self.lock().named.iter().filter(|(name, _)| wanted(name)) {
            take(name.as_bytes());
            let values = parameter.variable.contiguous()?;
            for chunk in Values::of(&values)?.chunks(1 << 14) {
                buffer.clear();
                buffer.extend(chunk.iter().flat_map(|value| value.to_le_bytes()));
                take(&buffer);
            }
        }
        Ok(())
    }

    /// Sets every parameter from `tensors` in PyTorch's layouts.
    ///
    /// Nothing is changed unless all names are there with the right shapes.
    /// Tensors without a parameter are listed in the result, not an error:
    /// files often carry more than the model needs.
    ///
    /// # Errors
    /// [`Error::Weights`] naming each missing tensor and each wrong shape.
    pub fn load(&self, tensors: &HashMap<String, Tensor>) -> Result<Vec<String>> {
        self.load_where(tensors, |_| true)
    }

    /// [`ParameterStore::load`] for the parameters whose name satisfies `wanted`.
    ///
    /// # Errors
    /// As [`ParameterStore::load`].
    pub fn load_where(
        &self,
        tensors: &HashMap<String, Tensor>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>> {
        let mut parameters = self.lock();
        let mut faults = Vec::new();
        for (name, parameter) in parameters.named.iter().filter(|(name, _)| wanted(name)) {
            match tensors.get(name) {
                None => faults.push(TensorFault::Missing(name.clone())),
                Some(tensor) if tensor.dims() != parameter.file_shape() => {
                    faults.push(TensorFault::Shape {
                        name: name.clone(),
                        found: tensor.dims().to_vec(),
                        expected: parameter.file_shape(),
                    });
                }
                Some(_) => {}
            }
        }
        if !faults.is_empty() {
            return Err(Error::Weights(faults));
        }
        for (name, parameter) in parameters.named.iter().filter(|(name, _)| wanted(name)) {
            parameter.set_from_file_layout(&tensors[name])?;
        }
        if let Some(undrawn) = &mut parameters.undrawn {
            undrawn.retain(|name, _| !wanted(name));
        }
        let mut unused: Vec<String> = tensors
            .keys()
            .filter(|name| !(parameters.named.contains_key(*name) && wanted(name)))
            .cloned()
            .collect();
        unused.sort();
        Ok(unused)
    }

    fn lock(&self) -> MutexGuard<'_, Parameters> {
        // A panic elsewhere cannot leave the map half-changed: entries are
        // inserted whole.
        self.parameters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
