"""The colours of the virtual phone, and the one palette that all of its pictures share.

A fixed palette makes small pictures fast: mapping a full screen onto it takes 2 ms, finding a good one for each
picture 14.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain

from PIL import Image

Colour = tuple[int, int, int]

WINDOW: Colour = (247, 248, 250)
SURFACE: Colour = (255, 255, 255)
INK: Colour = (28, 31, 38)
SOFT_INK: Colour = (104, 110, 122)
LINE: Colour = (208, 212, 219)
PRIMARY: Colour = (24, 104, 92)
PRIMARY_SOFT: Colour = (214, 234, 229)
DISABLED: Colour = (226, 228, 232)
DISABLED_INK: Colour = (150, 155, 164)
NIGHT: Colour = (48, 51, 58)
SCRIM: Colour = (112, 113, 115)
KEYBOARD: Colour = (226, 229, 234)
WALLPAPER_TOP: Colour = (38, 66, 92)
WALLPAPER_BOTTOM: Colour = (122, 158, 160)

TINTS: tuple[tuple[Colour, Colour], ...] = (
    ((250, 224, 205), (196, 106, 52)),
    ((212, 230, 246), (50, 104, 160)),
    ((221, 238, 210), (86, 132, 58)),
    ((238, 218, 240), (134, 74, 146)),
    ((252, 236, 196), (172, 126, 24)),
    ((250, 214, 218), (180, 64, 82)),
)
"""Light and dark of each tint that a picture may have."""

_TEXT_SHADES, _TINT_SHADES, _WALLPAPER_SHADES = 10, 6, 30
MOST_COLOURS = 256
"""What a PNG palette can hold."""


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two; share 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def colours() -> list[Colour]:
    """All colours above, and the shades that the soft edges of text and the wallpaper need."""
    text_on_ground = [
        (WINDOW, INK),
        (SURFACE, INK),
        (SURFACE, SOFT_INK),
        (PRIMARY, SURFACE),
        (PRIMARY_SOFT, PRIMARY),
        (SURFACE, PRIMARY),
        (DISABLED, DISABLED_INK),
        (NIGHT, SURFACE),
        (SCRIM, SURFACE),
        (KEYBOARD, INK),
        (WALLPAPER_TOP, SURFACE),
    ]
    ramps = [
        *((pair, _TEXT_SHADES) for pair in text_on_ground),
        *((pair, _TINT_SHADES) for pair in TINTS),
        ((WALLPAPER_TOP, WALLPAPER_BOTTOM), _WALLPAPER_SHADES),
    ]
    return sorted({mix(*pair, step / steps) for pair, steps in ramps for step in range(steps + 1)} | {LINE})


@lru_cache(maxsize=1)
def palette() -> Image.Image:
    """The palette as Pillow's `quantize` wants it."""
    image = Image.new("P", (1, 1))
    image.putpalette(list(chain.from_iterable(colours())))
    return image
