//! `regpath peers`: install the packages that the suite is compared with, and say what is there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use serde_json::json;

use super::{INTERRUPTED, note, say, usage};
use crate::contestant::peer::environment::{
    self, Language, PINS, apt_line, data_folder, has, home, on_path, pins, python_environment,
};
use crate::contestant::peer::list::List;
use crate::stopwatch::{Stopwatch, catch_interrupts, interrupted};

/// Where CRAN is asked for what neither the system nor Debian has.
const CRAN: &str = "https://cloud.r-project.org";

/// Arguments of `regpath peers`.
#[derive(clap::Args, Debug)]
pub(super) struct Peers {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Install peers and their data under target/peers; what is there already is left alone
    Install(Install),
    /// Say which peers are there, with versions
    List(Show),
}

#[derive(clap::Args, Debug)]
struct Install {
    /// Only these entries of the list
    ids: Vec<String>,
    /// Another list of peers instead of the suite's
    #[arg(long, value_name = "FILE")]
    peers: Option<PathBuf>,
    /// Install again what is there
    #[arg(long)]
    force: bool,
}

#[derive(clap::Args, Debug)]
struct Show {
    /// Another list of peers instead of the suite's
    #[arg(long, value_name = "FILE")]
    peers: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Peers {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        match self.action {
            Action::Install(install) => install.run(),
            Action::List(show) => show.run(),
        }
    }
}

/// Something to install.
struct Item {
    id: String,
    kind: Kind,
    requires: Vec<String>,
    debian: Vec<String>,
}

enum Kind {
    Python,
    R,
    Program,
    Data { files: Vec<String> },
}

/// Whether an item is there.
enum State {
    Present(String),
    Missing(String),
}

