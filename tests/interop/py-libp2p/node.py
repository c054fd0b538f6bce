"""The node: a host that serves ping, identify and echo, and how it listens and connects."""

import os
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from libp2p import new_swarm
from libp2p.crypto import ed25519, rsa, secp256k1, x25519
from libp2p.crypto.keys import KeyPair
from libp2p.host.basic_host import BasicHost
from libp2p.host.ping import ID as PING, handle_ping
from libp2p.network.config import ConnectionConfig, RetryConfig
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.rcmgr import ResourceManager
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE, Transport as Noise
from libp2p.security.secio.transport import ID as SECIO, Transport as Secio
from libp2p.security.tls.transport import PROTOCOL_ID as TLS, TLSTransport
from libp2p.stream_muxer.mplex.mplex import MPLEX_PROTOCOL_ID, Mplex
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX_PROTOCOL_ID, Yamux
from multiaddr import Multiaddr

import echo

# What the command line may name.
LISTEN = {"tcp": "/ip4/127.0.0.1/tcp/0", "ws": "/ip4/127.0.0.1/tcp/0/ws"}
SECURITY = {
    "noise": lambda key: {NOISE: Noise(key, x25519.create_new_key_pair().private_key)},
    "secio": lambda key: {SECIO: Secio(key)},
    "tls": lambda key: {TLS: TLSTransport(key)},
}
MUXERS = {"yamux": {YAMUX_PROTOCOL_ID: Yamux}, "mplex": {MPLEX_PROTOCOL_ID: Mplex}}
KEYS = {
    "ed25519": ed25519.create_new_key_pair,
    "secp256k1": secp256k1.create_new_key_pair,
    "rsa": rsa.create_new_key_pair,
}


@asynccontextmanager
async def listening(arguments: Namespace) -> AsyncIterator[str]:
    """A node that serves, and its full address."""
    wildcard_port = Multiaddr(LISTEN[arguments.transport])
    host = new_host(arguments, wildcard_port)
    async with host.run([wildcard_port]):
        [address] = host.get_transport_addrs()
        yield f"{address}/p2p/{host.get_id()}"


@asynccontextmanager
async def connected(arguments: Namespace) -> AsyncIterator[tuple[BasicHost, ID]]:
    """A node with a connection to the peer at the address; it says goodbye in the end."""
    # The library would have a proxy that the environment names dial WebSocket addresses.
    os.environ["NO_PROXY"] = "*"
    info = info_from_p2p_addr(arguments.address)
    host = new_host(arguments, arguments.address)
    async with host.run([]):
        await host.connect(info)
        yield host, info.peer_id
        with trio.move_on_after(GOODBYE):
            await host.disconnect(info.peer_id)


def new_host(arguments: Namespace, address: Multiaddr) -> BasicHost:
    """A host on a new identity that offers only the named layers, over the address's transport."""
    key: KeyPair = KEYS[arguments.key_type]()
    # Without the limit on how often a peer connects.
    resources = ResourceManager(enable_rate_limiting=False, enable_circuit_breaker=False)
    network = new_swarm(
        key_pair=key,
        sec_opt=SECURITY[arguments.security](key),
        muxer_opt=MUXERS[arguments.muxer],
        listen_addrs=[address],
        # The library counts what was ever accepted, not what is open, against 50 less than this.
        connection_config=ConnectionConfig(max_connections=MAX_CONNECTIONS),
        # A dial that fails is to be seen, not made good for.
        retry_config=RetryConfig(max_retries=0),
        resource_manager=resources,
    )
    host = BasicHost(network=network, resource_manager=resources)
    # The one that is there from the start answers two streams of a peer at a time.
    host.set_stream_handler(PING, handle_ping)
    host.set_stream_handler(echo.PROTOCOL, echo.serve)
    return host


# How often a node may be dialled in its life.
MAX_CONNECTIONS = 100_000

# How long the other side may take over the goodbye, in seconds.
GOODBYE = 2
