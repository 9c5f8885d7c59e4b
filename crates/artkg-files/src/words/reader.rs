/// What a [`WordReader`] finds in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A run of two or more letters and digits, in lower case.
    Word(&'a str),
    /// Punctuation that separates phrases: any but hyphens and apostrophes.
    PhraseEnd,
}

/// Cuts texts into words.
///
/// A word is a run of two or more letters and digits of any script, in lower
/// case; these are the words of scikit-learn's vectorizers, the underscore aside,
/// which ends a word here. "Rembrandt's" is the word "rembrandt"; of "l'homme"
/// remains "homme".
#[derive(Debug, Default)]
pub struct WordReader {
    /// Kept from text to text for its buffer.
    word: String,
}

impl WordReader {
    /// Hands the words and phrase ends of `text` to `visit`, in order.
    pub fn read(&mut self, text: &str, mut visit: impl FnMut(Token<'_>)) {
        self.word.clear();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter.is_alphanumeric() {
                self.word.extend(letter.to_lowercase());
                continue;
            }
            let possessive =
                is_apostrophe(letter) && letters.peek().is_some_and(|&next| next == 's');
            self.end_word(&mut visit);
            if possessive {
                letters.next();
                if letters.peek().is_some_and(|next| next.is_alphanumeric()) {
                    self.word.push('s');
                }
            } else if !letter.is_whitespace() && letter != '-' && !is_apostrophe(letter) {
                visit(Token::PhraseEnd);
            }
        }
        self.end_word(&mut visit);
    }

    fn end_word(&mut self, visit: &mut impl FnMut(Token<'_>)) {
        if self.word.chars().nth(1).is_some() {
            visit(Token::Word(&self.word));
        }
        self.word.clear();
    }
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '‘' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> String {
        let mut found = Vec::new();
        WordReader::default().read(text, |token| {
            found.push(match token {
                Token::Word(word) => word.to_owned(),
                Token::PhraseEnd => "|".to_owned(),
            });
        });
        found.join(" ")
    }

    #[test]
    fn words_are_lower_case_runs_of_two_or_more_letters_and_digits() {
        assert_eq!(tokens("A Man, 1650; x2 y"), "man | 1650 | x2");
        assert_eq!(tokens("ÉGLISE à Čáslav 水車小屋"), "église čáslav 水車小屋");
        assert_eq!(tokens("  "), "");
    }

    #[test]
    fn hyphens_and_apostrophes_join_phrases() {
        assert_eq!(tokens("Rembrandt's still-life"), "rembrandt still life");
        assert_eq!(tokens("l'homme d’armes ‘sword’"), "homme armes sword");
        assert_eq!(tokens("(detail)"), "| detail |");
    }
}
