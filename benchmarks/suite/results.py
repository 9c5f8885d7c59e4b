"""A case's result: systems, comparisons with their aims, and its file."""

import json
import statistics
from pathlib import Path

from suite import machine

RESULTS = Path(__file__).resolve().parents[1] / "results"


def compare(measure: str, peer: str, ours: list[float], theirs: list[float], aim: float | None, shown: tuple = ("", "")) -> dict:
    """A comparison of values where less is better, round by round; the median ratio counts.

    `shown` is what the table says of ours and of the peer.
    """
    ratios = sorted(their / our for our, their in zip(ours, theirs))
    spread = {"lowest": ratios[0], "highest": ratios[-1]}
    return judge(measure, peer, statistics.median(ratios), aim, shown) | spread


def judge(measure: str, peer: str, ratio: float, aim: float | None, shown: tuple = ("", "")) -> dict:
    """A comparison by one ratio; above 1 we are better."""
    met = None if aim is None else round(ratio, 2) >= aim
    return {"measure": measure, "peer": peer, "ours": shown[0], "theirs": shown[1], "ratio": ratio, "aim": aim, "met": met}


def save(case: str, what: str, threads: int, quick: bool, content: dict) -> dict:
    """Writes a case's file and returns what is in it.

    `content` has `systems` (by name; `value` and `unit` go into the table),
    `comparisons` and, where they say something, `differences` and `notes`.
    """
    result = {"case": case, "what": what, "threads": threads, "quick": quick, "machine": machine.facts(), **content}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{case.replace('/', '-')}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def load(order: list[str]) -> list[dict]:
    """The stored results of the cases in `order`, in that order."""
    found = (RESULTS / f"{case.replace('/', '-')}.json" for case in order)
    return [json.loads(path.read_text(encoding="utf-8")) for path in found if path.exists()]
