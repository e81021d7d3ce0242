//! From vertex to vertex: down in the objective at one λ, or along the optima of decreasing λ.

use super::program::Program;
use super::vertex::{Leaving, Vertex};
use crate::design::Design;
use crate::solver::{Status, Stop};

/// Share of what is possible by which an optimality condition may be violated.
const TOLERANCE: f64 = 1e-11;
/// Rate at which a condition must approach its end, as a share of what is possible, to be said to approach it.
const RATE: f64 = 1e-10;
/// Share of the λ that the walk began at by which rounding may misplace a knot.
const ROUNDING: f64 = 1e-13;
/// Pivots in a row that lead nowhere before the search is given up.
const IDLE: usize = 200;

/// What a search for a minimum may do.
pub(crate) struct Search<'a, X> {
    pub(crate) program: &'a Program,
    pub(crate) x: &'a X,
    /// y, or y a little off.
    pub(crate) y: &'a [f64],
    pub(crate) lambda: f64,
    pub(crate) stop: Stop<'a>,
}

impl<X: Design> Search<'_, X> {
    /// The simplex method with long steps, from any vertex: at each turn the condition that is violated most is given way to, and
    /// the objective is followed past kinks as far as it falls. Only columns that `may_enter` do. [Barrodale & Roberts 1973]
    pub(crate) fn minimise(
        &self,
        vertex: &mut Vertex,
        may_enter: impl Fn(usize) -> bool,
    ) -> Status {
        let program = self.program;
        let (mut idle, mut before) = (0, f64::INFINITY);
        let mut blunt = Vec::new();
        loop {
            if vertex.is_stale() {
                vertex.refresh(self.x, self.y);
            }
            vertex.price(program, self.lambda);
            let c = vertex.products();
            let Some((leaving, sign, slope)) = self.most_violated(vertex, &c, &may_enter, &blunt)
            else {
                return Status::Converged;
            };
            if vertex.work.support_steps as usize >= self.stop.max_epochs {
                return Status::EpochLimit;
            }
            if self.stop.cancelled() {
                return Status::Interrupted;
            }
            let edge = vertex.edge(program, self.x, leaving, sign);
            if !vertex.descend(program, self.x, &edge, slope, self.lambda) {
                // Nothing but rounding changes there.
                blunt.push(leaving);
                continue;
            }
            blunt.clear();
            let now = self.objective(vertex);
            idle = if now < before { 0 } else { idle + 1 };
            before = before.min(now);
            if idle > IDLE {
                return Status::Stalled;
            }
        }
    }

    /// The objective at a vertex.
    pub(crate) fn objective(&self, vertex: &Vertex) -> f64 {
        let sizes = vertex.basis.columns().iter();
        let size: f64 = sizes
            .map(|&j| self.program.weights[j] * vertex.beta[j].abs())
            .sum();
        self.program.loss(&vertex.residuals) + self.lambda * size
    }

    fn most_violated(
        &self,
        vertex: &Vertex,
        c: &[f64],
        may_enter: &impl Fn(usize) -> bool,
        blunt: &[Leaving],
    ) -> Option<(Leaving, f64, f64)> {
        let mut worst = TOLERANCE;
        let mut found = None;
        for (q, &i) in vertex.basis.rows().iter().enumerate() {
            let ([low, high], u) = (self.program.slopes[i], vertex.u[i]);
            let (sign, slope) = if u > high {
                (1.0, high - u)
            } else {
                (-1.0, u - low)
            };
            if -slope > worst * (high - low) && !blunt.contains(&Leaving::Row(q)) {
                worst = -slope / (high - low);
                found = Some((Leaving::Row(q), sign, slope));
            }
        }
        for (j, &c) in c.iter().enumerate() {
            let slope = self.lambda * self.program.weights[j] - c.abs();
            let reach = self.program.reach[j];
            let enters = !vertex.active[j] && may_enter(j) && !blunt.contains(&Leaving::Column(j));
            if -slope > worst * reach && enters {
                worst = -slope / reach;
                found = Some((Leaving::Column(j), c.signum(), slope));
            }
        }
        found
    }
}

/// How far in λ the optimum stays where it is, and what leaves there.
struct Event {
    /// Decrease of λ.
    distance: f64,
    leaving: Leaving,
    sign: f64,
}

