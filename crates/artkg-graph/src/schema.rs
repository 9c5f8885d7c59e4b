mod facts;

use std::collections::BTreeMap;
use std::path::Path;

use artkg_corpus::Qualifier;
use artkg_files::words::StopWords;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::schema_fault::SchemaFault;

pub use facts::{Fact, FactsOf};

const BUILT_IN: &str = include_str!("../../../graph/schema.toml");
const VERSION: u32 = 1;
/// The kind of the nodes that stand for works, as the shipped schema names it;
/// vectors that came from no graph use it too.
pub const ARTWORK_KIND: &str = "artwork";
/// The longest n-gram that keyword extraction stores compactly.
pub(crate) const LONGEST_NGRAM: usize = 3;

/// What nodes and edges a corpus gives: `graph/schema.toml`.
#[derive(Clone, Debug)]
pub struct Schema {
    content: Content,
    text: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    artwork: ArtworkNode,
    #[serde(rename = "attribute", default)]
    attributes: Vec<AttributeNode>,
    #[serde(rename = "link", default)]
    links: Vec<Link>,
    #[serde(default)]
    technique: Technique,
    facts: Option<FactsOf>,
    #[serde(rename = "fact", default)]
    fact: Vec<Fact>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArtworkNode {
    kind: String,
}

/// A node kind that a column of the corpus feeds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeNode {
    /// The node kind.
    pub kind: String,
    /// The relation from an artwork to such a node.
    pub relation: String,
    /// The column of `artworks.csv`.
    pub column: String,
    /// How a cell becomes node names.
    pub extract: Extract,
    /// Makers: the relation for each qualifier. Qualified makers without one are
    /// left out.
    #[serde(default)]
    pub qualified: BTreeMap<Qualifier, String>,
    /// Whether nothing is amiss where no artwork has a value.
    #[serde(default)]
    pub optional: bool,
    /// Keywords: the most words an n-gram has, 1 to 3 (the default).
    pub longest: Option<usize>,
    /// Keywords: in how many artworks a keyword must occur; 1 when not given.
    pub minimum_count: Option<u32>,
    /// Keywords: the list of words left out; English when not given.
    pub stop_words: Option<StopWords>,
    /// Keywords: further words left out, such as `detail`.
    pub ignore: Option<Vec<String>>,
}

/// How a cell becomes node names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extract {
    /// The cell's values, split at `|`.
    Value,
    /// The makers of the work: those of the column `makers`, or else the cell's values.
    Maker,
    /// The material of a technique: `oil` of "Oil on canvas".
    Material,
    /// The support of a technique: `canvas` of "Oil on canvas".
    Support,
    /// N-grams of the words of a text.
    Keywords,
}

/// An edge between two attribute nodes of the same artwork.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The kind of the edge's source.
    pub from: String,
    /// The relation's name.
    pub relation: String,
    /// The kind of the edge's target.
    pub to: String,
}

/// What technique extraction needs to know.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Technique {
    /// Words that name a support rather than a material, in lower case.
    pub supports: Vec<String>,
}

impl Schema {
    /// The schema that artkg ships: `graph/schema.toml`.
    ///
    /// # Errors
    /// Never, unless the shipped file itself is wrong, which a test rules out.
    pub fn built_in() -> Result<Self> {
        Self::parse(BUILT_IN, "built in")
    }

