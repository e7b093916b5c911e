//! Without the programs there is no progress to print beside.

/// Prints.
pub(super) fn aside<T>(print: impl FnOnce() -> T) -> T {
    print()
}
