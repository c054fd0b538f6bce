package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gogo/protobuf/proto"
	"github.com/libp2p/go-libp2p-core/crypto"
	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/network"
	"github.com/libp2p/go-libp2p-core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify/pb"
	pings "github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-msgio/protoio"
)

// An action is what a dialer does with the other node.
type action func(context.Context, host.Host, peer.ID) error

var actions = map[string]action{
	"ping":     ping,
	"identify": identifies,
	"echo":     echoes(1, mib),
	"streams":  echoes(100, 8*kib),
	"bulk":     echoes(1, 8*mib),
}

func ping(ctx context.Context, node host.Host, remote peer.ID) error {
	answers := pings.Ping(ctx, node, remote)
	for range pingCount {
		if answer := <-answers; answer.Error != nil {
			return fmt.Errorf("a ping failed: %w", answer.Error)
		}
	}
	return nil
}

// identifies asks once more what the host has asked when it connected, to see the message itself.
func identifies(ctx context.Context, node host.Host, remote peer.ID) error {
	stream, err := node.NewStream(ctx, remote, identify.ID)
	if err != nil {
		return fmt.Errorf("no stream could be opened: %w", err)
	}
	message, err := readIdentify(stream)
	if err != nil {
		return fmt.Errorf("identify failed: %w", err)
	}
	key, err := crypto.UnmarshalPublicKey(message.PublicKey)
	if err != nil {
		return fmt.Errorf("the public key cannot be read: %w", err)
	}
	if !remote.MatchesPublicKey(key) {
		return fmt.Errorf("the key is not that of %v", remote)
	}
	if !slices.Contains(message.Protocols, echoProtocol) {
		return fmt.Errorf("lists %v", message.Protocols)
	}
	return nil
}

// readIdentify puts the parts together in which the message may come.
func readIdentify(stream network.Stream) (*identify_pb.Identify, error) {
	reader := protoio.NewDelimitedReader(stream, maxIdentify)
	whole := new(identify_pb.Identify)
	for range maxIdentifyParts {
		part := new(identify_pb.Identify)
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

// echoes is the action that has some echo streams open at once, and sends so much on each.
func echoes(count, length int) action {
	return func(ctx context.Context, node host.Host, remote peer.ID) error {
		// All of them are open before the first byte is sent.
		streams := make([]network.Stream, count)
		for i := range streams {
			stream, err := node.NewStream(ctx, remote, echoProtocol)
			if err != nil {
				return fmt.Errorf("no stream could be opened: %w", err)
			}
			streams[i] = stream
		}
		outcomes := make(chan error, count)
		for _, stream := range streams {
			go func() { outcomes <- echo(stream, length) }()
		}
		for range streams {
			if err := <-outcomes; err != nil {
				return err
			}
		}
		return nil
	}
}

// echo sends random bytes and half-closes while it reads the echo, the last part of it only afterwards.
func echo(stream network.Stream, length int) error {
	sent := make([]byte, length)
	rand.Read(sent)
	sending := make(chan error, 1)
	go func() { sending <- send(stream, sent) }()

	received := make([]byte, max(0, length-readAfterClose))
	if _, err := io.ReadFull(stream, received); err != nil {
		return fmt.Errorf("a read failed: %w", err)
	}
	if err := <-sending; err != nil {
		return err
	}
	rest, err := io.ReadAll(stream)
	if err != nil {
		return fmt.Errorf("a read after the half-close failed: %w", err)
	}
	if received = append(received, rest...); !bytes.Equal(received, sent) {
		return fmt.Errorf("%d bytes came back as %d others", length, len(received))
	}
	return stream.Close()
}

func send(stream network.Stream, bytes []byte) error {
	for chunk := range slices.Chunk(bytes, oddChunk) {
		if _, err := stream.Write(chunk); err != nil {
			return fmt.Errorf("a write failed: %w", err)
		}
	}
	if err := stream.CloseWrite(); err != nil {
		return fmt.Errorf("the half-close failed: %w", err)
	}
	return nil
}

const (
	kib = 1024
	mib = 1024 * kib

	pingCount = 3

	// As large and as many as go-libp2p itself takes.
	maxIdentify      = 8 * kib
	maxIdentifyParts = 10

	// Divides no frame, record or buffer of anybody's.
	oddChunk = 7_919

	// How much of the echo waits until our side is half-closed: fits into every muxer's window.
	readAfterClose = 64 * kib
)
