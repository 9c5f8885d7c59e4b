use artkg_corpus::{Corpus, Split};
use artkg_measure::{McNemar, PairedDifference, Spread, mcnemar, paired_bootstrap};
use artkg_vocabulary::Attribute;
use serde_json::{Value, json};

use crate::paper::paper_accuracies;
use crate::result::{RunResult, TaskResult, mean};
use crate::row::Row;

/// The runs of one row together.
#[derive(Clone, Debug)]
pub struct RowSummary<'a> {
    /// The row.
    pub row: Row,
    /// Whether tags are those that go best together under the graph, instead of
    /// each task's own.
    pub consistent: bool,
    /// Its runs, by seed.
    pub runs: Vec<&'a RunResult>,
    /// What the paper reports, where the corpus is the paper's.
    pub paper: Option<[f64; 4]>,
}

/// The table of a comparison.
#[derive(Clone, Debug)]
pub struct Summary<'a> {
    /// The tasks, in the order of the columns.
    pub tasks: Vec<Attribute>,
    /// The rows.
    pub rows: Vec<RowSummary<'a>>,
}

impl<'a> Summary<'a> {
    /// Puts the runs on `corpus` together by row.
    pub fn new(results: &'a [RunResult], corpus: &Corpus) -> Self {
        let is_semart = is_semart(corpus);
        let mut tasks: Vec<Attribute> = results
            .iter()
            .flat_map(|run| run.tasks.iter().map(|task| task.attribute))
            .collect();
        tasks.sort_unstable();
        tasks.dedup();
        let mut rows: Vec<RowSummary<'a>> = Vec::new();
        for run in results {
            for consistent in [false, true] {
                if consistent && run.consistent.is_empty() {
                    continue;
                }
                let row = rows
                    .iter_mut()
                    .find(|row| row.row == run.row && row.consistent == consistent);
                let network = run.config.backbone.name.architecture;
                match row {
                    Some(row) => row.runs.push(run),
                    None => rows.push(RowSummary {
                        row: run.row,
                        consistent,
                        runs: vec![run],
                        paper: (is_semart && !consistent)
                            .then(|| paper_accuracies(run.row, network))
                            .flatten(),
                    }),
                }
            }
        }
        Self { tasks, rows }
    }

    /// The knowledge graph row with the best accuracy on the validation split:
    /// the choice that does not look at the test split.
    pub fn best_context(&self) -> Option<&RowSummary<'a>> {
        self.rows
            .iter()
            .filter(|row| matches!(row.row.system, super::System::Kgm(_)))
            .max_by(|left, right| left.validation().total_cmp(&right.validation()))
    }

    /// The row that others are tested against: multi-task learning, or the first.
    pub fn reference(&self) -> Option<&RowSummary<'a>> {
        let is_mtl = |row: &&RowSummary<'_>| row.name() == "mtl";
        self.rows.iter().find(is_mtl).or(self.rows.first())
    }
}

impl Summary<'_> {
    /// By how much a row is better than the reference row, averaged over `tasks`:
    /// the paired bootstrap over the artworks of the test split, each with the
    /// share of seeds that are right. None for the reference itself and where the
    /// rows do not have the same artworks and tasks.
    pub fn difference(
        &self,
        row: &RowSummary<'_>,
        tasks: &[Attribute],
    ) -> Option<PairedDifference> {
        let reference = self.reference()?;
        if reference.name() == row.name() || !is_paired(reference, row) {
            return None;
        }
        let differences: Vec<Vec<Option<f64>>> = tasks
            .iter()
            .map(|&task| {
                let (right, other) = (row.correctness(task), reference.correctness(task));
                let pairs = right.into_iter().zip(other);
                pairs.map(|(right, other)| Some(right? - other?)).collect()
            })
            .collect();
        paired_bootstrap(&differences, RESAMPLES, LEVEL, 0)
    }

    /// McNemar's test of the first seed of a row against that of the reference row
    /// in one task.
    pub fn disagreement(&self, row: &RowSummary<'_>, task: Attribute) -> Option<McNemar> {
        let reference = self.reference()?;
        let first = |row: &RowSummary<'_>| -> Option<Vec<Option<bool>>> {
            let mut tasks = row.tasks_of(row.runs.first()?).iter();
            let result = tasks.find(|result| result.attribute == task)?;
            Some(result.correct().collect())
        };
        let (own, other) = (first(row)?, first(reference)?);
        if reference.name() == row.name() || !is_paired(reference, row) {
            return None;
        }
        let pairs = own.into_iter().zip(other);
        Some(mcnemar(pairs.filter_map(|(own, other)| own.zip(other))))
    }
}

/// Whether all runs of two rows are of the same artworks: an image that was mended
/// between two runs counts in one of them only.
fn is_paired(left: &RowSummary<'_>, right: &RowSummary<'_>) -> bool {
    let mut ids = left.runs.iter().chain(&right.runs).map(|run| &run.ids);
    let first = ids.next();
    ids.all(|ids| Some(ids) == first)
}

