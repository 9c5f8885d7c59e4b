use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

use artkg_files::checksum::{self, Checksum};
use candle_core::safetensors::Load;
use candle_core::{CpuStorage, DType, Device, Storage, Tensor};
use safetensors::tensor::{SafeTensorError, SafeTensors};
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::tensor_file_fault::{TensorFileFault, Unstorable};

/// The key of the metadata among the tensors of a header.
const METADATA: &str = "__metadata__";

/// What a safetensors file holds.
#[derive(Debug)]
pub struct TensorFile {
    /// The file.
    pub path: PathBuf,
    /// Its tensors, on the CPU and in the data types in which they were stored.
    pub tensors: HashMap<String, Tensor>,
    /// Its metadata, without those of the checksum.
    pub metadata: BTreeMap<String, String>,
    /// Its checksum, which was compared where the file says it.
    pub checksum: Checksum,
}

impl TensorFile {
    /// Reads a safetensors file.
    ///
    /// # Errors
    /// When the file cannot be read; [`Error::Safetensors`] when it is truncated,
    /// damaged or in another format, saying which.
    pub fn read(path: &Path) -> Result<Self> {
        let (bytes, length) = artkg_files::read_tensors(path)?;
        let damaged = |fault| Error::Safetensors {
            path: path.to_path_buf(),
            fault,
        };
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|error| damaged(fault(&bytes, length, error)))?;
        let checksum =
            checksum::check(&bytes).map_err(|fault| damaged(TensorFileFault::Checksum(fault)))?;
        let mut tensors = HashMap::new();
        for (name, view) in file.iter() {
            let tensor = view.load(&Device::Cpu).map_err(|error| {
                damaged(TensorFileFault::Tensor {
                    name: name.to_owned(),
                    source: Box::new(error),
                })
            })?;
            tensors.insert(name.to_owned(), tensor);
        }
        let (_, header) = SafeTensors::read_metadata(&bytes)
            .map_err(|error| damaged(fault(&bytes, length, error)))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        Ok(Self {
            path: path.to_path_buf(),
            tensors,
            metadata: metadata
                .into_iter()
                .filter(|(key, _)| !checksum::is_entry(key))
                .collect(),
            checksum,
        })
    }

    /// Checks that every number is one, as those of a trained model are.
    ///
    /// # Errors
    /// [`Error::Safetensors`] naming the first tensor, by name, with a value that is
    /// infinite or no number.
    pub fn check_finite(&self) -> Result<()> {
        let mut names: Vec<&String> = self.tensors.keys().collect();
        names.sort();
        for name in names {
            let tensor = &self.tensors[name];
            if !tensor.dtype().is_float() {
                continue;
            }
            let values = tensor.to_dtype(DType::F32)?.flatten_all()?;
            let values = values.to_vec1::<f32>()?;
            let faulty = values.iter().filter(|value| !value.is_finite()).count();
            if faulty > 0 {
                return Err(Error::Safetensors {
                    path: self.path.clone(),
                    fault: TensorFileFault::NotFinite {
                        name: name.clone(),
                        faulty,
                        values: values.len(),
                    },
                });
            }
        }
        Ok(())
    }
}

/// Writes `tensors` and `metadata` as a safetensors file, with a checksum of all of it
/// ([`artkg_files::checksum`]).
///
/// The file takes its name only when it is complete, and the same content gives
/// the same bytes. Data types stay as they are.
///
/// # Errors
/// When the file cannot be written, or a tensor's data type has no place in it.
pub fn save_tensors(
    path: &Path,
    tensors: &HashMap<String, Tensor>,
    metadata: &BTreeMap<String, String>,
) -> Result<()> {
    let mut ordered: Vec<(&String, &Tensor)> = tensors.iter().collect();
    // Wide values first, so that every tensor is aligned to its own size.
    ordered
        .sort_by_key(|(name, tensor)| (std::cmp::Reverse(tensor.dtype().size_in_bytes()), *name));
    let header = header(path, &ordered, metadata)?;
    let mut start = (header.len() as u64).to_le_bytes().to_vec();
    start.extend(header);
    let failed = |source| Error::File(artkg_files::Error::new("write", path, source));
    let write_all = |writer: &mut dyn Write| -> Result<()> {
        for (_, tensor) in &ordered {
            write_tensor(writer, tensor)?.map_err(failed)?;
        }
        Ok(())
    };
    checksum::seal(&mut start, write_all)?;
    artkg_files::write_atomically(path, |writer| {
        writer.write_all(&start).map_err(failed)?;
        write_all(writer)
    })
}

