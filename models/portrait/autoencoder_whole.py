"""Trains a stored autoencoder on: both halves, all blocks, on whole pictures. Wants a GPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from autoencoder import contrast_loss, normalize_latents, picture_loss, to_tensor
from muon import Muon
from networks import LATENT_SCALE, make_vae
from progress import Average, Budget

# Noise on the latents, in parts of their deviation: none on two fifths, up to this on the others. A
# sampler's latents are never as exact as an encoder's.
NOISE = 0.15
# How much more an error counts in the middle of the face, where the parts are small.
FACE = 2.0


def face_weight(size: int, device: torch.device) -> torch.Tensor:
    """Weights of the pixels, `[size, size]`: those of the face count most."""
    y, x = torch.meshgrid(torch.arange(size, device=device), torch.arange(size, device=device), indexing="ij")
    away = ((x - size / 2) ** 2 + (y - size / 2) ** 2) / (0.18 * size) ** 2
    return 1 + FACE * torch.exp(-away)


def continue_autoencoder(
    images: torch.Tensor, out: Path, steps: int, minutes: float | None, seed: int, batch: int = 32, peak: float = 1.5e-3
) -> None:
    """Rewrites `vae.pt`. `images` are bytes on the device to train on."""
    device = images.device
    torch.manual_seed(seed)
    vae = make_vae()
    vae.load_state_dict(torch.load(out / "vae.pt", map_location="cpu"))
    vae.to(device)
    average, optimizer, budget = Average(vae, 0.997), Muon(vae), Budget(steps, minutes)
    weight = face_weight(images.shape[1], device)
    recent: list[tuple[float, ...]] = []
    while budget.progress < 1:
        optimizer.set_rate(budget.rate(peak, floor=0.0))
        wanted = to_tensor(images[torch.randint(len(images), (batch,), device=device)])
        posterior = vae.encode(wanted).latent_dist
        noise = torch.randn_like(posterior.mean)
        amount = (torch.rand(batch, 1, 1, 1, device=device) - 0.4).clamp(min=0) * (NOISE / 0.6 / LATENT_SCALE)
        made = vae.decode(posterior.mean + (posterior.var + amount**2).sqrt() * noise).sample
        likeness, contrast = picture_loss(made, wanted, weight), contrast_loss(made, wanted)
        # A weak pull to a unit normal keeps the latents bounded and smooth.
        divergence = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar).mean()
        optimizer.zero_grad()
        (likeness + contrast + 3e-4 * divergence).backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        average.update()
        budget.count(device)
        if budget.step % 10 == 0:
            recent.append((likeness.item(), contrast.item(), divergence.item(), posterior.mean.std().item()))
        if budget.step % 100 == 0:
            losses = "loss {:.4f} contrast {:.4f} kl {:.2f} std {:.2f}".format(*np.mean(recent, 0))
            print(f"vae step {budget.step} {budget.elapsed:.0f}s {losses}", flush=True)
            recent.clear()
    print(f"vae: {budget.step} steps", flush=True)
    trained = average.network
    if all(bool(p.isfinite().all()) for p in trained.parameters()):
        normalize_latents(trained, images[:512])
        torch.save(trained.state_dict(), out / "vae.pt")
        (out / "decoder.pt").unlink(missing_ok=True)
