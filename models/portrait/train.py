"""Trains the embedded model from nothing: `python train.py --out runs/portrait`.

Stages, in order: data, vae, text, latents, diffusion, decoder, motion, export. `--stage` runs one of them.
The stage `unpack` starts from the stored model instead of from nothing. A CUDA card is used where there is
one; `train_gpu.py` runs the stages that gain by it within a given time.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

import dataset

STAGES = ("data", "vae", "text", "latents", "diffusion", "decoder", "motion", "export")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for data, checkpoints and logs")
    parser.add_argument("--stage", choices=("unpack", "join", *STAGES), action="append", help="run only this stage (repeatable)")
    parser.add_argument("--portraits", type=int, default=12_000, help="portraits to draw")
    parser.add_argument("--clips", type=int, default=400, help="clips of 16 frames to draw")
    parser.add_argument("--steps", type=int, help="steps of the stage instead of its default")
    parser.add_argument("--minutes", type=float, help="ends a training stage early")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    for stage in options.stage or STAGES:
        run(stage, options)


def run(stage: str, options: argparse.Namespace) -> None:
    out, data = options.out, options.out / "data"
    budget = (options.minutes, options.seed)
    if stage == "data":
        data.mkdir(exist_ok=True)
        for shard in range(-(-options.portraits // dataset.SHARD)):
            dataset.write_shard(data, shard)
        for shard in range(-(-options.clips // dataset.CLIP_SHARD)):
            dataset.write_clip_shard(data, shard)
    elif stage == "unpack":
        from export import unpack

        unpack(out)
    elif stage == "vae":
        from autoencoder import train_autoencoder

        images, _ = dataset.load(data, "images", min(options.portraits, 2000))
        train_autoencoder(images, out, options.steps or 4000, *budget)
    elif stage == "text":
        from text import train_text_encoder

        train_text_encoder(out, options.steps or 2500, *budget)
    elif stage == "latents":
        from diffusion import write_latents

        write_latents(data, out, options.portraits)
    elif stage == "decoder":
        from autoencoder import train_decoder

        images, captions = dataset.load(data, "images", options.portraits)
        train_decoder(images, [c[0] for c in captions], out, options.steps or 6000, *budget)
    elif stage == "diffusion":
        import numpy as np

        from diffusion import contexts_of, train_unet
        from progress import best_device

        latents = torch.from_numpy(np.load(out / "latents.npy")).to(best_device())
        contexts = contexts_of(out, dataset.load_captions(data, "images", len(latents)), best_device())
        train_unet(latents, contexts, out, options.steps or 6000, *budget)
    elif stage == "motion":
        from train_motion import motion_from_files

        motion_from_files(data, out, options.clips, options.steps or 2000, *budget)
    elif stage == "join":
        from export import join

        join(out)
    elif stage == "export":
        from export import export

        export(out)


if __name__ == "__main__":
    main()
