use serde::{Deserialize, Serialize};

const ENGLISH: &str = include_str!("stop_words_english.txt");

/// A list of words that say nothing about a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StopWords {
    /// Articles, pronouns, prepositions and the like.
    English,
    /// Every word counts.
    #[default]
    None,
}

impl StopWords {
    /// The words of the list, in lower case.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let list = match self {
            Self::English => ENGLISH,
            Self::None => "",
        };
        list.split_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_lower_case_without_repetitions() {
        let words: Vec<&str> = StopWords::English.words().collect();
        let mut distinct = words.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(words.len(), distinct.len());
        assert!(words.iter().all(|word| word.to_lowercase() == *word));
        assert!(words.contains(&"the") && !words.contains(&"ship"));
        assert_eq!(StopWords::None.words().count(), 0);
    }
}
