"""Trains the embedded model from nothing: `python train.py --out runs/portrait`.

Stages, in order: data, vae, text, latents, diffusion, decoder, export. `--stage` runs one of them.
The stage `unpack` starts from the stored model instead of from nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

import dataset

STAGES = ("data", "vae", "text", "latents", "diffusion", "decoder", "export")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for data, checkpoints and logs")
    parser.add_argument("--stage", choices=("unpack", *STAGES), action="append", help="run only this stage (repeatable)")
    parser.add_argument("--shards", type=int, default=12, help="thousands of portraits to draw")
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
    if stage == "data":
        data.mkdir(exist_ok=True)
        for shard in range(options.shards):
            dataset.write_shard(data, shard)
    elif stage == "unpack":
        from export import unpack

        unpack(out)
    elif stage == "vae":
        from autoencoder import train_autoencoder

        images = dataset.load_images(data, min(options.shards, 2))
        train_autoencoder(images, out, options.steps or 4000, options.minutes, options.seed)
    elif stage == "text":
        from text import train_text_encoder

        train_text_encoder(out, options.steps or 2500, options.minutes, options.seed)
    elif stage == "latents":
        from diffusion import write_latents

        write_latents(data, out, options.shards)
    elif stage == "decoder":
        from autoencoder import train_decoder

        images = dataset.load_images(data, min(options.shards, 12))
        train_decoder(images, out, options.steps or 6000, options.minutes, options.seed)
    elif stage == "diffusion":
        from diffusion import train_unet

        train_unet(out, options.steps or 6000, options.minutes, options.seed)
    elif stage == "export":
        from export import export

        export(out)


if __name__ == "__main__":
    main()
