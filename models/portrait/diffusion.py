"""Trains the UNet to predict the noise in the latents of captioned portraits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import DDPMScheduler

import dataset
from autoencoder import lighten, to_tensor
from muon import Muon
from networks import LATENT_SCALE, make_text_encoder, make_tokenizer, make_unet, make_vae, tokenize
from progress import Average, Budget, best_device, train

BATCH = 16
# Share of empty captions, for classifier-free guidance.
NO_CAPTION = 0.1
# Share of samples that start from a picture that lost its details, as a detailer does.
POOR = 0.3


def make_schedule() -> DDPMScheduler:
    """Stable Diffusion's noise schedule."""
    return DDPMScheduler(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


@torch.no_grad()
def encode(vae: torch.nn.Module, images: np.ndarray | torch.Tensor, poor: int = 0, batch: int = 20) -> torch.Tensor:
    """Scaled latent means of `images`, RGB bytes. `poor` is the seed of their degradation, 0 for none."""
    device = vae.quant_conv.weight.device
    rng = np.random.default_rng(poor)
    latents = []
    for start in range(0, len(images), batch):
        x = to_tensor(images[start : start + batch], device)
        if poor:
            x = degrade(x, int(rng.integers(24, 65)))
        latents.append(vae.encode(x).latent_dist.mean.contiguous(memory_format=torch.contiguous_format) * LATENT_SCALE)
    return torch.cat(latents)


def degrade(x: torch.Tensor, size: int) -> torch.Tensor:
    """`x` in -1..1 scaled down to `size` pixels and up again, bicubic as Pillow does it."""
    resize = torch.nn.functional.interpolate
    small = resize(x, (size, size), mode="bicubic", antialias=True).clamp(-1, 1)
    return resize(small, x.shape[-2:], mode="bicubic", antialias=True).clamp(-1, 1)


def write_latents(data: Path, out: Path, count: int | None) -> None:
    """Writes `latents.npy`: the scaled latent means of every drawn portrait, up to the half percent
    that the encoder's dear blocks add where those have not been trained."""
    vae = make_vae()
    vae.load_state_dict(torch.load(out / "vae.pt", map_location="cpu"))
    vae = lighten(vae) if best_device().type == "cpu" else vae.to(best_device())
    latents = encode(vae, dataset.load(data, "images", count)[0]).cpu().numpy()
    print("latents", latents.shape, "mean", latents.mean((0, 2, 3)), "std", latents.std((0, 2, 3)), flush=True)
    np.save(out / "latents.npy", latents)


def load_conditioning(out: Path):
    """The tokenizer and the text encoder the text stage left."""
    encoder = make_text_encoder().eval()
    encoder.load_state_dict(torch.load(out / "text.pt", map_location="cpu"))
    return make_tokenizer(), encoder.requires_grad_(False)


@torch.no_grad()
def contexts_of(out: Path, captions: list[list[str]], device: torch.device) -> torch.Tensor:
    """What the text encoder makes of every caption, `[pictures, variants, 77, width]`, and in the last
    row of the empty one; in half precision."""
    tokenizer, encoder = load_conditioning(out)
    variants = len(captions[0])
    flat = [caption for row in captions for caption in row] + [""] * variants
    ids, encoder = tokenize(tokenizer, flat), encoder.to(device)
    parts = [encoder(part.to(device)).last_hidden_state.half() for part in ids.split(1024)]
    return torch.cat(parts).unflatten(0, (-1, variants))


def pick_contexts(contexts: torch.Tensor, picks: torch.Tensor, no_caption: float) -> torch.Tensor:
    """One caption's context for each of `picks`, the empty caption's for a share of `no_caption`."""
    empty = torch.rand(len(picks), device=picks.device) < no_caption
    rows = torch.where(empty, len(contexts) - 1, picks)
    return contexts[rows, torch.randint(contexts.shape[1], (len(picks),), device=picks.device)].float()


def lost_details(times: torch.Tensor, share: float) -> torch.Tensor:
    """How far each picture or clip starts on its way to its poor version: a `share` of them, the poorer the
    noisier, the way a detailer comes; the others not at all."""
    lost = torch.rand(len(times), device=times.device) * (times / 450).clamp(max=1)
    return torch.where(torch.rand_like(lost) < share, lost, 0)


def noised(
    clean: torch.Tensor, poor: torch.Tensor, noise: torch.Tensor, kept: torch.Tensor, lost: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """A noisy latent for each of `clean`, and the prediction that leads from it to `clean`.

    `kept` is what is left of the signal's power, `lost` the way to the `poor` latent that the `noise` is laid
    over, both one for each latent.
    """
    signal, deviation, lost = (v[:, None, None, None] for v in (kept.sqrt(), (1 - kept).sqrt(), lost))
    worse = lost * (poor - clean)
    return signal * (clean + worse) + deviation * noise, noise + signal / deviation * worse


def train_unet(
    latents: torch.Tensor,
    contexts: torch.Tensor,
    out: Path,
    steps: int,
    minutes: float | None,
    seed: int,
    poor: torch.Tensor | None = None,
    batch: int = BATCH,
    peak: float = 1.2e-3,
) -> None:
    """Writes `unet.pt`; the text encoder stays as the text stage left it. `latents`, their `poor` versions
    and the `contexts` of their captions are on the device to train on."""
    device = latents.device
    torch.manual_seed(seed)
    unet = make_unet()
    # A run that was stopped goes on from its averaged weights.
    if (out / "unet.pt").exists():
        unet.load_state_dict(torch.load(out / "unet.pt", map_location="cpu"))
    unet.to(device)
    kept = make_schedule().alphas_cumprod.to(device)
    weights = step_weights(kept)
    average = Average(unet, 0.998)
    optimizer = Muon(unet, weight_decay=0.01)
    budget = Budget(steps, minutes)

    def sample() -> tuple[torch.Tensor, ...]:
        picks = torch.randint(len(latents), (batch,), device=device)
        times = _timesteps(batch, device)
        clean = latents[picks]
        worse = clean if poor is None else poor[picks]
        noisy, wanted = noised(clean, worse, torch.randn_like(clean), kept[times], lost_details(times, POOR))
        return noisy, wanted, times, pick_contexts(contexts, picks, NO_CAPTION), weights[times]

    def loss(noisy, wanted, times, context, weight) -> torch.Tensor:
        predicted = unet(noisy, times, context).sample
        return (weight * (predicted - wanted).square().mean((1, 2, 3))).mean()

    train("unet", sample, loss, optimizer, average, budget, peak, lambda: _save(average, out))


def step_weights(kept: torch.Tensor) -> torch.Tensor:
    """What an error counts at every time step, with mean 1.

    Halfway between the error of the noise, which counts most where there is hardly any, and that of the
    velocity, which counts most where hardly anything else is left.
    """
    weights = (1 / kept).sqrt().clamp(max=4)
    return weights / weights.mean()


def _timesteps(count: int, device: torch.device) -> torch.Tensor:
    """Mostly the range in which a detailer decides what there is, sometimes any."""
    detailer = torch.randint(100, 840, (count,), device=device)
    anywhere = torch.randint(0, 1000, (count,), device=device)
    return torch.where(torch.rand(count, device=device) < 0.75, detailer, anywhere)


def _save(average: Average, out: Path) -> None:
    if not all(bool(p.isfinite().all()) for p in average.network.parameters()):
        raise FloatingPointError("the UNet's weights are not finite: its training is not kept")
    partial = out / "unet.partial.pt"
    torch.save(average.network.state_dict(), partial)
    partial.replace(out / "unet.pt")
