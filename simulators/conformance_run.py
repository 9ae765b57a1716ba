"""The conformance kit for an installed format: `pytest --pyargs ... --vigil-codec NAME`."""

from __future__ import annotations

from simulators.conformance import CodecConformance


class TestInstalledCodec(CodecConformance):
    """The format named on the command line; see `simulators.conformance_plugin`."""
