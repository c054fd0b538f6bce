// Moving many bytes.
package main

import (
	"context"
	"slices"
	"time"
)

// bulkUp: one stream, from the dialer.
func bulkUp(c conn) (fields, error) {
	return bulk(c, func(bytes uint64) error { return upload(c, bytes, chunk()) })
}

// bulkDown: one stream, to the dialer.
func bulkDown(c conn) (fields, error) {
	return bulk(c, func(bytes uint64) error { return download(c, bytes) })
}

// bulkSmallWrites: one stream in small writes.
func bulkSmallWrites(c conn) (fields, error) {
	return bulk(c, func(bytes uint64) error { return upload(c, bytes, int(setting("PB_CHUNK", 4*1024))) })
}

func bulk(c conn, move func(bytes uint64) error) (fields, error) {
	bytes := bulkBytes()
	if err := upload(c, bytes/32, chunk()); err != nil {
		return nil, err
	}
	if err := download(c, bytes/32); err != nil {
		return nil, err
	}
	m := startMeter()
	if err := move(bytes); err != nil {
		return nil, err
	}
	return m.bulk(bytes), nil
}

// bulkEight: eight streams at once, and how far apart they end, as a part of the time that the last one takes.
func bulkEight(c conn) (fields, error) {
	bytes := bulkBytes()
	if err := upload(c, bytes/32, chunk()); err != nil {
		return nil, err
	}
	ends := make([]float64, streams)
	m := startMeter()
	err := all(streams, func(i int) error {
		defer func() { ends[i] = time.Since(m.start).Seconds() }()
		return upload(c, bytes/streams, chunk())
	})
	if err != nil {
		return nil, err
	}
	out := m.bulk(bytes)
	last := slices.Max(ends)
	out["spread_percent"] = (last - slices.Min(ends)) / last * 100
	return out, nil
}

// bulkBesideASlowOne: seven streams to the dialer beside one that it reads slowly; how fast the seven are.
func bulkBesideASlowOne(c conn) (fields, error) {
	bytes := bulkBytes()
	if err := upload(c, bytes/32, chunk()); err != nil {
		return nil, err
	}
	slow, err := c.open(context.Background())
	if err != nil {
		return nil, err
	}
	if _, err := slow.Write(order('D', bytes/streams)); err != nil {
		return nil, err
	}
	go func() {
		for buffer := make([]byte, slowly); ; time.Sleep(pause) {
			if _, err := slow.Read(buffer); err != nil {
				return
			}
		}
	}()
	m := startMeter()
	if err := all(streams-1, func(int) error { return download(c, bytes/streams) }); err != nil {
		return nil, err
	}
	out := m.bulk(bytes / streams * (streams - 1))
	slow.Reset()
	return out, nil
}

// all does so many things at once; the last of their errors.
func all(count int, do func(i int) error) error {
	results := make(chan error, count)
	for i := range count {
		go func() { results <- do(i) }()
	}
	var failed error
	for range count {
		if err := <-results; err != nil {
			failed = err
		}
	}
	return failed
}

// streams is how many share a connection.
const streams = 8

// The slow reader: 16 KiB every 10 ms.
const (
	slowly = 16 * 1024
	pause  = 10 * time.Millisecond
)
