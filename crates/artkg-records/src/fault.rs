/// What is wrong with a single record, so that it cannot be used; those after it
/// can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// More or fewer cells than the header has.
    CellCount {
        /// The record's.
        cells: usize,
        /// The header's.
        expected: usize,
        /// The line breaks within its cells.
        line_breaks: usize,
    },
    /// A cell took in the rows after it, because its quote is not closed.
    UnclosedQuote {
        /// The cell's place in its row, which need not be a field.
        column: usize,
        /// How many lines after its first it takes in.
        lines: usize,
    },
    /// The record is not what its format asks for.
    Malformed {
        /// What the parser said.
        reason: String,
    },
}
