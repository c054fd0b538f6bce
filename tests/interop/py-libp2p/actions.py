"""What a dialer does with the other node, one function an action."""

import secrets
from functools import partial

import trio
from libp2p.abc import INetStream
from libp2p.crypto.serialization import deserialize_public_key
from libp2p.host.basic_host import BasicHost
from libp2p.host.ping import ID as PING, perform_ping_roundtrip
from libp2p.identity.identify.identify import ID as IDENTIFY
from libp2p.identity.identify.pb.identify_pb2 import Identify
from libp2p.peer.id import ID
from libp2p.utils.varint import read_length_prefixed_protobuf

import echo


async def ping(host: BasicHost, peer: ID) -> None:
    """Pings on one stream, once after the other."""
    stream = await host.new_stream(peer, [PING])
    for _ in range(PINGS):
        await perform_ping_roundtrip(stream)
    await stream.close()


async def identify(host: BasicHost, peer: ID) -> None:
    """Asks the peer who it is and what it speaks, and compares."""
    await own_identify_of_the_library(host, peer)
    stream = await host.new_stream(peer, [IDENTIFY])
    message = Identify.FromString(await read_length_prefixed_protobuf(stream))
    await stream.close()
    key = deserialize_public_key(message.public_key)
    ensure(ID.from_pubkey(key) == peer, f"the key is not that of {peer}")
    ensure(echo.PROTOCOL in message.protocols, f"lists {list(message.protocols)}")


async def own_identify_of_the_library(host: BasicHost, peer: ID) -> None:
    """Waits until it is over, if it ever is: js-libp2p answers only one at a time."""
    with trio.move_on_after(OWN_IDENTIFY):
        while not host.get_peerstore().supports_protocols(peer, [echo.PROTOCOL]):
            await trio.sleep(0.02)


async def echoes(host: BasicHost, peer: ID, count: int, length: int) -> None:
    """Sends so many bytes on each of so many streams, all at once."""
    streams: list[INetStream] = []

    async def opened() -> None:
        streams.append(await host.new_stream(peer, [echo.PROTOCOL]))

    # All of them are open before the first byte is sent.
    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(opened)
    async with trio.open_nursery() as nursery:
        for stream in streams:
            nursery.start_soon(one_echo, stream, length)


async def one_echo(stream: INetStream, length: int) -> None:
    """Sends random bytes and reads the echo a little behind, its last part after the half-close.

    Both in one task: an mplex stream of the library cannot be written while a read waits for data.
    """
    sent = secrets.token_bytes(length)
    received = bytearray()
    for start in range(0, length, ODD_CHUNK):
        await stream.write(sent[start : start + ODD_CHUNK])
        await receive(stream, received, start - READ_AFTER_CLOSE)
    await stream.close_write()
    # To the end, or to a byte that is one too many.
    await receive(stream, received, length + 1)
    ensure(received == sent, f"{length} bytes came back as {len(received)} others")


async def receive(stream: INetStream, received: bytearray, length: int) -> None:
    """Reads on until there are so many bytes in all, or no more come."""
    while len(received) < length and (data := await echo.read(stream, length - len(received))):
        received += data


def ensure(holds: bool, complaint: str) -> None:
    if not holds:
        raise AssertionError(complaint)


KIB = 1024
MIB = 1024 * KIB

# What the command line may name.
ALL = {
    "ping": ping,
    "identify": identify,
    "echo": partial(echoes, count=1, length=MIB),
    "streams": partial(echoes, count=100, length=8 * KIB),
    "bulk": partial(echoes, count=1, length=8 * MIB),
}

PINGS = 3

# How long to wait for the library's own identify, in seconds.
OWN_IDENTIFY = 5

# Divides no frame, record or buffer of anybody's.
ODD_CHUNK = 7_919

# How much of the echo is left on its way while more is sent: fits into every muxer's window.
READ_AFTER_CLOSE = 64 * KIB
