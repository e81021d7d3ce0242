//! The linear system of a step: (XᵀWX + B) dβ = g, W over rows and B over columns diagonal.

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::solvers::{Llt, Solve};
use faer::{Accum, Mat, MatMut, Par, Side};

use crate::design::Design;
use crate::design::kernels::{axpy, dot};
use crate::error::SolveError;
use crate::solver::parametric_simplex::program::dense_copy;

/// Rows of a panel of X that is weighted and multiplied while it is in cache.
const PANEL: usize = 256;
/// What is added to the diagonal, as a share of it, where columns depend on each other.
const LIFT: [f64; 5] = [0.0, 1e-12, 1e-10, 1e-8, 1e-6];
/// Share of the diagonal below which a pivot is rounding.
const PIVOT: f64 = 1e-13;

/// How the system is solved for one X: in the smaller of its two dimensions.
pub(super) struct System {
    dense: Option<Mat<f64>>,
    n: usize,
    p: usize,
    /// Columns that may have B_jj = 0.
    free: Vec<usize>,
}

/// A factorisation for one W and B.
pub(super) enum Factor {
    /// Of XᵀWX + B, with XᵀWe for the e that it was made for.
    Columns {
        gram: Llt<f64>,
        weighted: Vec<f64>,
        /// Whether nothing was added to the diagonal.
        exact: bool,
    },
    /// Of G = W⁻¹ + X_P B_P⁻¹ X_Pᵀ with P the columns that are not free; G⁻¹X_F, and the factor of X_FᵀG⁻¹X_F.
    Rows {
        outer: Llt<f64>,
        images: Vec<Vec<f64>>,
        corner: Option<Llt<f64>>,
    },
}

/// The solution of a system.
pub(super) struct Solution {
    /// dβ.
    pub(super) beta: Vec<f64>,
    /// du.
    pub(super) u: Vec<f64>,
    /// Xdβ.
    pub(super) fit: Vec<f64>,
}

impl Factor {
    /// Whether the solution is that of the system itself, rather than of one with a larger diagonal.
    pub(super) fn is_exact(&self) -> bool {
        matches!(self, Self::Columns { exact: true, .. })
    }
}

impl System {
    /// `free` are the columns without any penalty. Errors: [`SolveError::TooLarge`].
    pub(super) fn new<X: Design>(x: &X, free: Vec<usize>) -> Result<Self, SolveError> {
        let (n, p) = (x.nrows(), x.ncols());
        let order = order(n, p, free.len());
        if order > MAX_ORDER {
            return Err(SolveError::TooLarge(format!(
                "X is {n} x {p}; a step factors a matrix of order {order}, more than {MAX_ORDER}; use chambolle-pock"
            )));
        }
        Ok(Self {
            dense: dense_copy(x)?,
            n,
            p,
            free,
        })
    }

    /// Whether systems of order p are solved, rather than of order n.
    pub(super) fn is_by_columns(&self) -> bool {
        by_columns(self.n, self.p, self.free.len())
    }

    /// Passes over X of [`System::solve`].
    pub(super) fn passes(&self, first: bool) -> u64 {
        match (self.is_by_columns(), first) {
            (true, true) => 1,
            (true, false) => 2,
            (false, _) => 3 * (REFINED as u64 + 1) + REFINED as u64,
        }
    }

    fn is_free(&self, j: usize) -> bool {
        self.free.binary_search(&j).is_ok()
    }

    /// Columns without any penalty.
    pub(super) fn free(&self) -> &[usize] {
        &self.free
    }

    /// Column j of X, length n.
    pub(super) fn column<'a, X: Design>(&'a self, x: &'a X, j: usize) -> &'a [f64] {
        match &self.dense {
            Some(dense) => &dense.col_as_slice(j)[..self.n],
            // Whatever has no copy has its columns in memory.
            None => x.contiguous(j).unwrap_or_default(),
        }
    }

