"""What a dashboard is told of alarms, limits, checks and silences, in the words of the feed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from alerts.catalogue import CATALOGUE
from alerts.change import changeable
from alerts.delay import worst_case_s
from alerts.model import AlarmSignal
from alerts.offers import KEY, offers
from alerts.settings import Settings
from alerts.units import unit_of
from devices.model import NS_PER_S
from monitor import feed
from monitor.core import Core
from monitor.signal.care import What
from monitor.signal.hold import Displayed, Quality
from monitor.signal.vitals import Vitals
from monitor.snapshot import finite

_QUALITY = {
    Quality.VALID: "valid",
    Quality.QUESTIONABLE: "held, no fresh value",
    Quality.NOT_AVAILABLE: "no value",
}


def alarms(
    core: Core, vitals: Vitals, checklists: Mapping[str, str], now_ns: int
) -> list[feed.Alarm]:
    """All alarm signals, most urgent first."""
    found = [alarm_view(signal, core, vitals, checklists) for signal in core.signals.view()]
    for alarm in found:
        at_ns = core.signals.reminds_ns(alarm.condition)
        alarm.reminds_s = None if at_ns is None else max(0, at_ns - now_ns) / NS_PER_S
    return found


def alarm_view(
    signal: AlarmSignal, core: Core, vitals: Vitals, checklists: Mapping[str, str]
) -> feed.Alarm:
    """One alarm signal as shown, and why it is there."""
    spec = CATALOGUE[signal.condition]
    quality, last_good = _signal_now(signal.condition, vitals)
    return feed.Alarm(
        condition=signal.condition,
        occurrence=signal.occurrence,
        kind=signal.kind.value,
        priority=signal.priority.name,
        presence=signal.presence.value,
        message=spec.message,
        advice=spec.advice,
        onset_s=signal.onset_ns / NS_PER_S,
        clear_s=None if signal.clear_ns is None else signal.clear_ns / NS_PER_S,
        value=finite(signal.value),
        limit=finite(signal.limit),
        unit=signal.unit,
        hidden=signal.hidden,
        detail=_detail(signal.condition, core, vitals),
        title=spec.title,
        masked_by=signal.masked_by,
        held=signal.held,
        unanswered=signal.unanswered,
        repeats=signal.repeats,
        acknowledged_by=signal.acknowledged_by,
        rule=rule(core.settings[signal.condition]),
        quality=quality,
        last_good=last_good,
        checklist=checklists.get(signal.condition, ""),
        manual_clear=spec.manual_clear,
    )


def _detail(condition: str, core: Core, vitals: Vitals) -> str:
    if condition == "check_overdue":
        since = vitals.care.since_pressure_s, vitals.care.since_temperature_s
        names = ("blood pressure", "temperature")
        keys = ("pressure_every_s", "temperature_every_s")
        row = core.settings[condition]
        late = [
            f"{name} {ages[-1] / 60:.0f} min ago"
            for name, ages, key in zip(names, since, keys, strict=True)
            if ages.size and (ages[-1] >= row.number(key) or vitals.care.missing[-1])
        ]
        return ", ".join(late)
    if condition == "standby_overdue":
        return core.signals.standby.reason
    return core.details.get(condition, "")


def rule(row: Settings) -> str:
    """Which rule this is, in words: limits, how long, when it ends, what counts."""
    limits = [
        f"{_name(key)} {value:g} {unit_of(key)}".rstrip()
        for key, value in row.values.items()
        if isinstance(value, float) and key not in {"sustain_s", "clear_s", "escalate_s"}
    ]
    sustain_s, clear_s = row.number("sustain_s"), row.number("clear_s")
    held = f"for {sustain_s:g} s" if sustain_s else "at once"
    ends = "ends when you say so" if row.spec.manual_clear else f"ends after {clear_s:g} s"
    return f"{'; '.join([*limits, held, ends])}. Counts: {row.spec.gate}."


def _name(key: str) -> str:
    """A key in words, without its unit."""
    words = key.split("_")
    return " ".join(words[:-1] if unit_of(key) else words)


def _signal_now(condition: str, vitals: Vitals) -> tuple[str, str]:
    """Quality of the signal behind a condition, and its last good value."""
    if condition.startswith(("hr_", "rr_")):
        return _shown(vitals.heart.shown, "bpm", 0)
    if condition.startswith("skin_") or condition in {"temp_lost", "probe_off"}:
        quality, last = _shown(vitals.skin.shown, "degC", 1)
        return (f"{quality}, probe may be off" if vitals.skin.suspect[-1] else quality), last
    return "", ""


def _shown(shown: Displayed, unit: str, decimals: int) -> tuple[str, str]:
    quality = _QUALITY[Quality(int(shown.quality[-1]))]
    value, age_s = float(shown.value[-1]), float(shown.age_s[-1])
    if not math.isfinite(age_s):
        return quality, "none yet"
    number = f"{value:.{decimals}f} {unit}, " if math.isfinite(value) else ""
    return quality, f"{number}{age_s:.0f} s ago"


def limits(core: Core) -> list[feed.Limit]:
    """Every row in force: its main limit, its delay, and what the baseline offers."""
    baseline = core.heart_baseline
    offered = offers(baseline.value if core.doses_ns else baseline.offered, core.settings)
    return [
        _limit(core, row, key, offered)
        for name, row in core.settings.items()
        for key in changeable(name) or ("",)
    ]


def _limit(core: Core, row: Settings, key: str, offered: Mapping[str, float]) -> feed.Limit:
    name = row.spec.id
    bounds = row.spec.bounds.get(key)
    return feed.Limit(
        condition=name,
        title=row.spec.title,
        priority=row.priority.name,
        key=key,
        value=row.number(key) if key else None,
        default=core.configured[name].number(key) if key else None,
        unit=unit_of(key),
        sustain_s=row.number("sustain_s"),
        delay_s=worst_case_s(row, core.period_s(name)),
        low=bounds[0] if bounds else None,
        high=bounds[1] if bounds else None,
        offered=offered.get(name) if key == KEY else None,
    )


def checks(core: Core) -> feed.Checks:
    """What people measured last, and when the next check is due."""
    newest, by_hand = core.measure.care.newest, core.by_hand
    pressure, temperature = newest.get(What.PRESSURE), newest.get(What.TEMPERATURE)
    row = core.settings.get("check_overdue")
    drinks = by_hand.drinks.values()
    scores = sorted(by_hand.scores.values(), key=lambda score: score.t_ns)
    due_s, due = _next_due(core)
    return feed.Checks(
        pressure="" if pressure is None else f"{pressure.value:.0f}/{pressure.diastolic:.0f}",
        pressure_s=None if pressure is None else float(pressure.at_s),
        temperature=(
            "" if temperature is None else f"{temperature.value:.1f} {temperature.site}".rstrip()
        ),
        temperature_s=None if temperature is None else float(temperature.at_s),
        site="" if temperature is None else temperature.site,
        method="" if temperature is None else temperature.method,
        pressure_every_s=None if row is None else row.number("pressure_every_s"),
        temperature_every_s=None if row is None else row.number("temperature_every_s"),
        fluids_ml=sum(drink.ml for drink in drinks),
        fluids_s=max((drink.t_ns / NS_PER_S for drink in drinks), default=None),
        scores={score.name: (score.value, score.t_ns / NS_PER_S) for score in scores},
        next_due_s=due_s,
        next_due=due,
    )


def _next_due(core: Core) -> tuple[float | None, str]:
    """When the next check by hand is due, and which."""
    row = core.settings.get("check_overdue")
    if row is None or not core.doses_ns:
        return None, ""
    dose_s = core.doses_ns[0] / NS_PER_S
    newest = core.measure.care.newest
    pairs = ((What.PRESSURE, "pressure_every_s"), (What.TEMPERATURE, "temperature_every_s"))
    due = [
        (max(dose_s, float(newest[what].at_s) if what in newest else 0.0) + row.number(key), name)
        for (what, key), name in zip(pairs, ("blood pressure", "temperature"), strict=True)
    ]
    first = min(due)
    return first if first[0] <= dose_s + row.number("until_s") else (None, "")


def standby(core: Core, now_ns: int) -> feed.Standby | None:
    """The standby in force."""
    state = core.signals.standby
    if not state.active:
        return None

    def left_s(at_ns: int | None) -> float | None:
        return None if at_ns is None else (at_ns - now_ns) / NS_PER_S

    return feed.Standby(
        reason=state.reason,
        remaining_s=left_s(state.until_ns),
        settling_s=left_s(state.settled_ns),
    )
