//! A consistent picture of one site's archive at one moment.

use crate::Part;
use std::sync::Arc;

/// What questions are answered from: sealed parts with some visitors set aside, and those visitors' events, joined
/// with late and live ones, in a part of their own. No event occurs twice, and no visit is cut.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Parts with their masks. A visitor (row number) that the mask marks must be passed over in that part.
    /// One visitor key may occur, unmasked, in several parts (other months), with different visits.
    pub parts: Vec<(Arc<Part>, Option<Arc<Mask>>)>,
    /// Changes whenever the picture does; equal generations of one site mean equal answers.
    pub generation: u64,
}

/// One bit for each visitor of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask(Vec<u64>);

impl Mask {
    /// A mask of `rows` visitors, none marked.
    pub fn new(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    /// Marks a visitor.
    pub fn mark(&mut self, row: usize) {
        self.0[row / 64] |= 1 << (row % 64);
    }

    /// Whether a visitor is marked.
    pub fn is_marked(&self, row: usize) -> bool {
        self.0[row / 64] & (1 << (row % 64)) != 0
    }
}
