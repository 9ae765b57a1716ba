"""FHIR R4 out: a Bundle of Observations, coded with LOINC, IEEE 11073 (MDC) and UCUM.

Skin temperature is never body temperature: 8310-5 is for clinical readings alone. What the codes
stand for: docs/exchange.md.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.errors import ExportError
from monitor.exchange import session as s
from monitor.exchange.acts import Entry
from monitor.exchange.session import Reading, Session
from monitor.exchange.written import Written, utc

Resource = dict[str, Any]
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
MDC = "urn:iso:std:iso:11073:10101"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
NAMESPACE = uuid.UUID("8a2f5d4e-6f1b-5c53-9f0e-3b7a1c9d2e60")
"""Of the names inside a Bundle; any fixed one will do."""

Coding = tuple[str, str, str]
HEART_CODES = ((LOINC, "8867-4", "Heart rate"), (MDC, "147842", "MDC_ECG_HEART_RATE"))
PULSE_CODES = (HEART_CODES[0],)
SKIN_CODES = ((LOINC, "39106-0", "Temperature of Skin"), (MDC, "150388", "MDC_TEMP_SKIN"))
BODY_CODES = ((LOINC, "8310-5", "Body temperature"),)
BODY_SITES = {
    "oral": (MDC, "188424", "MDC_TEMP_ORAL"),
    "ear": (MDC, "188428", "MDC_TEMP_EAR"),
    "axilla": (MDC, "188452", "MDC_TEMP_AXILLA"),
    "rectal": (MDC, "188420", "MDC_TEMP_RECT"),
}
PRESSURE_CODES = ((LOINC, "85354-9", "Blood pressure panel"),)
SYSTOLIC_CODES = (
    (LOINC, "8480-6", "Systolic blood pressure"),
    (MDC, "150021", "MDC_PRESS_BLD_NONINV_SYS"),
)
DIASTOLIC_CODES = (
    (LOINC, "8462-4", "Diastolic blood pressure"),
    (MDC, "150022", "MDC_PRESS_BLD_NONINV_DIA"),
)
SPO2_CODES = (
    (LOINC, "59408-5", "Oxygen saturation by pulse oximetry"),
    (LOINC, "2708-6", "Oxygen saturation"),
)
SEVERITY = {"HIGH": "high", "MEDIUM": "moderate", "LOW": "low"}
HELD = (s.HEART, s.SKIN, s.SPO2, s.PRESSURE, s.TEMPERATURE, s.ALARMS, s.ENTRIES, s.ECG)


class _Maker:
    """Makes resources of one session, each with a name that is the same in every export of it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        seed = f"{session.subject}/{session.start_utc_ns}/{session.end_ns}/{session.software}"
        self._space = uuid.uuid5(NAMESPACE, seed)
        self.entries: list[Resource] = []
        self.patient = self.add("Patient", self._patient())
        self.device = self.add("Device", self._device())

    def add(self, kind: str, body: Resource) -> Resource:
        """Put a resource into the Bundle; returns a reference to it."""
        name = str(uuid.uuid5(self._space, str(len(self.entries))))
        url = f"urn:uuid:{name}"
        self.entries.append(
            {"fullUrl": url, "resource": {"resourceType": kind, "id": name, **body}}
        )
        return {"reference": url}

    def _patient(self) -> Resource:
        if not self.session.subject:
            return {}
        return {"identifier": [{"value": self.session.subject}]}

    def _device(self) -> Resource:
        return {
            "deviceName": [{"name": "Vigil", "type": "user-friendly-name"}],
            "version": [{"value": self.session.software or "unknown"}],
        }

    def observation(
        self, codes: Sequence[Coding], category: str, when: Resource, body: Resource
    ) -> None:
        """Add an Observation."""
        self.add(
            "Observation",
            {
                "status": "final",
                "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
                "code": concept(codes),
                "subject": self.patient,
                "device": self.device,
                **when,
                **body,
            },
        )

    def at(self, t_ns: int) -> Resource:
        """When, as a moment."""
        return {"effectiveDateTime": self.time(t_ns)}

    def time(self, t_ns: int) -> str:
        """Wall-clock time."""
        return utc(self.session, t_ns) or ""

    def span(self, t0_ns: int, t1_ns: int) -> Resource:
        """When, as a period."""
        return {"effectivePeriod": {"start": self.time(t0_ns), "end": self.time(t1_ns)}}


def concept(codes: Sequence[Coding]) -> Resource:
    """A CodeableConcept."""
    coding = [{"system": system, "code": code, "display": name} for system, code, name in codes]
    return {"coding": coding, "text": codes[0][2]}


def quantity(value: float, unit: str) -> Resource:
    """A Quantity in a UCUM unit."""
    return {"value": round(value, 3), "unit": unit, "system": UCUM, "code": unit}


def write(session: Session, signals: Sequence[str], where: str) -> Written:
    """A Bundle of type collection.

    Raises:
        ExportError: the recording knows no date, and FHIR observations need one.
    """
    if session.start_utc_ns is None:
        raise ExportError(f"{where}: knows no date: FHIR has no place for times without one")
    wanted = list(signals or [name for name in HELD if name != s.ECG])
    maker = _Maker(session)
    for name in wanted:
        if name in HELD and session.has(name):
            _ADD[name](maker)
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": maker.time(session.end_ns),
        "entry": maker.entries,
    }
    text = json.dumps(bundle, ensure_ascii=False, allow_nan=False, indent=1)
    notes = [f"fhir does not hold {name}" for name in wanted if name not in HELD]
    if not signals and session.ecg:
        notes.append("fhir: the ECG is left out; --signal ecg brings it")
    if session.derived and s.ALARMS in wanted:
        notes.append("fhir: the alarms were derived for this export")
    return Written(
        files={"": (text + "\n").encode()}, notes=notes, count=len(maker.entries), what="resources"
    )


