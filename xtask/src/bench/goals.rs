//! What is to be reached, and whether it is.

use self::Bound::{AtLeast, AtMost};
use super::results::{Results, show};
use super::scenarios::{Better, Scenario};

/// A bound on one figure of one of our variants, or on its ratio to somebody else's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Goal {
    pub(super) ours: &'static str,
    pub(super) scenario: &'static str,
    pub(super) field: &'static str,
    /// Whose figure ours is divided by; nobody's, where the goal is a figure.
    pub(super) against: Option<&'static str>,
    pub(super) bound: Bound,
    /// Whether it is one only as far as the floor leaves room for it.
    pub(super) given_room: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    Met,
    Missed,
    /// Missed, and the floor with it, which is at this.
    MissedByTheFloor(f64),
    /// Not to be met, for the floor is at this.
    NoRoom(f64),
    NotMeasured,
}

/// All goals: those that are written down, and those beside go-libp2p, which follow from them.
pub(super) fn goals() -> Vec<Goal> {
    let mut goals = GOALS.to_vec();
    for goal in GOALS {
        let Some(go) = GO.iter().find(|(ours, _)| *ours == goal.ours).map(|(_, go)| *go) else {
            continue;
        };
        let figure = Scenario::named(goal.scenario).and_then(|it| it.figure(goal.field));
        let bound = match figure.map(|figure| figure.better) {
            Some(Better::More) => AtLeast(BESIDE_GO),
            _ => AtMost(1.0 / BESIDE_GO),
        };
        let beside = Goal { against: Some(go), bound, given_room: false, ..*goal };
        if !NOT_BESIDE_GO.contains(&goal.field) && !goals.contains(&beside) {
            goals.push(beside);
        }
    }
    goals
}

impl Goal {
    /// What was reached in terms of the goal.
    pub(super) fn reached(&self, results: &Results) -> Option<f64> {
        let Goal { ours, scenario, field, against, .. } = *self;
        match against {
            Some(theirs) => results.ratio(ours, theirs, scenario, field),
            None => results.median(ours, scenario, field),
        }
    }

    pub(super) fn verdict(&self, results: &Results) -> Verdict {
        let Some(reached) = self.reached(results) else { return Verdict::NotMeasured };
        if self.bound.holds(reached) {
            return Verdict::Met;
        }
        let missed_by_the_floor = self
            .against
            .zip(floor_of(self.ours))
            .and_then(|(peer, floor)| results.ratio(floor, peer, self.scenario, self.field))
            .filter(|there| !self.bound.holds(*there));
        match missed_by_the_floor {
            Some(there) if self.given_room => Verdict::NoRoom(there),
            Some(there) => Verdict::MissedByTheFloor(there),
            None => Verdict::Missed,
        }
    }

    /// The bound as it is read: `≥ 2 × libp2p-noise`, `≤ 8 KB`.
    pub(super) fn text(&self) -> String {
        let (sign, value) = match self.bound {
            AtLeast(value) => ('≥', value),
            AtMost(value) => ('≤', value),
        };
        match self.against {
            Some(peer) => format!("{sign} {} × {peer}", plain(value)),
            None => format!("{sign} {}", plain(value / self.by())),
        }
    }

    pub(super) fn shown(&self, reached: f64) -> String {
        show(if self.against.is_some() { reached } else { reached / self.by() })
    }

    fn by(&self) -> f64 {
        let figure = Scenario::named(self.scenario).and_then(|it| it.figure(self.field));
        figure.map_or(1.0, |figure| figure.by)
    }
}

impl Bound {
    /// A thousandth is less than any reading says.
    fn holds(self, value: f64) -> bool {
        match self {
            AtLeast(least) => least <= value * 1.001,
            AtMost(most) => value <= most * 1.001,
        }
    }
}

impl Verdict {
    pub(super) fn text(self) -> String {
        match self {
            Verdict::Met => "met".into(),
            Verdict::Missed => "**missed**".into(),
            Verdict::MissedByTheFloor(floor) => {
                format!("**missed**, also by the floor: {}", show(floor))
            }
            Verdict::NoRoom(floor) => format!("no room: the floor is at {}", show(floor)),
            Verdict::NotMeasured => "not measured".into(),
        }
    }
}

/// A bound as somebody wrote it, without more digits than he did.
fn plain(value: f64) -> String {
    let shown = format!("{value:.2}");
    shown.trim_end_matches('0').trim_end_matches('.').to_owned()
}

const fn ratio(
    (ours, against): (&'static str, &'static str),
    (scenario, field): (&'static str, &'static str),
    bound: Bound,
) -> Goal {
    Goal { ours, scenario, field, against: Some(against), bound, given_room: false }
}

const fn figure(
    ours: &'static str,
    (scenario, field): (&'static str, &'static str),
    bound: Bound,
) -> Goal {
    Goal { ours, scenario, field, against: None, bound, given_room: false }
}

