"""Several sensors on one radio: shared scans, shared links, broadcasts, control points, pairing."""

import asyncio
import contextlib
import itertools
from dataclasses import replace

import pytest

import devices.ble_find
from devices.ble import ble_transport, scan
from devices.model import LinkState, SensorSpec, Signal
from devices.registry import codec, codecs
from devices.supervisor import Supervisor
from devices.transport import Reason, TransportError
from monitor.clock import ScaledClock, monotonic_ns
from simulators.bleak_backend import backend
from simulators.bluez import FakeBlueZ, PrivateBus, available
from simulators.peripheral import (
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    TEMPERATURE_TYPE,
    Characteristic,
    Peripheral,
    Service,
    health_thermometer,
    heart_rate_strap,
)

ECG, SKIN = codec("polar_ecg"), codec("polar_skin_temperature")
FRAME = ECG.examples[0]


def h10(asked):
    """A strap with an ECG that streams when asked for, one indication an answer."""
    point = Characteristic(uuid=ECG.control_uuid, properties=("read", "write", "indicate"))
    data = Characteristic(uuid=ECG.characteristic_uuid, properties=("notify",))
    strap = heart_rate_strap("SIM H10", "C0:00:00:00:00:10")
    measurement = Service(uuid=ECG.service_uuid, characteristics=(point, data))
    strap = replace(strap, services=(*strap.services, measurement))

    def on_write(written):
        asked.append(written.hex())
        answers = {1: "f0010000000001820001010e00", 2: "f00200000000", 3: "f00300000000"}
        strap.notify(ECG.control_uuid, bytes.fromhex(answers[written[0]]))

    strap.characteristic(ECG.control_uuid).on_write = on_write
    return strap


def sensor(alias, name, address, **more):
    measures = {"hrs_2a37": Signal.HEART_RATE, "hts_2a1c": Signal.SKIN_TEMPERATURE}
    return SensorSpec(
        alias=alias,
        codec=name,
        measures=measures.get(name, Signal.ROOM_TEMPERATURE),
        address=address,
        stale_s=2.0,
        **more,
    )


class Watched:
    def __init__(self, spec, air):
        self.frames, self.states, self.info = [], [], {}
        transport = ble_transport(spec, codec(spec.codec), backend=air)
        self.supervisor = Supervisor(
            spec, transport, ScaledClock(), self.frames.append, self._state, self._info
        )

    def _state(self, _alias, state, detail):
        self.states.append((state, detail))

    def _info(self, _alias, key, value):
        self.info[key] = value

    def streamed(self):
        return sum(state is LinkState.STREAMING for state, _ in self.states)

    def payloads(self):
        return [frame.payload for frame in self.frames if frame.payload]


async def until(holds, seconds=30.0):
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def radio(kind, *peripherals):
    """Yields what to give transports as their backend."""
    if kind == "in_process":
        yield backend(peripherals)
        return
    if not available():
        pytest.skip("NOT RUN: needs a dbus-daemon")
    with pytest.MonkeyPatch.context() as patch:
        async with PrivateBus() as bus, FakeBlueZ(bus.address, peripherals):
            patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
            yield None


@contextlib.asynccontextmanager
async def supervised(air, *specs):
    watched = [Watched(spec, air) for spec in specs]
    tasks = [asyncio.create_task(item.supervisor.run()) for item in watched]
    try:
        yield watched
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def sending(*calls):
    async def send():
        while True:
            for call in calls:
                call()
            await asyncio.sleep(0.02)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()


KINDS = pytest.mark.parametrize("kind", ["bluez", "in_process"])


@KINDS
async def test_two_values_of_one_strap_share_a_link(kind):
    asked = []
    strap = h10(asked)
    heart = sensor("heart", "hrs_2a37", strap.address)
    ecg = sensor("ecg", "polar_ecg", strap.address.lower())
    beat = lambda: strap.notify(HEART_RATE_MEASUREMENT, b"\x00\x48")  # noqa: E731
    wave = lambda: strap.notify(ECG.characteristic_uuid, FRAME)  # noqa: E731
    async with radio(kind, strap) as air, sending(beat, wave):
        async with supervised(air, heart, ecg) as (one, two):
            await until(lambda: len(one.payloads()) > 5 and len(two.payloads()) > 5)
            assert set(one.payloads()) == {b"\x00\x48"}
            assert set(two.payloads()) == {FRAME}
            assert asked == ["0100", "02000001820001010e00"]
            await until(lambda: one.info.get("firmware") and two.info.get("firmware"))
            strap.drop()
            await until(lambda: one.streamed() == two.streamed() == 2)
            assert LinkState.LOST in [state for state, _ in two.states]
        assert asked[-1] == "0300"  # an H10 left streaming empties its battery


