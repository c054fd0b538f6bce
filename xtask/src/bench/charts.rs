//! The charts of the page: which figures are beside each other on which of them.

mod bars;
mod curves;
mod drawing;

use super::contestants::{CONTESTANTS, Contestant, Kind};
use super::results::Results;
use super::scenarios::{Figure, Scenario};

use self::bars::{Bar, Panel};
use self::curves::Curve;

/// A chart: the name of its file, what it shows, and the SVG.
pub(super) struct Chart {
    pub(super) file: String,
    pub(super) title: String,
    pub(super) svg: String,
}

/// All charts that there is something on.
pub(super) fn charts(results: &Results) -> Vec<Chart> {
    let bars = BARS.iter().filter_map(|(file, title, panels)| {
        let panels: Vec<_> = panels.iter().filter_map(|panel| bar_panel(results, panel)).collect();
        let svg = (!panels.is_empty()).then(|| bars::draw(title, &panels))?;
        Some(Chart { file: format!("{file}.svg"), title: (*title).into(), svg })
    });
    let curves = CURVES.iter().filter_map(|(file, scenario, field, axis)| {
        let figure = Scenario::named(scenario)?.figure(field)?;
        let svg = curves::draw(figure.what, axis, &curves_of(results, scenario, figure))?;
        Some(Chart { file: format!("{file}.svg"), title: figure.what.into(), svg })
    });
    bars.chain(curves).collect()
}

fn bar_panel(results: &Results, (scenario, field): &(&str, &str)) -> Option<Panel> {
    let scenario = Scenario::named(scenario)?;
    let figure = scenario.figure(field)?;
    let bars = CONTESTANTS.iter().filter_map(|contestant| {
        let value = results.median(contestant.name, scenario.name, field)?;
        Some(Bar { name: contestant.name, kind: contestant.kind, value: value / figure.by })
    });
    let bars: Vec<_> = bars.collect();
    let note = format!("{}; {}", figure.what, figure.better.name());
    (!bars.is_empty()).then_some(Panel { title: scenario.what, note, bars })
}

fn curves_of(results: &Results, scenario: &str, figure: &Figure) -> Vec<Curve> {
    let curve = |contestant: &Contestant| {
        let mut points = results.points(contestant.name, scenario, figure.field);
        points.iter_mut().for_each(|point| point.cost /= figure.by);
        let Contestant { name, kind, .. } = *contestant;
        (!points.is_empty()).then_some(Curve { name, kind, points })
    };
    CONTESTANTS.iter().filter_map(curve).collect()
}

impl Kind {
    /// The class of its marks in the style of a chart.
    fn class(self) -> &'static str {
        match self {
            Kind::Ours => "ours",
            Kind::Peer => "peer",
            Kind::Floor => "floor",
        }
    }
}

type Figures = &'static [(&'static str, &'static str)];

const BARS: &[(&str, &str, Figures)] = &[
    (
        "bulk",
        "Moving bytes over loopback",
        &[
            ("bulk_up", "mb_s"),
            ("bulk_up", "cpu_s_per_gib"),
            ("bulk_down", "mb_s"),
            ("bulk_down", "cpu_s_per_gib"),
        ],
    ),
    (
        "streams",
        "Many streams on one connection",
        &[("bulk8", "mb_s"), ("slow_reader", "mb_s"), ("open_seq", "per_s"), ("open_64", "per_s")],
    ),
    (
        "messages",
        "Messages and small writes",
        &[
            ("pingpong", "p50_us"),
            ("pingpong", "cpu_us_per_op"),
            ("requests", "per_s"),
            ("bulk_4k", "mb_s"),
        ],
    ),
    (
        "connections",
        "Connections",
        &[
            ("connecho", "per_s"),
            ("connecho", "cpu_us_per_op"),
            ("mem_conns", "fresh_listener"),
            ("mem_conns", "used_listener"),
        ],
    ),
    (
        "distance",
        "Over a long line, and over a bad one",
        &[
            ("rtt", "bulk_mb_s"),
            ("rtt", "first_byte_rtts"),
            ("rtt", "next_stream_rtts"),
            ("lossy", "mb_s"),
        ],
    ),
];

/// File, scenario, field, and what there is more of to the right.
const CURVES: &[(&str, &str, &str, &str)] = &[
    ("growth-streams", "grow_streams", "cpu_us", "streams"),
    ("growth-streams-opening", "grow_streams", "open_cpu_us", "streams"),
    ("growth-connections", "grow_conns", "cpu_us", "connections"),
    ("growth-connections-making", "grow_conns", "open_cpu_us", "connections"),
    ("growth-connections-memory", "grow_conns", "listener_bytes", "connections"),
    ("growth-messages", "grow_message", "cpu_us", "bytes"),
];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::bench::results::Measurement;

    #[test]
    fn every_chart_is_of_figures_that_there_are() {
        for (scenario, field) in BARS.iter().flat_map(|(_, _, figures)| figures.iter()) {
            assert!(Scenario::named(scenario).is_some_and(|it| it.figure(field).is_some()));
        }
        for (_, scenario, field, _) in CURVES {
            let points = Scenario::named(scenario).map_or(&[][..], |it| it.points);
            assert!(points.iter().any(|figure| figure.field == *field), "{scenario} {field}");
        }
    }

    #[test]
    fn what_was_not_measured_has_no_chart() {
        let said = |said: Value| said.as_object().cloned().ok_or_else(String::new);
        let reading = |scenario: &str, value| Measurement {
            contestant: "peerloom-noise".into(),
            scenario: scenario.into(),
            round: 1,
            said: said(value),
        };
        let measurements = vec![
            reading("rtt", json!({ "bulk_mb_s": 250.0 })),
            reading(
                "grow_message",
                json!({ "points": [{ "n": 1, "cpu_us": 5.0 }, { "n": 4, "cpu_us": 6.0 }] }),
            ),
        ];
        let charts = charts(&Results { measurements, ..Results::default() });
        let files: Vec<_> = charts.iter().map(|chart| chart.file.as_str()).collect();
        assert_eq!(files, ["distance.svg", "growth-messages.svg"]);
    }
}
