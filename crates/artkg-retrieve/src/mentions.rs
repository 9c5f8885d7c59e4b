//! The classes that a free text names.

use artkg_vocabulary::Vocabulary;

/// The classes of `vocabulary` that `text` names, ascending: those whose whole
/// name it contains, and artists whose surname it contains, where no other class
/// has that surname. Case, accents and punctuation do not matter.
pub(crate) fn mentions(vocabulary: &Vocabulary, text: &str) -> Vec<usize> {
    let text = words(text);
    let names: Vec<Vec<String>> = vocabulary.classes.iter().map(|name| words(name)).collect();
    let surnames: Vec<Option<&String>> = vocabulary
        .classes
        .iter()
        .map(|name| surname(name))
        .zip(&names)
        .map(|(surname, words)| surname.and_then(|place| words.get(place)))
        .collect();
    let is_unique = |surname: &String| {
        surnames
            .iter()
            .flatten()
            .filter(|other| **other == surname)
            .count()
            == 1
    };
    (1..vocabulary.len())
        .filter(|&class| {
            let whole = contains(&text, &names[class]);
            let by_surname = surnames[class]
                .filter(|surname| surname.chars().count() > 2 && is_unique(surname))
                .is_some_and(|surname| text.contains(surname));
            whole || by_surname
        })
        .collect()
}

/// The place of the surname among the words of `BOTTICELLI, Sandro`; none for
/// names without a comma.
fn surname(name: &str) -> Option<usize> {
    let (before, _) = name.split_once(',')?;
    words(before).len().checked_sub(1)
}

/// Whether `text` has `name` as consecutive words.
fn contains(text: &[String], name: &[String]) -> bool {
    !name.is_empty() && text.windows(name.len()).any(|window| window == name)
}

/// The words of a text in lower case without accents.
fn words(text: &str) -> Vec<String> {
    use unicode_normalization::UnicodeNormalization;
    let plain: String = text
        .nfd()
        .filter(|character| !unicode_normalization::char::is_combining_mark(*character))
        .flat_map(char::to_lowercase)
        .collect();
    plain
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use artkg_vocabulary::Attribute;

    use super::*;

    fn named(attribute: Attribute, classes: &[&str], text: &str) -> Vec<String> {
        let vocabulary = Vocabulary {
            attribute,
            classes: std::iter::once(&"unknown")
                .chain(classes)
                .map(|class| (*class).to_owned())
                .collect(),
            minimum_count: 1,
        };
        mentions(&vocabulary, text)
            .into_iter()
            .map(|class| vocabulary.classes[class].clone())
            .collect()
    }

    #[test]
    fn whole_names_and_surnames_are_found() {
        let schools = ["Dutch", "German", "Italian"];
        let found = |text| named(Attribute::SCHOOL, &schools, text);
        assert_eq!(found("a harbour at dusk by a Dutch painter"), ["Dutch"]);
        assert!(found("Germany, unknown").is_empty());
        let painters = [
            "BRUEGEL, Jan the Elder",
            "BRUEGEL, Pieter",
            "DÜRER, Albrecht",
            "Goya",
        ];
        let found = |text| named(Attribute::AUTHOR, &painters, text);
        assert_eq!(found("a hare by Durer"), ["DÜRER, Albrecht"]);
        assert!(found("peasants by Bruegel").is_empty(), "there are two");
        assert_eq!(found("Bruegel, Pieter: peasants"), ["BRUEGEL, Pieter"]);
        assert_eq!(found("GOYA"), ["Goya"]);
    }

    #[test]
    fn periods_are_names_of_numbers() {
        let periods = ["1601-1650", "1651-1700"];
        let found = named(Attribute::TIMEFRAME, &periods, "a portrait of 1601-1650");
        assert_eq!(found, ["1601-1650"]);
    }
}
