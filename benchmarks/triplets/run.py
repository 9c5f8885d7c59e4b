#!/usr/bin/env python3
"""Compares artkg's triplet models with PyKEEN's on the same edges of a graph: time
to train and filtered link prediction among all nodes. Writes
benchmarks/results/triplets.json and prints a Markdown table.

    python3 benchmarks/triplets/run.py graph.akg --python PATH   # a Python that has pykeen

Both hold the same twentieth of the edges out and train with 128 numbers a node, the
same epochs, batches, negatives, loss, optimiser and learning rate; neither draws
negatives by kind. PyKEEN keeps its own first vectors.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODELS = ["transe", "distmult", "rotate"]
KEYS = ["mean_reciprocal_rank", "hits_at_1", "hits_at_10"]


def call(command: list) -> str:
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def program() -> Path:
    subprocess.run(["cargo", "build", "--release", "-p", "artkg-cli"], cwd=ROOT, check=True)
    metadata = call(["cargo", "metadata", "--format-version", "1", "--no-deps", "--manifest-path", ROOT / "Cargo.toml"])
    return Path(json.loads(metadata)["target_directory"]) / "release" / "artkg"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=Path, help="a graph file of `artkg graph build`")
    parser.add_argument("--python", default=sys.executable, help="a Python that has pykeen")
    parser.add_argument("--artkg", type=Path, help="the program; built when not given")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--negatives", type=int, default=64, help="for each side of a triplet")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    artkg = options.artkg or program()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        call([artkg, "graph", "export", options.graph, "--format", "csv", "--output", folder / "csv"])
        for model in options.models:
            shape = ["--epochs", options.epochs, "--negatives", options.negatives, "--same-kind", 0]
            files = ["--hold-out", 0.05, "--held-out-output", folder / "held-out.csv", "--output", folder / "e.safetensors"]
            rest = ["--method", model, "--threads", options.threads, "--json", "--quiet"]
            ours = json.loads(call([artkg, "graph", "embed", options.graph, *files, *shape, *rest]))
            settings = folder / "settings.json"
            settings.write_text(json.dumps(ours["options"]))
            peer = json.loads(call([options.python, HERE / "peer.py", folder, settings, options.threads]))
            ranks = ours["link_prediction"]["of_all"]["both"]
            results[model] = {
                "artkg": {"seconds": ours["seconds"]} | {key: ranks[key] for key in KEYS},
                "pykeen": peer,
                "options": ours["options"],
            }
            print(f"{model}: {results[model]}", file=sys.stderr)
    output = HERE.parent / "results" / "triplets.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(results, indent=2) + "\n")
    print("| model | program | seconds | MRR | Hits@1 | Hits@10 | times as fast |\n|---|---|---|---|---|---|---|")
    for model, result in results.items():
        for name in ("artkg", "pykeen"):
            row = result[name]
            ratio = f"{result['pykeen']['seconds'] / row['seconds']:.1f}"
            figures = " | ".join(f"{row[key]:.3f}" for key in KEYS)
            print(f"| {model} | {name} | {row['seconds']:.0f} | {figures} | {ratio} |")


if __name__ == "__main__":
    main()
