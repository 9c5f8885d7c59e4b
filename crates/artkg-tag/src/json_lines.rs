use std::io::Write;
use std::path::Path;

use artkg_files::Writer;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::origin::Origin;
use crate::tag_writer::TagWriter;
use crate::tags::Tags;

/// One JSON object a line: `{"origin": …}`, then one for each image.
pub(crate) struct JsonLines;

/// The first line.
#[derive(Serialize, Deserialize)]
struct First<Origin> {
    origin: Origin,
}

impl TagWriter for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn write(
        &self,
        target: &Path,
        origin: &Origin,
        tags: &mut dyn Iterator<Item = Result<Tags>>,
        writer: &mut Writer,
    ) -> Result<()> {
        write_line(target, &First { origin }, writer)?;
        for tags in tags {
            write_line(target, &tags?, writer)?;
        }
        Ok(())
    }
}

fn write_line(target: &Path, record: &impl Serialize, writer: &mut Writer) -> Result<()> {
    let failed = |source| artkg_files::Error::new("write", target, source);
    let line = serde_json::to_string(record).map_err(|error| failed(error.into()))?;
    writeln!(writer, "{line}").map_err(failed)?;
    Ok(())
}
