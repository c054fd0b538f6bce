//! What was measured: one JSON object a line, and medians and ratios of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::scenarios::{Figure, Scenario};
use crate::process::Outcome;

/// All measurements, in the order in which they were made.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Results {
    /// What they were made on, with which versions.
    pub(super) machine: Map<String, Value>,
    pub(super) measurements: Vec<Measurement>,
    /// Who could not be measured, and why.
    pub(super) missing: Vec<(String, String)>,
}

/// What one dialer printed, or why it did not.
#[derive(Debug, PartialEq)]
pub(super) struct Measurement {
    pub(super) contestant: String,
    pub(super) scenario: String,
    pub(super) round: u64,
    pub(super) said: Result<Map<String, Value>, String>,
}

/// What work costs as there is more of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// How much there is.
    pub(super) size: f64,
    /// What a unit of work costs.
    pub(super) cost: f64,
}

impl Results {
    /// Reads files, one after the other.
    pub(super) fn read(paths: &[PathBuf]) -> Outcome<Self> {
        let mut results = Results::default();
        for path in paths {
            let text = fs::read_to_string(path);
            let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
            // Ratios are within a round, so no two files may share one.
            let before = results.rounds();
            for (number, line) in (1..).zip(text.lines()) {
                let line = serde_json::from_str(line).ok();
                let taken = line.and_then(|line| results.take(line, before));
                taken.ok_or(format!("{}:{number}: not a measurement", path.display()))?;
            }
        }
        Ok(results)
    }

    pub(super) fn write(&self, path: &Path) -> Outcome {
        let machine = json!({ "machine": self.machine });
        let missing =
            self.missing.iter().map(|(name, why)| json!({ "peer": name, "missing": why }));
        let measured = self.measurements.iter().map(Measurement::line);
        let lines = [machine].into_iter().chain(missing).chain(measured);
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// The number of the last round.
    pub(super) fn rounds(&self) -> u64 {
        self.measurements.iter().map(|measurement| measurement.round).max().unwrap_or(0)
    }

    /// The most readings that any median is of.
    pub(super) fn most_readings(&self) -> usize {
        let counts = self.measurements.iter().map(|it| self.count(&it.contestant, &it.scenario));
        counts.max().unwrap_or(0)
    }

    /// How many readings a median is of.
    pub(super) fn count(&self, contestant: &str, scenario: &str) -> usize {
        self.of(contestant, scenario).filter(|measurement| measurement.said.is_ok()).count()
    }

    pub(super) fn median(&self, contestant: &str, scenario: &str, field: &str) -> Option<f64> {
        median(self.readings(contestant, scenario, field).collect())
    }

    /// The least and the most.
    pub(super) fn range(
        &self,
        contestant: &str,
        scenario: &str,
        field: &str,
    ) -> Option<(f64, f64)> {
        let readings = || self.readings(contestant, scenario, field);
        Some((readings().reduce(f64::min)?, readings().reduce(f64::max)?))
    }

    /// The median of the ratios within each round.
    pub(super) fn ratio(
        &self,
        ours: &str,
        theirs: &str,
        scenario: &str,
        field: &str,
    ) -> Option<f64> {
        let ratios = self.of(ours, scenario).filter_map(|reading| {
            let mut others = self.of(theirs, scenario).filter(|other| other.round == reading.round);
            let other = others.next()?.field(field).filter(|&other| other != 0.0)?;
            Some(reading.field(field)? / other)
        });
        median(ratios.collect())
    }

    /// What went wrong, each once.
    pub(super) fn failures(&self, contestant: &str, scenario: &str) -> Vec<&str> {
        let readings = self.of(contestant, scenario);
        let mut failures: Vec<_> = readings
            .filter_map(|reading| reading.said.as_ref().err().map(String::as_str))
            .collect();
        failures.sort_unstable();
        failures.dedup();
        failures
    }

    /// How a cost grows.
    pub(super) fn points(&self, contestant: &str, scenario: &str, field: &str) -> Vec<Point> {
        let said = self.of(contestant, scenario).filter_map(|reading| reading.said.as_ref().ok());
        let points = said.last().and_then(|said| said.get("points")?.as_array());
        let number = |point: &Value, field: &str| point.get(field).and_then(Value::as_f64);
        let points = points.into_iter().flatten().filter_map(|point| {
            Some(Point { size: number(point, "n")?, cost: number(point, field)? })
        });
        points.collect()
    }

    /// Why the last points were not to be had, if they were not.
    pub(super) fn stopped(&self, contestant: &str, scenario: &str) -> Option<&str> {
        let said = self.of(contestant, scenario).filter_map(|reading| reading.said.as_ref().ok());
        said.last()?.get("stopped")?.as_str()
    }

    fn readings(&self, contestant: &str, scenario: &str, field: &str) -> impl Iterator<Item = f64> {
        self.of(contestant, scenario).filter_map(move |reading| reading.field(field))
    }

    fn of(&self, contestant: &str, scenario: &str) -> impl Iterator<Item = &Measurement> {
        self.measurements
            .iter()
            .filter(move |reading| reading.contestant == contestant && reading.scenario == scenario)
    }

    /// Takes a line in; none if it is not one of ours.
    fn take(&mut self, line: Value, rounds_before: u64) -> Option<()> {
        let Value::Object(mut line) = line else { return None };
        if let Some(Value::Object(machine)) = line.remove("machine") {
            self.machine = machine;
            return Some(());
        }
        let contestant = line.remove("peer")?.as_str()?.to_owned();
        if let Some(why) = line.remove("missing") {
            let missing = (contestant, why.as_str()?.to_owned());
            if !self.missing.contains(&missing) {
                self.missing.push(missing);
            }
            return Some(());
        }
        let scenario = line.remove("scenario")?.as_str()?.to_owned();
        let round = rounds_before + line.remove("round")?.as_u64()?;
        let said = match line.remove("error") {
            Some(error) => Err(error.as_str()?.to_owned()),
            None => Ok(line),
        };
        self.measurements.push(Measurement { contestant, scenario, round, said });
        Some(())
    }
}

impl Measurement {
    fn field(&self, field: &str) -> Option<f64> {
        self.said.as_ref().ok()?.get(field)?.as_f64()
    }

