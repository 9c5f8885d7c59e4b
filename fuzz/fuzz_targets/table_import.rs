//! Any bytes as a table of text, CSV or TSV, imported to a corpus.
#![no_main]

use std::cell::LazyCell;

use artkg_corpus::Format;
use artkg_fuzz::Importer;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static IMPORTER: LazyCell<Importer> =
        LazyCell::new(|| Importer::new(&["table", "met", "tate"], &[Format::Table]));
}

fuzz_target!(|bytes: &[u8]| {
    // The first byte chooses the mapping.
    if let Some((choice, bytes)) = bytes.split_first() {
        IMPORTER.with(|importer| importer.run(*choice, bytes));
    }
});
