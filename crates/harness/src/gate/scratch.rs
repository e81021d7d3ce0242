//! A folder for the time of a measurement.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// A folder below the system's own for temporary files, which goes when it is dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new one for this purpose. Errors: it cannot be made.
    pub(super) fn new(purpose: &str) -> anyhow::Result<Self> {
        let name = format!("regpath-{purpose}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing is lost with it, and nobody is left to be told.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
