use std::sync::Arc;

use artkg_tag::TagWriter;

use crate::context::Context;
use crate::error::Result;
use crate::format::Format;
use crate::layout::Layout;
use crate::lido::LidoFile;
use crate::linked_art::LinkedArtFile;
use crate::open_refine::OpenRefineFile;

/// The writer of a format that is one file; nothing for those that are folders.
/// `layout` is of the table for OpenRefine, `tasks` are the model's.
///
/// # Errors
/// When the format is not built in, or the layout asks for what there is not.
pub fn writer(
    format: Format,
    context: &Arc<Context>,
    layout: Layout,
    tasks: &[String],
) -> Result<Option<Box<dyn TagWriter>>> {
    let context = Arc::clone(context);
    Ok(Some(match format {
        Format::Csv => artkg_tag::csv_writer(context.cells),
        Format::JsonLines => artkg_tag::json_lines_writer(),
        Format::Parquet => parquet()?,
        Format::Lido => Box::new(LidoFile { context }),
        Format::LinkedArt => Box::new(LinkedArtFile { context }),
        Format::OpenRefine => Box::new(OpenRefineFile::new(context, layout, tasks)?),
        Format::Xmp | Format::Iiif => return Ok(None),
    }))
}

#[cfg(feature = "parquet")]
fn parquet() -> Result<Box<dyn TagWriter>> {
    Ok(Box::new(crate::parquet_file::ParquetFile))
}

#[cfg(not(feature = "parquet"))]
fn parquet() -> Result<Box<dyn TagWriter>> {
    Err(crate::error::Error::NotBuilt("Parquet"))
}
