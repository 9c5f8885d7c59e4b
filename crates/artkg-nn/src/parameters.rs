use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use candle_core::{DType, Device, Tensor, Var};

use crate::context::derive_seed_by_name;
use crate::{Error, Initialisation, Result};

/// What a parameter is: decides its layout in files, and whether weight decay
/// and gradients apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Convolution filters: `[kernel_height * kernel_width * channels_in,
    /// channels_out]` in memory, `[channels_out, channels_in, kernel_height,
    /// kernel_width]` in files.
    Filter {
        /// Kernel height and width.
        kernel: (usize, usize),
    },
    /// The weight of a linear layer, `[outputs, inputs]`.
    Weight,
    /// The weight of a linear layer over whole images: pixel after pixel
    /// (`[outputs, height * width * channels]`) in memory, channel after channel
    /// in files, where PyTorch flattens channels first.
    ImageWeight {
        /// The images' height times width.
        pixels: usize,
    },
    /// An additive bias, `[outputs]`.
    Bias,
    /// Scale or shift of a normalisation layer, `[channels]`.
    Normalisation,
    /// State that is saved but not trained, such as running statistics.
    Buffer,
}

/// One named tensor of a model.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The values, shared with the layer that uses them.
    pub variable: Var,
    /// What the parameter is.
    pub role: Role,
}

impl Parameter {
    /// Whether the optimiser updates it.
    pub fn is_trainable(&self) -> bool {
        self.role != Role::Buffer
    }

    /// The values in PyTorch's layout, detached from the graph.
    fn to_file_layout(&self) -> Result<Tensor> {
        let tensor = self.variable.as_detached_tensor();
        Ok(match self.role {
            Role::Filter { kernel } => {
                let (rows, outputs) = tensor.dims2()?;
                let inputs = rows / (kernel.0 * kernel.1);
                tensor
                    .reshape((kernel.0, kernel.1, inputs, outputs))?
                    .permute((3, 2, 0, 1))?
                    .contiguous()?
            }
            Role::ImageWeight { pixels } => {
                let (outputs, inputs) = tensor.dims2()?;
                tensor
                    .reshape((outputs, pixels, inputs / pixels))?
                    .transpose(1, 2)?
                    .contiguous()?
                    .reshape((outputs, inputs))?
            }
            // A copy: later training must not change what was exported.
            _ => tensor.copy()?,
        })
    }

    /// The shape in files.
    pub fn file_shape(&self) -> Vec<usize> {
        let dims = self.variable.dims();
        match self.role {
            Role::Filter { kernel } => {
                let area = kernel.0 * kernel.1;
                vec![dims[1], dims[0] / area, kernel.0, kernel.1]
            }
            _ => dims.to_vec(),
        }
    }

    /// Takes values in PyTorch's layout.
    fn set_from_file_layout(&self, tensor: &Tensor) -> Result<()> {
        let tensor = tensor
            .to_device(self.variable.device())?
            .to_dtype(DType::F32)?;
        let tensor = match self.role {
            Role::Filter { .. } => tensor
                .permute((2, 3, 1, 0))?
                .contiguous()?
                .reshape(self.variable.shape())?,
            Role::ImageWeight { pixels } => {
                let (outputs, inputs) = tensor.dims2()?;
                tensor
                    .reshape((outputs, inputs / pixels, pixels))?
                    .transpose(1, 2)?
                    .contiguous()?
                    .reshape((outputs, inputs))?
            }
            // A copy: the variable must not share storage with the caller's tensor.
            _ => tensor.copy()?,
        };
        Ok(self.variable.set(&tensor)?)
    }
}

/// All parameters of a model by name, in alphabetical order.
///
/// Names follow torchvision (`layer1.0.conv1.weight`), and so do the layouts in
/// which [`ParameterStore::export`] and [`ParameterStore::load`] exchange
/// tensors with files.
#[derive(Debug)]
pub struct ParameterStore {
    parameters: Mutex<BTreeMap<String, Parameter>>,
    device: Device,
    /// What random parameters start from; `None` where all start at zero.
    seed: Option<u64>,
}

impl ParameterStore {
    /// An empty store; parameters created in it start from `seed` and their name.
    pub fn new(seed: u64, device: &Device) -> Self {
        Self {
            parameters: Mutex::new(BTreeMap::new()),
            device: device.clone(),
            seed: Some(seed),
        }
    }