/// Writes a tensor's values; the inner result is that of the writing.
fn write_tensor(writer: &mut dyn Write, tensor: &Tensor) -> Result<std::io::Result<()>> {
    let tensor = tensor.to_device(&Device::Cpu)?.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    let range = layout.start_offset()..layout.start_offset() + tensor.elem_count();
    let Storage::Cpu(storage) = &*storage else {
        unreachable!("the tensor was moved to the CPU");
    };
    Ok(match storage {
        CpuStorage::U8(values) => writer.write_all(&values[range]),
        CpuStorage::U32(values) => write_values(writer, &values[range], |v| v.to_le_bytes()),
        CpuStorage::I16(values) => write_values(writer, &values[range], |v| v.to_le_bytes()),
        CpuStorage::I32(values) => write_values(writer, &values[range], |v| v.to_le_bytes()),
        CpuStorage::I64(values) => write_values(writer, &values[range], |v| v.to_le_bytes()),
        CpuStorage::BF16(values) => write_values(writer, &values[range], |v| v.to_le_bytes()),
        CpuStorage::F16(values) => write_values(writer, &values[range], |v| v.to_le_bytes()),
        CpuStorage::F32(values) => write_values(writer, &values[range], |v| v.to_le_bytes()),
        CpuStorage::F64(values) => write_values(writer, &values[range], |v| v.to_le_bytes()),
        _ => unreachable!("the header has refused other data types"),
    })
}

/// As [`TensorFile::read`]: the tensors and the metadata.
///
/// # Errors
/// Those of [`TensorFile::read`].
pub fn load_tensors(path: &Path) -> Result<(HashMap<String, Tensor>, BTreeMap<String, String>)> {
    let file = TensorFile::read(path)?;
    Ok((file.tensors, file.metadata))
}

/// The header: names, data types, shapes and places of the tensors as JSON,
/// padded so that the data begin at a multiple of eight bytes.
fn header(
    path: &Path,
    tensors: &[(&String, &Tensor)],
    metadata: &BTreeMap<String, String>,
) -> Result<Vec<u8>> {
    let mut entries = Map::new();
    let mut metadata = metadata.clone();
    metadata.extend(checksum::entries());
    entries.insert(METADATA.into(), json!(metadata));
    let mut end = 0;
    for (name, tensor) in tensors {
        let refused = |fault| Error::Unstorable {
            path: path.to_path_buf(),
            name: (*name).clone(),
            fault,
        };
        if name.as_str() == METADATA {
            return Err(refused(Unstorable::Name));
        }
        let dtype = tensor.dtype();
        let dtype = dtype_name(dtype).ok_or_else(|| refused(Unstorable::DataType(dtype)))?;
        let start = end;
        end += tensor.elem_count() * tensor.dtype().size_in_bytes();
        let entry = json!({
            "dtype": dtype,
            "shape": tensor.dims(),
            "data_offsets": [start, end],
        });
        entries.insert((*name).clone(), entry);
    }
    let mut header = Value::Object(entries).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok(header)
}

fn dtype_name(dtype: DType) -> Option<&'static str> {
    Some(match dtype {
        DType::U8 => "U8",
        DType::U32 => "U32",
        DType::I16 => "I16",
        DType::I32 => "I32",
        DType::I64 => "I64",
        DType::BF16 => "BF16",
        DType::F16 => "F16",
        DType::F32 => "F32",
        DType::F64 => "F64",
        _ => return None,
    })
}

