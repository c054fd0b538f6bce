package main

import (
	"context"

	program "interop-go-program"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
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
	return c.NewStream(ctx, c.remote, protocol.ID(name))
}

func (c connection) HasKey(encoded []byte) (bool, error) {
	key, err := crypto.UnmarshalPublicKey(encoded)
	return err == nil && c.remote.MatchesPublicKey(key), err
}
