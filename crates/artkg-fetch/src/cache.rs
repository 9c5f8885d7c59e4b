use std::path::{Path, PathBuf};

use crate::error::Fault;

/// A folder of fetched images, each under a name made of its address: what is there is
/// not fetched again, whoever asks. Images of another size belong into another folder.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The images in `folder`, which is made when the first one comes.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }

    /// The file of an address, if it was fetched.
    pub fn get(&self, address: &str) -> Option<PathBuf> {
        let file = self.file(address);
        file.is_file().then_some(file)
    }

    /// Keeps the file of an address; it is there whole or not at all.
    pub(crate) fn put(&self, address: &str, bytes: &[u8]) -> Result<PathBuf, Fault> {
        let file = self.file(address);
        if let Some(folder) = file.parent() {
            artkg_files::create_folder(folder)?;
        }
        artkg_files::write_bytes(&file, bytes)?;
        Ok(file)
    }

    fn file(&self, address: &str) -> PathBuf {
        self.folder.join(artkg_files::file_of_address(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(&folder.path().join("images"));
        assert_eq!(cache.get("https://a.example/1"), None);
        let file = cache.put("https://a.example/1", b"x").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"x");
        assert_eq!(cache.get("https://a.example/1"), Some(file));
        assert_eq!(cache.get("https://a.example/2"), None);
    }
}
