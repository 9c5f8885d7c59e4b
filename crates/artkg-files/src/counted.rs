/// A number of things in words: `1 image`, `2 images`.
pub fn counted(count: usize, thing: &str) -> String {
    match (count, thing) {
        (1, _) => format!("1 {thing}"),
        (_, "class") => format!("{count} classes"),
        (_, "person") => format!("{count} people"),
        (_, "canvas") => format!("{count} canvases"),
        (_, "vertex") => format!("{count} vertices"),
        _ => format!("{count} {thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_no_plural() {
        assert_eq!(counted(0, "image"), "0 images");
        assert_eq!(counted(1, "image"), "1 image");
        assert_eq!(counted(12, "image"), "12 images");
        assert_eq!(counted(2, "class"), "2 classes");
    }
}
