//! Clipping: the parts of a line inside a rectangle.

use super::rect::{Px, Rect};

/// The parts of a line inside a rectangle (Liang and Barsky, segment by segment).
pub fn clip(points: &[Px], rect: Rect) -> Vec<Vec<Px>> {
    let mut pieces: Vec<Vec<Px>> = Vec::new();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let (mut enter, mut leave) = (0.0f64, 1.0f64);
        for (step, room) in [
            (-dx, x0 - rect.left),
            (dx, rect.right - x0),
            (-dy, y0 - rect.top),
            (dy, rect.bottom - y0),
        ] {
            if step < 0.0 {
                enter = enter.max(room / step);
            } else if step > 0.0 {
                leave = leave.min(room / step);
            } else if room < 0.0 {
                leave = -1.0;
            }
        }
        if enter > leave {
            continue;
        }
        let at = |t: f64| (x0 + t * dx, y0 + t * dy);
        match pieces.last_mut() {
            Some(piece) if enter == 0.0 && piece.last() == Some(&(x0, y0)) => piece.push(at(leave)),
            _ => pieces.push(vec![at(enter), at(leave)]),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Rect = Rect {
        left: 0.0,
        top: 0.0,
        right: 10.0,
        bottom: 10.0,
    };

    #[test]
    fn lines_are_cut_at_the_frame() {
        assert_eq!(
            clip(&[(-5.0, 5.0), (15.0, 5.0)], BOX),
            [vec![(0.0, 5.0), (10.0, 5.0)]]
        );
        assert_eq!(
            clip(&[(1.0, 1.0), (2.0, 2.0), (3.0, 1.0)], BOX),
            [vec![(1.0, 1.0), (2.0, 2.0), (3.0, 1.0)]]
        );
        assert!(clip(&[(11.0, 0.0), (12.0, 10.0)], BOX).is_empty());
        assert_eq!(
            clip(&[(5.0, 5.0), (5.0, 20.0), (6.0, 20.0), (6.0, 5.0)], BOX).len(),
            2
        );
    }
}
