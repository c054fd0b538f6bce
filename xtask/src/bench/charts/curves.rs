//! Curves on logarithmic scales: a straight line up is a power, one that is level costs the same however much there is.

use super::drawing::{MARGIN, frame, line, text};
use crate::bench::contestants::Kind;
use crate::bench::results::Point;

pub(super) struct Curve {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) points: Vec<Point>,
}

/// A logarithmic scale over whole decades, from one place to another.
struct Scale {
    decades: std::ops::RangeInclusive<i16>,
    from: f64,
    to: f64,
}

/// Draws the curves, each with its name at its end; nothing without points.
pub(super) fn draw(title: &str, across: &str, curves: &[Curve]) -> Option<String> {
    let points = || curves.iter().flat_map(|curve| curve.points.iter());
    let x = Scale::over(points().map(|point| point.size), (LEFT, RIGHT))?;
    let y = Scale::over(points().map(|point| point.cost), (BOTTOM, TOP))?;
    let mut body = grid(&x, &y, across);
    let mut names = Vec::new();
    for (curve, dashes) in curves.iter().zip(DASHES.iter().cycle()) {
        let class = curve.kind.class();
        let places: Vec<_> =
            curve.points.iter().map(|point| (x.place(point.size), y.place(point.cost))).collect();
        let steps: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        body.push_str(&format!(
            "<path class=\"{class}\" stroke-dasharray=\"{dashes}\" d=\"M{}\"/>\n",
            steps.join("L")
        ));
        for (x, y) in &places {
            body.push_str(&format!(
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>\n"
            ));
        }
        names.extend(places.last().map(|place| (*place, class, curve.name)));
    }
    for (x, y, class, name) in apart(names) {
        body.push_str(&text(class, "start", (x + 9.0, y + 4.0), name));
    }
    Some(frame(WIDTH, HEIGHT, title, &body))
}

type Name = ((f64, f64), &'static str, &'static str);

/// Names from above to below, each far enough under the one before that ends where it does to be read.
fn apart(mut names: Vec<Name>) -> Vec<(f64, f64, &'static str, &'static str)> {
    names.sort_by(|((_, one), ..), ((_, other), ..)| one.total_cmp(other));
    let mut placed: Vec<(f64, f64, _, _)> = Vec::new();
    for ((x, y), class, name) in names {
        let before = placed.iter().rev().find(|(other, ..)| (other - x).abs() < 1.0);
        let y = before.map_or(y, |(_, above, ..)| y.max(above + 15.0));
        placed.push((x, y, class, name));
    }
    placed
}

fn grid(x: &Scale, y: &Scale, across: &str) -> String {
    let mut drawn = text("note", "start", (MARGIN, TOP - 12.0), "both scales are logarithmic");
    for decade in x.decades.clone() {
        let place = x.place(10_f64.powi(decade.into()));
        drawn.push_str(&line("grid", (place, TOP), (place, BOTTOM)));
        drawn.push_str(&text("note", "middle", (place, BOTTOM + 18.0), &label(decade)));
    }
    for decade in y.decades.clone() {
        let place = y.place(10_f64.powi(decade.into()));
        drawn.push_str(&line("grid", (LEFT, place), (RIGHT, place)));
        drawn.push_str(&text("note", "end", (LEFT - 8.0, place + 4.0), &label(decade)));
    }
    drawn.push_str(&line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM)));
    drawn.push_str(&line("axis", (LEFT, TOP), (LEFT, BOTTOM)));
    drawn.push_str(&text("note", "middle", (f64::midpoint(LEFT, RIGHT), BOTTOM + 36.0), across));
    drawn
}

fn label(decade: i16) -> String {
    match decade {
        0..=2 => 10_i32.pow(decade.unsigned_abs().into()).to_string(),
        3..=5 => format!("{},000", 10_i32.pow(decade.unsigned_abs().saturating_sub(3).into())),
        6..=8 => format!("{} million", 10_i32.pow(decade.unsigned_abs().saturating_sub(6).into())),
        _ => format!("1e{decade}"),
    }
}

impl Scale {
    /// The decades that hold all values; nothing without a value that has a logarithm.
    fn over(values: impl Iterator<Item = f64>, (from, to): (f64, f64)) -> Option<Self> {
        let logarithms: Vec<_> = values.map(f64::log10).filter(|value| value.is_finite()).collect();
        let least = logarithms.iter().copied().reduce(f64::min)?.floor();
        let most = logarithms.iter().copied().reduce(f64::max)?.ceil();
        let mut decades =
            (-30..=30_i16).filter(|decade| (least..=most).contains(&f64::from(*decade)));
        let (first, last) = (decades.clone().next()?, decades.next_back()?);
        // All in one place is a decade too.
        Some(Scale { decades: first..=last.max(first.saturating_add(1)), from, to })
    }

    fn place(&self, value: f64) -> f64 {
        let (first, last) = (f64::from(*self.decades.start()), f64::from(*self.decades.end()));
        self.from + (value.log10() - first) / (last - first) * (self.to - self.from)
    }
}

/// What tells curves of one colour apart, beside their names.
const DASHES: &[&str] = &["none", "8 3", "2 3", "10 3 2 3", "5 5"];

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 90.0;
/// To the right of it are the names.
const RIGHT: f64 = 720.0;
const TOP: f64 = 70.0;
const BOTTOM: f64 = 320.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_whole_decades_and_equal_steps_for_equal_ratios() {
        let scale = Scale::over([3.0, 700.0].into_iter(), (0.0, 300.0)).unwrap();
        assert_eq!(scale.decades, 0..=3);
        let places = [1.0, 10.0, 100.0, 1000.0].map(|value| scale.place(value).round());
        assert_eq!(places.map(|place| format!("{place}")), ["0", "100", "200", "300"]);
        assert!(Scale::over([0.0].into_iter(), (0.0, 1.0)).is_none());
        assert_eq!(Scale::over([1.0].into_iter(), (0.0, 1.0)).unwrap().decades, 0..=1);
    }

    #[test]
    fn names_at_one_place_are_put_under_each_other() {
        let names = vec![
            ((0.0, 10.0), "peer", "b"),
            ((0.0, 9.0), "ours", "a"),
            ((0.0, 90.0), "peer", "c"),
            ((50.0, 9.0), "peer", "d"),
        ];
        let placed: Vec<_> = apart(names).into_iter().map(|(_, y, _, name)| (name, y)).collect();
        assert_eq!(placed, [("a", 9.0), ("d", 9.0), ("b", 24.0), ("c", 90.0)]);
    }

    #[test]
    fn decades_are_read_as_numbers() {
        let labels = [-1, 0, 2, 3, 5, 6].map(label);
        assert_eq!(labels, ["1e-1", "1", "100", "1,000", "100,000", "1 million"]);
    }
}
