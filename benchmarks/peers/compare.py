"""Prints the largest difference of two files' tensors, relative to the largest value."""

import sys

import numpy as np
from safetensors.numpy import load_file

ours, theirs = (load_file(path) for path in sys.argv[1:3])
shapes = [{name: tensor.shape for name, tensor in file.items()} for file in (ours, theirs)]
if shapes[0] != shapes[1]:
    sys.exit(f"the files differ: {shapes[0]} and {shapes[1]}")
difference = max(np.abs(ours[name].astype(np.float64) - theirs[name]).max() for name in theirs)
print(difference / max(np.abs(tensor).max() for tensor in theirs.values()))
