"""Pillow and torchvision's transforms in a DataLoader; the counterpart of image_speed.rs."""

import argparse
from pathlib import Path

import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from turns import serve

# The scale that our loader picks: the shorter side stays at least twice 256.
DRAFT_SIDE = 512


class Photographs(Dataset):
    def __init__(self, folder: str, draft: bool):
        self.paths, self.draft = sorted(Path(folder).iterdir()), draft
        normalise = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        self.transform = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), normalise])

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        with Image.open(self.paths[index]) as image:
            if self.draft:
                image.draft("RGB", (DRAFT_SIDE, DRAFT_SIDE))
            return self.transform(image.convert("RGB"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--decode", choices=["full", "draft"], required=True)
    parser.add_argument("--outputs", required=True)
    options = parser.parse_args()
    # Small batches keep both workers busy to the end of an epoch.
    loader = DataLoader(
        Photographs(options.folder, options.decode == "draft"), batch_size=2, num_workers=options.workers, persistent_workers=True
    )
    batches = []

    def epoch() -> None:
        batches[:] = list(loader)

    serve(f"Pillow {Image.__version__}, torchvision {torchvision.__version__}", epoch)
    torch.cat(batches).permute(0, 2, 3, 1).contiguous().numpy().tofile(options.outputs)


if __name__ == "__main__":
    main()
