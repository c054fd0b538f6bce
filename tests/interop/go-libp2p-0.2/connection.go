package main

import (
	"context"

	program "interop-go-program"

	"github.com/libp2p/go-libp2p-core/crypto"
	"github.com/libp2p/go-libp2p-core/network"
	"github.com/libp2p/go-libp2p-core/peer"
	"github.com/libp2p/go-libp2p-core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
)

type connection struct {
	node
	remote peer.ID
}

func (c connection) Ping(ctx context.Context, times int) error {
	answers := ping.Ping(ctx, c, c.remote)
	for range times {
		if answer := <-answers; answer.Error != nil {
			return answer.Error
		}
	}
	return nil
}

func (c connection) Open(ctx context.Context, name string) (program.Stream, error) {
	stream, err := c.NewStream(ctx, c.remote, protocol.ID(name))
	return halfCloser{stream}, err
}

func (c connection) HasKey(encoded []byte) (bool, error) {
	key, err := crypto.UnmarshalPublicKey(encoded)
	return err == nil && c.remote.MatchesPublicKey(key), err
}

// A halfCloser is a stream with today's names: what was called Close in 2019 ends only our side.
type halfCloser struct{ network.Stream }

func (s halfCloser) CloseWrite() error { return s.Stream.Close() }
