use std::collections::BTreeSet;

use artkg_corpus::Artwork;
use rayon::prelude::*;

/// Artworks looked through at a time.
const RUN: usize = 1 << 12;

/// The columns beyond the usual ones that any artwork has a value in. Asked once, as
/// asking each artwork for a column that none has takes as long as building the graph.
pub(crate) fn further_columns<'a>(artworks: &[&'a Artwork]) -> BTreeSet<&'a str> {
    let of_run = |run: &[&'a Artwork]| {
        let mut columns = BTreeSet::new();
        for name in run.iter().flat_map(|artwork| artwork.extra.keys()) {
            columns.insert(name.as_str());
        }
        columns
    };
    let runs = artworks.par_chunks(RUN).map(of_run);
    runs.reduce(BTreeSet::new, |mut all, other| {
        all.extend(other);
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_with_a_value_is_found_once() {
        let mut artworks = vec![Artwork::default(); 2 * RUN];
        artworks[0].set_cell("height", "12").unwrap();
        artworks[RUN].set_cell("height", "13").unwrap();
        artworks[2 * RUN - 1].set_cell("makers", "A").unwrap();
        artworks[1].set_cell("title", "B").unwrap();
        let all: Vec<&Artwork> = artworks.iter().collect();
        let found: Vec<&str> = further_columns(&all).into_iter().collect();
        assert_eq!(found, ["height", "makers"]);
    }
}
