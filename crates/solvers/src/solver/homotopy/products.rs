//! Inner products among the candidates, the columns that a walk considers: from X, or from strips of its Gram matrix.

use crate::design::kernels::{BUNDLE_STEP, axpy_columns, dot_columns};
use crate::design::{Bundle, Design};
use crate::solver::Work;

/// What a walk asks of its candidates, which it knows by their place in a list.
pub(super) trait Products {
    /// Column of X at this place.
    fn column(&self, place: usize) -> usize;

    /// Place of a column that is a candidate.
    fn place(&self, column: usize) -> usize;

    /// ‖x_j‖²/n of the candidate at this place.
    fn curvature(&self, place: usize) -> f64;

    /// `out[i]` = x_jᵀx_a/n for the candidate j at place `new` and every a in `active`. `corr` says who is next in line.
    fn cross(&mut self, new: usize, active: &[usize], corr: &[f64], out: &mut [f64]);

    /// out = X_Wᵀ X_A v / n, one number for every candidate.
    fn slopes(&mut self, active: &[usize], v: &[f64], out: &mut [f64]);

    /// The same where the numbers of the candidates that are not among `outside` are known already: those in `out` are left
    /// as they are, or overwritten with the same up to rounding, whichever is less work.
    fn slopes_outside(&mut self, active: &[usize], v: &[f64], outside: &[usize], out: &mut [f64]);

    /// out = X_Wᵀ(y − X_Aβ)/n, one number for every candidate.
    fn correlations(&mut self, active: &[usize], beta: &[f64], out: &mut [f64]);

    /// Counts what was read.
    fn work(&mut self) -> &mut Work;
}

/// Columns up to which a Gram matrix or a factor may be held: 4096² doubles are 134 MB.
pub(super) const MOST_COLUMNS: usize = 4096;

/// Place of a column that is no candidate.
const NOWHERE: u32 = u32::MAX;

/// The columns that a walk considers where it does not consider all.
pub(super) struct Candidates {
    /// Columns at the places 0, 1, …
    columns: Vec<usize>,
    /// Place of each column of X, or [`NOWHERE`].
    place: Vec<u32>,
    /// Their Gram matrix, where it is kept; candidates are then only ever added.
    block: Option<Block>,
    /// Length n, for whoever needs a vector over rows.
    over_rows: Vec<f64>,
}

impl Candidates {
    pub(super) fn new(n: usize, p: usize, keep_gram: bool) -> Self {
        Self {
            columns: Vec::new(),
            place: vec![NOWHERE; p],
            block: keep_gram.then(Block::default),
            over_rows: vec![0.0; n],
        }
    }

    pub(super) fn columns(&self) -> &[usize] {
        &self.columns
    }

    pub(super) fn keeps_gram(&self) -> bool {
        self.block.is_some()
    }

    /// Makes candidates of these columns: of them alone, unless a Gram matrix is kept.
    pub(super) fn hold(&mut self, columns: &[usize]) {
        if self.keeps_gram() {
            let new = columns.iter().filter(|&&j| self.place[j] == NOWHERE);
            let new: Vec<usize> = new.copied().collect();
            self.add(&new);
        } else {
            self.set(columns);
        }
    }

    /// Leaves no candidate, and nothing in the Gram matrix.
    pub(super) fn forget(&mut self) {
        self.set(&[]);
        if let Some(block) = &mut self.block {
            block.len = 0;
        }
    }

    /// Makes these columns the candidates, in this order.
    pub(super) fn set(&mut self, columns: &[usize]) {
        for j in self.columns.drain(..) {
            self.place[j] = NOWHERE;
        }
        self.add(columns);
    }

    /// Adds columns that are no candidates yet.
    pub(super) fn add(&mut self, columns: &[usize]) {
        for &j in columns {
            self.place[j] = self.columns.len() as u32;
            self.columns.push(j);
        }
    }

