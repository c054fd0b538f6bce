//! Where the workspace is and where its builds go.

use std::env;
use std::path::PathBuf;

use serde_json::Value;

use crate::process::{self, Outcome};

/// The folders that the commands work in; the current folder is the root.
pub(crate) struct Workspace {
    /// Where Cargo puts what it builds.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks Cargo for the folders and makes the workspace's root the current one.
    pub(crate) fn enter() -> Outcome<Self> {
        let text =
            process::output(process::cargo(["metadata", "--no-deps", "--format-version=1"]))?;
        let metadata: Value = serde_json::from_str(&text)
            .map_err(|error| format!("cargo metadata is not to be read: {error}"))?;
        let folder = |name: &str| {
            let path = metadata.get(name).and_then(Value::as_str);
            path.map(PathBuf::from).ok_or(format!("cargo metadata has no {name}"))
        };
        let root = folder("workspace_root")?;
        env::set_current_dir(&root).map_err(|error| format!("{}: {error}", root.display()))?;
        Ok(Workspace { target: folder("target_directory")? })
    }
}
