use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use artkg_nn::{DType, Device, ParameterStore, Tensor, save_tensors};
use artkg_vision::{
    Architecture, Backbone, BackboneOptions, BackboneRequest, Bottleneck, Error, Hub, LoadReport,
    Misfit, Result, WeightSource, Weights, create_backbone, load_backbone,
};

use crate::formula::{CLASSES, backbone, relative_difference, tensors};

/// The formula's tensors of an architecture.
fn formula_tensors(architecture: Architecture) -> HashMap<String, Tensor> {
    tensors(&backbone(architecture, Bottleneck::V1_5).0)
}

fn save(folder: &Path, tensors: &HashMap<String, Tensor>, metadata: &[(&str, &str)]) -> PathBuf {
    let path = folder.join("model.safetensors");
    let metadata: BTreeMap<String, String> = metadata
        .iter()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect();
    save_tensors(&path, tensors, &metadata).unwrap();
    path
}

type Loaded = (ParameterStore, Backbone, LoadReport);

fn load(path: &Path, request: &str, classes: Option<usize>) -> Result<Loaded> {
    let request: BackboneRequest = request.parse()?;
    let source: WeightSource = path.to_str().unwrap().parse()?;
    let hub = Hub::new(path.with_file_name("hub")).offline(true);
    let weights = Weights::from_source(&source, request, &hub)?;
    let store = ParameterStore::new(9, &Device::Cpu);
    let options = BackboneOptions {
        classes,
        ..BackboneOptions::default()
    };
    let (backbone, report) = load_backbone(&store, "backbone", request, weights.as_ref(), options)?;
    Ok((store, backbone, report))
}

