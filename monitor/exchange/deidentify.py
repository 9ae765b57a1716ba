"""Exports without what says who it was: dates shifted, free text and device identities dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alerts.catalogue import CATALOGUE
from devices.model import NS_PER_S, SensorSpec
from monitor.config_schema import METHODS, SITES
from monitor.exchange.acts import Entry
from monitor.exchange.session import Gap, Session
from monitor.model import Verb

WEEK_NS = 7 * 86_400 * NS_PER_S
MOST_WEEKS = 520
"""Dates move back by 1 to this many whole weeks: weekday, time of day (UTC) and every interval
stay. The same recording always moves by the same, so that its exports fit each other; how far
follows from its `session_id`, which no export holds."""
_WORDS = {
    *("dose", "supplemental"),
    *SITES,
    *METHODS,
    *CATALOGUE,
    *(key for condition in CATALOGUE.values() for key in condition.bounds),
    *(verb.value for verb in Verb),
}
"""The only texts that stay: those of closed lists."""
_SCALE = ("name", Verb.SCORE)
"""The name of an observer's score is the clinic's, not the person's."""
_REASONS = ("no data", "link lost", "link silent", "connecting", "readings refused")


def deidentify(session: Session) -> None:
    """Change a gathered session in place; the recording is not touched."""
    weeks = 1 + int(hashlib.sha256(session.session_id.encode()).hexdigest(), 16) % MOST_WEEKS
    if session.start_utc_ns is not None:
        session.start_utc_ns -= weeks * WEEK_NS
    names = {spec.alias: f"sensor-{i}" for i, spec in enumerate(session.sensors, 1)}
    session.session_id = session.subject = ""
    session.zone = "UTC"
    session.shifted = True
    session.sensors = [_sensor(spec, names[spec.alias]) for spec in session.sensors]
    session.series = {
        name: [replace(one, source=names[one.source], site=_known(one.site)) for one in parts]
        for name, parts in session.series.items()
    }
    session.ecg = [replace(run, source=names[run.source]) for run in session.ecg]
    for readings in (session.temperatures, session.pressures):
        readings[:] = [
            replace(
                one,
                source=names.get(one.source, ""),
                site=_known(one.site),
                method=_known(one.method),
            )
            for one in readings
        ]
    session.entries = [_entry(entry) for entry in session.entries]
    session.gaps = [_gap(gap) for gap in session.gaps]


def _sensor(spec: SensorSpec, name: str) -> SensorSpec:
    return SensorSpec(
        alias=name,
        codec=spec.codec,
        measures=spec.measures,
        site=_known(spec.site),
        method=_known(spec.method),
        transport=spec.transport,
        period_s=spec.period_s,
        simulated=spec.simulated,
    )


def _known(word: str) -> str:
    return word if word in _WORDS else ""


def _entry(entry: Entry) -> Entry:
    kept: Mapping[str, Any] = {
        key: value
        for key, value in entry.details.items()
        if isinstance(value, bool | int | float)
        or (isinstance(value, str) and (_known(value) or (key, entry.verb) == _SCALE))
    }
    refused = "refused" if entry.refused else ""
    return replace(entry, operator="", details=kept, refused=refused)


def _gap(gap: Gap) -> Gap:
    return gap if gap.reason.startswith(_REASONS) else replace(gap, reason="")
