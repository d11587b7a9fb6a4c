"""Measures redrawn portraits against the two quality bars: `python evaluate.py SET OUTPUT`.

SET is a folder by `eval_set.py`, OUTPUT holds `NN_detailed.png` (true caption, denoise 0.5, from
the degraded picture) and `NN_recolored.png` (another hair colour, denoise 0.8, from the original).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity

from eval_set import hue

SSIM_SHARE = 0.80
GRADIENT_RANGE = (0.75, 1.25)
DEGRADED_GRADIENT = 0.5
HUE_SHARE = 0.85


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def similarity(a: np.ndarray, b: np.ndarray) -> float:
    return float(structural_similarity(a, b, channel_axis=2))


def gradient_energy(image: np.ndarray) -> float:
    """Mean squared difference between neighbouring pixels of the grey picture."""
    grey = image.astype(np.float64).mean(-1) / 255
    return float((np.diff(grey, axis=0) ** 2).mean() + (np.diff(grey, axis=1) ** 2).mean())


def hair_hue(image: np.ndarray, mask: np.ndarray) -> float:
    """Hue of the mean colour under `mask`, in degrees."""
    return hue(image[mask].mean(0))


def in_range(value: float, bounds) -> bool:
    """Whether hue `value` lies between `bounds`, going round the circle upwards."""
    low, high = bounds
    return (value - low) % 360 <= (high - low) % 360


def evaluate(folder: Path, output: Path) -> bool:
    """Prints both bars; true where both are met."""
    entries = json.loads((folder / "set.json").read_text())["portraits"]
    gains, energies, poor, hits = [], [], [], []
    for entry in entries:
        name = entry["name"]
        original, degraded = read(folder / f"{name}.png"), read(folder / f"{name}_degraded.png")
        detailed = output / f"{name}_detailed.png"
        if detailed.exists():
            made = read(detailed)
            gains.append((similarity(original, degraded), similarity(original, made)))
            energies.append(gradient_energy(made) / gradient_energy(original))
            poor.append(gradient_energy(degraded) / gradient_energy(original))
        recolored = output / f"{name}_recolored.png"
        if recolored.exists():
            mask = np.asarray(Image.open(folder / f"{name}_hair.png")) > 200
            hits.append(in_range(hair_hue(read(recolored), mask), entry["hue_range"]))
    met = True
    if gains:
        before, after = np.mean(gains, 0)
        share = float(np.mean([b > a for a, b in gains]))
        energy = float(np.mean(energies))
        met &= share >= SSIM_SHARE and GRADIENT_RANGE[0] <= energy <= GRADIENT_RANGE[1] and np.mean(poor) < DEGRADED_GRADIENT
        print(f"detail: SSIM {before:.3f} -> {after:.3f}, rises on {share:.0%} of {len(gains)} (bar {SSIM_SHARE:.0%})")
        print(f"detail: gradient energy {np.mean(poor):.2f} -> {energy:.2f} of the original's (bar {GRADIENT_RANGE})")
    if hits:
        met &= np.mean(hits) >= HUE_SHARE
        print(f"colour: asked hue on {np.mean(hits):.0%} of {len(hits)} (bar {HUE_SHARE:.0%})")
    print("bars met" if met else "bars NOT met")
    return bool(met)


if __name__ == "__main__":
    sys.exit(0 if evaluate(Path(sys.argv[1]), Path(sys.argv[2])) else 1)