    /// Factors for W = `rows` > 0 and B = `columns` ≥ 0, and for the first right-hand side e in the same pass over X; None if
    /// rounding leaves nothing to factor.
    pub(super) fn factor<X: Design>(
        &self,
        x: &X,
        rows: &[f64],
        columns: &[f64],
        e: &[f64],
    ) -> Option<Factor> {
        if self.is_by_columns() {
            let p = self.p;
            let products = self.gram(x, rows, e);
            let mut gram = products.submatrix(0, 0, p, p).to_owned();
            for (j, b) in columns.iter().enumerate() {
                gram[(j, j)] += b;
                // A column of zeros has no part in anything.
                if gram[(j, j)] == 0.0 {
                    gram[(j, j)] = 1.0;
                }
            }
            let weighted = (0..p).map(|j| products[(p, j)]).collect();
            let (gram, exact) = lifted(gram)?;
            return Some(Factor::Columns {
                gram,
                weighted,
                exact,
            });
        }
        let mut outer = self.outer(x, columns);
        for (i, w) in rows.iter().enumerate() {
            outer[(i, i)] += 1.0 / w;
        }
        let (outer, _) = lifted(outer)?;
        let images: Vec<Vec<f64>> = (self.free.iter())
            .map(|&j| solve(&outer, self.column(x, j)))
            .collect();
        let f = self.free.len();
        let mut corner = Mat::from_fn(f, f, |a, b| dot(self.column(x, self.free[a]), &images[b]));
        for a in 0..f {
            if corner[(a, a)] == 0.0 {
                corner[(a, a)] = 1.0;
            }
        }
        let corner = if f == 0 {
            None
        } else {
            Some(lifted(corner)?.0)
        };
        Some(Factor::Rows {
            outer,
            images,
            corner,
        })
    }

    /// dβ, du and Xdβ of W⁻¹du + Xdβ = `e` over rows and Xᵀdu − Bdβ = `g` over columns. `first` says that e is the one that the
    /// factor was made for.
    pub(super) fn solve<X: Design>(
        &self,
        x: &X,
        factor: &Factor,
        rows: &[f64],
        columns: &[f64],
        [e, g]: [&[f64]; 2],
        first: bool,
    ) -> Solution {
        let (n, p) = (self.n, self.p);
        let mut step = vec![0.0; p];
        let mut image = vec![0.0; n];
        match factor {
            Factor::Columns { gram, weighted, .. } => {
                if first {
                    step.copy_from_slice(weighted);
                } else {
                    let weighted: Vec<f64> = e.iter().zip(rows).map(|(e, w)| e * w).collect();
                    x.tr_mul(&weighted, &mut step);
                }
                step.iter_mut().zip(g).for_each(|(s, g)| *s -= g);
                let beta = solve(gram, &step);
                x.mul(&beta, &mut image);
                let u = e
                    .iter()
                    .zip(&image)
                    .zip(rows)
                    .map(|((e, z), w)| w * (e - z));
                Solution {
                    u: u.collect(),
                    beta,
                    fit: image,
                }
            }
            Factor::Rows {
                outer,
                images,
                corner,
            } => {
                let mut u = vec![0.0; n];
                let mut e_left = e.to_vec();
                let mut g_left = g.to_vec();
                let mut c = vec![0.0; p];
                for round in 0..=REFINED {
                    let (du, beta) = self.solve_by_rows(
                        x,
                        outer,
                        corner.as_ref().map(|corner| (corner, images.as_slice())),
                        columns,
                        [&e_left, &g_left],
                    );
                    axpy(1.0, &du, &mut u);
                    axpy(1.0, &beta, &mut step);
                    x.mul(&step, &mut image);
                    if round == REFINED {
                        break;
                    }
                    // β is a difference of what is nearly equal, over B: what Xβ lacks of its equation is solved for again.
                    x.tr_mul(&u, &mut c);
                    for i in 0..n {
                        e_left[i] = e[i] - u[i] / rows[i] - image[i];
                    }
                    for j in 0..p {
                        let own = if self.is_free(j) { 0.0 } else { columns[j] };
                        g_left[j] = g[j] - c[j] + own * step[j];
                    }
                }
                Solution {
                    fit: image,
                    beta: step,
                    u,
                }
            }
        }
    }

    /// u and β by the factor of G and, where there are free columns, by that of X_FᵀG⁻¹X_F and by G⁻¹X_F.
    fn solve_by_rows<X: Design>(
        &self,
        x: &X,
        outer: &Llt<f64>,
        corner: Option<(&Llt<f64>, &[Vec<f64>])>,
        columns: &[f64],
        [e, g]: [&[f64]; 2],
    ) -> (Vec<f64>, Vec<f64>) {
        let mut beta: Vec<f64> = (0..self.p)
            .map(|j| {
                if self.is_free(j) {
                    0.0
                } else {
                    g[j] / columns[j]
                }
            })
            .collect();
        let mut image = vec![0.0; self.n];
        x.mul(&beta, &mut image);
        image.iter_mut().zip(e).for_each(|(z, e)| *z += e);
        let mut u = solve(outer, &image);
        if let Some((corner, images)) = corner {
            let wanted: Vec<f64> = (self.free.iter())
                .map(|&j| dot(self.column(x, j), &u) - g[j])
                .collect();
            let of_free = solve(corner, &wanted);
            for ((&j, b), image) in self.free.iter().zip(of_free).zip(images) {
                beta[j] = b;
                axpy(-b, image, &mut u);
            }
        }
        let mut c = vec![0.0; self.p];
        x.tr_mul(&u, &mut c);
        for j in (0..self.p).filter(|&j| !self.is_free(j)) {
            beta[j] = (c[j] - g[j]) / columns[j];
        }
        (u, beta)
    }