def _sampled(values: NDArray[np.float64], unit: str, period_ms: float, digits: int) -> Resource:
    """SampledData; E stands where there is no value."""
    told = ("E" if math.isnan(v) else f"{v:.{digits}f}" for v in values.tolist())
    return {
        "valueSampledData": {
            "origin": {"value": 0, "system": UCUM, "code": unit, "unit": unit},
            "period": period_ms,
            "dimensions": 1,
            "data": " ".join(told),
        }
    }


def _heart(maker: _Maker) -> None:
    session = maker.session
    codes = HEART_CODES if session.ecg else PULSE_CODES
    when = maker.span(0, (session.heart.size - 1) * NS_PER_S)
    maker.observation(codes, "vital-signs", when, _sampled(session.heart, "/min", 1000, 1))


def _skin(maker: _Maker) -> None:
    session = maker.session
    when = maker.span(0, (session.skin.size - 1) * NS_PER_S)
    spec = next((one for one in session.sensors if one.measures.value == s.SKIN), None)
    body = _sampled(session.skin, "Cel", 1000, 2)
    if spec is not None and spec.site:
        body["bodySite"] = {"text": spec.site}
    if spec is not None and spec.method:
        body["method"] = {"text": spec.method}
    body["note"] = [{"text": "Skin temperature. Not body or core temperature."}]
    maker.observation(SKIN_CODES, "exam", when, body)


def _spo2(maker: _Maker) -> None:
    for one in maker.session.series[s.SPO2]:
        for t_ns, value in zip(one.t_ns.tolist(), one.values.tolist(), strict=True):
            told = {"valueQuantity": quantity(value, "%")}
            maker.observation(SPO2_CODES, "vital-signs", maker.at(t_ns), told)


def _pressures(maker: _Maker) -> None:
    for one in maker.session.pressures:
        parts = ((SYSTOLIC_CODES, one.value), (DIASTOLIC_CODES, one.diastolic))
        body = {
            "component": [
                {"code": concept(codes), "valueQuantity": quantity(value, "mm[Hg]")}
                for codes, value in parts
            ]
        }
        maker.observation(PRESSURE_CODES, "vital-signs", maker.at(one.t_ns), body)


def _temperatures(maker: _Maker) -> None:
    for one in maker.session.temperatures:
        site = BODY_SITES.get(one.site)
        codes = (*BODY_CODES, site) if site is not None else BODY_CODES
        maker.observation(codes, "vital-signs", maker.at(one.t_ns), _temperature(one))


def _temperature(one: Reading) -> Resource:
    body: Resource = {"valueQuantity": quantity(one.value, "Cel")}
    if one.site:
        body["bodySite"] = {"text": one.site}
    if one.method:
        body["method"] = {"text": one.method}
    return body


def _alarms(maker: _Maker) -> None:
    for alarm in maker.session.alarms:
        start = round(alarm.onset_s * NS_PER_S)
        period = {"start": maker.time(start)}
        if alarm.clear_s is not None:
            period["end"] = maker.time(round(alarm.clear_s * NS_PER_S))
        limit = "" if alarm.limit is None else f"limit {alarm.limit:g} {alarm.unit}"
        value = "" if alarm.value is None else f"value {alarm.value:g} {alarm.unit}"
        body: Resource = {
            "status": "final",
            "code": {"text": alarm.condition},
            "severity": SEVERITY[alarm.priority],
            "patient": maker.patient,
            "identifiedPeriod": period,
            "author": maker.device,
        }
        told = ", ".join(part for part in (alarm.kind, value, limit) if part)
        maker.add("DetectedIssue", body | {"detail": told})


def _entries(maker: _Maker) -> None:
    for one in maker.session.entries:
        if one.verb in {s.TEMPERATURE, s.PRESSURE} or (one.withdraws and not one.refused):
            continue  # Observations of their own; and what was withdrawn says so itself
        told = json.dumps(dict(one.details), ensure_ascii=False, allow_nan=False)
        refused = f" (refused: {one.refused})" if one.refused else ""
        body: Resource = {
            "status": _status(one),
            "code": {"text": f"session entry: {one.verb}"},
            "subject": maker.patient,
            "device": maker.device,
            **maker.at(one.t_ns),
            "valueString": f"{told}{refused}",
        }
        if one.operator:
            body["performer"] = [{"display": one.operator}]
        maker.add("Observation", body)


def _status(entry: Entry) -> str:
    """Of an Observation (hl7.org/fhir/R4/valueset-observation-status.html)."""
    if entry.refused:
        return "cancelled"
    if entry.became:
        return "entered-in-error"
    return "corrected" if "corrects" in entry.details else "final"


def _ecg(maker: _Maker) -> None:
    """Microvolts; the code is that of HL7's own example of an ECG."""
    for run in maker.session.ecg:
        body = _sampled(run.uv.astype(np.float64), "uV", 1000 / run.rate_hz, 0)
        when = maker.span(run.start_ns, run.end_ns)
        maker.observation(((MDC, "131328", "MDC_ECG_ELEC_POTL"),), "procedure", when, body)


_ADD = {
    s.HEART: _heart,
    s.SKIN: _skin,
    s.SPO2: _spo2,
    s.PRESSURE: _pressures,
    s.TEMPERATURE: _temperatures,
    s.ALARMS: _alarms,
    s.ENTRIES: _entries,
    s.ECG: _ecg,
}