    fn line(&self) -> Value {
        let Measurement { contestant, scenario, round, said } = self;
        let mut line = said
            .clone()
            .unwrap_or_else(|error| Map::from_iter([("error".to_owned(), Value::String(error))]));
        line.insert("peer".into(), json!(contestant));
        line.insert("scenario".into(), json!(scenario));
        line.insert("round".into(), json!(round));
        Value::Object(line)
    }

    /// The figures of a measurement, for whoever watches.
    pub(super) fn brief(&self, scenario: &Scenario) -> String {
        let said = match &self.said {
            Ok(said) => said,
            Err(error) => return format!("failed: {error}"),
        };
        let figure = |figure: &Figure| {
            Some(format!("{} {}", show(self.field(figure.field)? / figure.by), figure.what))
        };
        let figures: Vec<_> = scenario.figures.iter().filter_map(figure).collect();
        match said.get("points").and_then(Value::as_array) {
            Some(points) => format!("{} points", points.len()),
            None => figures.join(", "),
        }
    }
}

/// How the cost of all units of work grows with their number: 1 is linearly. From a hundred units on; a few say little.
/// `of_all` says that the costs are those of all units together already.
pub(super) fn growth(points: &[Point], of_all: bool) -> Option<f64> {
    let first = points.iter().find(|point| 100.0 <= point.size)?;
    let last = points.last().filter(|last| first.size < last.size)?;
    let power = (last.cost / first.cost).ln() / (last.size / first.size).ln();
    Some(if of_all { power } else { 1.0 + power })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (below, above) = values.split_at(values.len() / 2);
    match (below.last(), above.first()) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => {
            Some(f64::midpoint(*below, *above))
        }
        (_, middle) => middle.copied(),
    }
}

