"""Drawn portraits with captions: the only data the embedded model has ever seen.

`portrait(seed)` draws one person as anti-aliased vector shapes: flat colours, dark outlines and
hatching. Every hatch (hair strands, cloth, background) is a pattern with a period of 16 pixels
anchored to the picture grid, so its phase follows from the position alone and a model can restore
it from the coarse shapes and the caption. The period is two latent cells of a kl-f8 autoencoder,
and neighbouring cells differ: a pattern that repeated every cell could not be decoded, since
convolutions turn a constant latent into a constant picture. `scene(seed)` puts three people in a
park.

Pictures are RGB `uint8`, masks `uint8` 0 or 255 with anti-aliased borders.
"""

from __future__ import annotations

import functools
import json
import math
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = 128
SUPERSAMPLE = 3

Colour = tuple[int, int, int]

SKIN: dict[str, Colour] = {
    "pale": (250, 224, 208),
    "light": (240, 200, 172),
    "tan": (214, 164, 124),
    "brown": (160, 108, 74),
    "dark": (112, 72, 52),
}
HAIR: dict[str, Colour] = {
    "black": (48, 44, 52),
    "brown": (122, 78, 46),
    "blonde": (234, 200, 98),
    "red": (206, 74, 36),
    "grey": (168, 168, 172),
    "blue": (52, 96, 226),
    "green": (46, 172, 72),
    "pink": (246, 124, 184),
    "purple": (142, 64, 200),
}
EYES: dict[str, Colour] = {
    "blue": (60, 120, 220),
    "green": (60, 160, 84),
    "brown": (124, 76, 36),
    "grey": (130, 140, 150),
}
CLOTH: dict[str, Colour] = {
    "red": (206, 58, 54),
    "blue": (58, 98, 196),
    "green": (62, 150, 84),
    "yellow": (236, 204, 72),
    "orange": (236, 140, 52),
    "purple": (140, 84, 180),
    "pink": (240, 156, 188),
    "white": (236, 236, 232),
    "black": (58, 58, 66),
    "grey": (146, 148, 154),
}
STYLES = ("long", "short", "curly", "bun", "bald")
EXPRESSIONS = ("smiling", "sad", "surprised", "neutral")
CLOTH_PATTERNS = ("plain", "striped", "dotted", "checkered")
BACKGROUND_PATTERNS = ("plain", "striped", "dotted", "hatched")


@dataclass(frozen=True)
class Person:
    """Everything the drawing and the caption of one portrait depend on."""

    gender: str
    skin: str
    hair: str
    style: str
    eyes: str
    expression: str
    glasses: str
    hat: str
    hat_colour: str
    cloth: str
    cloth_pattern: str
    background: str
    background_pattern: str
    # Geometry in portrait pixels (128 across) and radians.
    shift: tuple[float, float]
    scale: float
    tilt: float
    turn: float
    width: float
    light: int
    # How far the lids are down: 0 wide open, 1 shut. Only clips blink.
    lids: float = 0.0


@dataclass(frozen=True)
class Portrait:
    person: Person
    image: np.ndarray
    caption: str
    hair_mask: np.ndarray
    head_mask: np.ndarray


def sample_person(rng: random.Random) -> Person:
    hat = rng.choices(("none", "beanie", "cap"), (0.84, 0.08, 0.08))[0]
    return Person(
        gender=rng.choice(("woman", "man")),
        skin=rng.choice(tuple(SKIN)),
        hair=rng.choice(tuple(HAIR)),
        style=rng.choices(STYLES, (0.3, 0.26, 0.2, 0.18, 0.06))[0],
        eyes=rng.choice(tuple(EYES)),
        expression=rng.choice(EXPRESSIONS),
        glasses=rng.choices(("none", "round", "square"), (0.66, 0.17, 0.17))[0],
        hat=hat,
        hat_colour=rng.choice(tuple(CLOTH)),
        cloth=rng.choice(tuple(CLOTH)),
        cloth_pattern=rng.choice(CLOTH_PATTERNS),
        background=rng.choice(tuple(CLOTH)),
        background_pattern=rng.choice(BACKGROUND_PATTERNS),
        shift=(rng.uniform(-5, 5), rng.uniform(-3, 5)),
        scale=rng.uniform(0.95, 1.12),
        tilt=rng.uniform(-0.1, 0.1),
        turn=rng.uniform(-1, 1),
        width=rng.uniform(0.94, 1.06),
        light=rng.choice((-1, 1)),
    )


