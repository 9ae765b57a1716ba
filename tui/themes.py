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
    foreground="#b5483a",
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
        "high-fill": "#d01c0c",
        "on-high": "#000000",
        "medium": "#e08a2a",
        "medium-fill": "#a85a10",
        "on-medium": "#000000",
        "low": "#c06450",
        "low-fill": "#301008",
        "on-low": "#d87a64",
        "replay": "#b0487a",
        "replay-fill": "#5c1238",
        "on-replay": "#ff9ac0",
    },
)

THEMES = (DIM, NIGHT)
