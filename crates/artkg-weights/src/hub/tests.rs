use std::collections::HashMap;
use std::fs;
use std::path::Path;

#[cfg(feature = "hub")]
mod downloads;

use super::*;
use crate::hub_file::MODEL_FILE;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Writes a file as the hub's clients lay it out.
fn cached(folder: &Path, contents: &[u8]) -> PathBuf {
    let repository = folder.join("hub/models--owner--name");
    fs::create_dir_all(repository.join("refs")).unwrap();
    fs::write(repository.join("refs/main"), COMMIT).unwrap();
    let snapshot = repository.join("snapshots").join(COMMIT);
    fs::create_dir_all(&snapshot).unwrap();
    fs::write(snapshot.join(MODEL_FILE), contents).unwrap();
    snapshot.join(MODEL_FILE)
}

fn hub(variables: &[(&str, &str)]) -> Hub {
    let variables: HashMap<String, String> = variables
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    Hub::from_variables(|name| variables.get(name).cloned())
}

fn file() -> HubFile {
    "owner/name".parse().unwrap()
}

#[test]
fn files_of_one_repository_lie_beside_each_other() {
    let file: HubFile = "owner/name@v2:weights/best.safetensors".parse().unwrap();
    let beside = file.beside("config.json");
    assert_eq!(beside.to_string(), "owner/name@v2:config.json");
    for text in ["name", "owner/name:", "owner/../name", "owner/name:../x"] {
        let message = text.parse::<HubFile>().unwrap_err().to_string();
        assert!(message.contains("OWNER/NAME"), "{message}");
    }
}

#[test]
fn the_cache_serves_without_the_internet() {
    let home = tempfile::tempdir().unwrap();
    let path = cached(home.path(), b"weights");
    let home = home.path().to_str().unwrap();
    let hub = hub(&[("HF_HOME", home), ("HF_HUB_OFFLINE", "1")]);
    assert_eq!(hub.fetch(&file()).unwrap(), path);
}

#[test]
fn offline_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_str().unwrap();
    let hub = hub(&[("HF_HOME", home), ("HF_HUB_OFFLINE", "TRUE")]);
    let message = hub.fetch(&file()).unwrap_err().to_string();
    for part in [
        "HF_HUB_OFFLINE",
        home,
        "https://huggingface.co/owner/name/resolve/main/model.safetensors",
    ] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
}

#[cfg(not(feature = "hub"))]
#[test]
fn without_downloads_one_sentence_says_so() {
    let home = tempfile::tempdir().unwrap();
    let hub = Hub::new(home.path().into());
    let Err(Error::Unavailable(unavailable)) = hub.fetch(&file()) else {
        panic!("a file came from nowhere");
    };
    assert!(matches!(
        &unavailable.reason,
        Reason::WithoutNetwork { cache } if cache == home.path()
    ));
    let message = unavailable.to_string();
    assert!(message.contains("built without downloads"), "{message}");
    assert!(message.contains("download https://"), "{message}");
    assert_eq!(hub.fetch_optional(&file()).unwrap(), None);
}
