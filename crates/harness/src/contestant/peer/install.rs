//! Installing what the list of peers names, and finding out what is there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use rustix::process::geteuid;

use super::environment::{
    self, Language, PINS, apt_line, data_folder, has, on_path, pins, python_environment, r_library,
};
use super::list::List;

/// Where CRAN is asked for what Debian does not supply.
const CRAN: &str = "https://cloud.r-project.org";

/// Something to install.
pub struct Item {
    /// Its name in the list.
    pub id: String,
    kind: Kind,
    /// Packages with exact versions.
    pub requires: Vec<String>,
    debian: Vec<String>,
}

enum Kind {
    Python,
    R,
    Program,
    Data { files: Vec<String> },
}

/// Whether an item is there.
pub enum State {
    /// With this version.
    Present(String),
    /// For this reason.
    Missing(String),
}

/// Everything that a list names; the suite's own list for None. Errors: it cannot be read.
pub fn items(list: Option<&Path>) -> anyhow::Result<Vec<Item>> {
    let own = environment::folder().join("peers.toml");
    let path = list.unwrap_or(&own);
    let list = List::read(path)?;
    let mut items = Vec::new();
    for (id, entry) in list.peer.into_iter().chain(list.losses) {
        let kind = match Language::of(Path::new(&entry.adapter)) {
            Language::Python => Kind::Python,
            Language::R => Kind::R,
            Language::Program => Kind::Program,
        };
        items.push(Item {
            id,
            kind,
            requires: entry.requires,
            debian: entry.debian,
        });
    }
    for (id, package) in list.package {
        items.push(Item {
            id,
            kind: Kind::R,
            requires: package.requires,
            debian: package.debian,
        });
    }
    for (id, data) in list.data {
        let kind = Kind::Data { files: data.files };
        items.push(Item {
            id,
            kind,
            requires: data.requires,
            debian: Vec::new(),
        });
    }
    Ok(items)
}

impl Item {
    /// The folder that holds it, unless it is R's or a program.
    fn folder(&self) -> PathBuf {
        match self.kind {
            Kind::Data { .. } => data_folder(&self.id),
            _ => python_environment(&self.id),
        }
    }

    /// Whether it is there.
    pub fn state(&self) -> State {
        match &self.kind {
            Kind::Program => State::Present("a program of its own".into()),
            Kind::Python | Kind::Data { .. } if has(&self.folder(), &self.requires) => {
                State::Present(
                    self.requires
                        .first()
                        .cloned()
                        .unwrap_or_else(|| "no package".into()),
                )
            }
            Kind::Python | Kind::Data { .. } => {
                State::Missing("`cargo xtask peers install` installs it".into())
            }
            Kind::R => match r_versions(&self.requires) {
                Ok(versions) => State::Present(versions),
                Err(reason) => {
                    State::Missing(format!("{reason}; on Debian: {}", apt_line(&self.debian)))
                }
            },
        }
    }

    /// Installs it, in place of what is there.
    pub fn install(&self) -> anyhow::Result<()> {
        match &self.kind {
            Kind::Program => Ok(()),
            Kind::Python => self.install_environment(),
            Kind::Data { files } => self.install_files(files),
            Kind::R => self.install_r(),
        }
    }

    fn install_environment(&self) -> anyhow::Result<()> {
        let folder = self.folder();
        let python = python()?;
        remove(&folder)?;
        std::fs::create_dir_all(&folder)?;
        finish(Command::new(&python).args(["-m", "venv"]).arg(&folder))
            .context("on Debian `apt-get install -y python3-venv` supplies venv")?;
        if !self.requires.is_empty() {
            let mut pip = Command::new(folder.join("bin/python"));
            pip.args([
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-input",
                "--prefer-binary",
            ]);
            finish(pip.args(&self.requires))?;
        }
        Ok(std::fs::write(folder.join(PINS), pins(&self.requires))?)
    }