/// Whether the corpus is SemArt itself, not another one in its format: the
/// paper's figures are of its splits.
fn is_semart(corpus: &Corpus) -> bool {
    const SPLITS: [(Split, usize); 3] = [
        (Split::Train, 19_244),
        (Split::Validation, 1_069),
        (Split::Test, 1_069),
    ];
    SPLITS
        .iter()
        .all(|&(split, count)| corpus.split(split).count() == count)
}

/// Accuracies in percent, their mean and deviation: `67.5 ± 0.3`.
pub(crate) fn percent(accuracies: &[f64]) -> String {
    let percent: Vec<f64> = accuracies.iter().map(|value| 100.0 * value).collect();
    Spread::of(&percent).map_or_else(|| "–".to_owned(), |spread| format!("{spread:.1}"))
}

/// Drawn sets of artworks for an interval.
const RESAMPLES: usize = 10_000;

/// How sure an interval is.
const LEVEL: f64 = 0.95;

impl RowSummary<'_> {
    /// The row's name, `mtl` or `mtl, consistent`.
    pub fn name(&self) -> String {
        match self.consistent {
            true => format!("{}, consistent", self.row),
            false => self.row.to_string(),
        }
    }

    /// The result of a run of the row in each task.
    pub(crate) fn tasks_of<'b>(&self, run: &'b RunResult) -> &'b [TaskResult] {
        match self.consistent {
            true => &run.consistent,
            false => &run.tasks,
        }
    }

    /// The test accuracy of each run in a task; empty where it has none.
    pub fn accuracies(&self, task: Attribute) -> Vec<f64> {
        let tasks = self.runs.iter().flat_map(|run| self.tasks_of(run));
        tasks
            .filter(|result| result.attribute == task && result.is_measured())
            .map(|result| result.accuracy)
            .collect()
    }

    /// The mean test accuracy of each run over its tasks.
    pub fn means(&self) -> Vec<f64> {
        let runs = self.runs.iter().map(|run| self.tasks_of(run).iter());
        runs.map(|tasks| {
            let measured: Vec<&TaskResult> = tasks.filter(|task| task.is_measured()).collect();
            mean(measured.iter().map(|task| task.accuracy))
        })
        .collect()
    }

    /// The mean validation accuracy of all runs.
    pub fn validation(&self) -> f64 {
        let runs = self.runs.iter().map(|run| self.tasks_of(run).iter());
        mean(runs.map(|tasks| mean(tasks.map(|task| task.validation))))
    }

    /// For each artwork of the test split, the share of runs that are right in a
    /// task; none where the value is missing.
    pub fn correctness(&self, task: Attribute) -> Vec<Option<f64>> {
        let mut columns = self.runs.iter().filter_map(|run| {
            let result = self
                .tasks_of(run)
                .iter()
                .find(|result| result.attribute == task)?;
            Some(result.correct().map(|right| right.map(f64::from)))
        });
        let Some(first) = columns.next() else {
            return Vec::new();
        };
        let (mut sums, mut count): (Vec<Option<f64>>, f64) = (first.collect(), 1.0);
        for column in columns {
            for (sum, right) in sums.iter_mut().zip(column) {
                *sum = sum.zip(right).map(|(sum, right)| sum + right);
            }
            count += 1.0;
        }
        sums.into_iter()
            .map(|sum| sum.map(|sum| sum / count))
            .collect()
    }

    /// A mark of what the row had to do without.
    pub fn mark(&self) -> &'static str {
        match self.runs.iter().any(|run| run.random_weights) {
            true => "from random weights",
            false => "",
        }
    }
}

/// How a Markdown table begins.
const BEGINNING: &str = "| row |";

