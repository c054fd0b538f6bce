package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"

	"github.com/libp2p/go-libp2p-core/crypto"
	"github.com/libp2p/go-libp2p-core/sec"
	secio "github.com/libp2p/go-libp2p-secio"
)

// connect lets two new peers shake hands and exchange data, and tells with how many zero bytes their secret begins.
func connect(exchange string) (dialer, listener end, zeros int, err error) {
	dialerPipe, listenerPipe := net.Pipe()
	defer dialerPipe.Close()
	defer listenerPipe.Close()
	dialing, err := newPeer(dialerPipe)
	if err != nil {
		return
	}
	listening, err := newPeer(listenerPipe)
	if err != nil {
		return
	}

	draws := recordDraws()
	defer draws.stop()
	err = both(
		func() (err error) {
			dialing.secured, err = dialing.transport.SecureOutbound(context.Background(), dialing, listening.transport.LocalID)
			return
		},
		func() (err error) {
			listening.secured, err = listening.transport.SecureInbound(context.Background(), listening)
			return
		},
	)
	if err != nil {
		return
	}
	for _, size := range dataSizes {
		if err = dialing.send(listening, size); err != nil {
			return
		}
		if err = listening.send(dialing, size); err != nil {
			return
		}
	}

	dialerKey, err := dialing.ephemeral(exchange, draws)
	if err != nil {
		return
	}
	listenerKey, err := listening.ephemeral(exchange, draws)
	if err != nil {
		return
	}
	secret, err := dialerKey.ECDH(listenerKey.PublicKey())
	if err != nil {
		return
	}
	zeros = len(secret) - len(bytes.TrimLeft(secret, "\x00"))
	if dialer, err = dialing.end(dialerKey); err != nil {
		return
	}
	listener, err = listening.end(listenerKey)
	return
}

// A peer writes to its connection what it also keeps.
type peer struct {
	net.Conn
	identity  crypto.PrivKey
	transport *secio.Transport
	secured   sec.SecureConn
	sent      bytes.Buffer
	data      []string
}

func newPeer(conn net.Conn) (*peer, error) {
	identity, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, err
	}
	transport, err := secio.New(identity)
	return &peer{Conn: conn, identity: identity, transport: transport}, err
}

func (p *peer) Write(bytes []byte) (int, error) {
	p.sent.Write(bytes)
	return p.Conn.Write(bytes)
}

// send brings random bytes to the other end in one frame.
func (p *peer) send(to *peer, size int) error {
	data, received := make([]byte, size), make([]byte, size)
	rand.Read(data)
	p.data = append(p.data, hex.EncodeToString(data))
	err := both(
		func() error { _, err := p.secured.Write(data); return err },
		func() error { _, err := io.ReadFull(to.secured, received); return err },
	)
	if err == nil && !bytes.Equal(data, received) {
		err = errors.New("other data arrived than was sent")
	}
	return err
}

// frames cuts what was sent where the lengths say.
func (p *peer) frames() (frames [][]byte) {
	for rest := p.sent.Bytes(); 0 < len(rest); {
		length := 4 + binary.BigEndian.Uint32(rest)
		frames = append(frames, rest[:length])
		rest = rest[length:]
	}
	return
}

// both runs two functions at once; the first error to come is the outcome.
func both(one, other func() error) error {
	outcomes := make(chan error, 2)
	go func() { outcomes <- one() }()
	go func() { outcomes <- other() }()
	if err := <-outcomes; err != nil {
		return err
	}
	return <-outcomes
}

// The running counter of the ciphers stops within a block, and goes on there.
var dataSizes = [...]int{1, 100, 300}
