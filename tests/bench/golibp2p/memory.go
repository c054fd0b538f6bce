// What connections and streams that are held cost in memory.
package main

import (
	"context"
	"os"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
)

// readings of the resident memory of dialer and listener, after each has come to rest.
type readings struct{ dialer, listener []float64 }

func (r *readings) take() {
	time.Sleep(1500 * time.Millisecond)
	r.dialer = append(r.dialer, float64(resident(os.Getpid())))
	r.listener = append(r.listener, float64(resident(listener())))
}

// each is by how much a reading is above the first, for each of so many.
func (r *readings) each(reading, count int) (dialer, listener float64) {
	above := func(values []float64) float64 { return (values[reading] - values[0]) / float64(count) }
	return above(r.dialer), above(r.listener)
}

func memoryOfConnections(t target) (fields, error) {
	count := int(setting("PB_CONNS", 1000))
	var held []conn
	var r readings
	for _, many := range []int{first, count + first} {
		var err error
		if held, err = t.grow(held, many); err != nil {
			return nil, err
		}
		r.take()
	}
	for _, c := range held {
		if err := oneByte(context.Background(), c); err != nil {
			return nil, err
		}
	}
	r.take()
	for _, c := range held {
		if err := upload(c, 1<<20, chunk()); err != nil {
			return nil, err
		}
		if err := download(c, 1<<20); err != nil {
			return nil, err
		}
	}
	r.take()
	out := fields{"n": count, "node_per_conn": true,
		"base_rss_dialer": r.dialer[0], "base_rss_listener": r.listener[0]}
	out["fresh_dialer"], out["fresh_listener"] = r.each(1, count)
	out["echoed_dialer"], out["echoed_listener"] = r.each(2, count)
	out["used_dialer"], out["used_listener"] = r.each(3, count)
	return out, nil
}

// grow dials from a node each until there are so many.
func (t target) grow(held []conn, count int) ([]conn, error) {
	nodes, err := t.nodes(count - len(held))
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		c, err := n.dial(t.address)
		if err != nil {
			return nil, err
		}
		held = append(held, c)
	}
	return held, nil
}

func memoryOfStreams(c conn) (fields, error) {
	count := int(setting("PB_STREAMS", 1000))
	var held []network.Stream
	var r readings
	for _, many := range []int{first, count + first} {
		for len(held) < many {
			s, err := openEcho(c)
			if err != nil {
				return nil, err
			}
			held = append(held, s)
		}
		r.take()
	}
	dialer, listener := r.each(1, count)
	return fields{"n": count, "held": len(held), "dialer": dialer, "listener": listener}, nil
}

// first is how many come first, so that what is allocated once does not count.
const first = 20
