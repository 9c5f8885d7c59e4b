//! The pictures of [`Stats`]: bars on a terminal, SVG, an HTML page.

use std::fmt::Write as _;
use std::path::Path;

use artkg_files::visible;
use artkg_report::{BarChart, Card, Page, Table, bar_chart, grouped};

use super::{AttributeStats, Stats};
use crate::artwork::Split;
use crate::error::{Error, Result};

/// Bars are cut into eighths of a character.
const EIGHTHS: [char; 8] = ['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// What tells our charts from those of others.
const MARK: &str = "<!-- drawn by artkg -->";

const BAR_WIDTH: usize = 36;
const LABEL_WIDTH: usize = 28;

impl Stats {
    /// Counts and class balance as text with bars; at most `most` values of
    /// each attribute.
    pub fn text(&self, most: usize) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_text(&mut text, most);
        text
    }

    fn write_text(&self, text: &mut String, most: usize) -> std::fmt::Result {
        let counts = &self.counts;
        let synthetic = if self.synthetic { " (synthetic)" } else { "" };
        writeln!(
            text,
            "{}{synthetic}: {} {}",
            visible(&self.name),
            number(counts.artworks),
            if counts.artworks == 1 {
                "artwork"
            } else {
                "artworks"
            }
        )?;
        for split in Split::ALL {
            let count = counts.split(split);
            write!(text, "  {:<5} {:>9}", split.name(), number(count))?;
            writeln!(text, "  {}", percent(count, counts.artworks))?;
        }
        let assigned: usize = Split::ALL.iter().map(|split| counts.split(*split)).sum();
        if assigned < counts.artworks {
            writeln!(text, "  none  {:>9}", number(counts.artworks - assigned))?;
        }
        writeln!(text, "\nmissing values")?;
        let widest = self
            .missing
            .iter()
            .map(|(column, _)| visible(column).chars().count())
            .max()
            .unwrap_or(0);
        for (column, missing) in &self.missing {
            writeln!(
                text,
                "  {:<widest$} {:>9}  {:>6}",
                visible(column),
                number(*missing),
                percent(*missing, counts.artworks)
            )?;
        }
        self.write_makers(text, most)?;
        for attribute in &self.attributes {
            attribute.write_text(text, most)?;
        }
        Ok(())
    }

    /// Qualified makers, roles and identities, where there are any.
    fn write_makers(&self, text: &mut String, most: usize) -> std::fmt::Result {
        let makers = &self.makers;
        if makers.is_plain() {
            return Ok(());
        }
        writeln!(
            text,
            "\nmakers: {}, of them qualified {}, known to authority files {}; works with a \
             qualified one: {}, without another: {}",
            number(makers.makers),
            number(makers.qualified()),
            number(makers.identified),
            number(makers.works_with_qualified),
            number(makers.works_without_author)
        )?;
        for (qualifier, count) in &makers.qualifiers {
            writeln!(text, "  {} {:>9}", fitted(qualifier.name()), number(*count))?;
        }
        let mut roles: Vec<_> = makers.roles.iter().collect();
        roles.sort_by(|left, right| (right.1, left.0).cmp(&(left.1, right.0)));
        for (role, count) in roles.iter().take(most) {
            writeln!(
                text,
                "  {} {:>9}",
                fitted(&format!("as {role}")),
                number(**count)
            )?;
        }
        if roles.len() > most {
            writeln!(text, "  … {} more roles", number(roles.len() - most))?;
        }
        Ok(())
    }

    /// A page with all counts and a chart of each attribute; needs no network.
    ///
    /// # Errors
    /// A chart that cannot be drawn.
    pub fn page(&self) -> Result<String> {
        let mut page = Page::new(format!("Corpus {}", self.name));
        if self.synthetic {
            page.note("Synthetic data: these pictures were painted by a program.");
        }
        let count = |count: usize| grouped(count as f64, 0);
        page.subtitle(format!("{} artworks", count(self.counts.artworks)));
        page.section("Splits");
        page.cards(&Split::ALL.map(|split| {
            let artworks = self.counts.split(split);
            Card::new(
                split.name(),
                count(artworks),
                percent(artworks, self.counts.artworks),
            )
        }));
        page.section("Missing values");
        let mut table = Table::new()
            .text_column("Column")
            .number_column("Missing")
            .number_column("Share");
        for (column, missing) in &self.missing {
            table.row([
                column.clone(),
                count(*missing),
                percent(*missing, self.counts.artworks),
            ]);
        }
        page.table(&table);
        if !self.makers.is_plain() {
            page.section("Makers");
            page.table(&self.makers_table());
        }
        for attribute in &self.attributes {
            page.section(&title(attribute.attribute.name()));
            page.paragraph(&attribute.summary());
            page.figure(
                &attribute.chart()?,
                "",
                &format!("Bars: artworks by {}", attribute.attribute),
            );
            page.table(&attribute.table());
        }
        Ok(page.render())
    }

    fn makers_table(&self) -> Table {
        let mut table = Table::new()
            .text_column("Makers who are")
            .number_column("Count")
            .number_column("Share");
        let (makers, all) = (&self.makers, self.makers.makers);
        let mut row = |name: &str, count: usize| {
            table.row([
                name.to_owned(),
                grouped(count as f64, 0),
                percent(count, all),
            ]);
        };
        row("authors", all - makers.qualified());
        for (qualifier, count) in &makers.qualifiers {
            row(qualifier.name(), *count);
        }
        for (role, count) in &makers.roles {
            row(&format!("as {role}"), *count);
        }
        row("known to authority files", makers.identified);
        table
    }

    /// The charts of all attributes, one below the other, as one SVG.
    ///
    /// # Errors
    /// A chart that cannot be drawn.
    pub fn svg(&self) -> Result<String> {
        let mut charts = String::new();
        let (mut width, mut height) = (0, 0);
        for attribute in &self.attributes {
            let chart = attribute.chart()?;
            let (chart_width, chart_height) = (size(&chart, "width"), size(&chart, "height"));
            charts.push_str(&chart.replacen("<svg ", &format!("<svg y=\"{height}\" "), 1));
            width = width.max(chart_width);
            height += chart_height;
        }
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">\n{MARK}\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{charts}</svg>\n"
        ))
    }

    /// Whether a file that begins like this is one that [`Stats::write`] wrote.
    pub fn is_file(beginning: &[u8]) -> bool {
        let is_chart = || beginning.starts_with(b"<svg ") && artkg_files::has_part(beginning, MARK);
        Page::is_file(beginning) || is_chart()
    }

    /// Writes [`Stats::svg`] or [`Stats::page`], by the file's extension.
    ///
    /// # Errors
    /// Another extension than `.svg` or `.html`; a file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        let content = match extension.as_deref() {
            Some("svg") => self.svg()?,
            Some("html" | "htm") => self.page()?,
            _ => {
                return Err(Error::PictureFormat {
                    path: path.to_path_buf(),
                });
            }
        };
        Ok(artkg_files::write_bytes(path, content.as_bytes())?)
    }
}

