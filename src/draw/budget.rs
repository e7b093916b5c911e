//! The limits of a drawing.

use crate::limits::{Exceeded, GRAPH_EDGES, GRAPH_ENTRIES};

/// How much more can be drawn.
pub(super) struct Budget {
    entries: u64,
    edges: u64,
}

impl Budget {
    /// The limits.
    pub(super) fn full() -> Self {
        Self { entries: GRAPH_ENTRIES.get(), edges: GRAPH_EDGES.get() }
    }

    pub(super) fn take_entries(&mut self, number: usize) -> Result<(), Exceeded> {
        self.entries = self.entries.checked_sub(number as u64).ok_or_else(|| GRAPH_ENTRIES.exceeded())?;
        Ok(())
    }

    pub(super) fn take_edge(&mut self) -> Result<(), Exceeded> {
        self.edges = self.edges.checked_sub(1).ok_or_else(|| GRAPH_EDGES.exceeded())?;
        Ok(())
    }
}
