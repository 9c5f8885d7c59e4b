#!/usr/bin/env python3
"""Times ResNet-50 inference and training against PyTorch on this machine.

Same weights, same inputs, same number of threads; each case runs in a process
of its own, artkg and PyTorch in turn, and their outputs are compared. Writes
benchmarks/results/resnet.json and prints a Markdown table.

    python3 benchmarks/resnet/run.py                 # makes benchmarks/.venv if needed
    python3 benchmarks/resnet/run.py --python PATH   # a Python that has torch
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCHMARKS = HERE.parent
ROOT = BENCHMARKS.parent
PEERS = ["torch", "torchvision", "numpy", "safetensors"]

# Written with numpy, which the Python that runs this script may lack.
MAKE_INPUTS = """
import sys
import numpy as np
from safetensors.numpy import save_file
batch = int(sys.argv[2])
b, h, w, c = np.meshgrid(*map(np.arange, (batch, 224, 224, 3)), indexing="ij")
images = 1.2 * np.sin(0.02 * (b + 1) * h + 0.03 * (c + 1) * w) + 0.8 * np.sin(0.4 * h * (c + 1) - 0.3 * w * (b + 1))
targets = (np.arange(batch) * 37 % 1000).astype(np.uint32)
save_file({"images": images.astype(np.float32), "targets": targets}, sys.argv[1])
"""
# Largest difference relative to the largest value.
COMPARE = """
import sys
import numpy as np
from safetensors.numpy import load_file
a, b = (load_file(path)["result"].astype(np.float64) for path in sys.argv[1:3])
assert a.shape == b.shape, (a.shape, b.shape)
print(np.abs(a - b).max() / np.abs(b).max())
"""
# Training amplifies rounding from step to step, inference does not.
TOLERANCE = {"inference": 1e-4, "training": 1e-2}


def find_python(given: str | None) -> str:
    """A Python with the peers: the given one, this one, or benchmarks/.venv."""
    own = BENCHMARKS / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    candidates = [given] if given else [sys.executable, str(own)]
    check = "; ".join(f"import {name}" for name in PEERS)
    for candidate in candidates:
        if Path(candidate).exists() and subprocess.run([candidate, "-c", check], capture_output=True).returncode == 0:
            return candidate
    if given:
        sys.exit(f"{given} lacks one of {', '.join(PEERS)}")
    print(f"installing {', '.join(PEERS)} into {own.parent.parent}", file=sys.stderr)
    venv.create(own.parent.parent, with_pip=True)
    subprocess.run([own, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return str(own)


def build() -> Path:
    """Builds the example and returns its path, wherever the target folder is."""
    command = ["cargo", "build", "--release", "-p", "artkg-vision", "--example", "resnet_speed"]
    subprocess.run(command, cwd=ROOT, check=True)
    command = ["cargo", "metadata", "--format-version=1", "--no-deps"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    suffix = ".exe" if os.name == "nt" else ""
    return Path(metadata["target_directory"]) / "release" / "examples" / f"resnet_speed{suffix}"


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def run_case(program: list[str], case: str, batch: int, options: dict[str, str], threads: int) -> dict:
    """One process; its JSON line with the median time and speed added."""
    arguments = [case, "--batch", str(batch)]
    for name, value in options.items():
        arguments += [f"--{name}", str(value)]
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    finished = subprocess.run([*program, *arguments], env=environment, capture_output=True, text=True)
    if finished.returncode != 0:
        sys.exit(f"{' '.join(map(str, program))} {case} failed:\n{finished.stderr}")
    result = json.loads(finished.stdout.splitlines()[-1])
    result["median_seconds"] = statistics.median(result["seconds"])
    result["images_per_second"] = batch / result["median_seconds"]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = Path(os.environ.get("ARTKG_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--python", help="a Python that has torch; else benchmarks/.venv is made")
    parser.add_argument("--weights", type=Path, default=shared / "weights/resnet50-v1-imagenet.safetensors")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=8, help="timed passes of batch 8; others in proportion")
    parser.add_argument("--only", choices=list(TOLERANCE))
    parser.add_argument("--batches", type=int, nargs="*", help="only these batch sizes")
    parser.add_argument("--output", type=Path, default=BENCHMARKS / "results/resnet.json")
    arguments = parser.parse_args()
    if not arguments.weights.exists():
        sys.exit(f"{arguments.weights} is missing: pass a v1 ResNet-50 with torchvision's names by --weights")
    python = find_python(arguments.python)
    programs = {"artkg": [str(build())], "pytorch": [python, str(HERE / "peer.py")]}

    cases = []
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs.safetensors"
        subprocess.run([python, "-c", MAKE_INPUTS, inputs, "32"], check=True)
        for case, batch in [("inference", 1), ("inference", 8), ("inference", 32), ("training", 8), ("training", 32)]:
            if (arguments.only or case) != case or (arguments.batches and batch not in arguments.batches):
                continue
            measured: dict = {"case": case, "batch": batch}
            repeats = {1: 4 * arguments.repeats, 8: arguments.repeats, 32: max(2, arguments.repeats // 3)}[batch]
            for name, program in programs.items():
                options = {
                    "weights": arguments.weights,
                    "inputs": inputs,
                    "outputs": Path(folder) / f"{name}.safetensors",
                    "repeats": repeats,
                }
                measured[name] = run_case(program, case, batch, options, arguments.threads)
            outputs = [Path(folder) / f"{name}.safetensors" for name in programs]
            compared = subprocess.run([python, "-c", COMPARE, *outputs], check=True, capture_output=True, text=True)
            measured["difference"] = float(compared.stdout)
            measured["ratio"] = measured["artkg"]["images_per_second"] / measured["pytorch"]["images_per_second"]
            if not measured["difference"] <= TOLERANCE[case]:
                sys.exit(f"{case} batch {batch}: outputs differ by {measured['difference']:.1e}")
            cases.append(measured)
            print(f"{case} batch {batch}: {measured['ratio']:.2f} × PyTorch", file=sys.stderr)

    report = {"processor": processor(), "threads": arguments.threads, "cases": cases}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(report, indent=1) + "\n")
    print(f"ResNet-50, 224 px, f32, {arguments.threads} threads, {report['processor']}\n")
    print("| case | batch | artkg images/s | PyTorch images/s | ratio | artkg MiB | PyTorch MiB | outputs differ by |")
    print("|---|---|---|---|---|---|---|---|")
    for case in cases:
        ours, peer = case["artkg"], case["pytorch"]
        print(
            f"| {case['case']} | {case['batch']} | {ours['images_per_second']:.1f} | {peer['images_per_second']:.1f} "
            f"| {case['ratio']:.2f} | {ours['peak_mib']:.0f} | {peer['peak_mib']:.0f} | {case['difference']:.0e} |"
        )


if __name__ == "__main__":
    main()
