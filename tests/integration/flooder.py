"""A room that sends whatever it can, as fast as it can: `flooder.py PORT TOPIC FILE...`.

Messages are the files' contents with a few bytes changed, and now and then a large one. A program
of its own, so that it takes no time from the station's loop.
"""

import random
import sys
import time
from pathlib import Path

import paho.mqtt.client as mqtt

KINDS = ("snapshot", "presence", "alarm", "history")
LARGE = b'{"type":"snapshot","log":' + b"[" * 60_000
AT_ONCE, REST_S = 100, 0.02


def noise(rng, examples):
    """A message with a few bytes changed."""
    payload = bytearray(rng.choice(examples))
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(payload))
        payload[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(4))
    return bytes(payload)


def main():
    port, room, *files = sys.argv[1:]
    examples = [Path(file).read_bytes() for file in files]
    rng = random.Random(7)  # noqa: S311 - no secret
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", int(port))
    client.loop_start()
    while True:
        for _ in range(AT_ONCE):
            payload = LARGE if rng.random() < 0.05 else noise(rng, examples)
            client.publish(f"{room}/{rng.choice(KINDS)}", payload, retain=rng.random() < 0.2)
        time.sleep(REST_S)


if __name__ == "__main__":
    main()