/// Writes values as little-endian bytes, a buffer at a time.
fn write_values<T: Copy, const SIZE: usize>(
    writer: &mut dyn Write,
    values: &[T],
    bytes: impl Fn(T) -> [u8; SIZE],
) -> std::io::Result<()> {
    let mut buffer = Vec::with_capacity(SIZE * 4096);
    for chunk in values.chunks(4096) {
        buffer.clear();
        buffer.extend(chunk.iter().flat_map(|value| bytes(*value)));
        writer.write_all(&buffer)?;
    }
    Ok(())
}

/// What is wrong with a file that is not valid.
fn fault(bytes: &[u8], length: u64, error: SafeTensorError) -> TensorFileFault {
    for (start, what) in FOREIGN {
        if bytes.starts_with(start) {
            return TensorFileFault::Foreign(what);
        }
    }
    match error {
        SafeTensorError::HeaderTooSmall | SafeTensorError::InvalidHeaderLength => {
            TensorFileFault::HeaderCut { bytes: length }
        }
        SafeTensorError::MetadataIncompleteBuffer => match artkg_files::promised_length(bytes) {
            Some(expected) if expected > length => TensorFileFault::Cut {
                bytes: length,
                expected,
            },
            Some(expected) => TensorFileFault::TooLong {
                bytes: length,
                expected,
            },
            None => TensorFileFault::Header(error),
        },
        _ => TensorFileFault::Header(error),
    }
}

