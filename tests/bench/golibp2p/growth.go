// What a unit of work costs as there is more of it: streams of a connection, connections, bytes of a message.
package main

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
)

// growStreams: many streams open on one connection; what opening one costs, and a round trip on each in turn.
func growStreams(c conn) (fields, error) {
	var held []network.Stream
	return points(counts(), func(count int) (fields, error) {
		opening, more := startMeter(), count-len(held)
		for len(held) < count {
			s, err := openEcho(c)
			if err != nil {
				return nil, err
			}
			held = append(held, s)
		}
		opened := opening.rate(more)
		trips, rounds := startMeter(), roundsOf(count)
		for range rounds {
			for _, s := range held {
				if err := ping(s); err != nil {
					return nil, err
				}
			}
		}
		out := trips.rate(rounds * count)
		return fields{"open_cpu_us": opened["cpu_us_per_op"], "cpu_us": out["cpu_us_per_op"], "per_s": out["per_s"]}, nil
	})
}

// growConnections: many connections, each from a host of its own; what making one costs, its memory, and a stream on each in turn.
func growConnections(t target) (fields, error) {
	var held []conn
	var before float64
	return points(counts(), func(count int) (fields, error) {
		making, more := startMeter(), count-len(held)
		var err error
		if held, err = t.grow(held, count); err != nil {
			return nil, err
		}
		made := making.rate(more)
		trips, rounds := startMeter(), roundsOf(count)
		for range rounds {
			for _, c := range held {
				if err := oneByte(context.Background(), c); err != nil {
					return nil, err
				}
			}
		}
		out := fields{"open_cpu_us": made["cpu_us_per_op"], "per_s": made["per_s"],
			"cpu_us": trips.rate(rounds * count)["cpu_us_per_op"], "listener_bytes": nil}
		now := float64(resident(listener()))
		if count != more {
			out["listener_bytes"] = (now - before) / float64(more)
		}
		before = now
		return out, nil
	})
}

// growMessage: messages of many sizes, each answered by one of its size.
func growMessage(c conn) (fields, error) {
	var sizes []int
	for size := 1; size <= 1<<20; size *= 4 {
		sizes = append(sizes, size)
	}
	limit := time.Duration(setting("PB_POINT_SECS", 0.3) * float64(time.Second))
	return points(sizes, func(size int) (fields, error) {
		s, err := openRequests(c, uint64(size))
		if err != nil {
			return nil, err
		}
		defer s.Close()
		buffer := filled(min(size, chunk()))
		for range 20 {
			if err := request(s, uint64(size), buffer); err != nil {
				return nil, err
			}
		}
		count, m := 0, startMeter()
		for time.Since(m.start) < limit {
			if err := request(s, uint64(size), buffer); err != nil {
				return nil, err
			}
			count++
		}
		out := m.rate(count)
		return fields{"cpu_us": out["cpu_us_per_op"], "per_s": out["per_s"]}, nil
	})
}

// points measures one after the other, until one fails or takes too long.
func points(counts []int, measure func(count int) (fields, error)) (fields, error) {
	measured := []fields{}
	var stopped any
	for _, count := range counts {
		type result struct {
			point fields
			err   error
		}
		results := make(chan result, 1)
		go func() {
			point, err := measure(count)
			results <- result{point, err}
		}()
		select {
		case r := <-results:
			if r.err == nil {
				r.point["n"] = count
				measured = append(measured, r.point)
				continue
			}
			stopped = r.err.Error()
		case <-time.After(time.Minute):
			stopped = "out of time"
		}
		break
	}
	return fields{"points": measured, "stopped": stopped}, nil
}

// counts is 1, 10, 100, … up to PB_MOST.
func counts() []int {
	var counts []int
	for count := 1; count <= int(setting("PB_MOST", 10000)); count *= 10 {
		counts = append(counts, count)
	}
	return counts
}

// roundsOf says how often to go through so many, for a thousand round trips at least.
func roundsOf(count int) int { return max(1, (1000+count-1)/count) }
