"""Short clips of the drawn people: they move, tilt, come nearer, turn their heads and blink.

`clip(seed)` draws 16 frames of one person. Cloth and hair move with the person, their hatches stay
anchored to the picture as in every drawing; `flow` says where each pixel goes, and where that is known.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

import numpy as np

import portraits
from portraits import SIZE, Person

FRAMES = 16
# Of what a pixel may change along the flow, in grey levels, for the flow to count as known there.
TOLERANCE = 6.0
# What moves: name, ends of its range over all portraits, largest travel within a clip.
MOTIONS = (
    ("x", (-5.0, 5.0), 7.0),
    ("y", (-3.0, 5.0), 5.0),
    ("scale", (0.95, 1.12), 0.08),
    ("tilt", (-0.1, 0.1), 0.12),
    ("turn", (-1.0, 1.0), 1.4),
)
STILL = 0.35
BLINKS = (0.75, 0.3)
# Lids in the frames of one blink.
BLINK = (0.5, 1.0, 0.6)


@dataclass(frozen=True)
class Clip:
    """`images` and `heads` are `[frames, 128, 128, 3]` and `[frames, 128, 128]`, bytes."""

    people: list[Person]
    caption: str
    images: np.ndarray
    heads: np.ndarray


def sample_motion(rng: random.Random, frames: int = FRAMES) -> list[Person]:
    """One person in every frame of a clip."""
    person = portraits.sample_person(rng)
    paths = {name: _path(rng, ends, travel, frames) for name, ends, travel in MOTIONS}
    lids = [0.0] * frames
    for chance in BLINKS:
        if rng.random() < chance:
            start = rng.randrange(-1, frames)
            for k, amount in enumerate(BLINK):
                if 0 <= start + k < frames:
                    lids[start + k] = max(lids[start + k], amount)
    return [
        replace(
            person,
            shift=(paths["x"][k], paths["y"][k]),
            scale=paths["scale"][k],
            tilt=paths["tilt"][k],
            turn=paths["turn"][k],
            lids=lids[k],
        )
        for k in range(frames)
    ]


def _path(rng: random.Random, ends: tuple[float, float], travel: float, frames: int) -> list[float]:
    """A smooth way within `ends`: an arc of a sine, up to one period, or standing still."""
    low, high = ends
    reach = 0.0 if rng.random() < STILL else rng.uniform(0.2, 1.0) * travel / 2
    reach = min(reach, (high - low) / 2)
    middle = rng.uniform(low + reach, high - reach)
    turns, phase = rng.uniform(0.2, 1.0), rng.uniform(0, math.tau)
    return [middle + reach * math.sin(math.tau * turns * k / frames + phase) for k in range(frames)]


def clip(seed: int, frames: int = FRAMES) -> Clip:
    """Draws clip `seed`; the same seed gives the same clip."""
    people = sample_motion(random.Random(seed), frames)
    drawn = [portraits.draw_portrait(person) for person in people]
    return Clip(people, drawn[0].caption, np.stack([d.image for d in drawn]), np.stack([d.head_mask for d in drawn]))


def flow(made: Clip, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the pixels of `frame` are in the next one, `[128, 128, 2]` as x and y, and where that is known.

    A pixel goes with the person, or stays as the background and the hatches do: whichever the clean
    drawing bears out. Where it bears out neither (something came out from behind, lids fell, features
    slid over a turning face by another amount), the flow is not known.
    """
    now, after = made.people[frame], made.people[frame + 1]
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float64)
    still = np.stack([x, y], -1)
    carried = _carry(now, after, still)
    errors = [_change(made.images[frame], made.images[frame + 1], goal) for goal in (carried, still)]
    # Where both fit, a pixel of the person goes with the person.
    errors[0] -= np.where(_person_mask(now), TOLERANCE / 2, -TOLERANCE / 2)
    goal = np.where((errors[0] <= errors[1])[..., None], carried, still)
    known = _change(made.images[frame], made.images[frame + 1], goal) <= TOLERANCE
    return goal, known


def warp(image: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """`image` looked up at `goal` (x, y of pixel centres), bilinear, as float."""
    x, y = goal[..., 0].clip(0, SIZE - 1), goal[..., 1].clip(0, SIZE - 1)
    left, top = np.floor(x).astype(int).clip(0, SIZE - 2), np.floor(y).astype(int).clip(0, SIZE - 2)
    a, b = (x - left)[..., None], (y - top)[..., None]
    image = image.astype(np.float64)
    upper = image[top, left] * (1 - a) + image[top, left + 1] * a
    lower = image[top + 1, left] * (1 - a) + image[top + 1, left + 1] * a
    return upper * (1 - b) + lower * b


def _carry(now: Person, after: Person, places: np.ndarray) -> np.ndarray:
    """Where `places` of the person in one frame are in the next, in pixel indices."""
    centre = np.array([SIZE / 2, SIZE / 2])
    turn = after.tilt - now.tilt
    factor = after.scale / now.scale
    # Pixel k covers k to k + 1.
    away = (places + 0.5 - centre - now.shift) * factor
    c, s = math.cos(turn), math.sin(turn)
    turned = np.stack([away[..., 0] * c - away[..., 1] * s, away[..., 0] * s + away[..., 1] * c], -1)
    return turned + centre + after.shift - 0.5


def _change(now: np.ndarray, after: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Mean change of the channels along the way to `goal`; infinite where that leaves the picture."""
    inside = ((goal >= 0) & (goal <= SIZE - 1)).all(-1)
    return np.where(inside, np.abs(warp(after, goal) - now).mean(-1), np.inf)


def _person_mask(person: Person) -> np.ndarray:
    """Where the person covers the background: the same before any background."""
    before = [
        portraits.draw_portrait(replace(person, background=colour, background_pattern="plain")).image
        for colour in ("white", "black")
    ]
    return np.abs(before[0].astype(int) - before[1]).sum(-1) < 16
