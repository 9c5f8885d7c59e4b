#!/usr/bin/env python3
"""Accuracy of every kind of flavour tagger on the shared events, over seeds, and what attention's
lead rests on. Trains what is not trained yet below --output; prints Markdown tables.

    python3 benchmarks/flavor/accuracy.py --artkg target/release/artkg --output runs/flavor

It needs `$ARTKG_SHARED/flavor`, numpy, and some 20 minutes on two cores.
"""

import argparse
import json
import re
import statistics
from pathlib import Path

import numpy as np

from peer import read
from run import CLASSES, SHARED, call

# Each row: the options of `artkg flavor train`, and whether every seed is trained.
ROWS = {
    "classical": (["--model", "classical", "--epochs", "20"], True),
    "dense, plain": (["--model", "dense", "--plain"], True),
    "dense": (["--model", "dense"], True),
    "sets": (["--model", "sets"], True),
    "attention": (["--model", "attention", "--epochs", "20"], True),
    "attention, 3 layers of 96": (
        ["--model", "attention", "--epochs", "20", "--width", "96", "--layers", "3", "--heads", "6"],
        True,
    ),
    "attention, pairs' momenta alone": (["--model", "attention", "--epochs", "20", "--pairs", "momenta"], False),
    "attention, no pairs": (["--model", "attention", "--epochs", "20", "--pairs", "none"], False),
}
# Background, signal and signal efficiency of the working points.
POINTS = [("cc", "bb", 0.8), ("uds", "bb", 0.8), ("bb", "cc", 0.5), ("uds", "cc", 0.5)]
# Further smearing of each track's point, in cm: a tenth of the best resolution, and as much as it.
SMEARINGS = [0.0, 5e-5, 1e-4, 2e-4, 5e-4]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artkg", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("runs/flavor"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(ROWS))
    options = parser.parse_args()
    options.artkg = options.artkg.resolve()
    test = {name: SHARED / f"test.{name}.txt.gz" for name in CLASSES}

    header = [f"{background} at {efficiency:.0%} {signal}" for background, signal, efficiency in POINTS]
    print("| | accuracy | " + " | ".join(header) + " |\n|---" + "|---" * (len(POINTS) + 1) + "|")
    models = {}
    for row in options.rows:
        arguments, every_seed = ROWS[row]
        seeds = range(options.seeds if every_seed else 1)
        models[row] = [trained(options, row, arguments, seed) for seed in seeds]
        found = [measured(options, model, test, model.parent / "test.html") for model in models[row]]
        cells = [spread([one["accuracy"] for one in found], 4)]
        cells += [spread([passing(one, *point) for one in found], 4) for point in POINTS]
        print(f"| {row} | " + " | ".join(cells) + " |", flush=True)

    compared = [row for row in ("sets", "attention") if row in models]
    if compared:
        print("\n| smeared by | " + " | ".join(compared) + " |\n|---" + "|---" * len(compared) + "|")
    for smearing in SMEARINGS if compared else []:
        files = smeared(test, smearing, options.output / f"smeared-{smearing:g}")
        found = [measured(options, models[row][0], files, options.output / "smeared.html") for row in compared]
        cells = [f"{one['accuracy']:.4f}" for one in found]
        print(f"| {1e4 * smearing:g} µm | " + " | ".join(cells) + " |", flush=True)


def trained(options, row: str, arguments: list[str], seed: int) -> Path:
    run = options.output / (re.sub("[ ,]+", "-", row.replace("'", "")) + f"-{seed}")
    model = run / "model.safetensors"
    if not model.exists():
        files = [
            part
            for split, option in (("train", "--class"), ("val", "--validation"))
            for name in CLASSES
            for part in (option, f"{name}={SHARED / f'{split}.{name}.txt.gz'}")
        ]
        resume = ["--resume"] if (run / "config.toml").exists() else []
        call([options.artkg, "flavor", "train", "--quiet", *arguments, "--seed", seed, *files, "--output", run, *resume])
    return model


def measured(options, model: Path, files: dict[str, Path], report: Path) -> dict:
    classes = [part for name, path in files.items() for part in ("--class", f"{name}={path}")]
    text = call([options.artkg, "flavor", "eval", "--json", "--quiet", "--no-importance", "--model", model, *classes,
                 "--output", report])  # fmt: skip
    return json.loads(text)[0]


def passing(found: dict, background: str, signal: str, efficiency: float) -> float:
    for point in found["working_points"]:
        if (point["background"], point["signal"], point["signal_efficiency"]) == (background, signal, efficiency):
            return point["background_efficiency"]
    raise LookupError(f"no working point of {background} at {efficiency} of {signal}")


def spread(values: list[float], digits: int) -> str:
    mean = f"{statistics.mean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


def smeared(files: dict[str, Path], size: float, folder: Path) -> dict[str, Path]:
    """Moves each track's point by normal deviates, independently across and along the beam; the tracks of an
    event in another order."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    written = {}
    for name, path in files.items():
        written[name] = folder / f"{name}.txt"
        table = read(str(path))
        starts = np.flatnonzero(np.isnan(table[:, 0]))
        with open(written[name], "w") as text:
            for start, end in zip(starts, np.append(starts[1:], len(table))):
                text.write("Axis = " + " ".join(f"{value:.9g}" for value in table[start, 4:]) + "\n")
                tracks = table[generator.permutation(np.arange(start + 1, end))]
                across = np.stack([tracks[:, 2], -tracks[:, 1]]) / np.hypot(tracks[:, 1], tracks[:, 2])
                sine = np.hypot(tracks[:, 1], tracks[:, 2]) / np.linalg.norm(tracks[:, 1:4], axis=1)
                transverse, longitudinal = size * generator.standard_normal((2, len(tracks)))
                tracks[:, 4:6] += (across * transverse).T
                tracks[:, 6] += longitudinal / sine
                np.savetxt(text, tracks, fmt="%.9g")
    return written


if __name__ == "__main__":
    main()
