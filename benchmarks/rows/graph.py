"""Building the knowledge graph of synthetic artworks from their table."""

import json
import statistics
from functools import partial
from pathlib import Path

from suite.bench import Bench, Case
from suite.processes import run_once
from suite.results import compare, judge

SIZES = {10_000: "10⁴", 100_000: "10⁵", 1_000_000: "10⁶"}
# Asked for at the largest size.
AIM = 20.0


def cases() -> list[Case]:
    return [Case(f"graph/{size}", f"graph of {power} artworks", partial(run, size)) for size, power in SIZES.items()]


def run(size: int, bench: Bench) -> dict:
    corpus = prepare(size, bench)
    ours = [bench.binary("artkg-cli"), "graph", "build", corpus, "-o", corpus / "graph.akg", "--json"]
    peer = bench.peer("graph.py", corpus / "artworks.csv")
    # The peer's largest graph takes minutes and most of the memory.
    rounds = 1 if size == max(SIZES) or bench.quick else 3
    systems = {"artkg": [], "networkx": []}
    for _ in range(rounds):
        systems["artkg"] += [run_once("artkg", ours, bench.threads) for _ in range(2)]
        systems["networkx"].append(run_once("networkx", peer, bench.threads))
        systems["artkg"] += [run_once("artkg", ours, bench.threads) for _ in range(2)]
    found = {name: summary(runs) for name, runs in systems.items()}
    same = all(found["artkg"][count] == found["networkx"][count] for count in ("nodes", "edges"))
    each = " and ".join(f"{system['peak_mib'] * 2**20 / size:,.0f} bytes ({name})" for name, system in found.items())
    notes = [f"{found['artkg']['nodes']:,} nodes and {found['artkg']['edges']:,} edges from either; peak memory per artwork {each}"]
    if not same:
        notes = [f"the graphs differ: {[(one['nodes'], one['edges']) for one in found.values()]}"]
    peaks = [found[name]["peak_mib"] for name in ("artkg", "networkx")]
    seconds = [found[name]["median_seconds"] for name in ("artkg", "networkx")]
    largest = size == max(SIZES)
    label = "pandas and networkx"
    comparisons = [
        compare(
            "speed",
            label,
            [seconds[0]] * len(found["networkx"]["seconds"]),
            found["networkx"]["seconds"],
            AIM if largest else None,
            tuple(f"{value:.2f} s" for value in seconds),
        ),
        judge("peak memory", label, peaks[1] / peaks[0], None, tuple(f"{peak:,.0f} MiB" for peak in peaks)),
    ]
    return {"systems": found, "same_graph": same, "comparisons": comparisons if same else [], "notes": notes}


def prepare(size: int, bench: Bench) -> Path:
    """A corpus folder with that many artworks, made once."""
    corpus = bench.data(f"artworks-{size}")
    if not (corpus / "corpus.toml").exists():
        bench.call("graph_files.py", corpus, size)
    return corpus


def summary(runs: list[dict]) -> dict:
    """Seconds of the whole process; the peer leaves out what starting Python takes."""
    outputs = [json.loads(run["output"]) for run in runs]
    seconds = [output.get("seconds", run["wall_seconds"]) for output, run in zip(outputs, runs)]
    return {
        "version": outputs[0].get("version", "artkg"),
        "seconds": seconds,
        "median_seconds": statistics.median(seconds),
        "peak_mib": statistics.median(run["peak_mib"] for run in runs),
        "disturbed_by": max(run["disturbed_by"] for run in runs),
        "nodes": outputs[0]["nodes"],
        "edges": outputs[0]["edges"],
    }
