"""Is the alarm sound heard? Only a person can say."""

from __future__ import annotations

from rich.text import Text

from tui.screens.question import Answer, Question

HEARD, UNHEARD = "heard", "unheard"


def sound_question() -> Question:
    """Ask whether the test tone was heard."""
    text = Text(
        "A long tone sounds now, for three seconds. Set the volume so that it is heard where the\n"
        "session monitor sits, with the door as it will be."
    )
    answers = (
        Answer(("y", "enter"), "y  Yes, I hear it", HEARD),
        Answer(("n",), "n  No", UNHEARD),
    )
    return Question("Sound check", lambda: text, answers)
