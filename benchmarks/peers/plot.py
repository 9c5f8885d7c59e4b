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


def comparisons(folder: Path, cases: list[str]) -> list[tuple]:
    """(label, comparison) of every comparison of the cases, in their order."""
    found = []
    for case in cases:
        result = json.loads((folder / f"{case.replace('/', '-')}.json").read_text(encoding="utf-8"))
        for comparison in result["comparisons"]:
            measure = "" if comparison["measure"] == "speed" else f" ({comparison['measure']})"
            peer = "" if comparison["peer"] == "–" else f" vs {comparison['peer']}"
            found.append((f"{result['what']}{measure}{peer}", comparison))
    return found


def main() -> None:
    rows = comparisons(Path(sys.argv[1]), sys.argv[2].split(","))
    # The same file from the same numbers.
    plt.rcParams |= {"svg.hashsalt": "artkg", "font.size": 9, "font.family": "DejaVu Sans"}
    figure, axes = plt.subplots(figsize=(11, 0.9 + 0.27 * len(rows)), layout="constrained")
    for place, (_, comparison) in enumerate(rows):
        colour = {True: MET, False: MISSED, None: NO_AIM}[comparison["met"]]
        axes.barh(place, comparison["ratio"] - 1, left=1, height=0.62, color=colour)
        if comparison.get("lowest") is not None:
            axes.plot([comparison["lowest"], comparison["highest"]], [place, place], color="black", linewidth=0.8)
        if comparison["aim"] is not None:
            axes.plot([comparison["aim"]] * 2, [place - 0.42, place + 0.42], color="black", linewidth=2)
        right = max(comparison["ratio"], comparison.get("highest") or 0, comparison["aim"] or 0, 1)
        axes.annotate(f"{comparison['ratio']:.2f}", (right, place), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xscale("log")
    lowest = min(comparison.get("lowest") or comparison["ratio"] for _, comparison in rows)
    highest = max(comparison.get("highest") or comparison["ratio"] for _, comparison in rows)
    axes.set_xlim(min(0.45, lowest / 1.1), highest * 1.5)
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks])
    axes.minorticks_off()
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_title("artkg beside its peers: above 1× artkg is faster, smaller or better", loc="left")
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (MET, MISSED, NO_AIM)]
    handles.append(plt.Line2D([], [], color="black", linewidth=2, marker="|", linestyle="none", markersize=11, markeredgewidth=2))
    figure.legend(handles, ["aim met", "aim missed", "no aim set", "the aim"], loc="outside lower center", ncols=4, frameon=False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.savefig(sys.argv[3], metadata={"Date": None} if sys.argv[3].endswith(".svg") else None, dpi=110)


if __name__ == "__main__":
    main()
