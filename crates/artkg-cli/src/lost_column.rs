use artkg_corpus::LostColumn;
use artkg_files::counted;

/// What was lost and how to get it.
pub(crate) fn lost_column(lost: &LostColumn) -> String {
    let ours = &lost.column;
    let why = match lost.from.as_slice() {
        [] => "the source has no column for it that is known".to_owned(),
        from => format!("`{}` is empty", from.join("`, `")),
    };
    let way_out = match &lost.candidate {
        Some(candidate) => {
            let theirs = &candidate.column;
            format!(
                "`{theirs}` holds {}: take it with `--column '{ours}={theirs}'`",
                counted(candidate.filled, "value")
            )
        }
        None => format!("if one holds it, name that with `--column '{ours}=THEIRS'`"),
    };
    format!("no artwork has a value for {ours}: {why}; {way_out}")
}

#[cfg(test)]
mod tests {
    use artkg_corpus::UnusedColumn;

    use super::*;

    #[test]
    fn lost_columns_come_with_the_way_out() {
        let mut lost = LostColumn {
            column: "author".into(),
            from: Vec::new(),
            candidate: Some(UnusedColumn {
                column: "Artist Preferred Name".into(),
                filled: 120,
                kept_as: None,
            }),
        };
        let text = lost_column(&lost);
        assert!(
            text.contains("`Artist Preferred Name` holds 120 values"),
            "{text}"
        );
        assert!(
            text.contains("`--column 'author=Artist Preferred Name'`"),
            "{text}"
        );
        lost.from = vec!["Artist".into()];
        lost.candidate = None;
        let text = lost_column(&lost);
        assert!(text.contains("`Artist` is empty; if one"), "{text}");
    }
}
