package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	pb "github.com/libp2p/go-libp2p-secio/pb"
)

// Draws are all the random bytes that were asked for while they were recorded.
type draws struct {
	source io.Reader
	lock   sync.Mutex
	drawn  [][]byte
}

// recordDraws puts itself in the place of the source of randomness, from which secio makes its ephemeral keys.
func recordDraws() *draws {
	draws := &draws{source: rand.Reader}
	rand.Reader = draws
	return draws
}

func (d *draws) stop() { rand.Reader = d.source }

func (d *draws) Read(buffer []byte) (int, error) {
	n, err := d.source.Read(buffer)
	d.lock.Lock()
	defer d.lock.Unlock()
	d.drawn = append(d.drawn, bytes.Clone(buffer[:n]))
	return n, err
}

// ephemeral finds the draw from which the public key that was sent was made.
func (p *peer) ephemeral(exchange string, draws *draws) (*ecdh.PrivateKey, error) {
	var message pb.Exchange
	if err := message.Unmarshal(p.frames()[1][4:]); err != nil {
		return nil, err
	}
	draws.lock.Lock()
	defer draws.lock.Unlock()
	for _, drawn := range draws.drawn {
		if len(drawn) != widths[exchange] {
			continue
		}
		// As elliptic.GenerateKey does it.
		scalar := bytes.Clone(drawn)
		if exchange == "P-521" {
			scalar[0] &= 0x01
		}
		scalar[1] ^= 0x42
		key, err := curves[exchange].NewPrivateKey(scalar)
		if err == nil && bytes.Equal(key.PublicKey().Bytes(), message.Epubkey) {
			return key, nil
		}
	}
	return nil, errors.New("the ephemeral key was made from none of the draws")
}

// end is what the peer knew and sent.
func (p *peer) end(ephemeral *ecdh.PrivateKey) (end, error) {
	var message pb.Propose
	frames := p.frames()
	if err := message.Unmarshal(frames[0][4:]); err != nil {
		return end{}, err
	}
	identity, err := p.identity.Bytes()
	if err != nil {
		return end{}, err
	}
	sent := make([]string, len(frames))
	for i, frame := range frames {
		sent[i] = hex.EncodeToString(frame)
	}
	return end{
		Identity:  hex.EncodeToString(identity),
		Nonce:     hex.EncodeToString(message.Rand),
		Ephemeral: hex.EncodeToString(ephemeral.Bytes()),
		Sent:      sent,
		Data:      p.data,
	}, nil
}

var curves = map[string]ecdh.Curve{"P-256": ecdh.P256(), "P-384": ecdh.P384(), "P-521": ecdh.P521()}

// How many bytes a scalar of each curve has.
var widths = map[string]int{"P-256": 32, "P-384": 48, "P-521": 66}
