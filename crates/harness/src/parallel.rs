//! A design whose passes and products are shared by the threads of the current pool: in blocks of columns, or, where few
//! columns are long, in parts of their rows.
//!
//! What a column contributes does not depend on the block that it is in, and parts of rows are the same for any number of
//! threads, so results are the same bits; solvers know nothing of it.

use faer::Mat;
use rayon::prelude::*;
use regpath_solvers::design::{Bundle, Design, Moments, Residual, kernels};

/// Multiplications below which a product stays on one thread: waking another one takes as long.
const WORTHWHILE: usize = 1 << 18;
/// Blocks per thread, so that one that is held up does not hold up all.
const BLOCKS_PER_THREAD: usize = 2;

/// Numbers that the caches of a core hold.
const CACHED: usize = 1 << 17;

/// The same X, read by several threads.
pub struct Parallel<'a, X>(pub &'a X);

impl<X: Design> Parallel<'_, X> {
    /// Columns per block for a product of `columns` columns with `vectors` vectors; None if it is to stay on one thread.
    fn block(&self, columns: usize, vectors: usize) -> Option<usize> {
        self.blocks(columns, vectors, BLOCKS_PER_THREAD)
    }

    /// The same for `per_thread` blocks for each thread.
    fn blocks(&self, columns: usize, vectors: usize, per_thread: usize) -> Option<usize> {
        let threads = rayon::current_num_threads();
        let per_column = self.0.nnz() as f64 / self.0.ncols() as f64;
        let work = per_column * columns as f64 * vectors as f64;
        (threads > 1 && work >= WORTHWHILE as f64).then(|| {
            columns
                .div_ceil(per_thread * threads)
                .next_multiple_of(kernels::BLOCK)
        })
    }
}

