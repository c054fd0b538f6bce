package main

import (
	"context"
	"crypto/rand"
	"os"

	program "interop-go-program"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	tls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ws "github.com/libp2p/go-libp2p/p2p/transport/websocket"
)

// A node is a host that serves echo. Of itself it serves ping and identify.
type node struct{ host.Host }

func start(layers program.Layers, listen string) (program.Node, error) {
	identity, _, err := crypto.GenerateKeyPairWithReader(keyTypes[layers["key-type"]], rsaBits, rand.Reader)
	if err != nil {
		return nil, err
	}
	options := []libp2p.Option{
		libp2p.Identity(identity),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Transport(ws.New),
		securities[layers["security"]],
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.DisableRelay(),
		// The usual one lets a peer have some 64 streams of a protocol.
		libp2p.ResourceManager(new(network.NullResourceManager)),
	}
	if listen == "" {
		options = append(options, libp2p.NoListenAddrs)
	} else {
		options = append(options, libp2p.ListenAddrStrings(listen))
	}
	if path := layers["swarm-key"]; path != "" {
		key, err := readSwarmKey(path)
		if err != nil {
			return nil, err
		}
		options = append(options, libp2p.PrivateNetwork(key))
	}
	host, err := libp2p.New(options...)
	if err != nil {
		return nil, err
	}
	host.SetStreamHandler(program.Echo, func(stream network.Stream) { program.ServeEcho(stream) })
	return node{host}, nil
}

var securities = map[string]libp2p.Option{
	"noise": libp2p.Security(noise.ID, noise.New),
	"tls":   libp2p.Security(tls.ID, tls.New),
}

func (n node) Address() string {
	return n.Network().ListenAddresses()[0].String() + "/p2p/" + n.ID().String()
}

func (n node) Dial(ctx context.Context, text string) (program.Connection, error) {
	remote, err := peer.AddrInfoFromString(text)
	if err != nil {
		return nil, err
	}
	return connection{n, remote.ID}, n.Connect(ctx, *remote)
}

func readSwarmKey(path string) (pnet.PSK, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return pnet.DecodeV1PSK(file)
}

var keyTypes = map[string]int{
	"ed25519":   crypto.Ed25519,
	"secp256k1": crypto.Secp256k1,
	"ecdsa":     crypto.ECDSA,
	"rsa":       crypto.RSA,
}

const rsaBits = 2048