    /// Brings the Gram matrix up to date, where it is kept, and lends out what a walk asks for.
    pub(super) fn products<'a, X: Design>(
        &'a mut self,
        x: &'a X,
        y: &'a [f64],
        curvature: &'a [f64],
        start: &'a [f64],
    ) -> FromCandidates<'a, X> {
        let mut work = Work::default();
        if let Some(block) = &mut self.block {
            block.extend(x, &self.columns, &mut work);
        }
        FromCandidates {
            x,
            y,
            curvature,
            start,
            candidates: &self.columns,
            place: &self.place,
            block: self.block.as_ref(),
            over_rows: &mut self.over_rows,
            work,
        }
    }
}

/// Products of some candidates: from the columns themselves, or from the Gram matrix of the candidates.
pub(super) struct FromCandidates<'a, X> {
    pub x: &'a X,
    pub y: &'a [f64],
    /// ‖x_j‖²/n, all columns.
    pub curvature: &'a [f64],
    /// Xᵀy/n, all columns.
    pub start: &'a [f64],
    /// Columns at the places 0, 1, …
    candidates: &'a [usize],
    place: &'a [u32],
    /// Their Gram matrix, where it is kept.
    block: Option<&'a Block>,
    /// Length n, for whoever needs a vector over rows.
    over_rows: &'a mut Vec<f64>,
    pub work: Work,
}

impl<X: Design> FromCandidates<'_, X> {
    fn columns(&self, places: &[usize]) -> Vec<usize> {
        places.iter().map(|&place| self.candidates[place]).collect()
    }

    /// X_A v, over rows.
    fn fill_image(&mut self, active: &[usize], v: &[f64]) {
        let set = self.columns(active);
        self.over_rows.fill(0.0);
        self.x.axpy_set(&set, v, self.over_rows);
        self.work.columns_touched += set.len() as u64;
    }

    fn over_candidates(&mut self, out: &mut [f64]) {
        self.x.tr_mul_set(self.candidates, self.over_rows, out);
        self.work.columns_touched += self.candidates.len() as u64;
        let n = self.y.len() as f64;
        out.iter_mut().for_each(|c| *c /= n);
    }

    fn fill_residual(&mut self, active: &[usize], beta: &[f64]) {
        let set = self.columns(active);
        let factors: Vec<f64> = beta.iter().map(|b| -b).collect();
        self.over_rows.copy_from_slice(self.y);
        self.x.axpy_set(&set, &factors, self.over_rows);
        self.work.columns_touched += set.len() as u64;
    }

    pub(super) fn is_candidate(&self, column: usize) -> bool {
        self.place[column] != NOWHERE
    }

    /// y − X_Aβ.
    pub(super) fn residual(&mut self, active: &[usize], beta: &[f64]) -> &[f64] {
        self.fill_residual(active, beta);
        self.over_rows
    }
}

