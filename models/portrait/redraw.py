"""Image to image with the stored model: `python redraw.py SET OUTPUT [--cfg 3] [--sampler euler]`.

Encodes, noises, samples and decodes the evaluation set the way the detailer does, for measuring the
model without the page.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from autoencoder import to_tensor
from diffusion import make_schedule
from evaluate import evaluate, read
from export import load_single_file
from networks import LATENT_SCALE, make_tokenizer, tokenize


class Model:
    """The three networks and the noise schedule."""

    def __init__(self, networks=None, device: torch.device | str = "cpu") -> None:
        self.device = device
        self.text, self.unet, self.vae = (network.to(device) for network in networks or load_single_file())
        self.tokenizer = make_tokenizer()
        self.use_schedule(make_schedule().alphas_cumprod)

    def use_schedule(self, cumulative: torch.Tensor) -> None:
        """`cumulative` is what is left of the signal's power at every time step."""
        self.sigmas = ((1 - cumulative) / cumulative).sqrt()

    def schedule(self, steps: int, denoise: float, scheduler: str) -> torch.Tensor:
        """The last `steps + 1` sigmas of a schedule of `steps / denoise` steps; the last is 0."""
        total = max(2, int(steps / denoise))
        if scheduler == "karras":
            ends = self.sigmas[-1] ** (1 / 7), self.sigmas[0] ** (1 / 7)
            sigmas = (ends[0] + torch.linspace(0, 1, total) * (ends[1] - ends[0])) ** 7
        else:
            sigmas = self.sigma_at(torch.linspace(999, 0, total))
        return torch.cat([sigmas, torch.zeros(1)])[-(steps + 1) :]

    def sigma_at(self, times: torch.Tensor) -> torch.Tensor:
        low = times.floor().long()
        part = times - low
        logs = self.sigmas.log()
        return ((1 - part) * logs[low] + part * logs[(low + 1).clamp(max=999)]).exp()

    def denoised(self, x: torch.Tensor, sigma: torch.Tensor, contexts: torch.Tensor, cfg: float) -> torch.Tensor:
        """`contexts` stacks the prompts' rows and, when `cfg` is not 1, the empty prompt's."""
        time = (self.sigmas.log() - sigma.log()).abs().argmin()
        scaled = x / (sigma**2 + 1).sqrt()
        if cfg == 1:
            return x - sigma * self.unet(scaled, time, contexts[: len(x)]).sample
        with_prompt, without = self.unet(torch.cat([scaled, scaled]), time, contexts).sample.chunk(2)
        return x - sigma * (without + cfg * (with_prompt - without))

    @torch.no_grad()
    def redraw(
        self, images, prompts, *, steps=20, denoise=0.5, cfg=3.0, sampler="euler", scheduler="normal", seed=0, share=1
    ):
        """RGB bytes `[n, h, w, 3]` in, the same out. Every `share` pictures in a row have the same noise."""
        ids = tokenize(self.tokenizer, prompts + [""] * len(prompts)).to(self.device)
        contexts = self.text(ids).last_hidden_state
        latent = self.vae.encode(to_tensor(images, self.device)).latent_dist.mean * LATENT_SCALE
        sigmas = self.schedule(steps, denoise, scheduler)
        noise = torch.randn(latent.shape, generator=torch.Generator().manual_seed(seed))
        noise = noise[::share].repeat_interleave(share, 0)
        x = latent + sigmas[0] * noise.to(self.device)
        before = None
        for sigma, after in zip(sigmas[:-1], sigmas[1:]):
            clean = self.denoised(x, sigma, contexts, cfg)
            if sampler == "euler" or after == 0:
                x = clean + (x - clean) * (after / sigma)
            else:
                t, t_after = -sigma.log(), -after.log()
                h = t_after - t
                guess = clean
                if before is not None:
                    r = (t - before[1]) / h
                    guess = (1 + 1 / (2 * r)) * clean - before[0] / (2 * r)
                x = (after / sigma) * x - torch.expm1(-h) * guess
                before = (clean, t)
        return self.decode(x)

    @torch.no_grad()
    def encode_decode(self, images) -> np.ndarray:
        """What the autoencoder alone makes of RGB bytes."""
        return self.decode(self.vae.encode(to_tensor(images, self.device)).latent_dist.mean * LATENT_SCALE)

    def decode(self, latent: torch.Tensor) -> np.ndarray:
        """RGB bytes `[n, h, w, 3]`, a few pictures at a time."""
        made = torch.cat([self.vae.decode(part / LATENT_SCALE).sample for part in latent.split(32)])
        return ((made.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--cfg", type=float, default=3.0)
    parser.add_argument("--sampler", choices=("euler", "dpmpp_2m"), default="euler")
    parser.add_argument("--scheduler", choices=("normal", "karras"), default="normal")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    model = Model()
    entries = json.loads((options.set / "set.json").read_text())["portraits"][: options.count]
    common = {k: getattr(options, k) for k in ("cfg", "sampler", "scheduler", "steps")}
    for start in range(0, len(entries), 8):
        part = entries[start : start + 8]
        poor = np.stack([read(options.set / f"{e['name']}_degraded.png") for e in part])
        good = np.stack([read(options.set / f"{e['name']}.png") for e in part])
        detailed = model.redraw(poor, [e["caption"] for e in part], denoise=0.5, seed=start, **common)
        recolored = model.redraw(good, [e["recolor_caption"] for e in part], denoise=0.8, seed=start + 1, **common)
        for entry, a, b in zip(part, detailed, recolored):
            Image.fromarray(a).save(options.output / f"{entry['name']}_detailed.png")
            Image.fromarray(b).save(options.output / f"{entry['name']}_recolored.png")
    evaluate(options.set, options.output)


if __name__ == "__main__":
    main()
