//! `regpath plot`: recorded frames drawn again: the figures of a run, any of its paths against λ and other abscissae, and the gate's history.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::plot_source::{self, Place};
use super::{claim_bench, default_history, default_runs, say, usage};
use crate::claim::CLAIMS;
use crate::figure::{
    self, Abscissa, FIGURES, Figure, Format, Frames, Kind, Provenance, Selection, Source,
};
use crate::record::history;
use crate::record::store::read_frames;

/// Arguments of `regpath plot`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
A name of `regpath list figures` is a figure; anything else is the run, and with --kind the name always is. Without --kind all figures \
of the run are drawn, or the path of what `fit` wrote and the curve of what `cv` wrote. --kind reads frames alone: no data, no solver.

  regpath plot                                        all figures of the newest run
  regpath plot runtime zero-counts --format svg       two of them, as SVG alone
  regpath plot RUN --kind path,zeros,gap --x l1       a run, or the directory of `fit` or `cv`")]
pub(super) struct Plot {
    /// A run (directory, its name under --runs, or what `fit` or `cv` wrote), or figures of one; all figures of the newest run unless given
    #[arg(value_name = "RUN|FIGURE")]
    names: Vec<String>,
    /// What to draw of every path, one or more with commas; the name is then a run
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND")]
    kind: Vec<Kind>,
    /// What to draw it against [default: lambda]
    #[arg(long, value_enum, requires = "kind")]
    x: Option<Abscissa>,
    /// Only this dataset, with or without its parameters
    #[arg(long, value_name = "ID", requires = "kind")]
    dataset: Option<String>,
    /// Only this experiment [default: for each dataset paths, or the first with long paths]
    #[arg(long, value_name = "ID", requires = "kind")]
    experiment: Option<String>,
    /// Only this trial
    #[arg(long, value_name = "ID", requires = "kind")]
    trial: Option<String>,
    /// Files to write [default: svg,png]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FORMAT")]
    format: Vec<Format>,
    /// Run directory, or its name under --runs; the newest unless given
    #[arg(long)]
    run: Option<String>,
    /// Directory of runs [default: results/runs]
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,
    /// What `check --record` wrote, for the figure history [default: results/history.parquet of the workspace]
    #[arg(long, value_name = "FILE", conflicts_with = "kind")]
    history: Option<PathBuf>,
    /// What `regpath cv` wrote, for the figure cv [default: regpath-cv]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["history", "kind"])]
    cv: Option<PathBuf>,
    /// What `regpath bench claims` recorded; its pictures are those of the claims [default: results/runs/claims]
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["history", "cv", "run", "names", "kind"])]
    claims: Option<PathBuf>,
    /// Directory to draw into [default: figures/ in the run directory, in that of cv or of claims, or beside the history]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Plot {
    pub(super) fn run(mut self) -> anyhow::Result<u8> {
        if self.format.is_empty() {
            self.format = Format::ALL.to_vec();
        }
        // What is asked for twice is drawn once.
        let mut kinds = Vec::new();
        self.kind.retain(|kind| {
            !kinds.contains(kind) && {
                kinds.push(*kind);
                true
            }
        });
        let mut names = Vec::new();
        self.names.retain(|name| {
            !names.contains(name) && {
                names.push(name.clone());
                true
            }
        });
        if let Some(dir) = &self.claims {
            return self.of_claims(dir);
        }
        let drawn = match self.kind.is_empty() {
            true => self.figures()?,
            false => {
                if let [_, second, ..] = self.names.as_slice() {
                    return Err(usage(format!(
                        "--kind draws one run, and '{second}' is a second one; leave it out"
                    )));
                }
                let place = self.place(self.names.first().map(String::as_str))?;
                self.of_kinds(&place, &self.kind)?
            }
        };
        drawn
            .iter()
            .for_each(|path| say(&path.display().to_string()));
        Ok(0)
    }

    /// What the positional name or --run stands for; the newest run without either.
    fn place(&self, name: Option<&str>) -> anyhow::Result<Place> {
        let root = self.runs.clone().unwrap_or_else(default_runs);
        if let (Some(name), Some(run)) = (name, &self.run) {
            return Err(usage(format!(
                "'{name}' and --run {run} are two runs; leave one out"
            )));
        }
        plot_source::find(&root, name.or(self.run.as_deref()))
    }

    /// The pictures of all kinds are made before the first file is written.
    fn of_kinds(&self, place: &Place, kinds: &[Kind]) -> anyhow::Result<Vec<PathBuf>> {
        if self.x.is_some() && !kinds.iter().any(|kind| kind.is_along()) {
            return Err(usage(
                "--x: the axes of convergence are epochs and seconds; leave it out",
            ));
        }
        let (frames, provenance) = place.read()?;
        let selection = Selection {
            dataset: self.dataset.clone(),
            experiment: self.experiment.clone(),
            trial: self.trial.clone(),
            unnamed: matches!(place, Place::Fit(_)),
        };
        let x = self.x.unwrap_or_default();
        let dir = place.dir();
        let pictures = figure::pictures(&frames, kinds, x, &selection)
            .map_err(|e| usage(format!("{}: {e:#}", dir.display())))?;
        let out = self.out.clone().unwrap_or_else(|| dir.join("figures"));
        self.keep(&out, |stage| {
            let mut files = Vec::new();
            for picture in &pictures {
                files.extend(picture.write(&provenance, stage, &self.format)?);
            }
            Ok(files)
        })
    }

    /// Creates the directory, draws, and leaves the files of the formats that were asked for.
    fn keep(
        &self,
        out: &Path,
        draw: impl FnOnce(&Path) -> anyhow::Result<Vec<PathBuf>>,
    ) -> anyhow::Result<Vec<PathBuf>> {
        create(out)?;
        figure::keep(&self.format, out, draw)
    }

    fn figures(mut self) -> anyhow::Result<Vec<PathBuf>> {
        let known = |name: &String| FIGURES.iter().copied().find(|f| f.id() == name);
        let others: Vec<&String> = self.names.iter().filter(|n| known(n).is_none()).collect();
        let place = match others.as_slice() {
            [] => None,
            [name] => Some(self.place(Some(name)).map_err(|e| unknown(name, &e))?),
            [name, second, ..] => {
                // Of several, the one that is no run is the slip.
                self.place(Some(name)).map_err(|e| unknown(name, &e))?;
                self.place(Some(second)).map_err(|e| unknown(second, &e))?;
                return Err(usage(format!(
                    "'{name}' and '{second}' are two runs; leave one out"
                )));
            }
        };
        let named: Vec<&'static dyn Figure> = self.names.iter().filter_map(known).collect();
        if let Some(place) = place {
            if self.history.is_some() || self.cv.is_some() {
                return Err(usage(format!(
                    "{} is a run, and --history and --cv are of none; leave one out",
                    place.dir().display()
                )));
            }
            match &place {
                Place::Run(dir) => self.run = Some(dir.display().to_string()),
                Place::Fit(dir) if place.is_validated() => self.cv = Some(dir.clone()),
                Place::Fit(_) if named.is_empty() => return self.of_kinds(&place, &[Kind::Path]),
                Place::Fit(dir) => {
                    return Err(usage(format!(
                        "{} holds a path and no run of experiments; draw it with --kind",
                        dir.display()
                    )));
                }
            }
        }
        // A history or a cross-validation that is named asks for its figure.
        let source = match (&self.history, &self.cv) {
            (Some(_), _) => Source::History,
            (_, Some(_)) => Source::Validation,
            _ => Source::Run,
        };
        let wanted: Vec<&'static dyn Figure> = if named.is_empty() {
            let of = |f: &&dyn Figure| f.source() == source;
            FIGURES.iter().copied().filter(of).collect()
        } else {
            named
        };
        let of = |source: Source| -> Vec<&'static dyn Figure> {
            let wanted = wanted.iter().copied();
            wanted.filter(|f| f.source() == source).collect()
        };
        let (of_run, of_cv) = (of(Source::Run), of(Source::Validation));
        let of_history = of(Source::History);
        let mut drawn = Vec::new();
        if !of_run.is_empty() {
            drawn.extend(self.of_run(&of_run)?);
        }
        if !of_cv.is_empty() {
            drawn.extend(self.of_cv(&of_cv)?);
        }
        if !of_history.is_empty() {
            drawn.extend(self.of_history(&of_history)?);
        }
        Ok(drawn)
    }

    fn of_run(&self, figures: &[&'static dyn Figure]) -> anyhow::Result<Vec<PathBuf>> {
        let place = self.place(None)?;
        let Place::Run(dir) = &place else {
            return Err(usage(format!(
                "{} holds a path and no run of experiments; draw it with --kind",
                place.dir().display()
            )));
        };
        let out = self.out.clone().unwrap_or_else(|| dir.join("figures"));
        let drawn = self.keep(&out, |stage| draw(dir, figures, stage))?;
        if drawn.is_empty() {
            return Err(usage(format!(
                "{} holds no rows for these figures; --kind draws any of its paths",
                dir.display()
            )));
        }
        Ok(drawn)
    }

    fn of_cv(&self, figures: &[&'static dyn Figure]) -> anyhow::Result<Vec<PathBuf>> {
        let dir = self.cv.clone().unwrap_or_else(|| "regpath-cv".into());
        let frames = read_frames(&dir)?;
        if frames.cv.height() == 0 {
            return Err(usage(format!(
                "no cross-validation in {}; `regpath cv` makes one, and --cv says where it is",
                dir.display()
            )));
        }
        let out = self.out.clone().unwrap_or_else(|| dir.join("figures"));
        let provenance = Provenance {
            command: "regpath cv".into(),
            ..Provenance::default()
        };
        self.keep(&out, |stage| pictures(&frames, &provenance, figures, stage))
    }

    fn of_claims(&self, dir: &Path) -> anyhow::Result<u8> {
        let dir = match dir.as_os_str().is_empty() {
            true => default_runs().join("claims"),
            false => dir.to_path_buf(),
        };
        let judged = claim_bench::judge(&dir, CLAIMS)?;
        if judged.is_empty() {
            return Err(usage(format!(
                "no claims in {}; `regpath bench claims` measures them",
                dir.display()
            )));
        }
        let out = self.out.clone().unwrap_or_else(|| dir.join("figures"));
        let files = self.keep(&out, |stage| claim_bench::draw(&judged, stage))?;
        say(&format!(
            "figures: {} ({} files)",
            out.display(),
            files.len()
        ));
        Ok(0)
    }

    fn of_history(&self, figures: &[&'static dyn Figure]) -> anyhow::Result<Vec<PathBuf>> {
        let file = self.history.clone().unwrap_or_else(default_history);
        let frames = history::frames(&file)?;
        if frames.history.height() == 0 {
            return Err(usage(format!("{} has no rows", file.display())));
        }
        let out = (self.out.clone()).unwrap_or_else(|| file.with_file_name("figures"));
        let provenance = Provenance {
            command: "regpath check --record".into(),
            ..Provenance::default()
        };
        self.keep(&out, |stage| pictures(&frames, &provenance, figures, stage))
    }
}

/// The error of a name that is neither a figure nor, for that reason, a run.
fn unknown(name: &str, run: &anyhow::Error) -> anyhow::Error {
    let known: Vec<&str> = FIGURES.iter().map(|f| f.id()).collect();
    usage(format!(
        "no figure is called '{name}'; there are {}; and {run:#}",
        known.join(", ")
    ))
}

fn create(out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).map_err(|e| {
        usage(format!(
            "cannot create --out {}: {e}; choose a writable directory",
            out.display()
        ))
    })
}

/// Draws figures of the run in `dir`; the files written.
pub(super) fn draw(
    dir: &Path,
    figures: &[&'static dyn Figure],
    out: &Path,
) -> anyhow::Result<Vec<PathBuf>> {
    let frames = read_frames(dir)?;
    pictures(&frames, &plot_source::provenance(dir), figures, out)
}

/// Draws figures of these frames; the files written.
fn pictures(
    frames: &Frames,
    provenance: &Provenance,
    figures: &[&'static dyn Figure],
    out: &Path,
) -> anyhow::Result<Vec<PathBuf>> {
    create(out)?;
    let mut drawn = Vec::new();
    for figure in figures {
        drawn.extend(
            figure
                .draw(frames, provenance, out)
                .with_context(|| format!("figure {}", figure.id()))?,
        );
    }
    Ok(drawn)
}