    /// An empty store whose parameters all start at zero, whatever their layers
    /// want: for models that are loaded or only counted. Memory that nobody
    /// writes to is not taken, and no random numbers are drawn.
    pub fn blank(device: &Device) -> Self {
        Self {
            parameters: Mutex::new(BTreeMap::new()),
            device: device.clone(),
            seed: None,
        }
    }

    /// The scope of names without a prefix.
    pub fn root(&self) -> Scope<'_> {
        Scope {
            store: self,
            prefix: String::new(),
        }
    }

    /// The device of the parameters.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// All parameters and buffers, by name.
    pub fn named(&self) -> Vec<(String, Parameter)> {
        self.lock()
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
        self.lock()
            .iter()
            .map(|(name, parameter)| Ok((name.clone(), parameter.to_file_layout()?)))
            .collect()
    }

    /// Sets every parameter from `tensors` in PyTorch's layouts.
    ///
    /// Nothing is changed unless all names are there with the right shapes.
    /// Tensors without a parameter are listed in the result, not an error:
    /// files often carry more than the model needs.
    ///
    /// # Errors
    /// [`Error::Mismatch`] naming each missing tensor and each wrong shape.
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
        let parameters = self.lock();
        let mut problems = Vec::new();
        for (name, parameter) in parameters.iter().filter(|(name, _)| wanted(name)) {
            match tensors.get(name) {
                None => problems.push(format!("{name}: missing")),
                Some(tensor) if tensor.dims() != parameter.file_shape() => problems.push(format!(
                    "{name}: shape {:?}, expected {:?}",
                    tensor.dims(),
                    parameter.file_shape()
                )),
                Some(_) => {}
            }
        }
        if !problems.is_empty() {
            return Err(Error::Mismatch(describe(&problems)));
        }
        for (name, parameter) in parameters.iter().filter(|(name, _)| wanted(name)) {
            parameter.set_from_file_layout(&tensors[name])?;
        }
        let mut unused: Vec<String> = tensors
            .keys()
            .filter(|name| !(parameters.contains_key(*name) && wanted(name)))
            .cloned()
            .collect();
        unused.sort();
        Ok(unused)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Parameter>> {
        // A panic elsewhere cannot leave the map half-changed: entries are
        // inserted whole.
        self.parameters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Joins the first few problems and counts the others.
fn describe(problems: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = format!(
        "the weights do not fit the model: {}",
        problems[..problems.len().min(SHOWN)].join("; ")
    );
    if problems.len() > SHOWN {
        text.push_str(&format!("; and {} more", problems.len() - SHOWN));
    }
    text
}

/// A place in the tree of names where layers create their parameters.
#[derive(Clone, Debug)]
pub struct Scope<'store> {
    store: &'store ParameterStore,
    prefix: String,
}