impl<X: Design> Products for FromCandidates<'_, X> {
    fn column(&self, place: usize) -> usize {
        self.candidates[place]
    }

    fn place(&self, column: usize) -> usize {
        self.place[column] as usize
    }

    fn curvature(&self, place: usize) -> f64 {
        self.curvature[self.candidates[place]]
    }

    fn cross(&mut self, new: usize, active: &[usize], _corr: &[f64], out: &mut [f64]) {
        if let Some(block) = self.block {
            let column = block.column(new);
            for (out, &a) in out.iter_mut().zip(active) {
                *out = column[a];
            }
            return;
        }
        let set = self.columns(active);
        self.x.gram_row(self.candidates[new], &set, out);
        self.work.columns_touched += set.len() as u64 + 1;
        let n = self.y.len() as f64;
        out.iter_mut().for_each(|g| *g /= n);
    }

    fn slopes(&mut self, active: &[usize], v: &[f64], out: &mut [f64]) {
        if let Some(block) = self.block {
            out.fill(0.0);
            axpy_columns(|k| block.column(active[k]), v, out);
            return;
        }
        self.fill_image(active, v);
        self.over_candidates(out);
    }

    fn slopes_outside(&mut self, active: &[usize], v: &[f64], outside: &[usize], out: &mut [f64]) {
        if outside.is_empty() {
            return;
        }
        let mut found = vec![0.0; outside.len()];
        if let Some(block) = self.block {
            if outside.len() >= active.len() {
                return self.slopes(active, v, out);
            }
            // The Gram matrix is symmetric: its columns that belong to few are rows as well.
            let mut everywhere = vec![0.0; out.len()];
            for (&a, &v) in active.iter().zip(v) {
                everywhere[a] = v;
            }
            dot_columns(|k| block.column(outside[k]), &everywhere, &mut found);
        } else {
            self.fill_image(active, v);
            let set = self.columns(outside);
            self.x.tr_mul_set(&set, self.over_rows, &mut found);
            self.work.columns_touched += set.len() as u64;
            let n = self.y.len() as f64;
            found.iter_mut().for_each(|c| *c /= n);
        }
        for (&w, found) in outside.iter().zip(found) {
            out[w] = found;
        }
    }

    fn correlations(&mut self, active: &[usize], beta: &[f64], out: &mut [f64]) {
        if let Some(block) = self.block {
            for (out, &j) in out.iter_mut().zip(self.candidates) {
                *out = self.start[j];
            }
            let factors: Vec<f64> = beta.iter().map(|b| -b).collect();
            axpy_columns(|k| block.column(active[k]), &factors, out);
            return;
        }
        self.fill_residual(active, beta);
        self.over_candidates(out);
    }

    fn work(&mut self) -> &mut Work {
        &mut self.work
    }
}

/// X_WᵀX_W/n of candidates W that are only ever added to.
#[derive(Default)]
struct Block {
    data: Vec<f64>,
    stride: usize,
    len: usize,
}

impl Block {
    /// One entry per candidate.
    fn column(&self, place: usize) -> &[f64] {
        &self.data[place * self.stride..place * self.stride + self.len]
    }

    /// Takes in the candidates behind those that it holds: products with all candidates, some columns at a time.
    fn extend<X: Design>(&mut self, x: &X, candidates: &[usize], work: &mut Work) {
        if candidates.len() == self.len {
            return;
        }
        if candidates.len() > self.stride {
            self.grow(candidates.len());
        }
        let n = x.nrows();
        let mut bundle = Bundle::zeros(n, (candidates.len() - self.len).clamp(1, BLOCK_AT_ONCE));
        let mut products = vec![0.0; candidates.len() * bundle.width()];
        while self.len < candidates.len() {
            let before = self.len;
            let new = &candidates[before..candidates.len().min(before + BLOCK_AT_ONCE)];
            x.bundle_columns(new, &mut bundle);
            self.len += new.len();
            // Vectors beyond the new ones are those of the round before; their products are not looked at.
            x.tr_mul_bundle(&candidates[..self.len], &bundle, &mut products);
            let rows = products.chunks_exact(bundle.width());
            for (i, row) in rows.enumerate().take(self.len) {
                for (k, value) in row[..new.len()].iter().enumerate() {
                    let value = value / n as f64;
                    self.data[(before + k) * self.stride + i] = value;
                    self.data[i * self.stride + before + k] = value;
                }
            }
            work.gram_columns += new.len() as u64;
            work.columns_touched += (self.len + new.len()) as u64;
        }
    }

    fn grow(&mut self, least: usize) {
        // Doubled, but for what would never be filled.
        let stride = uneven((2 * self.stride).min(MOST_COLUMNS).max(least).max(64));
        let mut data = vec![0.0; stride * stride];
        for place in 0..self.len {
            data[place * stride..place * stride + self.len].copy_from_slice(self.column(place));
        }
        self.data = data;
        self.stride = stride;
    }
}

/// Columns of XᵀX/n that have been formed: for n ≫ p every later product lives in them.
#[derive(Default)]
pub(super) struct Strips {
    /// By column of X; empty where the strip has not been formed.
    strips: Vec<Vec<f64>>,
    /// Columns in the order in which their strips were formed.
    held: Vec<usize>,
}

