//! Version ranges in the language of Go's `blang/semver/v4` (its `range.go`), used in `skipRange` and
//! `olm.package.required`.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use semver::Version;

/// A version range: `>=1.0.0 <2.0.0 || 3.1.x !3.1.4`.
///
/// A space means "and"; `||` means "or" and has lower precedence. The operators are `=` (or `==`, or none), `!=` (or
/// `!`), `<`, `<=`, `>` and `>=`; `x` stands for any minor or patch number, as in `1.x` and `1.2.x`. Prereleases are
/// versions like any other: `<1.3.0` contains `1.3.0-rc.1`, and so does `1.2.x`.
#[derive(Clone, Debug)]
pub struct Range {
    text: String,
    /// One of these must match, with all of its comparisons.
    any: Vec<Vec<Comparison>>,
}

#[derive(Clone, Debug)]
struct Comparison {
    operator: Operator,
    version: Version,
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Text that is not a valid range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// It is empty.
    #[error("the range is empty")]
    Empty,
    /// `||` is at the start, at the end, or after another one.
    #[error("`||` must be between two ranges")]
    Or,
    /// A part has no version.
    #[error("{0:?} contains no version")]
    NoVersion(String),
    /// A part begins with something that is not an operator.
    #[error("{operator:?} in {part:?} is not a valid operator")]
    Operator {
        /// The part.
        part: String,
        /// The text before the version.
        operator: String,
    },
    /// The version of a part is not valid.
    #[error(transparent)]
    Version(super::Error),
    /// A wildcard in a part that cannot have one.
    #[error("the `x` in {0:?} must stand for the minor or patch number, as in 1.x or 1.2.x")]
    Wildcard(String),
}

impl Range {
    /// Whether the version is in the range.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        self.any.iter().any(|all| all.iter().all(|comparison| comparison.holds(version)))
    }

    /// The positions of the range's versions in a list that is sorted by precedence, as spans from the first to the last,
    /// with something between each and the next.
    ///
    /// It checks only few of the versions, so a channel in which every entry has a range is fast.
    #[must_use]
    pub fn spans<V: Borrow<Version>>(&self, sorted: &[V]) -> Vec<std::ops::Range<usize>> {
        merged(self.any.iter().flat_map(|all| spans(all, sorted)).collect())
    }

    /// [`Range::spans`], and where the versions stand that the range takes out by name, as in `!=1.2.0`.
    #[must_use]
    pub fn known_spans<V: Borrow<Version>>(&self, sorted: &[V]) -> Vec<std::ops::Range<usize>> {
        let named = self.any.iter().flatten().filter(|comparison| matches!(comparison.operator, Operator::NotEqual));
        let named = named.map(|comparison| same(&comparison.version, sorted));
        merged(self.spans(sorted).into_iter().chain(named).collect())
    }

    /// Those of some versions that are in the range, in the order of their precedence.
    #[must_use]
    pub fn among<V: Borrow<Version> + Clone>(&self, mut versions: Vec<V>) -> Vec<V> {
        versions.sort_by(|a, b| a.borrow().cmp_precedence(b.borrow()));
        self.spans(&versions).into_iter().flat_map(|span| versions[span].iter().cloned()).collect()
    }

    /// Whether any version below another one is in the range.
    #[must_use]
    pub fn reaches_below(&self, end: &Version) -> bool {
        // The lowest version of each part of the range is the lowest of all, one that the range names, or the one that
        // comes next after it.
        let lowest = || "0".parse().map(|pre| Version { pre, ..Version::new(0, 0, 0) }).ok();
        let tried = self.named().flat_map(|named| [Some(named.clone()), next_after(named)]).chain([lowest()]);
        let below = tried.flatten().filter(|version| version.cmp_precedence(end).is_lt());
        !self.among(below.collect()).is_empty()
    }

    /// The versions in the range's text, in order.
    pub fn named(&self) -> impl Iterator<Item = &Version> {
        self.any.iter().flatten().map(|comparison| &comparison.version)
    }
}

/// The versions of a list, sorted by precedence, that are in none of the ranges.
#[must_use]
pub fn uncovered<'v>(sorted: &[&'v Version], ranges: &[Range]) -> Vec<&'v Version> {
    // The number of ranges that begin and end at each version.
    let mut change = vec![0_i64; sorted.len() + 1];
    for span in ranges.iter().flat_map(|range| range.spans(sorted)) {
        change[span.start] += 1;
        change[span.end] -= 1;
    }
    let mut open = 0;
    let mut uncovered = Vec::new();
    for (version, change) in sorted.iter().zip(change) {
        open += change;
        if open == 0 {
            uncovered.push(*version);
        }
    }
    uncovered
}

