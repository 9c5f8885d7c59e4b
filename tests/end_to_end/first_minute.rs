//! The first minute: recipes and commands with nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::path::{NETWORK, painted};
use crate::program::{run, succeed};

#[test]
fn training_takes_what_is_there_and_makes_what_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let alone = run(folder, &["train", "--mode", "kgm"]);
    assert_eq!(alone.status, 2);
    assert!(alone.errors.contains("which corpus?"), "{}", alone.errors);
    fs::create_dir(folder.join("data")).unwrap();
    painted(&folder.join("data"), "60");

    let train = [
        &[
            "train",
            "--mode",
            "kgm",
            "--minimum-count",
            "3",
            "--epochs",
            "1",
        ][..],
        &NETWORK,
    ]
    .concat();
    let first = run(folder, &train);
    assert_eq!(first.status, 0, "{}", first.errors);
    for said in [
        "corpus: data/corpus",
        "weights: no resnet18.safetensors here",
        "graph: building data/corpus/graph.akg",
        "embeddings: making data/corpus/embeddings.safetensors",
    ] {
        assert!(first.errors.contains(said), "{said}: {}", first.errors);
    }
    assert!(folder.join("runs/latest/model.safetensors").exists());
    let again = run(folder, &[&train[..], &["--output", "runs/again"]].concat());
    assert_eq!(again.status, 0, "{}", again.errors);
    assert!(
        again
            .errors
            .contains("embeddings: data/corpus/embeddings.safetensors")
    );

    // The other commands find the same corpus, graph and embeddings.
    let model = "runs/latest/model.safetensors";
    let evaluated = succeed(folder, &["eval", "--model", model]);
    assert!(evaluated.contains("of the test split"), "{evaluated}");
    let stats = succeed(folder, &["graph", "stats"]);
    assert!(stats.contains("artworks of the split train"), "{stats}");
    names_are_found(folder);
    lists_and_sizes_have_one_grammar(folder, model);

    painted(folder, "20");
    let several = run(folder, &["graph", "build"]);
    assert_eq!(several.status, 2);
    let says = several.errors.contains("which corpus?")
        && several.errors.contains("here are corpus, data/corpus");
    assert!(says, "{}", several.errors);
}

