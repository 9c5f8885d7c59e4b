use artkg_corpus::{Error as Corpus, SourceError as Source};

use crate::lost_column::lost_column;

/// The way out of an error of a corpus.
pub(super) fn of_corpus(error: &Corpus) -> Option<String> {
    let advice = match error {
        Corpus::Record(_) => "`artkg corpus check` lists every problem",
        Corpus::NotACorpus { .. } => {
            "`artkg corpus import` makes a corpus from a table and a folder of images"
        }
        Corpus::Format { .. } => "make it again with `artkg corpus import`",
        Corpus::NoIdColumn { .. } => "a foreign table becomes a corpus with `artkg corpus import`",
        Corpus::LostColumns { lost } => {
            let lines: Vec<String> = lost.iter().map(lost_column).collect();
            return Some(format!(
                "{}; without `--strict` the corpus is written all the same",
                lines.join("; ")
            ));
        }
        Corpus::LackingColumns { .. } => {
            "name the source's columns with `--column OURS=THEIRS`, or use another `--source`"
        }
        Corpus::UnknownSource { .. } => "`--mapping FILE` takes a mapping of your own",
        Corpus::Source(Source::ZeroBytes { .. }) => {
            "`--encoding utf-16le` reads UTF-16 without a mark"
        }
        Corpus::Source(Source::NoRecords { .. }) => {
            "`[table] records` of a mapping says where the records stand"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}
