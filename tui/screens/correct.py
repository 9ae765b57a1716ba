"""What is to become of an entry: changed, or withdrawn. The earlier one stays in the log."""

from __future__ import annotations

from rich.text import Text

from tui.screens.question import Answer, Question
from tui.wording import plain

CHANGE, WITHDRAW = "change", "withdraw"


def correct_question(text: str, when: str) -> Question:
    """Ask what is to become of the entry with this text, made at this time."""
    said = Text(
        f"{when}  {plain(text)}\n\n"
        "Nothing is erased: the entry stays in the log, struck through. "
        "What was measured keeps its time."
    )
    answers = (
        Answer(("c", "enter"), "c  Correct it", CHANGE),
        Answer(("w",), "w  Withdraw it: this never was", WITHDRAW),
    )
    return Question("Correct an entry", lambda: said, answers)
