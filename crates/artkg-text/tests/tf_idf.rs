//! TF-IDF against scikit-learn's values.

use artkg_text::{TfIdf, TfIdfOptions};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    training: Vec<String>,
    queries: Vec<String>,
    all: Table,
    most_frequent: Table,
}

#[derive(Deserialize)]
struct Table {
    words: Vec<String>,
    inverse_frequencies: Vec<f32>,
    rows: Vec<Vec<f32>>,
}

fn assert_close(ours: &[f32], theirs: &[f32], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() < 1e-6, "{what}: {ours} and {theirs}");
    }
}

#[test]
fn words_weights_and_rows_are_those_of_scikit_learn() {
    let fixture: Fixture = serde_json::from_str(include_str!("fixtures/tf_idf.json")).unwrap();
    for (maximum_features, theirs) in [
        (None, &fixture.all),
        (
            Some(fixture.most_frequent.words.len()),
            &fixture.most_frequent,
        ),
    ] {
        let options = TfIdfOptions {
            maximum_features,
            ..TfIdfOptions::default()
        };
        let training = fixture.training.iter().map(String::as_str);
        let ours = TfIdf::fit(training, options).unwrap();
        assert_eq!(ours.words(), theirs.words);
        assert_close(
            ours.inverse_frequencies(),
            &theirs.inverse_frequencies,
            "inverse document frequencies",
        );
        assert_eq!(theirs.rows.len(), fixture.queries.len());
        for (query, row) in fixture.queries.iter().zip(&theirs.rows) {
            assert_close(&ours.transform(query).to_dense(ours.len()), row, query);
        }
    }
}
