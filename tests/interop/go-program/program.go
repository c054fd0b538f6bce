// Package program is the command line that ../README.md describes, for any version of go-libp2p that can be put behind Start.
package program

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// Start makes a node on a new identity, which listens where it is told to, if it is.
type Start func(layers Layers, listen string) (Node, error)

// Layers are what a connection is made of, by the name of the option. Nothing else is offered to the other side.
type Layers map[string]string

// Choices are what there is for each layer, the usual one first. Where there are none, the option takes any text.
type Choices map[string][]string

// A Node serves ping, identify and echo, and dials.
type Node interface {
	// Address is where a listening node is, its peer id included.
	Address() string
	// Dial connects to the peer that the address names.
	Dial(ctx context.Context, address string) (Connection, error)
	// Close says goodbye to everybody.
	Close() error
}

// Run does what the command line asks for, and ends the process.
func Run(start Start, choices Choices) {
	words := os.Args[1:]
	switch {
	case 1 <= len(words) && words[0] == "listen":
		if err := listen(start, parse(words[1:], choices)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case 3 <= len(words) && words[0] == "dial":
		address, name := words[1], words[2]
		if !strings.Contains(address, "/p2p/") {
			misused(address + " does not end in a peer id")
		}
		action, known := actions[name]
		if !known {
			misused("no action is called " + name)
		}
		layers := parse(words[3:], choices)
		report(name, limited(func(ctx context.Context) error { return dial(ctx, start, layers, address, action) }))
	default:
		misused("listen [options] | dial ADDRESS ping|identify|echo|streams|bulk [options]")
	}
}

// listen prints where the node is, and serves until standard input ends.
func listen(start Start, layers Layers) error {
	node, err := start(layers, anyPort[layers["transport"]])
	if err != nil {
		return err
	}
	fmt.Println(node.Address())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return node.Close()
}

// dial connects, does what is asked, and says goodbye.
func dial(ctx context.Context, start Start, layers Layers, address string, action action) error {
	node, err := start(layers, "")
	if err != nil {
		return err
	}
	connection, err := node.Dial(ctx, address)
	if err != nil {
		return fmt.Errorf("the dial failed: %w", err)
	}
	if err := action(ctx, connection); err != nil {
		return err
	}
	return node.Close()
}

func parse(words []string, choices Choices) Layers {
	flags := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	layers := Layers{}
	for name, known := range choices {
		if 0 < len(known) {
			layers[name] = known[0]
		}
		flags.Func(name, strings.Join(known, " | "), func(given string) error {
			if 0 < len(known) && !slices.Contains(known, given) {
				return fmt.Errorf("there are: %s", strings.Join(known, " | "))
			}
			layers[name] = given
			return nil
		})
	}
	flags.Parse(words)
	if 0 < flags.NArg() {
		misused("nobody asked for " + flags.Arg(0))
	}
	return layers
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
	if err == nil {
		said.Action = action
	} else {
		said.Error = err.Error()
	}
	json.NewEncoder(os.Stdout).Encode(said)
	if err != nil {
		os.Exit(1)
	}
}

func misused(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(2)
}

var anyPort = map[string]string{"tcp": "/ip4/127.0.0.1/tcp/0", "ws": "/ip4/127.0.0.1/tcp/0/ws"}

// How long a dial and its action may take in all.
const timeLimit = 30 * time.Second