fn refusal(result: Result<Loaded>) -> String {
    match result {
        Ok(_) => panic!("the file was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn wrapped_half_precision_files_load() {
    let folder = tempfile::tempdir().unwrap();
    let original = formula_tensors(Architecture::ResNet18);
    for (dtype, tolerance) in [(DType::F16, 5e-4), (DType::BF16, 4e-3)] {
        let mut wrapped: HashMap<String, Tensor> = original
            .iter()
            .map(|(name, tensor)| (format!("module.{name}"), tensor.to_dtype(dtype).unwrap()))
            .collect();
        let counter = Tensor::new(7_i64, &Device::Cpu).unwrap();
        wrapped.insert("module.bn1.num_batches_tracked".into(), counter);
        let path = save(folder.path(), &wrapped, &[]);
        let (store, _, report) = load(&path, "resnet18", Some(CLASSES)).unwrap();
        assert!(report.classifier);
        let loaded = store.export().unwrap();
        assert_eq!(loaded.len(), original.len());
        for (name, tensor) in &original {
            let found = &loaded[&format!("backbone.{name}")];
            assert_eq!(found.dtype(), DType::F32);
            let difference = relative_difference(found, tensor);
            assert!(difference < tolerance, "{name} differs by {difference}");
        }
    }
}

#[test]
fn classifiers_are_loaded_only_where_they_fit() {
    let folder = tempfile::tempdir().unwrap();
    let mut tensors = formula_tensors(Architecture::ResNet18);
    let path = save(folder.path(), &tensors, &[]);
    assert!(load(&path, "resnet18", Some(CLASSES)).unwrap().2.classifier);
    let (store, backbone, report) = load(&path, "resnet18", Some(7)).unwrap();
    assert!(!report.classifier);
    assert!(backbone.classifier().is_some());
    let stem = &store.export().unwrap()["backbone.conv1.weight"];
    assert_eq!(relative_difference(stem, &tensors["conv1.weight"]), 0.0);
    assert!(!load(&path, "resnet18", None).unwrap().2.classifier);
    tensors.remove("fc.weight");
    tensors.remove("fc.bias");
    let path = save(folder.path(), &tensors, &[]);
    let (_, _, report) = load(&path, "resnet18", Some(CLASSES)).unwrap();
    assert!(!report.classifier);
}

#[test]
fn other_networks_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut tensors = formula_tensors(Architecture::ResNet18);

    let path = save(folder.path(), &tensors, &[]);
    let message = refusal(load(&path, "resnet34", None));
    assert!(
        message.contains("layers are those of resnet18"),
        "{message}"
    );
    let message = refusal(load(&path, "resnet50", None));
    assert!(
        message.contains("layers are those of resnet18"),
        "{message}"
    );

    let path = save(folder.path(), &tensors, &[("architecture", "resnet18")]);
    let message = refusal(load(&path, "resnet50", None));
    assert!(message.contains("resnet18, not of resnet50"), "{message}");

    // All that a ResNet-18 needs and more, as squeeze-and-excitation files have.
    let extra = Tensor::zeros((4, 64, 1, 1), DType::F32, &Device::Cpu).unwrap();
    tensors.insert("layer1.0.se.fc1.weight".into(), extra.clone());
    let path = save(folder.path(), &tensors, &[]);
    let message = refusal(load(&path, "resnet18", None));
    assert!(message.contains("layer1.0.se.fc1.weight"), "{message}");
    assert!(message.contains("model.safetensors"), "{message}");
    tensors.remove("layer1.0.se.fc1.weight");

    tensors.insert("conv1.weight".into(), extra);
    let path = save(folder.path(), &tensors, &[]);
    let message = refusal(load(&path, "resnet18", None));
    assert!(
        message.contains("conv1.weight: shape [4, 64, 1, 1], expected [64, 3, 7, 7]"),
        "{message}"
    );

    let whole = Tensor::zeros((64, 3, 7, 7), DType::I64, &Device::Cpu).unwrap();
    tensors.insert("conv1.weight".into(), whole);
    let path = save(folder.path(), &tensors, &[]);
    let message = refusal(load(&path, "resnet18", None));
    assert!(message.contains("conv1.weight is of type I64"), "{message}");

    tensors.remove("conv1.weight");
    let path = save(folder.path(), &tensors, &[]);
    let message = refusal(load(&path, "resnet18", None));
    assert!(message.contains("conv1.weight: missing"), "{message}");
}

#[test]
fn every_network_is_recognised_by_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let tensor = Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap();
    // The others by shapes too; see the crate's own tests.
    for architecture in Architecture::ALL.into_iter().take(13) {
        let store = ParameterStore::blank(&Device::Cpu);
        let options = BackboneOptions::default();
        create_backbone(&store.root(), architecture, Bottleneck::V1_5, options).unwrap();
        let names = store.named().into_iter();
        let tensors = names.map(|(name, _)| (name, tensor.clone())).collect();
        let path = save(folder.path(), &tensors, &[]);
        let other = match architecture {
            Architecture::ResNet18 => "vgg16",
            _ => "resnet18",
        };
        let message = refusal(load(&path, other, None));
        let expected = format!("layers are those of {architecture})");
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn vggs_of_timm_load() {
    let folder = tempfile::tempdir().unwrap();
    let original = formula_tensors(Architecture::Vgg16);
    let mut renamed = HashMap::new();
    for (name, tensor) in &original {
        let names = [
            ("classifier.0.", "pre_logits.fc1.", [512, 7, 7]),
            ("classifier.3.", "pre_logits.fc2.", [4096, 1, 1]),
        ];
        let found = names
            .iter()
            .find(|(torchvision, ..)| name.starts_with(torchvision));
        let (name, tensor) = match found {
            Some((torchvision, timm, [channels, height, width])) => {
                let name = name.replace(torchvision, timm);
                let shape = (4096, *channels, *height, *width);
                let is_bias = name.ends_with("bias");
                let tensor = if is_bias {
                    tensor.clone()
                } else {
                    tensor.reshape(shape).unwrap()
                };
                (name, tensor)
            }
            None => (name.replace("classifier.6.", "head.fc."), tensor.clone()),
        };
        renamed.insert(name, tensor);
    }
    let path = save(folder.path(), &renamed, &[]);
    let (store, _, report) = load(&path, "vgg16", Some(CLASSES)).unwrap();
    assert!(report.classifier);
    let loaded = store.export().unwrap();
    for (name, tensor) in &original {
        let found = &loaded[&format!("backbone.{name}")];
        assert_eq!(relative_difference(found, tensor), 0.0, "{name}");
    }
}

#[test]
fn auxiliary_classifiers_are_loaded_where_both_sides_have_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut tensors = formula_tensors(Architecture::GoogLeNet);
    let path = save(folder.path(), &tensors, &[]);
    // Torchvision's file has them, a backbone for features has not.
    load(&path, "googlenet", None).unwrap();
    let request: BackboneRequest = "googlenet".parse().unwrap();
    let with_auxiliary = |path: &Path, classes| {
        let store = ParameterStore::new(3, &Device::Cpu);
        let options = BackboneOptions {
            classes: Some(classes),
            auxiliary: true,
            ..BackboneOptions::default()
        };
        let weights = Weights::open(path).unwrap();
        let (_, report) = load_backbone(&store, "", request, Some(&weights), options).unwrap();
        (store.export().unwrap(), report.classifier)
    };
    let same = |loaded: &HashMap<String, Tensor>, name: &str, tensors: &HashMap<String, Tensor>| {
        let (loaded, tensor) = (&loaded[name], &tensors[name]);
        loaded.dims() == tensor.dims() && relative_difference(loaded, tensor) == 0.0
    };
    let (loaded, classifier) = with_auxiliary(&path, CLASSES);
    assert!(classifier && same(&loaded, "aux2.fc2.weight", &tensors));
    // Other classes: only what does not depend on them.
    let (loaded, classifier) = with_auxiliary(&path, 7);
    assert!(!classifier && !same(&loaded, "aux2.fc2.weight", &tensors));
    assert!(same(&loaded, "aux2.fc1.weight", &tensors));
    // A file without them.
    tensors.retain(|name, _| !name.starts_with("aux"));
    let path = save(folder.path(), &tensors, &[]);
    let (loaded, classifier) = with_auxiliary(&path, CLASSES);
    assert!(classifier && same(&loaded, "inception3a.branch1.bn.weight", &tensors));
}

#[test]
fn the_metadata_decides_the_variant() {
    let folder = tempfile::tempdir().unwrap();
    let tensor = Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap();
    let tensors = HashMap::from([("bn1.bias".to_owned(), tensor)]);
    let decide = |metadata: &[(&str, &str)], request: &str| {
        let weights = Weights::open(&save(folder.path(), &tensors, metadata)).unwrap();
        weights.bottleneck_for(request.parse().unwrap())
    };

    let v1 = [("variant", "v1: as in Caffe")];
    assert_eq!(decide(&v1, "resnet50").unwrap(), Bottleneck::V1);
    assert_eq!(decide(&v1, "resnet50-v1").unwrap(), Bottleneck::V1);
    let error = decide(&v1, "resnet50-v1.5").unwrap_err();
    let Error::Weights { misfit, .. } = error else {
        panic!("{error}");
    };
    assert!(matches!(
        *misfit,
        Misfit::Variant {
            architecture: "resnet50",
            stored: "v1",
            wanted: "v1.5",
        }
    ));
    // Basic blocks have no variant, whatever a file says.
    assert_eq!(decide(&v1, "resnet18").unwrap(), Bottleneck::V1_5);

    assert_eq!(decide(&[], "resnet50").unwrap(), Bottleneck::V1_5);
    assert_eq!(decide(&[], "resnet50-v1").unwrap(), Bottleneck::V1);

    let unknown = [("variant", "deep stem")];
    let message = decide(&unknown, "resnet50").unwrap_err().to_string();
    assert!(message.contains("\"deep stem\""), "{message}");
}

#[test]
fn saved_backbones_load_with_their_own_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let (store, backbone) = backbone(Architecture::ResNet50, Bottleneck::V1);
    let path = folder.path().join("own.safetensors");
    save_tensors(&path, &store.export().unwrap(), &backbone.metadata()).unwrap();
    let (_, loaded, _) = load(&path, "resnet50", None).unwrap();
    assert_eq!(loaded.bottleneck(), Bottleneck::V1);
}