/// How files that are often mistaken for safetensors begin.
const FOREIGN: &[(&[u8], &str)] = &[
    (
        b"PK\x03\x04",
        "it is a zip archive, such as PyTorch writes; convert it to safetensors with \
         safetensors.torch.save_file(torch.load(...), ...)",
    ),
    (
        b"\x80\x02",
        "it is a Python pickle; convert it to safetensors with \
         safetensors.torch.save_file(torch.load(...), ...)",
    ),
    (
        b"version https://git-lfs",
        "it is a Git LFS pointer, not the file itself; fetch it with git lfs pull",
    ),
    (
        b"<",
        "it is a web page, not a model; check the address it was downloaded from",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (HashMap<String, Tensor>, BTreeMap<String, String>) {
        let device = &Device::Cpu;
        let matrix = Tensor::new(&[[1f32, -2.5, 3.0], [4.0, 5.0, 6e-9]], device).unwrap();
        let tensors = [
            ("half", matrix.to_dtype(DType::F16).unwrap()),
            ("brain", matrix.to_dtype(DType::BF16).unwrap()),
            ("double", matrix.to_dtype(DType::F64).unwrap()),
            ("transposed", matrix.t().unwrap()),
            ("part", matrix.narrow(0, 1, 1).unwrap()),
            ("bytes", Tensor::new(&[1u8, 2, 255], device).unwrap()),
            ("unsigned", Tensor::new(&[1u32, u32::MAX], device).unwrap()),
            ("signed", Tensor::new(&[-1i64, i64::MAX], device).unwrap()),
            ("scalar", Tensor::new(7f32, device).unwrap()),
            ("empty", Tensor::zeros((0, 4), DType::F32, device).unwrap()),
        ];
        let tensors = tensors.map(|(name, tensor)| (name.to_owned(), tensor));
        let metadata = [("who", "\"quoted\"\n"), ("ключ", "значение")];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
        (HashMap::from(tensors), BTreeMap::from(metadata))
    }

    fn message(path: &Path, bytes: &[u8]) -> String {
        std::fs::write(path, bytes).unwrap();
        let message = load_tensors(path).unwrap_err().to_string();
        assert!(message.contains(&*path.to_string_lossy()), "{message}");
        message
    }

    #[test]
    fn tensors_travel_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/model.safetensors");
        let (tensors, metadata) = example();
        save_tensors(&path, &tensors, &metadata).unwrap();
        let (loaded, loaded_metadata) = load_tensors(&path).unwrap();
        assert_eq!(loaded_metadata, metadata);
        assert_eq!(loaded.len(), tensors.len());
        for (name, tensor) in &tensors {
            assert_eq!(loaded[name].dtype(), tensor.dtype(), "{name}");
            assert_eq!(loaded[name].dims(), tensor.dims(), "{name}");
            let exact = |tensor: &Tensor| {
                let tensor = tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
                tensor.to_vec1::<f64>().unwrap()
            };
            assert_eq!(exact(&loaded[name]), exact(tensor), "{name}");
        }
        let first = std::fs::read(&path).unwrap();
        save_tensors(&path, &loaded, &metadata).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), first, "the bytes repeat");
    }

    #[test]
    fn damage_is_named_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let (tensors, metadata) = example();
        save_tensors(&path, &tensors, &metadata).unwrap();
        let bytes = std::fs::read(&path).unwrap();

        for length in [0, 5, 40, bytes.len() - 1] {
            let text = message(&path, &bytes[..length]);
            assert!(
                text.contains("truncated") && text.contains("again"),
                "{length}: {text}"
            );
        }
        let text = message(&path, &bytes[..bytes.len() - 3]);
        let promised = format!("{} of {} bytes", bytes.len() - 3, bytes.len());
        assert!(text.contains(&promised), "{text}");
        let text = message(&path, &[&bytes[..], b"more"].concat());
        assert!(text.contains("damaged"), "{text}");
        let mut broken = bytes;
        broken[12] = 0;
        assert!(message(&path, &broken).contains("damaged"));
    }

    #[test]
    fn a_flipped_bit_anywhere_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let (tensors, metadata) = example();
        save_tensors(&path, &tensors, &metadata).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let found = TensorFile::read(&path).unwrap().checksum;
        assert!(found.is_recorded());
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << (place % 8);
            message(&path, &damaged);
        }
        // The last byte is of a tensor.
        let mut damaged = bytes.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert!(message(&path, &damaged).contains("checksum does not match"));
    }

    #[test]
    fn values_that_are_no_numbers_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let device = &Device::Cpu;
        let write = |values: [f32; 3], dtype: DType| {
            let tensor = Tensor::new(&values, device).unwrap();
            let tensors = [
                ("a.count", Tensor::new(&[1u32], device).unwrap()),
                ("b.weight", tensor.to_dtype(dtype).unwrap()),
            ];
            let tensors = tensors.map(|(name, tensor)| (name.to_owned(), tensor));
            save_tensors(&path, &HashMap::from(tensors), &BTreeMap::new()).unwrap();
            TensorFile::read(&path).unwrap().check_finite()
        };
        write([1.0, -2.0, f32::MAX], DType::F32).unwrap();
        for (values, dtype) in [
            ([1.0, f32::NAN, f32::INFINITY], DType::F32),
            ([f32::NEG_INFINITY, f32::NAN, 0.0], DType::BF16),
        ] {
            let text = write(values, dtype).unwrap_err().to_string();
            assert!(
                text.contains("2 of the 3 values of tensor b.weight"),
                "{text}"
            );
            assert!(text.contains("model.safetensors"), "{text}");
        }
    }

    #[test]
    fn foreign_formats_are_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        assert!(message(&path, b"PK\x03\x04 archive").contains("save_file"));
        assert!(message(&path, b"\x80\x02}q\x00 pickle").contains("pickle"));
        assert!(message(&path, b"<!DOCTYPE html>").contains("web page"));
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00";
        assert!(message(&path, pointer).contains("git lfs pull"));
    }

    #[test]
    fn unwritable_tensors_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let tensor = Tensor::new(1f32, &Device::Cpu).unwrap();
        let tensors = HashMap::from([("__metadata__".to_owned(), tensor)]);
        let error = save_tensors(&path, &tensors, &BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("reserved"), "{error}");
        assert!(!path.exists());
    }
}
