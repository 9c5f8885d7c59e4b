//! From the tokens of a written date to a range of years.

use super::range::YearRange;
use super::tokens::{Token, normalise, tokens};

/// Years that no date of an artwork lies beyond.
const LATEST_YEAR: i32 = 2100;

/// How far `after 1600` and `before 1600` reach, in years.
const OPEN_REACH: i32 = 10;

/// How far `c. 1600` reaches to each side, in years.
const CIRCA_REACH: i32 = 5;

/// Words that start a note about a later state of the work.
const LATER_STATES: [&str; 17] = [
    "printed",
    "reprinted",
    "published",
    "republished",
    "cast",
    "recast",
    "reproduced",
    "manufactured",
    "enlarged",
    "reconstructed",
    "remade",
    "reworked",
    "exhibited",
    "replica",
    "editioned",
    "restored",
    "posthumous",
];

/// The years that `text` names, or `None` when it names none.
///
/// Commas, semicolons and brackets cut the text into notes; a note about a
/// later state (`printed 1977`) counts only where there is no other, and of
/// several (`Edo period (1615-1868), c. 1830`) the narrowest counts.
pub(super) fn parse(text: &str) -> Option<YearRange> {
    let text = normalise(text);
    let notes: Vec<(bool, YearRange)> = text
        .split([',', ';', '(', ')', '[', ']', ':'])
        .filter_map(|note| {
            let tokens = tokens(note);
            let later = tokens
                .iter()
                .any(|token| matches!(token, Token::Word(word) if LATER_STATES.contains(word)));
            Note::default().range(&tokens).map(|range| (later, range))
        })
        .collect();
    let first_states = notes.iter().any(|(later, _)| !later);
    notes
        .into_iter()
        .filter(|(later, _)| !(*later && first_states))
        .map(|(_, range)| range)
        .min_by_key(YearRange::years)
}

/// A stretch of a century or decade: parts `from` to `to` of `of`.
#[derive(Clone, Copy)]
struct Part {
    from: i32,
    to: i32,
    of: i32,
}

impl Part {
    const EARLY: Self = Self::new(0, 1, 3);
    const MIDDLE: Self = Self::new(1, 2, 3);
    const LATE: Self = Self::new(2, 3, 3);

    const fn new(from: i32, to: i32, of: i32) -> Self {
        Self { from, to, of }
    }

    fn slice(self, from: i32, years: i32) -> YearRange {
        YearRange {
            from: from + years * self.from / self.of,
            to: from + years * self.to / self.of - 1,
        }
    }
}

/// On which side of the named year the work was made.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    After,
    Before,
}

/// What was read of one note so far.
#[derive(Default)]
struct Note {
    found: Option<YearRange>,
    parts: Vec<Part>,
    circa: bool,
    bound: Option<Bound>,
    /// The last item was a plain year that `-06` can complete.
    completes: Option<i32>,
}

