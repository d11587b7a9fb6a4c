"""Writes held-out clips for the bar of the motion module: `python clip_set.py FOLDER [COUNT]`.

Per clip a folder `NN`: `KK.png` the frames to detail (scaled down by four and up again), `KK_clean.png`
as drawn, `KK_mask.png` the region to detail, `KK_head.png` the head, `flow.npz` where the pixels of each
frame are in the next (`goal`, x and y) and where that is known (`known`); and `set.json` with captions.
The region is the whole picture: the bar measures the redrawing, not the pasting.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import clips
import portraits
from dataset import HELD_OUT_SEED


def write_clips(folder: Path, count: int) -> None:
    entries = []
    for place in range(count):
        name, made = f"{place:02}", clips.clip(HELD_OUT_SEED + place)
        path = folder / name
        path.mkdir(parents=True, exist_ok=True)
        for k, (image, head) in enumerate(zip(made.images, made.heads)):
            pictures = {"": portraits.degrade(image), "_clean": image, "_mask": np.full_like(head, 255), "_head": head}
            for suffix, pixels in pictures.items():
                Image.fromarray(pixels).save(path / f"{k:02}{suffix}.png")
        goals, known = zip(*(clips.flow(made, k) for k in range(len(made.images) - 1)))
        np.savez_compressed(path / "flow.npz", goal=np.stack(goals).astype(np.float32), known=np.stack(known))
        entries.append({"name": name, "seed": HELD_OUT_SEED + place, "caption": made.caption, "frames": len(made.images)})
    (folder / "set.json").write_text(json.dumps({"clips": entries}, indent=2) + "\n")


if __name__ == "__main__":
    write_clips(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 16)
