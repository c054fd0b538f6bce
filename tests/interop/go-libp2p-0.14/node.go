package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p-core/crypto"
	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/network"
	"github.com/libp2p/go-libp2p-core/peer"
	"github.com/libp2p/go-libp2p-core/pnet"
	mplex "github.com/libp2p/go-libp2p-mplex"
	noise "github.com/libp2p/go-libp2p-noise"
	secio "github.com/libp2p/go-libp2p-secio"
	yamux "github.com/libp2p/go-libp2p-yamux"
	tcp "github.com/libp2p/go-tcp-transport"
	ws "github.com/libp2p/go-ws-transport"
)

// listen prints where the node is, and serves until standard input ends.
func listen(layers layers) error {
	node, err := newNode(layers, libp2p.ListenAddrStrings(wildcards[layers.transport]))
	if err != nil {
		return err
	}
	node.SetStreamHandler(echoProtocol, serveEcho)
	here := peer.AddrInfo{ID: node.ID(), Addrs: node.Network().ListenAddresses()}
	addresses, err := peer.AddrInfoToP2pAddrs(&here)
	if err != nil {
		return err
	}
	fmt.Println(addresses[0])
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return node.Close()
}

// dial connects, does what is asked, and says goodbye.
func dial(ctx context.Context, address peer.AddrInfo, action action, layers layers) error {
	node, err := newNode(layers, libp2p.NoListenAddrs)
	if err != nil {
		return err
	}
	defer node.Close()
	if err := node.Connect(ctx, address); err != nil {
		return fmt.Errorf("the dial failed: %w", err)
	}
	return action(ctx, node, address.ID)
}

// newNode is a host on a new identity. Of itself it serves ping and identify.
func newNode(layers layers, listen libp2p.Option) (host.Host, error) {
	identity, _, err := crypto.GenerateKeyPairWithReader(keyTypes[layers.keyType], rsaBits, rand.Reader)
	if err != nil {
		return nil, err
	}
	options := []libp2p.Option{
		listen,
		libp2p.Identity(identity),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Transport(ws.New),
		securities[layers.security],
		muxers[layers.muxer],
		libp2p.DisableRelay(),
	}
	if layers.swarmKey != "" {
		file, err := os.Open(layers.swarmKey)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		key, err := pnet.DecodeV1PSK(file)
		if err != nil {
			return nil, err
		}
		options = append(options, libp2p.PrivateNetwork(key))
	}
	return libp2p.New(context.Background(), options...)
}

// serveEcho copies until the end, then half-closes.
func serveEcho(stream network.Stream) {
	if _, err := io.Copy(stream, stream); err != nil {
		stream.Reset()
		return
	}
	stream.Close()
}

const echoProtocol = "/echo/1.0.0"

var wildcards = map[string]string{"tcp": "/ip4/127.0.0.1/tcp/0", "ws": "/ip4/127.0.0.1/tcp/0/ws"}

var securities = map[string]libp2p.Option{
	"noise": libp2p.Security(noise.ID, noise.New),
	"secio": libp2p.Security(secio.ID, secio.New),
}

var muxers = map[string]libp2p.Option{
	"yamux": libp2p.Muxer("/yamux/1.0.0", yamux.DefaultTransport),
	"mplex": libp2p.Muxer("/mplex/6.7.0", mplex.DefaultTransport),
}

var keyTypes = map[string]int{
	"ed25519":   crypto.Ed25519,
	"secp256k1": crypto.Secp256k1,
	"ecdsa":     crypto.ECDSA,
	"rsa":       crypto.RSA,
}

const rsaBits = 2048
