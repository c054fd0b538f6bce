// Messages to and fro on streams that stay open.
package main

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"
)

// pingpong: 32 bytes to and fro on one stream.
func pingpong(c conn) (fields, error) {
	s, err := openEcho(c)
	if err != nil {
		return nil, err
	}
	for range 300 {
		if err := ping(s); err != nil {
			return nil, err
		}
	}
	latencies := make([]float64, 0, 1<<20)
	limit := duration()
	m := startMeter()
	for time.Since(m.start) < limit {
		start := time.Now()
		if err := ping(s); err != nil {
			return nil, err
		}
		latencies = append(latencies, microseconds(start))
	}
	return withLatencies(m.rate(len(latencies)), latencies), nil
}

// requests of 1 KiB and as long responses, one at a time on each of a hundred streams at once.
func requests(c conn) (fields, error) {
	const length, count = 1024, 100
	asking := make([]network.Stream, count)
	for i := range asking {
		var err error
		if asking[i], err = openRequests(c, length); err != nil {
			return nil, err
		}
		if err := request(asking[i], length, filled(length)); err != nil {
			return nil, err
		}
	}
	each := make([][]float64, count)
	limit := duration()
	m := startMeter()
	err := all(count, func(i int) error {
		buffer := filled(length)
		for time.Since(m.start) < limit {
			start := time.Now()
			if err := request(asking[i], length, buffer); err != nil {
				return err
			}
			each[i] = append(each[i], microseconds(start))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var latencies []float64
	for _, some := range each {
		latencies = append(latencies, some...)
	}
	return withLatencies(m.rate(len(latencies)), latencies), nil
}

func withLatencies(out fields, latencies []float64) fields {
	out["p50_us"], out["p99_us"] = quantile(latencies, 0.5), quantile(latencies, 0.99)
	return out
}

func microseconds(since time.Time) float64 { return float64(time.Since(since)) / 1e3 }
