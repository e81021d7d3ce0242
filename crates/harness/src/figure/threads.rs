//! Threads: one path on one thread and on several.

use super::reader::trials;
use super::relative::{Comparison, Variant};
use super::style::ink;
use super::trial::distinct;
use super::{Figure, Frames, Provenance, picture};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct Threads;

impl Figure for Threads {
    fn id(&self) -> &'static str {
        "threads"
    }

    fn title(&self) -> &'static str {
        "One path on several threads"
    }

    fn summary(&self) -> &'static str {
        "seconds of one path on several threads relative to one thread, problem by problem; left of 1 is faster"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("threads"))?;
        if trials.is_empty() {
            return Ok(Vec::new());
        }
        let mut threads = distinct(trials.iter().map(|t| t.threads));
        threads.sort_unstable();
        let variant = |(i, count): (usize, &u64)| Variant {
            label: format!("{count} thread{}", if *count == 1 { "" } else { "s" }),
            ink: ink(i),
            id: count.to_string(),
        };
        let comparison = Comparison {
            title: self.title(),
            axis: "seconds relative to one thread",
            notes: vec![
                "Threads share the passes and products of one warm path; on sparse data two warm paths share the grid; on \
                 fewer than a million entries a path keeps to one thread. Coefficients are the same bits throughout."
                    .into(),
            ],
            variants: threads.iter().enumerate().map(variant).collect(),
            variant_of: |trial| trial.threads.to_string(),
        };
        picture::write(&comparison.plate(&trials), provenance, out, self.id())
    }
}
