"""Writes a corpus folder of synthetic artworks.

    graph_files.py FOLDER COUNT

Names and words follow Zipf's law, as in museums' tables; an author decides on school and
period mostly; a twentieth of the cells is empty.
"""

import csv
import sys
from pathlib import Path

import numpy as np

COLUMNS = ["id", "image", "title", "author", "school", "timeframe", "type", "date", "technique", "description", "split"]
TYPES = ["portrait", "landscape", "religious", "genre", "mythological", "still-life", "historical", "interior", "study", "other"]
MATERIALS = ["Oil", "Tempera", "Oil and tempera", "Watercolour", "Tempera and gold", "Gouache", "Pastel", "Chalk"]
SUPPORTS = ["canvas", "panel", "oak panel", "poplar panel", "copper", "paper", "cardboard", "linen", "slate", "wood"]
JOINTS = [" ", " ", " ", " of the ", " and ", " with a ", ", ", " in "]
SYLLABLES = ["ba", "cor", "da", "el", "fi", "gan", "ho", "ir", "jul", "ka", "lor", "mi", "nov", "or", "pe", "rem", "sta", "tur", "va", "zel"]


def word(number: int) -> str:
    """A made-up word that tells its number: at least three syllables."""
    parts = []
    for _ in range(3):
        number, rest = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    while number:
        number, rest = divmod(number - 1, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    return "".join(parts)


def zipf(generator: np.random.Generator, values: int, count: int) -> np.ndarray:
    shares = 1 / np.arange(1, values + 1) ** 0.9
    return generator.choice(values, count, p=shares / shares.sum())


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(count)
    authors, vocabulary = max(20, count // 40), max(500, count // 20)
    names = [f"{word(number).upper()}, {word(number * 7 % authors).title()}" for number in range(authors)]
    words = [word(number) for number in range(vocabulary)]
    school_of, period_of = generator.integers(25, size=authors), generator.integers(1300, 1900, size=authors)
    author = zipf(generator, authors, count)
    types, materials, supports = (generator.integers(len(values), size=count) for values in (TYPES, MATERIALS, SUPPORTS))
    sizes = generator.integers(20, 300, size=(count, 2))
    lengths = generator.integers(1, 6, size=count)
    chosen = iter(zipf(generator, vocabulary, int(lengths.sum())).tolist())
    joints = iter(generator.integers(len(JOINTS), size=int(lengths.sum())).tolist())
    periods = period_of[author] + generator.integers(0, 50, size=count)
    empty = generator.random((count, 5)) < 0.05
    with (folder / "artworks.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in range(count):
            title = words[next(chosen)].capitalize()
            next(joints)
            for _ in range(lengths[row] - 1):
                title += JOINTS[next(joints)] + words[next(chosen)]
            start = periods[row] // 50 * 50
            technique = f"{MATERIALS[materials[row]]} on {SUPPORTS[supports[row]]}, {sizes[row, 0]} x {sizes[row, 1]} cm"
            cells = [names[author[row]], f"school {school_of[author[row]]}", f"{start + 1}-{start + 50}", TYPES[types[row]], technique]
            cells = ["" if missing else cell for cell, missing in zip(cells, empty[row])]
            writer.writerow([f"a{row}", "", title, *cells[:4], "", cells[4], "", "train"])
    (folder / "corpus.toml").write_text('format = 1\nname = "synthetic"\nimage_root = "images"\nsynthetic = true\n', encoding="utf-8")


if __name__ == "__main__":
    main()
