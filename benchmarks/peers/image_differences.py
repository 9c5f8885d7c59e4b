"""Prints how far each of some files of inputs is from the third one's, in grey levels.

    image_differences.py OURS OURS_FULL PILLOW PILLOW_DRAFT
"""

import json
import sys

import numpy as np

LEVELS = 255 * np.array([0.229, 0.224, 0.225], np.float32)
inputs = [np.fromfile(path, np.float32).reshape(-1, 3) for path in sys.argv[1:]]
reference = inputs.pop(2)
differences = (np.abs(found - reference) * LEVELS for found in inputs)
print(json.dumps([{"mean": float(one.mean()), "largest": float(one.max())} for one in differences]))
