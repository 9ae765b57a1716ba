"""What is written is what is read, whatever arrives and however it is cut up."""

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices.model import Frame
from monitor.recording.chain import verify
from monitor.recording.reader import Recording
from monitor.recording.schema import NewSession
from monitor.recording.store import Batch, Store
from monitor.recording.writer import Recorder
from tests.examples import examples

S = 1_000_000_000
times = st.one_of(
    st.integers(0, 200 * S),
    st.integers(0, 8).map(lambda quarter: quarter * 15 * S),  # equal times, minute boundaries
    st.integers(0, 8 * 3600 * S),
)
sources = st.one_of(
    st.sampled_from(["strap", "patch"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
)
frames = st.builds(Frame, t_ns=times, source=sources, payload=st.binary(max_size=300))
values = st.one_of(st.none(), st.floats())
STEPS = st.sampled_from(["commit", "reopen"])


def by_time(arrived):
    return sorted(arrived, key=lambda frame: frame.t_ns)


@given(
    batches=st.lists(
        st.tuples(st.lists(st.tuples(frames, values), max_size=12), STEPS), max_size=8
    ),
    ended=st.booleans(),
)
@settings(max_examples=examples(60), deadline=None)
@example(batches=[([(Frame(t_ns=0, source="strap", payload=b""), -0.0)], "commit")], ended=True)
def test_any_frames_come_back_exactly(batches, ended):
    """Times, sources, payloads and order of arrival, over minutes, resumes and unsealed rows."""
    arrived = [frame for batch, _ in batches for frame, _ in batch]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.db"
        store = Store.create(path, NewSession())
        for batch, step in batches:
            store.commit(Batch(frames=[f for f, _ in batch], values=[v for _, v in batch]))
            if step == "reopen":
                store.close()
                store = Store.open(path)
        if ended:
            store.finish(9 * 3600 * S)
        store.close()
        with Recording.open(path) as recording:
            assert recording.frames() == by_time(arrived)
            assert recording.ended == ended
        assert verify(path) == []


@given(arrived=st.lists(frames, max_size=30), bounds=st.tuples(times, times), ended=st.booleans())
@settings(max_examples=examples(30), deadline=None)
def test_a_stretch_of_time_is_the_same_as_cutting_the_whole(arrived, bounds, ended):
    t0_ns, t1_ns = bounds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.db"
        store = Store.create(path, NewSession())
        store.commit(Batch(frames=arrived, values=[None] * len(arrived)))
        if ended:
            store.finish(9 * 3600 * S)
        store.close()
        with Recording.open(path) as recording:
            assert recording.frames(t0_ns, t1_ns) == [
                frame for frame in by_time(arrived) if t0_ns <= frame.t_ns < t1_ns
            ]


@given(
    calls=st.lists(st.tuples(st.lists(frames, max_size=5), st.booleans()), max_size=6),
    notes=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4),
)
@settings(max_examples=examples(25), deadline=None)
def test_the_recorders_thread_changes_nothing(calls, notes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.db"
        recorder = Recorder(path, create=NewSession())
        for batch, flush in calls:
            recorder.frames(batch)
            assert not flush or recorder.flush()
        for text in notes:
            recorder.journal(0, "action", {"text": text})
        recorder.close(9 * 3600 * S)
        assert recorder.error is None
        assert [file.name for file in Path(folder).iterdir()] == ["session.db"]
        with Recording.open(path) as recording:
            assert recording.frames() == by_time([f for batch, _ in calls for f in batch])
            assert [row.body["text"] for row in recording.journal()] == notes
            assert recording.end_ns == 9 * 3600 * S
