//! Tables for OpenRefine and for updates of collection systems, laid out by a
//! [`Layout`].

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use artkg_files::Writer;
use artkg_files::table::TableWriter;
use artkg_tag::{Origin, TagWriter, Tags};
use artkg_vocabulary::Attribute;

use crate::claims::{claims, years};
use crate::context::Context;
use crate::error::Result;
use crate::layout::{Layout, filled};
use crate::source;

/// The writer of the format.
pub(crate) struct OpenRefineFile {
    pub(crate) context: Arc<Context>,
    pub(crate) layout: Layout,
}

impl OpenRefineFile {
    /// The writer with this layout, for tags of a model with these tasks.
    ///
    /// # Errors
    /// When the layout asks for what there is not.
    pub(crate) fn new(context: Arc<Context>, layout: Layout, tasks: &[String]) -> Result<Self> {
        // A model need not have all that a layout for collections has a column for.
        let paper = Attribute::PAPER.map(|task| task.name().to_owned());
        let tasks: Vec<String> = tasks.iter().chain(&paper).cloned().collect();
        layout.check(&known_words(&tasks))?;
        Ok(Self { context, layout })
    }
}

impl TagWriter for OpenRefineFile {
    fn name(&self) -> &'static str {
        "openrefine"
    }

    fn write(
        &self,
        target: &Path,
        origin: &Origin,
        tags: &mut dyn Iterator<Item = artkg_tag::Result<Tags>>,
        writer: &mut Writer,
    ) -> artkg_tag::Result<()> {
        let failed = |source| artkg_files::Error::new("write", target, source);
        let tasks = origin.options.tasks.iter();
        let tasks: Vec<String> = tasks.map(|task| task.task.clone()).collect();
        let columns = self.layout.columns_for(&tasks);
        let mut table = TableWriter::with(&mut *writer, self.context.cells);
        let header = columns
            .iter()
            .map(|(column, task)| column.name.replace("{task}", task));
        table.row(header).map_err(failed)?;
        for tags in tags {
            let tags = tags?;
            let words = words(&tags, origin, &self.context);
            let cells = columns.iter().map(|(column, task)| {
                let with = column.with.as_deref();
                if with.is_some_and(|task| !words.contains_key(task)) {
                    return String::new();
                }
                let template = column
                    .value
                    .replace("{class}", &format!("{{{task}}}"))
                    .replace("{confidence}", &format!("{{{task}_confidence}}"))
                    .replace("{address}", &format!("{{{task}_address}}"));
                filled(&template, &words)
            });
            table.row(cells).map_err(failed)?;
        }
        table.flush().map_err(failed)?;
        drop(table);
        writer.flush().map_err(failed)?;
        Ok(())
    }
}

/// The words that a layout may ask for.
fn known_words(tasks: &[String]) -> Vec<String> {
    let mut known: Vec<String> = [
        "id",
        "image",
        "title",
        "review",
        "model",
        "fingerprint",
        "version",
        "time",
        "summary",
        "class",
        "confidence",
        "address",
        "timeframe_from",
        "timeframe_to",
    ]
    .map(str::to_owned)
    .to_vec();
    for task in tasks {
        known.extend([
            task.clone(),
            format!("{task}_confidence"),
            format!("{task}_address"),
        ]);
    }
    known
}

/// What the words stand for in the row of an image. A task whose tag is not given has
/// none.
fn words(tags: &Tags, origin: &Origin, context: &Context) -> HashMap<String, String> {
    let mut words = HashMap::new();
    let mut add = |word: &str, value: &str| words.insert(word.to_owned(), value.to_owned());
    add("id", tags.id.as_deref().unwrap_or_default());
    add("image", &tags.image);
    add(
        "title",
        context.title(tags.id.as_deref()).unwrap_or_default(),
    );
    add("review", tags.review.name());
    add("model", &source::agent(origin));
    add("fingerprint", &origin.model.fingerprint);
    add("version", &origin.artkg_version);
    add("time", &origin.created);
    let mut summary = Vec::new();
    for claim in claims(tags) {
        add(claim.task, claim.class);
        let confidence = format!("{:.4}", claim.confidence);
        add(&format!("{}_confidence", claim.task), &confidence);
        let address = context.addresses.of(claim.task, claim.class).first();
        if let Some(address) = address {
            add(&format!("{}_address", claim.task), address);
        }
        if let Some((first, last)) = years(claim.class).filter(|_| claim.task == "timeframe") {
            add("timeframe_from", first);
            add("timeframe_to", last);
        }
        let caution = source::caution(claim.confidence, tags.review);
        summary.push(format!("{}: {} ({caution})", claim.task, claim.class));
    }
    let summary = format!(
        "{}. {}, {}, {}",
        summary.join("; "),
        source::agent(origin),
        origin.model.fingerprint,
        origin.created
    );
    add("summary", &summary);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{origin, tags};

    fn table(layout: &str) -> Vec<HashMap<String, String>> {
        let mut context = Context::default();
        let address = "http://vocab.getty.edu/ulan/500032927";
        context.addresses.add("author", "Johannes Vermeer", address);
        let layout = Layout::find(layout).unwrap();
        let writer = OpenRefineFile::new(Arc::new(context), layout, &[]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        artkg_files::write_atomically(&path, |file| {
            writer.write(&path, &origin(), &mut std::iter::once(Ok(tags())), file)
        })
        .unwrap();
        let text = artkg_files::read_text(&path).unwrap();
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let rows = rows.deserialize::<HashMap<String, String>>();
        rows.map(|row| row.unwrap()).collect()
    }

    #[test]
    fn a_row_has_a_tag_to_reconcile_and_how_sure_it_is() {
        let [row] = &table("openrefine")[..] else {
            panic!("one row")
        };
        for (column, cell) in [
            ("id", "36029"),
            ("image", "photos/36029.jpg"),
            ("author", "Johannes Vermeer"),
            ("author_confidence", "0.6250"),
            ("author_address", "http://vocab.getty.edu/ulan/500032927"),
            ("school", ""),
            ("school_confidence", ""),
            ("type_address", ""),
            ("review", "none"),
            ("artkg_version", "0.1.0"),
            ("tagged", "2026-02-28T09:30:00Z"),
        ] {
            assert_eq!(row[column], cell, "{column}");
        }
        assert_eq!(row["model_fingerprint"], origin().model.fingerprint);
    }

    #[test]
    fn updates_of_systems_say_that_makers_are_guesses() {
        for (layout, qualifier, summary) in [
            ("tms", "Prefix", "TextEntry"),
            ("emu", "CreCreatorAttribution_tab(1)", "NotNotes"),
            ("axiell", "creator.qualifier", "notes"),
        ] {
            let [row] = &table(layout)[..] else {
                panic!("one row")
            };
            assert_eq!(row[qualifier], "possibly by (suggested by software)");
            let said = &row[summary];
            assert!(
                said.starts_with(
                    "type: portrait (suggested by software with a confidence of 0.94, not \
                     reviewed by a person); timeframe: "
                ),
                "{said}"
            );
            assert!(said.contains(&origin().model.fingerprint), "{said}");
        }
        let axiell = &table("axiell")[0];
        assert_eq!(axiell["production.date.start"], "1651");
        assert_eq!(axiell["production.date.end"], "1700");
        assert_eq!(axiell["school_style"], "");
    }
}
