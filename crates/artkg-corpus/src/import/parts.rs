//! Columns that say more of another column's values: the roles, qualifiers and
//! identities of makers, the identities of subjects and others.

use super::columns::Column;
use super::part_names::{AUTHOR, QUALIFIER, ROLE, base};
use super::qualified::{set, set_makers};
use super::row::Row;
use super::values::Rewriter;
use crate::artwork::Artwork;
use crate::identity::{IDENTITY_COLUMN, Identity, identity_column, identity_value};
use crate::maker::{self, Maker};
use crate::problem::ProblemKind;
use crate::values::VALUE_SEPARATOR;

/// Whether an artwork has what one of our columns, or a part, feeds.
pub(super) fn is_filled(artwork: &Artwork, column: &str) -> bool {
    let has = |test: fn(&Maker) -> bool| artwork.makers().iter().any(test);
    match column {
        ROLE => has(|maker| maker.role.is_some()),
        QUALIFIER => has(|maker| maker.qualifier().is_some()),
        _ if base(column) == Some(AUTHOR) => has(|maker| !maker.identities.is_empty()),
        _ => artwork.cell(column).is_some(),
    }
}

/// The values of a cell, each at its place.
type Places = Vec<Option<String>>;

impl Row<'_> {
    /// Adds what the parts say to an artwork whose other columns are set.
    pub(super) fn add_parts(&mut self, artwork: &mut Artwork, rewriters: &[Rewriter]) {
        let source = self.source;
        if source.has_parts() || !artwork.values(AUTHOR).all(maker::is_plain) {
            self.add_makers(artwork, rewriters);
        }
        for column in source.columns.iter().filter(|column| column.is_part) {
            if column.name == IDENTITY_COLUMN {
                let mut identities = Vec::new();
                for (source, places) in self.part(IDENTITY_COLUMN, None, rewriters) {
                    for text in places.into_iter().flatten() {
                        self.add_identity(&mut identities, &text, source);
                    }
                }
                if !identities.is_empty() {
                    set(artwork, IDENTITY_COLUMN, &identity_value(&identities));
                }
            } else if let Some(base) = base(&column.name).filter(|base| *base != AUTHOR) {
                self.add_identities(artwork, base, rewriters);
            }
        }
    }

    /// Reads the qualifiers within the names of the makers and in columns of
    /// their own, with roles and identities.
    fn add_makers(&mut self, artwork: &mut Artwork, rewriters: &[Rewriter]) {
        let identity = identity_column(AUTHOR);
        let parts =
            [ROLE, QUALIFIER, &identity].map(|part| self.part(part, Some(AUTHOR), rewriters));
        let has_parts = !parts.iter().all(Vec::is_empty);
        let names = match has_parts {
            true => self.values(AUTHOR, rewriters),
            false => artwork
                .values(AUTHOR)
                .map(|name| Some(name.to_owned()))
                .collect(),
        };
        let [roles, qualifiers, identities] = parts;
        let count = names.len();
        let mut makers: Vec<Maker> = Vec::new();
        for (place, name) in names.into_iter().enumerate() {
            let Some(name) = name else { continue };
            let mut of_name = maker::read(&name);
            for (source, places) in &qualifiers {
                let Some(text) = at(places, place, count) else {
                    continue;
                };
                match maker::remark(text) {
                    Some(remark) => {
                        of_name = of_name
                            .into_iter()
                            .flat_map(|one| remark.apply(one))
                            .collect();
                    }
                    None => {
                        let message = format!("`{text}` qualifies no maker; it is passed over");
                        let column = self.source.stream.fields()[*source].clone();
                        self.note(ProblemKind::UnreadQualifier, Some(&column), message);
                    }
                }
            }
            let role = roles
                .iter()
                .find_map(|(_, places)| at(places, place, count));
            let mut known = Vec::new();
            for (source, places) in &identities {
                if places.len() == count
                    && let Some(text) = &places[place]
                {
                    self.add_identity(&mut known, text, *source);
                }
            }
            for mut maker in of_name {
                maker.role = role.map(str::to_owned);
                maker.identities.clone_from(&known);
                if !makers.contains(&maker) {
                    makers.push(maker);
                }
            }
        }
        for (source, places) in roles.iter().chain(&qualifiers) {
            self.check_length(*source, places.len(), count, places.len() == 1);
        }
        for (source, places) in &identities {
            self.check_length(*source, places.len(), count, false);
        }
        let is_plain = |maker: &Maker| *maker == Maker::named(maker.name.as_str());
        // A cell that says no more than names stays as it is.
        if has_parts && !makers.is_empty() || !makers.iter().all(is_plain) {
            set_makers(artwork, &makers);
        }
    }

    /// Sets a column with the identities of its values beside it.
    fn add_identities(&mut self, artwork: &mut Artwork, base: &str, rewriters: &[Rewriter]) {
        let column = identity_column(base);
        let parts = self.part(&column, Some(base), rewriters);
        if parts.is_empty() {
            return;
        }
        let values = self.values(base, rewriters);
        let count = values.len();
        let (mut texts, mut all): (Vec<String>, Vec<Vec<Identity>>) = (Vec::new(), Vec::new());
        for (place, value) in values.into_iter().enumerate() {
            let Some(value) = value.filter(|value| !texts.contains(value)) else {
                continue;
            };
            let mut identities = Vec::new();
            for (source, places) in &parts {
                if places.len() == count
                    && let Some(text) = &places[place]
                {
                    self.add_identity(&mut identities, text, *source);
                }
            }
            texts.push(value);
            all.push(identities);
        }
        for (source, places) in &parts {
            self.check_length(*source, places.len(), count, false);
        }
        if all.iter().any(|identities| !identities.is_empty()) {
            let separator = VALUE_SEPARATOR.to_string();
            let identities: Vec<String> = all.iter().map(|one| identity_value(one)).collect();
            set(artwork, base, &texts.join(&separator));
            set(artwork, &column, &identities.join(&separator));
        }
    }

    fn add_identity(&mut self, identities: &mut Vec<Identity>, text: &str, source: usize) {
        match Identity::parse(text) {
            Some(identity) if identities.contains(&identity) => {}
            Some(identity) => identities.push(identity),
            None => {
                let message =
                    format!("`{text}` is no address and no number of a known authority file");
                let column = self.source.stream.fields()[source].clone();
                self.note(ProblemKind::UnreadIdentity, Some(&column), message);
            }
        }
    }

    fn check_length(&mut self, source: usize, length: usize, count: usize, suits_all: bool) {
        if length == count || suits_all {
            return;
        }
        let message = format!(
            "{length} values beside {count}: it cannot be told which belong together, so these \
             are passed over"
        );
        let column = self.source.stream.fields()[source].clone();
        self.note(ProblemKind::UnequalLists, Some(&column), message);
    }

    fn with_rewriter<'a>(
        &'a self,
        name: &str,
        rewriters: &'a [Rewriter],
    ) -> Option<(&'a Column, &'a Rewriter)> {
        let mut columns = self.source.columns.iter().zip(rewriters);
        columns.find(|(column, _)| column.name == name)
    }

    /// What separates the values of a column.
    fn separator<'a>(&'a self, name: &str, rewriters: &'a [Rewriter]) -> Option<&'a str> {
        self.with_rewriter(name, rewriters)?.1.separator()
    }

    /// The values of a column at their places, from the first source with any.
    fn values(&self, name: &str, rewriters: &[Rewriter]) -> Places {
        let Some((column, rewriter)) = self.with_rewriter(name, rewriters) else {
            return Vec::new();
        };
        let sources = column.sources.iter();
        let places = sources.map(|field| self.places(*field, rewriter, BAR));
        let mut filled = places.filter(has_value);
        filled.next().unwrap_or_default()
    }

    /// The values of a part by its sources, those without any left out.
    fn part(&self, name: &str, base: Option<&str>, rewriters: &[Rewriter]) -> Vec<(usize, Places)> {
        let Some((column, rewriter)) = self.with_rewriter(name, rewriters) else {
            return Vec::new();
        };
        let separator = base
            .and_then(|base| self.separator(base, rewriters))
            .unwrap_or(BAR);
        let sources = column.sources.iter();
        sources
            .map(|field| (*field, self.places(*field, rewriter, separator)))
            .filter(|(_, places)| has_value(places))
            .collect()
    }

    /// The values of a field at their places: those of a list as they stand there, a
    /// single one told apart.
    fn places(&self, field: usize, rewriter: &Rewriter, separator: &str) -> Places {
        let values: Vec<_> = self.source.stream.values(field).collect();
        match values.as_slice() {
            [one] => rewriter.places(&one.text, separator),
            several => several
                .iter()
                .map(|value| rewriter.value(&value.text))
                .collect(),
        }
    }
}

/// What separates values where no rule says so.
const BAR: &str = "|";

fn has_value(places: &Places) -> bool {
    places.iter().any(Option::is_some)
}

/// The value that stands beside that at a place: a single one suits all.
fn at(places: &Places, place: usize, count: usize) -> Option<&str> {
    let place = match places.len() {
        length if length == count => place,
        1 => 0,
        _ => return None,
    };
    places[place].as_deref()
}
