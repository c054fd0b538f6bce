// A go-libp2p 0.14 node that listens or dials, so that Peerloom can be tested against it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p-core/peer"
	secio "github.com/libp2p/go-libp2p-secio"
	"github.com/multiformats/go-multiaddr"
)

// What the connection is made of; nothing else is offered to the other side.
type layers struct {
	transport, security, muxer, keyType string
	// A file with the key of a private network, if the node belongs to one.
	swarmKey string
}

func main() {
	words := os.Args[1:]
	switch {
	case 1 <= len(words) && words[0] == "listen":
		if err := listen(parse(words[1:])); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case 3 <= len(words) && words[0] == "dial":
		address, err := parseAddress(words[1])
		if err != nil {
			misused(err)
		}
		action, known := actions[words[2]]
		if !known {
			misused(fmt.Errorf("no action is called %s", words[2]))
		}
		layers := parse(words[3:])
		report(words[2], limited(func(ctx context.Context) error { return dial(ctx, *address, action, layers) }))
	default:
		misused(fmt.Errorf("listen [options] | dial ADDRESS ping|identify|echo|streams|bulk [options]"))
	}
}

func parseAddress(word string) (*peer.AddrInfo, error) {
	address, err := multiaddr.NewMultiaddr(word)
	if err != nil {
		return nil, err
	}
	return peer.AddrInfoFromP2pAddr(address)
}

// parse reads the options; what secio may choose from is for the whole program.
func parse(words []string) (layers layers) {
	flags := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	oneOf(flags, "transport", &layers.transport, "tcp", "ws")
	oneOf(flags, "security", &layers.security, "noise", "secio")
	oneOf(flags, "muxer", &layers.muxer, "yamux", "mplex")
	oneOf(flags, "key-type", &layers.keyType, "ed25519", "secp256k1", "ecdsa", "rsa")
	oneOf(flags, "exchange", &secio.SupportedExchanges, secio.DefaultSupportedExchanges, "P-256", "P-384", "P-521")
	oneOf(flags, "cipher", &secio.SupportedCiphers, secio.DefaultSupportedCiphers, "AES-128", "AES-256")
	oneOf(flags, "hash", &secio.SupportedHashes, secio.DefaultSupportedHashes, "SHA256", "SHA512")
	flags.StringVar(&layers.swarmKey, "swarm-key", "", "the file with the private network's key")
	flags.Parse(words)
	if 0 < flags.NArg() {
		misused(fmt.Errorf("nobody asked for %s", flags.Arg(0)))
	}
	return
}

// oneOf defines an option with a few values, of which the first is the usual one.
func oneOf(flags *flag.FlagSet, name string, value *string, choices ...string) {
	*value = choices[0]
	flags.Func(name, strings.Join(choices, " | "), func(given string) error {
		if !slices.Contains(choices, given) {
			return fmt.Errorf("choose %s", strings.Join(choices, " | "))
		}
		*value = given
		return nil
	})
}

// limited gives up on what takes too long.
func limited(work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	outcome := make(chan error, 1)
	go func() { outcome <- work(ctx) }()
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
		return fmt.Errorf("not done after %v", timeLimit)
	}
}

func report(action string, err error) {
	said := struct {
		Ok     bool   `json:"ok"`
		Action string `json:"action,omitempty"`
		Error  string `json:"error,omitempty"`
	}{Ok: err == nil}
	if err != nil {
		said.Error = err.Error()
	} else {
		said.Action = action
	}
	json.NewEncoder(os.Stdout).Encode(said)
	if err != nil {
		os.Exit(1)
	}
}

func misused(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

// How long a dial and its action may take in all.
const timeLimit = 30 * time.Second
