#!/usr/bin/env python3
"""Times training of deep sets and of attention against PyTorch, and tagging against numpy
reading the same text, on this machine. Writes benchmarks/results/flavor.json and prints
a Markdown table.

    python3 benchmarks/flavor/run.py --python PATH   # a Python that has torch and numpy

Events come from `$ARTKG_SHARED/flavor` where it is there, else from
`artkg flavor synth`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHARED = Path(os.environ.get("ARTKG_SHARED", ROOT.parent / "shared")) / "flavor"
CLASSES = ["uds", "cc", "bb"]
BATCH = 128
# Each of our models with its width and the PyTorch networks beside it; the transformer is
# PyTorch's own encoder, without the inputs of pairs.
MODELS = {"sets": (128, ["sets"]), "attention": (48, ["attention", "transformer"])}


def call(command: list) -> str:
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def median(seconds: list[float]) -> float:
    # The first warms caches up.
    return statistics.median(seconds[1:] or seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch and numpy")
    parser.add_argument("--artkg", type=Path, help="the program; built when not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=4)
    options = parser.parse_args()
    artkg = options.artkg and options.artkg.resolve()
    if artkg is None:
        subprocess.run(["cargo", "build", "--release", "-p", "artkg-cli"], cwd=ROOT, check=True)
        metadata = call(["cargo", "metadata", "--format-version", "1", "--no-deps", "--manifest-path", ROOT / "Cargo.toml"])
        artkg = Path(json.loads(metadata)["target_directory"]) / "release" / "artkg"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        files = [SHARED / f"train.{name}.txt.gz" for name in CLASSES]
        if not files[0].exists():
            print(f"{SHARED} is not there: toy events instead", file=sys.stderr)
            call([artkg, "flavor", "synth", "--events", "6000", "--output", folder])
            files = [folder / f"{name}.txt" for name in CLASSES]
        # Plain text, so that no time goes into unpacking.
        plain = []
        for name, file in zip(CLASSES, files):
            plain.append(folder / f"plain.{name}.txt")
            opener = "import gzip,sys;sys.stdout.buffer.write((gzip.open if sys.argv[1].endswith('.gz') else open)(sys.argv[1],'rb').read())"
            with open(plain[-1], "wb") as text:
                subprocess.run([sys.executable, "-c", opener, file], check=True, stdout=text)

        results = {"threads": options.threads, "training": {}}
        models = {}
        for model, (width, peers) in MODELS.items():
            models[model] = folder / model / "model.safetensors"
            results["training"][model] = ours = {"artkg": train(artkg, model, plain, folder / model, options)}
            for peer in peers:
                command = ["train", peer, width, BATCH, options.epochs, options.threads, *plain]
                found = json.loads(call([options.python, HERE / "peer.py", *command]))
                ours[f"PyTorch {peer}"] = found["events"] / median(found["seconds"])
        seconds = {name: [] for name in [*MODELS, "numpy"]}
        for _ in range(options.repeats):
            for model in MODELS:
                start = time.perf_counter()
                call([artkg, "flavor", "tag", "--quiet", "--model", models[model], "--output", folder / "tags.csv",
                      "--threads", options.threads, *plain])  # fmt: skip
                seconds[model].append(time.perf_counter() - start)
            read = json.loads(call([options.python, HERE / "peer.py", "read", 1, *plain]))
            seconds["numpy"] += read["seconds"]
        results["tagging"] = {name: read["events"] / median(times) for name, times in seconds.items()}
    output = HERE.parent / "results" / "flavor.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(results, indent=2) + "\n")
    print("| what | artkg | peer | | ratio |\n|---|---:|---|---:|---:|")
    for model, rates in results["training"].items():
        for peer, rate in list(rates.items())[1:]:
            print_row(f"training {model}, events/s", rates["artkg"], peer, rate)
    for model in MODELS:
        print_row(f"tagging with {model} from text, events/s", results["tagging"][model],
                  "numpy, reading alone", results["tagging"]["numpy"])  # fmt: skip


def train(artkg: Path, model: str, plain: list[Path], run: Path, options: argparse.Namespace) -> float:
    """Events a second of artkg's training; its validation share is small, so that both train on nearly all."""
    classes = [part for name, file in zip(CLASSES, plain) for part in ("--class", f"{name}={file}")]
    call([artkg, "flavor", "train", "--model", model, *classes, "--batch-size", BATCH, "--epochs", options.epochs,
          "--output", run, "--threads", options.threads])  # fmt: skip
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    rates = [record["examples_per_second"] for record in records if "validation" in record]
    return statistics.median(rates[1:] or rates)


def print_row(what: str, ours: float, peer: str, rate: float) -> None:
    print(f"| {what} | {ours:,.0f} | {peer} | {rate:,.0f} | {ours / rate:.2f} |")


if __name__ == "__main__":
    main()
