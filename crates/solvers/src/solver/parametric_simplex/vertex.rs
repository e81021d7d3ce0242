//! A vertex of the linear program: a basis, the point it determines, and moves to neighbours.

use super::basis::Basis;
use super::program::Program;
use crate::design::Design;
use crate::design::kernels::axpy;
use crate::solver::Work;

/// Pivots after which everything is computed afresh.
const PIVOTS: usize = 50;
/// Share of the largest change of a residual below which a change is not followed.
const FLAT: f64 = 1e-10;
/// Share of the terms of a sum below which the sum is rounding.
const ROUNDING: f64 = 1e-13;

/// A share of 1/this of all rows is many.
const MANY: usize = 16;

/// What leaves its place first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// The row at this place of E gets a residual.
    Row(usize),
    /// This column gets a coefficient.
    Column(usize),
}

/// What stops a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocking {
    /// The residual of this row reaches 0.
    Row(usize),
    /// The coefficient at this place of A reaches 0.
    Column(usize),
}

/// A direction in which the objective is linear until something blocks.
pub(crate) struct Edge {
    pub(crate) leaving: Leaving,
    /// Sign that the residual or coefficient gets.
    pub(crate) sign: f64,
    /// dβ_A, by place.
    pub(crate) coefficients: Vec<f64>,
    /// d(Xβ), over rows; exactly 0 on E but for the row that leaves.
    pub(crate) fit: Vec<f64>,
    /// Size of the terms that `fit` is the sum of.
    size: f64,
}

/// One kink on an edge.
#[derive(Clone, Copy)]
struct Kink {
    step: f64,
    /// By how much the slope of the objective grows there.
    bend: f64,
    what: Blocking,
}

/// A basis with its β, r, u and Xᵀu. Rows outside E have the u of their side.
#[derive(Clone)]
pub(crate) struct Vertex {
    pub(crate) basis: Basis,
    /// Rows of X in E, by place.
    pub(crate) rows: Vec<Vec<f64>>,
    /// β, length p.
    pub(crate) beta: Vec<f64>,
    /// Signs that columns of A have, also where a coefficient has shrunk to rounding; length p.
    pub(crate) signs: Vec<f64>,
    /// y − Xβ, length n.
    pub(crate) residuals: Vec<f64>,
    /// u, length n.
    pub(crate) u: Vec<f64>,
    /// Xᵀu of the rows outside E, length p.
    outside: Vec<f64>,
    /// Whether a row is in E.
    fitted: Vec<bool>,
    /// Whether a column is in A.
    pub(crate) active: Vec<bool>,
    pivots: usize,
    pub(crate) work: Work,
}

impl Vertex {
    /// β = 0 with nothing fitted exactly.
    pub(crate) fn zero<X: Design>(program: &Program, x: &X, y: &[f64]) -> Self {
        Self::at(program, x, y, Basis::default(), vec![0.0; program.p()])
    }

    /// The vertex of a basis; `signs` counts on A.
    pub(crate) fn at<X: Design>(
        program: &Program,
        x: &X,
        y: &[f64],
        basis: Basis,
        signs: Vec<f64>,
    ) -> Self {
        let (n, p) = (program.n(), program.p());
        let mut vertex = Self {
            rows: basis.rows().iter().map(|&i| program.row(x, i)).collect(),
            basis,
            beta: vec![0.0; p],
            signs,
            residuals: y.to_vec(),
            u: vec![0.0; n],
            outside: vec![0.0; p],
            fitted: vec![false; n],
            active: vec![false; p],
            pivots: 0,
            work: Work::default(),
        };
        vertex
            .basis
            .rows()
            .iter()
            .for_each(|&i| vertex.fitted[i] = true);
        vertex
            .basis
            .columns()
            .iter()
            .for_each(|&j| vertex.active[j] = true);
        vertex.place(x, y);
        for i in 0..n {
            if !vertex.fitted[i] {
                vertex.u[i] = program.slopes[i][usize::from(vertex.residuals[i] >= 0.0)];
            }
        }
        vertex.sum_outside(x);
        vertex
    }

