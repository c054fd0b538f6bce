//! What was measured, as Markdown: for the terminal, and for the page in docs.

use serde_json::Value;

use super::contestants::{CONTESTANTS, Contestant, FAMILIES, Family};
use super::goals::{Verdict, goals};
use super::results::{Results, growth, show};
use super::scenarios::{Figure, SCENARIOS, Scenario};

/// Ratios first, then goals, then what they were made of.
pub(super) fn tables(results: &Results) -> String {
    let mut text = String::new();
    let mut section = |title: &str, note: &str, table: String| {
        if !table.is_empty() {
            text.push_str(&format!("## {title}\n\n{note}\n\n{table}\n"));
        }
    };
    for family in FAMILIES {
        section(&format!("Ratios: {}", family.name), RATIOS, ratios(results, family));
    }
    section("Goals", GOALS, goal_table(results));
    section("Growth", GROWTH, growths(results));
    section("Medians", MEDIANS, medians(results));
    section("Not measured", NOT_MEASURED, failures(results));
    text
}

/// The part of the page that is written by the machine.
pub(super) fn generated(results: &Results, charts: &[(String, String)]) -> String {
    let mut text = format!("{}\n", machine(results));
    for (file, title) in charts {
        text.push_str(&format!("![{title}](benchmarks/{file})\n\n"));
    }
    text.push_str(&tables(results));
    text
}

/// A page with its generated part put in the place of the one that it has, or at its end.
pub(super) fn with_generated(page: &str, generated: &str) -> String {
    let generated = format!("{BEGIN}\n\n{}\n\n{END}", generated.trim());
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some(format!("{before}{generated}{after}"))
    });
    parts.unwrap_or_else(|| format!("{page}{generated}\n"))
}

fn machine(results: &Results) -> String {
    let told = |name: &str| results.machine.get(name).and_then(Value::as_str).unwrap_or("unknown");
    let list = |name: &str| {
        let values = results.machine.get(name).and_then(Value::as_array);
        let texts = values.into_iter().flatten().filter_map(Value::as_str);
        texts.collect::<Vec<_>>().join(", ")
    };
    let cores = results.machine.get("cores").and_then(Value::as_u64).unwrap_or(0);
    let go = results.machine.get("go").and_then(Value::as_str);
    let compilers = [Some(told("rustc")), go].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let mut lines = vec![
        format!(
            "Measured on {} at commit {}, {} rounds.",
            told("date"),
            told("commit"),
            results.most_readings()
        ),
        format!(
            "The machine: {}, {cores} cores, {}, Linux {} with TCP's {}; {compilers}.",
            told("cpu"),
            told("memory"),
            told("kernel"),
            told("congestion")
        ),
        format!("Versions: {}.", list("versions")),
    ];
    if !list("settings").is_empty() {
        lines.push(format!("Settings other than the usual: {}.", list("settings")));
    }
    lines.join("\n") + "\n"
}

fn ratios(results: &Results, family: &Family) -> String {
    let others = CONTESTANTS.iter().filter(|it| family.others.contains(&it.name));
    let measured = |it: &&Contestant| results.measurements.iter().any(|m| m.contestant == it.name);
    let others: Vec<_> = others.filter(measured).collect();
    if others.is_empty() {
        return String::new();
    }
    let mut rows = Vec::new();
    for (scenario, figure) in figures() {
        let Some(ours) = results.median(family.ours, scenario.name, figure.field) else { continue };
        let mut row = vec![
            format!("{}, {}", scenario.what, figure.what),
            figure.better.name().replace(" is better", ""),
            show(ours / figure.by),
        ];
        row.extend(others.iter().map(|other| {
            let ratio = results.ratio(family.ours, other.name, scenario.name, figure.field);
            ratio.filter(|_| other.is_comparable(figure)).map_or("–".into(), show)
        }));
        rows.push(row);
    }
    let mut head = vec!["measure".to_owned(), "better".into(), family.ours.into()];
    head.extend(others.iter().map(|other| format!("÷ {}", other.name)));
    table(&head, &rows)
}

