//! A bar for transfers that take a while, when a person looks on.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// A bar for `total` bytes; an invisible one when nobody looks on.
pub(crate) fn bar(total: u64, output: Output) -> ProgressBar {
    if output.is_json() || !std::io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = ProgressBar::new(total);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
