"""The two silences with a clock: audio pause and standby."""

from __future__ import annotations

from alerts.model import RefusedError
from devices.model import NS_PER_S

AUDIO_PAUSE_MAX_S = 120.0
"""Audio pause is at most two minutes (clinical reference, section 3, practice of the field)."""
STANDBY_S = (60.0, 1800.0)
"""How long a standby may be asked for; our own choice."""
SETTLE_S = 60.0
"""After standby, sensors put on again have so long before their alarms sound."""


class AudioPause:
    """All sound paused, until the clock, the operator or a new alarm ends it."""

    def __init__(self) -> None:
        self.until_ns: int | None = None

    def begin(self, t_ns: int, seconds: float) -> None:
        """Pause from now on; RefusedError outside the range."""
        if not 0 < seconds <= AUDIO_PAUSE_MAX_S:
            raise RefusedError(
                f"audio pause {seconds:g} s: allowed is up to {AUDIO_PAUSE_MAX_S:g} s"
            )
        self.until_ns = t_ns + int(seconds * NS_PER_S)

    def end(self) -> bool:
        """End it; False if there was none."""
        was = self.until_ns is not None
        self.until_ns = None
        return was

    def remaining_s(self, t_ns: int) -> float | None:
        """Seconds left, None when not paused."""
        return None if self.until_ns is None else max(0, self.until_ns - t_ns) / NS_PER_S


class Standby:
    """The person is away, until the operator says that they are back, and a minute more."""

    def __init__(self) -> None:
        self.reason = ""
        self.until_ns: int | None = None
        """When the person should be back."""
        self.settled_ns: int | None = None
        """They are back; alarms sound again from then on."""

    @property
    def active(self) -> bool:
        """Away, or back and settling."""
        return self.until_ns is not None or self.settled_ns is not None

    def begin(self, t_ns: int, seconds: float, reason: str) -> None:
        """Begin; RefusedError without a reason, out of range, or if it is on already."""
        low, high = STANDBY_S
        if self.until_ns is not None:
            raise RefusedError("standby is on already; end it first")
        if not reason.strip():
            raise RefusedError("standby needs a reason")
        if not low <= seconds <= high:
            raise RefusedError(
                f"standby {seconds:g} s: allowed is {low / 60:g} to {high / 60:g} min"
            )
        self.reason, self.until_ns, self.settled_ns = reason, t_ns + int(seconds * NS_PER_S), None

    def end(self, t_ns: int) -> None:
        """The person is back; RefusedError if they were not away."""
        if self.until_ns is None:
            raise RefusedError("standby is not on")
        self.until_ns, self.settled_ns = None, t_ns + int(SETTLE_S * NS_PER_S)

    def over(self) -> None:
        """Settled: alarms sound again."""
        self.settled_ns, self.reason = None, ""
