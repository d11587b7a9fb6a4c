"""Contact sheets of held-out drawings, to see at a glance what a training did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

import clips
import portraits
from dataset import HELD_OUT_SEED
from evaluate import gradient_energy, similarity
from evaluate_motion import measure
from redraw import Model
from redraw_clips import ClipModel

CFG = 7.0


def write_portrait_sheet(path: Path, networks, count: int, device: torch.device, steps: int) -> None:
    """Columns of drawn, reconstructed and degraded portraits, the latter detailed by the stored model and
    by `networks`; prints what each comes to."""
    drawn = [portraits.portrait(HELD_OUT_SEED + k) for k in range(count)]
    images, captions = np.stack([d.image for d in drawn]), [d.caption for d in drawn]
    poor = np.stack([portraits.degrade(image) for image in images])
    rows = [images]
    for name, model in (("before", Model(device=device)), ("after", Model(networks, device))):
        again, made = model.encode_decode(images), model.redraw(poor, captions, cfg=CFG, steps=steps, seed=1)
        rows += [again, made]
        for what, result in (("reconstructed", again), ("detailed", made)):
            likeness = np.mean([similarity(a, b) for a, b in zip(images, result)])
            energy = np.mean([gradient_energy(b) / gradient_energy(a) for a, b in zip(images, result)])
            print(f"{name}, {what}: SSIM {likeness:.3f}, gradient energy {energy:.2f}", flush=True)
    _save(path, [rows[0], poor, rows[1], rows[3], rows[2], rows[4]])


def write_clip_sheet(path: Path, networks, motion: Path, count: int, device: torch.device, steps: int) -> None:
    """Every second frame of clips as drawn, detailed frame by frame, and with the module in file `motion`."""
    drawn = [clips.clip(HELD_OUT_SEED + k) for k in range(count)]
    images = np.stack([d.images for d in drawn])
    poor = np.stack([[portraits.degrade(image) for image in clip] for clip in images])
    model = ClipModel(motion, networks=networks, device=device)
    flows = [[np.stack(part) for part in zip(*(clips.flow(d, k) for k in range(images.shape[1] - 1)))] for d in drawn]
    rows = []
    made = {"degraded": poor}
    for name, together in (("frame by frame", False), ("with motion", True)):
        made[name] = model.redraw_clips(poor, [d.caption for d in drawn], together, cfg=CFG, steps=steps, seed=1)
    for name, result in made.items():
        change, likeness = np.mean([measure(a, b, *flow) for a, b, flow in zip(result, images, flows)], 0)
        print(f"clips {name}: flicker {change:.2f}, SSIM {likeness:.3f}", flush=True)
    for place in range(min(count, 3)):
        rows += [part[place][::2] for part in (images, *made.values())]
    _save(path, rows)


def _save(path: Path, rows: list[np.ndarray]) -> None:
    Image.fromarray(np.concatenate([np.concatenate(list(row), 1) for row in rows])).save(path)
