"""The programs that are compared: our release binaries and a Python with the peers."""

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
REQUIREMENTS = BENCHMARKS / "requirements.txt"
CACHE = Path(os.environ.get("ARTKG_BENCHMARKS", Path.home() / ".cache" / "artkg-benchmarks"))


def peers_python(given: Path | None) -> Path:
    """The Python of the given environment, or of our own with the pinned peers."""
    folder = given or CACHE / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if given:
        if not python.exists():
            sys.exit(f"{given} is no virtual environment: it has no {python.relative_to(given)}")
        return python
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = folder / "requirements.sha256"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing the peers into {folder}", file=sys.stderr)
        if not python.exists():
            venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    return python


def build(package: str, example: str | None = None) -> Path:
    """Builds a release binary, the package's own or an example, and returns its path."""
    command = ["cargo", "build", "--release", "--quiet", "-p", package, "--message-format=json"]
    if example:
        command += ["--example", example]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    artifacts = (json.loads(line) for line in built.stdout.splitlines())
    return Path([artifact["executable"] for artifact in artifacts if artifact.get("executable")][-1])
