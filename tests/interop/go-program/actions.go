package program

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A Connection is all that a dialer needs of the node and its peer.
type Connection interface {
	// Ping waits for so many answers.
	Ping(ctx context.Context, times int) error
	// HasKey says whether the public key, as libp2p encodes it, makes the peer's id.
	HasKey(encoded []byte) (bool, error)
	// Open gives a stream that speaks a protocol.
	Open(ctx context.Context, protocol string) (Stream, error)
}

// A Stream of any version of go-libp2p.
type Stream interface {
	io.ReadWriteCloser
	CloseWrite() error
	Reset() error
}

// Echo is what every node serves.
const Echo = "/echo/1.0.0"

// ServeEcho copies until the end, then half-closes.
func ServeEcho(stream Stream) {
	if _, err := io.Copy(stream, stream); err != nil {
		stream.Reset()
		return
	}
	stream.Close()
}

// An action is what a dialer does with the other node.
type action func(context.Context, Connection) error

var actions = map[string]action{
	"ping":     ping,
	"identify": identify,
	"echo":     echoes(1, mib),
	"streams":  echoes(100, 8*kib),
	"bulk":     echoes(1, 8*mib),
}

func ping(ctx context.Context, connection Connection) error {
	if err := connection.Ping(ctx, pings); err != nil {
		return fmt.Errorf("a ping failed: %w", err)
	}
	return nil
}

// identify asks once more what the node has asked when it connected, to see the message itself.
func identify(ctx context.Context, connection Connection) error {
	stream, err := connection.Open(ctx, "/ipfs/id/1.0.0")
	if err != nil {
		return fmt.Errorf("no stream could be opened: %w", err)
	}
	key, protocols, err := readIdentify(stream)
	if err != nil {
		return fmt.Errorf("identify failed: %w", err)
	}
	hasKey, err := connection.HasKey(key)
	if err != nil {
		return fmt.Errorf("the public key cannot be read: %w", err)
	}
	if !hasKey {
		return errors.New("the public key is another peer's")
	}
	if !slices.Contains(protocols, Echo) {
		return fmt.Errorf("lists %v", protocols)
	}
	return nil
}

// echoes is the action that has some echo streams open at once, and sends so much on each.
func echoes(count, length int) action {
	return func(ctx context.Context, connection Connection) error {
		// All of them are open before the first byte is sent.
		streams := make([]Stream, count)
		for i := range streams {
			stream, err := connection.Open(ctx, Echo)
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
func echo(stream Stream, length int) error {
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

func send(stream Stream, bytes []byte) error {
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

	pings = 3

	// Divides no frame, record or buffer of anybody's.
	oddChunk = 7_919

	// How much of the echo waits until our side is half-closed: fits into every muxer's window.
	readAfterClose = 64 * kib
)
