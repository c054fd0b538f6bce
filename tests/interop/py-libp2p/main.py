"""A py-libp2p node that listens or dials, so that Peerloom can be tested against it."""

import argparse
import json
import sys

import trio
from libp2p.exceptions import MultiError
from libp2p.peer.peerinfo import InvalidAddrError, info_from_p2p_addr
from multiaddr import Multiaddr
from multiaddr.exceptions import Error as BadAddress

import actions
import node


def main() -> int:
    arguments = command_line().parse_args()
    try:
        trio.run(listen if arguments.command == "listen" else dial, arguments)
    except (Exception, BaseExceptionGroup) as error:
        if arguments.command == "listen":
            print(reason(error), file=sys.stderr)
        else:
            print(json.dumps({"ok": False, "error": reason(error)}))
        return 1
    return 0


async def listen(arguments: argparse.Namespace) -> None:
    """Prints where the node listens, and serves until standard input ends."""
    async with node.listening(arguments) as address:
        print(address, flush=True)
        await trio.to_thread.run_sync(sys.stdin.buffer.read, abandon_on_cancel=True)


async def dial(arguments: argparse.Namespace) -> None:
    """Does one thing with the node at an address, and prints that it went well."""
    with trio.move_on_after(TIME_LIMIT) as limit:
        async with node.connected(arguments) as (host, peer):
            await actions.ALL[arguments.action](host, peer)
    if limit.cancelled_caught:
        raise TimeoutError(f"not done after {TIME_LIMIT} s")
    print(json.dumps({"ok": True, "action": arguments.action}))


def command_line() -> argparse.ArgumentParser:
    """The command line that all peers share."""
    layers = argparse.ArgumentParser(add_help=False)
    layers.add_argument("--security", choices=node.SECURITY, default="noise")
    layers.add_argument("--muxer", choices=node.MUXERS, default="yamux")
    layers.add_argument("--key-type", choices=node.KEYS, default="ed25519")

    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listener = commands.add_parser("listen", parents=[layers])
    listener.add_argument("--transport", choices=node.LISTEN, default="tcp")
    dialer = commands.add_parser("dial", parents=[layers])
    dialer.add_argument("address", type=peer_address)
    dialer.add_argument("action", choices=actions.ALL)
    return parser


def peer_address(text: str) -> Multiaddr:
    """An address that ends in a peer id."""
    try:
        address = Multiaddr(text)
        info_from_p2p_addr(address)
    except (BadAddress, InvalidAddrError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a peer: {error}") from error
    return address


def reason(error: BaseException | None) -> str:
    """What went wrong, with everything that led to it, on one line."""
    steps = []
    while error is not None:
        match error:
            case BaseExceptionGroup(exceptions=[first, *_]) | MultiError(errors=[first, *_]):
                error = first
            case _:
                steps.append(f"{type(error).__name__} {error}".strip())
                error = error.__cause__
    return ", because of ".join(steps)


# How long a dial and its action may take in all, in seconds.
TIME_LIMIT = 30

if __name__ == "__main__":
    sys.exit(main())
