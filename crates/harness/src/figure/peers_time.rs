//! Time at equal accuracy: seconds of every contestant on every problem.

use super::contest::Contest;
use super::dot_plate::{ABREAST, DotPlate, keys, problems};
use super::picture;
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct PeersTime;

impl Figure for PeersTime {
    fn id(&self) -> &'static str {
        "peers-time"
    }

    fn title(&self) -> &'static str {
        "Seconds to the same certified accuracy"
    }

    fn summary(&self) -> &'static str {
        "path seconds of all contestants on every problem at the same certified accuracy; who has no time stays visible"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let Some(contest) = Contest::of(frames)? else {
            return Ok(Vec::new());
        };
        let plates: Vec<DotPlate> = contest
            .accuracies
            .chunks(ABREAST)
            .map(|accuracies| plate(&contest, accuracies, self.title()))
            .collect();
        picture::write_series(&plates, provenance, out, self.id())
    }
}

fn plate(contest: &Contest, accuracies: &[f64], title: &str) -> DotPlate {
    let block = problems(contest, accuracies, |problem, contestant, eps| {
        contest.time(problem, contestant, eps)
    });
    let mut notes = vec![
        contest.timing(),
        contest.labels(),
        "Bars run from the fastest to the slowest repeat where they are wider than the mark; marks that would overlap \
         are moved apart vertically."
            .into(),
        contest.versions(),
    ];
    notes.extend(contest.absences(accuracies));
    DotPlate {
        title: title.into(),
        notes,
        keys: keys(contest, &block),
        blocks: vec![block],
        axis: "seconds",
        guide: None,
    }
}
