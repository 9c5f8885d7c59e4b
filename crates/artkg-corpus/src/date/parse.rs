//! From the tokens of a written date to a range of years.

use super::context::{
    Era, completed, counts_centuries, direct_era, era_after, is_century, joined, ordinal_part,
    parts_named, starts_early_range,
};
use super::part::Part;
use super::range::YearRange;
use super::tokens::{Token, normalise, tokens};
use super::words::Meaning;

/// Years that no date of an artwork lies beyond.
const LATEST_YEAR: i32 = 2100;

/// How far `after 1600` and `before 1600` reach, in years.
const OPEN_REACH: i32 = 10;

/// How far `c. 1600` reaches to each side, in years.
const CIRCA_REACH: i32 = 5;

/// What was read from a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateReading {
    /// The years.
    pub range: YearRange,
    /// Whether the text may well mean something else.
    pub doubtful: bool,
}

/// The years that `text` names, or `None` when it names none.
///
/// Commas, semicolons and brackets cut the text into notes; a note about a
/// later state (`printed 1977`) counts only where there is no other, one whose
/// years are bare numbers below 1000 (`plate 155`) likewise, and of several
/// (`Edo period (1615-1868), c. 1830`) the narrowest counts.
pub(super) fn parse(text: &str) -> Option<DateReading> {
    let text = normalise(text);
    let mut notes: Vec<Reading> = text
        .split([',', ';', '(', ')', '[', ']', ':'])
        .filter_map(|note| Note::default().read(&tokens(note)))
        .collect();
    for is_lesser in [
        |note: &Reading| note.later_state,
        |note: &Reading| note.bare,
    ] {
        if notes.iter().any(|note| !is_lesser(note)) {
            notes.retain(|note| !is_lesser(note));
        }
    }
    let narrowest = notes.into_iter().min_by_key(|note| note.range.years())?;
    Some(DateReading {
        range: narrowest.range,
        doubtful: narrowest.doubtful,
    })
}

/// What one note says.
struct Reading {
    range: YearRange,
    /// It tells of a later state of the work.
    later_state: bool,
    /// Its years are bare numbers below 1000: they may count something else.
    bare: bool,
    doubtful: bool,
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
    /// A decade's first year follows.
    decade: bool,
    /// The last item was a plain year that `-06` can complete.
    completes: Option<i32>,
    /// The year found last is one that `after` opened.
    opened: Option<i32>,
    /// A year was more than a bare number below 1000.
    sound: bool,
    doubtful: bool,
}

impl Note {
    fn read(mut self, tokens: &[Token]) -> Option<Reading> {
        let about_centuries = (0..tokens.len()).any(|index| is_century(tokens, index));
        let mut index = 0;
        while index < tokens.len() {
            index += self.step(tokens, index, about_centuries);
        }
        let range = self
            .found
            .filter(|range| range.from <= range.to && range.to <= LATEST_YEAR)?;
        let has_other_words = tokens.contains(&Token::Other);
        Some(Reading {
            range,
            later_state: tokens.contains(&Token::Word(Meaning::LaterState)),
            bare: !self.sound,
            doubtful: self.doubtful || !self.sound && has_other_words,
        })
    }

    /// Reads the token at `index`; returns how many tokens were used.
    fn step(&mut self, tokens: &[Token], index: usize, about_centuries: bool) -> usize {
        match tokens[index] {
            Token::Word(meaning) => return self.word(meaning, tokens, index),
            Token::C => self.circa |= !is_century(tokens, index),
            Token::Ordinal { value, .. } | Token::Roman(value) => {
                if let Some(part) = ordinal_part(value, tokens, index) {
                    self.parts.extend(part);
                    return 2;
                }
                if about_centuries {
                    self.century(value, era_after(tokens, index));
                }
            }
            Token::Plural { value, digits } => self.plural(value, digits),
            Token::Number { value, digits } => return self.number(value, digits, tokens, index),
            Token::S | Token::Other | Token::Dash | Token::Slash => {}
        }
        1
    }

