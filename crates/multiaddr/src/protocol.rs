//! The table of protocols: their codes, names and values, and what follows from it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use peerloom_peer_id::PeerId;

use crate::text::{take_name, take_text};
use crate::value::{Value, excerpt};
use crate::{
    Certhash, Error, Garlic32, Garlic64, HttpPath, MacAddress, Name, Onion, Onion3, UnixPath,
};

/// Makes the enum and its codecs from the table.
macro_rules! protocols {
    ($($code:literal $name:literal $variant:ident $(($value:ident: $type:ty))?, $doc:literal;)*) => {
        /// One part of an address: a protocol, and its value if it has one.
        ///
        /// A value in hand is a good one; the types of the values see to that.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Protocol<'a> {
            $(#[doc = $doc] $variant $(($type))?,)*
        }

        impl<'a> Protocol<'a> {
            /// The protocol's number in the bytes of an address.
            #[must_use]
            pub fn code(&self) -> u32 {
                match self {
                    $(Protocol::$variant { .. } => $code,)*
                }
            }

            /// The protocol's name in the text of an address.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Protocol::$variant { .. } => $name,)*
                }
            }

            /// The same without a borrow.
            #[must_use]
            pub fn into_owned(self) -> Protocol<'static> {
                match self {
                    $(Protocol::$variant $(($value))? => {
                        Protocol::$variant $((Value::into_owned($value)))?
                    })*
                }
            }

            /// What its value shows as.
            fn shown(&self) -> Option<&dyn fmt::Display> {
                match self {
                    $(Protocol::$variant $(($value))? => {
                        [$($value as &dyn fmt::Display)?].first().copied()
                    })*
                }
            }

            /// Takes a part from the front of an address in bytes.
            pub(crate) fn decode(input: &mut &'a [u8]) -> Result<Self, Error> {
                Ok(match take_varint(input)? {
                    $($code => Protocol::$variant $((take_bytes::<$type>($name, input)?))?,)*
                    code => return Err(Error::UnknownCode(code)),
                })
            }

            /// Appends the part to an address in bytes.
            pub(crate) fn encode(&self, output: &mut Vec<u8>) {
                put_varint(output, self.code() as usize);
                match self {
                    $(Protocol::$variant $(($value))? => { $(put_value($value, output);)? })*
                }
            }

            /// Takes a part from the front of an address in text.
            pub(crate) fn parse(input: &mut &'a str) -> Result<Self, Error> {
                Ok(match take_name(input)? {
                    $($name => Protocol::$variant $((take_text::<$type>($name, input)?))?,)*
                    "ipfs" => Protocol::P2p(take_text("ipfs", input)?),
                    "" => return Err(Error::EmptyPart),
                    name => return Err(Error::UnknownName(excerpt(name))),
                })
            }
        }
    };
}

