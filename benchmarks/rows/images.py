"""Image loading: decode, resize, crop and normalise photographs of 12 megapixels."""

import json
import statistics

from suite.bench import Bench, Case
from suite.processes import Worker, take_turns
from suite.results import compare

IMAGES, QUICK_IMAGES = 16, 6


def cases() -> list[Case]:
    return [Case("images", "loading 12-megapixel JPEGs", run)]


def run(bench: Bench) -> dict:
    count = QUICK_IMAGES if bench.quick else IMAGES
    folder, results = bench.data(f"photographs-{count}"), bench.data("photographs-results")
    results.mkdir(exist_ok=True)
    if not (folder / f"{count - 1:03}.jpg").exists():
        bench.call("image_files.py", folder, count)
    ours = [bench.binary("artkg-image", "image_speed"), "--folder", folder, "--threads", bench.threads]
    peer = bench.peer("images.py", "--folder", folder, "--workers", bench.threads)
    programs = {
        "artkg": [*ours, "--scale", "reduced"],
        "artkg, every pixel decoded": [*ours, "--scale", "full"],
        "Pillow": [*peer, "--decode", "full"],
        "Pillow with draft": [*peer, "--decode", "draft"],
    }
    outputs = {name: results / f"{place}.f32" for place, name in enumerate(programs)}
    workers = []
    try:
        for name, program in programs.items():
            workers.append(Worker(name, [*program, "--outputs", outputs[name]], bench.threads))
        systems = take_turns(workers, bench.rounds, bench.turn_seconds)
    finally:
        for worker in workers:
            worker.stop()
    for system in systems.values():
        system["images_per_second"] = count / statistics.median(system["seconds"])

    def speed(ours: str, peer: str, label: str, aim: float | None) -> dict:
        pair = systems[ours], systems[peer]
        shown = tuple(f"{system['images_per_second']:.1f} images/s" for system in pair)
        return compare(f"speed, {label}", f"{peer}, torchvision, two workers", *(system["seconds"] for system in pair), aim, shown)

    compared = json.loads(bench.call("image_differences.py", *outputs.values()))
    differences = dict(zip(list(outputs)[:2] + list(outputs)[3:], compared))
    return {
        "systems": systems,
        "differences_in_grey_levels": differences,
        "comparisons": [
            speed("artkg", "Pillow", "default", 2.0),
            speed("artkg, every pixel decoded", "Pillow", "every pixel decoded", None),
            speed("artkg", "Pillow with draft", "both at reduced scale", None),
        ],
        "notes": [
            f"{name} differs from Pillow's full decode by {found['mean']:.2f} grey levels on average, {found['largest']:.0f} at most"
            for name, found in differences.items()
        ],
    }