impl<X: Design> Design for Parallel<'_, X> {
    fn nrows(&self) -> usize {
        self.0.nrows()
    }

    fn ncols(&self) -> usize {
        self.0.ncols()
    }

    fn nnz(&self) -> usize {
        self.0.nnz()
    }

    fn col_dot(&self, j: usize, v: &[f64]) -> f64 {
        self.0.col_dot(j, v)
    }

    fn contiguous(&self, j: usize) -> Option<&[f64]> {
        self.0.contiguous(j)
    }

    fn col_axpy(&self, j: usize, a: f64, v: &mut [f64]) {
        self.0.col_axpy(j, a, v);
    }

    fn col_sq_norm(&self, j: usize) -> f64 {
        self.0.col_sq_norm(j)
    }

    fn col_moments(&self, j: usize) -> Moments {
        self.0.col_moments(j)
    }

    fn gram_row(&self, j: usize, set: &[usize], out: &mut [f64]) {
        self.0.gram_row(j, set, out);
    }

    fn mul(&self, beta: &[f64], out: &mut [f64]) {
        self.0.mul(beta, out);
    }

    fn tr_mul(&self, v: &[f64], out: &mut [f64]) {
        match self.block(out.len(), 1) {
            None => self.0.tr_mul(v, out),
            Some(block) => out.par_chunks_mut(block).enumerate().for_each(|(k, out)| {
                let set: Vec<usize> = (k * block..k * block + out.len()).collect();
                self.0.tr_mul_set(&set, v, out);
            }),
        }
    }

    fn tr_mul_set(&self, set: &[usize], v: &[f64], out: &mut [f64]) {
        match self.block(set.len(), 1) {
            None => self.0.tr_mul_set(set, v, out),
            Some(block) => (set.par_chunks(block))
                .zip(out.par_chunks_mut(block))
                .for_each(|(set, out)| self.0.tr_mul_set(set, v, out)),
        }
    }

    fn tr_mul_set_with_sq_norms(
        &self,
        set: &[usize],
        v: &[f64],
        out: &mut [f64],
        sq_norms: &mut [f64],
    ) {
        match self.block(set.len(), 2) {
            None => self.0.tr_mul_set_with_sq_norms(set, v, out, sq_norms),
            Some(block) => (set.par_chunks(block))
                .zip(out.par_chunks_mut(block))
                .zip(sq_norms.par_chunks_mut(block))
                .for_each(|((set, out), sq_norms)| {
                    self.0.tr_mul_set_with_sq_norms(set, v, out, sq_norms);
                }),
        }
    }

    fn tr_mul_bundle(&self, set: &[usize], v: &Bundle, out: &mut [f64]) {
        // Each block reads all of the vectors.
        let per_thread = if v.rows().len() > CACHED {
            1
        } else {
            BLOCKS_PER_THREAD
        };
        match self.blocks(set.len(), v.width(), per_thread) {
            None => self.0.tr_mul_bundle(set, v, out),
            Some(block) => (set.par_chunks(block))
                .zip(out.par_chunks_mut(block * v.width()))
                .for_each(|(set, out)| self.0.tr_mul_bundle(set, v, out)),
        }
    }

    fn axpy_set(&self, set: &[usize], factors: &[f64], v: &mut [f64]) {
        self.0.axpy_set(set, factors, v);
    }

    fn residual_dot(&self, j: usize, r: &Residual) -> f64 {
        self.0.residual_dot(j, r)
    }

    fn weighted_moments(&self, j: usize, weights: &[f64]) -> Moments {
        self.0.weighted_moments(j, weights)
    }

    fn settle<'r>(&self, r: &'r mut Residual) -> &'r mut Vec<f64> {
        self.0.settle(r)
    }

    fn residual_axpy(&self, j: usize, a: f64, r: &mut Residual) {
        self.0.residual_axpy(j, a, r);
    }

    fn share<Part: Send, Output: Send>(
        &self,
        parts: Vec<Part>,
        work: impl Fn(Part) -> Output + Sync,
    ) -> Vec<Output> {
        if rayon::current_num_threads() <= 1 {
            return self.0.share(parts, work);
        }
        parts.into_par_iter().map(&work).collect()
    }

    fn gram(&self) -> Mat<f64> {
        self.0.gram()
    }

    fn outer_gram(&self) -> Mat<f64> {
        self.0.outer_gram()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{self, Matrix, Spec};
    use rayon::ThreadPoolBuilder;
    use regpath_solvers::design::Dense;
    use regpath_solvers::loss::Squared;
    use regpath_solvers::path::WarmPath;
    use regpath_solvers::penalty::L1;
    use regpath_solvers::problem::Problem;
    use regpath_solvers::solver::{CoordinateDescent, Homotopy, Solver, Stop};

    fn on<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool").install(work)
    }

    /// Every product that is split, on vectors that leave no sum without rounding.
    fn products<X: Design>(x: &X) -> Vec<u64> {
        let (n, p) = (x.nrows(), x.ncols());
        let v: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
        let mut bundle = Bundle::zeros(n, 11);
        for k in 0..11 {
            let vector: Vec<f64> = (0..n).map(|i| (i as f64 + 0.1 * k as f64).cos()).collect();
            bundle.set(k, &vector);
        }
        // A set that is neither sorted nor a multiple of anything.
        let set: Vec<usize> = (0..p - 3).rev().collect();
        let mut found = vec![0.0; p];
        x.tr_mul(&v, &mut found);
        let (mut some, mut norms) = (vec![0.0; set.len()], vec![0.0; set.len()]);
        x.tr_mul_set(&set, &v, &mut some);
        found.extend_from_slice(&some);
        x.tr_mul_set_with_sq_norms(&set, &v, &mut some, &mut norms);
        found.extend(some.into_iter().chain(norms));
        let mut rows = vec![0.0; set.len() * bundle.width()];
        x.tr_mul_bundle(&set, &bundle, &mut rows);
        found.extend_from_slice(&rows);
        x.axpy_set_bundle(&set, &rows, &mut bundle);
        found.extend_from_slice(bundle.rows());
        let few = 9.min(set.len());
        let mut strips = vec![0.0; set.len() * few.next_multiple_of(kernels::BUNDLE_STEP)];
        x.gram_strips(&set, &set[..few], &mut strips);
        found.extend_from_slice(&strips);
        x.bundle_columns(&set[..few], &mut bundle);
        found.extend_from_slice(bundle.rows());
        found.extend(x.share((0..20).collect(), f64::from));
        found.into_iter().map(f64::to_bits).collect()
    }

    fn path<X: Design>(x: &X, y: &[f64], solver: &impl Solver<X, Squared, L1>) -> Vec<u64> {
        let problem = Problem::new(x, y, Squared, L1).expect("valid problem");
        let setup = solver.setup(&problem).expect("it takes the problem");
        let top = problem.lambda_max();
        // Products rather than powers, whose last bit may depend on how the compiler gets at them.
        let next = |lambda: &f64| Some(0.8 * lambda);
        let lambdas: Vec<f64> = std::iter::successors(next(&top), next).take(11).collect();
        let mut path = WarmPath::new(solver, &problem, &setup, top);
        path.announce(&lambdas);
        lambdas
            .iter()
            .flat_map(|&lambda| {
                path.step(lambda, Stop::default());
                path.beta().to_vec()
            })
            .map(f64::to_bits)
            .collect()
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        for (id, n, p) in [
            ("equicorrelated", 50, 9001),
            ("equicorrelated", 40_003, 20),
            ("power-law", 2000, 9001),
        ] {
            let spec = Spec {
                n: Some(n),
                p: Some(p),
                ..Spec::new(id)
            };
            let data = dataset::load(&spec).expect("generated data");
            match &data.x {
                Matrix::Dense(x) => same_bits(&Dense::trusted(x), &data.y),
                Matrix::Sparse(x) => same_bits(x, &data.y),
            }
        }
    }

    /// Without printing thousands of bits.
    fn assert_same(found: &[u64], expected: &[u64], what: &str) {
        assert_eq!(found.len(), expected.len(), "{what}");
        let pairs = found.iter().zip(expected);
        let differing = pairs.filter(|(a, b)| a != b).count();
        assert_eq!(
            differing,
            0,
            "{what}: numbers that differ of {}",
            found.len()
        );
    }

    fn same_bits<X: Design>(x: &X, y: &[f64]) {
        let expected = products(x);
        let homotopy = path(x, y, &Homotopy::default());
        let descent = path(x, y, &CoordinateDescent::default());
        for threads in [1, 2, 3] {
            let shared = Parallel(x);
            assert!(threads == 1 || on(threads, || shared.block(x.ncols(), 8).is_some()));
            let what = |what| format!("{what} of {} x {}, {threads} threads", x.nrows(), x.ncols());
            assert_same(
                &on(threads, || products(&shared)),
                &expected,
                &what("products"),
            );
            let solved = on(threads, || path(&shared, y, &Homotopy::default()));
            assert_same(&solved, &homotopy, &what("homotopy"));
            let solved = on(threads, || path(&shared, y, &CoordinateDescent::default()));
            assert_same(&solved, &descent, &what("coordinate descent"));
        }
    }
}
