use crate::table::Table;
use crate::text::escape;

/// A key figure at the top of a section.
#[derive(Debug, Clone)]
pub struct Card {
    /// What is measured.
    pub label: String,
    /// The figure.
    pub value: String,
    /// A remark in small print; may be empty.
    pub detail: String,
}

impl Card {
    /// A key figure with a remark, which may be empty.
    pub fn new(
        label: impl Into<String>,
        value: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            detail: detail.into(),
        }
    }
}

/// A JPEG or PNG with words below it.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The file's contents.
    pub file: Vec<u8>,
    /// The words below, in one line each; the first stands out and describes the
    /// picture to those who can't see it.
    pub lines: Vec<String>,
}

impl Picture {
    fn render(&self) -> String {
        use base64::Engine;
        let kind = match self.file.first() {
            Some(0x89) => "png",
            _ => "jpeg",
        };
        let data = base64::engine::general_purpose::STANDARD.encode(&self.file);
        let first = self.lines.first().map(|line| escape(line));
        let first = first.unwrap_or_default();
        let rest: String = self
            .lines
            .iter()
            .skip(1)
            .map(|line| format!("<br>{}", escape(line)))
            .collect();
        format!(
            "<figure><img src=\"data:image/{kind};base64,{data}\" alt=\"{first}\">\
             <figcaption><b>{first}</b>{rest}</figcaption></figure>\n"
        )
    }
}

/// A part of a chain of things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// One of the things: what it is, and its name.
    Thing(String, String),
    /// What joins the thing before to the one behind, such as `—painted→`.
    Tie(String),
}

/// An HTML page in one file: no network, no scripts, all text escaped. What is
/// added shows in the order of the calls.
#[derive(Debug, Clone)]
pub struct Page {
    title: String,
    subtitle: String,
    note: String,
    body: String,
    section_open: bool,
}

/// What tells our pages from those of others.
const MARK: &str = "<meta name=\"generator\" content=\"artkg\">";

const STYLE: &str = include_str!("page.css");