impl<'store> Scope<'store> {
    /// The scope `name` below this one.
    pub fn sub(&self, name: impl std::fmt::Display) -> Scope<'store> {
        Scope {
            store: self.store,
            prefix: self.full_name(name),
        }
    }

    /// The name of this place, without a dot at its end.
    pub fn path(&self) -> &str {
        &self.prefix
    }

    /// The device of the parameters.
    pub fn device(&self) -> &'store Device {
        &self.store.device
    }

    /// Creates the parameter `name` with `shape`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] when the name is taken.
    pub fn parameter(
        &self,
        name: &str,
        shape: &[usize],
        initialisation: Initialisation,
        role: Role,
    ) -> Result<Var> {
        let full_name = self.full_name(name);
        let device = &self.store.device;
        let variable = match self.store.seed {
            Some(seed) => {
                let seed = derive_seed_by_name(seed, &full_name);
                let values = initialisation.draw(shape.iter().product(), seed);
                Var::from_vec(values, shape, device)?
            }
            None => Var::zeros(shape, DType::F32, device)?,
        };
        let parameter = Parameter {
            variable: variable.clone(),
            role,
        };
        let mut parameters = self.store.lock();
        if parameters.contains_key(&full_name) {
            return Err(Error::Mismatch(format!(
                "two parameters are named {full_name}"
            )));
        }
        parameters.insert(full_name, parameter);
        Ok(variable)
    }

    fn full_name(&self, name: impl std::fmt::Display) -> String {
        if self.prefix.is_empty() {
            name.to_string()
        } else {
            format!("{}.{name}", self.prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> ParameterStore {
        let store = ParameterStore::new(1, &Device::Cpu);
        let scope = store.root().sub("layer").sub(0);
        let normal = Initialisation::Normal { deviation: 1.0 };
        scope
            .parameter(
                "conv.weight",
                &[3 * 3 * 2, 5],
                normal,
                Role::Filter { kernel: (3, 3) },
            )
            .unwrap();
        scope
            .parameter("bn.running_mean", &[5], Initialisation::Zeros, Role::Buffer)
            .unwrap();
        store
    }

    #[test]
    fn names_and_counts() {
        let store = store();
        let names: Vec<String> = store.named().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["layer.0.bn.running_mean", "layer.0.conv.weight"]);
        assert_eq!(store.trainable().len(), 1);
        assert_eq!(store.parameter_count(), 90);
    }

    #[test]
    fn filters_travel_in_the_file_layout() {
        let first = store();
        let exported = first.export().unwrap();
        assert_eq!(exported["layer.0.conv.weight"].dims(), [5, 2, 3, 3]);
        // Element [output 4, input 1, row 2, column 0] of the file is row
        // (2 * 3 + 0) * 2 + 1 of the filter matrix.
        let file = exported["layer.0.conv.weight"].flatten_all().unwrap();
        let file = file.to_vec1::<f32>().unwrap();
        let memory = first.named()[1].1.variable.to_vec2::<f32>().unwrap();
        assert_eq!(file[((4 * 2 + 1) * 3 + 2) * 3], memory[13][4]);

        let second = ParameterStore::new(2, &Device::Cpu);
        let scope = second.root().sub("layer").sub(0);
        scope
            .parameter(
                "conv.weight",
                &[18, 5],
                Initialisation::Zeros,
                Role::Filter { kernel: (3, 3) },
            )
            .unwrap();
        let unused = second.load(&exported).unwrap();
        assert_eq!(unused, ["layer.0.bn.running_mean"]);
        assert_eq!(
            second.named()[0].1.variable.to_vec2::<f32>().unwrap(),
            memory
        );
    }

    #[test]
    fn image_weights_travel_channels_first() {
        let create = |store: &ParameterStore| {
            let start = Initialisation::Normal { deviation: 1.0 };
            let role = Role::ImageWeight { pixels: 6 };
            let root = store.root();
            root.parameter("weight", &[4, 6 * 5], start, role).unwrap()
        };
        let first = ParameterStore::new(1, &Device::Cpu);
        let memory = create(&first).to_vec2::<f32>().unwrap();
        let exported = first.export().unwrap();
        let file = exported["weight"].to_vec2::<f32>().unwrap();
        // Output 3, pixel 2, channel 4.
        assert_eq!(file[3][4 * 6 + 2], memory[3][2 * 5 + 4]);
        let second = ParameterStore::new(2, &Device::Cpu);
        let loaded = create(&second);
        second.load(&exported).unwrap();
        assert_eq!(loaded.to_vec2::<f32>().unwrap(), memory);
    }

    #[test]
    fn a_blank_store_draws_nothing() {
        let store = ParameterStore::blank(&Device::Cpu);
        let root = store.root();
        let ones = root.parameter("ones", &[3], Initialisation::Ones, Role::Bias);
        assert_eq!(ones.unwrap().to_vec1::<f32>().unwrap(), [0.0; 3]);
    }

    #[test]
    fn a_mismatch_names_each_problem_and_changes_nothing() {
        let store = store();
        let before = store.named()[1].1.variable.to_vec2::<f32>().unwrap();
        let mut tensors = store.export().unwrap();
        tensors.remove("layer.0.bn.running_mean");
        let wrong = Tensor::zeros((5, 3, 3, 3), DType::F32, &Device::Cpu).unwrap();
        tensors.insert("layer.0.conv.weight".into(), wrong);
        let message = store.load(&tensors).unwrap_err().to_string();
        assert!(
            message.contains("layer.0.bn.running_mean: missing"),
            "{message}"
        );
        assert!(
            message.contains("[5, 3, 3, 3], expected [5, 2, 3, 3]"),
            "{message}"
        );
        assert_eq!(
            store.named()[1].1.variable.to_vec2::<f32>().unwrap(),
            before
        );
    }

    #[test]
    fn a_name_is_taken_once() {
        let store = store();
        let scope = store.root().sub("layer.0");
        let again = scope.parameter("bn.running_mean", &[5], Initialisation::Ones, Role::Buffer);
        assert!(
            again
                .unwrap_err()
                .to_string()
                .contains("layer.0.bn.running_mean")
        );
    }
}