/// The version that comes next after another one: with a further identifier, or as a prerelease of the next patch.
fn next_after(version: &Version) -> Option<Version> {
    let pre = match version.pre.is_empty() {
        true => "0".to_owned(),
        false => format!("{}.0", version.pre),
    };
    let patch = if version.pre.is_empty() { version.patch.checked_add(1)? } else { version.patch };
    Some(Version { pre: pre.parse().ok()?, patch, ..Version::new(version.major, version.minor, 0) })
}

/// Where the versions of the same precedence stand.
fn same<V: Borrow<Version>>(version: &Version, sorted: &[V]) -> std::ops::Range<usize> {
    let below = sorted.partition_point(|other| other.borrow().cmp_precedence(version).is_lt());
    let up_to = sorted.partition_point(|other| other.borrow().cmp_precedence(version).is_le());
    below..up_to
}

/// Spans in order, those that touch each other joined.
fn merged(mut spans: Vec<std::ops::Range<usize>>) -> Vec<std::ops::Range<usize>> {
    spans.retain(|span| !span.is_empty());
    spans.sort_unstable_by_key(|span| span.start);
    let mut all: Vec<std::ops::Range<usize>> = Vec::new();
    for span in spans {
        match all.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => all.push(span),
        }
    }
    all
}

/// The versions for which all comparisons hold.
fn spans<V: Borrow<Version>>(all: &[Comparison], sorted: &[V]) -> Vec<std::ops::Range<usize>> {
    let below = |version: &Version| sorted.partition_point(|other| other.borrow().cmp_precedence(version).is_lt());
    let up_to = |version: &Version| sorted.partition_point(|other| other.borrow().cmp_precedence(version).is_le());
    let (mut start, mut end) = (0, sorted.len());
    let mut holes = Vec::new();
    for Comparison { operator, version } in all {
        match operator {
            Operator::Equal => (start, end) = (start.max(below(version)), end.min(up_to(version))),
            Operator::NotEqual => holes.push(same(version, sorted)),
            Operator::Less => end = end.min(below(version)),
            Operator::LessOrEqual => end = end.min(up_to(version)),
            Operator::Greater => start = start.max(up_to(version)),
            Operator::GreaterOrEqual => start = start.max(below(version)),
        }
    }
    holes.sort_by_key(|hole| hole.start);
    let mut spans = Vec::new();
    for hole in holes.into_iter().filter(|hole| !hole.is_empty()) {
        spans.push(start..hole.start.min(end));
        start = start.max(hole.end);
    }
    spans.push(start..end);
    spans.retain(|span| span.start < span.end);
    spans
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Range {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = parts(text);
        if parts.is_empty() {
            return Err(RangeError::Empty);
        }
        let any: Vec<_> = parts.split(|part| part == "||").map(comparisons).collect::<Result<_, _>>()?;
        // blang accepts `a || || b`, and panics when it matches a version.
        if any.iter().any(Vec::is_empty) { Err(RangeError::Or) } else { Ok(Self { text: text.to_owned(), any }) }
    }
}

impl Comparison {
    fn new(operator: &str, version: &str, part: &str) -> Result<Self, RangeError> {
        let operator = match operator {
            "" | "=" | "==" => Operator::Equal,
            "!" | "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            _ => return Err(RangeError::Operator { part: part.to_owned(), operator: operator.to_owned() }),
        };
        Ok(Self { operator, version: super::parse(version).map_err(RangeError::Version)? })
    }