    fn install_files(&self, files: &[String]) -> anyhow::Result<()> {
        let (folder, python) = (self.folder(), python()?);
        remove(&folder)?;
        let wheels = folder.join("wheels");
        std::fs::create_dir_all(&wheels)?;
        let mut pip = Command::new(&python);
        pip.args([
            "-m",
            "pip",
            "download",
            "--disable-pip-version-check",
            "--no-input",
            "--no-deps",
            "-d",
        ]);
        finish(pip.arg(&wheels).args(&self.requires))?;
        // Listed before anything is unpacked beside them.
        let archives = std::fs::read_dir(&wheels)?.collect::<Result<Vec<_>, _>>()?;
        for archive in archives {
            finish(
                Command::new(&python)
                    .args(["-m", "zipfile", "-e"])
                    .arg(archive.path())
                    .arg(&wheels),
            )?;
        }
        for file in files {
            let name = Path::new(file)
                .file_name()
                .context("a file inside a wheel needs a name")?;
            std::fs::rename(wheels.join(file), folder.join(name))
                .with_context(|| format!("no {file} in the wheel"))?;
        }
        remove(&wheels)?;
        Ok(std::fs::write(folder.join(PINS), pins(&self.requires))?)
    }

    /// Debian's packages where that is allowed, otherwise CRAN's newest into a library of the suite's own.
    fn install_r(&self) -> anyhow::Result<()> {
        let line = apt_line(&self.debian);
        ensure!(
            on_path("Rscript").is_some(),
            "R is missing; on Debian: {line}"
        );
        if on_path("apt-get").is_some() && geteuid().is_root() && !self.debian.is_empty() {
            let mut apt = Command::new("apt-get");
            apt.args(["install", "-y", "--no-install-recommends"])
                .args(&self.debian);
            return finish(apt.env("DEBIAN_FRONTEND", "noninteractive"));
        }
        let library = r_library();
        std::fs::create_dir_all(&library)?;
        let names: Vec<String> = self
            .requires
            .iter()
            .filter_map(|r| Some(format!("'{}'", r.split("==").next()?)))
            .collect();
        let call = format!(
            "install.packages(c({}), lib = commandArgs(TRUE)[1], repos = '{CRAN}')",
            names.join(", ")
        );
        finish(Command::new("Rscript").args(["-e", &call]).arg(library))
            .with_context(|| format!("on Debian: {line}"))
    }
}

/// Versions of R packages, as `glmnet 4.1.6`. Err with the reason if one cannot be loaded.
fn r_versions(requires: &[String]) -> Result<String, String> {
    if on_path("Rscript").is_none() {
        return Err("R is missing".into());
    }
    let mut versions = Vec::new();
    for required in requires {
        let (name, pinned) = required.split_once("==").unwrap_or((required, ""));
        let call = "p <- commandArgs(TRUE)[1]; stopifnot(requireNamespace(p, quietly = TRUE)); \
                    cat(as.character(packageVersion(p)))";
        let output = Command::new("Rscript")
            .args(["-e", call, name])
            .env("R_LIBS", r_library())
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("Rscript does not start: {e}"))?;
        if !output.status.success() {
            return Err(format!("R cannot load {name}"));
        }
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        // R prints 4.1-6 as 4.1.6.
        let same = version.replace('-', ".") == pinned.replace('-', ".");
        versions.push(if same {
            format!("{name} {version}")
        } else {
            format!("{name} {version} (the list says {pinned})")
        });
    }
    Ok(versions.join(", "))
}

fn python() -> anyhow::Result<PathBuf> {
    on_path("python3")
        .context("python3 is not on the search path; on Debian: apt-get install -y python3-venv")
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Runs a command quietly; its last words become the error.
fn finish(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().display().to_string();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{program} does not start"))?;
    if output.status.success() {
        return Ok(());
    }
    let said =
        [output.stderr, output.stdout].map(|text| String::from_utf8_lossy(&text).into_owned());
    let mut lines = said
        .iter()
        .flat_map(|text| text.lines().rev())
        .map(str::trim)
        .filter(|l| !l.is_empty());
    let last = lines
        .find(|l| l.to_lowercase().contains("error"))
        .or_else(|| said.iter().flat_map(|t| t.lines().rev()).next());
    bail!("{program}: {}", last.unwrap_or("failed without a word"));
}
