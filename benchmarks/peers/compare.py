"""Prints the largest difference of two files' `result`, relative to the largest value."""

import sys

import numpy as np
from safetensors.numpy import load_file

a, b = (load_file(path)["result"].astype(np.float64) for path in sys.argv[1:3])
if a.shape != b.shape:
    sys.exit(f"the shapes differ: {a.shape} and {b.shape}")
print(np.abs(a - b).max() / np.abs(b).max())
