// Making connections.
package main

import (
	"context"
	"time"
)

// connectOneByOne: dial until the host says ready, with echo also one byte there and back; close.
func connectOneByOne(t target, echo bool) (fields, error) {
	for range 10 {
		c, err := t.dial()
		if err != nil {
			return nil, err
		}
		oneByte(context.Background(), c)
		c.close()
	}
	failed, limit := 0, duration()
	var ready []float64
	m := startMeter()
	for time.Since(m.start) < limit {
		start := time.Now()
		c, err := t.dial()
		if err != nil {
			return nil, err
		}
		if echo && oneByte(context.Background(), c) != nil {
			failed++
		} else {
			ready = append(ready, microseconds(start))
		}
		c.close()
	}
	out := m.rate(len(ready))
	out["failed"], out["ready_us_p50"] = failed, quantile(ready, 0.5)
	return out, nil
}

// connectAtOnce: a hundred connections into one host at once, again and again; how long until each has a byte back.
func connectAtOnce(t target) (fields, error) {
	const count = 100
	nodes, err := t.nodes(count)
	if err != nil {
		return nil, err
	}
	closeAll(crowd(nodes, t.address))
	failed, limit := 0, duration()
	var times []float64
	m := startMeter()
	for len(times) == 0 || time.Since(m.start) < limit {
		start := time.Now()
		conns := crowd(nodes, t.address)
		times = append(times, microseconds(start)/1e3)
		failed += count - len(conns)
		closeAll(conns)
	}
	out := m.rate(len(times)*count - failed)
	out["failed"], out["all_ms_p50"] = failed, quantile(times, 0.5)
	return out, nil
}

// crowd dials from every node at once; the connections that had a byte back.
func crowd(nodes []*node, address string) []conn {
	results := make(chan *conn, len(nodes))
	for _, n := range nodes {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			c, err := n.dial(address)
			if err != nil || oneByte(ctx, c) != nil {
				results <- nil
			} else {
				results <- &c
			}
		}()
	}
	var conns []conn
	for range nodes {
		if c := <-results; c != nil {
			conns = append(conns, *c)
		}
	}
	return conns
}

func closeAll(conns []conn) {
	for _, c := range conns {
		c.close()
	}
}