    fn word(&mut self, meaning: Meaning, tokens: &[Token], index: usize) -> usize {
        let negated = index > 0 && tokens[index - 1] == Token::Word(Meaning::Not);
        match meaning {
            Meaning::Early => self.parts.push(Part::EARLY),
            Meaning::Middle => self.parts.push(Part::MIDDLE),
            Meaning::Late => self.parts.push(Part::LATE),
            Meaning::Last => {
                if let Some(of) = parts_named(tokens, index + 1) {
                    self.parts.push(Part::new(of - 1, of, of));
                    return 2;
                }
            }
            Meaning::Circa => self.circa = true,
            // `not before 1920` is a bound ahead, `not after 1920` one behind.
            Meaning::After if negated => self.bound = Some(Bound::Before),
            Meaning::Before if negated => self.bound = Some(Bound::After),
            Meaning::After => self.bound = Some(Bound::After),
            Meaning::Before => self.bound = Some(Bound::Before),
            Meaning::Until => match self.opened.take() {
                // `from 1640 until 1645`.
                Some(year) => self.found = Some(YearRange::new(year, year)),
                None if self.found.is_none() => self.bound = Some(Bound::Before),
                None => {}
            },
            Meaning::Earlier if negated => self.bound = Some(Bound::After),
            Meaning::Later if negated => self.bound = Some(Bound::Before),
            // `1920 or earlier`.
            Meaning::Earlier => self.reach(-OPEN_REACH),
            Meaning::Later | Meaning::Onwards => self.reach(OPEN_REACH),
            Meaning::DecadesOf | Meaning::Part(10) => self.decade = true,
            Meaning::Not | Meaning::Numbered => {
                // `No. 155`, `model 600`.
                if let Some(Token::Number { digits: ..=3, .. }) = tokens.get(index + 1) {
                    return 2;
                }
            }
            Meaning::Century
            | Meaning::Part(_)
            | Meaning::Ordinal(_)
            | Meaning::BeforeChrist
            | Meaning::AfterChrist
            | Meaning::LaterState => {}
        }
        1
    }

    fn number(&mut self, value: i32, digits: usize, tokens: &[Token], index: usize) -> usize {
        if counts_centuries(value, digits, tokens, index) {
            self.century(value, era_after(tokens, index));
            return 1;
        }
        if digits <= 2
            && let Some(part) = ordinal_part(value, tokens, index)
        {
            // `2. Hälfte`.
            self.parts.extend(part);
            return 2;
        }
        let era = direct_era(tokens, index);
        if let (Some(start), true) = (self.completes, digits <= 2 && era.is_none()) {
            if joined(tokens, index) {
                self.add(YearRange::new(start, completed(start, value, digits)));
                self.completes = None;
            }
            return 1;
        }
        if digits < 3 && era.is_none() && !starts_early_range(tokens, index) {
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
            self.sound |= digits > 3;
            self.year(value);
            return 5;
        }
        self.sound |= digits > 3 || era.is_some() || self.circa || self.bound.is_some();
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
            None if index == 1 && tokens[0] == Token::Dash => {
                // `-500` is a year before Christ, unless somebody means `until 500`.
                self.doubtful = true;
                self.year(-value);
                self.completes = None;
            }
            _ if std::mem::take(&mut self.decade) && digits > 3 && value % 10 == 0 => {
                self.stretch(value, 10);
            }
            _ => self.year(value),
        }
        1
    }

    fn year(&mut self, year: i32) {
        let circa = std::mem::take(&mut self.circa);
        let bound = self.bound.take();
        let range = match bound {
            Some(Bound::After) => YearRange::new(year, year + OPEN_REACH),
            Some(Bound::Before) => YearRange::new(year - OPEN_REACH, year),
            None if circa => YearRange::new(year - CIRCA_REACH, year + CIRCA_REACH),
            None => YearRange::new(year, year),
        };
        self.parts.clear();
        self.add(range);
        self.completes = (year > 0).then_some(year);
        self.opened = (bound == Some(Bound::After)).then_some(year);
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
        self.sound = true;
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

    /// Moves the end of what was found on, or its start back.
    fn reach(&mut self, years: i32) {
        if let Some(found) = &mut self.found {
            found.from += years.min(0);
            found.to += years.max(0);
        }
    }
}