@KINDS
async def test_a_refusal_is_told_in_words(kind):
    strap = h10([])
    busy = lambda _written: strap.notify(ECG.control_uuid, b"\xf0\x01\x00\x0d\x00")  # noqa: E731
    strap.characteristic(ECG.control_uuid).on_write = busy
    async with radio(kind, strap) as air:
        transport = ble_transport(sensor("ecg", "polar_ecg", strap.address), ECG, backend=air)
        with pytest.raises(TransportError, match="charger") as caught:
            async with transport.open(lambda _: None, lambda _: None, lambda *_: None):
                pass
    assert caught.value.reason is Reason.REFUSED


@KINDS
async def test_a_sensor_that_wants_pairing(kind):
    strap = heart_rate_strap("SIM strap", "C0:00:00:00:00:11")
    strap.characteristic(HEART_RATE_MEASUREMENT).needs_bond = True
    spec = sensor("strap", "hrs_2a37", strap.address)
    async with radio(kind, strap) as air:
        transport = ble_transport(spec, codec(spec.codec), backend=air)
        with pytest.raises(TransportError, match="pair = true") as caught:
            async with transport.open(lambda _: None, lambda _: None, lambda *_: None):
                pass
        assert caught.value.reason is Reason.NOT_PAIRED
        got = []
        transport = ble_transport(replace(spec, pair=True), codec(spec.codec), backend=air)
        async with transport.open(got.append, lambda _: None, lambda *_: None):
            assert strap.bonded
            strap.notify(HEART_RATE_MEASUREMENT, b"\x00\x48")
            await until(lambda: got == [b"\x00\x48"])


def tag(address="C0:00:00:00:00:12"):
    payload = codec("bthome_v2").examples[0]
    uuid = codec("bthome_v2").broadcast.service_data_uuid
    return Peripheral(
        name="SIM tag",
        address=address,
        services=(),
        advertised_uuids=(),
        service_data={uuid: payload},
        manufacturer_data={0xEC88: codec("govee_h5075").examples[0]},
    )


@KINDS
async def test_broadcasts_are_heard_without_a_link(kind):
    one = tag()
    bthome = sensor("a", "bthome_v2", one.address)
    govee = sensor("b", "govee_h5075", "SIM tag")
    other = sensor("c", "ruuvi_df5", one.address)
    async with radio(kind, one) as air, supervised(air, bthome, govee, other) as (a, b, c):
        await until(lambda: a.payloads() and b.payloads())
        assert a.payloads()[0] == codec("bthome_v2").examples[0]
        assert b.payloads()[0] == codec("govee_h5075").examples[0]
        assert a.info["signal"] == one.rssi_dbm
        seen = len(a.payloads())
        one.advertise(
            service_data={codec("bthome_v2").broadcast.service_data_uuid: b"\x40\x57\x15"}
        )
        await until(lambda: len(a.payloads()) > seen)
        assert a.payloads()[-1] == b"\x40\x57\x15"
        one.quiet = True
        await until(lambda: LinkState.STALE in [state for state, _ in a.states])
        assert c.payloads() == []


@KINDS
async def test_an_unchanged_broadcast_is_repeated_once_a_second_as_a_sign_of_life(kind):
    one = tag()
    spec = sensor("a", "bthome_v2", one.address)
    async with radio(kind, one) as air, supervised(air, spec) as (a,):
        await until(lambda: len(a.payloads()) >= 3)
        times = [frame.t_ns for frame in a.frames if frame.payload]
    assert all(after - before > 900_000_000 for before, after in itertools.pairwise(times))


@KINDS
async def test_absent_sensors_do_not_queue_behind_each_other(kind, monkeypatch):
    monkeypatch.setattr(devices.ble_find, "SCAN_S", 1.0)
    strap = heart_rate_strap("SIM strap", "C0:00:00:00:00:13")
    absent = [sensor(f"x{n}", "hrs_2a37", f"C0:00:00:00:01:0{n}") for n in range(6)]
    begun_ns = monotonic_ns()
    async with radio(kind, strap) as air:
        transports = [ble_transport(spec, codec(spec.codec), backend=air) for spec in absent]

        async def fails(transport):
            with pytest.raises(TransportError, match="not found"):
                async with transport.open(lambda _: None, lambda _: None, lambda *_: None):
                    pass

        await asyncio.gather(*map(fails, transports))
    assert monotonic_ns() - begun_ns < 4_000_000_000


