"""Every alarm condition, as one immutable table.

Rows and defaults are those of the proposed table in the project's clinical reference, section 7
(P1-P7, T1-T3, S1-S4, B1-B2, R1, X1-X8); they await confirmation by a clinician. `defaults` are the
keys of `[alarms.<id>]` in the configuration, `bounds` the hard range of each numeric key.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from alerts import rows_checks, rows_heart, rows_technical, rows_temperature
from alerts.spec import ConditionSpec

_ROWS = (
    *rows_heart.ROWS,
    *rows_temperature.clinical(),
    *rows_temperature.skin(),
    *rows_checks.pressure(),
    *rows_checks.routine(),
    *rows_technical.lost(),
    *rows_technical.doubtful(),
    *rows_technical.systems(),
    *rows_technical.own(),
)

CATALOGUE: Mapping[str, ConditionSpec] = MappingProxyType({spec.id: spec for spec in _ROWS})
"""Condition id -> specification, in the order of the clinical table."""
