"""Trains the text encoder to carry what a caption says: every attribute of the portrait must be
readable, by one linear layer, from the end token and from each padding token after it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import dataset
import portraits
from networks import CONTEXT, make_text_encoder, make_tokenizer, tokenize
from muon import Muon
from progress import Average, Budget

END = 49407
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "gender": ("woman", "man"),
    "skin": tuple(portraits.SKIN),
    "hair": tuple(portraits.HAIR),
    "style": portraits.STYLES,
    "eyes": tuple(portraits.EYES),
    "expression": portraits.EXPRESSIONS,
    "glasses": ("none", "round", "square"),
    "hat": ("none", "beanie", "cap"),
    "hat_colour": tuple(portraits.CLOTH),
    "cloth": tuple(portraits.CLOTH),
    "cloth_pattern": portraits.CLOTH_PATTERNS,
    "background": tuple(portraits.CLOTH),
    "background_pattern": portraits.BACKGROUND_PATTERNS,
}
EMPTY_CAPTIONS = 0.05
STRANGE_WORDS = 0.15


def labels(person: portraits.Person) -> list[int]:
    return [values.index(getattr(person, name)) for name, values in ATTRIBUTES.items()]


def train_text_encoder(out: Path, steps: int, minutes: float | None, seed: int, captions: int = 24_000) -> None:
    """Writes `text.pt`. Words no caption uses keep a zero embedding, so they pass unnoticed."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    # Seeds beyond the drawn shards, below the held-out ones.
    seeds = range(1_000_000, 1_000_000 + captions)
    ids = tokenize(make_tokenizer(), [dataset.varied_caption(s, 1) for s in seeds])
    wanted = torch.tensor([labels(dataset.person(s)) for s in seeds])
    encoder = make_text_encoder()
    known = torch.zeros(encoder.config.vocab_size, 1)
    known[ids.unique()] = 1
    table = encoder.get_input_embeddings().weight
    with torch.no_grad():
        table.mul_(known)
    table.register_hook(lambda gradient: gradient * known)

    heads = torch.nn.Linear(CONTEXT, sum(map(len, ATTRIBUTES.values())))
    trained = torch.nn.ModuleDict({"encoder": encoder, "heads": heads})
    # A run that was stopped goes on from its averaged weights.
    partial = out / "text.partial.pt"
    if partial.exists():
        trained.load_state_dict(torch.load(partial))
    average = Average(trained, 0.99)
    optimizer = Muon(trained)
    budget = Budget(steps, minutes)
    recent: list[float] = []
    while budget.progress < 1:
        optimizer.set_rate(budget.rate(4e-3))
        picks = torch.from_numpy(rng.integers(len(ids), size=64))
        tokens = _disturb(ids[picks], rng)
        # Most steps leave out the far padding; every fourth trains its positions too.
        if budget.step % 4:
            tokens = tokens[:, : int((tokens != END).sum(1).max()) + 4]
        hidden = encoder(tokens).last_hidden_state
        end = (tokens == END).int().argmax(1)
        # The end token and two random places after it.
        places = torch.stack([end, *(end + ((tokens.shape[1] - end) * torch.rand(len(end))).long() for _ in range(2))], 1)
        read = heads(hidden.gather(1, places[..., None].expand(-1, -1, CONTEXT)))
        losses = []
        for column, part in enumerate(read.split([len(v) for v in ATTRIBUTES.values()], -1)):
            losses.append(F.cross_entropy(part.flatten(0, 1), wanted[picks, column].repeat_interleave(3)))
        loss = torch.stack(losses).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        average.update()
        budget.step += 1
        recent.append(loss.item())
        if budget.step % 50 == 0:
            print(
                f"text step {budget.step} {budget.elapsed:.0f}s loss {np.mean(recent):.3f} "
                + " ".join(f"{name} {value.item():.2f}" for name, value in zip(ATTRIBUTES, losses)),
                flush=True,
            )
            recent.clear()
            torch.save(average.network.state_dict(), partial)
            torch.save(average.network["encoder"].state_dict(), out / "text.pt")
    torch.save(average.network["encoder"].state_dict(), out / "text.pt")


def _disturb(ids: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Empties some captions and puts a strange word into others."""
    ids = ids.clone()
    for row in ids:
        if rng.random() < EMPTY_CAPTIONS:
            row[1:] = END
        elif rng.random() < STRANGE_WORDS:
            place = 1 + int(rng.integers(int((row == END).int().argmax())))
            row[place + 1 :] = row[place:-1].clone()
            row[place] = int(rng.integers(END - 1))
    return ids
