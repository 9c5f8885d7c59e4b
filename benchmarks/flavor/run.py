#!/usr/bin/env python3
"""Times the deep-sets tagger against PyTorch, and tagging against numpy reading
the same text, on this machine. Writes benchmarks/results/flavor.json and prints
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
CLASSES = ["uds", "cc", "bb"]


def call(command: list) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


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
    artkg = options.artkg
    if artkg is None:
        subprocess.run(["cargo", "build", "--release", "-p", "artkg-cli"], cwd=ROOT, check=True)
        metadata = call(["cargo", "metadata", "--format-version", "1", "--no-deps", "--manifest-path", ROOT / "Cargo.toml"])
        artkg = Path(json.loads(metadata)["target_directory"]) / "release" / "artkg"
    shared = Path(os.environ.get("ARTKG_SHARED", ROOT.parent / "shared")) / "flavor"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        files = [shared / f"train.{name}.txt.gz" for name in CLASSES]
        if not files[0].exists():
            print(f"{shared} is not there: toy events instead", file=sys.stderr)
            call([artkg, "flavor", "synth", "--events", "6000", "--output", folder])
            files = [folder / f"{name}.txt" for name in CLASSES]
        # Plain text, so that no time goes into unpacking.
        plain = []
        for name, file in zip(CLASSES, files):
            plain.append(folder / f"plain.{name}.txt")
            opener = "import gzip,sys;sys.stdout.buffer.write((gzip.open if sys.argv[1].endswith('.gz') else open)(sys.argv[1],'rb').read())"
            with open(plain[-1], "wb") as text:
                subprocess.run([sys.executable, "-c", opener, file], check=True, stdout=text)

        run = folder / "run"
        classes = [part for name, file in zip(CLASSES, plain) for part in ("--class", f"{name}={file}")]
        # The validation share is small: both train on nearly all events.
        call([artkg, "flavor", "train", *classes, "--epochs", options.epochs, "--output", run, "--threads", options.threads])
        records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        ours = [record["seconds"] for record in records if "validation" in record]
        steps = [record["examples_per_second"] for record in records if "validation" in record]
        peer = json.loads(call([options.python, HERE / "peer.py", "train", 128, 128, options.epochs, options.threads, *plain]))
        peer_rate = peer["events"] / median(peer["seconds"])
        our_rate = statistics.median(steps[1:] or steps)

        tagging, reading, events = [], [], 0
        for _ in range(options.repeats):
            start = time.perf_counter()
            call([artkg, "flavor", "tag", "--quiet", "--model", run / "model.safetensors", "--output", folder / "tags.csv", "--threads", options.threads, *plain])
            tagging.append(time.perf_counter() - start)
            read = json.loads(call([options.python, HERE / "peer.py", "read", 1, *plain]))
            reading += read["seconds"]
            events = read["events"]
        results = {
            "training_events_per_second": {"artkg": our_rate, "torch": peer_rate},
            "epoch_seconds": {"artkg": median(ours), "torch": median(peer["seconds"])},
            "tagging_events_per_second": events / median(tagging),
            "numpy_reading_events_per_second": events / median(reading),
            "events": events,
            "threads": options.threads,
        }
    output = HERE.parent / "results" / "flavor.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(results, indent=2) + "\n")
    print("| what | artkg | peer | ratio |\n|---|---|---|---|")
    print(f"| training deep sets, events/s | {our_rate:,.0f} | PyTorch {peer_rate:,.0f} | {our_rate / peer_rate:.2f} |")
    tag_rate, read_rate = results["tagging_events_per_second"], results["numpy_reading_events_per_second"]
    print(f"| tagging from text, events/s | {tag_rate:,.0f} | numpy, reading alone {read_rate:,.0f} | {tag_rate / read_rate:.2f} |")


if __name__ == "__main__":
    main()
