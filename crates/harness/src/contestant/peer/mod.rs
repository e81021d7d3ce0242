//! Peers: packages in other languages, each in a process of its own that a driver keeps alive between paths.
//!
//! `list` reads which there are, `install` fetches what they need, `environment` knows where it is, `exchange` holds the files through which data and
//! coefficients go, `session` is the conversation with one process, `validation` and `losses` what is asked of cross-validations and of fits under
//! other losses. How to add a peer is in `peers/README.md`.

pub mod environment;
mod exchange;
pub mod install;
pub mod list;
pub mod losses;
mod session;
pub mod validation;

use std::path::{Path as FilePath, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use regpath_solvers::solver::{Outcome, Status, Work};

use super::{Contestant, Skip};
use crate::dataset::read::InputError;
use crate::prepared::Prepared;
use crate::stopwatch::{Stopwatch, interrupted};
use crate::sweep::{Path, Step, Sweep};
use exchange::Exchange;
use list::{Entry, List};
use session::{Failure, Session};

/// A package behind a driver.
pub struct Peer {
    id: String,
    entry: Entry,
    /// Folder of the list and the adapter.
    folder: PathBuf,
    /// Whether it computes paths of squared loss.
    contestant: bool,
    session: Mutex<Option<Session>>,
    version: Mutex<String>,
}

/// Every list that was read, the suite's own first.
static REGISTRY: OnceLock<Mutex<Vec<&'static Peer>>> = OnceLock::new();

fn registry() -> &'static Mutex<Vec<&'static Peer>> {
    REGISTRY.get_or_init(|| {
        let own = environment::folder().join("peers.toml");
        // The program may have been moved away from its source tree; it then has no peers but those it is given.
        let list = if own.is_file() {
            read(&own)
        } else {
            Ok(Vec::new())
        };
        Mutex::new(list.unwrap_or_else(|error| {
            crate::command::warn(&format!("{error}; no peers"));
            Vec::new()
        }))
    })
}

fn read(path: &FilePath) -> Result<Vec<&'static Peer>, InputError> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = absolute
        .parent()
        .unwrap_or(FilePath::new("/"))
        .to_path_buf();
    let list = List::read(path)?;
    let contestants = list.peer.into_iter().map(|entry| (true, entry));
    let others = list.losses.into_iter().map(|entry| (false, entry));
    let leaked = contestants.chain(others).map(|(contestant, (id, entry))| {
        // Peers live as long as the program; there are a dozen.
        &*Box::leak(Box::new(Peer {
            id,
            entry,
            folder: folder.clone(),
            contestant,
            session: Mutex::new(None),
            version: Mutex::new(String::new()),
        }))
    });
    Ok(leaked.collect())
}

/// A poisoned lock only means that another path panicked; what it guards is replaced as a whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every peer that is a contestant, in order of lists and names.
pub fn all() -> Vec<&'static Peer> {
    let peers = everyone().into_iter();
    peers.filter(|peer| peer.contestant).collect()
}

/// Every peer, also those that fit other losses alone.
fn everyone() -> Vec<&'static Peer> {
    locked(registry()).clone()
}

/// The peer of that name, contestant or not. Err with the reason if there is none.
pub fn find(id: &str) -> Result<&'static Peer, String> {
    let found = everyone().into_iter().find(|peer| peer.id == id);
    found.ok_or_else(|| format!("not installed; no list of peers has {id}"))
}

/// The files on which the answers of peers depend: drivers, lists and adapters.
pub fn files() -> Vec<PathBuf> {
    let mut files = vec![
        environment::folder().join("peers.toml"),
        environment::folder().join("driver.py"),
        environment::folder().join("driver.R"),
    ];
    files.extend(everyone().iter().map(|peer| peer.adapter()));
    files
}

/// Adds the peers of another list. Errors: it cannot be read, or a name is taken.
pub fn add(path: &FilePath) -> Result<(), InputError> {
    let more = read(path)?;
    for peer in &more {
        if super::find(&peer.id).is_ok() || find(&peer.id).is_ok() {
            return Err(InputError(format!(
                "{}: '{}' is a contestant already",
                path.display(),
                peer.id
            )));
        }
    }
    locked(registry()).extend(more);
    Ok(())
}

/// Ends every process and removes the files between; to be called before the program ends.
pub fn shut_down() {
    if let Some(peers) = REGISTRY.get() {
        for peer in locked(peers).iter() {
            locked(&peer.session).take();
        }
    }
    Exchange::clear();
}

/// Kills every process without waiting for whoever talks to it.
pub fn kill_all() {
    session::kill_all();
    Exchange::clear_if_free();
}

impl Peer {
    /// The adapter's file.
    pub fn adapter(&self) -> PathBuf {
        self.folder.join(&self.entry.adapter)
    }

    /// A conversation in which `data` has been handed over.
    fn session_with<'a>(
        &self,
        slot: &'a mut Option<Session>,
        data: &Prepared,
        ended: &dyn Fn() -> bool,
    ) -> Result<&'a mut Session, Failure> {
        if slot.is_none() {
            let command = environment::command(self).map_err(Failure::Unavailable)?;
            let session = Session::start(&self.id, command)?;
            *locked(&self.version) = session.version().to_owned();
            *slot = Some(session);
        }
        let Some(session) = slot.as_mut() else {
            return Err(Failure::Unavailable("no process".into()));
        };
        session.load(data, ended)?;
        Ok(session)
    }
}

impl Contestant for Peer {
    fn id(&self) -> &str {
        &self.id
    }

    fn summary(&self) -> &str {
        &self.entry.summary
    }

    fn version(&self) -> String {
        locked(&self.version).clone()
    }

    fn is_peer(&self) -> bool {
        true
    }

    fn tolerances(&self) -> &[f64] {
        &self.entry.tolerances
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        environment::command(self).map(drop)
    }

    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let mut slot = locked(&self.session);
        let watch = Stopwatch::start();
        let attempt = self
            .session_with(&mut slot, data, &|| {
                sweep.deadline.expired() || interrupted()
            })
            .and_then(|session| session.path(data, alpha, sweep));
        match attempt {
            Ok(answer) => {
                let step = |(k, nonzeros): (usize, Vec<(u32, f64)>)| Step {
                    k,
                    lambda: sweep.grid.as_slice()[k],
                    seconds: None,
                    outcome: Outcome {
                        status: Status::Converged,
                        work: Work::default(),
                    },
                    nonzeros,
                    intercept: 0.0,
                    dual: None,
                };
                Ok(Path {
                    path_seconds: answer.seconds,
                    cpu_seconds: answer.cpu_seconds,
                    stopping_figure: answer.stopping,
                    peak_rss_bytes: answer.peak_rss_bytes,
                    steps: answer
                        .coefficients
                        .into_iter()
                        .enumerate()
                        .map(step)
                        .collect(),
                    ..Path::default()
                })
            }
            // The process goes on waiting for other requests.
            Err(Failure::Unsupported(reason)) => Err(Skip(reason).into()),
            Err(Failure::Refused(reason)) => anyhow::bail!(reason),
            Err(Failure::Ended) => {
                *slot = None;
                Ok(Path {
                    path_seconds: watch.wall(),
                    ..Path::default()
                })
            }
            Err(Failure::Unavailable(reason)) => {
                *slot = None;
                let hint = environment::hint(self);
                Err(Skip(format!("not installed or not working: {reason}{hint}")).into())
            }
            Err(Failure::Broken(reason)) => {
                *slot = None;
                anyhow::bail!(reason)
            }
        }
    }
}
