//! The command-line program `peerloom`.

fn main() {}
