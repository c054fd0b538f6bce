//! The scenarios and what each of them is read by. `tests/bench/README.md` says what they do.

use super::line::{Conditions, DELAYED, LOSSY};

pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) figures: &'static [Figure],
    /// What it gives for more and more of something.
    pub(super) points: &'static [Figure],
    /// Whether the cost at a point is that of all there is, not of each.
    pub(super) of_all: bool,
    /// The line that the dialer goes through, if it is not the loopback itself.
    pub(super) line: Option<Conditions>,
    pub(super) settings: &'static [(&'static str, &'static str)],
    /// In how many rounds it is measured at most: what hardly varies, or takes long, not in all.
    pub(super) rounds: u64,
}

/// A field of what a dialer prints.
#[derive(Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) field: &'static str,
    /// What it is, with its unit.
    pub(super) what: &'static str,
    pub(super) better: Better,
    /// What a reading is divided by to be shown.
    pub(super) by: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Better {
    More,
    Less,
}

impl Scenario {
    pub(super) fn named(name: &str) -> Option<&'static Scenario> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    pub(super) fn figure(&self, field: &str) -> Option<&'static Figure> {
        self.figures.iter().chain(self.points).find(|figure| figure.field == field)
    }
}

impl Better {
    pub(super) fn name(self) -> &'static str {
        match self {
            Better::More => "more is better",
            Better::Less => "less is better",
        }
    }
}

const fn more(field: &'static str, what: &'static str) -> Figure {
    Figure { field, what, better: Better::More, by: 1.0 }
}

const fn less(field: &'static str, what: &'static str) -> Figure {
    Figure { field, what, better: Better::Less, by: 1.0 }
}

const fn memory(field: &'static str, what: &'static str) -> Figure {
    Figure { field, what, better: Better::Less, by: 1000.0 }
}

const PLAIN: Scenario = Scenario {
    name: "",
    what: "",
    figures: &[],
    points: &[],
    of_all: false,
    line: None,
    settings: &[],
    rounds: u64::MAX,
};

const BULK: &[Figure] = &[more("mb_s", "MB/s"), less("cpu_s_per_gib", "CPU s/GiB")];

const MESSAGES: &[Figure] =
    &[more("per_s", "per s"), less("p50_us", "p50 µs"), less("cpu_us_per_op", "CPU µs")];

const COUNTED: &[Figure] = &[more("per_s", "per s"), less("cpu_us_per_op", "CPU µs")];

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "bulk_up", what: "one stream up", figures: BULK, ..PLAIN },
    Scenario { name: "bulk_down", what: "one stream down", figures: BULK, ..PLAIN },
    Scenario { name: "bulk_4k", what: "one stream in writes of 4 KiB", figures: BULK, ..PLAIN },
    Scenario {
        name: "bulk8",
        what: "eight streams",
        figures: &[
            more("mb_s", "MB/s"),
            less("cpu_s_per_gib", "CPU s/GiB"),
            less("spread_percent", "% between the first and the last end"),
        ],
        ..PLAIN
    },
    Scenario {
        name: "slow_reader",
        what: "seven streams beside a slow reader",
        figures: BULK,
        ..PLAIN
    },
    Scenario { name: "pingpong", what: "ping-pong of 32 bytes", figures: MESSAGES, ..PLAIN },
    Scenario {
        name: "requests",
        what: "requests of 1 KiB on 100 streams",
        figures: MESSAGES,
        ..PLAIN
    },
    Scenario { name: "open_seq", what: "streams, one after the other", figures: COUNTED, ..PLAIN },
    Scenario {
        name: "open_64",
        what: "streams, from 64 tasks",
        figures: &[
            more("per_s", "per s"),
            less("cpu_us_per_op", "CPU µs"),
            less("failed", "dropped"),
        ],
        ..PLAIN
    },
    Scenario { name: "conn", what: "connections until ready", figures: COUNTED, ..PLAIN },
    Scenario {
        name: "connecho",
        what: "connections with a byte there and back",
        figures: COUNTED,
        ..PLAIN
    },
    Scenario {
        name: "connect_100",
        what: "100 connections at once",
        figures: &[
            less("all_ms_p50", "ms until all have a byte back"),
            less("cpu_us_per_op", "CPU µs each"),
        ],
        ..PLAIN
    },
    Scenario {
        name: "rtt",
        what: "50 ms round trip",
        figures: &[
            more("bulk_mb_s", "MB/s of 64 MiB on one stream"),
            less("first_byte_rtts", "round trips to the first byte, new connection"),
            less("next_stream_rtts", "round trips to the first byte, new stream"),
        ],
        line: Some(DELAYED),
        ..PLAIN
    },
    Scenario {
        name: "lossy",
        what: "50 ms round trip, one segment in a thousand lost",
        figures: &[
            more("mb_s", "MB/s of 16 MiB on one stream"),
            less("first_byte_ms_p50", "ms to the first byte of a new stream beside it"),
        ],
        line: Some(LOSSY),
        ..PLAIN
    },
    Scenario {
        name: "mem_conns",
        what: "1,000 connections",
        figures: &[
            memory("fresh_listener", "KB each, listener, fresh"),
            memory("fresh_dialer", "KB each, dialer, fresh"),
            memory("used_listener", "KB each, listener, after 1 MiB each way"),
            memory("used_dialer", "KB each, dialer, after 1 MiB each way"),
        ],
        rounds: 3,
        ..PLAIN
    },
    Scenario {
        name: "mem_streams",
        what: "1,000 idle streams",
        figures: &[memory("listener", "KB each, listener"), memory("dialer", "KB each, dialer")],
        settings: &[("PB_MAX_STREAMS", "2048")],
        rounds: 3,
        ..PLAIN
    },
    Scenario {
        name: "grow_streams",
        what: "streams on one connection",
        points: &[
            less("cpu_us", "CPU µs of a round trip of 32 bytes, by streams that are open"),
            less("open_cpu_us", "CPU µs of opening a stream, by streams that are open"),
        ],
        settings: &[("PB_MAX_STREAMS", "16384")],
        rounds: 1,
        ..PLAIN
    },
    Scenario {
        name: "grow_conns",
        what: "connections of one host",
        points: &[
            less("open_cpu_us", "CPU µs of making a connection, by connections that there are"),
            less(
                "cpu_us",
                "CPU µs of a stream and a byte there and back, by connections that there are",
            ),
            memory(
                "listener_bytes",
                "KB of a connection on the listener, by connections that there are",
            ),
        ],
        rounds: 1,
        ..PLAIN
    },
    Scenario {
        name: "grow_message",
        what: "messages of many sizes",
        points: &[less("cpu_us", "CPU µs of a message and its answer, by bytes of each")],
        of_all: true,
        rounds: 1,
        ..PLAIN
    },
];
