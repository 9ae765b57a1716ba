"""Made-up scenario files: bodies, faults on links and bytes, operators, killed engines."""

from hypothesis import strategies as st

from simulators import scenario_schema as schema
from simulators.scenario import FaultKind, SystemFaultKind
from simulators.scenario_schema import Seconds

SENSORS = (("strap", "patch"), ("strap", "patch", "probe"), ("strap", "ecg", "patch"))
ON_RADIO = ("strap", "patch")
_F = FaultKind
BREAKING = (
    _F.DROP, _F.STORM, _F.AWAY, _F.QUIET, _F.FREEZE, _F.LOSE, _F.DELAY, _F.BURST, _F.STALL,
    _F.DUPLICATE, _F.REORDER,
)  # fmt: skip
"""What a link does to whole packets."""
GARBLING = (_F.CORRUPT, _F.SPLIT)
"""A heart-rate payload has no checksum: another byte, or half of it, may be another rate; a radio
link guards its packets itself, so that this happens in a broken sensor only."""
OF_SENSOR = (_F.OFF_BODY, _F.NO_VALUE, _F.DRY)
CONDITIONS = ("hr_elevated", "hr_high", "hr_extreme", "hr_low", "hr_lost", "temp_lost", "skin_high")


def seconds(low, high, step=1):
    return st.integers(low // step, high // step).map(lambda n: Seconds(n * step))


def people(*, calm):
    return st.builds(
        schema.Person,
        rest_bpm=st.integers(60, 85).map(float) if calm else st.integers(42, 100).map(float),
        wander_bpm=st.sampled_from([0.0, 1.5] if calm else [0.0, 1.5, 4.0]),
        artefacts_per_h=st.just(0.0) if calm else st.sampled_from([0.0, 12.0]),
        skin_degc=st.just(34.5) if calm else st.sampled_from([34.5, 37.5, 38.5]),
        probe_on=st.just(Seconds(-1800)),
    )


def bodies(lasts):
    times = seconds(0, lasts // 2, 5)
    surge = st.builds(
        schema.Surge,
        at=times,
        bpm=st.sampled_from([95.0, 80.0, 65.0, 45.0, -30.0, -50.0]),
        rise=seconds(5, 60, 5),
        hold=seconds(20, 400, 20),
        fall=seconds(5, 60, 5),
    )
    loss = st.builds(schema.ContactLoss, at=times, lasts=seconds(1, 90))
    warms = st.builds(
        schema.SkinRise,
        at=times,
        degc=st.sampled_from([-4.0, 1.0, 2.0, 4.5]),
        over=seconds(60, 300, 60),
    )
    faints = st.builds(schema.Vasovagal, at=times)
    lasting = seconds(30, 300, 30)
    rhythms = st.one_of(
        st.builds(schema.Fibrillation, at=times, lasts=lasting),
        st.builds(schema.Ectopics, at=times, lasts=lasting),
    )
    happens = st.one_of(surge, surge, surge, loss, warms, faints, rhythms)
    return st.lists(happens, min_size=1, max_size=4)


def faults(lasts, kinds, sensors=ON_RADIO):
    return st.builds(
        schema.Fault,
        at=seconds(0, lasts - 1),
        sensor=st.sampled_from(sensors),
        kind=st.sampled_from(kinds),
        lasts=seconds(1, 150),
        by=seconds(1, 30),
        share_pct=st.sampled_from([5.0, 30.0, 60.0, 100.0]),
    )


def actions(lasts):
    at = seconds(0, lasts - 1)
    name = st.sampled_from(CONDITIONS)

    def does(verb, **details):
        return st.fixed_dictionaries({"at": at, "do": st.just(verb)} | details)

    limit = st.sampled_from([("hr_elevated", 120), ("hr_high", 135), ("hr_extreme", 150)])
    changes = st.builds(
        lambda t, row: {
            "at": t, "do": "set_limit", "condition": row[0], "key": "limit_bpm",
            "value": row[1], "reason": "trouble",
        },
        at, limit,
    )  # fmt: skip
    return st.one_of(
        does("acknowledge", condition=name, occurrence=st.integers(1, 2)),
        does("acknowledge", condition=name, occurrence=st.just(1)),
        does("pause_audio", seconds=st.integers(10, 120)),
        does("resume_audio"),
        does("standby", seconds=st.integers(60, 300), reason=st.just("toilet")),
        does("end_standby"),
        does("dose", confirm_baseline=st.booleans()),
        does("temperature", degc=st.sampled_from([37.0, 38.2, 39.6]), site=st.just("ear")),
        does("blood_pressure", systolic=st.sampled_from([120, 165, 185]), diastolic=st.just(80)),
        does("resolve", condition=st.sampled_from(["bp_crisis", "temp_critical"])),
        changes,
    )


@st.composite
def troubles(draw, longest=600):
    """A scenario file with everything that can be made up."""
    lasts = draw(st.sampled_from([60 * n for n in (2, 4, 5, 8, 10, 15, 20) if 60 * n <= longest]))
    kills = st.builds(
        schema.System, at=seconds(1, lasts - 1), what=st.just(SystemFaultKind.ENGINE_KILLED)
    )
    return schema.File(
        title="Made up",
        lasts=Seconds(lasts),
        seed=draw(st.integers(1, 50)),
        sensors=draw(st.sampled_from(SENSORS)),
        person=draw(people(calm=False)),
        body=draw(bodies(lasts)),
        operator=draw(st.lists(actions(lasts), max_size=8)),
        faults=draw(st.lists(faults(lasts, (*BREAKING, *GARBLING, *OF_SENSOR)), max_size=4)),
        system=draw(st.lists(kills, max_size=2)),
    )


@st.composite
def broken_links(draw, longest=900):
    """A calm person, and links that fail in every way that leaves bytes as they are."""
    lasts = draw(st.sampled_from([60 * n for n in (2, 4, 5, 8, 10, 15, 20) if 60 * n <= longest]))
    return schema.File(
        title="Calm, with broken links",
        lasts=Seconds(lasts),
        seed=draw(st.integers(1, 50)),
        sensors=draw(st.sampled_from(SENSORS)),
        person=draw(people(calm=True)),
        faults=draw(st.lists(faults(lasts, BREAKING), min_size=1, max_size=5)),
    )
