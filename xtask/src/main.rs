//! What people and CI run on the workspace.

fn main() {}
