#!/usr/bin/env python3
"""Compares artkg with other projects on this machine: the speed table.

    python3 benchmarks/run.py                        # everything (about 45 minutes on two cores)
    python3 benchmarks/run.py --quick                # a first look: short turns, small sizes
    python3 benchmarks/run.py --only inference/resnet50 graph
    python3 benchmarks/run.py --list
    python3 benchmarks/run.py --report --write-docs  # from the stored results, nothing is run

Installs the peers into a virtual environment under ~/.cache/artkg-benchmarks, writes
benchmarks/results/*.json, table.md and ratios.svg, and prints the table.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from rows import CASES
from suite import machine, programs, report
from suite.bench import Bench, Case
from suite.processes import Unavailable
from suite.results import load, save


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("ARTKG_SHARED", programs.ROOT.parent / "shared"))
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only the cases whose names start so")
    parser.add_argument("--quick", action="store_true", help="short turns and small sizes; its ratios are rough")
    parser.add_argument("--python", type=Path, metavar="VENV", help="a virtual environment that has the peers")
    parser.add_argument("--threads", type=int, default=2, help="threads of every system")
    parser.add_argument("--shared", type=Path, default=shared, help="the folder of shared data")
    parser.add_argument("--list", action="store_true", help="print the cases' names and end")
    parser.add_argument("--report", action="store_true", help="only write table and plot of the stored results")
    parser.add_argument("--write-docs", action="store_true", help="also write docs/benchmarks.md and its plot")
    options = parser.parse_args()
    if options.write_docs and not machine.is_clean():
        sys.exit("docs/benchmarks.md is not written: the git tree has uncommitted changes; commit them and measure again")
    chosen = choose(options.only)
    if options.list:
        print("\n".join(f"{case.name:24} {case.what}" for case in chosen))
        return
    python = programs.peers_python(options.python)
    bench = Bench(python, options.threads, options.quick, options.shared)
    failed = [] if options.report else [case.name for case in chosen if not measure(case, bench)]
    results = load([case.name for case in CASES])
    if options.write_docs and (dirty := [result["case"] for result in results if is_dirty(result)]):
        sys.exit(f"docs/benchmarks.md is not written: measured with uncommitted changes: {', '.join(dirty)}; measure them again")
    if results:
        print(report.write(results, python, options.write_docs))
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def is_dirty(result: dict) -> bool:
    """Whether a stored result was measured with sources that are no commit's."""
    sources = result["machine"]["sources"]
    return not sources or sources.endswith("-dirty")


def choose(names: list[str] | None) -> list[Case]:
    """The cases whose names start with one of `names`; all without names."""
    for name in names or []:
        if not any(belongs(case, name) for case in CASES):
            sys.exit(f"no case is named {name}; --list shows them")
    return [case for case in CASES if not names or any(belongs(case, name) for name in names)]


def belongs(case: Case, name: str) -> bool:
    parts = name.strip("/").split("/")
    return case.name.split("/")[: len(parts)] == parts


def measure(case: Case, bench: Bench) -> bool:
    """Runs and stores a case; whether it could be measured."""
    start = time.perf_counter()
    print(f"{case.name}: {case.what}", file=sys.stderr)
    try:
        result = case.run(bench)
    except Unavailable as reason:
        print(f"  not measured: {reason}", file=sys.stderr)
        return False
    save(case.name, case.what, bench.threads, bench.quick, result)
    for comparison in result["comparisons"]:
        print(f"  {report.describe(comparison)}", file=sys.stderr)
    for note in result.get("notes", []):
        print(f"  note: {note}", file=sys.stderr)
    print(f"  ({time.perf_counter() - start:.0f} s)", file=sys.stderr)
    return bool(result["comparisons"])


if __name__ == "__main__":
    main()