    /// X_EA.
    fn matrix(&self) -> faer::Mat<f64> {
        let columns = self.basis.columns();
        faer::Mat::from_fn(columns.len(), columns.len(), |q, a| {
            self.rows[q][columns[a]]
        })
    }

    /// The inverse, β, r and what is summed over rows outside E, afresh.
    pub(crate) fn refresh<X: Design>(&mut self, x: &X, y: &[f64]) {
        let matrix = self.matrix();
        self.basis.factor(&matrix);
        self.pivots = 0;
        self.place(x, y);
        self.sum_outside(x);
    }

    /// β_A and r from the basis, with one step of refinement.
    pub(crate) fn place<X: Design>(&mut self, x: &X, y: &[f64]) {
        let (rows, columns) = (self.basis.rows(), self.basis.columns());
        self.beta.fill(0.0);
        let fitted: Vec<f64> = rows.iter().map(|&i| y[i]).collect();
        let mut values = self.basis.solve(&fitted);
        for _ in 0..2 {
            let left: Vec<f64> = (self.rows.iter().zip(&fitted))
                .map(|(row, y)| {
                    columns
                        .iter()
                        .zip(&values)
                        .fold(*y, |left, (&j, b)| (-row[j]).mul_add(*b, left))
                })
                .collect();
            axpy(1.0, &self.basis.solve(&left), &mut values);
        }
        self.residuals.copy_from_slice(y);
        let negated: Vec<f64> = values.iter().map(|b| -b).collect();
        x.axpy_set(columns, &negated, &mut self.residuals);
        rows.iter().for_each(|&i| self.residuals[i] = 0.0);
        columns
            .iter()
            .zip(&values)
            .for_each(|(&j, &b)| self.beta[j] = b);
        self.work.columns_touched += columns.len() as u64;
    }

    fn sum_outside<X: Design>(&mut self, x: &X) {
        let sides = self.u.iter().zip(&self.fitted);
        let sides: Vec<f64> = sides
            .map(|(&u, &fitted)| if fitted { 0.0 } else { u })
            .collect();
        x.tr_mul(&sides, &mut self.outside);
        self.work.passes += 1;
        self.work.columns_touched += self.outside.len() as u64;
    }

    /// u on E from X_EAᵀu_E = λκs − X_NAᵀu_N, with one step of refinement.
    pub(crate) fn price(&mut self, program: &Program, lambda: f64) {
        let (rows, columns) = (self.basis.rows(), self.basis.columns());
        let wanted: Vec<f64> = (columns.iter())
            .map(|&j| lambda * program.weights[j] * self.signs[j] - self.outside[j])
            .collect();
        let mut u = self.basis.solve_transposed(&wanted);
        for _ in 0..2 {
            let mut left = wanted.clone();
            for (row, u) in self.rows.iter().zip(&u) {
                for (left, &j) in left.iter_mut().zip(columns) {
                    *left -= row[j] * u;
                }
            }
            axpy(1.0, &self.basis.solve_transposed(&left), &mut u);
        }
        rows.iter().zip(u).for_each(|(&i, u)| self.u[i] = u);
    }

    /// Xᵀu, length p.
    pub(crate) fn products(&self) -> Vec<f64> {
        let mut c = self.outside.clone();
        for (&i, row) in self.basis.rows().iter().zip(&self.rows) {
            axpy(self.u[i], row, &mut c);
        }
        c
    }

