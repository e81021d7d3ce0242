//! Small images against an interior-point method for second-order cones.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SecondOrderConeT,
    SolverStatus,
};
use regpath_solvers::image::Image;
use regpath_solvers::total_variation::Fidelity;

use crate::{BOTH, dot, random, solved};

/// The optimum by Clarabel: λ Σ t_i with (t_i, ∇u_i) in a second-order cone.
fn oracle(image: &Image, lambda: f64, fidelity: Fidelity) -> f64 {
    let (height, width) = image.shape();
    let (g, n) = (image.pixels(), height * width);
    // Variables u, t and, with absolute values, s ≥ |u − g|.
    let columns = if fidelity == Fidelity::Squares {
        2 * n
    } else {
        3 * n
    };
    let mut entries: Vec<Vec<(usize, f64)>> = vec![Vec::new(); columns];
    let (mut b, mut cost) = (Vec::new(), vec![0.0; columns]);
    cost[n..2 * n].fill(lambda);
    let mut cones = Vec::new();
    if fidelity == Fidelity::Absolute {
        cost[2 * n..].fill(1.0);
        for (i, g) in g.iter().enumerate() {
            for sign in [1.0, -1.0] {
                entries[i].push((b.len(), sign));
                entries[2 * n + i].push((b.len(), -1.0));
                b.push(sign * g);
            }
        }
        cones.push(NonnegativeConeT(2 * n));
    } else {
        cost[..n].iter_mut().zip(g).for_each(|(c, g)| *c = -g);
    }
    for k in 0..n {
        entries[n + k].push((b.len(), -1.0));
        let right = (k % width + 1 < width).then_some(k + 1);
        let below = (k / width + 1 < height).then_some(k + width);
        for (row, neighbour) in (b.len() + 1..).zip([right, below]) {
            if let Some(other) = neighbour {
                entries[k].push((row, 1.0));
                entries[other].push((row, -1.0));
            }
        }
        b.extend([0.0; 3]);
        cones.push(SecondOrderConeT(3));
    }
    let (mut indptr, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for column in &mut entries {
        column.sort_by_key(|(row, _)| *row);
        indices.extend(column.iter().map(|(row, _)| *row));
        values.extend(column.iter().map(|(_, value)| *value));
        indptr.push(values.len());
    }
    let a = CscMatrix::new(b.len(), columns, indptr, indices, values);
    let squares = if fidelity == Fidelity::Squares { n } else { 0 };
    let starts = (0..=columns).map(|j| j.min(squares)).collect();
    let ones = vec![1.0; squares];
    let quadratic = CscMatrix::new(columns, columns, starts, (0..squares).collect(), ones);
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-10)
        .tol_gap_rel(1e-10)
        .tol_feas(1e-10)
        .build()
        .expect("valid settings");
    let mut solver = DefaultSolver::new(&quadratic, &cost, &a, &b, &cones, settings);
    solver.solve();
    assert_eq!(solver.solution.status, SolverStatus::Solved);
    let constant = if squares > 0 { 0.5 * dot(g, g) } else { 0.0 };
    solver.solution.obj_val + constant
}

#[test]
fn an_interior_point_method_finds_the_same_optimum() {
    for fidelity in BOTH {
        for (seed, (height, width)) in [(1, 12), (8, 7), (12, 12)].into_iter().enumerate() {
            let image = random(20 + seed as u64, height, width);
            for lambda in [0.05, 0.3, 0.8, 2.0] {
                let found = solved(&image, lambda, fidelity, 1e-9).certificate;
                let expected = oracle(&image, lambda, fidelity);
                let error = (found.primal - expected).abs();
                assert!(error <= 1e-7 * expected, "{fidelity:?} {lambda}: {error:e}");
            }
        }
    }
}
