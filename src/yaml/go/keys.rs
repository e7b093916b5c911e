//! The order of keys: letters after all else, and numbers by their value.

use std::cmp::Ordering;

/// Compares two keys.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(a, b)| a != b) else { return a.len().cmp(&b.len()) };
    let (first, second) = (a[at], b[at]);
    match (first.is_alphabetic(), second.is_alphabetic()) {
        (true, true) => return first.cmp(&second),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero within a number is not a leading one.
    let is_within = (first == '0' || second == '0')
        && a[..at].iter().rev().take_while(|c| c.is_ascii_digit()).any(|digit| *digit != '0');
    let number = |text: &[char]| {
        let (mut value, mut length) = (i64::from(is_within), 0);
        for digit in text[at..].iter().map_while(|c| c.to_digit(10)) {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            length += 1;
        }
        (value, length)
    };
    number(&a).cmp(&number(&b)).then(first.cmp(&second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value() {
        let mut keys = ["a10", "a2", "b", "a", "_a", "B", "a02", "1", "10", "2", "a-b", "ab", "10.1", "100"];
        keys.sort_by(|a, b| compare(a, b));
        assert_eq!(keys, ["_a", "1", "2", "10", "10.1", "100", "B", "a", "a-b", "a2", "a02", "a10", "ab", "b"]);
    }
}
