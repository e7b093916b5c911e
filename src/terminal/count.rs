//! Numbers with nouns.

/// `1 bundle`, `2 bundles`: a number, and the noun in the form that agrees with it.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
