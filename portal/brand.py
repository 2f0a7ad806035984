"""The operator's one colour, made safe to read: white or dark text on it, and a lighter twin for the dark theme.

    brand("#0b5c6b")  ->  ink #ffffff on it, lines and bars #0b5c6b by day, a lightened one by night

WCAG 2.2: text on the colour reaches 4.5:1 (1.4.3), bars and lines reach 3:1 against the page (1.4.11) in both themes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PAPER_LIGHT, PAPER_DARK = "#fbfaf7", "#161614"  # as in portal/static/portal/css/tokens.css
WASH_LIGHT, WASH_DARK = "#f3f0e8", "#292824"  # the darkest, the lightest ground text stands on
WHITE, DARK_INK = "#ffffff", "#12120f"
FALLBACK = "#0b5c6b"


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [c / 255 for c in _rgb(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """Contrast ratio of WCAG, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


def _mix(colour: str, other: str, share: float) -> str:
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(_rgb(colour), _rgb(other), strict=True))


def _towards(colour: str, goal: str, against: str, ratio: float) -> str:
    """The colour, moved towards `goal` in small steps until it stands out from `against`."""
    for step in range(21):
        candidate = _mix(colour, goal, step / 20)
        if contrast(candidate, against) >= ratio:
            return candidate
    return goal


@dataclass(frozen=True)
class Brand:
    """Background for buttons with its ink, and the colour of lines and of links by day and by night."""

    fill: str
    ink: str
    line_light: str
    line_dark: str
    text_light: str
    text_dark: str

    def css(self) -> str:
        return (
            "@layer tokens{:root{"
            f"--brand:{self.fill};--brand-ink:{self.ink};--brand-line:light-dark({self.line_light},{self.line_dark});"
            f"--brand-text:light-dark({self.text_light},{self.text_dark})"
            "}}\n"
        )


def brand(colour: str) -> Brand:
    """Anything but #rrggbb falls back to ours: the value ends up in a style sheet."""
    colour = colour.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else FALLBACK
    ink = WHITE if contrast(WHITE, colour) >= contrast(DARK_INK, colour) else DARK_INK
    return Brand(
        fill=_towards(colour, "#000000" if ink == WHITE else WHITE, ink, 4.5),
        ink=ink,
        line_light=_towards(colour, "#000000", PAPER_LIGHT, 3.0),
        line_dark=_towards(colour, WHITE, PAPER_DARK, 4.5),
        text_light=_towards(colour, "#000000", WASH_LIGHT, 4.5),
        text_dark=_towards(colour, WHITE, WASH_DARK, 4.5),
    )