impl<X: Design> Search<'_, X> {
    /// Follows the optimum from `from` > λ, where `vertex` is optimal, down to λ: one pivot at each knot. Between two knots β is
    /// constant, and u is linear in λ. `knot` is told every λ at which β changes, and the vertex below it.
    pub(crate) fn follow(
        &self,
        vertex: &mut Vertex,
        from: f64,
        mut knot: impl FnMut(f64, &Vertex),
    ) -> Status {
        let program = self.program;
        let mut at = from;
        let mut idle = 0;
        vertex.price(program, at);
        let mut c = vertex.products();
        loop {
            let (u_rate, c_rate) = self.rates(vertex);
            let event = self.next_event(vertex, &c, &u_rate, &c_rate, at);
            let distance = event.as_ref().map_or(f64::INFINITY, |event| event.distance);
            let remaining = at - self.lambda;
            let moved = distance.min(remaining);
            for (&i, rate) in vertex.basis.rows().iter().zip(&u_rate) {
                vertex.u[i] -= moved * rate;
            }
            c.iter_mut()
                .zip(&c_rate)
                .for_each(|(c, rate)| *c -= moved * rate);
            at -= moved;
            let Some(event) = event.filter(|_| distance < remaining - ROUNDING * from) else {
                return Status::Converged;
            };
            if vertex.work.support_steps as usize >= self.stop.max_epochs {
                return Status::EpochLimit;
            }
            if self.stop.cancelled() {
                return Status::Interrupted;
            }
            let edge = vertex.edge(program, self.x, event.leaving, event.sign);
            if !vertex.step(program, self.x, &edge, at) {
                return Status::Stalled;
            }
            knot(at, vertex);
            // Each pivot at one λ makes the coefficients larger, so there is an end to them, unless rounding interferes.
            idle = if moved > 0.0 { 0 } else { idle + 1 };
            if idle > IDLE + 2 * (program.n() + program.p()) {
                return Status::Stalled;
            }
            if vertex.is_stale() {
                vertex.refresh(self.x, self.y);
                vertex.price(program, at);
                c = vertex.products();
            }
        }
    }

    /// du_E/dλ by place, and d(Xᵀu)/dλ.
    fn rates(&self, vertex: &Vertex) -> (Vec<f64>, Vec<f64>) {
        let program = self.program;
        let signs = vertex.basis.columns().iter();
        let signs: Vec<f64> = signs
            .map(|&j| program.weights[j] * vertex.signs[j])
            .collect();
        let u_rate = vertex.basis.solve_transposed(&signs);
        let mut c_rate = vec![0.0; program.p()];
        for (row, &rate) in vertex.rows.iter().zip(&u_rate) {
            crate::design::kernels::axpy(rate, row, &mut c_rate);
        }
        (u_rate, c_rate)
    }

    fn next_event(
        &self,
        vertex: &Vertex,
        c: &[f64],
        u_rate: &[f64],
        c_rate: &[f64],
        at: f64,
    ) -> Option<Event> {
        let mut next: Option<Event> = None;
        let mut offer = |distance: f64, leaving: Leaving, sign: f64| {
            let distance = distance.max(0.0);
            if next.as_ref().is_none_or(|next| distance < next.distance) {
                next = Some(Event {
                    distance,
                    leaving,
                    sign,
                });
            }
        };
        let fastest = u_rate.iter().fold(0.0f64, |m, r| m.max(r.abs()));
        for (q, (&i, &rate)) in vertex.basis.rows().iter().zip(u_rate).enumerate() {
            let [low, high] = self.program.slopes[i];
            // u falls by `rate` while λ falls by 1.
            if rate < -RATE * fastest {
                offer((high - vertex.u[i]) / -rate, Leaving::Row(q), 1.0);
            } else if rate > RATE * fastest {
                offer((vertex.u[i] - low) / rate, Leaving::Row(q), -1.0);
            }
        }
        for (j, (&c, &rate)) in c.iter().zip(c_rate).enumerate() {
            let weight = self.program.weights[j];
            if vertex.active[j] || self.program.reach[j] == 0.0 {
                continue;
            }
            for sign in [1.0, -1.0] {
                let approach = weight - sign * rate;
                if approach > RATE * (weight + rate.abs()) {
                    offer(
                        (at * weight - sign * c) / approach,
                        Leaving::Column(j),
                        sign,
                    );
                }
            }
        }
        next
    }
}
