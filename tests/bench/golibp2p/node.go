// One host of go-libp2p: how it is built for each variant, how it dials, opens and closes.
package main

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	tls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/x/rate"
	ma "github.com/multiformats/go-multiaddr"
)

type node struct{ host host.Host }

// conn is the one connection of a host with a peer: it never dials a peer that it is connected to.
type conn struct {
	host host.Host
	raw  network.Conn
}

func newNode(variant string, listen bool) (*node, error) {
	options, err := options(variant)
	if err != nil {
		return nil, err
	}
	if listen {
		options = append(options, libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	} else {
		options = append(options, libp2p.NoListenAddrs)
	}
	host, err := libp2p.New(options...)
	if err != nil {
		return nil, err
	}
	if listen {
		host.SetStreamHandler(protocol, func(s network.Stream) {
			if serve(s) != nil {
				s.Reset()
			} else {
				s.Close()
			}
		})
	}
	return &node{host}, nil
}

// options switches off what would limit a host or talk by itself; identify cannot be.
func options(variant string) ([]libp2p.Option, error) {
	security := libp2p.Security(noise.ID, noise.New)
	switch variant {
	case "noise":
	case "tls":
		security = libp2p.Security(tls.ID, tls.New)
	default:
		return nil, fmt.Errorf("unknown variant %s", variant)
	}
	limits, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(rcmgr.InfiniteLimits),
		rcmgr.WithConnRateLimiters(&rate.Limiter{}), rcmgr.WithMetricsDisabled())
	if err != nil {
		return nil, err
	}
	return []libp2p.Option{
		libp2p.Transport(tcp.NewTCPTransport),
		security,
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.ResourceManager(limits),
		libp2p.ConnectionManager(connmgr.NullConnMgr{}),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.ForceReachabilityPrivate(),
		libp2p.Ping(false),
		// With an address announced, a dialer behind a line learns the way round it.
		libp2p.AddrsFactory(func([]ma.Multiaddr) []ma.Multiaddr { return nil }),
	}, nil
}

// address is what another process dials.
func (n *node) address() string {
	return fmt.Sprintf("%s/p2p/%s", n.host.Network().ListenAddresses()[0], n.host.ID())
}

// dial returns when the host says that it is connected, for which it waits for identify.
func (n *node) dial(address string) (conn, error) {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return conn{}, err
	}
	store := n.host.Peerstore()
	store.ClearAddrs(info.ID)
	store.AddAddrs(info.ID, info.Addrs, peerstore.PermanentAddrTTL)
	if err := n.host.Connect(context.Background(), peer.AddrInfo{ID: info.ID}); err != nil {
		return conn{}, err
	}
	conns := n.host.Network().ConnsToPeer(info.ID)
	if len(conns) != 1 {
		return conn{}, fmt.Errorf("%d connections after a dial", len(conns))
	}
	return conn{n.host, conns[0]}, nil
}

func (c conn) open(ctx context.Context) (network.Stream, error) {
	return c.host.NewStream(network.WithNoDial(ctx, "bench"), c.raw.RemotePeer(), protocol)
}

func (c conn) close() { c.raw.Close() }

const protocol = "/bench/1"
