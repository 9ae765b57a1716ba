"""Any chunking of the same samples gives the same skin temperature, bit for bit."""

import dataclasses
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import NS_PER_S
from monitor.signal.frozen import Frozen
from monitor.signal.probe import ProbeLimits
from monitor.signal.skin_samples import Reason, SampleGuard
from monitor.signal.skin_temperature import SkinTemperatureStage
from monitor.signal.slope import Slope
from monitor.signal.vasoconstriction import ConstrictionLimits, Vasoconstriction
from tests.examples import examples

SPAN_S = 300
BAD = [np.nan, np.inf, -np.inf, 85.0, 0.0, 4.0, 60.0, 38.5]


@st.composite
def samples(draw):
    """Seconds of arrival with values: levels, drift, jumps, error codes, gaps, reversed times."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rate_hz = draw(st.sampled_from([0.1, 1.0, 4.0]))
    t = np.sort(rng.uniform(0, SPAN_S, int(SPAN_S * rate_hz)))
    level = np.repeat(rng.choice([22.0, 30.0, 34.0, 36.5], 10), SPAN_S // 10)[t.astype(int)]
    values = np.round(level + rng.normal(0, draw(st.sampled_from([0.0, 0.05, 0.8])), t.size), 2)
    bad = rng.random(t.size) < draw(st.sampled_from([0.0, 0.05, 0.4]))
    values[bad] = rng.choice(BAD, bad.sum())
    late = rng.random(t.size) < draw(st.sampled_from([0.0, 0.1]))
    late[:1] = False
    newest = np.maximum.accumulate(np.where(late, 0.0, t))
    stamped = np.where(late, newest - rng.uniform(0.01, 30, t.size), t)
    return t, (stamped * NS_PER_S).astype(np.int64), values


cuts = st.lists(st.integers(0, SPAN_S), max_size=12).map(sorted)


def chunks(edges):
    """Pairs (from, to) of whole seconds; the last chunk ends at the span."""
    edges = [-1, *edges, SPAN_S]
    return list(pairwise(edges))


def arrays(result):
    return {
        f.name: getattr(result, f.name)
        for f in dataclasses.fields(result)
        if isinstance(getattr(result, f.name), np.ndarray)
    }


def joined(blocks):
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def feed(step, data, edges):
    """Each chunk has the samples that arrived in it; their stamps may be older."""
    arrived, t_ns, values = data
    blocks = []
    for start, end in chunks(edges):
        here = (arrived > start) & (arrived <= end)
        ticks = np.arange(start + 1, end + 1)
        blocks.append(arrays(step(t_ns[here], values[here], ticks)))
    return joined(blocks)


def same(one, other):
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)


@settings(deadline=None, max_examples=examples(150))
@given(samples(), cuts)
def test_the_guard(data, edges):
    whole, chunked = SampleGuard(), SampleGuard()
    same(feed(whole.step, data, []), feed(chunked.step, data, edges))
    assert whole.counts == chunked.counts
    assert sum(whole.counts.values()) == data[2].size


@settings(deadline=None, max_examples=examples(150))
@given(samples(), cuts)
def test_what_the_guard_lets_through_is_possible_and_in_order(data, edges):
    screened = feed(SampleGuard().step, data, edges)
    assert (np.diff(screened["t_ns"]) >= 0).all()
    assert ((screened["values"] >= 5.0) & (screened["values"] <= 50.0)).all()
    assert np.isfinite(screened["raw"]).all()
    assert set(screened["reason"].tolist()) <= set(Reason)


@settings(deadline=None, max_examples=examples(60))
@given(samples(), cuts)
def test_the_whole_stage(data, edges):
    def fed(edges):
        stage = SkinTemperatureStage(ProbeLimits())
        nothing = (np.empty(0, np.int64), np.empty(0))

        def step(t_ns, values, ticks):
            return stage.step((t_ns, values), nothing, ticks)

        return feed(step, data, edges)

    same(fed([]), fed(edges))


@given(st.integers(0, 2**32 - 1), cuts)
def test_frozen(seed, edges):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, SPAN_S, 200))
    t = t[(t < 100) | (t > 100 + 100 * rng.random())]
    data = t, (t * NS_PER_S).astype(np.int64), np.round(34 + 0.1 * rng.random(t.size), 1)

    def fed(edges):
        stage = Frozen(30.0)
        arrived, t_ns, values = data
        parts = [
            np.stack(stage.step(t_ns[here], values[here], np.arange(start + 1, end + 1)))
            for start, end in chunks(edges)
            for here in [(arrived > start) & (arrived <= end)]
        ]
        return np.concatenate(parts, axis=1)

    np.testing.assert_array_equal(fed([]), fed(edges))


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 1500), max_size=10).map(sorted))
def test_slope_and_constriction(seed, edges):
    rng = np.random.default_rng(seed)
    ticks = np.arange(1500)
    skin = 33.0 + np.repeat(rng.normal(0, 2, 25), 60) + rng.normal(0, 0.1, 1500)
    usable = np.repeat(rng.random(50) > 0.2, 30)
    placement = np.repeat(np.arange(3), 500)
    fall = np.where(usable, skin - 30.0, np.nan)
    excess = np.where(rng.random(1500) > 0.1, rng.normal(20, 8, 1500), np.nan)

    def fed(edges):
        slope, pattern = Slope(), Vasoconstriction(ConstrictionLimits())
        slopes, patterns = [], []
        for part in (slice(a, b) for a, b in zip([0, *edges], [*edges, 1500], strict=True)):
            slopes.append(slope.step(ticks[part], skin[part], usable[part], placement[part]))
            patterns.append(arrays(pattern.step(ticks[part], fall[part], excess[part])))
        return {"slope": np.concatenate(slopes), **joined(patterns)}

    same(fed([]), fed(edges))


def test_the_made_up_samples_do_reach_every_reason():
    """Guards the properties above against passing on good data alone."""
    seen = SampleGuard()
    values = np.array([34.0, np.nan, 85.0, 60.0, 38.5, 34.0, 34.0])
    t_ns = np.array([0, 1, 2, 3, 4, 2, 5]) * NS_PER_S
    seen.step(t_ns, values, np.arange(6))
    assert all(seen.counts.values())