#[test]
fn what_is_no_safetensors_file_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.pth");
    for (contents, hint) in [
        (
            &b"PK\x03\x04rest of a zip"[..],
            "safetensors.torch.save_file",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1",
            "git lfs pull",
        ),
        (b"", "truncated"),
    ] {
        fs::write(&path, contents).unwrap();
        let message = Weights::open(&path).unwrap_err().to_string();
        assert!(message.contains("weights.pth"), "{message}");
        assert!(message.contains(hint), "{message}");
    }
    let missing = folder.path().join("absent.safetensors");
    let message = Weights::open(&missing).unwrap_err().to_string();
    assert!(message.contains("absent.safetensors"), "{message}");
}

#[test]
fn weights_come_from_the_hubs_cache() {
    let home = tempfile::tempdir().unwrap();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let repository = home.path().join("hub/models--timm--resnet18.tv_in1k");
    let snapshot = repository.join("snapshots").join(commit);
    fs::create_dir_all(repository.join("refs")).unwrap();
    fs::write(repository.join("refs/main"), commit).unwrap();
    fs::create_dir_all(&snapshot).unwrap();
    let tensors = formula_tensors(Architecture::ResNet18);
    save(&snapshot, &tensors, &[("format", "pt")]);

    let folder = home.path().to_str().unwrap().to_owned();
    let hub = Hub::from_variables(|name| match name {
        "HF_HOME" => Some(folder.clone()),
        "HF_HUB_OFFLINE" => Some("1".into()),
        _ => None,
    });
    let request: BackboneRequest = "resnet18".parse().unwrap();
    for source in ["imagenet", "hub:timm/resnet18.tv_in1k"] {
        let source: WeightSource = source.parse().unwrap();
        let weights = Weights::from_source(&source, request, &hub).unwrap();
        let store = ParameterStore::new(0, &Device::Cpu);
        let options = BackboneOptions::default();
        load_backbone(&store, "", request, weights.as_ref(), options).unwrap();
        let loaded = &store.export().unwrap()["layer4.1.conv2.weight"];
        let difference = relative_difference(loaded, &tensors["layer4.1.conv2.weight"]);
        assert_eq!(difference, 0.0);
    }
}
