"""What every sensor's wire format must withstand: a kit for `pytest`, for ours and for others'.

    from simulators.conformance import CodecConformance
    from my_sensor import CODEC

    class TestMySensor(CodecConformance):
        codec = CODEC

The payloads come from `Codec.examples`. Installed packages are checked without a line of code:
`pytest --pyargs simulators.conformance_run --vigil-codec my_sensor`.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import tracemalloc
from typing import ClassVar

from devices.codec import Codec, Decoder
from devices.codecs.plausible import RANGES
from devices.model import LinkState, Measurement, Signal, Validity
from simulators.conformance_link import supervised

GARBAGE_BYTES = 100_000
MAX_GROWTH_BYTES = 20_000
"""What a decoder may keep after any amount of garbage: one unfinished message and its counters."""
_FINITE = (-math.inf, math.inf)


def texts(measurements: list[Measurement]) -> list[str]:
    """Comparable: NaN is not equal to itself, its text is."""
    return [repr(measurement) for measurement in measurements]


def feed(decoder: Decoder, *payloads: bytes) -> list[str]:
    """What comes out of these payloads, one after another."""
    return [text for payload in payloads for text in texts(decoder.feed(payload))]


def garbage(seed: int, size: int) -> bytes:
    """Random bytes, the same for the same seed."""
    return random.Random(seed).randbytes(size)


class CodecConformance:
    """Subclass it in a test module and set `codec`.

    Attributes:
        codec: the wire format under test.
    """

    codec: ClassVar[Codec]

    def decoder(self) -> Decoder:
        """A fresh decoder; past the first line, where that is dropped as possibly cut off."""
        if not self.is_stream or self.codec.decoder().feed(self.codec.examples[0]):
            return self.codec.decoder()
        decoder = self.codec.decoder()
        decoder.feed(b"\n")
        return decoder

    @property
    def is_stream(self) -> bool:
        """Whether chunks may split and join messages."""
        return self.codec.serial is not None

    def alone(self, payload: bytes) -> list[str]:
        """What one example yields on a fresh link."""
        return feed(self.decoder(), payload)

    def test_it_says_what_it_is(self) -> None:
        """It has a name, a title, signals, and at least one example to be tested with."""
        assert self.codec.name
        assert self.codec.title
        assert self.codec.signals
        assert self.codec.examples, "give Codec.examples: payloads as the sensor sends them"

    def test_examples_are_explained(self) -> None:
        """`explain` gives plain JSON, and no error."""
        for payload in self.codec.examples:
            fields = self.codec.explain(payload)
            json.dumps(fields, allow_nan=False)
            assert "error" not in fields, (payload.hex(), fields)

    def test_examples_are_decoded(self) -> None:
        """Each yields measurements of declared signals, and at least one is usable."""
        usable = 0
        for payload in self.codec.examples:
            decoder = self.decoder()
            found = decoder.feed(payload)
            assert found, payload.hex()
            assert decoder.malformed == 0, payload.hex()
            self._check(found)
            usable += sum(one.validity is Validity.VALID for one in found)
        assert usable, "at least one example must hold a usable value"

    def test_a_duplicate_changes_nothing(self) -> None:
        """A payload sent twice repeats its values, or is recognised; it never gives others."""
        for payload in self.codec.examples:
            once = self.alone(payload)
            assert feed(self.decoder(), payload, payload) in (once + once, once)

    def test_order_does_not_matter(self) -> None:
        """Payloads out of order give each the values it gives alone."""
        shuffled = [*reversed(self.codec.examples), *self.codec.examples]
        expected = [text for payload in shuffled for text in self.alone(payload)]
        assert feed(self.decoder(), *shuffled) == expected

    def test_a_burst_loses_nothing(self) -> None:
        """Many at once: a line delivers them in one chunk, the air one by one."""
        many = self.codec.examples * 20
        expected = [text for payload in many for text in self.alone(payload)]
        joined = [b"".join(many)] if self.is_stream else many
        assert feed(self.decoder(), *joined) == expected

    def test_any_chunking_gives_the_same(self) -> None:
        """A line may deliver a frame byte by byte, or two and a half at once."""
        if not self.is_stream:
            return  # a message comes whole
        data = b"".join(self.codec.examples)
        expected = feed(self.decoder(), data)
        for size in (1, 2, 3, 7):
            chunks = [data[at : at + size] for at in range(0, len(data), size)]
            assert feed(self.decoder(), *chunks) == expected, size

    def test_no_bytes_no_values(self) -> None:
        """An empty chunk of a line is nothing; an empty message is malformed at most."""
        decoder = self.decoder()
        assert decoder.feed(b"") == []
        assert decoder.malformed <= (not self.is_stream)

    def test_a_truncated_message_gives_no_false_value(self) -> None:
        """What the beginning of a message yields, the whole one yields too; or it is malformed."""
        for payload in self.codec.examples:
            whole = self.alone(payload)
            for cut in range(1, len(payload)):
                found = feed(self.decoder(), payload[:cut])
                self._check(self.decoder().feed(payload[:cut]))
                assert set(found) <= set(whole) or not self._any_valid(payload[:cut], whole), cut

    def test_a_flipped_bit_never_raises(self) -> None:
        """With a checksum it yields no usable value; without, at least a plausible one."""
        for payload in self.codec.examples:
            for bit in range(len(payload) * 8):
                wrong = bytearray(payload)
                wrong[bit // 8] ^= 1 << bit % 8
                found = self.decoder().feed(bytes(wrong))
                self._check(found)
                self.codec.explain(bytes(wrong))
                if self.codec.checksummed:
                    assert all(one.validity is not Validity.VALID for one in found), wrong.hex()

    def test_garbage_is_counted_and_forgotten(self) -> None:
        """Any bytes at all: nothing is raised, memory is bounded, the count is visible."""
        decoder = self.decoder()
        self._feed_garbage(decoder)  # fills caches
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        self._feed_garbage(decoder)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert decoder.malformed > 0
        assert after - before < MAX_GROWTH_BYTES

    def test_it_recovers_from_garbage(self) -> None:
        """After noise the next whole messages come through: the third at the latest."""
        for payload in self.codec.examples:
            decoder = self.decoder()
            feed(decoder, *(garbage(seed, 50) for seed in range(20)))
            found = feed(decoder, payload, payload, payload)
            assert self.alone(payload)[-1] in found

    def test_battery_is_a_charge_or_nothing(self) -> None:
        """Percent from 0 to 100, or the flag that it is low."""
        for payload in self.codec.examples:
            for one in self.decoder().feed(payload):
                if one.signal is Signal.BATTERY_LOW:
                    assert one.value in {0.0, 1.0}
                if one.signal is Signal.BATTERY and one.validity is Validity.VALID:
                    assert 0 <= one.value <= 100

    def control_reply(self, written: bytes) -> bytes:  # noqa: ARG002 - for subclasses
        """What the sensor's control point indicates after a write; for formats with a control."""
        return b""

    def test_it_streams_and_returns_after_a_disconnect(self) -> None:
        """Over a simulated link: data, a lost link, data again, and each link is marked."""

        async def session() -> None:
            async with supervised(self.codec, self.control_reply) as link:
                await link.streams(self.codec.examples[0])
                link.drop()
                await link.until(lambda: LinkState.LOST in link.states, "loss noticed")
                await link.streams(self.codec.examples[0])
                assert link.links() == 2

        if self.codec.broadcast is None:  # an advertisement has no link to lose
            asyncio.run(session())

    def test_a_silent_sensor_is_noticed(self) -> None:
        """A link that stands without data is stale, then rebuilt."""

        async def session() -> None:
            async with supervised(self.codec, self.control_reply) as link:
                await link.streams(self.codec.examples[0])
                link.hush(True)
                await link.until(lambda: LinkState.STALE in link.states, "silence noticed")
                link.hush(False)
                await link.streams(self.codec.examples[0])

        asyncio.run(session())

    def _check(self, found: list[Measurement]) -> None:
        """Only declared signals; what is VALID is finite and plausible, the rest says why."""
        for one in found:
            assert one.signal in self.codec.signals, one
            assert bool(one.reason) is (one.validity is not Validity.VALID), one
            if one.validity is Validity.VALID:
                low, high = RANGES.get(one.signal, _FINITE)
                assert low <= one.value <= high, one

    def _feed_garbage(self, decoder: Decoder) -> None:
        for seed in range(GARBAGE_BYTES // 500):
            self._check(decoder.feed(garbage(seed, seed % 1000)))

    def _any_valid(self, payload: bytes, whole: list[str]) -> bool:
        found = self.decoder().feed(payload)
        return any(one.validity is Validity.VALID and repr(one) not in whole for one in found)
