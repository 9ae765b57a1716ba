"""Colours for a dim room: a dark theme, and red on black for eyes used to the dark.

Nothing is green: a cool skin or a good link must not look like reassurance. Alarm colours are
those of the field (HIGH red, MEDIUM yellow, LOW cyan); at night they stay the brightest thing on
the screen, and symbol and word tell them apart.
"""

from __future__ import annotations

from textual.theme import Theme

_FOOTER = {"block-cursor-text-style": "none", "input-cursor-text-style": "none"}

DIM = Theme(
    name="vigil-dim",
    primary="#7d93a3",
    secondary="#5c6b76",
    accent="#c2a878",
    warning="#d9b44a",
    error="#d84a4a",
    success="#7d93a3",
    foreground="#b4b2aa",
    background="#0c0f11",
    surface="#12171a",
    panel="#1b2226",
    variables=_FOOTER
    | {
        "number": "#e4dfd2",
        "faint": "#667078",
        "line": "#273037",
        "trace": "#a9bccb",
        "limit-line": "#5d6970",
        "gap": "#465058",
        "high": "#ff6058",
        "high-fill": "#b3201c",
        "on-high": "#ffffff",
        "medium": "#e2be4e",
        "medium-fill": "#d9b135",
        "on-medium": "#14110a",
        "low": "#5cc0cc",
        "low-fill": "#123a40",
        "on-low": "#a5e3ea",
        "replay": "#b58ad6",
        "replay-fill": "#5b3580",
        "on-replay": "#ffffff",
    },
)

NIGHT = Theme(
    name="vigil-night",
    primary="#8a2a20",
    secondary="#5c1a14",
    accent="#a8402e",
    warning="#c96a1e",
    error="#e02818",
    success="#8a2a20",
    foreground="#bb4c3d",
    background="#000000",
    surface="#080000",
    panel="#180403",
    variables=_FOOTER
    | {
        "number": "#e0604c",
        "faint": "#8c3529",
        "line": "#2e0c08",
        "trace": "#b03c2c",
        "limit-line": "#64201a",
        "gap": "#4a140d",
        "high": "#ff3a26",
        "high-fill": "#e62c1a",
        "on-high": "#000000",
        "medium": "#e08a2a",
        "medium-fill": "#b8661a",
        "on-medium": "#000000",
        "low": "#c06450",
        "low-fill": "#301008",
        "on-low": "#d87a64",
        "replay": "#b0487a",
        "replay-fill": "#5c1238",
        "on-replay": "#ff9ac0",
    },
)

LIGHT = Theme(
    name="vigil-day",
    primary="#3f5666",
    secondary="#8a979f",
    accent="#7a5a1e",
    warning="#8a6a00",
    error="#b3201c",
    success="#3f5666",
    foreground="#3a3f42",
    background="#f2f0ea",
    surface="#e8e5dd",
    panel="#dedad0",
    dark=False,
    variables=_FOOTER
    | {
        "number": "#14181a",
        "faint": "#6a7276",
        "line": "#cfcbc0",
        "trace": "#2f4a5c",
        "limit-line": "#9aa1a4",
        "gap": "#b5b2a8",
        "high": "#b3120e",
        "high-fill": "#c4201c",
        "on-high": "#ffffff",
        "medium": "#7a5c00",
        "medium-fill": "#e8bf3c",
        "on-medium": "#1c1600",
        "low": "#0f6a76",
        "low-fill": "#bfe2e6",
        "on-low": "#0a3a40",
        "replay": "#6a3a96",
        "replay-fill": "#6a3a96",
        "on-replay": "#ffffff",
    },
)

CONTRAST = Theme(
    name="vigil-contrast",
    primary="#ffffff",
    secondary="#c0c0c0",
    accent="#ffd78a",
    warning="#ffd700",
    error="#ff3030",
    success="#ffffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#101010",
    variables=_FOOTER
    | {
        "number": "#ffffff",
        "faint": "#d0d0d0",
        "line": "#808080",
        "trace": "#ffffff",
        "limit-line": "#a0a0a0",
        "gap": "#909090",
        "high": "#ff6a60",
        "high-fill": "#d00000",
        "on-high": "#ffffff",
        "medium": "#ffe040",
        "medium-fill": "#ffd700",
        "on-medium": "#000000",
        "low": "#40f0ff",
        "low-fill": "#005a64",
        "on-low": "#ffffff",
        "replay": "#e0a0ff",
        "replay-fill": "#7a20b0",
        "on-replay": "#ffffff",
    },
)

COLOUR_BLIND = Theme(
    name="vigil-colour-blind",
    primary="#8fa3b0",
    secondary="#66747e",
    accent="#cc9f6a",
    warning="#f0e442",
    error="#ff7f2a",
    success="#8fa3b0",
    foreground="#c4c4c4",
    background="#0a0d10",
    surface="#11161a",
    panel="#1b2329",
    variables=_FOOTER
    | {
        "number": "#f2f2f2",
        "faint": "#7a8790",
        "line": "#2a343b",
        "trace": "#d0d0d0",
        "limit-line": "#68757d",
        "gap": "#4c5860",
        "high": "#ff7f2a",
        "high-fill": "#ff6a00",
        "on-high": "#000000",
        "medium": "#f0e442",
        "medium-fill": "#f0e442",
        "on-medium": "#000000",
        "low": "#56b4e9",
        "low-fill": "#00476e",
        "on-low": "#ffffff",
        "replay": "#c58fd0",
        "replay-fill": "#5b3580",
        "on-replay": "#ffffff",
    },
)
"""Vermilion, yellow and sky blue of Okabe and Ito (2008), told apart by people who cannot tell red
from green, nor blue from yellow; the vermilion is lighter, to stand out from the dark."""

THEMES = {
    "dark": DIM,
    "night": NIGHT,
    "day": LIGHT,
    "high-contrast": CONTRAST,
    "colour-blind": COLOUR_BLIND,
    "light": LIGHT,
}
"""Themes by the name used in the configuration; `light` is an older word for `day`."""
