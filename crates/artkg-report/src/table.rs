use crate::text::escape;

/// A table of text and numbers.
#[derive(Debug, Clone, Default)]
pub struct Table {
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
    caption: Option<String>,
    summary: Option<String>,
}

impl Table {
    /// A table without columns; add them before the rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column of text, aligned left.
    pub fn text_column(mut self, name: impl Into<String>) -> Self {
        self.columns.push((name.into(), false));
        self
    }

    /// Adds a column of numbers, aligned right.
    pub fn number_column(mut self, name: impl Into<String>) -> Self {
        self.columns.push((name.into(), true));
        self
    }

    /// Says what the table shows.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// Folds the table away behind a line that opens it.
    pub fn collapsed(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// Adds a row. Missing cells stay empty, and cells beyond the last column
    /// are dropped.
    pub fn row<Cell: Into<String>>(&mut self, cells: impl IntoIterator<Item = Cell>) -> &mut Self {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
        self
    }

    pub(crate) fn render(&self) -> String {
        let class = |number: bool| if number { " class=\"number\"" } else { "" };
        let mut html = String::new();
        if let Some(summary) = &self.summary {
            html.push_str(&format!(
                "<details><summary>{}</summary>\n",
                escape(summary)
            ));
        }
        // Wide tables scroll by themselves, reachable by keyboard.
        html.push_str("<div class=\"scroll\" tabindex=\"0\">\n<table>\n");
        if let Some(caption) = &self.caption {
            html.push_str(&format!("<caption>{}</caption>\n", escape(caption)));
        }
        html.push_str("<thead><tr>");
        for (name, number) in &self.columns {
            let (class, name) = (class(*number), escape(name));
            html.push_str(&format!("<th scope=\"col\"{class}>{name}</th>"));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            for (index, (cell, (_, number))) in row.iter().zip(&self.columns).enumerate() {
                let (class, cell) = (class(*number), escape(cell));
                html.push_str(&match index {
                    0 => format!("<th scope=\"row\"{class}>{cell}</th>"),
                    _ => format!("<td{class}>{cell}</td>"),
                });
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody>\n</table>\n</div>\n");
        if self.summary.is_some() {
            html.push_str("</details>\n");
        }
        html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_escaped_aligned_and_padded() {
        let mut table = Table::new()
            .text_column("Class")
            .number_column("Works")
            .collapsed("per class");
        table.row(["<script>", "12"]).row(["short"]);
        let html = table.render();
        assert!(html.contains("<th scope=\"row\">&lt;script&gt;</th><td class=\"number\">12</td>"));
        assert!(html.contains("<th scope=\"row\">short</th><td class=\"number\"></td>"));
        assert!(html.starts_with("<details><summary>per class</summary>"));
        assert!(html.trim_end().ends_with("</details>"));
    }
}