def caption(person: Person, rng: random.Random | None = None) -> str:
    """The caption of `person`: complete without `rng`, varied and with gaps with one."""
    if person.style == "bald":
        hair = "bald head"
    elif person.style == "bun":
        hair = f"{person.hair} hair in a bun"
    else:
        hair = f"{person.style} {person.hair} hair"
    details = [f"{person.eyes} eyes", person.expression]
    if person.expression == "neutral":
        details[-1] = "neutral expression"
    if person.glasses != "none":
        details.append(f"{person.glasses} glasses")
    if person.hat != "none":
        details.append(f"{person.hat_colour} {person.hat}")
    details.append(f"{person.cloth_pattern} {person.cloth} shirt")
    details.append(f"{person.background_pattern} {person.background} background")
    details.append(f"{person.skin} skin")
    if rng is None:
        return f"a portrait of a {person.gender} with {hair}, " + ", ".join(details)

    kept = rng.choice((0.15, 0.5, 0.85, 0.95, 1.0))
    details = [_vary(detail, rng) for detail in details if rng.random() < kept]
    if rng.random() < 0.3:
        rng.shuffle(details)
    hair = _vary(hair, rng)
    noun = rng.choice(("portrait", "portrait", "portrait", "drawing", "picture", "face"))
    gender = person.gender
    if rng.random() < 0.15:
        gender = rng.choice(("girl", "lady") if gender == "woman" else ("boy", "guy"))
    subject = rng.choice((f"a {noun} of a {gender}", f"a {gender}", f"{noun} of a {gender}"))
    form = rng.random()
    if form < 0.75:
        parts = [f"{subject} with {hair}", *details]
    elif form < 0.9:
        parts = [hair, *details]
        rng.shuffle(parts)
    else:
        parts = [subject, *details]
    if rng.random() < 0.15:
        parts.append(rng.choice(("best quality", "high detail", "sharp", "detailed", "masterpiece", "beautiful")))
    return ", ".join(parts)


def _vary(phrase: str, rng: random.Random) -> str:
    """Swaps synonyms now and then and drops the odd adjective."""
    swaps = {
        "blonde": ("blond", "golden"),
        "grey": ("gray",),
        "red hair": ("ginger hair",),
        "smiling": ("happy", "smile"),
        "surprised": ("open mouth",),
        "sad": ("unhappy",),
        "dotted": ("polka dot",),
        "plain": ("simple",),
        "shirt": ("clothes", "sweater"),
        "light skin": ("fair skin",),
    }
    for word, others in swaps.items():
        if word in phrase and rng.random() < 0.25:
            phrase = phrase.replace(word, rng.choice(others))
    if phrase.endswith(("glasses", "shirt", "background")) and rng.random() < 0.15:
        phrase = phrase.split(" ", 1)[1]
    return phrase


def portrait(seed: int, *, varied_caption: bool = False) -> Portrait:
    """Draws portrait `seed`; the same seed gives the same picture and caption."""
    rng = random.Random(seed)
    person = sample_person(rng)
    text = caption(person, rng if varied_caption else None)
    return draw_portrait(person, text)


def draw_portrait(person: Person, text: str | None = None) -> Portrait:
    canvas = Canvas(SIZE, SIZE)
    canvas.fill_background(CLOTH[person.background], person.background_pattern)
    draw_person(canvas, person, (SIZE / 2, SIZE / 2))
    return Portrait(person, canvas.image(), text or caption(person), canvas.hair_mask(), canvas.head_mask())


