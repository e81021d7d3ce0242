//! Names of lines at their ends, moved apart where they would cover each other.

use crate::figure::chart::{Anchor, Layer, Look, Shape};

/// The name of a line.
pub struct EndLabel {
    /// Height of the line's end.
    pub y: f64,
    /// Its name.
    pub text: String,
    /// Its look, of which the name has the colour.
    pub look: Look,
}

/// Names that start at x, by their heights, at least `apart` from each other.
pub fn end_labels(x: f64, apart: f64, mut labels: Vec<EndLabel>) -> Vec<Layer> {
    labels.sort_by(|a, b| a.y.total_cmp(&b.y));
    let places = spaced(&labels.iter().map(|l| l.y).collect::<Vec<f64>>(), apart);
    let named = |(label, y): (EndLabel, f64)| {
        let text = Shape::Text {
            at: (x, y),
            text: label.text,
            anchor: Anchor::Start,
        };
        Layer::plain(label.look, text)
    };
    labels.into_iter().zip(places).map(named).collect()
}

/// Ascending values, moved as little as a pass over merged clusters can, so that neighbours are `apart` or more.
pub fn spaced(values: &[f64], apart: f64) -> Vec<f64> {
    // Each cluster has the middle of its members and their number.
    let mut clusters: Vec<(f64, usize)> = Vec::new();
    for value in values {
        let mut cluster = (*value, 1);
        while let Some(&(middle, count)) = clusters.last() {
            let room = apart * (count + cluster.1) as f64 / 2.0;
            if cluster.0 - middle >= room {
                break;
            }
            clusters.pop();
            let total = count + cluster.1;
            let weighted = middle * count as f64 + cluster.0 * cluster.1 as f64;
            cluster = (weighted / total as f64, total);
        }
        clusters.push(cluster);
    }
    let members = clusters.iter().flat_map(|&(middle, count)| {
        (0..count).map(move |i| middle + apart * (i as f64 - (count - 1) as f64 / 2.0))
    });
    members.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_order_and_their_distance() {
        assert_eq!(spaced(&[0.0, 5.0], 1.0), [0.0, 5.0]);
        assert_eq!(spaced(&[1.0, 1.0], 1.0), [0.5, 1.5]);
        let places = spaced(&[0.0, 0.1, 0.2, 1.2], 1.0);
        assert!(places.windows(2).all(|w| w[1] - w[0] >= 1.0 - 1e-12));
    }
}