/// A figure with as many digits as say something.
pub(super) fn show(value: f64) -> String {
    let size = value.abs();
    if size < 9.995 {
        return format!("{value:.2}");
    }
    if size < 99.95 {
        return format!("{value:.1}");
    }
    let digits = format!("{size:.0}");
    let mut shown = String::new();
    for (left, digit) in (0..digits.len()).rev().zip(digits.chars()) {
        shown.push(digit);
        if left != 0 && left.is_multiple_of(3) {
            shown.push(',');
        }
    }
    if value < 0.0 { format!("-{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(lines: &[Value]) -> Results {
        let mut results = Results::default();
        lines.iter().for_each(|line| results.take(line.clone(), 0).unwrap());
        results
    }

    fn reading(peer: &str, round: u64, value: f64) -> Value {
        json!({ "peer": peer, "scenario": "bulk_up", "round": round, "mb_s": value })
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn a_ratio_is_the_median_of_those_within_each_round() {
        let results = results(&[
            reading("a", 1, 10.0),
            reading("b", 1, 5.0),
            reading("a", 2, 300.0),
            reading("b", 2, 100.0),
            reading("a", 3, 8.0),
            reading("b", 3, 1.0),
            // Without the other in its round.
            reading("a", 4, 9.0),
        ]);
        assert_eq!(results.ratio("a", "b", "bulk_up", "mb_s"), Some(3.0));
        assert_eq!(results.median("a", "bulk_up", "mb_s"), Some(9.5));
        assert_eq!(results.count("a", "bulk_up"), 4);
        assert_eq!(results.ratio("a", "c", "bulk_up", "mb_s"), None);
        assert_eq!(results.ratio("a", "b", "bulk8", "mb_s"), None);
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        let results = results(&[reading("a", 1, 10.0), reading("b", 1, 0.0)]);
        assert_eq!(results.ratio("a", "b", "bulk_up", "mb_s"), None);
    }

    #[test]
    fn what_is_written_is_read_again_and_rounds_of_two_files_stay_apart() {
        let mut written = results(&[
            json!({ "machine": { "cores": 2 } }),
            json!({ "peer": "go-noise", "missing": "go is not installed" }),
            reading("a", 1, 10.0),
            json!({ "peer": "a", "scenario": "bulk_up", "round": 2, "error": "time limit" }),
        ]);
        let path = std::env::temp_dir().join(format!("peerloom-results-{}", std::process::id()));
        written.write(&path).unwrap();
        assert_eq!(Results::read(std::slice::from_ref(&path)).unwrap(), written);
        assert_eq!(written.failures("a", "bulk_up"), ["time limit"]);
        let twice = Results::read(&[path.clone(), path.clone()]).unwrap();
        fs::remove_file(&path).unwrap();
        let rounds: Vec<_> = twice.measurements.iter().map(|reading| reading.round).collect();
        assert_eq!(rounds, [1, 2, 3, 4]);
        assert_eq!(twice.missing, written.missing);
        assert!(written.take(json!({ "peer": "a" }), 0).is_none());
    }

    #[test]
    fn growth_is_that_of_all_the_work_from_a_hundred_units_on() {
        let points = |costs: &[(f64, f64)]| {
            costs.iter().map(|&(size, cost)| Point { size, cost }).collect::<Vec<_>>()
        };
        let flat = growth(&points(&[(10.0, 50.0), (100.0, 5.0), (1000.0, 5.0)]), false).unwrap();
        assert!((flat - 1.0).abs() < 1e-9, "{flat}");
        let square = growth(&points(&[(100.0, 1.0), (1000.0, 10.0)]), false).unwrap();
        assert!((square - 2.0).abs() < 1e-9, "{square}");
        let whole = growth(&points(&[(100.0, 1.0), (1000.0, 10.0)]), true).unwrap();
        assert!((whole - 1.0).abs() < 1e-9, "{whole}");
        assert_eq!(growth(&points(&[(10.0, 1.0), (100.0, 1.0)]), false), None);
    }

    #[test]
    fn points_end_where_the_dialer_stopped() {
        let results = results(&[json!({
            "peer": "a", "scenario": "grow_conns", "round": 1,
            "points": [{ "n": 1, "cpu_us": 3.5 }], "stopped": "too many open files",
        })]);
        let points = results.points("a", "grow_conns", "cpu_us");
        assert_eq!(points, [Point { size: 1.0, cost: 3.5 }]);
        assert_eq!(results.stopped("a", "grow_conns"), Some("too many open files"));
        assert_eq!(results.points("a", "grow_conns", "open_cpu_us"), []);
        assert_eq!(results.points("b", "grow_conns", "cpu_us"), []);
    }

    #[test]
    fn figures_have_the_digits_that_say_something() {
        let shown = [0.504, 9.999, 56.78, 99.99, 612.3, 1_234_567.0, -2.0, -4321.0].map(show);
        assert_eq!(shown, ["0.50", "10.0", "56.8", "100", "612", "1,234,567", "-2.00", "-4,321"]);
    }
}
