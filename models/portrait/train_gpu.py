"""Trains the stored model on within a given time, on a CUDA card: `python train_gpu.py --seconds 260 --out FOLDER`.

All processors draw portraits and clips while the card trains, in order: the autoencoder, the UNet, the
motion module (with the clips drawn so far), the decoder. A stage that fails is noted and left out, its
network stays as it was. FOLDER then has `unet.safetensors`, `vae.safetensors` and `motion.safetensors`
(`train.py --out FOLDER --stage join` puts them into the stored model), `train.log`, and two pictures of
held-out drawings before and after.
The program ends in time whatever happens. Without a card it does the same, slowly.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import dataset

# The stages that train, in order: what of the time they get by, and the seconds before them in which their
# latents are made.
SHARES = {"vae": (65, 0), "unet": (65, 16), "motion": (55, 14), "decoder": (20, 0)}
# Seconds kept to look at the results and to write them.
CLOSING = 22


@dataclass(frozen=True)
class Size:
    """How much a run draws and takes at once."""

    portraits: int = 24_000
    clips: int = 1_600
    # Portraits without which training does not begin.
    enough: int = 6_000
    # Clips without which training does not begin; those drawn later take part as they come.
    enough_clips: int = 320
    vae_batch: int = 32
    unet_batch: int = 256
    clip_batch: int = 8
    encode_batch: int = 80
    decoder_batch: int = 24
    steps: int = 1_000_000
    looks: int = 16
    clip_looks: int = 6
    sampling_steps: int = 20


REHEARSAL = Size(20, 4, 20, 4, 2, 4, 1, 16, 2, 2, 2, 1, 2)


class Log:
    """Everything printed goes into a file as well."""

    def __init__(self, path: Path) -> None:
        self._file, self._screen = path.open("w"), sys.stdout

    def write(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()
        self._screen.write(text)

    def flush(self) -> None:
        self._screen.flush()

    def __getattr__(self, name: str):
        return getattr(self._screen, name)


class Clock:
    def __init__(self, seconds: float, stages: list[str]) -> None:
        self._began, self._seconds, self._stages = time.time(), seconds, stages

    @property
    def elapsed(self) -> float:
        return time.time() - self._began

    def share(self, stage: str) -> float:
        """Seconds `stage` may take, whose latents are there."""
        ahead = self._stages[self._stages.index(stage) :]
        preparing = sum(SHARES[later][1] for later in ahead[1:])
        whole = sum(SHARES[later][0] for later in ahead)
        return max(0.0, (self.left - CLOSING - preparing) * SHARES[stage][0] / whole)

    @property
    def left(self) -> float:
        return self._seconds - self.elapsed

    def guard(self) -> None:
        """Ends the program 4 seconds before its time is up, were a stage to hang."""

        def end() -> None:
            print(f"{self.elapsed:.0f}s: time is up", flush=True)
            for child in multiprocessing.active_children():
                child.terminate()
            os._exit(3)

        timer = threading.Timer(max(1.0, self.left - 4), end)
        timer.daemon = True
        timer.start()


class Run:
    """The stages, and what they hand each other."""

    def __init__(self, out: Path, work: Path, size: Size, clock: Clock, drawing: dataset.Drawing) -> None:
        from progress import best_device

        self.out, self.work, self.size, self.clock, self.drawing = out, work, size, clock, drawing
        self.data, self.device = work / "data", best_device()

    def unpack(self) -> None:
        import torch

        from export import unpack

        if self.device.type == "cuda":
            print(torch.cuda.get_device_name(), torch.__version__, f"{os.cpu_count()} processors", flush=True)
        unpack(self.work)

    def vae(self) -> None:
        import torch

        from autoencoder_whole import continue_autoencoder
        from export import save_part

        shards = -(-self.size.enough // dataset.SHARD)
        got = self.drawing.wait(self.drawing.portraits, shards, 0.2 * self.clock.left)
        images, _ = dataset.load(self.data, "images", self.size.portraits)
        print(f"{self.clock.elapsed:.0f}s: {got} shards drawn, training on {len(images)} portraits", flush=True)
        minutes = self.clock.share("vae") / 60
        resident = torch.from_numpy(images).to(self.device)
        continue_autoencoder(resident, self.work, self.size.steps, minutes, 0, self.size.vae_batch)
        save_part(self.load_vae(), "vae", self.out / "vae.safetensors")

    def latents(self) -> None:
        """The portraits as latents; the encoder stays as it is from here on."""
        import torch

        from diffusion import contexts_of, encode

        self.drawing.wait(self.drawing.portraits, len(self.drawing.portraits), 0.05 * self.clock.left)
        images, captions = dataset.load(self.data, "images", self.size.portraits)
        self.images, self.captions = torch.from_numpy(images).to(self.device), captions
        vae = self.load_vae()
        self.clean = encode(vae, self.images, 0, self.size.encode_batch)
        self.poor = encode(vae, self.images, 1, self.size.encode_batch)
        std = self.clean.std((0, 2, 3)).tolist()
        print(f"{len(images)} portraits encoded, deviations {std}, {(self.poor - self.clean).std().item():.2f}", flush=True)
        self.contexts = contexts_of(self.work, captions, self.device)

    def unet(self) -> None:
        from diffusion import train_unet
        from export import save_part
        from networks import make_unet

        minutes = self.clock.share("unet") / 60
        train_unet(
            self.clean, self.contexts, self.work, self.size.steps, minutes, 1, self.poor, self.size.unet_batch, 2e-3
        )
        save_part(self._load(make_unet(), "unet"), "unet", self.out / "unet.safetensors")

    def motion(self) -> None:
        from train_motion import Clips, train_motion

        enough = -(-self.size.enough_clips // dataset.CLIP_SHARD)
        self.drawing.wait(self.drawing.clips, enough, 0.15 * self.clock.left)
        batch = max(1, self.size.encode_batch // 16)
        clips = Clips(self.data, self.work, self.load_vae(), self.device, batch, self.size.clips)
        print(f"{self.clock.elapsed:.0f}s: {len(clips.latents)} clips encoded", flush=True)
        minutes = self.clock.share("motion") / 60
        train_motion(clips, self.work, self.size.steps, minutes, 2, self.size.clip_batch)
        shutil.copyfile(self.work / "motion.safetensors", self.out / "motion.safetensors")

    def decoder(self) -> None:
        from autoencoder import train_decoder
        from export import save_part

        captions = [variants[0] for variants in self.captions]
        minutes = self.clock.share("decoder") / 60
        train_decoder(
            self.images, captions, self.work, self.size.steps, minutes, 3, self.size.decoder_batch, 8e-4
        )
        save_part(self.load_vae(), "vae", self.out / "vae.safetensors")

    def looks(self) -> None:
        import torch

        from sheet import write_clip_sheet, write_portrait_sheet

        # Too few pictures to look for the fastest convolutions first.
        torch.backends.cudnn.benchmark = False
        after = self.networks()
        common = (self.device, self.size.sampling_steps)
        write_portrait_sheet(self.out / "portraits.png", after, self.size.looks, *common)
        motion = self.work / "motion.safetensors"
        if motion.exists():
            write_clip_sheet(self.out / "clip.png", after, motion, self.size.clip_looks, *common)

    def networks(self):
        from networks import make_text_encoder, make_unet

        return self._load(make_text_encoder(), "text"), self._load(make_unet(), "unet"), self.load_vae()

    def load_vae(self):
        from networks import make_vae

        vae = self._load(make_vae(), "vae")
        if (self.work / "decoder.pt").exists():
            self._load(vae, "decoder", strict=False)
        return vae

    def _load(self, network, name: str, strict: bool = True):
        import torch

        network.load_state_dict(torch.load(self.work / f"{name}.pt", map_location="cpu"), strict=strict)
        return network.to(self.device).eval().requires_grad_(False)


def attempt(run: Run, stage: str) -> None:
    """Runs `stage`; a failure is noted, and the run goes on."""
    began = run.clock.elapsed
    try:
        getattr(run, stage)()
    except Exception:  # noqa: BLE001
        print(traceback.format_exc(), flush=True)
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    print(f"{run.clock.elapsed:.0f}s: {stage} took {run.clock.elapsed - began:.0f}s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--seconds", type=float, default=260)
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="processes that draw")
    parser.add_argument("--rehearsal", action="store_true", help="all stages in two steps each, to see that they run")
    parser.add_argument("--only", choices=SHARES, action="append", help="train only this (repeatable)")
    options = parser.parse_args()
    stages = [stage for stage in SHARES if stage in (options.only or SHARES)]
    clock, size = Clock(options.seconds, stages), REHEARSAL if options.rehearsal else Size()
    options.out.mkdir(parents=True, exist_ok=True)
    sys.stdout = Log(options.out / "train.log")
    clock.guard()
    work = Path(tempfile.mkdtemp(prefix="portrait-"))
    portraits = 0 if stages == ["motion"] else size.portraits
    drawing = dataset.Drawing(work / "data", portraits, size.clips, options.workers)
    run = Run(options.out, work, size, clock, drawing)
    attempt(run, "unpack")
    for stage in stages:
        if stage in ("unet", "decoder") and not hasattr(run, "clean"):
            attempt(run, "latents")
        attempt(run, stage)
    attempt(run, "looks")
    drawing.stop()
    print(f"{clock.elapsed:.0f}s: done", flush=True)
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
