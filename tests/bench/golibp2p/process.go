// CPU time and resident memory of this process and of another one of ours.
package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// meter is the CPU time of dialer and listener over an interval.
type meter struct {
	start            time.Time
	dialer, listener time.Duration
}

func startMeter() meter {
	return meter{dialer: cpu(os.Getpid()), listener: cpu(listener()), start: time.Now()}
}

func (m meter) stop() (wall, dialer, other float64) {
	wall = time.Since(m.start).Seconds()
	dialer = (cpu(os.Getpid()) - m.dialer).Seconds()
	return wall, dialer, max(cpu(listener())-m.listener, 0).Seconds()
}

// bulk is what moving this many bytes took.
func (m meter) bulk(bytes uint64) fields {
	wall, dialer, listener := m.stop()
	gib := float64(bytes) / (1 << 30)
	return fields{"mb_s": float64(bytes) / 1e6 / wall, "cpu_s_per_gib": (dialer + listener) / gib,
		"cpu_dialer": dialer / gib, "cpu_listener": listener / gib, "wall": wall}
}

// rate is what this many operations took.
func (m meter) rate(count int) fields {
	wall, dialer, listener := m.stop()
	each := func(seconds float64) any {
		if value := seconds * 1e6 / float64(count); !math.IsNaN(value) && !math.IsInf(value, 0) {
			return value
		}
		return nil
	}
	return fields{"per_s": float64(count) / wall, "cpu_us_per_op": each(dialer + listener),
		"cpu_dialer_us": each(dialer), "cpu_listener_us": each(listener), "n": count}
}

// quantile is the value below which this part of the values lies.
func quantile(values []float64, part float64) any {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	return values[int(float64(len(values)-1)*part)]
}

// cpu is the user and system time of a process, its ended threads included.
func cpu(pid int) time.Duration {
	var spent unix.Timespec
	// What clock_getcpuclockid(3) works out for the clock of a whole process.
	if pid <= 0 || unix.ClockGettime(int32(^pid<<3|2), &spent) != nil {
		return 0
	}
	return time.Duration(spent.Nano())
}

// resident is the resident memory of a process, in bytes.
func resident(pid int) uint64 { return status(pid, "VmRSS:") }

// peak is the most resident memory that a process has had, in bytes.
func peak(pid int) uint64 { return status(pid, "VmHWM:") }

func status(pid int, field string) uint64 {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), field); ok {
			if words := strings.Fields(rest); len(words) > 0 {
				kilobytes, _ := strconv.ParseUint(words[0], 10, 64)
				return kilobytes * 1024
			}
		}
	}
	return 0
}
