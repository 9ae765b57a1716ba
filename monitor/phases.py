"""Where in the usual course of a session the clock stands. Clock time only: no alarm looks at it.

Nothing is derived from the person. The defaults are a rough guide for the eye (docs/screen.md says
where they come from); a clinic sets its own under `[phases]`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from monitor import feed

S_PER_MIN = 60.0
END_MIN = 480.0
"""A session is planned for eight hours; the band is at least so long."""


class PhaseTimes(msgspec.Struct, kw_only=True, frozen=True):
    """Minutes after the first dose, and `descent_min` after the last one."""

    peak_min: float = 45.0
    descent_min: float = 240.0
    supplemental_from_min: float = 90.0
    supplemental_until_min: float = 150.0


PHASES = PhaseTimes()
"""The defaults."""


def phase(t_s: float, doses_s: Sequence[float], times: PhaseTimes) -> feed.Phase | None:
    """The band of phases and the one the clock is in; None before the first dose.

    Args:
        t_s: session time.
        doses_s: session times of the doses; the second is the supplemental one.
        times: when phases usually begin.
    """
    if not doses_s:
        return None
    bands = _bands(doses_s, times, t_s)
    now = next(band for band in reversed(bands) if band.t0_s <= t_s or band is bands[0])
    return feed.Phase(name=now.name, bands=bands, window=_window(doses_s, times))


def _bands(doses_s: Sequence[float], times: PhaseTimes, t_s: float) -> list[feed.Band]:
    first, last = doses_s[0], doses_s[-1]
    descent = last + times.descent_min * S_PER_MIN
    starts = [("onset", first), ("peak", first + times.peak_min * S_PER_MIN)]
    if len(doses_s) > 1:
        starts = [(name, at) for name, at in starts if at < doses_s[1] or name == "onset"]
        starts.append(("supplemental", doses_s[1]))
    starts.append(("descent", descent))
    end = max(first + END_MIN * S_PER_MIN, descent + S_PER_MIN, t_s)
    ends = [*(at for _, at in starts[1:]), end]
    return [
        feed.Band(name=name, t0_s=at, t1_s=until)
        for (name, at), until in zip(starts, ends, strict=True)
    ]


def _window(doses_s: Sequence[float], times: PhaseTimes) -> tuple[float, float] | None:
    """When a supplemental dose is usually given; None once it was."""
    if len(doses_s) > 1:
        return None
    first = doses_s[0]
    return (
        first + times.supplemental_from_min * S_PER_MIN,
        first + times.supplemental_until_min * S_PER_MIN,
    )