impl Note {
    fn range(mut self, tokens: &[Token<'_>]) -> Option<YearRange> {
        let about_centuries = (0..tokens.len()).any(|index| is_century_word(tokens, index));
        let mut index = 0;
        while index < tokens.len() {
            index += self.step(tokens, index, about_centuries);
        }
        self.found
            .filter(|range| range.from <= range.to && range.to <= LATEST_YEAR)
    }

    /// Reads the token at `index`; returns how many tokens were used.
    fn step(&mut self, tokens: &[Token<'_>], index: usize, about_centuries: bool) -> usize {
        let next = tokens.get(index + 1).copied();
        match tokens[index] {
            Token::Word(word) => return self.word(word, tokens, index),
            Token::Ordinal(count) => match next {
                Some(Token::Word(word)) if divisor(word).is_some() => {
                    let of = divisor(word).unwrap_or(1);
                    if (1..=of).contains(&count) {
                        self.parts.push(Part::new(count - 1, count, of));
                    }
                    return 2;
                }
                _ if about_centuries => self.century(count, era_after(tokens, index)),
                _ => {}
            },
            Token::Plural { value, digits } => self.plural(value, digits),
            Token::Number { value, digits } => return self.number(value, digits, tokens, index),
            Token::Dash | Token::Slash => return 1,
        }
        1
    }

    fn word(&mut self, word: &str, tokens: &[Token<'_>], index: usize) -> usize {
        match word {
            "early" | "beginning" | "start" => self.parts.push(Part::EARLY),
            "mid" | "middle" => self.parts.push(Part::MIDDLE),
            "late" | "end" => self.parts.push(Part::LATE),
            "last" | "latter" => {
                if let Some(Token::Word(next)) = tokens.get(index + 1)
                    && let Some(of) = divisor(next)
                {
                    self.parts.push(Part::new(of - 1, of, of));
                    return 2;
                }
            }
            "c" | "ca" | "circa" | "about" | "around" | "approximately" | "probably" => {
                self.circa = true;
            }
            // `no earlier than 1920` is a bound ahead, `1920 or earlier` one behind.
            "after" | "post" => self.bound = Some(Bound::After),
            "before" | "until" | "by" | "pre" => self.bound = Some(Bound::Before),
            "earlier" | "later" => {
                let negated = index > 0 && matches!(tokens[index - 1], Token::Word("no" | "not"));
                match (negated, word) {
                    (true, "earlier") => self.bound = Some(Bound::After),
                    (true, _) => self.bound = Some(Bound::Before),
                    (false, "earlier") => self.reach_back(),
                    (false, _) => self.reach_forward(),
                }
            }
            "onwards" | "onward" => self.reach_forward(),
            _ => {}
        }
        1
    }

    fn number(&mut self, value: i32, digits: usize, tokens: &[Token<'_>], index: usize) -> usize {
        if is_century_word(tokens, index + 1) {
            self.century(value, era_after(tokens, index));
            return 1;
        }
        let era = direct_era(tokens, index);
        if let (Some(start), true) = (self.completes, digits <= 2 && era.is_none()) {
            if joined(tokens, index) {
                self.add(YearRange::new(start, completed(start, value, digits)));
                self.completes = None;
            }
            return 1;
        }
        if digits < 3 && era.is_none() && !joins_an_era(tokens, index) {
            // A day or a month.
            return 1;
        }
        if let [
            Token::Dash,
            Token::Number { digits: 1 | 2, .. },
            Token::Dash,
            Token::Number { digits: 1 | 2, .. },
            ..,
        ] = tokens.get(index + 1..).unwrap_or_default()
        {
            // 1889-05-31
            self.year(value);
            return 5;
        }
        match era {
            Some(Era::BeforeChrist) => {
                // `900-31 BC`: the era holds for both ends.
                if let Some(found) = &mut self.found
                    && joined(tokens, index)
                    && found.from > value
                {
                    *found = YearRange::new(-found.to, -found.from);
                }
                self.year(-value);
                self.completes = None;
            }
            _ => self.year(value),
        }
        1
    }

    fn year(&mut self, year: i32) {
        let circa = std::mem::take(&mut self.circa);
        let range = match self.bound.take() {
            Some(Bound::After) => YearRange::new(year, year + OPEN_REACH),
            Some(Bound::Before) => YearRange::new(year - OPEN_REACH, year),
            None if circa => YearRange::new(year - CIRCA_REACH, year + CIRCA_REACH),
            None => YearRange::new(year, year),
        };
        self.parts.clear();
        self.add(range);
        self.completes = (year > 0).then_some(year);
    }

    /// `1640s` is a decade. `1600s` is a century: it may mean the decade, but
    /// nobody can tell.
    fn plural(&mut self, value: i32, digits: usize) {
        let start = match self.completes {
            Some(start) if digits == 2 => start / 100 * 100 + value,
            _ if digits >= 3 => value,
            _ => return,
        };
        let years = if start % 100 == 0 && digits > 2 {
            100
        } else {
            10
        };
        self.stretch(start, years);
        self.completes = Some(start);
    }

    fn century(&mut self, century: i32, era: Option<Era>) {
        let start = match era {
            Some(Era::BeforeChrist) => -century * 100,
            _ => (century - 1) * 100 + 1,
        };
        self.stretch(start, 100);
        self.completes = None;
    }

    /// Adds `years` from `start`, or the parts of them that were named.
    fn stretch(&mut self, start: i32, years: i32) {
        self.circa = false;
        self.bound = None;
        let parts = std::mem::take(&mut self.parts);
        if parts.is_empty() {
            self.add(YearRange::new(start, start + years - 1));
        }
        for part in parts {
            self.add(part.slice(start, years));
        }
    }

    fn add(&mut self, range: YearRange) {
        self.found = Some(match self.found {
            Some(found) => found.union(range),
            None => range,
        });
    }

    fn reach_forward(&mut self) {
        if let Some(found) = &mut self.found {
            found.to += OPEN_REACH;
        }
    }

    fn reach_back(&mut self) {
        if let Some(found) = &mut self.found {
            found.from -= OPEN_REACH;
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Era {
    BeforeChrist,
    AfterChrist,
}

fn era(token: Option<&Token<'_>>) -> Option<Era> {
    match token {
        Some(Token::Word("bc" | "bce")) => Some(Era::BeforeChrist),
        Some(Token::Word("ad" | "ce")) => Some(Era::AfterChrist),
        _ => None,
    }
}

fn direct_era(tokens: &[Token<'_>], index: usize) -> Option<Era> {
    era(tokens.get(index + 1)).or_else(|| match index.checked_sub(1) {
        Some(before) if tokens[before] == Token::Word("ad") => Some(Era::AfterChrist),
        _ => None,
    })
}

/// The era of the century at `index`: in `5th-4th century BC` it comes last.
fn era_after(tokens: &[Token<'_>], index: usize) -> Option<Era> {
    tokens[index + 1..]
        .iter()
        .find_map(|token| era(Some(token)))
}

/// Whether a short number starts a range that ends with an era: `31-12 BC`.
fn joins_an_era(tokens: &[Token<'_>], index: usize) -> bool {
    matches!(
        tokens.get(index + 1..index + 3),
        Some([Token::Dash, Token::Number { .. }])
    ) && era(tokens.get(index + 3)) == Some(Era::BeforeChrist)
}

/// Whether a dash or slash stands right before `index`.
fn joined(tokens: &[Token<'_>], index: usize) -> bool {
    index > 0 && matches!(tokens[index - 1], Token::Dash | Token::Slash)
}

/// `1503-06` ends in 1506, `1598-02` in 1602.
fn completed(start: i32, value: i32, digits: usize) -> i32 {
    let unit = 10_i32.pow(digits as u32);
    let end = start / unit * unit + value;
    if end < start { end + unit } else { end }
}

/// How many parts the word cuts a century into.
fn divisor(word: &str) -> Option<i32> {
    match word {
        "half" => Some(2),
        "third" => Some(3),
        "quarter" => Some(4),
        "decade" => Some(10),
        _ => None,
    }
}

/// Whether the token says that the number before it counts centuries; `c` does
/// only right after an ordinal, else it means circa.
fn is_century_word(tokens: &[Token<'_>], index: usize) -> bool {
    match tokens.get(index) {
        Some(Token::Word("century" | "centuries" | "cent" | "jh" | "jahrhundert")) => true,
        Some(Token::Word("c")) => index > 0 && matches!(tokens[index - 1], Token::Ordinal(_)),
        _ => false,
    }
}