const NOISE: &str = "peerloom-noise";
const RUST: (&str, &str) = (NOISE, "libp2p-noise");
const RECORDS: (&str, &str) = (NOISE, "frame-ring");
const RUST_TLS: (&str, &str) = ("peerloom-tls", "libp2p-tls");
const TLS: (&str, &str) = ("peerloom-tls", "tls-aws");
const TENTACLE: (&str, &str) = ("peerloom-secio-mplex", "tentacle-secio");

/// Twice rust-libp2p, wherever bare records leave room for it.
const fn twice(scenario: &'static str) -> Goal {
    Goal { given_room: true, ..ratio(RUST, (scenario, "mb_s"), AtLeast(2.0)) }
}

const GOALS: &[Goal] = &[
    ratio(RUST, ("bulk_up", "cpu_s_per_gib"), AtMost(0.5)),
    ratio(RUST, ("bulk_down", "cpu_s_per_gib"), AtMost(0.5)),
    ratio(RECORDS, ("bulk_up", "cpu_s_per_gib"), AtMost(1.1)),
    ratio(RECORDS, ("bulk_down", "cpu_s_per_gib"), AtMost(1.1)),
    twice("bulk_up"),
    twice("bulk_down"),
    ratio(RECORDS, ("bulk_up", "mb_s"), AtLeast(0.9)),
    ratio(RECORDS, ("bulk_down", "mb_s"), AtLeast(0.9)),
    ratio(RUST_TLS, ("bulk_up", "mb_s"), AtLeast(3.0)),
    ratio(RUST_TLS, ("bulk_down", "mb_s"), AtLeast(3.0)),
    ratio(RUST_TLS, ("bulk_up", "cpu_s_per_gib"), AtMost(1.0 / 3.0)),
    ratio(RUST_TLS, ("bulk_down", "cpu_s_per_gib"), AtMost(1.0 / 3.0)),
    ratio(TLS, ("bulk_up", "mb_s"), AtLeast(0.85)),
    ratio(TLS, ("bulk_down", "mb_s"), AtLeast(0.85)),
    ratio(TLS, ("bulk_up", "cpu_s_per_gib"), AtMost(1.0 / 0.85)),
    ratio(TLS, ("bulk_down", "cpu_s_per_gib"), AtMost(1.0 / 0.85)),
    ratio(RUST, ("bulk8", "cpu_s_per_gib"), AtMost(0.5)),
    ratio(RECORDS, ("bulk8", "cpu_s_per_gib"), AtMost(1.1)),
    twice("bulk8"),
    ratio(RECORDS, ("bulk8", "mb_s"), AtLeast(0.9)),
    figure(NOISE, ("bulk8", "spread_percent"), AtMost(10.0)),
    ratio(RUST_TLS, ("bulk8", "mb_s"), AtLeast(3.0)),
    ratio(RUST_TLS, ("bulk8", "cpu_s_per_gib"), AtMost(1.0 / 3.0)),
    ratio(TLS, ("bulk8", "mb_s"), AtLeast(0.85)),
    ratio(TLS, ("bulk8", "cpu_s_per_gib"), AtMost(1.0 / 0.85)),
    ratio(RECORDS, ("pingpong", "cpu_us_per_op"), AtMost(1.1)),
    ratio(RECORDS, ("pingpong", "p50_us"), AtMost(1.1)),
    ratio(RUST, ("open_seq", "per_s"), AtLeast(2.0)),
    ratio(RUST, ("open_64", "per_s"), AtLeast(3.0)),
    figure(NOISE, ("open_64", "failed"), AtMost(0.0)),
    ratio(RUST, ("connecho", "per_s"), AtLeast(2.0)),
    ratio(RUST, ("connecho", "cpu_us_per_op"), AtMost(0.5)),
    // A reading of round trips has what the machines at both ends do in it.
    figure(NOISE, ("rtt", "first_byte_rtts"), AtMost(3.2)),
    figure(NOISE, ("rtt", "next_stream_rtts"), AtMost(1.2)),
    ratio(RUST, ("rtt", "bulk_mb_s"), AtLeast(2.0)),
    figure(NOISE, ("mem_conns", "fresh_listener"), AtMost(8000.0)),
    figure(NOISE, ("mem_conns", "fresh_dialer"), AtMost(8000.0)),
    figure(NOISE, ("mem_conns", "used_listener"), AtMost(20_000.0)),
    figure(NOISE, ("mem_conns", "used_dialer"), AtMost(20_000.0)),
    figure(NOISE, ("mem_streams", "listener"), AtMost(700.0)),
    figure(NOISE, ("mem_streams", "dialer"), AtMost(700.0)),
    ratio(TENTACLE, ("bulk_up", "mb_s"), AtLeast(1.7)),
    ratio(TENTACLE, ("bulk_down", "mb_s"), AtLeast(1.7)),
];

