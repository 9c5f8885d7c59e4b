use serde::Deserialize;

/// What tables of facts say about the nodes of a kind: the part `[facts]` of a schema.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsOf {
    /// The kind of the nodes that the tables are about.
    pub kind: String,
    /// The kind of people who are named in facts and made no work of the graph.
    pub others: String,
    /// Columns whose values join rows of several tables.
    #[serde(default)]
    pub keys: Vec<String>,
}

/// A column of a table of facts, and what it becomes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The names that the column may have; case, spaces and punctuation do not count.
    pub columns: Vec<String>,
    /// The relation from the person to what the cell names.
    pub relation: String,
    /// The kind of what the cell names. People are of the kind that the facts are about.
    pub to: String,
    /// Whether the relation goes from what the cell names to the person.
    #[serde(default)]
    pub reversed: bool,
}
