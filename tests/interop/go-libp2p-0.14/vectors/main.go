// Records what two go-libp2p-secio ends say to each other, with their secrets, one file for each choice of algorithms.
//
//	go run . ../../../../crates/secio/tests/vectors
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	secio "github.com/libp2p/go-libp2p-secio"
)

// A vector is one connection: what was agreed on, and all that each end knew and sent.
type vector struct {
	Source   string `json:"source"`
	Exchange string `json:"exchange"`
	Cipher   string `json:"cipher"`
	Hash     string `json:"hash"`
	Dialer   end    `json:"dialer"`
	Listener end    `json:"listener"`
}

// An end of the connection, everything in hexadecimal.
type end struct {
	// The private key as libp2p's protobuf.
	Identity string `json:"identity"`
	Nonce    string `json:"nonce"`
	// The scalar of the ephemeral key, as wide as the curve's order.
	Ephemeral string `json:"ephemeral"`
	// The frames with their lengths: propose, exchange, the other side's nonce, data.
	Sent []string `json:"sent"`
	// What the data frames hold.
	Data []string `json:"data"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vectors FOLDER")
		os.Exit(2)
	}
	if err := recordAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// recordAll writes a file for every choice, and some more for what Go makes of a shared secret that begins with zeros.
func recordAll(folder string) error {
	for _, exchange := range []string{"P-256", "P-384", "P-521"} {
		for _, cipher := range []string{"AES-128", "AES-256", "Blowfish"} {
			for _, hash := range []string{"SHA256", "SHA512"} {
				if err := write(folder, choice{exchange, cipher, hash}, 0); err != nil {
					return err
				}
			}
		}
	}
	for _, extra := range []struct {
		choice
		zeros int
	}{
		{choice{"P-256", "AES-256", "SHA256"}, 1},
		{choice{"P-384", "AES-256", "SHA512"}, 1},
		{choice{"P-521", "AES-128", "SHA512"}, 1},
		{choice{"P-521", "AES-256", "SHA256"}, 2},
	} {
		if err := write(folder, extra.choice, extra.zeros); err != nil {
			return err
		}
	}
	return nil
}

type choice struct{ exchange, cipher, hash string }

// write records a connection whose shared secret begins with so many zero bytes, and puts it into a file.
func write(folder string, choice choice, zeros int) error {
	secio.SupportedExchanges = choice.exchange
	secio.SupportedCiphers = choice.cipher
	secio.SupportedHashes = choice.hash
	vector := vector{Source: source, Exchange: choice.exchange, Cipher: choice.cipher, Hash: choice.hash}
	for {
		var found int
		var err error
		if vector.Dialer, vector.Listener, found, err = connect(choice.exchange); err != nil {
			return err
		}
		if found == zeros {
			break
		}
	}
	text, err := json.MarshalIndent(vector, "", "  ")
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s_%s_%s%s.json", choice.exchange, choice.cipher, choice.hash, zeroNames[zeros])
	return os.WriteFile(filepath.Join(folder, name), append(text, '\n'), 0o644)
}

var zeroNames = [...]string{"", "_leading-zero", "_two-leading-zeros"}

const source = "go-libp2p-secio v0.1.0, recorded with tests/interop/go-libp2p-0.14/vectors"
