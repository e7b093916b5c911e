//! Numbers and names in sentences.

/// How many names a list shows.
pub(crate) const SHOWN: usize = 5;

/// How many names are shown if space is limited.
const FEW: usize = 4;

/// `1 bundle`, `2 bundles`
#[must_use]
pub fn plural(number: usize, noun: &str) -> String {
    count(number, noun, &format!("{noun}s"))
}

/// `1 entry`, `2 entries`
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The first names, and the number of others: `a, b, c`, and `a, b, c and 2 more`.
#[must_use]
pub fn shortened<N: AsRef<str>>(names: &[N]) -> String {
    let joined = |names: &[N]| names.iter().map(N::as_ref).collect::<Vec<_>>().join(", ");
    match names.len() {
        0..=FEW => joined(names),
        number => format!("{} and {} more", joined(&names[..FEW - 1]), number - (FEW - 1)),
    }
}

/// The first five of some items, with a word before the last: `a, b and 3 more`.
pub(crate) fn enumerate(items: impl IntoIterator<Item = String>, word: &str) -> String {
    let mut items = items.into_iter();
    let mut shown: Vec<String> = items.by_ref().take(SHOWN + 1).collect();
    let last = match items.count() {
        0 => shown.pop(),
        more => {
            shown.truncate(SHOWN);
            Some(format!("{} more", more + 1))
        }
    };
    match last {
        None => String::new(),
        Some(one) if shown.is_empty() => one,
        Some(last) => format!("{} {word} {last}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!([plural(0, "bundle"), plural(1, "bundle")], ["0 bundles", "1 bundle"]);
        assert_eq!([count(1, "entry", "entries"), count(2, "entry", "entries")], ["1 entry", "2 entries"]);
    }

    #[test]
    fn few_names_are_shown_in_limited_space() {
        assert_eq!(shortened::<&str>(&[]), "");
        assert_eq!(shortened(&["a", "b", "c", "d"]), "a, b, c, d");
        assert_eq!(shortened(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
