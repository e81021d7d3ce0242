//! The commit that a change is compared with, checked out and built beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::probe::{Probe, answer};
use crate::dataset::read::InputError;

/// A commit with its probe.
pub struct Base {
    /// Short name of the commit.
    pub commit: String,
    /// Its probe; None if the commit is from before there was one.
    pub probe: Option<Probe>,
}

/// Checks `revision` of the repository at `root` out into a worktree below its target folder, and builds the probe there, in
/// a target folder of its own that the next base is built in, too.
///
/// Errors: [`InputError`] for what names no commit; git is missing; it does not build.
pub fn build(root: &Path, revision: &str) -> anyhow::Result<Base> {
    let commit = git(
        root,
        &[
            "rev-parse",
            "--short",
            "--verify",
            "--quiet",
            "--end-of-options",
            &format!("{revision}^{{commit}}"),
        ],
    )
    .map_err(|_| {
        InputError(format!(
            "--base {revision}: no commit of {}",
            root.display()
        ))
    })?;
    let folder = root.join("target").join("gate");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let tree = folder.join("base");
    check_out(root, &tree, &commit)?;
    let probe = Probe::build(&tree, Some(&folder.join("target")))?;
    Ok(Base { commit, probe })
}

/// The same folder for every base, so that the build starts from the last one.
fn check_out(root: &Path, tree: &Path, commit: &str) -> anyhow::Result<()> {
    let there = tree.join(".git").exists()
        && git(
            tree,
            &["checkout", "--quiet", "--force", "--detach", commit],
        )
        .is_ok();
    if there {
        return Ok(());
    }
    if tree.exists() {
        std::fs::remove_dir_all(tree)
            .with_context(|| format!("cannot remove {}", tree.display()))?;
    }
    // Twice: the repository may still remember a worktree that is gone.
    let path = PathBuf::from(tree);
    let path = path.to_string_lossy();
    git(
        root,
        &[
            "worktree", "add", "--quiet", "--force", "--force", "--detach", &path, commit,
        ],
    )?;
    Ok(())
}

fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = answer(Command::new("git").arg("-C").arg(folder).args(arguments))?;
    Ok(output.trim().to_owned())
}
