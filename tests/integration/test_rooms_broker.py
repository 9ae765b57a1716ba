"""The broker of the tests is a real one: it can be killed, and refuses what it should."""

import asyncio

import aiomqtt
import pytest
import trustme

from monitor.rooms import broker
from simulators.broker import Certificates, Mosquitto
from tests.integration.rooms import LEFT_BY_PAHO, NEEDS_MOSQUITTO

pytestmark = [NEEDS_MOSQUITTO, LEFT_BY_PAHO]


def client(port, **more):
    settings = broker.Central(host="127.0.0.1", port=port, **({"tls": False} | more))
    return aiomqtt.Client(**broker.arguments(settings, "central"))


async def heard(one, topic):
    async with asyncio.timeout(10):
        await one.subscribe(topic, qos=1)
        return (await anext(one.messages)).payload


async def test_what_is_kept_is_told_and_gone_with_the_broker(tmp_path):
    with Mosquitto(tmp_path) as real:
        async with client(real.port) as one, client(real.port) as two:
            await one.publish("a/b", b"kept", qos=1, retain=True)
            assert await heard(two, "a/b") == b"kept"
            real.kill()
        with pytest.raises(aiomqtt.MqttError):
            await client(real.port).__aenter__()
        real.start()
        async with client(real.port) as one:
            await one.publish("a/b", b"new", qos=1, retain=True)
            assert await heard(one, "a/b") == b"new"


async def test_encrypted_with_users(tmp_path):
    authority, other = trustme.CA(), trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    names = Certificates(tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem")
    authority.cert_pem.write_to_path(names.ca_file)
    other.cert_pem.write_to_path(tmp_path / "other.pem")
    own.cert_chain_pems[0].write_to_path(names.cert_file)
    own.private_key_pem.write_to_path(names.key_file)
    (tmp_path / "pw").write_text("right\n")
    (tmp_path / "wrong").write_text("wrong\n")
    good = {"tls": True, "ca_file": str(names.ca_file), "username": "u"}
    good["password_file"] = str(tmp_path / "pw")
    with Mosquitto(tmp_path, tls=names, users={"u": "right"}) as real:
        async with client(real.port, **good) as one:
            await one.publish("a", b"x", qos=1)
        for bad in ({"ca_file": str(tmp_path / "other.pem")}, {"tls": False, "ca_file": ""}):
            with pytest.raises(aiomqtt.MqttError):
                await client(real.port, **(good | bad)).__aenter__()
        with pytest.raises(aiomqtt.MqttError, match=r"[Nn]ot authori"):
            await client(
                real.port, **(good | {"password_file": str(tmp_path / "wrong")})
            ).__aenter__()
