//! What an import says of its tables: encodings, columns, images.

use artkg_corpus::{
    Artwork, ColumnSource, EncodingBasis, ImageMatching, Import, MakerCounts, Problem, ProblemKind,
    Respelling, TableSummary, UnusedColumn,
};
use artkg_files::{counted, visible};
use artkg_vocabulary::Attribute;

use crate::globals::Globals;

/// How many columns that are not used are named.
const LISTED: usize = 12;

/// Columns that few sources have and nobody misses.
const RARE: [&str; 3] = ["split", "year_from", "year_to"];

/// Says how the tables were read and what came from where.
pub(super) fn print_sources(imported: &Import, globals: &Globals) {
    for table in &imported.tables {
        globals.note(table_line(table));
    }
    let columns = merged(&imported.tables);
    globals.note(columns_line(&columns));
    let none: Vec<&str> = columns
        .iter()
        .filter(|column| column.from.is_empty() && column.filled == 0)
        .map(|column| column.column.as_str())
        .filter(|name| !RARE.contains(name))
        .collect();
    if !none.is_empty() {
        globals.note(format!("no column for: {}", none.join(", ")));
    }
    if let Some(line) = unused_line(&imported.tables) {
        globals.note(line);
    }
    let is_derived =
        |column: &&ColumnSource| column.column == "timeframe" && column.from.is_empty();
    if columns.iter().any(|column| is_derived(&column))
        && let Some(line) = wide_dates_line(&imported.corpus.artworks, &imported.problems)
    {
        globals.note(line);
    }
    if let (Some(files), Some(matching)) = (imported.images, imported.image_matching) {
        globals.note(images_line(files, &matching));
    }
}

fn table_line(table: &TableSummary) -> String {
    let split = table
        .split
        .map_or_else(String::new, |split| format!(" for {split}"));
    let reading = &table.reading;
    let basis = match reading.encoding_basis {
        EncodingBasis::Mark | EncodingBasis::Valid | EncodingBasis::Stated => "",
        EncodingBasis::Detected => ", found out",
        EncodingBasis::Guessed => ", a guess: `--encoding` names another",
    };
    let example = match &reading.encoding_example {
        Some(example) => format!(", as in `{example}`"),
        None => String::new(),
    };
    let how = match (reading.delimiter, &reading.part) {
        (Some(delimiter), _) => {
            let encoding = &reading.encoding;
            format!("{encoding}{basis}{example}, delimiter {delimiter:?}")
        }
        (None, Some(part)) => format!("{}, from {part}", reading.format),
        (None, None) => reading.format.to_string(),
    };
    format!(
        "{}: {}, {}{split} ({how})",
        table.file.display(),
        counted(table.rows, "row"),
        counted(table.artworks, "artwork")
    )
}

/// The columns of all tables: their names together, their values added up.
fn merged(tables: &[TableSummary]) -> Vec<ColumnSource> {
    let mut merged: Vec<ColumnSource> = Vec::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        match merged
            .iter_mut()
            .find(|known| known.column == column.column)
        {
            Some(known) => {
                known.filled += column.filled;
                let new = column.from.iter().filter(|from| !known.from.contains(from));
                let new: Vec<String> = new.cloned().collect();
                known.from.extend(new);
            }
            None => merged.push(column.clone()),
        }
    }
    merged
}

fn columns_line(columns: &[ColumnSource]) -> String {
    let fed = columns.iter().filter(|column| !column.from.is_empty());
    let fed: Vec<String> = fed
        .map(|column| {
            let from = column.from.join(" or ");
            format!("{} from {from} ({})", column.column, column.filled)
        })
        .collect();
    format!("columns: {}", fed.join(", "))
}