    fn holds(&self, version: &Version) -> bool {
        let order = version.cmp_precedence(&self.version);
        match self.operator {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// The parts between spaces; a space after `<`, `>` or `=` belongs to its part. Parts of one byte are dropped, as in
/// blang, so `! 1.0.0` means `1.0.0`.
fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let (mut start, mut last) = (0, b'\0');
    let mut add = |part: &str| {
        if part.len() > 1 {
            parts.push(part.replace(' ', ""));
        }
    };
    for (at, byte) in text.bytes().enumerate() {
        if byte != b' ' {
            last = byte;
        } else if !matches!(last, b'<' | b'>' | b'=') {
            add(&text[start..at]);
            start = at + 1;
        }
    }
    add(&text[start..]);
    parts
}

fn comparisons(parts: &[String]) -> Result<Vec<Comparison>, RangeError> {
    let mut all = Vec::new();
    for part in parts {
        let at = part.find(char::is_numeric).ok_or_else(|| RangeError::NoVersion(part.clone()))?;
        let (operator, version) = (part[..at].trim(), &part[at..]);
        if part.contains('x') {
            wildcard(operator, version, part, &mut all)?;
        } else {
            all.push(Comparison::new(operator, version, part)?);
        }
    }
    Ok(all)
}

/// A part with an `x`, as in blang's `expandWildcardVersion`: `1.x.x` is `>=1.0.0 <1.1.0` there, and an unknown
/// operator is ignored.
fn wildcard(operator: &str, version: &str, part: &str, all: &mut Vec<Comparison>) -> Result<(), RangeError> {
    let flat = version.replacen(".x.x", ".x", 1).replacen(".x", ".0", 1);
    let flat = if flat.split('.').count() == 2 { flat + ".0" } else { flat };
    let mut add = |operator, version: &str| -> Result<(), RangeError> {
        all.push(Comparison::new(operator, version, part)?);
        Ok(())
    };
    let next = || next(version, &flat).ok_or_else(|| RangeError::Wildcard(part.to_owned()));
    match operator {
        ">" => add(">=", &next()?),
        ">=" => add(">=", &flat),
        "<" => add("<", &flat),
        "<=" => add("<", &next()?),
        "" | "=" | "==" => {
            add(">=", &flat)?;
            add("<", &next()?)
        }
        "!" | "!=" => {
            add("<", &flat)?;
            add(">=", &next()?)
        }
        _ => add("", &flat),
    }
}

/// The first version after those that match a wildcard.
fn next(version: &str, flat: &str) -> Option<String> {
    let mut numbers: Vec<String> = flat.split('.').map(str::to_owned).collect();
    let raised = match version.split('.').collect::<Vec<_>>()[..] {
        [_, "x"] => 0,
        [_, _, "x"] => 1,
        _ => return None,
    };
    let number: i64 = numbers.get(raised)?.parse().ok()?;
    numbers[raised] = number.wrapping_add(1).to_string();
    Some(numbers.join("."))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A version that counts how often it is looked at.
    #[derive(Clone, Debug)]
    struct Counted<'c>(Version, &'c Cell<usize>);

    impl Borrow<Version> for Counted<'_> {
        fn borrow(&self) -> &Version {
            self.1.set(self.1.get() + 1);
            &self.0
        }
    }

    fn range(text: &str) -> Range {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// How often versions are looked at to find those in a range of as many parts.
    fn looks(parts: &str, number: u64) -> usize {
        let text: Vec<String> = (0..number).map(|i| parts.replace('I', &i.to_string())).collect();
        let looks = Cell::new(0);
        let versions = (0..number).map(|i| Counted(Version::new(9, 0, i), &looks)).collect();
        let range = range(&text.join(" || "));
        assert!(range.among(versions).len() <= number as usize);
        looks.get()
    }

    #[test]
    fn twice_the_versions_are_looked_at_about_twice_as_often() {
        for parts in ["9.0.I", ">=9.0.I", ">=9.0.I <8.0.0", "!=9.0.I", "<9.0.I !=9.0.1"] {
            for number in [500, 1000, 2000] {
                let (once, twice) = (looks(parts, number), looks(parts, 2 * number));
                assert!(twice < 3 * once, "{parts}: {once}, {twice}");
            }
        }
    }

    #[test]
    fn spans_do_not_overlap() {
        let versions: Vec<Version> = (0..6).map(|i| Version::new(1, i, 0)).collect();
        let told =
            |spans: Vec<std::ops::Range<usize>>| spans.iter().map(|span| (span.start, span.end)).collect::<Vec<_>>();
        let spans = |text: &str| told(range(text).spans(&versions));
        assert_eq!(spans(">=1.4.0 || >=1.0.0 <1.2.0 || 1.1.0 || <1.3.0"), [(0, 3), (4, 6)]);
        assert_eq!(spans("<1.2.0 || >=1.2.0"), [(0, 6)]);
        assert_eq!(spans(">=1.1.0 !=1.3.0 <1.5.0"), [(1, 3), (4, 5)]);
        assert_eq!(told(range(">=1.1.0 !=1.3.0 <1.5.0").known_spans(&versions)), [(1, 5)]);
        assert_eq!(spans(">1.5.0 <1.0.0"), []);
    }

    #[test]
    fn some_version_below_another_is_in_a_range() {
        let below = |text: &str, end: &str| range(text).reaches_below(&super::super::parse(end).expect(end));
        for (text, end, expected) in [
            (">=1.0.0 <1.1.0", "1.1.0", true),
            (">1.0.0-alpha <1.0.0", "1.0.0", true),
            (">1.0.0-rc.1 <1.0.0-rc.1.0", "1.0.0", false),
            (">1.0.0-rc.1 !=1.0.0-rc.1.0 <1.0.0-rc.2", "1.0.0-rc.2", true),
            (">0.9.9 <0.9.10", "1.0.0", true),
            (">=1.0.0 <0.9.0", "1.0.0", false),
            (">=1.0.0", "1.0.0", false),
            (">=1.0.0", "1.0.0-rc.1", false),
            (">=2.0.0 || <0.1.0", "1.0.0", true),
            ("1.0.0", "1.0.1", true),
            ("!=0.0.0-0 <0.0.0", "1.0.0", true),
            (">18446744073709551615.18446744073709551615.18446744073709551615", "1.0.0", false),
        ] {
            assert_eq!(below(text, end), expected, "{text} below {end}");
        }
    }
}
