"""Is the alarm sound heard? Only a person can say."""

from __future__ import annotations

from rich.text import Text

from monitor.feed import Audio
from tui.screens.question import Answer, Question
from tui.wording import plain

HEARD, UNHEARD = "heard", "unheard"


SOUNDS = (
    "A long tone sounds now, for three seconds. Set the volume so that it is heard where the "
    "session monitor sits, with the door as it will be."
)
SILENT = "NO SOUND: {why}. Nothing sounds now, and no alarm will, until this is mended."


def sound_question(audio: Audio) -> Question:
    """Ask whether the test tone was heard; where none can sound, say so instead.

    Enter is no answer: it opened this window, and pressed twice it would hear for nobody.
    """
    heard = Answer(("y",), "y  Yes, I hear it", HEARD)
    unheard = Answer(("n",), "n  No", UNHEARD)
    if audio.available:
        return Question("Sound check", lambda: Text(SOUNDS), (heard, unheard))
    words = SILENT.format(why=plain(audio.detail, 120) or "no reason is known")
    return Question("Sound check", lambda: Text(words), (unheard,))