impl Page {
    /// A page with a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subtitle: String::new(),
            note: String::new(),
            body: String::new(),
            section_open: false,
        }
    }

    /// Whether a file that begins like this is a page of ours.
    pub fn is_file(beginning: &[u8]) -> bool {
        let mark = MARK.as_bytes();
        beginning.starts_with(b"<!DOCTYPE html>")
            && beginning.windows(mark.len()).any(|part| part == mark)
    }

    /// Sets the line below the title.
    pub fn subtitle(&mut self, text: impl Into<String>) -> &mut Self {
        self.subtitle = text.into();
        self
    }

    /// Sets the banner above everything, such as "Synthetic data".
    pub fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.note = text.into();
        self
    }

    /// Starts a section.
    pub fn section(&mut self, heading: &str) -> &mut Self {
        self.close_section();
        self.section_open = true;
        self.body
            .push_str(&format!("<section>\n<h2>{}</h2>\n", escape(heading)));
        self
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, text: &str) -> &mut Self {
        self.body.push_str(&format!("<p>{}</p>\n", escape(text)));
        self
    }

    /// Adds a sentence that stands out.
    pub fn remark(&mut self, text: &str) -> &mut Self {
        let text = escape(text);
        self.body
            .push_str(&format!("<p class=\"note\" role=\"note\">{text}</p>\n"));
        self
    }

    /// Adds a chain of things in one line, which breaks where it is too long.
    pub fn chain(&mut self, links: &[Link]) -> &mut Self {
        self.body.push_str("<ol class=\"chain\">\n");
        for link in links {
            let item = match link {
                Link::Thing(kind, name) => format!(
                    "<li><span class=\"kind\">{}</span> {}</li>\n",
                    escape(kind),
                    escape(name)
                ),
                Link::Tie(relation) => format!("<li class=\"tie\">{}</li>\n", escape(relation)),
            };
            self.body.push_str(&item);
        }
        self.body.push_str("</ol>\n");
        self
    }

    /// Adds a row of key figures.
    pub fn cards(&mut self, cards: &[Card]) -> &mut Self {
        self.body.push_str("<dl class=\"cards\">\n");
        for card in cards {
            self.body.push_str(&format!(
                "<div><dt>{}</dt><dd>{}</dd>",
                escape(&card.label),
                escape(&card.value)
            ));
            if !card.detail.is_empty() {
                let detail = escape(&card.detail);
                self.body
                    .push_str(&format!("<dd class=\"detail\">{detail}</dd>"));
            }
            self.body.push_str("</div>\n");
        }
        self.body.push_str("</dl>\n");
        self
    }

    /// Adds a table.
    pub fn table(&mut self, table: &Table) -> &mut Self {
        self.body.push_str(&table.render());
        self
    }

    /// Adds a chart with a caption and a description for those who can't see
    /// it. `svg` must come from this crate's charts: it is not escaped.
    pub fn figure(&mut self, svg: &str, caption: &str, description: &str) -> &mut Self {
        self.body.push_str(&format!(
            "<figure>\n<div role=\"img\" aria-label=\"{}\">\n{svg}</div>\n",
            escape(description)
        ));
        if !caption.is_empty() {
            let caption = escape(caption);
            self.body
                .push_str(&format!("<figcaption>{caption}</figcaption>\n"));
        }
        self.body.push_str("</figure>\n");
        self
    }

    /// Adds pictures side by side; they become part of the page.
    pub fn pictures(&mut self, pictures: &[Picture]) -> &mut Self {
        let pictures: String = pictures.iter().map(Picture::render).collect();
        self.body
            .push_str(&format!("<div class=\"pictures\">\n{pictures}</div>\n"));
        self
    }

    /// The finished page.
    pub fn render(&self) -> String {
        let title = escape(&self.title);
        let note = match self.note.is_empty() {
            true => String::new(),
            false => format!(
                "<p class=\"note\" role=\"note\">{}</p>\n",
                escape(&self.note)
            ),
        };
        let subtitle = match self.subtitle.is_empty() {
            true => String::new(),
            false => format!("<p class=\"subtitle\">{}</p>\n", escape(&self.subtitle)),
        };
        let body = &self.body;
        let end = if self.section_open {
            "</section>\n"
        } else {
            ""
        };
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             {MARK}\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
             {note}<header>\n<h1>{title}</h1>\n{subtitle}</header>\n{body}{end}\
             </main>\n</body>\n</html>\n"
        )
    }

    fn close_section(&mut self) {
        if self.section_open {
            self.body.push_str("</section>\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_part_of_the_page() {
        let mut page = Page::new("found");
        page.section("Found").pictures(&[Picture {
            file: vec![0x89, b'P', b'N', b'G'],
            lines: vec!["A \"harbour\"".to_owned(), "1 < 2".to_owned()],
        }]);
        let html = page.render();
        assert!(html.contains("src=\"data:image/png;base64,iVBORw==\""));
        assert!(html.contains("alt=\"A &quot;harbour&quot;\""), "{html}");
        assert!(html.contains("<br>1 &lt; 2"));
    }

    #[test]
    fn chains_are_lists() {
        let mut page = Page::new("tied");
        page.section("Ties").remark("a < b").chain(&[
            Link::Thing("author".to_owned(), "GOYA".to_owned()),
            Link::Tie("—belongs_to→".to_owned()),
            Link::Thing("school".to_owned(), "<Spanish>".to_owned()),
        ]);
        let html = page.render();
        assert!(html.contains("<p class=\"note\" role=\"note\">a &lt; b</p>"));
        assert!(html.contains("<li><span class=\"kind\">school</span> &lt;Spanish&gt;</li>"));
        assert!(
            html.contains("<li class=\"tie\">—belongs_to→</li>"),
            "{html}"
        );
    }

    use crate::bar::{BarChart, bar_chart};

    #[test]
    fn a_page_is_whole_escaped_and_needs_no_network() {
        let mut page = Page::new("Report of <run>");
        page.note("Synthetic data").subtitle("a & b");
        page.section("First").paragraph("1 < 2");
        page.cards(&[Card::new("type", ".655", "15 classes")]);
        let chart = BarChart::new("Bars", vec![("a".into(), 1.0)]);
        page.figure(&bar_chart(&chart).unwrap(), "caption", "one \"bar\"");
        page.section("Second")
            .table(Table::new().text_column("x").row(["y"]));
        let html = page.render();
        assert!(Page::is_file(html.as_bytes()));
        assert!(!Page::is_file(
            b"<!DOCTYPE html>\n<html><head><title>Mine</title>"
        ));
        assert!(html.contains("<title>Report of &lt;run&gt;</title>"));
        assert!(html.contains("<p>1 &lt; 2</p>"));
        assert!(html.contains("aria-label=\"one &quot;bar&quot;\""));
        for tag in [
            "section", "main", "figure", "table", "svg", "dl", "body", "html",
        ] {
            let opened = html.matches(&format!("<{tag}>")).count()
                + html.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
            assert!(opened > 0, "{tag}");
        }
        let links = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!links.contains("http") && !links.contains("<script"));
    }
}
