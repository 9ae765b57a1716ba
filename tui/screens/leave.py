"""Leaving: closing the screen and ending the session are two different things."""

from __future__ import annotations

from rich.text import Text

from tui.screens.question import Answer, Question

CLOSE, END = "close", "end"


def leave_question() -> Question:
    """Ask which of the two is meant."""
    text = Text(
        "Closing the screen leaves the session running: alarms sound and the recording goes on.\n"
        "`vigil attach` opens a new screen.\n\n"
        "Ending the session stops the sensors, the alarms and the recording."
    )
    answers = (
        Answer(("c",), "c  Close this screen, session goes on", CLOSE),
        Answer(("e",), "e  End the session", END),
    )
    return Question("Leave", lambda: text, answers)
