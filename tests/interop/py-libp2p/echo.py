"""The echo protocol: its listening side, and how both sides read."""

from libp2p.abc import INetStream
from libp2p.custom_types import TProtocol
from libp2p.network.stream.exceptions import StreamEOF, StreamError

PROTOCOL = TProtocol("/echo/1.0.0")


async def serve(stream: INetStream) -> None:
    """Copies until the end, then half-closes."""
    try:
        while data := await read(stream, READ_SIZE):
            await stream.write(data)
        await stream.close()
    except StreamError:
        await stream.reset()


async def read(stream: INetStream, limit: int) -> bytes:
    """What has come, as far as the limit allows; nothing at the end."""
    try:
        return await stream.read(min(limit, READ_SIZE))
    except StreamEOF:
        return b""


# How much to read at once.
READ_SIZE = 64 * 1024