fn unused_line(tables: &[TableSummary]) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    let mut left_out: Vec<&str> = Vec::new();
    for UnusedColumn {
        column, kept_as, ..
    } in tables.iter().flat_map(|table| &table.unused)
    {
        let list = match kept_as {
            Some(_) => &mut kept,
            None => &mut left_out,
        };
        if !list.contains(&column.as_str()) {
            list.push(column);
        }
    }
    let parts = [("kept beside them", kept), ("left out", left_out)];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| {
            let more = match names.len().saturating_sub(LISTED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let names = &names[..names.len().min(LISTED)];
            format!("{what}: {}{more}", names.join(", "))
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// How many dates were read and yet give no timeframe; `None` where all do. Those that
/// cannot be read are problems of their own.
fn wide_dates_line(artworks: &[Artwork], problems: &[Problem]) -> Option<String> {
    let has = |artwork: &&Artwork| {
        artwork.cell("date").is_some() && artwork.attribute(Attribute::TIMEFRAME).is_none()
    };
    let unread = |problem: &&Problem| problem.kind == ProblemKind::UnreadableDate;
    let without = artworks.iter().filter(has).count();
    let wide = without.saturating_sub(problems.iter().filter(unread).count());
    (wide > 0).then(|| {
        format!(
            "no timeframe from {} of a whole century or more, or before Christ",
            counted(wide, "date")
        )
    })
}

/// How many makers are qualified, and how; `None` where none are.
pub(super) fn makers_line(makers: &MakerCounts) -> Option<String> {
    if makers.qualified() == 0 {
        return None;
    }
    let counts = makers.qualifiers.iter();
    let counts: Vec<String> = counts
        .map(|(qualifier, count)| format!("{count} {qualifier}"))
        .collect();
    Some(format!(
        "makers: qualified {} of {} ({}); works with a qualified one: {}, without another: {}",
        makers.qualified(),
        makers.makers,
        counts.join(", "),
        makers.works_with_qualified,
        makers.works_without_author
    ))
}

/// How many spellings gave way to others of the same identity, with a few of them.
pub(super) fn respellings_line(respellings: &[Respelling]) -> Option<String> {
    const SHOWN: usize = 3;
    let makers: usize = respellings.iter().map(|one| one.makers).sum();
    let examples: Vec<String> = respellings
        .iter()
        .take(SHOWN)
        .map(|one| {
            let (written, name) = (visible(&one.written), visible(&one.name));
            format!("`{written}` is `{name}` ({})", one.identity)
        })
        .collect();
    let more = match respellings.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    (!respellings.is_empty()).then(|| {
        format!(
            "spellings: {} of {} became the usual one of the same identity: {}{more}",
            counted(respellings.len(), "name"),
            counted(makers, "maker"),
            examples.join(", ")
        )
    })
}

fn images_line(files: usize, matching: &ImageMatching) -> String {
    let counts = [
        (matching.by_name, "matched by name"),
        (matching.by_end, "by the end of a path"),
        (matching.nearly, "by nearly the same name"),
        (matching.by_number, "by the work's number"),
        (matching.by_address, "to be fetched from their addresses"),
        (matching.views, "further views of these"),
        (matching.unused, "without a work"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, how)| format!("{count} {how}"))
        .collect();
    let lacking = [
        (matching.missing, "whose image is not there"),
        (
            matching.unread,
            "whose image is in a format that is not read",
        ),
        (matching.unnamed, "without an image"),
    ];
    let lacking: Vec<String> = lacking
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, which)| format!("{which}: {count}"))
        .collect();
    let counts = match counts.as_slice() {
        [] => "none matched".to_owned(),
        _ => counts.join(", "),
    };
    match lacking.as_slice() {
        [] => format!("images: {}, {counts}", counted(files, "file")),
        _ => format!(
            "images: {}, {counts}; works {}",
            counted(files, "file"),
            lacking.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use artkg_corpus::{Identity, Qualifier};

    use super::*;

    #[test]
    fn one_line_counts_qualified_makers() {
        assert_eq!(makers_line(&MakerCounts::default()), None);
        let makers = MakerCounts {
            makers: 9,
            qualifiers: [(Qualifier::AttributedTo, 2), (Qualifier::After, 1)].into(),
            works_with_qualified: 3,
            works_without_author: 2,
            ..MakerCounts::default()
        };
        assert_eq!(
            makers_line(&makers).as_deref(),
            Some(
                "makers: qualified 3 of 9 (2 attributed to, 1 after); works with a qualified one: \
                 3, without another: 2"
            )
        );
    }

    #[test]
    fn spellings_that_gave_way_are_named() {
        assert_eq!(respellings_line(&[]), None);
        let one = |written: &str| Respelling {
            written: written.to_owned(),
            name: "Vincent van Gogh".to_owned(),
            identity: Identity::parse("ulan:500115588").unwrap(),
            makers: 2,
        };
        let names = ["Gogh", "V. van Gogh", "Van Gogh", "Vincent"].map(one);
        assert_eq!(
            respellings_line(&names[..1]).as_deref(),
            Some(
                "spellings: 1 name of 2 makers became the usual one of the same identity: `Gogh` \
                 is `Vincent van Gogh` (ulan:500115588)"
            )
        );
        let line = respellings_line(&names).unwrap();
        assert!(line.starts_with("spellings: 4 names of 8 makers"), "{line}");
        assert!(line.ends_with(", and 1 more"), "{line}");
    }

    #[test]
    fn one_line_counts_dates_that_are_no_timeframe() {
        let work = |date: &str, timeframe: Option<&str>| Artwork {
            date: Some(date.into()),
            timeframe: timeframe.map(Into::into),
            ..Artwork::default()
        };
        let mut artworks = vec![work("1873", Some("1851-1900")), work("blue", None)];
        let unread = Problem::new(ProblemKind::UnreadableDate, "t.csv".as_ref(), "blue");
        assert_eq!(
            wide_dates_line(&artworks, std::slice::from_ref(&unread)),
            None
        );
        artworks.push(work("XVIII century", None));
        assert_eq!(
            wide_dates_line(&artworks, &[unread]).as_deref(),
            Some("no timeframe from 1 date of a whole century or more, or before Christ")
        );
    }

    #[test]
    fn one_line_says_how_images_were_matched() {
        let matching = ImageMatching {
            by_number: 170,
            views: 12,
            unused: 3,
            unnamed: 4,
            ..ImageMatching::default()
        };
        assert_eq!(
            images_line(185, &matching),
            "images: 185 files, 170 by the work's number, 12 further views of these, 3 without \
             a work; works without an image: 4"
        );
    }
}
