// What both sides do on a stream; its first byte says what.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/libp2p/go-libp2p/core/network"
)

// serve is the listener's side: O answers a byte, E echoes to the end, U and a length takes that much and answers a
// byte, D and a length sends that much, R and a length takes that much and answers as much, again and again.
func serve(s network.Stream) error {
	var job [1]byte
	if _, err := io.ReadFull(s, job[:]); err != nil {
		return err
	}
	switch job[0] {
	case 'O':
		_, err := s.Write([]byte("o"))
		return err
	case 'E':
		return echo(s)
	}
	var bytes [8]byte
	if _, err := io.ReadFull(s, bytes[:]); err != nil {
		return err
	}
	length := binary.BigEndian.Uint64(bytes[:])
	switch job[0] {
	case 'U':
		if err := take(s, length, make([]byte, chunk())); err != nil {
			return err
		}
		_, err := s.Write([]byte("u"))
		return err
	case 'D':
		if err := give(s, length, filled(chunk())); err != nil {
			return err
		}
		if err := s.CloseWrite(); err != nil {
			return err
		}
		// The stream stays until the dialer has closed its side, as in the other stacks.
		s.Read(job[:])
		return nil
	case 'R':
		return respond(s, length)
	default:
		return fmt.Errorf("unknown job %d", job[0])
	}
}

func echo(s network.Stream) error {
	buffer := make([]byte, 32)
	for {
		length, err := s.Read(buffer)
		if length > 0 {
			if _, err := s.Write(buffer[:length]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func respond(s network.Stream, length uint64) error {
	buffer := make([]byte, min(length, uint64(chunk())))
	for {
		begun, err := s.Read(buffer)
		if begun == 0 && err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := take(s, length-uint64(begun), buffer); err != nil {
			return err
		}
		if err := give(s, length, buffer); err != nil {
			return err
		}
	}
}

func take(s network.Stream, left uint64, buffer []byte) error {
	for left > 0 {
		length, err := s.Read(buffer[:min(uint64(len(buffer)), left)])
		left -= uint64(length)
		if err != nil && left > 0 {
			return err
		}
	}
	return nil
}

func give(s network.Stream, left uint64, buffer []byte) error {
	for left > 0 {
		length, err := s.Write(buffer[:min(uint64(len(buffer)), left)])
		if err != nil {
			return err
		}
		left -= uint64(length)
	}
	return nil
}

func upload(c conn, bytes uint64, chunk int) error {
	return withStream(context.Background(), c, func(s network.Stream) error {
		if _, err := s.Write(order('U', bytes)); err != nil {
			return err
		}
		if err := give(s, bytes, filled(chunk)); err != nil {
			return err
		}
		return take(s, 1, make([]byte, 1))
	})
}

func download(c conn, bytes uint64) error {
	return withStream(context.Background(), c, func(s network.Stream) error {
		if _, err := s.Write(order('D', bytes)); err != nil {
			return err
		}
		return take(s, bytes, make([]byte, chunk()))
	})
}

// oneByte opens a stream, sends a byte, reads one back and closes; a deadline in ctx holds for all of it.
func oneByte(ctx context.Context, c conn) error {
	return withStream(ctx, c, func(s network.Stream) error {
		if deadline, ok := ctx.Deadline(); ok {
			s.SetDeadline(deadline)
		}
		if _, err := s.Write([]byte("O")); err != nil {
			return err
		}
		return take(s, 1, make([]byte, 1))
	})
}

func withStream(ctx context.Context, c conn, use func(network.Stream) error) error {
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	if err := use(s); err != nil {
		s.Reset()
		return err
	}
	s.Close()
	return nil
}

// openEcho gives a stream that echoes.
func openEcho(c conn) (network.Stream, error) {
	s, err := c.open(context.Background())
	if err != nil {
		return nil, err
	}
	if _, err := s.Write([]byte("E")); err != nil {
		return nil, err
	}
	return s, ping(s)
}

// ping sends 32 bytes and reads them back.
func ping(s network.Stream) error {
	buffer := message
	return request(s, 32, buffer[:])
}

// openRequests gives a stream on which requests of this length are answered by as much.
func openRequests(c conn, length uint64) (network.Stream, error) {
	s, err := c.open(context.Background())
	if err != nil {
		return nil, err
	}
	_, err = s.Write(order('R', length))
	return s, err
}

// request sends one and reads the response to it.
func request(s network.Stream, length uint64, buffer []byte) error {
	if err := give(s, length, buffer); err != nil {
		return err
	}
	return take(s, length, buffer)
}

func order(job byte, length uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{job}, length)
}

func filled(length int) []byte { return slices.Repeat([]byte{7}, length) }

// message is what a ping sends; an array, so that each sends a copy that is not allocated by hand.
var message = [32]byte(filled(32))
