"""Facts of the machine and the sources that a result was measured with."""

import datetime
import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What decides which kernels the engines choose.
INSTRUCTIONS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd")


def _first_line(command: list[str]) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor() -> tuple[str, list[str]]:
    name, flags = platform.processor() or platform.machine(), []
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return name, flags
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            name = value.strip()
        elif key.strip() in ("flags", "Features"):
            flags = [flag for flag in INSTRUCTIONS if flag in value.split()]
    return name, flags


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError, AttributeError):
        return None


def commit() -> str:
    """The commit that is checked out; empty outside a git repository."""
    return _first_line(["git", "rev-parse", "HEAD"])


def is_clean() -> bool:
    """Whether the sources are those of a commit."""
    return bool(commit()) and not _first_line(["git", "status", "--porcelain"])


def facts() -> dict:
    """The processor, the memory, the system, the compiler and the sources' state."""
    processor, instructions = _processor()
    return {
        "processor": processor,
        "instructions": instructions,
        "cores": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.release()}",
        "rustc": _first_line(["rustc", "--version"]),
        "commit": commit(),
        "sources": _first_line(["git", "describe", "--always", "--dirty"]),
        "date": datetime.date.today().isoformat(),
    }
