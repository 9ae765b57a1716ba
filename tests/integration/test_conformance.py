"""Our own wire formats pass the conformance kit, and formats with faults do not."""

from dataclasses import replace
from functools import partial

import pytest

from devices import registry
from devices.codecs.heart_rate import CODEC as HEART_RATE
from devices.codecs.message import MessageDecoder
from devices.model import Measurement, Signal
from simulators.conformance import CodecConformance

CODECS = {name: codec for name, codec in registry.codecs().items() if codec.transport}


@pytest.fixture(scope="module", params=sorted(CODECS))
def every_codec(request):
    return CODECS[request.param]


class TestOurs(CodecConformance):
    """Each test of the kit, for each format."""

    @pytest.fixture(autouse=True)
    def _codec(self, every_codec):
        type(self).codec = every_codec

    # Seconds each, for want of data: the quick suite has them for one sensor of each transport.
    test_it_streams_and_returns_after_a_disconnect = pytest.mark.slow(
        CodecConformance.test_it_streams_and_returns_after_a_disconnect
    )
    test_a_silent_sensor_is_noticed = pytest.mark.slow(
        CodecConformance.test_a_silent_sensor_is_noticed
    )


def careless(payload):
    """Reads beyond the end, believes everything."""
    return [Measurement(Signal.HEART_RATE, float(payload[1]))]


BROKEN = replace(HEART_RATE, name="broken", decoder=partial(MessageDecoder, careless))


@pytest.mark.parametrize(
    "test",
    [
        "test_a_truncated_message_gives_no_false_value",
        "test_a_flipped_bit_never_raises",
        "test_garbage_is_counted_and_forgotten",
    ],
)
def test_a_careless_format_fails(test):
    kit = CodecConformance()
    kit.codec = BROKEN
    with pytest.raises((AssertionError, IndexError)):
        getattr(kit, test)()


def test_a_format_without_examples_fails():
    kit = CodecConformance()
    kit.codec = replace(HEART_RATE, examples=())
    with pytest.raises(AssertionError, match="examples"):
        kit.test_it_says_what_it_is()