impl Strips {
    pub(super) fn new(p: usize) -> Self {
        Self {
            strips: vec![Vec::new(); p],
            held: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.strips.is_empty()
    }

    /// Forms the strips of `new`, none of which is held: one pass over the columns that have no strip yet.
    fn form<X: Design>(&mut self, x: &X, new: &[usize], work: &mut Work) {
        let (n, p) = (x.nrows(), x.ncols());
        let rest: Vec<usize> = (0..p).filter(|&j| self.strips[j].is_empty()).collect();
        let width = new.len().next_multiple_of(BUNDLE_STEP);
        let mut products = vec![0.0; rest.len() * width];
        x.gram_strips(&rest, new, &mut products);
        work.columns_touched += (rest.len() + new.len()) as u64;
        work.gram_columns += new.len() as u64;
        for (k, &j) in new.iter().enumerate() {
            let mut strip = vec![0.0; p];
            for (&i, row) in rest.iter().zip(products.chunks_exact(width)) {
                strip[i] = row[k] / n as f64;
            }
            for &i in &self.held {
                strip[i] = self.strips[i][j];
            }
            self.strips[j] = strip;
        }
        self.held.extend_from_slice(new);
    }
}

/// A stride of at least this many numbers at which neighbouring columns do not compete for the same places of a cache, as
/// they would at a power of two.
pub(super) fn uneven(least: usize) -> usize {
    least.next_multiple_of(64) + 8
}

/// Columns that a block takes in together.
const BLOCK_AT_ONCE: usize = 32;
/// Strips that one pass over X forms together.
const STRIPS_AT_ONCE: usize = 16;

/// Products from strips; the candidates are all columns, each at the place of its own number.
pub(super) struct FromStrips<'a, X> {
    pub x: &'a X,
    /// ‖x_j‖²/n.
    pub curvature: &'a [f64],
    /// Xᵀy/n.
    pub start: &'a [f64],
    pub strips: &'a mut Strips,
    pub work: Work,
}

impl<X: Design> FromStrips<'_, X> {
    /// Sees to it that column j has a strip, and those that are next in line with it.
    fn need(&mut self, j: usize, corr: &[f64]) {
        if !self.strips.strips[j].is_empty() {
            return;
        }
        let mut waiting: Vec<usize> = (0..corr.len())
            .filter(|&i| i != j && self.strips.strips[i].is_empty() && self.curvature[i] > 0.0)
            .collect();
        waiting.sort_by(|&a, &b| corr[b].abs().total_cmp(&corr[a].abs()).then(a.cmp(&b)));
        waiting.truncate(STRIPS_AT_ONCE - 1);
        waiting.insert(0, j);
        self.strips.form(self.x, &waiting, &mut self.work);
    }
}

impl<X: Design> Products for FromStrips<'_, X> {
    fn column(&self, place: usize) -> usize {
        place
    }

    fn place(&self, column: usize) -> usize {
        column
    }

    fn curvature(&self, place: usize) -> f64 {
        self.curvature[place]
    }

    fn cross(&mut self, new: usize, active: &[usize], corr: &[f64], out: &mut [f64]) {
        self.need(new, corr);
        let strip = &self.strips.strips[new];
        for (out, &a) in out.iter_mut().zip(active) {
            *out = strip[a];
        }
    }

    fn slopes(&mut self, active: &[usize], v: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        let strips = &self.strips.strips;
        axpy_columns(|k| strips[active[k]].as_slice(), v, out);
    }

    fn slopes_outside(&mut self, active: &[usize], v: &[f64], _outside: &[usize], out: &mut [f64]) {
        self.slopes(active, v, out);
    }

    fn correlations(&mut self, active: &[usize], beta: &[f64], out: &mut [f64]) {
        let factors: Vec<f64> = beta.iter().map(|b| -b).collect();
        out.copy_from_slice(self.start);
        let strips = &self.strips.strips;
        axpy_columns(|k| strips[active[k]].as_slice(), &factors, out);
    }

    fn work(&mut self) -> &mut Work {
        &mut self.work
    }
}
