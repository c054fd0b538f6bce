package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	program "interop-go-program"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify/pb"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-msgio/pbio"
	"google.golang.org/protobuf/proto"
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

// Identify asks once more what the host has asked when it connected, to see the message itself.
func (c connection) Identify(ctx context.Context) ([]string, error) {
	stream, err := c.Open(ctx, identify.ID)
	if err != nil {
		return nil, err
	}
	message, err := readIdentify(stream)
	if err != nil {
		return nil, err
	}
	key, err := crypto.UnmarshalPublicKey(message.PublicKey)
	if err != nil {
		return nil, err
	}
	if !c.remote.MatchesPublicKey(key) {
		return nil, fmt.Errorf("the key is not that of %v", c.remote)
	}
	return message.Protocols, nil
}

// readIdentify puts the parts together in which the message may come.
func readIdentify(stream io.Reader) (*pb.Identify, error) {
	reader := pbio.NewDelimitedReader(stream, maxIdentify)
	whole := new(pb.Identify)
	for range maxIdentifyParts {
		part := new(pb.Identify)
		switch err := reader.ReadMsg(part); err {
		case nil:
			proto.Merge(whole, part)
		case io.EOF:
			return whole, nil
		default:
			return nil, err
		}
	}
	return nil, errors.New("it has too many parts")
}

// As large and as many as go-libp2p itself takes.
const (
	maxIdentify      = 8 * 1024
	maxIdentifyParts = 10
)
