"""Measures the motion module: `python evaluate_motion.py SET ALONE TOGETHER`.

SET is a folder by `clip_set.py`. ALONE holds the same clips detailed frame by frame, TOGETHER with the
motion module, both as `NN/KK.png`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from clips import warp
from evaluate import read, similarity

# Of the frame by frame detailing's flicker.
FLICKER_SHARE = 0.5


def flicker(frames: np.ndarray, goal: np.ndarray, known: np.ndarray) -> float:
    """Mean absolute change along the flow between neighbouring frames where `known`, in grey levels."""
    changes = [
        np.abs(warp(after, g) - now).mean(-1)[k] for now, after, g, k in zip(frames[:-1], frames[1:], goal, known)
    ]
    return float(np.concatenate(changes).mean())


def measure(frames: np.ndarray, clean: np.ndarray, goal: np.ndarray, known: np.ndarray) -> tuple[float, float]:
    """Flicker, and mean SSIM to the clean clip."""
    return flicker(frames, goal, known), float(np.mean([similarity(a, b) for a, b in zip(clean, frames)]))


def evaluate(folder: Path, alone: Path, together: Path) -> bool:
    """Prints the bar; true where it is met."""
    rows = []
    for entry in json.loads((folder / "set.json").read_text())["clips"]:
        path, count = folder / entry["name"], entry["frames"]
        flow = np.load(path / "flow.npz")
        mask, head = (_masks(path, count, kind)[:-1] for kind in ("mask", "head"))
        clean = _frames(path, count, "_clean")
        row = []
        for frames in (clean, _frames(path, count), *(_frames(p / entry["name"], count) for p in (alone, together))):
            whole = measure(frames, clean, flow["goal"], flow["known"] & mask)
            row.append((*whole, flicker(frames, flow["goal"], flow["known"] & head)))
        rows.append(row)
    table = np.mean(rows, 0)
    for name, (change, likeness, in_head) in zip(("clean", "degraded", "frame by frame", "with motion"), table):
        print(f"{name}: flicker {change:.2f} (head {in_head:.2f}), SSIM {likeness:.3f}")
    share = table[3, 0] / table[2, 0]
    met = bool(share <= FLICKER_SHARE and table[3, 1] >= table[2, 1])
    print(f"flicker {share:.0%} of frame by frame (bar {FLICKER_SHARE:.0%} at no lower SSIM): bar {'met' if met else 'NOT met'}")
    return met


def _frames(path: Path, count: int, suffix: str = "") -> np.ndarray:
    return np.stack([read(path / f"{k:02}{suffix}.png") for k in range(count)])


def _masks(path: Path, count: int, kind: str) -> np.ndarray:
    return np.stack([np.asarray(Image.open(path / f"{k:02}_{kind}.png")) > 127 for k in range(count)])


if __name__ == "__main__":
    sys.exit(0 if evaluate(*(Path(p) for p in sys.argv[1:4])) else 1)
