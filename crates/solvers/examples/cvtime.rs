use std::time::Instant;
use regpath_solvers::validation::*;
use faer::Mat;
struct Two;
impl Workers for Two {
    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        let n = parts.len();
        let q = std::sync::Mutex::new(parts.into_iter().enumerate().collect::<std::collections::VecDeque<_>>());
        let out = std::sync::Mutex::new((0..n).map(|_| None).collect::<Vec<Option<R>>>());
        std::thread::scope(|s| { for _ in 0..2 { s.spawn(|| loop {
            let Some((i, p)) = q.lock().unwrap().pop_front() else { break };
            let r = work(p); out.lock().unwrap()[i] = Some(r);
        }); } });
        out.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
    }
}
fn main() {
    let a: Vec<usize> = std::env::args().skip(1).map(|s| s.parse().unwrap()).collect();
    let (n, p) = (a[0], a[1]);
    let mut s = 88172645463325252u64;
    let mut rnd = || { let mut t = 0.0; for _ in 0..4 { s ^= s << 13; s ^= s >> 7; s ^= s << 17; t += (s >> 11) as f64 / (1u64 << 53) as f64; } (t - 2.0) * 1.7 };
    let common: Vec<f64> = (0..n).map(|_| rnd()).collect();
    let x = Mat::from_fn(n, p, |i, _| 0.7 * common[i] + 0.7 * rnd());
    let y: Vec<f64> = (0..n).map(|i| (0..20).map(|j| x[(i, j)] * if j % 2 == 0 { 1.0 } else { -0.7 } ).sum::<f64>() + 2.0 * rnd()).collect();
    let labels: Vec<usize> = (0..n).map(|i| (i * 7919) % 10).collect();
    let folds = [Folds::from_labels(&labels).unwrap()];
    for _ in 0..5 {
        let t = Instant::now();
        let cv = regpath_solvers::lasso().cross_validate(x.as_ref(), &y, &folds, &Two).unwrap();
        let worst = cv.folds.iter().map(|f| f.relative_gap).fold(0.0, f64::max);
        println!("{:.4} s worst {worst:.1e} min {} 1se {}", t.elapsed().as_secs_f64(), cv.min, cv.one_se);
    }
    let t = Instant::now();
    let path = regpath_solvers::lasso().fit(x.as_ref(), &y).unwrap();
    println!("fit {:.4} {:.1e}", t.elapsed().as_secs_f64(), path.worst_gap());
}
