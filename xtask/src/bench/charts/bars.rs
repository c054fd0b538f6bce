//! Panels of horizontal bars, two beside each other.

use super::drawing::{MARGIN, frame, text};
use crate::bench::contestants::Kind;
use crate::bench::results::show;

/// One figure of everybody.
pub(super) struct Panel {
    /// What was measured.
    pub(super) title: &'static str,
    /// The unit, and which way is better.
    pub(super) note: String,
    pub(super) bars: Vec<Bar>,
}

pub(super) struct Bar {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) value: f64,
}

/// Draws the panels in rows of two.
pub(super) fn draw(title: &str, panels: &[Panel]) -> String {
    let width = 2.0 * (MARGIN + PANEL) + GAP;
    let mut body = text("note", "end", (width - MARGIN, 30.0), LEGEND);
    let mut top = TOP;
    for row in panels.chunks(2) {
        for (panel, left) in row.iter().zip([MARGIN, MARGIN + PANEL + GAP]) {
            body.push_str(&draw_panel(panel, (left, top)));
        }
        let most = row.iter().map(|panel| panel.bars.len()).max().unwrap_or(0);
        top += HEAD + BAR * count(most) + GAP;
    }
    frame(width, top, title, &body)
}

fn draw_panel(panel: &Panel, (left, top): (f64, f64)) -> String {
    let mut drawn = text("head", "start", (left, top + 12.0), panel.title);
    drawn.push_str(&text("note", "start", (left, top + 28.0), &panel.note));
    let longest = panel.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    for (row, bar) in panel.bars.iter().enumerate() {
        let y = top + HEAD + BAR * count(row);
        let length = length(bar.value, longest);
        let (class, start) = (bar.kind.class(), left + NAME);
        drawn.push_str(&text(class, "end", (start - 6.0, y + 12.0), bar.name));
        drawn.push_str(&format!(
            "<rect class=\"{class}\" x=\"{start:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{:.1}\" rx=\"2\"/>\n",
            BAR - 4.0
        ));
        let end = (start + length + 5.0, y + 12.0);
        drawn.push_str(&text(class, "start", end, &show(bar.value)));
    }
    drawn
}

/// How long a bar is beside the longest: bars begin at nothing.
fn length(value: f64, longest: f64) -> f64 {
    if longest <= 0.0 { 0.0 } else { (value / longest * LONGEST).max(0.0) }
}

/// A count as a coordinate; a chart has no more of anything than this holds.
fn count(items: usize) -> f64 {
    f64::from(u16::try_from(items).unwrap_or(u16::MAX))
}

/// What the colours are; the names say it too.
const LEGEND: &str = "green: Peerloom · grey: others · ochre: the machine without a stack";

/// Where the first row of panels begins.
const TOP: f64 = 48.0;

/// The width of a panel: names, bars, and figures behind them.
const PANEL: f64 = 410.0;
const NAME: f64 = 160.0;
const LONGEST: f64 = 195.0;

/// What is between panels.
const GAP: f64 = 20.0;

/// The height of a panel's title, and of a bar with the space below.
const HEAD: f64 = 38.0;
const BAR: f64 = 20.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_its_place_and_half_of_it_is_half_as_long() {
        assert!((length(8.0, 8.0) - LONGEST).abs() < 1e-9);
        assert!((length(4.0, 8.0) - LONGEST / 2.0).abs() < 1e-9);
        assert!(length(0.0, 0.0).abs() < 1e-9);
        assert!(length(-3.0, 8.0).abs() < 1e-9);
    }

    #[test]
    fn every_bar_has_its_name_and_its_figure() {
        let bar = |name, kind, value| Bar { name, kind, value };
        let bars =
            vec![bar("peerloom-noise", Kind::Ours, 1234.0), bar("go-noise", Kind::Peer, 5.5)];
        let panel = Panel { title: "one stream up", note: "MB/s; more is better".into(), bars };
        let drawn = draw("Bulk", &[panel]);
        for part in [
            "one stream up",
            "MB/s; more is better",
            ">peerloom-noise<",
            ">1,234<",
            ">go-noise<",
            ">5.50<",
        ] {
            assert!(drawn.contains(part), "{part}");
        }
    }
}
