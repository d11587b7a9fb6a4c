"""Portraits drawn once and kept as arrays, in shards of 1000 consecutive seeds."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

import portraits

SHARD = 1000
# Training uses the seeds from 0 up; evaluation starts here.
HELD_OUT_SEED = 10_000_000
# An offset between the seed of a picture and those of its captions.
CAPTION_SEED = 1_000_003


def write_shard(folder: Path, index: int) -> None:
    """Draws seeds `index * SHARD ...` into `folder`; leaves a finished shard alone."""
    path = folder / f"images_{index:02}.npy"
    if path.exists():
        return
    np.save(path, np.stack([portraits.portrait(index * SHARD + k).image for k in range(SHARD)]))


def load_images(folder: Path, shards: int) -> np.ndarray:
    return np.concatenate([np.load(folder / f"images_{k:02}.npy") for k in range(shards)])


def person(seed: int) -> portraits.Person:
    """The person portrait `seed` shows."""
    return portraits.sample_person(random.Random(seed))


def varied_caption(seed: int, variant: int) -> str:
    """Caption `variant` of portrait `seed`: the complete one first, then ones with gaps and synonyms."""
    if variant == 0:
        return portraits.caption(person(seed))
    return portraits.caption(person(seed), random.Random(CAPTION_SEED * variant + seed))
