//! Names in messages: lists that stay short, and the name that was perhaps meant.

use std::cell::Cell;

/// How many names a list shows.
const SHOWN: usize = 5;

/// How alike names must be to be taken for one another, from 0 to 1.
const ALIKE: f64 = 0.85;

/// Names in quotes, the first five of them: `"a", "b" and 3 more`.
pub(crate) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    join(names, "and")
}

/// Names in quotes, of which one may be chosen: `"a", "b" or 3 more`.
pub(super) fn choice<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    join(names, "or")
}

fn join<'n>(names: impl IntoIterator<Item = &'n str>, word: &str) -> String {
    let mut names = names.into_iter();
    let mut shown: Vec<String> = names.by_ref().take(SHOWN + 1).map(|name| format!("{name:?}")).collect();
    let last = match names.count() {
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

/// Looks for the name that was meant. It looks at a limited number of names in all, so that a catalog in which
/// thousands are wrong is not slow.
#[derive(Debug)]
pub(super) struct Suggester {
    left: Cell<usize>,
}

impl Default for Suggester {
    fn default() -> Self {
        Self { left: Cell::new(20_000) }
    }
}

impl Suggester {
    /// The most alike of the names, if any is alike. Names with other numbers are meant to be other names.
    pub(super) fn suggest<'n>(&self, wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let digits = |name: &str| name.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>();
        let wanted = digits(wrong);
        let mut best: Option<(f64, &str)> = None;
        for name in names {
            self.left.set(self.left.get().checked_sub(1)?);
            if digits(name) != wanted {
                continue;
            }
            let alike = strsim::jaro_winkler(wrong, name);
            if alike >= best.map_or(ALIKE, |(most, _)| most) && best.is_none_or(|(most, _)| alike > most) {
                best = Some((alike, name));
            }
        }
        best.map(|(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_short() {
        assert_eq!(list([]), "");
        assert_eq!(list(["a"]), r#""a""#);
        assert_eq!(list(["a", "b", "c"]), r#""a", "b" and "c""#);
        assert_eq!(choice(["a", "b"]), r#""a" or "b""#);
        assert_eq!(list(["1", "2", "3", "4", "5", "6"]), r#""1", "2", "3", "4", "5" and "6""#);
        assert_eq!(list(["1", "2", "3", "4", "5", "6", "7"]), r#""1", "2", "3", "4", "5" and 2 more"#);
    }

    #[test]
    fn the_name_that_was_meant() {
        let suggester = Suggester::default();
        assert_eq!(suggester.suggest("stabel", ["beta", "stable", "stable-v1"]), Some("stable"));
        assert_eq!(suggester.suggest("demo.v1.2.0", ["demo.v1.1.0", "dmeo.v1.2.0"]), Some("dmeo.v1.2.0"));
        assert_eq!(suggester.suggest("fast", ["beta", "stable"]), None);
        let many: Vec<String> = (0..30_000).map(|i| i.to_string()).collect();
        assert_eq!(suggester.suggest("0", many.iter().map(String::as_str)), None);
    }
}
