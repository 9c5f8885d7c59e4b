"""Draws the stored ratios: a row a comparison, its aim marked.

    plot.py RESULTS_FOLDER CASE,CASE,… FILE.svg
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

MET, MISSED, NO_AIM = "#2a7f62", "#c1502e", "#8d99ae"


def rows_of(folder: Path, cases: list[str]) -> list[tuple]:
    """(label, comparison) of every comparison of the cases; (title, None) before each case."""
    rows = []
    for case in cases:
        result = json.loads((folder / f"{case.replace('/', '-')}.json").read_text(encoding="utf-8"))
        rows.append((result["what"] + (" (quick)" if result["quick"] else ""), None))
        for comparison in result["comparisons"]:
            parts = [part for part in (comparison["peer"], comparison["measure"]) if part not in ("–", "speed")]
            rows.append((", ".join(parts), comparison))
    return rows


def draw(axes, place: int, comparison: dict) -> None:
    ratio, aim = comparison["ratio"], comparison["aim"]
    ends = [comparison.get("lowest") or ratio, comparison.get("highest") or ratio]
    axes.barh(place, ratio - 1, left=1, height=0.62, color={True: MET, False: MISSED, None: NO_AIM}[comparison["met"]])
    if ends[1] / ends[0] > 1.01:
        axes.plot(ends, [place, place], color="black", linewidth=0.8)
    if aim is not None:
        axes.plot([aim, aim], [place - 0.42, place + 0.42], color="black", linewidth=2)
    right = max(ratio, ends[1], aim or 0, 1)
    axes.annotate(f"{ratio:.2f}", (right, place), xytext=(5, 0), textcoords="offset points", va="center")


def main() -> None:
    rows = rows_of(Path(sys.argv[1]), sys.argv[2].split(","))
    # The same file from the same numbers.
    plt.rcParams |= {"svg.hashsalt": "artkg", "font.size": 9, "font.family": "DejaVu Sans"}
    figure, axes = plt.subplots(figsize=(9.5, 1.2 + 0.25 * len(rows)), layout="constrained")
    for place, (label, comparison) in enumerate(rows):
        if comparison:
            draw(axes, place, comparison)
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    for tick, (_, comparison) in zip(axes.get_yticklabels(), rows):
        tick.set_fontweight("normal" if comparison else "bold")
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xscale("log")
    ratios = [value for _, one in rows if one for value in (one["ratio"], one.get("lowest"), one.get("highest"), one["aim"]) if value]
    left, right = min(0.7, min(ratios) / 1.1), max(2, max(ratios) * 1.4)
    axes.set_xlim(left, right)
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if left <= tick <= right]
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks])
    axes.minorticks_off()
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axvline(1, color="black", linewidth=0.8)
    figure.suptitle("artkg beside its peers: right of 1×, artkg is faster, smaller or better", fontsize=11)
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (MET, MISSED, NO_AIM)]
    handles.append(plt.Line2D([], [], color="black", marker="|", linestyle="none", markersize=11, markeredgewidth=2))
    figure.legend(handles, ["aim met", "aim missed", "no aim set", "the aim"], loc="outside lower center", ncols=4, frameon=False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.savefig(sys.argv[3], metadata={"Date": None} if sys.argv[3].endswith(".svg") else None, dpi=110)


if __name__ == "__main__":
    main()
