"""What the user says about a file that does not say it itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of an import.

    Attributes:
        site: where on the body it was measured; "" for the format's own default.
        zone: IANA name of the zone of times that do not name theirs; "" for UTC.
        channels: leads or sensors to use, as the file names them, each `NAME` or `NAME=SIGNAL`.
        column: what the numbers of a file without a header are, such as `rr_interval[ms]`.
        rate_hz: samples a second of a file that does not say; 0 unknown.
    """

    site: str = ""
    zone: str = ""
    channels: tuple[str, ...] = ()
    column: str = ""
    rate_hz: float = 0.0


NONE = Options()
