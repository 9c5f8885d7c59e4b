use std::path::PathBuf;

use super::qualified::Qualified;
use crate::mapping::Mapping;

/// What to import and how.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// How to read the tables; `None` takes the first built-in mapping that
    /// the first table's header fits.
    pub mapping: Option<Mapping>,
    /// Our columns and the source columns that they are taken from, beside or
    /// instead of what the mapping says.
    pub columns: Vec<(String, String)>,
    /// The delimiter instead of the mapping's: `auto`, `tab` or one character.
    pub delimiter: Option<String>,
    /// The encoding instead of the mapping's.
    pub encoding: Option<String>,
    /// Where in JSON the records stand, instead of where the mapping looks: `objects[]`, or
    /// `.` where a file is one.
    pub records: Option<String>,
    /// The sheet of a workbook instead of the mapping's.
    pub sheet: Option<String>,
    /// The folder of the images; `None` looks beside the first table.
    pub images: Option<PathBuf>,
    /// The corpus' name; `None` takes the output folder's.
    pub name: Option<String>,
    /// The shares of train, validation and test to draw splits in, whatever the
    /// source says; `None` keeps splits that it gives, and draws 80, 10 and 10 %
    /// where it gives none.
    pub shares: Option<[f64; 3]>,
    /// Refuse a source that gives no type, author, school or date.
    pub strict: bool,
    /// What becomes of makers who are not simply the author.
    pub qualified: Qualified,
    /// The seed of the draw of splits.
    pub seed: u64,
}
