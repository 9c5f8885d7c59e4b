"""What a case gets to run with."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from suite import programs

PEERS = programs.BENCHMARKS / "peers"
# Raised when prepared files change their meaning.
DATA_VERSION = 2


@dataclass
class Bench:
    """The settings of a run, its programs and its folder of prepared data."""

    python: Path
    threads: int
    quick: bool
    shared: Path
    _binaries: dict = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """How often every system gets a turn."""
        return 2 if self.quick else 5

    @property
    def turn_seconds(self) -> float:
        """About how long a turn lasts."""
        return 0.5 if self.quick else 1.5

    def data(self, name: str) -> Path:
        """A file or folder of prepared data, which later runs find again."""
        folder = programs.CACHE / f"data-{DATA_VERSION}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def binary(self, package: str, example: str | None = None) -> Path:
        """A release binary of ours, built on first use."""
        key = (package, example)
        if key not in self._binaries:
            self._binaries[key] = programs.build(package, example)
        return self._binaries[key]

    def peer(self, script: str, *arguments) -> list:
        """The command line of a script in peers/."""
        return [self.python, PEERS / script, *arguments]

    def call(self, script: str, *arguments) -> str:
        """Runs a script in peers/ that prepares or compares something; its output."""
        command = [str(part) for part in self.peer(script, *arguments)]
        finished = subprocess.run(command, capture_output=True, text=True)
        if finished.returncode != 0:
            sys.exit(f"{script} {' '.join(command[2:])} failed:\n{finished.stderr}")
        return finished.stdout.strip()


@dataclass(frozen=True)
class Case:
    """One measurement: a name such as `inference/resnet50/8`, what it is, and how it runs."""

    name: str
    what: str
    run: Callable[[Bench], dict]
