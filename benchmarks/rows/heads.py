"""Linear heads trained on cached features: 20,000 × 2048, the four tasks of the paper."""

import json
import statistics

from suite.bench import Bench, Case
from suite.processes import Worker, run_once, take_turns
from suite.results import compare, judge

ROWS, VALIDATION, WIDTH = 20_000, 4_000, 2048
QUICK_ROWS = 4_000
CLASSES = {"type": 15, "school": 25, "timeframe": 9, "author": 199}
BATCH, RATE = 256, 0.05


def cases() -> list[Case]:
    return [Case("heads", f"an epoch of four linear heads over {ROWS:,} × {WIDTH} features", run)]


def run(bench: Bench) -> dict:
    rows = QUICK_ROWS if bench.quick else ROWS
    folder = bench.data(f"features-{rows}")
    if not (folder / "validation.safetensors").exists():
        bench.call("head_files.py", folder, rows, VALIDATION, WIDTH, json.dumps(CLASSES))
    outputs = {name: folder / f"{name}.safetensors" for name in ("artkg", "pytorch")}
    options = ["--data", folder / "train.safetensors", "--batch", BATCH, "--rate", RATE]
    programs = {
        "artkg": [bench.binary("artkg-nn", "head_speed"), *options],
        "pytorch": bench.peer("heads.py", "pytorch", *options),
    }
    workers = []
    try:
        for name, program in programs.items():
            workers.append(Worker(name, [*program, "--outputs", outputs[name]], bench.threads))
        systems = take_turns(workers, bench.rounds, bench.turn_seconds)
    finally:
        for worker in workers:
            worker.stop()
    scikit = {}
    for name in ("sgd", "logistic"):
        found = run_once(f"scikit-learn {name}", bench.peer("heads.py", name, *options, "--threads", bench.threads), bench.threads)
        scikit[name] = found | json.loads(found.pop("output"))
    systems |= {"scikit-learn SGDClassifier": scikit["sgd"], "scikit-learn LogisticRegression": scikit["logistic"]}
    scores = {name: json.loads(bench.call("heads.py", "score", "--data", folder, "--outputs", path)) for name, path in outputs.items()}
    for name, score in scores.items():
        systems[name] |= score
    epochs = int(bench.call("heads.py", "epochs-to", *options, "--accuracy", scikit["logistic"]["accuracy"]))
    ours = systems["artkg"]
    epoch = statistics.median(ours["seconds"])

    def times(peer: str, theirs: list[float], label: str, mine: list[float], aim: float | None) -> dict:
        shown = f"{statistics.median(mine):.2f} s", f"{statistics.median(theirs):.2f} s"
        return compare(label, peer, mine, theirs, aim, shown)

    return {
        "systems": systems,
        "epochs_to_logistic_accuracy": epochs,
        "comparisons": [
            times("PyTorch linear", systems["pytorch"]["seconds"], "speed, an epoch", ours["seconds"], 1.0),
            times("scikit-learn SGDClassifier", scikit["sgd"]["seconds"], "speed, an epoch", [epoch], 1.0),
            times(
                "scikit-learn LogisticRegression", scikit["logistic"]["seconds"], f"speed to its accuracy, {epochs} epochs", [epochs * epoch], 1.0
            ),
            judge("an epoch within a second", "–", 1.0 / epoch, 1.0, (f"{epoch:.2f} s", "1 s")),
        ],
        "differences": {"pytorch": float(bench.call("compare.py", *outputs.values()))},
        "notes": [f"mean validation accuracy of {accuracies(systems)}"],
    }


def accuracies(systems: dict) -> str:
    """The accuracies in words: of one epoch, but for the regression that runs to its end."""
    *epochs, end = (f"{name} {system['accuracy']:.3f}" for name, system in systems.items())
    return f"{', '.join(epochs)} after an epoch, {end} at its end"
