// go-libp2p under the bench: the command line, the settings, the jobs and the scenarios of ../harness, in Go.
// Variants: noise, tls (both tcp and yamux).
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"
)

func main() {
	runtime.GOMAXPROCS(int(setting("PB_THREADS", 2)))
	args := os.Args[1:]
	switch {
	case len(args) == 2 && args[1] == "listen":
		listen(args[0])
	case len(args) == 4 && args[1] == "dial":
		dial(target{variant: args[0], address: args[2]}, args[3])
	default:
		fmt.Fprintln(os.Stderr, "usage: <program> <variant> listen | <program> <variant> dial <address> <scenario>")
		os.Exit(2)
	}
}

// listen serves until stdin ends.
func listen(variant string) {
	n, err := newNode(variant, true)
	if err != nil {
		fmt.Fprintln(os.Stderr, "could not listen:", err)
		os.Exit(1)
	}
	fmt.Println("LISTEN", os.Getpid(), n.address())
	io.Copy(io.Discard, os.Stdin)
}

func dial(t target, name string) {
	limit := time.Duration(setting("PB_LIMIT_SECS", 120) * float64(time.Second))
	time.AfterFunc(limit, func() { finish(nil, fmt.Errorf("time limit")) })
	var err error
	if t.node, err = newNode(t.variant, false); err != nil {
		finish(nil, err)
	}
	finish(scenario(t, name))
}

// finish prints the one JSON object of a dialer and leaves.
func finish(out fields, err error) {
	code := 0
	if err != nil {
		out, code = fields{"error": err.Error()}, 1
	} else {
		out["peak_rss_dialer"], out["peak_rss_listener"] = peak(os.Getpid()), peak(listener())
	}
	line, err := json.Marshal(out)
	if err != nil {
		line, code = []byte(`{"error": "a figure that is none"}`), 1
	}
	fmt.Println(string(line))
	os.Exit(code)
}

// scenario runs one by its name.
func scenario(t target, name string) (fields, error) {
	onConn := map[string]func(conn) (fields, error){
		"bulk_up":      bulkUp,
		"bulk_down":    bulkDown,
		"bulk_4k":      bulkSmallWrites,
		"bulk8":        bulkEight,
		"slow_reader":  bulkBesideASlowOne,
		"pingpong":     pingpong,
		"requests":     requests,
		"open_seq":     openOneByOne,
		"open_64":      openFrom64,
		"mem_streams":  memoryOfStreams,
		"grow_streams": growStreams,
		"grow_message": growMessage,
	}
	onTarget := map[string]func(target) (fields, error){
		"conn":        func(t target) (fields, error) { return connectOneByOne(t, false) },
		"connecho":    func(t target) (fields, error) { return connectOneByOne(t, true) },
		"connect_100": connectAtOnce,
		"mem_conns":   memoryOfConnections,
		"rtt":         roundTrips,
		"lossy":       lossy,
		"grow_conns":  growConnections,
	}
	if measure, ok := onTarget[name]; ok {
		return measure(t)
	}
	measure, ok := onConn[name]
	if !ok {
		return nil, fmt.Errorf("unknown scenario %s", name)
	}
	c, err := t.dial()
	if err != nil {
		return nil, err
	}
	return measure(c)
}

// target is the listener, and a node that dials it.
type target struct {
	node             *node
	variant, address string
}

func (t target) dial() (conn, error) { return t.node.dial(t.address) }

// nodes makes so many: a host has but one connection with a peer.
func (t target) nodes(count int) ([]*node, error) {
	nodes := make([]*node, count)
	for i := range nodes {
		var err error
		if nodes[i], err = newNode(t.variant, false); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

type fields map[string]any

// setting reads a number from the environment.
func setting(name string, otherwise float64) float64 {
	if value, err := strconv.ParseFloat(os.Getenv(name), 64); err == nil {
		return value
	}
	return otherwise
}

func chunk() int { return int(setting("PB_CHUNK", 64*1024)) }

func bulkBytes() uint64 { return uint64(setting("PB_BYTES", 1<<30)) }

func duration() time.Duration { return time.Duration(setting("PB_SECS", 2) * float64(time.Second)) }

func listener() int { return int(setting("PB_LISTENER_PID", 0)) }