fn names_are_found(folder: &Path) {
    let table = fs::read_to_string(folder.join("data/corpus/artworks.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let header = rows.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (id, title, split) = (place("id"), place("title"), place("split"));
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let of = |wanted: &str| rows.iter().find(|row| &row[split] == wanted).unwrap();
    let (known, left_out) = (of("train"), of("test"));
    let name = format!("artwork:{}", &known[id]);
    let graph = "data/corpus/graph.akg";
    let title = &known[title];
    let lines = [
        succeed(folder, &["graph", "neighbors", &name]),
        succeed(folder, &["graph", "neighbors", graph, &name]),
        succeed(folder, &["graph", "neighbors", "--graph", graph, &name]),
    ];
    assert!(
        lines[0].starts_with(&format!("{name}  {title}")),
        "{}",
        lines[0]
    );
    assert!(lines.iter().all(|line| *line == lines[0]));
    let embeddings = "data/corpus/embeddings.safetensors";
    let similar = succeed(folder, &["graph", "similar", &name]);
    assert!(
        similar.starts_with(&format!("{name}  {title}")),
        "{similar}"
    );
    assert_eq!(
        succeed(folder, &["graph", "similar", embeddings, &name]),
        similar
    );
    let path = succeed(folder, &["graph", "path", graph, &name, &name]);
    assert!(path.starts_with(&name), "{path}");
    for (words, says) in [
        (vec!["graph", "neighbors", graph], "which node?"),
        (
            vec!["graph", "neighbors", "Vincent", "Gogh"],
            "in quotes, as in \"Vincent Gogh\"",
        ),
        (
            vec!["graph", "neighbors", &left_out[id]],
            "of the split test",
        ),
    ] {
        let finished = run(folder, &words);
        assert_eq!(finished.status, 2, "{words:?}");
        assert!(
            finished.errors.contains(says),
            "{words:?}: {}",
            finished.errors
        );
    }
}

fn lists_and_sizes_have_one_grammar(folder: &Path, model: &str) {
    let images = folder.join("data/corpus/images");
    let mut images: Vec<String> = fs::read_dir(images)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    images.sort();
    let tag = ["tag", "--model", model, "--memory-limit"];
    let bare = run(folder, &[&tag[..], &["512", "data/corpus/images"]].concat());
    assert_eq!(bare.status, 2);
    assert!(bare.errors.contains("write 512MB"), "{}", bare.errors);
    // Paths of a list start at the list; those of the standard input here.
    fs::write(folder.join("data/corpus/images/list.txt"), &images[0]).unwrap();
    let listed = [
        "1 GiB",
        "--list",
        "data/corpus/images/list.txt",
        "-o",
        "listed.csv",
    ];
    let said = succeed(folder, &[&tag[..], &listed].concat());
    assert!(said.contains("1 image tagged"), "{said}");
    // What a list names in vain is told with its line, and counts.
    let lines = format!("\n{}\ngone.jpg\n", images[0]);
    fs::write(folder.join("data/corpus/images/vain.txt"), lines).unwrap();
    let listed = [
        "1 GiB",
        "--list",
        "data/corpus/images/vain.txt",
        "-o",
        "vain.csv",
    ];
    let finished = run(folder, &[&tag[..], &listed].concat());
    assert_eq!(finished.status, 1, "{}", finished.errors);
    let says = "left out: data/corpus/images/vain.txt, line 3: data/corpus/images/gone.jpg: no \
                such file or folder";
    assert!(finished.errors.contains(says), "{}", finished.errors);
    let input = format!(
        "data/corpus/images/{}\ndata/corpus/images/{}\n",
        images[0], images[1]
    );
    fs::write(folder.join("input"), input).unwrap();
    let piped = [
        "600 MB",
        "--list",
        "-",
        "-o",
        "piped.csv",
        "--abstain",
        "type=0.1,author=0.2",
    ];
    let mut program = crate::program::artkg(folder, &[&tag[..], &piped].concat());
    let finished = program
        .stdin(fs::File::open(folder.join("input")).unwrap())
        .output();
    let said = String::from_utf8(finished.unwrap().stdout).unwrap();
    assert!(said.contains("2 images tagged"), "{said}");
}

#[test]
#[ignore = "needs just"]
fn the_recipes_work_in_a_fresh_clone() {
    let just = std::env::var("ARTKG_JUST").expect("ARTKG_JUST names just");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let justfile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../justfile");
    let recipe = |words: &[&str]| {
        let mut command = Command::new(&just);
        command.arg("--justfile").arg(&justfile);
        command.arg("--working-directory").arg(folder);
        command.arg(format!("artkg={}", env!("CARGO_BIN_EXE_artkg")));
        let finished = command.args(words).output().expect("just starts");
        let said = String::from_utf8_lossy(&finished.stdout).into_owned()
            + &String::from_utf8_lossy(&finished.stderr);
        assert!(finished.status.success(), "{words:?}: {said}");
        said
    };
    let said = recipe(&["build-graph"]);
    assert!(
        said.contains("corpus-data: no corpus here, so a synthetic one is painted"),
        "{said}"
    );
    assert!(folder.join("corpus-data/embeddings.safetensors").exists());
    fs::remove_file(folder.join("corpus-data/embeddings.safetensors")).unwrap();
    let said = recipe(&[&["train", "--mode", "kgm", "--epochs", "1"][..], &NETWORK].concat());
    assert!(!said.contains("synthetic one is painted"), "{said}");
    assert!(said.contains("embeddings: making"), "{said}");
    assert!(folder.join("runs/kgm/model.safetensors").exists());
}
