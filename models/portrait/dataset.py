"""Portraits and clips drawn once and kept as arrays, in shards of consecutive seeds."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import numpy as np

import clips
import portraits

# Pictures and clips in a file.
SHARD, CLIP_SHARD = 250, 20
# Training uses the seeds from 0 up; evaluation starts here.
HELD_OUT_SEED = 10_000_000
# An offset between the seed of a picture and those of its captions.
CAPTION_SEED = 1_000_003
# Captions per picture: the complete one, then varied ones.
CAPTIONS = 4


def write_shard(folder: Path, index: int) -> None:
    """Draws seeds `index * SHARD ...` into `folder` and writes their captions; leaves a finished shard alone."""
    seeds = range(index * SHARD, (index + 1) * SHARD)
    captions = [[varied_caption(seed, variant) for variant in range(CAPTIONS)] for seed in seeds]
    _write(folder, f"images_{index:04}", lambda: np.stack([portraits.portrait(s).image for s in seeds]), captions)


def write_clip_shard(folder: Path, index: int) -> None:
    """As `write_shard`, clips: `[clips, frames, height, width, 3]`."""
    seeds = range(index * CLIP_SHARD, (index + 1) * CLIP_SHARD)
    captions = [[_clip_caption(seed, variant) for variant in range(CAPTIONS)] for seed in seeds]
    _write(folder, f"clips_{index:04}", lambda: np.stack([clips.clip(s).images for s in seeds]), captions)


def _write(folder: Path, name: str, draw, captions: list[list[str]]) -> None:
    path, partial = folder / f"{name}.npy", folder / f"{name}.part.npy"
    if path.exists():
        return
    (folder / f"{name}.json").write_text(json.dumps(captions))
    np.save(partial, draw())
    partial.replace(path)


def load(folder: Path, kind: str, count: int | None = None) -> tuple[np.ndarray, list[list[str]]]:
    """What is drawn of `kind` ("images" or "clips"), up to `count`, and the captions."""
    return np.concatenate([np.load(p) for p in shards(folder, kind, count)])[:count], load_captions(folder, kind, count)


def load_captions(folder: Path, kind: str, count: int | None = None) -> list[list[str]]:
    """The `CAPTIONS` captions of each picture or clip that `load` gives."""
    paths = shards(folder, kind, count)
    return [variants for path in paths for variants in captions_of(path)][:count]


def captions_of(shard: Path) -> list[list[str]]:
    """The captions of all pictures or clips in a file."""
    return json.loads(shard.with_suffix(".json").read_text())


def shards(folder: Path, kind: str, count: int | None = None) -> list[Path]:
    """The files of `kind` there are, in the order of their seeds, as many as hold `count`."""
    paths = sorted(p for p in folder.glob(f"{kind}_*.npy") if ".part" not in p.name)
    if not paths:
        raise FileNotFoundError(f"no {kind} in {folder}: run the stage `data` first")
    return paths[: None if count is None else -(-count // (SHARD if kind == "images" else CLIP_SHARD))]


class Drawing:
    """Draws in `workers` processes while the caller goes on: first the portraits, then the clips."""

    def __init__(self, folder: Path, portraits: int, clips: int, workers: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # One thread per process, read as numpy loads there.
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        self._pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
        self.portraits = [self._pool.submit(write_shard, folder, k) for k in range(-(-portraits // SHARD))]
        self.clips = [self._pool.submit(write_clip_shard, folder, k) for k in range(-(-clips // CLIP_SHARD))]

    @staticmethod
    def wait(shards: list[Future], enough: int, seconds: float) -> int:
        """Waits for `enough` of `shards`, `seconds` at most; how many there are. Fails as a shard fails."""
        until = time.time() + seconds
        while (done := sum(f.done() for f in shards)) < min(enough, len(shards)) and time.time() < until:
            time.sleep(0.1)
        for future in shards:
            if future.done() and not future.cancelled():
                future.result()
        return done

    def stop(self) -> None:
        """Leaves what is not begun undone."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def person(seed: int) -> portraits.Person:
    """The person portrait `seed` shows."""
    return portraits.sample_person(random.Random(seed))


def varied_caption(seed: int, variant: int) -> str:
    """Caption `variant` of portrait `seed`: the complete one first, then ones with gaps and synonyms."""
    return _caption(person(seed), seed, variant)


def _clip_caption(seed: int, variant: int) -> str:
    return _caption(clips.sample_motion(random.Random(seed), 1)[0], seed, variant)


def _caption(shown: portraits.Person, seed: int, variant: int) -> str:
    return portraits.caption(shown, random.Random(CAPTION_SEED * variant + seed) if variant else None)
