"""Running ours and the peers: in turns, or once each.

Either way every system is a process of its own, and systems alternate, so that a machine
that slows down or speeds up does so for all of them.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from suite.load import busy_seconds, is_disturbed, session_seconds

# How often a measurement is made that others disturb; the least disturbed one counts.
ATTEMPTS = 3
# Idle threads of some engines spin for a while before they sleep.
SETTLE_SECONDS = 0.3
# How long a measurement waits for the machine to become calm.
PATIENCE_SECONDS = 20.0
# A pass beyond this is warm-up enough.
SLOW_PASS_SECONDS = 3.0


class Unavailable(Exception):
    """A system can't do what a case asks for; the text says why."""


def environment(threads: int) -> dict:
    """The process environment that holds every library to that many threads."""
    names = ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    return os.environ | dict.fromkeys(names, str(threads))


def _status_mib(process_id: int, field: str) -> float | None:
    try:
        lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024
    except (OSError, StopIteration):
        return None


class Worker:
    """A process that runs passes when it is asked to; see turns.rs and peers/turns.py."""

    def __init__(self, name: str, command: list, threads: int):
        self.name = name
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [str(part) for part in command],
            env=environment(threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        self.version = self._answer()["version"]
        # Program, libraries, weights and inputs, before the first pass.
        self.loaded_mib = _status_mib(self._process.pid, "VmRSS:")
        self.peak_mib = None

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            raise Unavailable(f"{self.name}: {(self._errors.read().strip() or 'it stopped').splitlines()[-1]}")
        return json.loads(line)

    def run(self, passes: int) -> list[float]:
        """The seconds of each of so many passes."""
        self._process.stdin.write(f"{passes}\n")
        self._process.stdin.flush()
        return self._answer()["seconds"]

    def turn(self, passes: int) -> tuple[float, float]:
        """The median seconds of so many passes, and the share of a core that others took."""
        before, own = busy_seconds(), session_seconds(self._process.pid)
        start = time.perf_counter()
        seconds = statistics.median(self.run(passes))
        wall = time.perf_counter() - start
        if before is None:
            return seconds, 0.0
        others = busy_seconds() - before - (session_seconds(self._process.pid) - own)
        return seconds, others / wall if is_disturbed(others, wall) else 0.0

    def finish(self) -> None:
        """Has the process write its outputs and waits for its end."""
        self.peak_mib = _status_mib(self._process.pid, "VmHWM:")
        self._process.stdin.close()
        if self._process.wait() != 0:
            self._answer()

    def stop(self) -> None:
        """Ends the process without its outputs, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def take_turns(workers: list[Worker], rounds: int, turn_seconds: float) -> dict[str, dict]:
    """Warms every worker up, then gives each a turn a round; medians of each turn."""
    passes, turns, disturbed = {}, {worker.name: [] for worker in workers}, {worker.name: 0.0 for worker in workers}
    for worker in workers:
        seconds = worker.run(1)[0]
        if seconds < SLOW_PASS_SECONDS:
            seconds = worker.run(2)[-1]
        passes[worker.name] = max(1, round(turn_seconds / max(seconds, 1e-6)))
    for number in range(rounds):
        # The order turns around, so that nobody always comes after the same neighbour.
        for worker in workers if number % 2 == 0 else reversed(workers):
            seconds, others = calmest(lambda worker=worker: worker.turn(passes[worker.name]))
            turns[worker.name].append(seconds)
            disturbed[worker.name] = max(disturbed[worker.name], others)
    for worker in workers:
        worker.finish()
    return {
        worker.name: {
            "version": worker.version,
            "seconds": turns[worker.name],
            "passes_a_turn": passes[worker.name],
            "disturbed_by": disturbed[worker.name],
            "loaded_mib": worker.loaded_mib,
            "peak_mib": worker.peak_mib,
        }
        for worker in workers
    }


def wait_for_calm() -> None:
    """Waits until nothing else is busy, but not for ever."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        before = busy_seconds()
        time.sleep(SETTLE_SECONDS)
        if before is None or time.monotonic() > end or not is_disturbed(busy_seconds() - before, SETTLE_SECONDS):
            return


def calmest(measure) -> tuple:
    """The result of `measure` and how much others disturbed it, at best of some attempts."""
    found = []
    for _ in range(ATTEMPTS):
        wait_for_calm()
        found.append(measure())
        if found[-1][1] == 0:
            break
    return min(found, key=lambda one: one[1])


def run_once(name: str, command: list, threads: int) -> dict:
    """Runs a command to its end: wall-clock and processor seconds, peak memory, output."""
    result, others = calmest(lambda: _run(name, [str(part) for part in command], threads))
    return result | {"disturbed_by": others}


def _run(name: str, command: list[str], threads: int) -> tuple[dict, float]:
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        before, start = busy_seconds(), time.perf_counter()
        process = subprocess.Popen(command, env=environment(threads), stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        own = usage.ru_utime + usage.ru_stime
        others = 0.0 if before is None else busy_seconds() - before - own
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise Unavailable(f"{name}: {(errors.read().strip() or f'exit status {process.returncode}').splitlines()[-1]}")
        # In KiB on Linux, in bytes on macOS.
        unit = 2**20 if os.uname().sysname == "Darwin" else 2**10
        result = {"wall_seconds": wall, "processor_seconds": own, "peak_mib": usage.ru_maxrss / unit, "output": output.read()}
        return result, others / wall if is_disturbed(others, wall) else 0.0
