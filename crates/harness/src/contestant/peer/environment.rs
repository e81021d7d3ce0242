//! What is installed for the peers, where, and how it is started.
//!
//! ```text
//! target/peers/env/<id>/      virtual environment of a Python peer; pins.txt inside says that it is complete
//! target/peers/data/<id>/     files out of wheels; pins.txt as above
//! target/peers/r/library/     R packages that the system does not have
//! ```

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Peer;

/// Written last into a finished installation: the packages it has, one a line.
pub const PINS: &str = "pins.txt";

/// One thread for every library that has a say in it.
const ONE_THREAD: [&str; 8] = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
];

/// Where the list, the drivers and the adapters of the suite lie: in its source tree.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// Where everything is installed.
pub fn home() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root).join("target/peers")
}

/// How a peer is run, by the ending of its adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// By the Python driver in a virtual environment of its own.
    Python,
    /// By the R driver.
    R,
    /// By itself.
    Program,
}

impl Language {
    /// The language of an adapter.
    pub fn of(adapter: &Path) -> Self {
        match adapter.extension().and_then(|e| e.to_str()) {
            Some("py") => Self::Python,
            Some("R" | "r") => Self::R,
            _ => Self::Program,
        }
    }
}

/// The folder of a Python peer's environment.
pub fn python_environment(id: &str) -> PathBuf {
    home().join("env").join(id)
}

/// The folder of files taken out of wheels.
pub fn data_folder(id: &str) -> PathBuf {
    home().join("data").join(id)
}

/// The folder in which R looks for packages before the system's.
pub fn r_library() -> PathBuf {
    home().join("r/library")
}

/// Whether a finished installation in `folder` has exactly these packages.
pub fn has(folder: &Path, requires: &[String]) -> bool {
    std::fs::read_to_string(folder.join(PINS)).is_ok_and(|text| text == pins(requires))
}

/// The packages as [`PINS`] lists them.
pub fn pins(requires: &[String]) -> String {
    requires.iter().map(|r| format!("{r}\n")).collect()
}

/// The program of that name on the search path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// The line that installs Debian packages.
pub fn apt_line(packages: &[String]) -> String {
    format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    )
}

/// What would supply a package that its language did not find, if that is known.
pub fn hint(peer: &Peer) -> String {
    if Language::of(&peer.adapter()) == Language::R && !peer.entry.debian.is_empty() {
        format!("; on Debian `{}`", apt_line(&peer.entry.debian))
    } else {
        String::new()
    }
}

/// The command that starts a peer's process. Err with the reason if what it needs is not there.
pub fn command(peer: &Peer) -> Result<Command, String> {
    let (id, adapter) = (&peer.id, peer.adapter());
    let mut command = match Language::of(&adapter) {
        Language::Python => {
            let environment = python_environment(id);
            if !has(&environment, &peer.entry.requires) {
                let list = if peer.folder == folder() {
                    String::new()
                } else {
                    " --peers LIST".into()
                };
                return Err(format!(
                    "not installed; `cargo xtask peers install {id}{list}` does it"
                ));
            }
            let mut command = Command::new(environment.join("bin/python"));
            // Isolated from the user's own packages and variables, and writing no bytecode beside the adapters.
            command
                .arg("-IB")
                .arg(folder().join("driver.py"))
                .arg(&adapter);
            command
        }
        Language::R => {
            let Some(rscript) = on_path("Rscript") else {
                let line = apt_line(&peer.entry.debian);
                return Err(format!(
                    "not installed; R is missing, on Debian `{line}` installs it"
                ));
            };
            let mut command = Command::new(rscript);
            command
                .arg("--vanilla")
                .arg(folder().join("driver.R"))
                .arg(&adapter)
                .env("R_LIBS", r_library());
            command
        }
        Language::Program => Command::new(&adapter),
    };
    for variable in ONE_THREAD {
        command.env(variable, "1");
    }
    Ok(command)
}
