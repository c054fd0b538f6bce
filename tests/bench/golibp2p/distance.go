// Over a line that the caller provides: with delay, and with delay and loss.
package main

import (
	"context"
	"sync/atomic"
	"time"
)

// roundTrips: through a delay line, how many round trips things take, and how fast bulk is.
func roundTrips(t target) (fields, error) {
	trip := setting("PB_RTT_MS", 50)
	trips := func(since time.Time) float64 { return time.Since(since).Seconds() * 1e3 / trip }
	var ready, first, next []float64
	for range 3 {
		start := time.Now()
		c, err := t.dial()
		if err != nil {
			return nil, err
		}
		ready = append(ready, trips(start))
		if err := oneByte(context.Background(), c); err != nil {
			return nil, err
		}
		first = append(first, trips(start))
		start = time.Now()
		if err := oneByte(context.Background(), c); err != nil {
			return nil, err
		}
		next = append(next, trips(start))
		c.close()
	}
	c, err := t.dial()
	if err != nil {
		return nil, err
	}
	bytes := uint64(setting("PB_RTT_BYTES", 64<<20))
	m := startMeter()
	if err := upload(c, bytes, chunk()); err != nil {
		return nil, err
	}
	return fields{"ready_rtts": quantile(ready, 0.5), "first_byte_rtts": quantile(first, 0.5),
		"next_stream_rtts": quantile(next, 0.5), "bulk_mb_s": m.bulk(bytes)["mb_s"]}, nil
}

// lossy: through a line with delay and loss, how fast bulk is, and how long a stream that is opened meanwhile waits for its byte.
func lossy(t target) (fields, error) {
	c, err := t.dial()
	if err != nil {
		return nil, err
	}
	bytes := uint64(setting("PB_LOSSY_BYTES", 16<<20))
	var done atomic.Bool
	result := make(chan error, 1)
	m := startMeter()
	go func() {
		err := upload(c, bytes, chunk())
		done.Store(true)
		result <- err
	}()
	var latencies []float64
	for !done.Load() {
		start := time.Now()
		if err := oneByte(context.Background(), c); err != nil {
			return nil, err
		}
		latencies = append(latencies, microseconds(start)/1e3)
	}
	if err := <-result; err != nil {
		return nil, err
	}
	out := m.bulk(bytes)
	out["first_byte_ms_p50"] = quantile(latencies, 0.5)
	return out, nil
}
