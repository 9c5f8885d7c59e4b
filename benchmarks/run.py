#!/usr/bin/env python3
"""Runs every benchmark beside this file; arguments go to each of them."""

import subprocess
import sys
from pathlib import Path

scripts = sorted(Path(__file__).resolve().parent.glob("*/run.py"))
failed = [script.parent.name for script in scripts if subprocess.run([sys.executable, script, *sys.argv[1:]]).returncode]
if failed:
    sys.exit(f"failed: {', '.join(failed)}")