    /// Reads a schema file.
    ///
    /// # Errors
    /// A file that cannot be read, is not valid TOML, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&artkg_files::read_text(path)?, &path.display().to_string())
    }

    /// Reads a schema from text; `origin` names it in errors.
    ///
    /// # Errors
    /// Text that is not valid TOML, or a schema that contradicts itself.
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let fail = |fault: SchemaFault| Error::Schema {
            origin: origin.to_owned(),
            fault: Box::new(fault),
        };
        let content: Content =
            toml::from_str(text).map_err(|error| fail(SchemaFault::Toml(error)))?;
        content.check().map_err(fail)?;
        Ok(Self {
            content,
            text: text.to_owned(),
        })
    }

    /// The node kind of artworks.
    pub fn artwork_kind(&self) -> &str {
        &self.content.artwork.kind
    }

    /// The attributes in the schema's order.
    pub fn attributes(&self) -> &[AttributeNode] {
        &self.content.attributes
    }

    /// The links between attributes.
    pub fn links(&self) -> &[Link] {
        &self.content.links
    }

    /// Whom tables of facts are about, if they are read.
    pub fn facts_of(&self) -> Option<&FactsOf> {
        self.content.facts.as_ref()
    }

    /// What the columns of tables of facts become.
    pub fn facts(&self) -> &[Fact] {
        &self.content.fact
    }

    /// What technique extraction needs to know.
    pub fn technique(&self) -> &Technique {
        &self.content.technique
    }

    /// A short checksum of the schema's text, for provenance.
    pub fn checksum(&self) -> String {
        format!("{:08x}", crc32fast::hash(self.text.as_bytes()))
    }
}

impl Content {
    fn check(&self) -> std::result::Result<(), SchemaFault> {
        if self.version != VERSION {
            return Err(SchemaFault::Version {
                found: self.version,
                supported: VERSION,
            });
        }
        check_name("kind", &self.artwork.kind)?;
        if self.attributes.is_empty() {
            return Err(SchemaFault::NoAttribute);
        }
        for attribute in &self.attributes {
            attribute.check(&self.artwork.kind)?;
        }
        for link in &self.links {
            check_name("relation", &link.relation)?;
            for kind in [&link.from, &link.to] {
                if !self.attributes.iter().any(|a| &a.kind == kind) {
                    return Err(SchemaFault::UnknownKind {
                        link: link.relation.clone(),
                        kind: kind.clone(),
                        known: self.attributes.iter().map(|a| a.kind.clone()).collect(),
                    });
                }
            }
            if link.from == link.to {
                return Err(SchemaFault::LinkToItself {
                    link: link.relation.clone(),
                    kind: link.from.clone(),
                });
            }
        }
        self.check_facts()
    }

    fn check_facts(&self) -> std::result::Result<(), SchemaFault> {
        let Some(facts) = &self.facts else {
            return match self.fact.first() {
                Some(fact) => Err(SchemaFault::FactsOfNobody {
                    relation: fact.relation.clone(),
                }),
                None => Ok(()),
            };
        };
        check_name("kind", &facts.others)?;
        let of_works = |kind: &str| self.attributes.iter().any(|a| a.kind == kind);
        if !of_works(&facts.kind) || facts.kind == facts.others {
            return Err(SchemaFault::FactsKind {
                kind: facts.kind.clone(),
                known: self.attributes.iter().map(|a| a.kind.clone()).collect(),
            });
        }
        for fact in &self.fact {
            check_name("kind", &fact.to)?;
            check_name("relation", &fact.relation)?;
            // What the graph of the works says has to stay what the works say.
            let is_of_works = of_works(&fact.to) && fact.to != facts.kind;
            if fact.to == self.artwork.kind || is_of_works {
                return Err(SchemaFault::FactOfWorks {
                    relation: fact.relation.clone(),
                    kind: fact.to.clone(),
                });
            }
            if fact.columns.is_empty() {
                return Err(SchemaFault::FactWithoutColumn {
                    relation: fact.relation.clone(),
                });
            }
        }
        Ok(())
    }
}

