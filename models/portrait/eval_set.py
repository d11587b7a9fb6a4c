"""Writes held-out portraits for the two quality bars: `python eval_set.py FOLDER [COUNT]`.

Per portrait: `NN.png` the original, `NN_degraded.png` the same scaled down by four and up again,
`NN_hair.png` the visible hair, `NN_head.png` the region to detail, and `set.json` with captions.
The region is the whole picture: the bars measure the redrawing, not the pasting.
"""

from __future__ import annotations

import colorsys
import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

import portraits
from dataset import HELD_OUT_SEED

# Asked-for colours with a clear hue, in degrees.
HUES = {"red": (0, 40), "blonde": (36, 62), "green": (105, 155), "blue": (205, 245), "purple": (255, 295), "pink": (305, 350)}
HUE_DISTANCE = 60


def write_set(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    entries, seed = [], HELD_OUT_SEED
    while len(entries) < count:
        drawn = portraits.portrait(seed)
        seed += 1
        person = drawn.person
        # A hue can only be measured on heads that show hair.
        if person.style == "bald" or person.hat != "none":
            continue
        name = f"{len(entries):02}"
        _save(folder / f"{name}.png", drawn.image)
        _save(folder / f"{name}_degraded.png", portraits.degrade(drawn.image))
        _save(folder / f"{name}_hair.png", drawn.hair_mask)
        _save(folder / f"{name}_head.png", np.full_like(drawn.hair_mask, 255))
        asked = _other_colour(person.hair, random.Random(seed))
        entries.append(
            {
                "name": name,
                "seed": seed - 1,
                "caption": drawn.caption,
                "recolor_caption": portraits.caption(replace(person, hair=asked)),
                "recolor": asked,
                "hue_range": HUES[asked],
            }
        )
    (folder / "set.json").write_text(json.dumps({"portraits": entries}, indent=2) + "\n")


def _other_colour(hair: str, rng: random.Random) -> str:
    """A colour whose hue is far from that of `hair`."""
    own = hue(portraits.HAIR[hair])
    grey = hair in ("black", "grey")
    return rng.choice([c for c in HUES if grey or _apart(own, hue(portraits.HAIR[c])) >= HUE_DISTANCE])


def hue(colour) -> float:
    """Hue of an RGB colour in degrees."""
    return 360 * colorsys.rgb_to_hsv(*(c / 255 for c in colour))[0]


def _apart(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)


def _save(path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(path)


if __name__ == "__main__":
    write_set(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 64)