    /// The edge on which `leaving` gets this sign.
    pub(crate) fn edge<X: Design>(
        &mut self,
        program: &Program,
        x: &X,
        leaving: Leaving,
        sign: f64,
    ) -> Edge {
        let (rows, columns) = (self.basis.rows(), self.basis.columns());
        let mut fit = vec![0.0; program.n()];
        let coefficients: Vec<f64> = match leaving {
            Leaving::Row(q) => self.basis.column(q).iter().map(|v| -sign * v).collect(),
            Leaving::Column(j) => {
                let column: Vec<f64> = self.rows.iter().map(|row| -sign * row[j]).collect();
                x.col_axpy(j, sign, &mut fit);
                self.basis.solve(&column)
            }
        };
        x.axpy_set(columns, &coefficients, &mut fit);
        self.work.columns_touched += columns.len() as u64 + 1;
        let terms = columns.iter().zip(&coefficients);
        let mut size: f64 = terms.map(|(&j, d)| program.largest[j] * d.abs()).sum();
        if let Leaving::Column(j) = leaving {
            size += program.largest[j];
        }
        rows.iter().for_each(|&i| fit[i] = 0.0);
        if let Leaving::Row(q) = leaving {
            fit[rows[q]] = -sign;
        }
        Edge {
            leaving,
            sign,
            coefficients,
            fit,
            size,
        }
    }

    /// Every kink ahead on an edge.
    fn kinks(&self, program: &Program, edge: &Edge, lambda: f64) -> Vec<Kink> {
        let largest = edge.fit.iter().fold(0.0f64, |m, g| m.max(g.abs()));
        let flat = (FLAT * largest).max(ROUNDING * edge.size);
        let mut kinks = Vec::new();
        for (i, &g) in edge.fit.iter().enumerate() {
            if g.abs() <= flat || self.fitted[i] {
                continue;
            }
            let [low, high] = program.slopes[i];
            // Towards 0 from the side that u is on; a residual on the wrong side by rounding is there already.
            if (self.u[i] == high) == (g > 0.0) {
                kinks.push(Kink {
                    step: (self.residuals[i] / g).max(0.0),
                    bend: g.abs() * (high - low),
                    what: Blocking::Row(i),
                });
            }
        }
        let columns = self.basis.columns().iter().enumerate();
        let largest = edge.coefficients.iter().fold(0.0f64, |m, d| m.max(d.abs()));
        for ((a, &j), &d) in columns.zip(&edge.coefficients) {
            let weight = program.weights[j];
            // What is not penalised has no kink.
            if weight > 0.0 && d * self.signs[j] < -FLAT * largest {
                kinks.push(Kink {
                    step: (-self.beta[j] / d).max(0.0),
                    bend: 2.0 * lambda * weight * d.abs(),
                    what: Blocking::Column(a),
                });
            }
        }
        kinks
    }

    /// Goes along an edge on which the objective falls with `slope` < 0 as far as it falls, past kinks; false if nothing blocks.
    pub(crate) fn descend<X: Design>(
        &mut self,
        program: &Program,
        x: &X,
        edge: &Edge,
        slope: f64,
        lambda: f64,
    ) -> bool {
        let mut kinks = self.kinks(program, edge, lambda);
        let order = |a: &Kink, b: &Kink| {
            a.step
                .total_cmp(&b.step)
                .then(rank(a.what).cmp(&rank(b.what)))
        };
        // The weighted median of the kinks: halve what may hold it.
        let (mut from, mut to, mut slope) = (0, kinks.len(), slope);
        while to - from > 1 {
            let middle = (from + to) / 2;
            kinks[from..to].select_nth_unstable_by(middle - from, order);
            let bend: f64 = kinks[from..middle].iter().map(|k| k.bend).sum();
            if slope + bend >= 0.0 {
                to = middle;
            } else {
                (slope, from) = (slope + bend, middle);
            }
        }
        let Some(&last) = kinks.get(from) else {
            return false;
        };
        let mut crossed = Vec::new();
        for passed in &kinks[..from] {
            match passed.what {
                Blocking::Row(i) => crossed.push(i),
                Blocking::Column(a) => self.signs[self.basis.columns()[a]] *= -1.0,
            }
        }
        self.cross(program, x, &crossed);
        self.advance(edge, last.step);
        self.pivot(program, x, edge, last.what);
        true
    }

