//! From any near-optimal point to an optimal vertex beside it.

use super::basis::Basis;
use super::vertex::Vertex;
use super::walk::Search;
use crate::design::Design;
use crate::design::kernels::{axpy, dot, sq_norm};
use crate::solver::Status;

/// Share of a row's norm that must be independent of the rows before it.
const INDEPENDENT: f64 = 1e-7;
/// Dependent rows that are looked at, beside two for each column.
const MOST_REJECTED: usize = 1000;

/// An optimal vertex for y a little off, see [`Program::perturbed`], found from β: its support and the rows that it fits best
/// make a basis, from which the simplex method goes on. `likely` says how likely each row is to be fitted exactly, the most likely
/// being the smallest; length n.
pub(crate) fn crossover<X: Design>(
    search: &Search<'_, X>,
    beta: &[f64],
    likely: &[f64],
) -> (Vertex, Status) {
    let program = search.program;
    let mut signs = vec![0.0; program.p()];
    let basis = identify(search, beta, likely).unwrap_or_default();
    for &j in basis.columns() {
        signs[j] = if beta[j] < 0.0 { -1.0 } else { 1.0 };
    }
    let mut vertex = Vertex::at(program, search.x, search.y, basis, signs);
    // What the basis says of y may be of the other sign than what β said.
    for j in vertex.basis.columns().to_vec() {
        if vertex.beta[j] != 0.0 {
            vertex.signs[j] = vertex.beta[j].signum();
        }
    }
    let status = search.minimise(&mut vertex, |_| true);
    (vertex, status)
}

/// As many rows as there are columns with a coefficient, independent on those columns; columns without such rows are left out.
fn identify<X: Design>(search: &Search<'_, X>, beta: &[f64], likely: &[f64]) -> Option<Basis> {
    let (program, x) = (search.program, search.x);
    let mut columns: Vec<usize> = (0..beta.len()).filter(|&j| beta[j] != 0.0).collect();
    columns.sort_by(|&a, &b| {
        let size = |j: usize| beta[j].abs() * program.largest[j];
        size(b).total_cmp(&size(a)).then(a.cmp(&b))
    });
    columns.truncate(program.n());
    let mut order: Vec<usize> = (0..program.n()).collect();
    order.sort_by(|&a, &b| likely[a].total_cmp(&likely[b]).then(a.cmp(&b)));
    // Rows one by one, each less what it has in common with those before.
    let k = columns.len();
    let (mut rows, mut whole_rows) = (Vec::new(), Vec::new());
    let mut orthonormal: Vec<Vec<f64>> = Vec::new();
    let mut rejected = 0;
    for i in order {
        // Where columns depend on each other there are fewer such rows, which is not to take a look at all of them.
        if rows.len() == k || rejected > MOST_REJECTED + 2 * k {
            break;
        }
        let full = program.row(x, i);
        let mut row: Vec<f64> = columns.iter().map(|&j| full[j]).collect();
        let whole = sq_norm(&row).sqrt();
        for _ in 0..2 {
            for direction in &orthonormal {
                axpy(-dot(direction, &row), direction, &mut row);
            }
        }
        let left = sq_norm(&row).sqrt();
        if left > INDEPENDENT * whole {
            row.iter_mut().for_each(|v| *v /= left);
            orthonormal.push(row);
            rows.push(i);
            whole_rows.push(full);
        } else {
            rejected += 1;
        }
    }
    if rows.len() < k {
        // Columns depend on each other: those that the rows found cannot tell apart go, by elimination with pivoting.
        columns = independent_columns(&whole_rows, &columns);
    }
    if columns.len() != rows.len() {
        return None;
    }
    let matrix = faer::Mat::from_fn(rows.len(), columns.len(), |q, a| whole_rows[q][columns[a]]);
    Basis::of(rows, columns, &matrix)
}

/// As many of the columns as there are rows, independent on them, the first ones preferred.
fn independent_columns(rows: &[Vec<f64>], columns: &[usize]) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut orthonormal: Vec<Vec<f64>> = Vec::new();
    for &j in columns {
        let mut column: Vec<f64> = rows.iter().map(|row| row[j]).collect();
        let whole = sq_norm(&column).sqrt();
        for _ in 0..2 {
            for direction in &orthonormal {
                axpy(-dot(direction, &column), direction, &mut column);
            }
        }
        let left = sq_norm(&column).sqrt();
        if left > INDEPENDENT * whole && kept.len() < rows.len() {
            column.iter_mut().for_each(|v| *v /= left);
            orthonormal.push(column);
            kept.push(j);
        }
    }
    kept
}