fn goal_table(results: &Results) -> String {
    let rows = goals().into_iter().filter_map(|goal| {
        let scenario = Scenario::named(goal.scenario)?;
        let verdict = goal.verdict(results);
        if verdict == Verdict::NotMeasured && results.count(goal.ours, goal.scenario) == 0 {
            return None;
        }
        Some(vec![
            format!("{}, {}", scenario.what, scenario.figure(goal.field)?.what),
            goal.ours.into(),
            goal.text(),
            goal.reached(results).map_or("–".into(), |reached| goal.shown(reached)),
            verdict.text(),
        ])
    });
    let head = ["measure", "of", "goal", "reached", "verdict"].map(str::to_owned);
    table(&head, &rows.collect::<Vec<_>>())
}

fn growths(results: &Results) -> String {
    let mut rows = Vec::new();
    for scenario in SCENARIOS {
        for figure in scenario.points {
            for contestant in CONTESTANTS {
                let points = results.points(contestant.name, scenario.name, figure.field);
                if points.is_empty() {
                    continue;
                }
                let costs = points.iter();
                let costs = costs.map(|it| format!("{}: {}", it.size, show(it.cost / figure.by)));
                rows.push(vec![
                    figure.what.to_owned(),
                    contestant.name.into(),
                    costs.collect::<Vec<_>>().join(" · "),
                    growth(&points, scenario.of_all).map_or("–".into(), power),
                    results.stopped(contestant.name, scenario.name).unwrap_or_default().into(),
                ]);
            }
        }
    }
    table(&["what", "of", "n: each", "all n together", "stopped by"].map(str::to_owned), &rows)
}

/// A power of n; one that is clearly more than linear stands out.
fn power(power: f64) -> String {
    if power <= 1.1 { format!("n^{power:.2}") } else { format!("**n^{power:.2}**") }
}

/// A table for each scenario.
fn medians(results: &Results) -> String {
    let of = |scenario: &Scenario| {
        let rows = CONTESTANTS.iter().map(|contestant| {
            let figures = scenario.figures.iter();
            let figures = figures.map(|figure| reading(results, contestant.name, scenario, figure));
            [Some(contestant.name.to_owned())].into_iter().chain(figures).collect::<Option<_>>()
        });
        let rows: Vec<Vec<_>> = rows.flatten().collect();
        let mut head = vec![scenario.what.to_owned()];
        head.extend(scenario.figures.iter().map(|figure| figure.what.to_owned()));
        if scenario.figures.is_empty() { String::new() } else { table(&head, &rows) }
    };
    let tables: Vec<_> = SCENARIOS.iter().map(of).filter(|table| !table.is_empty()).collect();
    tables.join("\n")
}

/// A median, and between what it lies.
fn reading(
    results: &Results,
    contestant: &str,
    scenario: &Scenario,
    figure: &Figure,
) -> Option<String> {
    let show = |value: f64| show(value / figure.by);
    let median = results.median(contestant, scenario.name, figure.field)?;
    let (least, most) = results.range(contestant, scenario.name, figure.field)?;
    Some(match results.count(contestant, scenario.name) {
        1 => show(median),
        _ => format!("{} ({} to {})", show(median), show(least), show(most)),
    })
}

fn failures(results: &Results) -> String {
    let missing = results.missing.iter();
    let mut rows: Vec<_> =
        missing.map(|(name, why)| vec![name.clone(), "all".into(), why.clone()]).collect();
    for contestant in CONTESTANTS {
        for scenario in SCENARIOS {
            let failures = results.failures(contestant.name, scenario.name);
            if !failures.is_empty() {
                rows.push(vec![contestant.name.into(), scenario.name.into(), failures.join("; ")]);
            }
        }
    }
    table(&["of", "scenario", "why"].map(str::to_owned), &rows)
}