    /// Goes along an edge to the first kink; false if there is none.
    pub(crate) fn step<X: Design>(
        &mut self,
        program: &Program,
        x: &X,
        edge: &Edge,
        lambda: f64,
    ) -> bool {
        let kinks = self.kinks(program, edge, lambda);
        let first = kinks.into_iter().reduce(|best, kink| {
            // Of several at one place the one with the largest bend is the safest pivot.
            if kink.step < best.step || (kink.step == best.step && kink.bend > best.bend) {
                kink
            } else {
                best
            }
        });
        let Some(first) = first else { return false };
        self.advance(edge, first.step);
        self.pivot(program, x, edge, first.what);
        true
    }

    /// These rows outside E go to their other sides.
    fn cross<X: Design>(&mut self, program: &Program, x: &X, rows: &[usize]) {
        let other = |u: f64, [low, high]: [f64; 2]| if u == high { low } else { high };
        if MANY * rows.len() > program.n() {
            // One pass reads X in order, single rows do not.
            for &i in rows {
                self.u[i] = other(self.u[i], program.slopes[i]);
            }
            return self.sum_outside(x);
        }
        for &i in rows {
            let side = other(self.u[i], program.slopes[i]);
            axpy(side - self.u[i], &program.row(x, i), &mut self.outside);
            self.u[i] = side;
        }
    }

    fn advance(&mut self, edge: &Edge, step: f64) {
        if step == 0.0 {
            return;
        }
        for (&j, d) in self.basis.columns().iter().zip(&edge.coefficients) {
            self.beta[j] += step * d;
        }
        if let Leaving::Column(j) = edge.leaving {
            self.beta[j] += step * edge.sign;
        }
        axpy(-step, &edge.fit, &mut self.residuals);
    }

    fn pivot<X: Design>(&mut self, program: &Program, x: &X, edge: &Edge, blocking: Blocking) {
        self.work.support_steps += 1;
        self.pivots += 1;
        let mut entering = Vec::new();
        match blocking {
            Blocking::Row(i) => {
                entering = program.row(x, i);
                axpy(-self.u[i], &entering, &mut self.outside);
                self.residuals[i] = 0.0;
                self.fitted[i] = true;
            }
            Blocking::Column(a) => {
                let j = self.basis.columns()[a];
                self.beta[j] = 0.0;
                self.signs[j] = 0.0;
                self.active[j] = false;
            }
        }
        let on_columns: Vec<f64> = match blocking {
            Blocking::Row(_) => self.basis.columns().iter().map(|&j| entering[j]).collect(),
            Blocking::Column(_) => Vec::new(),
        };
        match edge.leaving {
            Leaving::Row(q) => {
                let i = self.basis.rows()[q];
                let [low, high] = program.slopes[i];
                self.fitted[i] = false;
                self.u[i] = if edge.sign > 0.0 { high } else { low };
                axpy(self.u[i], &self.rows[q], &mut self.outside);
                match blocking {
                    Blocking::Row(other) => {
                        self.basis.replace_row(q, other, &on_columns);
                        self.rows[q] = entering;
                    }
                    Blocking::Column(a) => {
                        self.basis.shrink(a, q);
                        self.rows.swap_remove(q);
                    }
                }
            }
            Leaving::Column(j) => {
                self.active[j] = true;
                self.signs[j] = edge.sign;
                let of_column: Vec<f64> =
                    edge.coefficients.iter().map(|d| -edge.sign * d).collect();
                match blocking {
                    Blocking::Row(other) => {
                        self.basis
                            .grow(j, &of_column, other, &on_columns, entering[j]);
                        self.rows.push(entering);
                    }
                    Blocking::Column(a) => self.basis.replace_column(a, j, &of_column),
                }
            }
        }
    }

    /// Whether rounding of pivots asks for [`Vertex::refresh`].
    pub(crate) fn is_stale(&self) -> bool {
        self.pivots >= PIVOTS
    }
}

/// An order among kinks at one place.
fn rank(what: Blocking) -> (bool, usize) {
    match what {
        Blocking::Row(i) => (false, i),
        Blocking::Column(a) => (true, a),
    }
}