// Codes and names: https://github.com/multiformats/multiaddr/blob/master/protocols.csv
// `memory` is there with a value of any bytes and variable length, so it is written with its
// length like other names; a number is the usual one. `ether` is not there: its code is from the
// range that the multicodec table leaves for private use, 0x300000 to 0x3fffff.
protocols! {
    4 "ip4" Ip4(address: Ipv4Addr), "An IPv4 address.";
    6 "tcp" Tcp(port: u16), "TCP.";
    273 "udp" Udp(port: u16), "UDP.";
    33 "dccp" Dccp(port: u16), "DCCP.";
    41 "ip6" Ip6(address: Ipv6Addr), "An IPv6 address.";
    42 "ip6zone" Ip6zone(zone: Name<'a>), "The zone (RFC 4007) of the IPv6 address that follows.";
    43 "ipcidr" Ipcidr(length: u8), "How many bits of the IP address before it name the network.";
    53 "dns" Dns(host: Name<'a>), "A domain name with IPv4 or IPv6 addresses.";
    54 "dns4" Dns4(host: Name<'a>), "A domain name with IPv4 addresses.";
    55 "dns6" Dns6(host: Name<'a>), "A domain name with IPv6 addresses.";
    56 "dnsaddr" Dnsaddr(host: Name<'a>), "A domain name whose TXT records hold whole addresses.";
    132 "sctp" Sctp(port: u16), "SCTP.";
    301 "udt" Udt, "UDT over UDP.";
    302 "utp" Utp, "µTP over UDP.";
    400 "unix" Unix(path: UnixPath<'a>), "A Unix socket; it takes the rest of the address but for a peer.";
    421 "p2p" P2p(peer: PeerId), "The peer at the other end; `ipfs` is an older name and read too.";
    444 "onion" Onion(service: Onion), "An onion service of version 2.";
    445 "onion3" Onion3(service: Onion3), "An onion service of version 3.";
    446 "garlic64" Garlic64(destination: Garlic64<'a>), "A destination of I2P.";
    447 "garlic32" Garlic32(destination: Garlic32<'a>), "The hash of a destination of I2P.";
    448 "tls" Tls, "TLS.";
    449 "sni" Sni(host: Name<'a>), "The name that TLS asks the server for.";
    454 "noise" Noise, "Noise.";
    460 "quic" Quic, "QUIC as it was before its version 1.";
    461 "quic-v1" QuicV1, "QUIC version 1.";
    465 "webtransport" WebTransport, "WebTransport over QUIC.";
    466 "certhash" Certhash(hash: Certhash<'a>), "The hash of a certificate that is accepted.";
    480 "http" Http, "HTTP.";
    481 "http-path" HttpPath(path: HttpPath<'a>), "The path of an HTTP resource.";
    443 "https" Https, "HTTPS; an older way to write `/tls/http`.";
    477 "ws" Ws, "WebSocket.";
    478 "wss" Wss, "Secure WebSocket; an older way to write `/tls/ws`.";
    479 "p2p-websocket-star" P2pWebSocketStar, "Deprecated.";
    277 "p2p-stardust" P2pStardust, "Deprecated.";
    275 "p2p-webrtc-star" P2pWebRtcStar, "Deprecated.";
    276 "p2p-webrtc-direct" P2pWebRtcDirect, "Deprecated.";
    280 "webrtc-direct" WebRtcDirect, "WebRTC to a server without signalling.";
    281 "webrtc" WebRtc, "WebRTC between two peers.";
    290 "p2p-circuit" P2pCircuit, "Through the relay before it to the peer behind it.";
    777 "memory" Memory(place: Name<'a>), "A place in the memory of this process.";
    0x30_0ee7 "ether" Ether(address: MacAddress), "A network card; the code is one for private use.";
}

impl Protocol<'_> {
    /// The value as it stands in the text of an address, if the protocol has one.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        self.shown().map(ToString::to_string)
    }

    /// Whether it takes the rest of a text, so that only a peer can follow it.
    pub(crate) fn takes_rest(&self) -> bool {
        matches!(self, Protocol::Unix(_))
    }
}

/// `/name` or `/name/value`.
impl fmt::Display for Protocol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.name())?;
        match self.shown() {
            Some(path) if self.takes_rest() => write!(f, "{path}"),
            Some(value) => write!(f, "/{value}"),
            None => Ok(()),
        }
    }
}

fn take_bytes<'a, V: Value<'a>>(name: &'static str, input: &mut &'a [u8]) -> Result<V, Error> {
    let length = match V::LENGTH {
        Some(length) => length,
        None => usize::try_from(take_varint(input)?).map_err(|_| Error::Truncated(name))?,
    };
    let (value, rest) = input.split_at_checked(length).ok_or(Error::Truncated(name))?;
    *input = rest;
    V::decode(value).map_err(|problem| Error::Value { protocol: name, problem })
}

fn take_varint(input: &mut &[u8]) -> Result<u64, Error> {
    let (number, rest) = peerloom_peer_id::decode_varint(input).map_err(|_| Error::Varint)?;
    *input = rest;
    Ok(number)
}

fn put_value<'a, V: Value<'a>>(value: &V, output: &mut Vec<u8>) {
    let bytes = value.encode();
    if V::LENGTH.is_none() {
        put_varint(output, bytes.len());
    }
    output.extend_from_slice(&bytes);
}

fn put_varint(output: &mut Vec<u8>, number: usize) {
    let mut buffer = unsigned_varint::encode::usize_buffer();
    output.extend_from_slice(unsigned_varint::encode::usize(number, &mut buffer));
}
