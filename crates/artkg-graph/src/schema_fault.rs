/// What is wrong with a schema.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SchemaFault {
    /// It is not TOML, or has another shape.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// It is of another version.
    #[error("version {found} is unknown; this artkg reads version {supported}")]
    Version {
        /// Its version.
        found: u32,
        /// The version that can be read.
        supported: u32,
    },
    /// It has no attribute.
    #[error("there is no [[attribute]], so artworks would have no edges")]
    NoAttribute,
    /// A link names a kind that no attribute has.
    #[error(
        "link `{link}` names the kind `{kind}`, which no [[attribute]] has; there are {}",
        known.join(", ")
    )]
    UnknownKind {
        /// The link's relation.
        link: String,
        /// The kind.
        kind: String,
        /// The attributes' kinds.
        known: Vec<String>,
    },
    /// A link joins a kind to itself.
    #[error("link `{link}` joins `{kind}` to itself")]
    LinkToItself {
        /// The link's relation.
        link: String,
        /// The kind.
        kind: String,
    },
    /// An attribute names no column.
    #[error("attribute `{kind}` has an empty column")]
    NoColumn {
        /// The attribute's kind.
        kind: String,
    },
    /// An attribute has the kind of artworks.
    #[error("`{kind}` is already the kind of artworks")]
    ArtworkKind {
        /// The kind.
        kind: String,
    },
    /// Relations of qualified makers where no makers are read.
    #[error("attribute `{kind}`: only with extract = \"maker\" there are `qualified` ones")]
    MakersOnly {
        /// The attribute's kind.
        kind: String,
    },
    /// Qualified makers would be authors.
    #[error("attribute `{kind}`: qualified makers and authors share the relation `{relation}`")]
    QualifiedAsAuthor {
        /// The attribute's kind.
        kind: String,
        /// The relation.
        relation: String,
    },
    /// An option that only keywords have.
    #[error("attribute `{kind}`: `{option}` needs extract = \"keywords\"")]
    KeywordsOnly {
        /// The attribute's kind.
        kind: String,
        /// The option.
        option: &'static str,
    },
    /// N-grams longer than can be, or of no word.
    #[error("attribute `{kind}`: longest = {longest}, but n-grams have 1 to {most} words")]
    Longest {
        /// The attribute's kind.
        kind: String,
        /// The length asked for.
        longest: usize,
        /// The longest that can be.
        most: usize,
    },
    /// Facts, but nobody whom they are about.
    #[error("fact `{relation}` needs [facts], which says whom facts are about")]
    FactsOfNobody {
        /// The fact's relation.
        relation: String,
    },
    /// Facts about a kind that no attribute has, or others of that kind.
    #[error(
        "[facts] is about the kind `{kind}`, which must be that of an [[attribute]] and not \
         that of `others`; there are {}",
        known.join(", ")
    )]
    FactsKind {
        /// The kind.
        kind: String,
        /// The attributes' kinds.
        known: Vec<String>,
    },
    /// A fact that would mix with what works say.
    #[error(
        "fact `{relation}` leads to the kind `{kind}`, which says something of works; give it a \
         kind of its own"
    )]
    FactOfWorks {
        /// The fact's relation.
        relation: String,
        /// The kind.
        kind: String,
    },
    /// A fact that no column feeds.
    #[error("fact `{relation}` names no column")]
    FactWithoutColumn {
        /// The fact's relation.
        relation: String,
    },
    /// A kind or relation that cannot be part of a label, an IRI and a CSV cell.
    #[error("{what} `{name}` must be of ASCII letters, digits, `_` and `-`")]
    Name {
        /// `kind` or `relation`.
        what: &'static str,
        /// The name.
        name: String,
    },
}
