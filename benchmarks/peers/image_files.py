"""Writes JPEGs like a camera's: 4000 × 3000 pixels, smooth areas, edges and grain.

    image_files.py FOLDER COUNT
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 4000, 3000


def noise(generator: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth noise `[height, width, 3]` with that many cells across."""
    coarse = generator.normal(size=(max(2, cells * HEIGHT // WIDTH), cells, 3)).astype(np.float32)
    channels = [Image.fromarray(coarse[:, :, channel]).resize((WIDTH, HEIGHT), Image.BICUBIC) for channel in range(3)]
    return np.stack([np.asarray(channel) for channel in channels], axis=2)


def photograph(seed: int) -> Image.Image:
    generator = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), 120, np.float32)
    # Amplitudes fall with the frequency, as in natural images.
    for octave in range(1, 11):
        cells = 2**octave
        picture += 160 / cells**0.75 * noise(generator, min(cells, WIDTH))
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    for _ in range(24):
        x, y, radius = generator.uniform(0, WIDTH), generator.uniform(0, HEIGHT), generator.uniform(40, 500)
        inside = (columns - x) ** 2 + (rows - y) ** 2 < radius**2
        picture[inside] += generator.uniform(-60, 60, size=3).astype(np.float32)
    picture += generator.normal(0, 5, size=(HEIGHT, WIDTH, 1)).astype(np.float32)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        photograph(number).save(folder / f"{number:03}.jpg", quality=90, subsampling="4:2:0")


if __name__ == "__main__":
    main()