@KINDS
async def test_a_thermometer_for_the_mouth_is_never_taken_for_skin(kind):
    oral = health_thermometer("SIM oral", "C0:00:00:00:00:14")
    oral.characteristic(TEMPERATURE_TYPE).value = b"\x06"
    spec = sensor("skin", "hts_2a1c", oral.address, site="axilla")
    async with radio(kind, oral) as air:
        transport = ble_transport(spec, codec(spec.codec), backend=air)
        with pytest.raises(TransportError, match="it says mouth, configured is skin") as caught:
            async with transport.open(lambda _: None, lambda _: None, lambda *_: None):
                pass
        assert caught.value.reason is Reason.WRONG_SITE
        clinical = replace(spec, measures=Signal.CLINICAL_TEMPERATURE)
        async with ble_transport(clinical, codec(spec.codec), backend=air).open(
            lambda _: None, lambda _: None, lambda *_: None
        ):
            pass


@KINDS
async def test_a_scan_recognises_broadcasts_by_what_they_carry(kind):
    one, strap = tag(), heart_rate_strap("SIM strap", "C0:00:00:00:00:15")
    async with radio(kind, one, strap) as air:
        found = {item.address: item for item in await scan(0.5, codecs().values(), backend=air)}
    assert set(found[one.address].codecs) == {"bthome_v2", "govee_h5075"}
    assert found[one.address].payloads["bthome_v2"] == codec("bthome_v2").examples[0]
    assert found[strap.address].codecs == ("hrs_2a37",)
    assert HEART_RATE_SERVICE in found[strap.address].service_uuids


async def test_an_adapter_that_is_not_there_is_named(monkeypatch):
    strap = heart_rate_strap("SIM strap", "C0:00:00:00:00:16")
    async with radio("bluez", strap):
        with pytest.raises(TransportError, match="hci7"):
            await scan(0.2, codecs().values(), adapter="hci7")
        found = await scan(0.4, codecs().values(), adapter="hci0")
    assert [item.address for item in found] == [strap.address]


@KINDS
async def test_a_link_lost_while_asking_is_noticed_at_once(kind):
    strap = h10([])
    strap.characteristic(ECG.control_uuid).on_write = lambda _written: strap.drop()
    async with radio(kind, strap) as air:
        transport = ble_transport(sensor("ecg", "polar_ecg", strap.address), ECG, backend=air)
        begun_ns = monotonic_ns()
        with pytest.raises(TransportError):
            async with transport.open(lambda _: None, lambda _: None, lambda *_: None):
                pass
    assert monotonic_ns() - begun_ns < 4_000_000_000


@KINDS
async def test_two_values_of_an_absent_strap_are_both_told_why(kind, monkeypatch):
    monkeypatch.setattr(devices.ble_find, "SCAN_S", 0.5)
    strap = h10([])
    strap.away()
    both = [sensor(a, c, strap.address) for a, c in (("a", "hrs_2a37"), ("b", "polar_ecg"))]

    async def fails(spec, air):
        transport = ble_transport(spec, codec(spec.codec), backend=air)
        with pytest.raises(TransportError) as caught:
            async with transport.open(lambda _: None, lambda _: None, lambda *_: None):
                pass
        return caught.value.reason

    async with radio(kind, strap) as air:
        assert await asyncio.gather(*(fails(spec, air) for spec in both)) == [Reason.ABSENT] * 2
        strap.back()
        beat = lambda: strap.notify(HEART_RATE_MEASUREMENT, b"\x00\x48")  # noqa: E731
        async with sending(beat), supervised(air, both[0]) as (one,):
            await until(one.payloads)


@KINDS
async def test_a_connection_that_fails_is_never_used_by_those_who_waited(kind, monkeypatch):
    """The one who connects fails half way; the other must not stream from a dead client."""
    strap = h10([])

    async def breaks(_client, **_options):
        await asyncio.sleep(0.05)
        raise OSError("half way")

    both = [sensor(a, c, strap.address) for a, c in (("a", "hrs_2a37"), ("b", "polar_ecg"))]
    async with radio(kind, strap) as air:
        monkeypatch.setattr("devices.ble.BleakClient.connect", breaks)
        for spec in both:
            transport = ble_transport(spec, codec(spec.codec), backend=air)
            with pytest.raises(TransportError, match="half way"):
                async with transport.open(lambda _: None, lambda _: None, lambda *_: None):
                    pass
        tasks = [Watched(spec, air).supervisor.run() for spec in both]
        running = [asyncio.create_task(task) for task in tasks]
        await asyncio.sleep(0.3)
        assert not any(task.done() for task in running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
