//! Temporary files and folders that are there now: a program that a signal ends removes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

static THERE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Something temporary, for as long as this lives. It is removed by whoever made it.
#[derive(Debug)]
pub(crate) struct Noted(PathBuf);

impl Noted {
    pub(crate) fn new(path: &Path) -> Self {
        THERE.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        THERE.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// Removes all that is there. For a program that ends.
pub fn remove_all() {
    let there = THERE.lock().unwrap_or_else(PoisonError::into_inner);
    for path in &*there {
        // What cannot be removed stays: nobody is there to be told.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}
