//! Provenance: where the numbers of a picture come from.

/// Where the numbers of a picture come from; printed in its caption. Empty parts are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The command that measured.
    pub command: String,
    /// Short commit, with `-dirty` where the tree was.
    pub commit: String,
    /// One line: processor, cores, SIMD level.
    pub machine: String,
}
