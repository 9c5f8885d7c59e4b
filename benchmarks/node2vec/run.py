#!/usr/bin/env python3
"""Times node2vec against gensim's word2vec on the graph of the Web Gallery of Art.

Same graph, same walk parameters, dimension, window, negatives and epochs, same
number of threads; the vectors' link prediction is compared on attributes of
artworks that were hidden from the graph. Writes benchmarks/results/node2vec.json
and prints a Markdown table.

    python3 benchmarks/node2vec/run.py                 # makes benchmarks/.venv if needed
    python3 benchmarks/node2vec/run.py --python PATH   # a Python that has the peers
"""

import argparse
import csv
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCHMARKS = HERE.parent
ROOT = BENCHMARKS.parent
PEERS = {"gensim": "gensim", "numpy": "numpy", "sklearn": "scikit-learn", "pecanpy": "pecanpy", "fastnode2vec": "fastnode2vec"}
HIDDEN = ("author", "school", "timeframe", "type")


def find_python(given: str | None) -> str:
    """A Python with the peers: the given one, this one, or benchmarks/.venv."""
    own = BENCHMARKS / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    check = "; ".join(f"import {name}" for name in PEERS)
    for candidate in [given] if given else [sys.executable, str(own)]:
        if Path(candidate).exists() and subprocess.run([candidate, "-c", check], capture_output=True).returncode == 0:
            return candidate
    if given:
        sys.exit(f"{given} lacks one of {', '.join(PEERS.values())}")
    print(f"installing {', '.join(PEERS.values())} into {BENCHMARKS / '.venv'}", file=sys.stderr)
    if not own.exists():
        venv.create(BENCHMARKS / ".venv", with_pip=True)
    # pecanpy 2.0 calls what numpy 2 has renamed.
    subprocess.run([own, "-m", "pip", "install", "-q", *PEERS.values(), "numpy<2"], check=True)
    return str(own)


def find_artkg(given: str | None) -> str:
    """The release binary: the given one, or built now."""
    if given:
        return given
    command = ["cargo", "build", "--release", "-p", "artkg-cli", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    artifacts = (json.loads(line) for line in built.stdout.splitlines())
    return [a["executable"] for a in artifacts if a.get("executable")][-1]


def hide_attributes(corpus: Path, share: float, seed: int) -> list[list[str]]:
    """Empties that share of the training artworks' attribute cells; returns them."""
    path = corpus / "artworks.csv"
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns, rows = reader.fieldnames, list(reader)
    generator, hidden = random.Random(seed), []
    for row in rows:
        for column in HIDDEN:
            if row["split"] == "train" and row[column] and generator.random() < share:
                hidden.append([row["id"], column, row[column]])
                row[column] = ""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return hidden


def timed(command: list) -> dict:
    """Runs a command; wall-clock and processor seconds, its children's included."""
    before, start = os.times(), time.perf_counter()
    output = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout
    wall, after = time.perf_counter() - start, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall_seconds": wall, "processor_seconds": used, "output": output}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("ARTKG_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--table", type=Path, default=shared / "metadata" / "omniart_wga.csv.gz", help="the WGA metadata")
    parser.add_argument("--artkg", help="an artkg binary; built when not given")
    parser.add_argument("--python", help="a Python with the peers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--walks-per-node", type=int, default=10)
    parser.add_argument("--dimension", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=1, help="the fastest of so many runs counts")
    parser.add_argument("--peers", nargs="*", default=["gensim", "pecanpy", "fastnode2vec"])
    # benchmarks/run.py hands every script the options meant for another, too.
    options, _ = parser.parse_known_args()
    if not options.table.exists():
        sys.exit(f"{options.table} is missing: name the WGA metadata with --table")
    artkg, python = find_artkg(options.artkg), find_python(options.python)
    with tempfile.TemporaryDirectory() as folder:
        measure(options, artkg, python, Path(folder))


def measure(options: argparse.Namespace, artkg: str, python: str, folder: Path) -> None:
    corpus, graph = folder / "corpus", folder / "graph.akg"
    # `import` exits with 1 for repeated rows, which this table has.
    subprocess.run([artkg, "corpus", "import", options.table, "--source", "wga", "-o", corpus], capture_output=True)
    hidden = hide_attributes(corpus, 0.1, 1)
    build = timed([artkg, "graph", "build", corpus, "-o", graph, "--json"])
    subprocess.run([artkg, "graph", "export", graph, "-o", folder / "csv", "--format", "csv"], check=True, stdout=subprocess.DEVNULL)
    (folder / "hidden.json").write_text(json.dumps(hidden), encoding="utf-8")
    shape = ["--walks-per-node", options.walks_per_node, "--dimension", options.dimension, "--threads", options.threads]
    embed = [artkg, "graph", "embed", graph, "-o", folder / "e.safetensors", "--json", *shape]
    subprocess.run([str(part) for part in [*embed, "--walks-output", folder / "walks.txt"]], check=True, stdout=subprocess.DEVNULL)
    results = []
    for repeat in range(options.repeats):
        for system in ["artkg", *options.peers]:
            if system == "artkg":
                run = timed([*embed, "--word2vec", folder / "artkg.txt"])
                run["train_seconds"] = json.loads(run.pop("output"))["seconds"]
                run["total_seconds"] = run["train_seconds"]
            else:
                run = timed([python, HERE / "peer.py", system, folder, *shape[1::2]])
                run |= json.loads(run.pop("output").splitlines()[-1])
            score = [python, HERE / "peer.py", "score", folder, f"{system}.txt"]
            run["auc"] = json.loads(subprocess.run(score, check=True, stdout=subprocess.PIPE, text=True).stdout)
            results.append({"system": system, "repeat": repeat, **run})
            print(f"{system}: {run['total_seconds']:.1f} s, AUC {run['auc']}", file=sys.stderr)
    report(options, json.loads(build["output"]), build, results)


def report(options: argparse.Namespace, graph: dict, build: dict, results: list) -> None:
    best = {}
    for run in results:
        if run["system"] not in best or run["total_seconds"] < best[run["system"]]["total_seconds"]:
            best[run["system"]] = run
    ours = best["artkg"]
    print(f"graph: {graph['nodes']} nodes, {graph['edges']} edges, built in {build['wall_seconds']:.2f} s; ", end="")
    print(f"{options.walks_per_node} walks a node, {options.dimension} dimensions, {options.threads} threads\n")
    print("| system | walks s | training s | total s | × artkg | AUC cosine | AUC Hadamard |")
    print("|---|---|---|---|---|---|---|")
    for system, run in best.items():
        walks = f"{run['walk_seconds']:.1f}" if "walk_seconds" in run else "within"
        ratio = run["total_seconds"] / ours["total_seconds"]
        auc = run["auc"]
        print(f"| {system} | {walks} | {run['train_seconds']:.1f} | {run['total_seconds']:.1f} | {ratio:.2f} | {auc['cosine']:.4f} | {auc['hadamard']:.4f} |")
    folder = BENCHMARKS / "results"
    folder.mkdir(exist_ok=True)
    content = {
        "machine": {"processor": platform.processor(), "system": platform.platform(), "cores": os.cpu_count()},
        "options": {name: getattr(options, name) for name in ("threads", "walks_per_node", "dimension", "repeats")},
        "graph": {"nodes": graph["nodes"], "edges": graph["edges"], "build_seconds": build["wall_seconds"]},
        "runs": results,
        "ratios": {system: run["total_seconds"] / ours["total_seconds"] for system, run in best.items()},
    }
    (folder / "node2vec.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
