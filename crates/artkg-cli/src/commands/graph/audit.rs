//! `artkg graph audit`.

use std::path::{Path, PathBuf};

use artkg_art::audit_model;
use artkg_corpus::Corpus;
use artkg_files::counted;
use artkg_graph::{Embeddings, GraphAudit, KnowledgeGraph, Schema};
use artkg_model::StoredModel;
use artkg_nn::Device;
use clap::Args;
use serde_json::json;

use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::here::{DEFAULT_EMBEDDINGS, DEFAULT_GRAPH};
use crate::stdout;

/// How many findings of a kind are listed.
const LISTED: usize = 10;

/// The arguments of `artkg graph audit`.
#[derive(Args)]
pub(crate) struct AuditArguments {
    /// The corpus folder; the one here or the only one below when not given
    corpus: Option<PathBuf>,
    /// The graph file; that in the corpus folder when not given
    #[arg(long, value_name = "FILE")]
    graph: Option<PathBuf>,
    /// The embeddings; those in the corpus folder, if there are any, when not given
    #[arg(long, value_name = "FILE")]
    embeddings: Option<PathBuf>,
    /// Model files that were trained with them
    #[arg(long = "model", value_name = "FILE", value_delimiter = ',')]
    models: Vec<PathBuf>,
    /// The schema that the graph was built by, if not the built-in one
    #[arg(long)]
    schema: Option<PathBuf>,
}

/// One question, and what was found.
struct Answer {
    question: String,
    /// Nothing where all is well.
    findings: Vec<String>,
}

pub(crate) fn run(arguments: &AuditArguments, globals: &Globals) -> CommandResult {
    let folder = here::corpus(arguments.corpus.as_deref(), globals)?;
    let corpus = Corpus::open(&folder)?;
    let schema = match &arguments.schema {
        Some(path) => Schema::read(path)?,
        None => Schema::built_in()?,
    };
    let path = arguments
        .graph
        .clone()
        .unwrap_or_else(|| folder.join(DEFAULT_GRAPH));
    let graph = KnowledgeGraph::load(&path)?;
    if graph.provenance().schema_checksum != schema.checksum() {
        errln!("warning: the graph was built by another schema; name it with --schema");
    }
    let audit = graph.audit(&corpus, &schema)?;
    let mut answers = of_graph(&path, &audit);
    let embeddings = arguments.embeddings.clone().or_else(|| {
        let beside = folder.join(DEFAULT_EMBEDDINGS);
        beside.exists().then_some(beside)
    });
    if let Some(path) = &embeddings {
        let loaded = Embeddings::load(path)?;
        answers.push(Answer {
            question: format!("{}: no vector of a work kept aside", path.display()),
            findings: loaded.kept_aside(&corpus, &schema),
        });
    }
    for model in &arguments.models {
        answers.extend(of_model(model, &corpus, (&graph, &path))?);
    }
    let is_clean = answers.iter().all(|answer| answer.findings.is_empty());
    if globals.json {
        let questions = answers.iter().map(|answer| {
            json!({
                "question": answer.question,
                "holds": answer.findings.is_empty(),
                "findings": answer.findings,
            })
        });
        stdout::json(&json!({
            "holds": is_clean,
            "graph": audit,
            "questions": questions.collect::<Vec<_>>(),
        }))?;
    } else {
        answers.iter().for_each(print);
        outln!(
            "{}",
            match is_clean {
                true => "nothing of a work kept aside was found",
                false => "see what does not hold above: figures on works kept aside mean nothing",
            }
        );
    }
    Ok(match is_clean {
        true => Outcome::Success,
        false => Outcome::SomeFailed,
    })
}

fn of_graph(path: &Path, audit: &GraphAudit) -> Vec<Answer> {
    let path = path.display();
    let works = counted(audit.training_works, "work");
    vec![
        Answer {
            question: format!("{path}: all {works} are training works"),
            findings: audit
                .kept_aside
                .iter()
                .chain(&audit.foreign)
                .cloned()
                .collect(),
        },
        Answer {
            question: format!(
                "{path}: all {} about works follow from training works ({} that follow are \
                 missing); {} about people are of tables of facts",
                counted(audit.explained + audit.unexplained.len(), "edge"),
                audit.lacking,
                counted(audit.facts, "edge"),
            ),
            findings: audit.unexplained.clone(),
        },
    ]
}

fn of_model(
    path: &Path,
    corpus: &Corpus,
    graph: (&KnowledgeGraph, &Path),
) -> Result<Vec<Answer>, Box<dyn std::error::Error>> {
    let model = StoredModel::load(path, &Device::Cpu)?.description;
    let audit = audit_model(&model, corpus, graph)?;
    let path = path.display();
    let classes = audit.other_classes.iter().map(ToString::to_string);
    let mut answers = vec![Answer {
        question: format!("{path}: its classes are those of the training works"),
        findings: classes.collect(),
    }];
    if let Some(same) = audit.same_co_occurrence {
        let finding = "its counts are others".to_owned();
        answers.push(Answer {
            question: format!("{path}: what goes together is counted among training works"),
            findings: (!same).then_some(finding).into_iter().collect(),
        });
    }
    Ok(answers)
}

fn print(answer: &Answer) {
    let findings = &answer.findings;
    let mark = if findings.is_empty() {
        "holds"
    } else {
        "FAILS"
    };
    outln!("{mark}  {}", answer.question);
    for finding in findings.iter().take(LISTED) {
        outln!("         {finding}");
    }
    if findings.len() > LISTED {
        outln!("         and {} more", findings.len() - LISTED);
    }
}
