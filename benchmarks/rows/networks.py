"""Inference and training steps of the networks: a, b and c of the table."""

import statistics
from functools import partial
from pathlib import Path

from suite.bench import Bench, Case
from suite.processes import Unavailable, Worker, take_turns
from suite.report import TITLES
from suite.results import compare

NETWORKS = {"resnet50": "ResNet-50", "vgg16": "VGG16", "resnet18": "ResNet-18", "dinov2_vits14": "DINOv2 ViT-S/14"}
# The others have to beat PyTorch alone.
AS_FAST_AS_RUNTIMES = {"resnet50", "dinov2_vits14"}
SHORT = ("resnet50", "dinov2_vits14")
INFERENCE_BATCHES, TRAINING_BATCHES = (1, 8, 32), (8, 32)
PYTORCH = {
    "inference": {"resnet50": 1.4, "vgg16": 1.2, "resnet18": 1.2, "dinov2_vits14": 1.2},
    "training": {"resnet50": 1.3, "vgg16": 1.2, "resnet18": 1.2, "dinov2_vits14": 1.3},
}
# Largest difference of the outputs relative to the largest value; training amplifies
# rounding from step to step.
TOLERANCE = {"inference": 1e-3, "training": 2e-3}
# How much farther from f32's results our bf16 may be than the peers'.
BF16_MARGIN = 2.0


def cases() -> list[Case]:
    found = []
    for network, title in NETWORKS.items():
        for batch in INFERENCE_BATCHES:
            found.append((f"inference/{network}/{batch}", f"{title} inference, f32, batch {batch}", network, "inference", "f32", batch))
    for network, title in NETWORKS.items():
        for batch in TRAINING_BATCHES:
            found.append((f"training/{network}/{batch}", f"{title} training step, f32, batch {batch}", network, "training", "f32", batch))
    for network in SHORT:
        for batch in INFERENCE_BATCHES:
            title = f"{NETWORKS[network]} inference, bf16, batch {batch}"
            found.append((f"bf16/{network}/{batch}", title, network, "inference", "bf16", batch))
    return [Case(name, what, partial(run, *shape)) for name, what, *shape in found]


def prepare(bench: Bench, network: str) -> Path:
    """Seeded weights, inputs and the ONNX file of a network, made once."""
    folder = bench.data(network)
    if not (folder / "network.onnx").exists():
        bench.call("network_files.py", network, folder)
    return folder


def run(network: str, mode: str, precision: str, batch: int, bench: Bench) -> dict:
    folder = prepare(bench, network)
    engines = {"inference": ["onnxruntime", "openvino", "pytorch"], "training": ["pytorch"]}[mode]
    if precision == "bf16":
        # ONNX Runtime's CPU kernels don't compute in bf16.
        engines.remove("onnxruntime")

    def start(name: str, precision: str, output: str) -> Worker:
        if name == "artkg":
            program = [bench.binary("artkg-vision", "network_speed")]
        else:
            program = bench.peer("network.py", "--engine", name)
        files = {"weights": folder / "weights.safetensors", "inputs": folder / "inputs.safetensors", "outputs": folder / output}
        options = {"backbone": network, "mode": mode, "precision": precision, "batch": batch, **files}
        return Worker(name, [*program, *(part for name, value in options.items() for part in (f"--{name}", value))], bench.threads)

    workers, notes = [], []
    try:
        for name in ["artkg", *engines]:
            try:
                workers.append(start(name, precision, f"{name}.safetensors"))
            except Unavailable as reason:
                notes.append(str(reason))
        systems = take_turns(workers, bench.rounds, bench.turn_seconds)
    finally:
        for worker in workers:
            worker.stop()
    for system in systems.values():
        system["images_per_second"] = batch / statistics.median(system["seconds"])
    result = {"systems": systems, "comparisons": [], "notes": notes}
    if "artkg" in systems:
        result["comparisons"] = comparisons(network, mode, precision, systems)
        peers = [name for name in systems if name != "artkg"]
        if precision == "f32":
            result["differences"] = {name: difference(bench, folder, "artkg", name) for name in peers}
            notes += [f"that is too much for {name}" for name, found in result["differences"].items() if not found <= TOLERANCE[mode]]
        else:
            reference = start("pytorch", "f32", "f32.safetensors")
            reference.run(1)
            reference.finish()
            found = {name: difference(bench, folder, name, "f32") for name in systems}
            result["differences_from_f32"] = found
            texts = (f"{value:.1e} ({TITLES.get(name, name)})" for name, value in found.items())
            notes.append(f"results differ from PyTorch's f32 by {', '.join(texts)} of the largest value")
            if peers and not found["artkg"] <= BF16_MARGIN * max(found[name] for name in peers):
                notes.append("that is too much for artkg")
    return result


def difference(bench: Bench, folder: Path, name: str, other: str) -> float:
    return float(bench.call("compare.py", *(folder / f"{one}.safetensors" for one in (name, other))))


def comparisons(network: str, mode: str, precision: str, systems: dict) -> list[dict]:
    ours, found = systems["artkg"], []

    def speed(peer: str, label: str, aim: float | None) -> None:
        theirs = systems[peer]
        shown = tuple(f"{system['images_per_second']:.1f} images/s" for system in (ours, theirs))
        found.append(compare("speed", label, ours["seconds"], theirs["seconds"], aim, shown))

    runtimes = [name for name in ("onnxruntime", "openvino") if name in systems]
    if runtimes and precision == "f32":
        best = min(runtimes, key=lambda name: statistics.median(systems[name]["seconds"]))
        speed(best, f"{TITLES[best]}, the best of {len(runtimes)} runtimes", 1.0 if network in AS_FAST_AS_RUNTIMES else None)
    if precision == "bf16" and "openvino" in systems:
        speed("openvino", "OpenVINO in bf16", 0.8)
    if "pytorch" in systems:
        label = "PyTorch, channels last" + (", bf16" if precision == "bf16" else "")
        speed("pytorch", label, PYTORCH[mode][network] if precision == "f32" else None)
    if mode == "training" and "pytorch" in systems:
        peaks = [system["peak_mib"] for system in (ours, systems["pytorch"])]
        if all(peaks):
            shown = tuple(f"{peak:.0f} MiB" for peak in peaks)
            found.append(compare("peak memory", "PyTorch, channels last", peaks[:1], peaks[1:], 1.0, shown))
    return found