# --- Patterns -----------------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def pattern(name: str, width: int, height: int) -> Image.Image:
    """Hatch `name` as a supersampled mask, anchored to the picture's top left corner."""
    step = 1 / SUPERSAMPLE
    x, y = np.meshgrid((np.arange(width * SUPERSAMPLE) + 0.5) * step, (np.arange(height * SUPERSAMPLE) + 0.5) * step)

    def strokes(distance: np.ndarray, *spans: tuple[float, float]) -> np.ndarray:
        place = distance % 16
        return np.any([(place >= start) & (place < end) for start, end in spans], axis=0)

    def near(cx: float, cy: float) -> np.ndarray:
        return np.hypot((x - cx + 8) % 16 - 8, (y - cy + 8) % 16 - 8)

    on = {
        # Hair: strands run the way the style falls.
        "long": lambda: strokes(x + np.abs(y % 16 - 8) / 8, (0.5, 2.8), (5, 7.3), (10, 12)),
        "short": lambda: strokes(x + y, (0, 3), (6.5, 9)),
        "curly": lambda: (np.abs(near(4, 4) - 4) < 1.2) | (near(12, 12) < 2.6),
        "bun": lambda: strokes(x - y, (0, 3), (6.5, 9)),
        # Cloth and background.
        "striped": lambda: strokes(x, (1, 7), (10.5, 12.5)),
        "dotted": lambda: (near(4, 4) < 3.3) | (near(12, 12) < 2.3),
        "checkered": lambda: ((x // 8) + (y // 8)) % 2 < 1,
        "hatched": lambda: strokes(x + y, (1, 6), (10, 12)),
        "plain": lambda: strokes(y, (1, 4), (7, 9)),
        "knit": lambda: strokes(np.abs(x % 16 - 8) + y, (0, 3), (6, 8)),
        "shade": lambda: strokes(x - y, (0, 3), (6, 8.5)),
    }[name]()
    return Image.fromarray((on * 255).astype(np.uint8))


def tint(colour: Colour, factor: float) -> Colour:
    """`colour` made darker (`factor` below 1) or lighter (above 1)."""
    if factor <= 1:
        return tuple(int(c * factor) for c in colour)  # type: ignore[return-value]
    return tuple(int(255 - (255 - c) / factor) for c in colour)  # type: ignore[return-value]


# --- Canvas -------------------------------------------------------------------------------------


class Canvas:
    """A supersampled picture that also keeps track of where hair and heads are visible."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        size = (width * SUPERSAMPLE, height * SUPERSAMPLE)
        self.rgb = Image.new("RGB", size)
        self.hair = Image.new("L", size)
        self.head = Image.new("L", size)
        self._draws = [ImageDraw.Draw(layer) for layer in (self.rgb, self.hair, self.head)]

    def fill_background(self, colour: Colour, name: str) -> None:
        self.rgb.paste(colour, (0, 0, *self.rgb.size))
        self.rgb.paste(_pattern_colour(colour, name), (0, 0), pattern(name, self.width, self.height))

    def shape(
        self,
        points: np.ndarray,
        colour: Colour,
        *,
        hatch: str | None = None,
        hatch_colour: Colour | None = None,
        outline: Colour | None = None,
        hair: bool = False,
        head: bool = False,
    ) -> None:
        """Fills the polygon `points`, hatched and outlined on demand."""
        xy = [(float(a), float(b)) for a, b in points * SUPERSAMPLE]
        rgb, hair_draw, head_draw = self._draws
        rgb.polygon(xy, fill=colour)
        if hatch is not None:
            left, top = np.floor(points.min(0) * SUPERSAMPLE).astype(int)
            right, bottom = np.ceil(points.max(0) * SUPERSAMPLE).astype(int) + 1
            left, top = max(left, 0), max(top, 0)
            right, bottom = min(right, self.rgb.width), min(bottom, self.rgb.height)
            if right > left and bottom > top:
                region = Image.new("L", (right - left, bottom - top))
                ImageDraw.Draw(region).polygon([(a - left, b - top) for a, b in xy], fill=255)
                strokes = pattern(hatch, self.width, self.height).crop((left, top, right, bottom))
                strokes = ImageChops.multiply(region, strokes)
                self.rgb.paste(hatch_colour or tint(colour, 0.62), (left, top), strokes)
        if outline is not None:
            rgb.line([*xy, xy[0], xy[1]], fill=outline, width=SUPERSAMPLE, joint="curve")
        hair_draw.polygon(xy, fill=255 if hair else 0)
        if head:
            head_draw.polygon(xy, fill=255)

    def line(self, points: np.ndarray, colour: Colour, thickness: float) -> None:
        xy = [(float(a), float(b)) for a, b in points * SUPERSAMPLE]
        width = max(1, round(thickness * SUPERSAMPLE))
        self._draws[0].line(xy, fill=colour, width=width, joint="curve")

    def image(self) -> np.ndarray:
        return np.asarray(self.rgb.reduce(SUPERSAMPLE))

    def hair_mask(self) -> np.ndarray:
        return np.asarray(self.hair.reduce(SUPERSAMPLE))

    def head_mask(self) -> np.ndarray:
        return np.asarray(self.head.reduce(SUPERSAMPLE))


def _pattern_colour(colour: Colour, name: str) -> Colour:
    """Colour of the strokes: strong for a named pattern, faint for the weave of plain cloth."""
    bright = sum(colour) > 380
    if name in ("plain", "knit"):
        return tint(colour, 0.86) if bright else tint(colour, 1.2)
    return tint(colour, 0.58) if bright else tint(colour, 2.0)


# --- The person ---------------------------------------------------------------------------------


class Pose:
    """Maps portrait pixels (face centre at 0, 0) to canvas pixels."""

    def __init__(self, person: Person, origin: tuple[float, float]) -> None:
        self._cos = math.cos(person.tilt) * person.scale
        self._sin = math.sin(person.tilt) * person.scale
        self._origin = np.array(origin) + np.array(person.shift)

    def __call__(self, points) -> np.ndarray:
        p = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        rotated = np.stack([p[:, 0] * self._cos - p[:, 1] * self._sin, p[:, 0] * self._sin + p[:, 1] * self._cos], 1)
        return rotated + self._origin

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, start: float = 0.0, end: float = math.tau) -> np.ndarray:
        steps = 40 if max(rx, ry) > 8 else 20
        a = np.linspace(start, end, steps)
        return self(np.stack([cx + rx * np.cos(a), cy + ry * np.sin(a)], 1))


INK: Colour = (36, 28, 32)


def draw_person(canvas: Canvas, person: Person, origin: tuple[float, float], bottom: float | None = None) -> None:
    """Draws a person from the head down to `bottom`, with the face centred near `origin`."""
    pose = Pose(person, origin)
    _back_hair(canvas, person, pose)
    _body(canvas, person, pose, bottom=bottom or origin[1] + 66)
    _face(canvas, person, pose)
    _features(canvas, person, pose)
    _front_hair(canvas, person, pose)
    if person.glasses != "none":
        _glasses(canvas, person, pose)
    if person.hat != "none":
        _hat(canvas, person, pose)


def _hair_args(person: Person) -> dict:
    colour = HAIR[person.hair]
    stroke = tint(colour, 0.55) if sum(colour) > 200 else tint(colour, 1.5)
    return {
        "colour": colour,
        "hatch": person.style,
        "hatch_colour": stroke,
        "outline": tint(colour, 0.4),
        "hair": True,
        "head": True,
    }


def _back_hair(canvas: Canvas, person: Person, pose: Pose) -> None:
    w = person.width
    if person.style == "long":
        a = np.linspace(math.pi, math.tau, 30)
        dome = np.stack([34 * w * np.cos(a), -6 + 36 * np.sin(a)], 1)
        sides = [(36 * w, 20), (38 * w, 48), (-38 * w, 48), (-36 * w, 20)]
        canvas.shape(pose(np.concatenate([dome, sides])), **_hair_args(person))
    elif person.style == "curly":
        a = np.linspace(0, math.tau, 73)
        r = 1 + 0.055 * np.cos(a * 12)
        canvas.shape(pose(np.stack([39 * w * r * np.cos(a), -8 + 37 * r * np.sin(a)], 1)), **_hair_args(person))
    elif person.style == "bun":
        canvas.shape(pose.ellipse(0, -42, 13, 12), **_hair_args(person))


def _body(canvas: Canvas, person: Person, pose: Pose, bottom: float) -> None:
    skin = SKIN[person.skin]
    cloth = CLOTH[person.cloth]
    broad = 50 if person.gender == "man" else 43
    name = "knit" if person.cloth_pattern == "plain" else person.cloth_pattern
    shoulders = pose([(-13, 35), (-26, 39), (-broad + 6, 46), (-broad, 60), (broad, 60), (broad - 6, 46), (26, 39), (13, 35), (0, 43)])
    # Closed straight below the picture's lower edge, however the head tilts.
    floor = max(bottom, float(shoulders[:, 1].max()))
    left, right = shoulders[3], shoulders[4]
    points = np.concatenate([shoulders[:4], [[left[0] - 2, floor], [right[0] + 2, floor]], shoulders[4:]])
    canvas.shape(points, cloth, hatch=name, hatch_colour=_pattern_colour(cloth, name), outline=tint(cloth, 0.35))
    neck = pose([(-11, 16), (-11, 33), (-14, 36), (0, 46), (14, 36), (11, 33), (11, 16)])
    canvas.shape(neck, skin, outline=tint(skin, 0.45))
    canvas.shape(pose([(-11, 22), (-11, 30), (0, 36), (11, 30), (11, 22)]), tint(skin, 0.82), hatch="shade", hatch_colour=tint(skin, 0.66))


def _face(canvas: Canvas, person: Person, pose: Pose) -> None:
    skin = SKIN[person.skin]
    edge = tint(skin, 0.42)
    w = person.width
    for side in (-1, 1):
        canvas.shape(pose.ellipse(side * 26.5 * w, 2, 4.5, 6.5), tint(skin, 0.9), outline=edge, head=True)
    a = np.linspace(0, math.tau, 60)
    jaw = 25.5 if person.gender == "man" else 23.5
    chin = np.where(np.sin(a) > 0, 31.0, 33.0)
    squeeze = np.where(np.sin(a) > 0, 1 - (0.05 if person.gender == "man" else 0.16) * np.sin(a) ** 2, 1)
    outline = np.stack([(jaw + 2.5) * w * np.cos(a) * squeeze, chin * np.sin(a)], 1)
    canvas.shape(pose(outline), skin, outline=edge, head=True)
    # The side away from the light: a hatched crescent.
    side = -person.light
    half = outline[np.argsort(-side * outline[:, 0])[:30]]
    half = half[np.argsort(half[:, 1])]
    inner = half * np.array([0.7, 0.94])
    canvas.shape(pose(np.concatenate([half * 0.975, inner[::-1]])), tint(skin, 0.88), hatch="shade", hatch_colour=tint(skin, 0.72), head=True)


def _eye(canvas: Canvas, person: Person, pose: Pose, centre: tuple[float, float], height: float) -> None:
    cx, cy = centre
    # The lids come down to a line a little under the middle.
    height, cy = height * (1 - person.lids), cy + 1.5 * person.lids
    if height < 1:
        canvas.line(pose([(cx - 6.4, cy), (cx, cy + 1.2), (cx + 6.4, cy)]), INK, 1.7)
        return
    iris = cx + person.turn * 2.5 * 0.3
    canvas.shape(pose.ellipse(cx, cy, 6.4, height), (250, 250, 248), outline=INK)
    canvas.shape(pose.ellipse(iris, cy + 0.3, 3.7, min(3.9, height)), EYES[person.eyes], outline=tint(EYES[person.eyes], 0.45))
    canvas.shape(pose.ellipse(iris, cy + 0.3, 1.8, min(1.9, height)), (16, 14, 18))
    if height > 3:
        canvas.shape(pose.ellipse(iris - person.light * -1.5, cy - 1.4, 1.2, 1.2), (255, 255, 255))
    lid = pose.ellipse(cx, cy, 6.6, height + 0.3, math.pi * 1.04, math.pi * 1.96)
    canvas.line(lid, INK, 1.7)


def _features(canvas: Canvas, person: Person, pose: Pose) -> None:
    skin = SKIN[person.skin]
    turn = person.turn * 2.5
    surprised = person.expression == "surprised"
    sad = person.expression == "sad"
    eye_h = 5.6 if surprised else 4.4
    for side in (-1, 1):
        cx, cy = side * 11 + turn, -1.0
        _eye(canvas, person, pose, (cx, cy), eye_h)
        if person.gender == "woman":
            for k in range(3):
                angle = -math.pi / 2 + side * (0.55 + 0.38 * k)
                c, s = math.cos(angle), math.sin(angle)
                canvas.line(pose([(cx + 6.2 * c, cy + eye_h * s), (cx + 9.2 * c, cy + (eye_h + 2.8) * s)]), INK, 1.0)
        raise_ = -3.0 if surprised else 0.0
        slope = -3.0 if sad else (0.8 if person.expression == "neutral" else 1.2)
        brow_colour = tint(HAIR[person.hair], 0.55) if person.style != "bald" else tint(skin, 0.4)
        brow = [(cx - side * 6, cy - 9 + raise_ + slope * 0.8), (cx, cy - 10.6 + raise_), (cx + side * 6.5, cy - 9 + raise_ - slope * 0.6)]
        canvas.line(pose(brow), brow_colour, 2.6 if person.gender == "man" else 1.8)
        canvas.shape(pose.ellipse(side * 15 + turn * 0.6, 11, 4.2, 2.8), _mix(skin, (226, 90, 90), 0.3))
    nose = [(turn * 1.4 + 1, 1), (turn * 1.4 + person.light * -3.2, 10), (turn * 1.4 + 1.5, 11.5)]
    canvas.line(pose(nose), tint(skin, 0.5), 1.5)
    mouth, lip = turn, _mix(skin, (170, 30, 50), 0.72 if person.gender == "woman" else 0.4)
    if person.expression == "smiling":
        a = np.linspace(0.1 * math.pi, 0.9 * math.pi, 14)
        curve = np.stack([mouth + 10 * np.cos(a), 15.5 + 7.5 * np.sin(a)], 1)
        canvas.shape(pose(curve), (252, 250, 246), outline=lip)
        canvas.line(pose(curve), lip, 1.7)
    elif surprised:
        canvas.shape(pose.ellipse(mouth, 20, 5, 5.4), (92, 24, 32), outline=lip)
        canvas.line(pose.ellipse(mouth, 20, 5, 5.4), lip, 1.7)
    elif sad:
        canvas.line(pose.ellipse(mouth, 24, 8.5, 5.5, math.pi * 1.12, math.pi * 1.88), lip, 2.4)
    else:
        canvas.line(pose([(mouth - 8, 19.5), (mouth, 20), (mouth + 8, 19.5)]), lip, 2.4)


def _mix(a: Colour, b: Colour, amount: float) -> Colour:
    return tuple(int(p + (q - p) * amount) for p, q in zip(a, b))  # type: ignore[return-value]


def _front_hair(canvas: Canvas, person: Person, pose: Pose) -> None:
    if person.style == "bald":
        return
    w = person.width
    a = np.linspace(math.pi, math.tau, 30)
    if person.style == "curly":
        bumps = 1 + 0.04 * np.cos(a * 14)
        dome = np.stack([32 * w * bumps * np.cos(a), -9 + 30 * bumps * np.sin(a)], 1)
        t = np.linspace(1, -1, 25)
        line = np.stack([27 * w * t, -15 - 3 * np.cos(t * 14)], 1)
        canvas.shape(pose(np.concatenate([dome, line])), **_hair_args(person))
        return
    top = {"long": 36, "short": 33, "bun": 31}[person.style]
    reach = {"long": 14, "short": 0, "bun": -2}[person.style]
    dome = np.stack([31 * w * np.cos(a), -6 + top * np.sin(a)], 1)
    part = person.light * 9
    if person.style == "long":
        hairline = [(31 * w, reach), (25.5 * w, reach), (25 * w, -6), (part + 10, -18), (part, -24), (part - 12, -17), (-25 * w, -5), (-25.5 * w, reach), (-31 * w, reach)]
    elif person.style == "short":
        hairline = [(29.5 * w, reach), (26 * w, -1), (24.5 * w, -13), (14, -18), (8, -15), (0, -19), (-8, -15), (-15, -18), (-24.5 * w, -12), (-26 * w, -1), (-29.5 * w, reach)]
    else:
        hairline = [(28.5 * w, reach), (26 * w, -6), (20, -18), (0, -23), (-20, -18), (-26 * w, -6), (-28.5 * w, reach)]
    canvas.shape(pose(np.concatenate([dome, hairline])), **_hair_args(person))


def _glasses(canvas: Canvas, person: Person, pose: Pose) -> None:
    turn = person.turn * 2.5
    frame: Colour = (30, 30, 40)
    for side in (-1, 1):
        cx = side * 11 + turn
        if person.glasses == "round":
            rim = pose.ellipse(cx, -0.5, 9.2, 9.2)
        else:
            rim = pose([(cx - 9, -8), (cx + 9, -8), (cx + 9, 7), (cx - 9, 7), (cx - 9, -8), (cx + 9, -8)])
        canvas.line(rim, frame, 1.9)
        canvas.line(pose([(cx + side * 9, -2), (side * 28 * person.width, -3)]), frame, 1.6)
    canvas.line(pose([(turn - 2.5, -2), (turn + 2.5, -2)]), frame, 1.9)


def _hat(canvas: Canvas, person: Person, pose: Pose) -> None:
    colour = CLOTH[person.hat_colour]
    w = person.width
    edge = tint(colour, 0.35)
    a = np.linspace(math.pi, math.tau, 30)
    stroke = _pattern_colour(colour, "knit")
    if person.hat == "beanie":
        dome = np.stack([33 * w * np.cos(a), -16 + 31 * np.sin(a)], 1)
        canvas.shape(pose(dome), colour, hatch="knit", hatch_colour=stroke, outline=edge, head=True)
        band = pose([(-34 * w, -25), (34 * w, -25), (34 * w, -14), (-34 * w, -14)])
        canvas.shape(band, tint(colour, 0.8), hatch="long", hatch_colour=tint(colour, 0.55), outline=edge, head=True)
    else:
        dome = np.stack([32 * w * np.cos(a), -18 + 26 * np.sin(a)], 1)
        canvas.shape(pose(dome), colour, hatch="knit", hatch_colour=stroke, outline=edge, head=True)
        brim = pose.ellipse(person.light * 7, -18, 34, 4.5)
        canvas.shape(brim, tint(colour, 0.7), outline=edge, head=True)


# --- The sample scene ---------------------------------------------------------------------------


def degrade(image: np.ndarray, factor: int = 4) -> np.ndarray:
    """`image` scaled down by `factor` and up again, both bicubic."""
    height, width = image.shape[:2]
    small = Image.fromarray(image).resize((width // factor, height // factor), Image.BICUBIC)
    return np.asarray(small.resize((width, height), Image.BICUBIC))


@dataclass(frozen=True)
class Scene:
    image: np.ndarray
    mask: np.ndarray
    person: Person
    # x1, y1, x2, y2 of the degraded square, half open.
    square: tuple[int, int, int, int]


def scene(seed: int) -> Scene:
    """Three people in a park, 512x384, the middle one's face degraded; its mask is white there."""
    rng = random.Random(seed)
    width, height = 512, 384
    canvas = Canvas(width, height)
    canvas.fill_background(CLOTH["blue"], "plain")
    grass, trunk, leaf = CLOTH["green"], (120, 84, 56), (66, 138, 74)
    for x, y, r in ((24, 170, 58), (178, 186, 34), (338, 190, 32), (484, 160, 60)):
        stem = np.array([[x - 7, y], [x + 7, y], [x + 9, 340], [x - 9, 340]], dtype=float)
        canvas.shape(stem, trunk, hatch="long", outline=tint(trunk, 0.4))
        a = np.linspace(0, math.tau, 90)
        ring = 1 + 0.07 * np.cos(a * 9)
        crown = np.stack([x + r * ring * np.cos(a), y + r * ring * np.sin(a) * 0.9], 1)
        canvas.shape(crown, leaf, hatch="curly", outline=tint(leaf, 0.4))
    ground = np.array([[0, 318], [120, 304], [260, 310], [400, 302], [512, 314], [512, 384], [0, 384]], dtype=float)
    canvas.shape(ground, grass, hatch="hatched", hatch_colour=tint(grass, 0.84), outline=tint(grass, 0.5))
    people = [
        _scene_person(rng, hair="black", style="short", gender="man"),
        _scene_person(rng, hair="red", style="long", gender="woman", expression="smiling", eyes="green", glasses="none"),
        _scene_person(rng, hair="blonde", style="curly", gender="woman"),
    ]
    centres = [(104, 236), (256, 224), (408, 240)]
    for person, centre in zip(people, centres):
        draw_person(canvas, person, centre, bottom=height + 4)
    image = canvas.image().copy()
    x1, y1 = centres[1][0] - SIZE // 2, centres[1][1] - SIZE // 2
    square = (x1, y1, x1 + SIZE, y1 + SIZE)
    face = Image.new("L", (width, height))
    ImageDraw.Draw(face).ellipse((x1 + 22, y1 + 6, x1 + 106, y1 + 106), fill=255)
    # 100 pixels on both sides: with the model's crop_factor of 1.28 the crop is what it was trained on.
    painted = Image.new("L", (width, height))
    box = (x1 + 14, y1 + 12, x1 + 113, y1 + 111)
    ImageDraw.Draw(painted).rounded_rectangle(box, radius=38, fill=255)
    mask = np.asarray(painted)
    noise = np.random.default_rng(seed).normal(0, 3, (height, width, 3))
    poor = np.clip(degrade(image) + noise, 0, 255)
    soft = np.asarray(face.filter(ImageFilter.GaussianBlur(2)))[..., None] / 255.0
    image = (image * (1 - soft) + poor * soft).round().astype(np.uint8)
    return Scene(image, mask, people[1], square)


def _scene_person(rng: random.Random, **fixed) -> Person:
    person = sample_person(rng)
    return replace(person, hat="none", shift=(0.0, 0.0), scale=1.05, tilt=rng.uniform(-0.05, 0.05), **fixed)


def write_scene(folder: Path, seed: int) -> None:
    """Writes the page's sample picture, its mask and its prompt into `folder`."""
    sample = scene(seed)
    Image.fromarray(sample.image).save(folder / "sample.png", optimize=True)
    Image.fromarray(sample.mask).save(folder / "sample_mask.png", optimize=True)
    record = {
        "prompt": caption(replace(sample.person, background="blue", background_pattern="plain")),
        "negative": "",
        "square": list(sample.square),
    }
    (folder / "sample.json").write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    write_scene(Path(__file__).parent, int(sys.argv[1]) if len(sys.argv) > 1 else 7)
