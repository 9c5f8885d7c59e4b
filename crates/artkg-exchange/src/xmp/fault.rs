use std::path::PathBuf;

/// Why an image has no sidecar, or why the one that is there was left as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum XmpFault {
    /// It is no XML.
    #[error("the sidecar that is there is no XML: {0}")]
    Xml(#[from] quick_xml::Error),
    /// An attribute of it is none.
    #[error("the sidecar that is there is no XML: {0}")]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    /// It is not UTF-8, or larger than any sidecar.
    #[error("the sidecar that is there is not a text in UTF-8 of at most 16 MB")]
    Text,
    /// It has definitions of its own.
    #[error("the sidecar that is there has definitions of its own, which XMP does not allow")]
    Definitions,
    /// It has no `rdf:RDF`.
    #[error("the sidecar that is there is no XMP: it has no rdf:RDF")]
    NoRdf,
    /// Its elements are too deep within each other.
    #[error("the sidecar that is there has more than 200 elements within each other")]
    Deep,
    /// The image beside which it should be is not there.
    #[error("there is no such image here, beside which its sidecar would be")]
    NoImage,
    /// Two images would have one sidecar.
    #[error("its sidecar would be that of {}; rename one of the two", artkg_files::exact_name(.0))]
    Taken(PathBuf),
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
}
