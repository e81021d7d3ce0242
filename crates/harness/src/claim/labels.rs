//! Where the names of lines stand beside their ends.

/// Places for labels: the order of `heights` is kept, and neighbours are at least `apart`.
pub fn spread(heights: &[f64], apart: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut places = heights.to_vec();
    // Each round moves every pair that is too near by half of what is missing.
    for _ in 0..200 {
        for pair in order.windows(2) {
            let missing = apart - (places[pair[1]] - places[pair[0]]);
            if missing > 0.0 {
                places[pair[0]] -= 0.5 * missing;
                places[pair[1]] += 0.5 * missing;
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_order_and_distance() {
        let places = spread(&[0.3, 0.29, 0.0, 0.31], 0.05);
        assert!(places[2] < places[1] && places[1] < places[0] && places[0] < places[3]);
        assert!(places[3] - places[0] > 0.0499 && places[0] - places[1] > 0.0499);
        assert_eq!(places[2], 0.0);
    }
}