fn figures() -> impl Iterator<Item = (&'static Scenario, &'static Figure)> {
    SCENARIOS.iter().flat_map(|it| it.figures.iter().map(move |figure| (it, figure)))
}

/// A table whose columns are as wide as their widest cell; nothing without rows.
fn table(head: &[String], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<_>> =
        [head].into_iter().chain(rows.iter().map(Vec::as_slice)).map(cells).collect();
    let width = |column: usize| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        widths.max().unwrap_or(0).max(3)
    };
    let widths: Vec<_> = (0..head.len()).map(width).collect();
    let rule = widths.iter().map(|&width| "-".repeat(width)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let (head, body) = rows.split_at(1);
    head.iter().chain([&rule]).chain(body).map(line).collect()
}

/// What a message says must not look like the end of a cell.
fn cells(row: &[String]) -> Vec<String> {
    row.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect()
}

const BEGIN: &str = "<!-- From here on written by `cargo xtask bench`. -->";
const END: &str = "<!-- Up to here. -->";

const RATIOS: &str =
    "Our median, and the median of our figure divided by the other's within each round.";
const GOALS: &str = "Ratios are ours divided by the other's. Where the floor, which is the machine without a stack, misses a goal too, that is said.";
const GROWTH: &str = "What each of n costs. All n together: n^1 is linearly; from a hundred on, because a few say little.";
const MEDIANS: &str = "And between which readings they lie. CPU time is that of both processes; memory is resident, above that of the first twenty; a dialer that takes a node for each connection has that of the nodes.";
const NOT_MEASURED: &str = "What could not be built here or did not end well.";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bench::results::Measurement;

    fn measured(contestant: &str, field: &str, value: f64) -> Measurement {
        Measurement {
            contestant: contestant.into(),
            scenario: "bulk_up".into(),
            round: 1,
            said: Ok([(field.to_owned(), json!(value))].into_iter().collect()),
        }
    }

    #[test]
    fn a_table_is_as_wide_as_its_cells_and_survives_what_they_say() {
        let head = ["a".to_owned(), "b".into()];
        let rows = [vec!["long one".into(), "x|y".into()]];
        let expected = "| a        | b    |\n| -------- | ---- |\n| long one | x\\|y |\n";
        assert_eq!(table(&head, &rows), expected);
        assert_eq!(table(&head, &[]), "");
    }

    #[test]
    fn ratios_have_a_column_for_everybody_who_was_measured() {
        let measurements = vec![
            measured("peerloom-noise", "mb_s", 1200.0),
            measured("libp2p-noise", "mb_s", 600.0),
        ];
        let results = Results { measurements, ..Results::default() };
        let text = tables(&results);
        assert!(text.contains("÷ libp2p-noise"), "{text}");
        assert!(!text.contains("÷ go-noise"), "{text}");
        let row = text.lines().find(|line| line.starts_with("| one stream up, MB/s")).unwrap();
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        assert_eq!(cells, ["", "one stream up, MB/s", "more", "1,200", "2.00", ""]);
    }

    #[test]
    fn the_generated_part_takes_the_place_of_the_one_before_and_leaves_the_rest() {
        let page = with_generated("# Title\n\nWritten by hand.\n\n", "first\n");
        assert!(page.starts_with("# Title\n\nWritten by hand.\n\n<!--"), "{page}");
        let page = with_generated(&(page + "The end.\n"), "second\n");
        assert!(page.contains("second") && !page.contains("first"), "{page}");
        assert!(page.ends_with("\nThe end.\n") && page.matches("<!--").count() == 2, "{page}");
    }

    #[test]
    fn who_could_not_be_measured_is_named_with_the_reason() {
        let missing = vec![("go-noise".to_owned(), "go is not installed".to_owned())];
        let text = tables(&Results { missing, ..Results::default() });
        assert!(text.contains("go-noise") && text.contains("go is not installed"), "{text}");
    }
}
