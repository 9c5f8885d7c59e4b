"""node2vec on the graph of the Web Gallery of Art."""

import csv
import json
import random
import shutil
import statistics
import subprocess
from pathlib import Path

from suite.bench import Bench, Case
from suite.processes import Unavailable, run_once
from suite.results import compare, judge

WALKS_PER_NODE, QUICK_WALKS_PER_NODE = 10, 2
DIMENSION, WALK_LENGTH, WINDOW, NEGATIVES, EPOCHS = 128, 80, 10, 5, 1
HIDDEN, HIDDEN_SHARE = ("author", "school", "timeframe", "type"), 0.1
AIM = 4.0
PEERS = {"gensim": "gensim on ready-made walks", "fastnode2vec": "gensim fed by fastnode2vec"}


def cases() -> list[Case]:
    return [Case("node2vec", "node2vec on the Web Gallery of Art", run)]


def run(bench: Bench) -> dict:
    walks = QUICK_WALKS_PER_NODE if bench.quick else WALKS_PER_NODE
    artkg = bench.binary("artkg-cli")
    folder = prepare(bench, artkg, walks)
    shape = {"walks-per-node": walks, "dimension": DIMENSION, "walk-length": WALK_LENGTH, "window": WINDOW, "negatives": NEGATIVES}
    options = [part for name, value in shape.items() for part in (f"--{name}", value)]
    threads = ["--threads", bench.threads]
    embed = [artkg, "graph", "embed", folder / "graph.akg", "-o", folder / "artkg.safetensors", "--word2vec", folder / "artkg.txt"]
    programs = {"artkg": [*embed, *options, "--epochs", EPOCHS, *threads, "--json"]}
    for peer in PEERS:
        programs[peer] = bench.peer("node2vec.py", peer, folder, *options, *threads)
    runs = {name: [] for name in programs}
    # The peers take minutes each: one run of them, between two of ours.
    for name in [*programs, "artkg"]:
        found = run_once(name, programs[name], bench.threads)
        runs[name].append(found | json.loads(found.pop("output")))
    systems = {}
    for name, found in runs.items():
        systems[name] = {
            "version": found[0].get("version", "artkg"),
            "seconds": [one["seconds"] for one in found],
            "processor_seconds": [one["processor_seconds"] for one in found],
            "disturbed_by": max(one["disturbed_by"] for one in found),
            "peak_mib": max(one["peak_mib"] for one in found),
            "auc": json.loads(bench.call("node2vec.py", "score", folder, "--vectors", f"{name}.txt")),
        }
    ours, comparisons = systems["artkg"], []
    for peer, label in PEERS.items():
        theirs = systems[peer]
        shown = tuple(f"{statistics.median(one['seconds']):.1f} s" for one in (ours, theirs))
        seconds = theirs["seconds"] * len(ours["seconds"])
        comparisons.append(compare("speed", label, ours["seconds"], seconds, AIM if peer == "fastnode2vec" else None, shown))
        for measure in ("hadamard", "cosine"):
            pair = ours["auc"][measure], theirs["auc"][measure]
            shown = tuple(f"{value:.3f}" for value in pair)
            comparisons.append(judge(f"AUC, {measure}", label, pair[0] / pair[1], 1.0, shown))
    return {"systems": systems, "options": shape | {"epochs": EPOCHS}, "comparisons": comparisons, "notes": []}


def prepare(bench: Bench, artkg: Path, walks: int) -> Path:
    """The graph without the hidden attributes, as files for all; and artkg's walks."""
    table = bench.shared / "metadata" / "omniart_wga.csv.gz"
    if not table.exists():
        raise Unavailable(f"{table} is missing: name the folder of shared data with --shared")
    folder = bench.data(f"node2vec-{walks}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    corpus, graph = folder / "corpus", folder / "graph.akg"

    def call(*arguments) -> None:
        subprocess.run([str(part) for part in (artkg, *arguments)], check=True, capture_output=True)

    # `import` exits with 1 for repeated rows, which this table has.
    command = [artkg, "corpus", "import", table, "--source", "wga", "-o", corpus]
    subprocess.run([str(part) for part in command], capture_output=True)
    if not (corpus / "corpus.toml").exists():
        raise Unavailable(f"{table} could not be imported")
    (folder / "hidden.json").write_text(json.dumps(hide_attributes(corpus)), encoding="utf-8")
    call("graph", "build", corpus, "-o", graph)
    call("graph", "export", graph, "-o", folder / "csv", "--format", "csv")
    # Only for the walks: gensim alone trains on these.
    shape = ("--walks-per-node", walks, "--walk-length", WALK_LENGTH, "--dimension", 8, "--window", 1)
    call("graph", "embed", graph, "-o", folder / "unused.safetensors", "--walks-output", folder / "walks.txt", *shape)
    return folder


def hide_attributes(corpus: Path) -> list[list[str]]:
    """Empties a share of the training artworks' attribute cells; returns them."""
    path = corpus / "artworks.csv"
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns, rows = reader.fieldnames, list(reader)
    generator, hidden = random.Random(1), []
    for row in rows:
        for column in HIDDEN:
            if row["split"] == "train" and row[column] and generator.random() < HIDDEN_SHARE:
                hidden.append([row["id"], column, row[column]])
                row[column] = ""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return hidden
