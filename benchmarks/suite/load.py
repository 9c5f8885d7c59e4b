"""What else keeps the machine busy while something is measured.

Reads Linux's /proc; elsewhere nothing is known and nothing is said.
"""

import os
from pathlib import Path

# More than this share of a core, and a measurement is repeated.
TOLERATED = 0.15


def _ticks() -> float:
    return os.sysconf("SC_CLK_TCK")


def busy_seconds() -> float | None:
    """Processor seconds of the whole machine since it started, stolen ones included."""
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _idle, _wait, interrupt, soft_interrupt, stolen = map(int, fields[:8])
    return (user + nice + system + interrupt + soft_interrupt + stolen) / _ticks()


def session_seconds(session: int) -> float:
    """Processor seconds of all processes of a session, a worker's helpers included."""
    total = 0
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = process.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            total += int(fields[11]) + int(fields[12])
    return total / _ticks()


def is_disturbed(others: float, wall: float) -> bool:
    """Whether others' processor seconds are too many for a measurement of `wall` seconds."""
    # The system counts in hundredths of a second.
    return others > TOLERATED * wall + 0.05