impl AttributeStats {
    /// `26 classes with the unknown one; …`
    fn summary(&self) -> String {
        format!(
            "{} values; {} classes, the unknown one included, which holds {} training artworks; \
             {} artworks have no value; always saying the most frequent one is right for {:.1} %",
            number(self.values.len()),
            self.classes,
            number(self.rare),
            number(self.missing),
            100.0 * self.majority
        )
    }

    fn write_text(&self, text: &mut String, most: usize) -> std::fmt::Result {
        writeln!(text, "\n{}: {}", self.attribute, self.summary())?;
        let largest = self.values.first().map_or(1, |value| value.artworks);
        for value in self.values.iter().take(most) {
            let mark = if value.learnt { ' ' } else { '·' };
            writeln!(
                text,
                "{mark} {} {:>9}  {}",
                fitted(&visible(&value.value)),
                number(value.artworks),
                bar(value.artworks, largest)
            )?;
        }
        if self.values.len() > most {
            let rest: usize = self.values[most..].iter().map(|value| value.artworks).sum();
            let more = format!("… {} more", number(self.values.len() - most));
            writeln!(text, "  {} {:>9}", fitted(&more), number(rest))?;
        }
        if self.values.iter().take(most).any(|value| !value.learnt) {
            writeln!(text, "  (· too rare in train to be a class)")?;
        }
        Ok(())
    }

    /// A bar chart of the values.
    ///
    /// # Errors
    /// A chart that cannot be drawn.
    pub fn chart(&self) -> Result<String> {
        let bars = self
            .values
            .iter()
            .map(|value| (value.value.clone(), value.artworks as f64))
            .collect();
        let title = format!("Artworks by {}", self.attribute);
        Ok(bar_chart(&BarChart::new(title, bars))?)
    }

    fn table(&self) -> Table {
        let mut table = Table::new()
            .text_column("Value")
            .number_column("All")
            .number_column("train")
            .number_column("val")
            .number_column("test")
            .text_column("Class")
            .collapsed(format!("All {} values", self.values.len()));
        for value in &self.values {
            let [train, validation, test] = value.splits.map(|count| count.to_string());
            table.row([
                value.value.clone(),
                value.artworks.to_string(),
                train,
                validation,
                test,
                if value.learnt {
                    "yes"
                } else {
                    "rare in training"
                }
                .to_owned(),
            ]);
        }
        table
    }
}

/// The number of an attribute such as `width="760"` in the first tag.
fn size(svg: &str, name: &str) -> usize {
    let tag = svg.split('>').next().unwrap_or_default();
    tag.split(&format!(" {name}=\""))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn number(count: usize) -> String {
    grouped(count as f64, 0)
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    format!("{:.1} %", 100.0 * part as f64 / whole as f64)
}

/// A label cut or filled to [`LABEL_WIDTH`] characters.
fn fitted(label: &str) -> String {
    if label.chars().count() > LABEL_WIDTH {
        let start: String = label.chars().take(LABEL_WIDTH - 1).collect();
        format!("{start}…")
    } else {
        format!("{label:<LABEL_WIDTH$}")
    }
}

fn bar(count: usize, largest: usize) -> String {
    let eighths = (count * BAR_WIDTH * 8).div_ceil(largest.max(1));
    let mut bar: String = std::iter::repeat_n('█', eighths / 8).collect();
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8]);
    }
    bar
}

fn title(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        assert_eq!(bar(8, 8).chars().count(), BAR_WIDTH);
        assert_eq!(bar(4, 8).chars().count(), BAR_WIDTH / 2);
        assert_eq!(bar(1, 100_000), "▏");
        assert_eq!(bar(0, 8), "");
    }

    #[test]
    fn labels_fit_their_column() {
        for label in ["", "Dürer", &"é".repeat(80)] {
            assert_eq!(fitted(label).chars().count(), LABEL_WIDTH);
        }
    }
}
