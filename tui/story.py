"""What happened beside the curves, sorted by the chart it belongs to. Pure; no Textual."""

from __future__ import annotations

from monitor.feed import Timeline
from tui.plot import NOTHING, Story

HEART, SKIN = "heart_rate", "skin_temperature"


class Stories:
    """The newest timeline, a part of it for each chart."""

    def __init__(self) -> None:
        self.heart = self.skin = NOTHING

    def take(self, timeline: Timeline) -> None:
        """Replace everything."""
        self.heart, self.skin = (_of(timeline, signal) for signal in (HEART, SKIN))


def _of(timeline: Timeline, signal: str) -> Story:
    return Story(
        spans=tuple(span for span in timeline.spans if span.signal == signal),
        gaps=tuple(gap for gap in timeline.gaps if gap.signal == signal),
        marks=tuple(timeline.marks),
    )