fn items(list: Option<&Path>) -> anyhow::Result<Vec<Item>> {
    let own = environment::folder().join("peers.toml");
    let path = list.unwrap_or(&own);
    let list = List::read(path)?;
    let mut items = Vec::new();
    for (id, entry) in list.peer {
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

impl Install {
    fn run(self) -> anyhow::Result<u8> {
        let items = items(self.peers.as_deref())?;
        if let Some(unknown) = self
            .ids
            .iter()
            .find(|id| !items.iter().any(|i| i.id == **id))
        {
            let known: Vec<&str> = items.iter().map(|i| i.id.as_str()).collect();
            return Err(usage(format!(
                "no entry is called '{unknown}'; there are {}",
                known.join(", ")
            )));
        }
        catch_interrupts();
        let wanted: Vec<&Item> = items
            .iter()
            .filter(|i| self.ids.is_empty() || self.ids.contains(&i.id))
            .collect();
        let mut failed = 0;
        for (i, item) in wanted.iter().enumerate() {
            if interrupted() {
                note("interrupted; the same command goes on from here");
                return Ok(INTERRUPTED);
            }
            let label = format!("[{}/{}] {}", i + 1, wanted.len(), item.id);
            if let State::Present(version) = item.state()
                && !self.force
            {
                note(&format!("{label}: {version}, already there"));
                continue;
            }
            note(&format!("{label}: installing {}", summary(&item.requires)));
            let watch = Stopwatch::start();
            match item.install() {
                Ok(()) => match item.state() {
                    State::Present(version) => {
                        note(&format!("{label}: {version}, {:.0} s", watch.wall()))
                    }
                    State::Missing(reason) => {
                        failed += 1;
                        note(&format!("{label}: FAILED: {reason}"));
                    }
                },
                Err(error) => {
                    failed += 1;
                    note(&format!("{label}: FAILED: {error:#}"));
                }
            }
        }
        let there = wanted.len() - failed;
        say(&format!(
            "{there} of {} are there, under {}",
            wanted.len(),
            home().display()
        ));
        Ok(u8::from(failed > 0))
    }
}

/// The first package and how many others come with it.
fn summary(requires: &[String]) -> String {
    match requires {
        [] => "nothing".into(),
        [only] => only.clone(),
        [first, others @ ..] => format!("{first} and {} packages it needs", others.len()),
    }
}

impl Show {
    fn run(self) -> anyhow::Result<u8> {
        let items = items(self.peers.as_deref())?;
        let states: Vec<State> = items.iter().map(Item::state).collect();
        if self.json {
            let entry = |(item, state): (&Item, &State)| match state {
                State::Present(version) => {
                    json!({"id": item.id, "installed": true, "version": version})
                }
                State::Missing(reason) => {
                    json!({"id": item.id, "installed": false, "reason": reason})
                }
            };
            let entries: Vec<_> = items.iter().zip(&states).map(entry).collect();
            say(&serde_json::to_string_pretty(&entries)?);
            return Ok(0);
        }
        let width = items.iter().map(|i| i.id.len()).max().unwrap_or(0);
        for (item, state) in items.iter().zip(&states) {
            let text = match state {
                State::Present(version) => version.clone(),
                State::Missing(reason) => format!("missing: {reason}"),
            };
            say(&format!("{:width$}  {text}", item.id));
        }
        Ok(0)
    }
}

impl Item {
    /// The folder that holds it, unless it is R's or a program.
    fn folder(&self) -> PathBuf {
        match self.kind {
            Kind::Data { .. } => data_folder(&self.id),
            _ => python_environment(&self.id),
        }
    }

    fn state(&self) -> State {
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

    fn install(&self) -> anyhow::Result<()> {
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
                "--only-binary=:all:",
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
        for wheel in std::fs::read_dir(&wheels)? {
            finish(
                Command::new(&python)
                    .args(["-m", "zipfile", "-e"])
                    .arg(wheel?.path())
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

    /// Into a library of the suite's own: Debian's packages unpacked where there is apt, otherwise from CRAN.
    fn install_r(&self) -> anyhow::Result<()> {
        let line = apt_line(&self.debian);
        ensure!(
            on_path("Rscript").is_some(),
            "R is missing; on Debian: {line}"
        );
        let root = home().join("r");
        std::fs::create_dir_all(root.join("library"))?;
        let packages: Vec<&String> = self
            .debian
            .iter()
            .filter(|p| p.starts_with("r-cran-"))
            .collect();
        let attempt =
            if on_path("apt-get").is_some() && on_path("dpkg").is_some() && !packages.is_empty() {
                unpack_debian(&root, &packages)
            } else {
                let names: Vec<&str> = self
                    .requires
                    .iter()
                    .filter_map(|r| r.split("==").next())
                    .collect();
                let names = names
                    .iter()
                    .map(|n| format!("'{n}'"))
                    .collect::<Vec<_>>()
                    .join(", ");
                let library = root.join("library");
                let call = format!(
                    "install.packages(c({names}), lib = commandArgs(TRUE)[1], repos = '{CRAN}')"
                );
                finish(Command::new("Rscript").args(["-e", &call]).arg(library))
            };
        attempt.with_context(|| format!("on Debian: {line}"))
    }
}

fn unpack_debian(root: &Path, packages: &[&String]) -> anyhow::Result<()> {
    let archives = root.join("archives");
    remove(&archives)?;
    std::fs::create_dir_all(&archives)?;
    finish(
        Command::new("apt-get")
            .arg("download")
            .args(packages)
            .current_dir(&archives),
    )?;
    for archive in std::fs::read_dir(&archives)? {
        finish(
            Command::new("dpkg")
                .arg("-x")
                .arg(archive?.path())
                .arg(root),
        )?;
    }
    remove(&archives)
}

/// Versions of R packages, as `glmnet 4.1.6`. Err with the reason if one cannot be loaded.
fn r_versions(requires: &[String]) -> Result<String, String> {
    if on_path("Rscript").is_none() {
        return Err("R is missing".into());
    }
    let mut versions = Vec::new();
    for required in requires {
        let (name, pinned) = required.split_once("==").unwrap_or((required, ""));
        let call = "cat(as.character(packageVersion(commandArgs(TRUE)[1])))";
        let output = Command::new("Rscript")
            .args(["-e", call, name])
            .env("R_LIBS", environment::r_libraries())
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("Rscript does not start: {e}"))?;
        if !output.status.success() {
            return Err(format!("R has no package {name}"));
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
