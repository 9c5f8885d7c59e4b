//! Splits a technique such as "Tempera and gold on poplar panel, 43 x 32 cm"
//! into materials (`tempera`, `gold`) and supports (`poplar panel`).

/// The parts of a technique, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Technique {
    /// What the work is made with.
    pub(crate) materials: Vec<String>,
    /// The surface that was worked on.
    pub(crate) supports: Vec<String>,
}

/// Words that begin a remark about the size, not the technique.
const SIZE_WORDS: [&str; 12] = [
    "diameter", "height", "width", "length", "depth", "size", "each", "overall", "oval", "circa",
    "about", "above",
];
/// Phrases after which the text tells what was later done to the support.
const LATER_TREATMENT: [&str; 12] = [
    " transferred ",
    " tranferred ",
    " laid ",
    " mounted ",
    " fixed ",
    " glued ",
    " pasted ",
    " stretched ",
    " covered ",
    " attached ",
    " on ",
    " with ",
];

/// Writes the segments of a technique that are no size, in lower case and joined
/// by commas, into `segments`.
///
/// There are few of these in a collection, and many sizes.
pub(crate) fn segments(text: &str, segments: &mut String) {
    segments.clear();
    let text = without_parentheses(text.to_lowercase());
    for segment in text.split([',', ';']) {
        let segment = segment.trim().trim_end_matches(['.', ':']).trim_end();
        if !segment.is_empty() && !is_size(segment) {
            if !segments.is_empty() {
                segments.push(',');
            }
            segments.push_str(segment);
        }
    }
}

/// Reads what [`segments`] wrote. `is_support` knows the words that name a support.
pub(crate) fn parse(segments: &str, is_support: impl Fn(&str) -> bool) -> Technique {
    let mut technique = Technique::default();
    let segments: Vec<&str> = segments
        .split(',')
        .filter(|segment| !segment.is_empty())
        .collect();
    // "Oil, gold, and silver on oak panel": the list before "on" has commas too.
    match segments
        .iter()
        .position(|segment| divide(segment).is_some())
    {
        Some(place) => {
            for segment in &segments[..place] {
                add_materials(segment, &mut technique.materials);
            }
            if let Some((materials, support)) = divide(segments[place]) {
                add_materials(materials, &mut technique.materials);
                add(original_support(support), &mut technique.supports);
            }
            for segment in &segments[place + 1..] {
                add_remark(segment, &mut technique.materials);
            }
        }
        None => {
            for (position, segment) in segments.iter().enumerate() {
                let last_word = segment.rsplit(' ').next().unwrap_or(segment);
                if position == 0 && is_support(last_word) {
                    add(original_support(segment), &mut technique.supports);
                } else if position == 0 {
                    add_materials(segment, &mut technique.materials);
                } else {
                    add_remark(segment, &mut technique.materials);
                }
            }
        }
    }
    technique
}

/// Splits "oil on canvas" or "fresco transferred to canvas" at its middle.
fn divide(segment: &str) -> Option<(&str, &str)> {
    let middle = [" on ", " onto ", " transferred to ", " tranferred to "]
        .iter()
        .filter_map(|word| segment.find(word).map(|at| (at, word.len())))
        .min()?;
    let (materials, support) = (&segment[..middle.0], &segment[middle.0 + middle.1..]);
    (!support.trim().is_empty()).then_some((materials, support))
}

/// "canvas transferred from wood" → "canvas".
fn original_support(text: &str) -> &str {
    // "prepared panel, ..." has been cut at commas already.
    let end = LATER_TREATMENT
        .iter()
        .filter_map(|phrase| text.find(phrase))
        .min()
        .unwrap_or(text.len());
    &text[..end]
}

/// "tempera and gold" → `tempera`, `gold`.
fn add_materials(text: &str, materials: &mut Vec<String>) {
    let padded = format!(" {text} ");
    for part in padded
        .split(" and ")
        .flat_map(|part| part.split(" with "))
        .flat_map(|part| part.split(['&', '+', '/']))
    {
        add(part, materials);
    }
}

/// What follows the support: "gold ground" is a material, "transferred from
/// wood" and "half life-size" are not.
fn add_remark(segment: &str, materials: &mut Vec<String>) {
    let padded = format!(" {segment} ");
    let treatment = LATER_TREATMENT.iter().any(|phrase| padded.contains(phrase));
    if !treatment && !segment.contains("size") {
        add_materials(segment, materials);
    }
}

fn add(part: &str, parts: &mut Vec<String>) {
    let name = part.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().any(char::is_alphabetic) && !parts.contains(&name) {
        parts.push(name);
    }
}

/// "105 x 184 cm", "diameter 43 cm", "x cm", "height c. 2 m".
fn is_size(segment: &str) -> bool {
    if segment.bytes().any(|letter| letter.is_ascii_digit()) {
        return true;
    }
    let first = segment
        .split(|letter: char| !letter.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let short = |word: &str| word.chars().filter(|letter| letter.is_alphabetic()).count() <= 2;
    SIZE_WORDS.contains(&first) || segment.split_whitespace().all(short)
}

fn without_parentheses(text: String) -> String {
    if !text.contains(['(', '[', ')', ']']) {
        return text;
    }
    let mut depth = 0usize;
    text.chars()
        .filter(|&letter| {
            match letter {
                '(' | '[' => depth += 1,
                ')' | ']' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let supports = ["canvas", "panel", "wood", "poplar", "oak", "copper"];
        let mut key = String::new();
        segments(text, &mut key);
        let technique = parse(&key, |word| supports.contains(&word));
        (technique.materials.join("|"), technique.supports.join("|"))
    }

    #[test]
    fn real_techniques_are_split() {
        for (text, materials, supports) in [
            ("Oil on canvas, 105 x 184 cm", "oil", "canvas"),
            ("Oil on wood, 48,8 x 40 cm", "oil", "wood"),
            (
                "Tempera and gold on poplar panel",
                "tempera|gold",
                "poplar panel",
            ),
            (
                "Oil, gold, and silver on linden panel, 5 x 7 in",
                "oil|gold|silver",
                "linden panel",
            ),
            (
                "Tempera on wood, gold ground, 125 x 53 cm",
                "tempera|gold ground",
                "wood",
            ),
            ("Fresco", "fresco", ""),
            ("Fresco, height c. 200 cm", "fresco", ""),
            ("Fresco transferred to canvas", "fresco", "canvas"),
            ("Panel, 57 x 42 cm", "", "panel"),
            ("Poplar panel", "", "poplar panel"),
            ("Oil on canvas transferred from wood", "oil", "canvas"),
            (
                "Tempera on canvas, transferred from wood",
                "tempera",
                "canvas",
            ),
            (
                "Oil on paper laid down on board, 36 x 44 cm",
                "oil",
                "paper",
            ),
            ("Oil on panel (arched), diameter 30 cm", "oil", "panel"),
            ("Oil on canvas, x cm", "oil", "canvas"),
            ("Marble, half life-size", "marble", ""),
            ("Tempera with gilding on wood", "tempera|gilding", "wood"),
            ("Oil on panel.", "oil", "panel"),
            ("Öl auf Leinwand, 40 × 50 cm", "öl auf leinwand", ""),
            ("-", "", ""),
            ("", "", ""),
            ("105 x 184 cm", "", ""),
        ] {
            assert_eq!(
                parts(text),
                (materials.to_owned(), supports.to_owned()),
                "{text}"
            );
        }
    }
}
