//! Places of a list that are closed one after another, such as those of versions that were seen.

/// Places that can be closed. Finds the first open one from any place on in nearly constant time.
pub(super) struct Open(Vec<usize>);

impl Open {
    pub(super) fn new(places: usize) -> Self {
        Self((0..=places).collect())
    }

    /// The first open place from this one on; the number of places if there is none.
    pub(super) fn first(&mut self, from: usize) -> usize {
        let last = self.0.len() - 1;
        let mut found = from.min(last);
        while self.0[found] != found {
            found = self.0[found];
        }
        let mut at = from.min(last);
        while self.0[at] != found {
            at = std::mem::replace(&mut self.0[at], found);
        }
        found
    }

    pub(super) fn close(&mut self, place: usize) {
        self.0[place] = place + 1;
    }
}
