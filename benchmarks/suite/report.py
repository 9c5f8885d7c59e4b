"""The table and the plot of the stored results."""

import subprocess
from pathlib import Path

from suite.results import RESULTS

BENCHMARKS = Path(__file__).resolve().parents[1]
TITLES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "pytorch": "PyTorch"}
DOCS = BENCHMARKS.parent / "docs"


def describe(comparison: dict) -> str:
    """A comparison as a sentence."""
    text = f"{comparison['measure']} {comparison['ratio']:.2f} × {comparison['peer']}"
    if comparison["aim"] is not None:
        text += f", aim {comparison['aim']:g}: {'met' if comparison['met'] else 'not met'}"
    return text


def write(results: list[dict], python: Path, docs: bool) -> str:
    """Writes table.md and ratios.svg beside the results; returns the table."""
    text = table(results)
    (RESULTS / "table.md").write_text(text, encoding="utf-8")
    plot(results, RESULTS / "ratios.svg", python)
    if docs:
        plot(results, DOCS / "images" / "benchmarks.svg", python)
        head = (BENCHMARKS / "docs-head.md").read_text(encoding="utf-8")
        (DOCS / "benchmarks.md").write_text(f"{head}\n{text}", encoding="utf-8")
    return text


def plot(results: list[dict], path: Path, python: Path) -> None:
    """Draws the ratios, with the peers' matplotlib."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cases = ",".join(result["case"] for result in results if result["comparisons"])
    subprocess.run([python, BENCHMARKS / "peers" / "plot.py", RESULTS, cases, path], check=True)


def table(results: list[dict]) -> str:
    """The Markdown table: a line for each comparison of each case."""
    lines = [
        "| what | peer | measure | artkg | peer's | ratio | range | aim | met |",
        "|---|---|---|---:|---:|---:|---|---:|---|",
    ]
    for result in results:
        for comparison in result["comparisons"]:
            lines.append(row(result, comparison))
    measured = sorted({machine(result) for result in results})
    text = "\n".join([*lines, "", *notes(results), "", *(f"- Measured on {one}." for one in measured)])
    return f"{text}\n- {versions(results)}\n"


def row(result: dict, comparison: dict) -> str:
    aim, met = comparison["aim"], {True: "yes", False: "**no**", None: ""}[comparison["met"]]
    spread = f"{comparison['lowest']:.2f}–{comparison['highest']:.2f}" if comparison.get("lowest") != comparison.get("highest") else ""
    cells = [
        result["what"] + (" (quick)" if result["quick"] else ""),
        comparison["peer"],
        comparison["measure"],
        comparison["ours"],
        comparison["theirs"],
        f"{comparison['ratio']:.2f}",
        spread,
        "" if aim is None else f"{aim:g}",
        met,
    ]
    return f"| {' | '.join(cells)} |"


def notes(results: list[dict]) -> list[str]:
    """What the reader of the numbers should know, once each."""
    lines = []
    for result in results:
        differences = (f"{value:.0e} ({TITLES[name]})" for name, value in result.get("differences", {}).items())
        if text := ", ".join(differences):
            lines.append((result["what"], f"results differ by {text} of the largest value"))
        lines += [(result["what"], note) for note in result.get("notes", [])]
        others = max((system.get("disturbed_by", 0) for system in result["systems"].values()), default=0)
        if others:
            lines.append((result["what"], f"other programs took up to {others:.0%} of a core at the same time"))
    return [f"- {what}: {note}." for what, note in lines]


def machine(result: dict) -> str:
    facts = result["machine"]
    return (
        f"{facts['date']}: {facts['processor']} ({', '.join(facts['instructions'])}), {facts['cores']} cores, "
        f"{facts['memory_gib']} GiB, {facts['system']}, {facts['rustc'].split(' (')[0]}, artkg at {facts['sources']}, "
        f"{result['threads']} threads each"
    )


def versions(results: list[dict]) -> str:
    names = {system["version"] for result in results for system in result["systems"].values() if system.get("version")}
    return f"Versions: {', '.join(sorted(names))}."
