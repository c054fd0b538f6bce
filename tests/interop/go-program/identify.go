package program

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// readIdentify reads an identify message, which may come in several parts, for its public key and protocols.
func readIdentify(stream io.Reader) (key []byte, protocols []string, err error) {
	parts := bufio.NewReader(io.LimitReader(stream, maxIdentify))
	for {
		part, err := readBytes(parts)
		if err == io.EOF {
			return key, protocols, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("a part: %w", err)
		}
		for fields := bytes.NewReader(part); 0 < fields.Len(); {
			tag, err := binary.ReadUvarint(fields)
			if err != nil {
				return nil, nil, fmt.Errorf("a tag: %w", err)
			}
			if tag&7 != withLength {
				return nil, nil, fmt.Errorf("a field with the tag %d", tag)
			}
			value, err := readBytes(fields)
			if err != nil {
				return nil, nil, fmt.Errorf("a field: %w", err)
			}
			switch tag >> 3 {
			case publicKeyField:
				key = value
			case protocolsField:
				protocols = append(protocols, string(value))
			}
		}
	}
}

// readBytes reads a length and as many bytes; where there is no length either, the error is io.EOF.
func readBytes(reader interface {
	io.Reader
	io.ByteReader
}) ([]byte, error) {
	length, err := binary.ReadUvarint(reader)
	if err != nil {
		return nil, err
	}
	if maxIdentify < length {
		return nil, errors.New("too long")
	}
	bytes := make([]byte, length)
	if _, err := io.ReadFull(reader, bytes); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return bytes, nil
}

const (
	publicKeyField = 1
	protocolsField = 3

	// The wire type of all that identify has: bytes and texts.
	withLength = 2

	// go-libp2p itself takes ten parts of 8 KiB.
	maxIdentify = 10 * 8 * kib
)