/// The table in several forms.
impl Summary<'_> {
    /// Plain text for a terminal.
    pub fn text(&self) -> String {
        let width = self.names().map(|name| name.chars().count()).max();
        let width = width.unwrap_or(0).max("row".len());
        let mut text = format!("{:<width$}", "row");
        for column in self.columns() {
            text.push_str(&format!("  {column:>14}"));
        }
        text.push_str(&format!(
            "  {:>22}  {:>5}  {:>9}  {:>9}  {:>8}\n",
            self.difference_column(),
            "seeds",
            "trained",
            "time",
            "images/s"
        ));
        for (row, name) in self.rows.iter().zip(self.names()) {
            text.push_str(&format!("{name:<width$}"));
            for cell in self.cells(row) {
                text.push_str(&format!("  {cell:>14}"));
            }
            let [seeds, trained, time, speed] = costs(row);
            text.push_str(&format!(
                "  {:>22}  {seeds:>5}  {trained:>9}  {time:>9}  {speed:>8}",
                self.difference_cell(row)
            ));
            if !row.mark().is_empty() {
                text.push_str(&format!("  ({})", row.mark()));
            }
            text.push('\n');
        }
        text
    }

    /// Whether a file that begins like this is a Markdown table of ours.
    pub fn is_table(beginning: &[u8]) -> bool {
        beginning.starts_with(BEGINNING.as_bytes())
    }

    /// A Markdown table.
    pub fn markdown(&self) -> String {
        let mut text = String::from(BEGINNING);
        let mut rule = String::from("|---|");
        let costs_header = ["seeds", "trained parameters", "time", "images/s"];
        let headers = self.columns().into_iter().chain([self.difference_column()]);
        for column in headers.chain(costs_header.map(str::to_owned)) {
            text.push_str(&format!(" {column} |"));
            rule.push_str("---:|");
        }
        text = format!("{text}\n{rule}\n");
        for (row, name) in self.rows.iter().zip(self.names()) {
            let mark = match row.mark() {
                "" => String::new(),
                mark => format!(" ({mark})"),
            };
            text.push_str(&format!("| {name}{mark} |"));
            let cells = self
                .cells(row)
                .into_iter()
                .chain([self.difference_cell(row)]);
            for cell in cells.chain(costs(row)) {
                text.push_str(&format!(" {cell} |"));
            }
            text.push('\n');
        }
        text
    }

    /// The figures for machines.
    pub fn to_json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let tasks: serde_json::Map<String, Value> = self
                    .tasks
                    .iter()
                    .map(|&task| (task.to_string(), json!(row.accuracies(task))))
                    .collect();
                json!({
                    "row": row.name(),
                    "seeds": row.runs.iter().map(|run| run.seed).collect::<Vec<_>>(),
                    "test_accuracy": tasks,
                    "mean_test_accuracy": row.means(),
                    "mean_validation_accuracy": row.validation(),
                    "training_seconds": mean(row.runs.iter().map(|run| run.training_seconds)),
                    "images_per_second": mean(row.runs.iter().map(|run| run.images_per_second)),
                    "parameters": row.runs.first().map(|run| run.parameters),
                    "trained_parameters": row.runs.first().map(|run| run.trained_parameters),
                    "random_weights": !row.mark().is_empty(),
                    "difference": self.difference(row, &self.tasks),
                    "paper": row.paper,
                })
            })
            .collect();
        let best = self.best_context().map(RowSummary::name);
        json!({ "rows": rows, "best_context_by_validation": best })
    }

    /// The names of the rows.
    fn names(&self) -> impl Iterator<Item = String> {
        self.rows.iter().map(RowSummary::name)
    }

    /// The columns of accuracies.
    pub(crate) fn columns(&self) -> Vec<String> {
        let tasks = self.tasks.iter().map(Attribute::to_string);
        tasks.chain(["mean".to_owned()]).collect()
    }

    /// What the differences are to.
    pub(crate) fn difference_column(&self) -> String {
        let reference = self.reference().map(RowSummary::name);
        format!("beside {}", reference.unwrap_or_default())
    }

    /// The difference to the reference row with its interval, in points.
    pub(crate) fn difference_cell(&self, row: &RowSummary<'_>) -> String {
        match self.difference(row, &self.tasks) {
            Some(difference) => format!(
                "{:+.1} ({:+.1} to {:+.1})",
                100.0 * difference.difference,
                100.0 * difference.low,
                100.0 * difference.high
            ),
            None => String::new(),
        }
    }

    /// A row's accuracies in percent, with their deviation over the seeds and the
    /// paper's figure.
    pub(crate) fn cells(&self, row: &RowSummary<'_>) -> Vec<String> {
        let paper = |task: Attribute| {
            let column = Attribute::PAPER.iter().position(|each| *each == task)?;
            Some(row.paper?[column])
        };
        let tasks = self.tasks.iter().map(|&task| {
            let accuracies = percent(&row.accuracies(task));
            match paper(task) {
                Some(paper) => format!("{accuracies} ({:.1})", 100.0 * paper),
                None => accuracies,
            }
        });
        tasks.chain([percent(&row.means())]).collect()
    }
}

/// A row's seeds, trained parameters, training time and speed.
pub(crate) fn costs(row: &RowSummary<'_>) -> [String; 4] {
    let seconds = mean(row.runs.iter().map(|run| run.training_seconds));
    let speed = mean(row.runs.iter().map(|run| run.images_per_second));
    let trained = row.runs.first().map_or(0, |run| run.trained_parameters);
    [
        row.runs.len().to_string(),
        format!("{:.2} M", trained as f64 / 1e6),
        match seconds {
            seconds if seconds < 120.0 => format!("{seconds:.0} s"),
            seconds => format!("{:.0} min", seconds / 60.0),
        },
        format!("{speed:.0}"),
    ]
}
