"""Keeps one sensor streaming: connects, watches the age of its data, backs off, reconnects.

Liveness is the time since the last packet and nothing else. A link flag can lie: after a crash
of bluetoothd bleak goes on saying "connected", and a strap whose firmware hangs stays connected.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack

from devices.model import NS_PER_S, Frame, LinkState, SensorSpec
from devices.transport import Reason, Transport, TransportError
from monitor.clock import Clock, monotonic_ns

OnFrame = Callable[[Frame], None]
OnState = Callable[[str, LinkState, str], None]
"""alias, new state, a few words why."""
OnSensorInfo = Callable[[str, str, object], None]
"""alias, key, value; see `devices.transport.OnInfo`."""

OPEN_LIMIT_S = 90.0
"""A transport that has not connected by then is given up; it may queue behind others' scans."""
MIN_SILENCE_S = 2.0
"""Real seconds of silence needed too, so that a session clock at 60x cannot kill good links."""
STEADY_S = 5.0
"""A link that streamed this long, real seconds, was good: the next back-off starts small."""
_CHECK_S = 0.25
_BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_LOG = logging.getLogger(__name__)


def backoff_s(attempt: int) -> float:
    """Real seconds to wait before the next connection, after `attempt` (0, 1, ...) poor links."""
    return _BACKOFF_S[min(max(attempt, 0), len(_BACKOFF_S) - 1)]


class _Link:
    """One connection, from opening to closing."""

    def __init__(self, t_ns: int) -> None:
        self.over = asyncio.Event()
        self.detail = ""
        self.closed = self.waited_for = False
        self.last_t_ns = t_ns
        self.last_real_ns = monotonic_ns()
        self.first_real_ns: int | None = None

    def lost(self, detail: str) -> None:
        """The transport says it is gone."""
        self.detail = detail
        self.over.set()

    def packet(self, t_ns: int) -> bool:
        """Note a packet at session time `t_ns`; whether it is the first."""
        self.last_t_ns, self.last_real_ns = t_ns, monotonic_ns()
        first = self.first_real_ns is None
        if first:
            self.first_real_ns = self.last_real_ns
        return first

    def silent(self, t_ns: int, stale_s: float) -> bool:
        """Whether the newest packet (or the opening) is too long ago."""
        return (
            t_ns - self.last_t_ns >= stale_s * NS_PER_S
            and monotonic_ns() - self.last_real_ns >= MIN_SILENCE_S * NS_PER_S
        )

    @property
    def steady(self) -> bool:
        """Whether data came for a while."""
        if self.first_real_ns is None:
            return False
        return self.last_real_ns - self.first_real_ns >= STEADY_S * NS_PER_S


class Supervisor:
    """Owns the connection to one allow-listed sensor.

    Callbacks run on the event loop and must return at once: stamp, enqueue, no more.

    Attributes:
        state: where the connection stands.
        packets: payloads received so far.
    """

    def __init__(
        self,
        spec: SensorSpec,
        transport: Transport,
        clock: Clock,
        on_frame: OnFrame,
        on_state: OnState,
        on_info: OnSensorInfo = lambda _alias, _key, _value: None,
    ) -> None:
        self.state = LinkState.INITIAL
        self.packets = 0
        self._spec, self._transport, self._clock = spec, transport, clock
        self._on_frame, self._on_state, self._on_info = on_frame, on_state, on_info

    async def run(self) -> None:
        """Keep the sensor streaming until cancelled; then the link is closed."""
        attempt = 0
        while True:
            self._go(LinkState.CONNECTING)
            link = _Link(self._clock.now_ns())
            detail = await self._live(link)
            self._go(LinkState.LOST, detail)
            # Waiting for data that did not come was pause enough.
            attempt = 0 if link.steady or link.waited_for else attempt + 1
            # Real seconds: a radio does not recover faster because the session clock runs fast.
            await asyncio.sleep(backoff_s(attempt))

    async def _live(self, link: _Link) -> str:
        """One link, from connecting to closed; why it ended."""
        try:
            async with AsyncExitStack() as stack:
                stack.callback(setattr, link, "closed", True)
                await self._open(stack, link)
                await self._watch(link)
        except TransportError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - transports may raise anything; retried
            _LOG.exception("%s: transport failed", self._spec.alias)
            return f"{type(error).__name__}: {error}"
        return link.detail

    async def _open(self, stack: AsyncExitStack, link: _Link) -> None:
        opening = self._transport.open(
            lambda payload: self._payload(link, payload),
            link.lost,
            lambda key, value: self._on_info(self._spec.alias, key, value),
        )
        try:
            async with asyncio.timeout(OPEN_LIMIT_S):
                await stack.enter_async_context(opening)
        except TimeoutError as error:
            raise TransportError(Reason.CONNECT_FAILED, "no answer") from error
        if link.first_real_ns is None:  # what the connection took is not the sensor's silence
            link.last_t_ns, link.last_real_ns = self._clock.now_ns(), monotonic_ns()

    async def _watch(self, link: _Link) -> None:
        """Return when the transport reports loss, or the data is too old."""
        while not link.over.is_set():
            if link.silent(self._clock.now_ns(), self._spec.stale_s):
                link.waited_for = True
                link.lost(f"no data for {self._spec.stale_s:g} s")
                self._go(LinkState.STALE, link.detail)
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CHECK_S):
                    await link.over.wait()

    def _payload(self, link: _Link, payload: bytes) -> None:
        if link.closed or not payload:
            # A link that would not close must not repeat what the next one brings; and no bytes
            # are no sign of life.
            return
        t_ns = self._clock.now_ns()
        self.packets += 1
        if link.packet(t_ns):
            self._go(LinkState.STREAMING)
            self._on_frame(Frame(t_ns=t_ns, source=self._spec.alias, payload=b""))
        self._on_frame(Frame(t_ns=t_ns, source=self._spec.alias, payload=payload))

    def _go(self, state: LinkState, detail: str = "") -> None:
        self.state = state
        _LOG.info("%s: %s %s", self._spec.alias, state, detail)
        self._on_state(self._spec.alias, state, detail)
