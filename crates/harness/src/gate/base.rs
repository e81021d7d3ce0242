//! The commit that a change is compared with, checked out and built beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::probe::{Probe, answer};
use crate::dataset::read::InputError;

/// A commit of a repository.
pub struct Base {
    root: PathBuf,
    /// Its short name.
    pub commit: String,
}

impl Base {
    /// The commit that `revision` names in the repository at `root`. Errors: [`InputError`] if it names none.
    pub fn find(root: PathBuf, revision: &str) -> Result<Self, InputError> {
        let wanted = format!("{revision}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--short",
            "--verify",
            "--end-of-options",
            &wanted,
        ];
        match git(&root, &arguments) {
            Ok(commit) => Ok(Self { root, commit }),
            Err(reason) => Err(InputError(format!(
                "--base {revision}: no commit of {}: {reason}",
                root.display()
            ))),
        }
    }

    /// Checks the commit out into a worktree below the target folder and builds the probe there, in a target folder of its
    /// own that the next base is built in, too; one build at a time. None if the commit is from before there was one.
    ///
    /// Errors: the worktree cannot be made; it does not build.
    pub fn build(&self) -> anyhow::Result<Option<Probe>> {
        let folder = self.root.join("target").join("gate");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let lock = std::fs::File::create(folder.join("lock"))?;
        lock.lock()?;
        let tree = folder.join("base");
        check_out(&self.root, &tree, &self.commit)?;
        Probe::build(&tree, Some(&folder.join("target")))
    }
}

/// The same folder for every base, so that the build starts from the last one.
fn check_out(root: &Path, tree: &Path, commit: &str) -> anyhow::Result<()> {
    // Anything else there would make git check out into the repository around it.
    let top = git(tree, &["rev-parse", "--show-toplevel"]).unwrap_or_default();
    let is_worktree = Path::new(&top).canonicalize().ok() == tree.canonicalize().ok();
    if tree.exists()
        && is_worktree
        && git(
            tree,
            &["checkout", "--quiet", "--force", "--detach", commit],
        )
        .is_ok()
    {
        return Ok(());
    }
    if tree.exists() {
        std::fs::remove_dir_all(tree)
            .with_context(|| format!("cannot remove {}", tree.display()))?;
    }
    let mut command = command_in(root);
    // Twice: the repository may still remember a worktree that is gone.
    command.args([
        "worktree", "add", "--quiet", "--force", "--force", "--detach",
    ]);
    answer(command.arg(tree).arg(commit)).map(|_| ())
}

fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = answer(command_in(folder).args(arguments))?;
    Ok(output.trim().to_owned())
}

/// Git in that folder, whatever repository the caller's environment names.
fn command_in(folder: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.arg("-C").arg(folder);
    command
}