/// Which of go-libp2p's variants is beside which of ours, and how much better ours is to be.
const GO: &[(&str, &str)] = &[(NOISE, "go-noise"), ("peerloom-tls", "go-tls")];
const BESIDE_GO: f64 = 1.3;

/// What the machine gives to a variant of ours without a stack.
fn floor_of(ours: &str) -> Option<&'static str> {
    FLOORS.iter().find(|(variant, _)| *variant == ours).map(|(_, floor)| *floor)
}

const FLOORS: &[(&str, &str)] = &[(NOISE, RECORDS.1), (TLS.0, TLS.1), (TENTACLE.0, "frame-secio")];

/// Bounds that are the same beside anybody, or that a dialer with a host for each connection has nothing to say to.
const NOT_BESIDE_GO: &[&str] = &[
    "spread_percent",
    "failed",
    "first_byte_rtts",
    "next_stream_rtts",
    "fresh_dialer",
    "used_dialer",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bench::contestants::CONTESTANTS;
    use crate::bench::results::Measurement;

    fn results(readings: &[(&str, f64)]) -> Results {
        let measurement = |&(contestant, value): &(&str, f64)| Measurement {
            contestant: contestant.into(),
            scenario: "bulk_up".into(),
            round: 1,
            said: Ok([("mb_s".to_owned(), json!(value))].into_iter().collect()),
        };
        Results { measurements: readings.iter().map(measurement).collect(), ..Results::default() }
    }

    #[test]
    fn every_goal_is_about_what_is_measured() {
        for goal in goals() {
            let scenario = Scenario::named(goal.scenario).unwrap();
            assert!(scenario.figure(goal.field).is_some(), "{goal:?}");
            let floor = floor_of(goal.ours).filter(|_| goal.given_room);
            for name in [Some(goal.ours), goal.against, floor].into_iter().flatten() {
                let runs = CONTESTANTS.iter().any(|it| it.name == name && it.runs(goal.scenario));
                assert!(runs, "{goal:?}");
            }
        }
    }

    #[test]
    fn a_goal_is_met_or_missed() {
        let goal = ratio(RUST, ("bulk_up", "mb_s"), AtLeast(2.0));
        let verdict = |ours| goal.verdict(&results(&[(NOISE, ours), ("libp2p-noise", 10.0)]));
        assert_eq!(verdict(20.0), Verdict::Met);
        assert_eq!(verdict(19.0), Verdict::Missed);
        assert_eq!(goal.verdict(&results(&[(NOISE, 20.0)])), Verdict::NotMeasured);
    }

    #[test]
    fn a_goal_beyond_the_floor_has_no_room() {
        let goal = twice("bulk_up");
        let verdict = |floor| {
            let others = [(NOISE, 15.0), ("libp2p-noise", 10.0), ("frame-ring", floor)];
            goal.verdict(&results(&others))
        };
        assert_eq!(verdict(16.0), Verdict::NoRoom(1.6));
        assert_eq!(verdict(30.0), Verdict::Missed);
    }

    #[test]
    fn a_goal_that_the_floor_misses_too_is_missed_and_says_so() {
        let goal = ratio(RUST, ("bulk_up", "mb_s"), AtLeast(2.0));
        let verdict = |floor| {
            let others = [(NOISE, 15.0), ("libp2p-noise", 10.0), ("frame-ring", floor)];
            goal.verdict(&results(&others))
        };
        assert_eq!(verdict(16.0), Verdict::MissedByTheFloor(1.6));
        assert_eq!(verdict(16.0).text(), "**missed**, also by the floor: 1.60");
        assert_eq!(verdict(30.0), Verdict::Missed);
    }

    #[test]
    fn beside_go_what_costs_is_to_cost_less_and_what_is_done_to_be_more() {
        let goals = goals();
        let beside = |field, scenario| {
            let mut goals = goals.iter().filter(|goal| goal.against == Some("go-noise"));
            goals.find(|goal| goal.field == field && goal.scenario == scenario)
        };
        let at_least = beside("mb_s", "bulk_up").unwrap();
        assert_eq!(at_least.text(), "≥ 1.3 × go-noise");
        let at_most = beside("fresh_listener", "mem_conns").unwrap();
        assert_eq!(at_most.text(), "≤ 0.77 × go-noise");
        assert_eq!(beside("failed", "open_64"), None);
    }

    #[test]
    fn bounds_are_read_as_they_were_written() {
        assert_eq!(twice("bulk_up").text(), "≥ 2 × libp2p-noise");
        let memory = figure(NOISE, ("mem_streams", "listener"), AtMost(700.0));
        assert_eq!((memory.text(), memory.shown(650.0)), ("≤ 0.7".into(), "0.65".into()));
    }
}