impl AttributeNode {
    fn check(&self, artwork_kind: &str) -> std::result::Result<(), SchemaFault> {
        check_name("kind", &self.kind)?;
        check_name("relation", &self.relation)?;
        let kind = self.kind.clone();
        if self.column.trim().is_empty() {
            return Err(SchemaFault::NoColumn { kind });
        }
        if self.kind == artwork_kind {
            return Err(SchemaFault::ArtworkKind { kind });
        }
        let keyword_options = [
            ("longest", self.longest.is_some()),
            ("minimum_count", self.minimum_count.is_some()),
            ("stop_words", self.stop_words.is_some()),
            ("ignore", self.ignore.is_some()),
        ];
        if self.extract != Extract::Keywords
            && let Some((option, _)) = keyword_options.iter().find(|(_, given)| *given)
        {
            return Err(SchemaFault::KeywordsOnly { kind, option });
        }
        for relation in self.qualified.values() {
            check_name("relation", relation)?;
            if *relation == self.relation {
                return Err(SchemaFault::QualifiedAsAuthor {
                    kind,
                    relation: relation.clone(),
                });
            }
        }
        if self.extract != Extract::Maker && !self.qualified.is_empty() {
            return Err(SchemaFault::MakersOnly { kind });
        }
        if let Some(longest) = self.longest
            && !(1..=LONGEST_NGRAM).contains(&longest)
        {
            return Err(SchemaFault::Longest {
                kind,
                longest,
                most: LONGEST_NGRAM,
            });
        }
        Ok(())
    }
}

/// Kinds and relations become parts of `kind:name`, of IRIs and of CSV cells.
fn check_name(what: &'static str, name: &str) -> std::result::Result<(), SchemaFault> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if name.is_empty() || !name.chars().all(fits) {
        let name = name.to_owned();
        return Err(SchemaFault::Name { what, name });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(change: impl Fn(&str) -> String) -> String {
        let text = change(BUILT_IN);
        assert_ne!(text, BUILT_IN, "the change found its place");
        Schema::parse(&text, "test.toml").unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_schema_is_valid() {
        let schema = Schema::built_in().unwrap();
        let kinds: Vec<&str> = schema
            .attributes()
            .iter()
            .map(|a| a.kind.as_str())
            .collect();
        assert_eq!(
            kinds,
            [
                "author",
                "school",
                "timeframe",
                "type",
                "material",
                "support",
                "keyword",
                "subject"
            ]
        );
        let author = &schema.attributes()[0];
        assert_eq!(author.qualified.len(), Qualifier::ALL.len());
        for (qualifier, relation) in &author.qualified {
            assert_eq!(qualifier.name().replace(' ', "_"), *relation);
        }
        assert_eq!(schema.artwork_kind(), ARTWORK_KIND);
        assert_eq!(schema.links().len(), 1);
        assert_eq!(schema.checksum().len(), 8);
    }

    #[test]
    fn mistakes_are_named() {
        let unknown_kind = refusal(|text| text.replace("to = \"school\"", "to = \"scool\""));
        assert!(unknown_kind.contains("scool") && unknown_kind.contains("author, school"));
        let unknown_field = refusal(|text| text.replace("column = \"type\"", "colum = \"type\""));
        assert!(unknown_field.contains("colum") && unknown_field.contains("test.toml"));
        let version = refusal(|text| text.replace("version = 1", "version = 7"));
        assert!(version.contains("version 7"), "{version}");
        let longest = refusal(|text| text.replace("longest = 3", "longest = 4"));
        assert!(longest.contains("1 to 3"), "{longest}");
        let misplaced =
            refusal(|text| text.replace("extract = \"keywords\"", "extract = \"value\""));
        assert!(misplaced.contains("longest"), "{misplaced}");
        let qualified = refusal(|text| text.replace("extract = \"maker\"", "extract = \"value\""));
        assert!(
            qualified.contains("`author`") && qualified.contains("maker"),
            "{qualified}"
        );
        let same = refusal(|text| text.replace("\"attributed_to\"", "\"created_by\""));
        assert!(same.contains("created_by"), "{same}");
        let word = refusal(|text| text.replace("\"circle of\"", "\"cirle of\""));
        assert!(word.contains("cirle of"), "{word}");
        let fact = refusal(|text| text.replace("to = \"nationality\"", "to = \"school\""));
        assert!(
            fact.contains("of_nationality") && fact.contains("school"),
            "{fact}"
        );
        let nobody =
            refusal(|text| text.replace("kind = \"author\"\nothers", "kind = \"x\"\nothers"));
        assert!(nobody.contains("`x`"), "{nobody}");
        let space = refusal(|text| text.replace("\"of_school\"", "\"of school\""));
        assert!(space.contains("of school"), "{space}");
    }
}
