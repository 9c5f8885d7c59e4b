use artkg_corpus::{Error as Corpus, SourceError as Source};

use super::ways::Ways;
use crate::lost_column::lost_column;

/// The way out of an error of a corpus.
pub(super) fn of_corpus(error: &Corpus) -> Option<Ways> {
    let advice = match error {
        Corpus::Record(_) => "`artkg corpus check` lists every problem",
        Corpus::NotACorpus { .. } => {
            "`artkg corpus import` makes a corpus from a table and a folder of images"
        }
        Corpus::Format { .. } => "make it again with `artkg corpus import`",
        Corpus::NoIdColumn { .. } => "a foreign table becomes a corpus with `artkg corpus import`",
        Corpus::LostColumns { lost } => {
            let lines: Vec<String> = lost.iter().map(lost_column).collect();
            let ways = format!(
                "{}; without `--strict` the corpus is written all the same",
                lines.join("; ")
            );
            return Some(ways.into());
        }
        Corpus::LackingColumns { .. } => {
            let ways = [
                "name the source's columns with `--column OURS=THEIRS`",
                "use another `--source`",
            ];
            return Some(ways.into());
        }
        Corpus::UnknownSource { .. } => "`--mapping FILE` takes a mapping of your own",
        Corpus::Source(Source::ZeroBytes { .. }) => {
            "`--encoding utf-16le` reads UTF-16 without a mark"
        }
        Corpus::Source(Source::NoRecords { .. } | Source::LargeRecord { .. }) => {
            "`--records PATH`, as in `objects[]`, says where the records stand"
        }
        Corpus::Source(Source::NoSheet { .. }) => "`--sheet NAME` takes another one",
        Corpus::Source(Source::Parquet { reason, .. }) if reason.contains("zstd") => {
            "parts packed with zstd are not read: write it again with snappy, gzip or lz4"
        }
        _ => return None,
    };
    Some(advice.into())
}
