"""Leaving: closing the screen and ending the session are two different things."""

from __future__ import annotations

from rich.text import Text

from tui.screens.question import Answer, Question

CLOSE, ASK_END, END = "close", "ask end", "end"


def leave_question() -> Question:
    """Ask which of the two is meant."""
    text = Text(
        "Closing the screen leaves the session running: alarms sound and the recording goes on.\n"
        "`vigil attach` opens a new screen.\n\n"
        "Ending the session stops the sensors, the alarms and the recording."
    )
    answers = (
        Answer(("c",), "c  Close this screen, session goes on", CLOSE),
        Answer(("e",), "e  End the session ...", ASK_END),
    )
    return Question("Leave", lambda: text, answers)


def end_question() -> Question:
    """Ask once more: an ended session cannot be taken up again."""
    text = Text("Nobody is watched any more after this, and the session cannot be taken up again.")
    answers = (Answer(("y",), "y  Yes, end the session", END),)
    return Question("End the session?", lambda: text, answers)
