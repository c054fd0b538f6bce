// Opening streams: open, one byte there and back, close.
package main

import (
	"context"
	"sync/atomic"
	"time"
)

func openOneByOne(c conn) (fields, error) {
	if err := warmUp(c); err != nil {
		return nil, err
	}
	opened, limit := 0, duration()
	m := startMeter()
	for time.Since(m.start) < limit {
		if err := oneByte(context.Background(), c); err != nil {
			return nil, err
		}
		opened++
	}
	return m.rate(opened), nil
}

func openFrom64(c conn) (fields, error) {
	if err := warmUp(c); err != nil {
		return nil, err
	}
	var opened, failed atomic.Int64
	limit := duration()
	m := startMeter()
	all(64, func(int) error {
		for ofTask := 0; time.Since(m.start) < limit && (failed.Load() < 1000 || 0 < ofTask); {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			if oneByte(ctx, c) == nil {
				opened.Add(1)
				ofTask++
			} else {
				failed.Add(1)
			}
			cancel()
		}
		return nil
	})
	out := m.rate(int(opened.Load()))
	out["failed"] = failed.Load()
	return out, nil
}

func warmUp(c conn) error {
	for range 100 {
		if err := oneByte(context.Background(), c); err != nil {
			return err
		}
	}
	return nil
}
