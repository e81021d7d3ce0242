//! A rectangle in pixels of the picture, and how it is cut into cells.

/// A point in pixels of the picture, y downwards.
pub type Px = (f64, f64);

/// A rectangle in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Rect {
    /// Width.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// `count` equal cells in rows of at most `columns`, with `gap` between columns and half of it between rows.
    pub fn cells(&self, count: usize, columns: usize, gap: f64) -> Vec<Rect> {
        let columns = columns.clamp(1, count.max(1));
        let rows = count.div_ceil(columns).max(1);
        let width = (self.width() - gap * (columns - 1) as f64) / columns as f64;
        let height = (self.height() - gap / 2.0 * (rows - 1) as f64) / rows as f64;
        (0..count)
            .map(|i| {
                let left = self.left + (i % columns) as f64 * (width + gap);
                let top = self.top + (i / columns) as f64 * (height + gap / 2.0);
                Rect {
                    left,
                    top,
                    right: left + width,
                    bottom: top + height,
                }
            })
            .collect()
    }
}
