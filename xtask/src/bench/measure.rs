//! One measurement: a listener, a dialer, perhaps a line between them, and what the dialer says.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::contestants::Contestant;
use super::line::Line;
use super::scenarios::Scenario;
use crate::process::Outcome;
use crate::running::{Ends, Running};

/// Measures a contestant once; what its dialer printed.
pub(super) fn measure(
    contestant: &Contestant,
    scenario: &Scenario,
    builds: &Path,
) -> Outcome<Map<String, Value>> {
    let deadline = Instant::now() + LIMIT;
    let log = |side: &str| builds.join(format!("{}.{side}.log", contestant.name));
    let command = || {
        let mut command = Command::new(contestant.project.program(builds));
        command.arg(contestant.variant).envs(scenario.settings.iter().copied());
        command
    };
    let mut listener = command();
    listener.arg("listen");
    let mut listener = Running::start(listener, Ends::OnInput, &log("listener"))?;
    let said = listener.line(deadline)?;
    let ["LISTEN", process, address] = said.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(format!("does not say where it listens: {said}").into());
    };
    let line = scenario.line.map(|conditions| Line::start(address, conditions)).transpose()?;
    let mut dialer = command();
    dialer.args(["dial", line.as_ref().map_or(address, Line::address), scenario.name]);
    dialer.env("PB_LISTENER_PID", process).env("PB_LIMIT_SECS", DIALER_LIMIT);
    if let Some(conditions) = scenario.line {
        dialer.env("PB_RTT_MS", conditions.round_trip.as_millis().to_string());
    }
    let dialer = Running::start(dialer, Ends::OnInput, &log("dialer"))?;
    let (status, last) = dialer.finish(deadline)?;
    let said = last.and_then(|line| serde_json::from_str(&line).ok());
    match said {
        Some(Value::Object(said)) if status.success() => Ok(said),
        Some(Value::Object(said)) => {
            let error = said.get("error").and_then(Value::as_str);
            Err(error.unwrap_or("it failed without saying why").into())
        }
        _ => Err(format!("{status}, without a line of JSON at the end").into()),
    }
}

/// How long a measurement may take, and after how long the dialer gives up by itself.
const LIMIT: Duration = Duration::from_secs(200);
const DIALER_LIMIT: &str = "180";
