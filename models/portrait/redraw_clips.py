"""Details the clips of `clip_set.py` with the stored model: `python redraw_clips.py SET ALONE TOGETHER`.

Every clip twice: frame by frame into ALONE, each frame with its own noise, and with the motion module into
TOGETHER, from the same noise or, by `--constant`, all frames from the first one's. The module serves a Rust-free
check, as `redraw.py` does for stills.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from evaluate import read
from evaluate_motion import evaluate
from export import MOTION
from motion import make_motion
from progress import best_device
from redraw import Model
from train_motion import linear_schedule, load_motion


class ClipModel(Model):
    """The model with its motion module inserted."""

    def __init__(self, motion: Path = MOTION, **options) -> None:
        super().__init__(**options)
        self.motion = make_motion(self.unet)
        load_motion(self.motion, motion)
        self.motion.to(self.device).eval()

    def redraw_clips(self, clips: np.ndarray, captions: list[str], together: bool, **settings) -> np.ndarray:
        """RGB bytes `[clips, frames, h, w, 3]` in, the same out."""
        count, frames = clips.shape[:2]
        self.motion.frames = frames if together else 0
        prompts = [caption for caption in captions for _ in range(frames)]
        return self.redraw(clips.reshape(count * frames, *clips.shape[2:]), prompts, **settings).reshape(clips.shape)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("alone", type=Path)
    parser.add_argument("together", type=Path)
    parser.add_argument("--motion", type=Path, default=MOTION)
    parser.add_argument("--cfg", type=float, default=7.0)
    parser.add_argument("--denoise", type=float, default=0.5)
    parser.add_argument("--count", type=int)
    parser.add_argument("--constant", action="store_true", help="one noise for all frames of the clip with the module")
    parser.add_argument("--linear", action="store_true", help="AnimateDiff's betas for the clip with the module")
    options = parser.parse_args()
    model = ClipModel(options.motion, device=best_device())
    entries = json.loads((options.set / "set.json").read_text())["clips"][: options.count]
    own = model.sigmas
    for place, entry in enumerate(entries):
        frames = np.stack([read(options.set / entry["name"] / f"{k:02}.png") for k in range(entry["frames"])])
        for together, folder in ((False, options.alone), (True, options.together)):
            model.sigmas = own
            if together and options.linear:
                model.use_schedule(linear_schedule())
            settings = {"cfg": options.cfg, "denoise": options.denoise, "seed": place}
            if together and options.constant:
                settings["share"] = len(frames)
            made = model.redraw_clips(frames[None], [entry["caption"]], together, **settings)[0]
            (folder / entry["name"]).mkdir(parents=True, exist_ok=True)
            for k, image in enumerate(made):
                Image.fromarray(image).save(folder / entry["name"] / f"{k:02}.png")
    if options.count is None:
        evaluate(options.set, options.alone, options.together)


if __name__ == "__main__":
    main()
