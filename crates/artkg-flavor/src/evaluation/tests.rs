use super::bins::binning;
use super::metrics::{class_metrics, confusion};
use super::working_point::{curves, working_points};
use super::*;

fn scores(rows: &[([f32; 2], u32)]) -> Scores {
    Scores {
        probabilities: rows.iter().flat_map(|(row, _)| *row).collect(),
        labels: rows.iter().map(|(_, label)| *label).collect(),
        classes: 2,
    }
}

fn sample() -> Scores {
    scores(&[
        ([0.9, 0.1], 0),
        ([0.8, 0.2], 0),
        ([0.3, 0.7], 0),
        ([0.6, 0.4], 0),
        ([0.8, 0.2], 1),
        ([0.1, 0.9], 1),
    ])
}

fn names() -> Vec<String> {
    vec!["a".to_owned(), "b".to_owned()]
}

#[test]
fn figures_follow_their_definitions() {
    let scores = sample();
    assert!((accuracy(&scores) - 4.0 / 6.0).abs() < 1e-12);
    assert_eq!(confusion(&scores), [[3, 1], [1, 1]]);
    // Of 8 pairs the signal wins 5 and draws 1.
    assert!((area_under_curve(&scores, 0) - 5.5 / 8.0).abs() < 1e-12);
    let classes = class_metrics(&scores, &names());
    assert_eq!((classes[0].recall, classes[0].precision), (0.75, 0.75));
    assert!(area_under_curve(&scores.select(|event| event < 4), 0).is_nan());
    let expected = -(0.9f64 * 0.8 * 0.3 * 0.6 * 0.2 * 0.9).ln() / 6.0;
    assert!((mean_loss(&scores) - expected).abs() < 1e-6);
}

#[test]
fn cuts_keep_the_share_of_the_signal() {
    let points = working_points(&sample(), &names(), &[0.25, 0.5, 1.0], 1);
    let found: Vec<f64> = points[..3]
        .iter()
        .map(|point| point.background_efficiency)
        .collect();
    assert_eq!(found, [0.0, 0.5, 0.5]);
    let curves = curves(&sample(), &names());
    assert_eq!(curves.len(), 4);
    // All signal and half of the background: 4 of 5.
    assert_eq!(curves[1].points[99], (1.0, 0.8));
}

#[test]
fn equal_scores_pass_in_part() {
    // Four of the signal and two of the background are at the top together.
    let rows: Vec<([f32; 2], u32)> = (0..16)
        .map(|event| match event {
            0..4 => ([1.0, 0.0], 0),
            4..8 => ([0.5 - event as f32 * 1e-3, 0.0], 0),
            8..10 => ([1.0, 0.0], 1),
            _ => ([0.1, 0.0], 1),
        })
        .collect();
    let points = working_points(&scores(&rows), &names(), &[0.25, 0.5, 0.625], 1);
    let found: Vec<f64> = points[..3]
        .iter()
        .map(|point| point.background_efficiency)
        .collect();
    assert_eq!(found, [0.125, 0.25, 0.25]);
}

#[test]
fn scores_that_are_no_numbers_end() {
    let rows = [([f32::NAN, 0.1], 0), ([0.8, 0.2], 1), ([f32::NAN, 0.3], 1)];
    // Equal ones share their rank, whatever they are.
    assert!(area_under_curve(&scores(&rows), 0).is_finite());
}

#[test]
fn bootstrap_errors_are_binomial() {
    // 1,000 events each; a tenth of the background lies above all signal.
    let rows: Vec<([f32; 2], u32)> = (0..2000)
        .map(|event| match event {
            0..1000 => ([0.5 + event as f32 * 1e-7, 0.0], 0),
            1000..1100 => ([0.9, 0.0], 1),
            _ => ([0.1, 0.0], 1),
        })
        .collect();
    let points = working_points(&scores(&rows), &names(), &[0.5], 3);
    let expected = (0.1f64 * 0.9 / 1000.0).sqrt();
    assert_eq!(points[0].background_efficiency, 0.1);
    assert!(
        (points[0].error / expected - 1.0).abs() < 0.2,
        "{}",
        points[0].error
    );
}

#[test]
fn bins_share_the_events() {
    let values = [1.0, 1.0, 2.0, 3.0, 3.0, 3.0];
    let bins = binning(&sample(), "tracks", &values, 3).bins;
    let counts: Vec<usize> = bins.iter().map(|bin| bin.events).collect();
    assert_eq!(counts, [2, 1, 3]);
    assert_eq!(bins[2].range, (3.0, 3.0));
    assert!((bins[2].accuracy - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(bins[0].auc, [None, None]);
}
