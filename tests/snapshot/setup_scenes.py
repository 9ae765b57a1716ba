"""Sessions before the dose, made by hand, for the checklist's pictures and key tests."""

import msgspec

from monitor import feed
from monitor.model import SETUP_STEPS
from tests.snapshot import canned

T_S = 420.0


def before(**changes):
    """Seven minutes into a session: both baselines still collecting."""
    collecting = {"baseline_state": "collecting", "baseline": None, "delta": None, "limits": {}}
    values = {
        "t_s": T_S,
        "doses_s": [],
        "heart_rate": canned.heart(66.0, **collecting, baseline_progress_s=402.0),
        "skin_temperature": canned.skin(
            34.1, **collecting, baseline_progress_s=90.0, note="settling"
        ),
        "audio": feed.Audio(available=True, check_due=True),
        "setup": feed.Setup(steps=list(SETUP_STEPS), heart=True, skin=True),
        "log": [feed.LogLine(t_s=0.0, kind="system", text="engine started")],
    }
    return canned.snapshot(**(values | changes))


def scene(snapshot):
    return [feed.History(t0_s=0, heart_rate=[66.0] * 421, skin_temperature=[34.1] * 421), snapshot]


def setup(**marks):
    return feed.Setup(steps=list(SETUP_STEPS), heart=True, skin=True, marks=marks)


def offer(condition="hr_elevated", value=110.0, offered=95.0, title="Heart rate elevated"):
    return feed.Limit(
        condition=condition, title=title, priority="LOW", key="limit_bpm", value=value,
        default=110.0, unit="bpm", sustain_s=60.0, delay_s=66.0, low=90.0, high=140.0,
        offered=offered,
    )  # fmt: skip


def offers():
    return [offer(), offer("hr_high", 125.0, 110.0, "Heart rate high")]


def baselines():
    """Both baselines are there, and the heart's offers other limits."""
    state = {"baseline_state": "ready", "delta": None, "baseline_progress_s": 600.0}
    return before(
        heart_rate=canned.heart(56.0, **state | {"baseline": 55.0}, limits={}),
        skin_temperature=canned.skin(34.1, **state | {"baseline": 34.0}, limits={}),
        limits=offers(),
    )


def loose():
    """A strap without contact, and a cuff that waits to be used."""
    strap, patch, _ = canned.sensors()
    strap = msgspec.structs.replace(strap, contact=False, battery_pct=None)
    cuff = feed.Sensor(alias="cuff", title="Blood pressure", state="initial", spot=True)
    return before(sensors=[strap, patch, cuff], audio=feed.Audio(available=False, detail="muted"))


def ready():
    snapshot = baselines()
    return msgspec.structs.replace(
        snapshot,
        limits=[offer(value=95.0, offered=None)],
        audio=feed.Audio(available=True, confirmed=True),
        self_tested=True,
    )
