"""How to reach a broker: settings, files, and what is said of those that are no good."""

import ssl

import pytest
import trustme

from monitor import config
from monitor.errors import ConfigError
from monitor.rooms import broker

ON = ["publish.enabled=true", "publish.host=h", "publish.clinic=c", "publish.room=r"]


def complaint(*overrides):
    with pytest.raises(ConfigError) as caught:
        config.load(None, overrides)
    return str(caught.value)


def test_nothing_is_published_unless_wanted():
    assert config.load(None).publish == broker.Publish()
    assert not broker.Publish().enabled
    assert broker.Publish().tls
    assert not broker.Publish().notes
    assert not broker.Publish().remote_acknowledge


@pytest.mark.parametrize("key", ["host", "clinic", "room"])
def test_what_is_needed_to_publish_is_asked_for(key):
    left = [word for word in ON if not word.startswith(f"publish.{key}=")]
    assert complaint(*left) == f'--set: publish.{key} = "": needed when enabled = true'
    config.load(None, ON)


@pytest.mark.parametrize("table", ["publish", "central"])
@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("port=0", "must be a whole number, 1 to 65535"),
        ("port=65536", "must be a whole number, 1 to 65535"),
        ('host="a b"', "must be a host name or address"),
        ('clinic="A"', "letters a-z"),
        ('clinic="a/b"', "letters a-z"),
        ('clinic="+"', "letters a-z"),
        ('cert_file="x"', "needed with cert_file"),
        ('key_file="x"', "needed with key_file"),
        ('password_file="x"', "needed with password_file"),
    ],
)
def test_values_out_of_range_are_named(table, word, says):
    told = complaint(f"{table}.{word}")
    assert told.startswith(f"--set: {table}.")
    assert says in told


def test_certificates_without_tls_are_no_use():
    told = complaint("publish.tls=false", 'publish.ca_file="x"')
    assert told == '--set: publish.ca_file = "x": is of no use with tls = false'


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("publish.interval_s=0.5", "must be 1 to 10 s"),
        ("central.stale_s=4", "must be 5 to 60 s"),
        ("central.room=x", "unknown key"),
        ('publish.password="x"', "unknown key"),
    ],
)
def test_other_mistakes(word, says):
    assert says in complaint(word)


def test_the_password_is_read_from_its_file_and_stands_nowhere_else(tmp_path):
    path = tmp_path / "password"
    path.write_text("se cret \nsecond line\n")
    settings = config.load(None, [*ON, "publish.username=u", f"publish.password_file={path}"])
    assert broker.arguments(settings.publish, "publish")["password"] == "se cret "  # noqa: S105
    assert "cret" not in config.to_json(settings)
    assert "cret" not in repr(settings)


@pytest.mark.parametrize("content", [None, "", "\n", b"\xff\xff"])
def test_a_password_file_that_is_no_good_is_named(tmp_path, content):
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    bad = broker.Publish(username="u", password_file=str(path), tls=False)
    with pytest.raises(ConfigError, match=r"^publish.password_file = '.*password'"):
        broker.arguments(bad, "publish")


def test_certificate_files(tmp_path):
    authority, names = trustme.CA(), ("ca.pem", "own.pem", "own.key", "other.key")
    ca_file, cert_file, key_file, other = (tmp_path / name for name in names)
    own = authority.issue_cert("room-1")
    authority.cert_pem.write_to_path(ca_file)
    own.cert_chain_pems[0].write_to_path(cert_file)
    own.private_key_pem.write_to_path(key_file)
    authority.issue_cert("x").private_key_pem.write_to_path(other)
    good = broker.Central(
        ca_file=str(ca_file), cert_file=str(cert_file), key_file=str(key_file), host="h"
    )
    context = broker.arguments(good, "central")["tls_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    for bad, key in [
        (broker.Central(ca_file=str(key_file)), "ca_file"),
        (broker.Central(ca_file=str(tmp_path / "none")), "ca_file"),
        (broker.Central(cert_file=str(cert_file), key_file=str(other)), "cert_file"),
        (broker.Central(cert_file=str(cert_file), key_file=str(tmp_path / "none")), "cert_file"),
    ]:
        with pytest.raises(ConfigError, match=rf"^central\.{key} = .*cannot be used: "):
            broker.arguments(bad, "central")
