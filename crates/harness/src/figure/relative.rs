//! Variants of a run on every problem, in seconds relative to one of them.

use super::absence::{NOT_RUN, absence};
use super::dot_block::DotBlock;
use super::dot_plate::{DotPlate, absence_key};
use super::dot_row::{Dot, DotRow};
use super::legend::Key;
use super::spread::Spread;
use super::style::Ink;
use super::trial::{Trial, distinct, uncontended};

/// One way to run.
pub struct Variant {
    /// The name that readers see.
    pub label: String,
    /// How it is drawn.
    pub ink: Ink,
    /// Tells its trials from the others.
    pub id: String,
}

/// What the pictures of this kind differ in.
pub struct Comparison<'a> {
    /// Title.
    pub title: &'a str,
    /// Title of the axis.
    pub axis: &'static str,
    /// Sentences of the caption.
    pub notes: Vec<String>,
    /// The variants in display order; the first is the unit.
    pub variants: Vec<Variant>,
    /// Id of the variant that a trial belongs to.
    pub variant_of: fn(&Trial) -> String,
}

impl Comparison<'_> {
    /// The plate of these trials.
    pub fn plate(&self, trials: &[Trial]) -> DotPlate {
        let (timings, warnings) = uncontended(trials);
        let problems = distinct(timings.iter().map(|t| t.problem.as_str()));
        let here = |problem: &str, variant: &Variant| -> Vec<&Trial> {
            let of = |t: &&&Trial| t.problem == problem && (self.variant_of)(t) == variant.id;
            timings.iter().filter(of).copied().collect()
        };
        let ratio = |problem: &str, variant: &Variant| -> Result<Spread, &'static str> {
            let time = seconds(&here(problem, variant))?;
            let unit = seconds(&here(problem, &self.variants[0])).map_err(|_| NO_UNIT)?;
            let unit = unit.median;
            Ok(Spread {
                low: time.low / unit,
                median: time.median / unit,
                high: time.high / unit,
            })
        };
        let row = |problem: &str| {
            let mut row = DotRow::default();
            for variant in &self.variants {
                match ratio(problem, variant) {
                    Ok(at) => row.dots.push(Dot {
                        ink: variant.ink,
                        leads: variant.id == self.variants[0].id,
                        at,
                    }),
                    Err(word) => row.absent.push((word, variant.ink)),
                }
            }
            row
        };
        let size = |problem: &&str| {
            let trial = timings.iter().find(|t| t.problem == *problem);
            trial.map_or(String::new(), |t| format!("{} × {}", t.n, t.p))
        };
        let rows: Vec<DotRow> = problems.iter().map(|p| row(p)).collect();
        let mean = |variant: &Variant| {
            let ratios = problems.iter().filter_map(|p| ratio(p, variant).ok());
            let logs: Vec<f64> = ratios.map(|r| r.median.ln()).collect();
            let over = format!("over {} of {}", logs.len(), problems.len());
            if logs.is_empty() {
                return DotRow {
                    text: over,
                    ..DotRow::default()
                };
            }
            let at = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
            DotRow {
                dots: vec![Dot {
                    ink: variant.ink,
                    leads: variant.id == self.variants[0].id,
                    at: Spread {
                        low: at,
                        median: at,
                        high: at,
                    },
                }],
                absent: Vec::new(),
                text: format!("{at:.2} {over}"),
            }
        };
        let mut keys: Vec<Key> = (self.variants.iter())
            .map(|v| Key::mark(&v.label, v.ink, false))
            .collect();
        if rows.iter().any(|row| !row.absent.is_empty()) {
            keys.push(absence_key());
        }
        let mut notes = self.notes.clone();
        let repeats = timings.iter().map(|t| t.repeat + 1).max().unwrap_or(1);
        if repeats > 1 {
            notes.push(format!(
                "Medians of up to {repeats} interleaved repeats, bars from the fastest to the slowest."
            ));
        }
        let failures = timings.iter().filter(|t| !t.timed());
        let told = distinct(failures.map(|t| {
            let reason = if t.reason.is_empty() {
                String::new()
            } else {
                format!(" ({})", t.reason)
            };
            let variant = self.variants.iter().find(|v| v.id == (self.variant_of)(t));
            let name = variant.map_or(t.contestant.as_str(), |v| v.label.as_str());
            format!("{}, {name}: {}{reason}.", t.problem, t.status_text())
        }));
        let more = told.len().saturating_sub(TOLD);
        notes.extend(told.into_iter().take(TOLD));
        if more > 0 {
            notes.push(format!("{more} more without a time."));
        }
        notes.extend(warnings);
        DotPlate {
            title: self.title.into(),
            notes,
            keys,
            blocks: vec![
                DotBlock {
                    labels: problems.iter().map(|p| (p.to_string(), size(p))).collect(),
                    columns: vec![(String::new(), rows)],
                },
                DotBlock {
                    labels: (self.variants.iter())
                        .map(|v| (v.label.clone(), String::new()))
                        .collect(),
                    columns: vec![(
                        "Geometric mean".into(),
                        self.variants.iter().map(mean).collect(),
                    )],
                },
            ],
            axis: self.axis,
            guide: Some(1.0),
        }
    }
}

/// The variant has a time, that which it is compared with has none.
const NO_UNIT: &str = "no unit";
/// Failures told one by one in the caption.
const TOLD: usize = 4;

/// Spread of the repeats, or why there is none.
fn seconds(trials: &[&Trial]) -> Result<Spread, &'static str> {
    let Some(first) = trials.first() else {
        return Err(NOT_RUN);
    };
    let converged = trials.iter().filter(|t| t.converged());
    Spread::of(converged.filter_map(|t| t.seconds)).ok_or_else(|| {
        let bad = trials.iter().find(|t| !t.converged()).unwrap_or(first);
        absence(&bad.status, &bad.reason)
    })
}
