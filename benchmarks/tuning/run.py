#!/usr/bin/env python3
"""Whether `artkg tune` finds better settings with TPE than at random: studies of both on the demo's
corpus, over several seeds. Prints a Markdown table; some five minutes on two cores.

    python3 benchmarks/tuning/run.py --artkg target/release/artkg --output runs/tuning
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

# Trials learn heads on features of an untrained ResNet-18: seconds each.
CONFIG = """\
mode = "mtl"

[backbone]
name = "resnet18"
weights = "none"
freeze = "pooled"

[training.schedule]
kind = "cosine"
"""
PARAMETERS = [
    "learning_rate=1e-5..1:log",
    "weight_decay=1e-6..1e-1:log",
    "dropout=0..0.8",
    "label_smoothing=0..0.3",
    "batch_size=8..128:int",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artkg", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("runs/tuning"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=25)
    parser.add_argument("--epochs", type=int, default=4)
    options = parser.parse_args()
    options.artkg = options.artkg.resolve()
    options.output.mkdir(parents=True, exist_ok=True)
    corpus = options.output / "corpus"
    if not corpus.exists():
        call([options.artkg, "corpus", "synth", "--paintings", "720", "--output", corpus])
    config = options.output / "base.toml"
    config.write_text(CONFIG)
    searched = [part for parameter in PARAMETERS for part in ("--parameter", parameter)]
    values = {"tpe": [], "random": []}
    for seed in range(options.seeds):
        study = options.output / f"study-{seed}"
        resume = ["--resume"] if (study / "study.toml").exists() else []
        settings = [] if resume else ["--config", config, "--corpus", corpus, *searched, "--seed", seed]
        call([options.artkg, "tune", "--quiet", "--baseline", "--trials", options.trials, "--epochs", options.epochs,
              "--output", study, *settings, *resume])  # fmt: skip
        for sampler, folder in (("tpe", study), ("random", study / "random")):
            trials = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
            values[sampler].append([trial.get("value") or 0.0 for trial in trials])
        best = {sampler: max(studies[-1]) for sampler, studies in values.items()}
        print(f"seed {seed}: tpe {best['tpe']:.4f}, random {best['random']:.4f}", flush=True)

    print(f"\n| best of the first | tpe | random | tpe better, of {options.seeds} |\n|---|---:|---:|---:|")
    for count in sorted({10, 20, options.trials}):
        best = {sampler: [max(study[:count]) for study in studies] for sampler, studies in values.items()}
        ahead = sum(ours > theirs for ours, theirs in zip(best["tpe"], best["random"]))
        ties = sum(ours == theirs for ours, theirs in zip(best["tpe"], best["random"]))
        cells = [f"{statistics.mean(found):.4f} ± {statistics.stdev(found):.4f}" for found in best.values()]
        print(f"| {count} trials | {' | '.join(cells)} | {ahead}{f', {ties} level' if ties else ''} |")
    for sampler, studies in values.items():
        print(f"mean of all trials after the sixth, {sampler}: {statistics.mean(v for s in studies for v in s[6:]):.4f}")


def call(command: list) -> None:
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    main()
