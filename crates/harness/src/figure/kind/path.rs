//! Kind `path`: every coefficient, a panel per penalty.

use super::super::abscissa::Abscissa;
use super::super::path_plate::PathPlate;
use super::choice::{Group, Selection};
use super::{Kind, Picture, stem};
use anyhow::Result;

pub fn pictures(groups: &[Group], x: Abscissa, of: &Selection) -> Result<Vec<Picture>> {
    let picture = |group: &Group| {
        let title = format!("Coefficient paths, {}", group.dataset);
        let mut plate = PathPlate::against(&group.representatives(), title, x);
        plate.add_notes(&group.left_out);
        Picture::new(stem(Kind::Path, Some(x), group.dataset, of), plate)
    };
    Ok(groups.iter().map(picture).collect())
}
