use super::counts::CoOccurrence;

/// Two tasks of which one depends on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// The task that is depended on.
    pub(super) parent: usize,
    /// The task that depends on it.
    pub(super) child: usize,
}

/// The tree in which each task depends on at most one other and that loses least
/// of what the tasks say of each other: a spanning tree of the most mutual
/// information (Chow and Liu, IEEE Trans. Inf. Theory 1968). With authors among
/// the tasks it is a star around them.
///
/// The root is the task with most classes; an edge comes after the one that
/// leads to its parent.
pub(super) fn dependencies(counts: &CoOccurrence) -> Vec<Edge> {
    let classes = counts.classes();
    let tasks = classes.len();
    let Some(root) = (0..tasks).rev().max_by_key(|task| classes[*task]) else {
        return Vec::new();
    };
    let information = |first: usize, second: usize| {
        mutual_information(&counts.pairs(first, second), classes[second])
    };
    let (mut joined, mut edges) = (vec![root], Vec::new());
    while joined.len() < tasks {
        let best = joined
            .iter()
            .flat_map(|&parent| (0..tasks).map(move |child| Edge { parent, child }))
            .filter(|edge| !joined.contains(&edge.child))
            .map(|edge| (information(edge.parent, edge.child), edge))
            .max_by(|left, right| left.0.total_cmp(&right.0));
        // There is a task left, so there is an edge to it.
        let Some((_, edge)) = best else { break };
        joined.push(edge.child);
        edges.push(edge);
    }
    edges
}

/// The mutual information of two tasks in nats, from `[rows, columns]` counts.
fn mutual_information(counts: &[f64], columns: usize) -> f64 {
    let total: f64 = counts.iter().sum();
    let column = |column: usize| -> f64 { counts.iter().skip(column).step_by(columns).sum() };
    let column_sums: Vec<f64> = (0..columns).map(column).collect();
    let mut information = 0.0;
    for row in counts.chunks_exact(columns) {
        let row_sum: f64 = row.iter().sum();
        for (count, column_sum) in row.iter().zip(&column_sums) {
            if *count > 0.0 {
                information += count / total * (count * total / (row_sum * column_sum)).ln();
            }
        }
    }
    information
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn information_agrees_with_values_worked_by_hand() {
        assert!((mutual_information(&[2.0, 0.0, 0.0, 2.0], 2) - 2f64.ln()).abs() < 1e-12);
        assert!(mutual_information(&[3.0, 1.0, 6.0, 2.0], 2).abs() < 1e-12);
        assert_eq!(mutual_information(&[0.0; 4], 2), 0.0);
    }

    #[test]
    fn the_tree_joins_what_says_most_of_each_other() {
        // Task 0 decides task 2; task 2 has most classes; task 1 is known by
        // task 0 alone, which is coarser than task 2 only in part.
        let works = [
            [1, 1, 1],
            [1, 1, 2],
            [2, 2, 3],
            [2, 2, 3],
            [1, 1, 2],
            [2, 2, 1],
        ];
        let works = works
            .iter()
            .map(|work| work.iter().map(|class| Some(*class)).collect());
        let counts = CoOccurrence::of(vec![3, 3, 4], works);
        let edges = dependencies(&counts);
        let expected = [(2, 1), (1, 0)].map(|(parent, child)| Edge { parent, child });
        assert_eq!(edges, expected);
        let one = CoOccurrence::of(vec![3], [vec![Some(1)]].into_iter());
        assert!(dependencies(&one).is_empty());
    }
}