    /// The lower triangle of [X e]ᵀW[X e], by panels of rows.
    fn gram<X: Design>(&self, x: &X, rows: &[f64], e: &[f64]) -> Mat<f64> {
        let p = self.p;
        let mut gram = Mat::zeros(p + 1, p + 1);
        let mut columns: Vec<&[f64]> = (0..p).map(|j| self.column(x, j)).collect();
        columns.push(e);
        let mut panel = Mat::<f64>::zeros(PANEL, p + 1);
        let roots: Vec<f64> = rows.iter().map(|w| w.sqrt()).collect();
        for (start, roots) in (0..self.n).step_by(PANEL).zip(roots.chunks(PANEL)) {
            for (j, column) in columns.iter().enumerate() {
                let values = column[start..start + roots.len()].iter().zip(roots);
                let panel = panel.col_as_slice_mut(j);
                panel
                    .iter_mut()
                    .zip(values)
                    .for_each(|(out, (x, r))| *out = x * r);
            }
            let panel = panel.subrows(0, roots.len());
            lower_product(gram.as_mut(), panel.transpose(), panel);
        }
        gram
    }

    /// The lower triangle of X_P B_P⁻¹ X_Pᵀ, by panels of columns.
    fn outer<X: Design>(&self, x: &X, columns: &[f64]) -> Mat<f64> {
        let n = self.n;
        let mut outer = Mat::zeros(n, n);
        let mut panel = Mat::<f64>::zeros(n, PANEL);
        let penalised: Vec<usize> = (0..self.p).filter(|&j| !self.is_free(j)).collect();
        for members in penalised.chunks(PANEL) {
            for (k, &j) in members.iter().enumerate() {
                let root = 1.0 / columns[j].sqrt();
                let panel = panel.col_as_slice_mut(k);
                let values = panel.iter_mut().zip(self.column(x, j));
                values.for_each(|(out, x)| *out = x * root);
            }
            let panel = panel.subcols(0, members.len());
            lower_product(outer.as_mut(), panel, panel.transpose());
        }
        outer
    }
}

/// Order of the matrix that is factored at every step.
pub(super) fn order(n: usize, p: usize, free: usize) -> usize {
    if by_columns(n, p, free) { p } else { n }
}

fn by_columns(n: usize, p: usize, free: usize) -> bool {
    p <= n || free >= n
}

/// Times that a solution by rows is refined.
const REFINED: usize = 2;
/// Largest order of a matrix that is factored at every step.
pub(super) const MAX_ORDER: usize = 8192;

fn lower_product(out: MatMut<'_, f64>, a: faer::MatRef<'_, f64>, b: faer::MatRef<'_, f64>) {
    triangular::matmul(
        out,
        BlockStructure::TriangularLower,
        Accum::Add,
        a,
        BlockStructure::Rectangular,
        b,
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
}

/// Cholesky factor of a matrix given by its lower triangle, its diagonal raised by as little as is needed, and whether by
/// nothing.
fn lifted(matrix: Mat<f64>) -> Option<(Llt<f64>, bool)> {
    let k = matrix.nrows();
    LIFT.iter().find_map(|lift| {
        let mut raised = matrix.clone();
        for a in 0..k {
            raised[(a, a)] *= 1.0 + lift;
        }
        let factor = raised.llt(Side::Lower).ok()?;
        let is_sound = |a: usize| factor.L()[(a, a)].powi(2) > PIVOT * raised[(a, a)];
        (0..k).all(is_sound).then_some((factor, *lift == 0.0))
    })
}

fn solve(factor: &Llt<f64>, v: &[f64]) -> Vec<f64> {
    let mut out = v.to_vec();
    let k = out.len();
    factor.solve_in_place(MatMut::from_column_major_slice_mut(&mut out, k, 1));
    out
}
