"""Writes what `npm run demo -- --frames` redraws: `sample_clip.zip`, the degraded frames of a held-out clip, and
`sample_clip_mask.zip`, a mask for each whose crop is all of it, the size the model was trained at."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

import clips
import portraits
from dataset import HELD_OUT_SEED

# Curly green hair, turning; its caption is in embedded.json.
PLACE = 4
# Pixels at the border that stay.
MARGIN = 10


def write(name: str, images) -> None:
    with zipfile.ZipFile(Path(__file__).parent / name, "w") as archive:
        for k, image in enumerate(images):
            buffer = io.BytesIO()
            Image.fromarray(image).save(buffer, "png", optimize=True)
            # A fixed date, so that the same drawing gives the same file.
            archive.writestr(zipfile.ZipInfo(f"{k:02}.png"), buffer.getvalue())


def main() -> None:
    made = clips.clip(HELD_OUT_SEED + PLACE)
    write("sample_clip.zip", (portraits.degrade(image) for image in made.images))
    mask = np.zeros_like(made.heads[0])
    mask[MARGIN:-MARGIN, MARGIN:-MARGIN] = 255
    write("sample_clip_mask.zip", [mask] * len(made.images))
    print(made.caption)


if __name__ == "__main__":
    main()
