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

    /// The positions of the range's versions in a list that is sorted by precedence, as spans, which may overlap.
    ///
    /// It checks only few of the versions, so a channel in which every entry has a range is fast.
    #[must_use]
    pub fn spans<V: Borrow<Version>>(&self, sorted: &[V]) -> Vec<std::ops::Range<usize>> {
        self.any.iter().flat_map(|all| spans(all, sorted)).collect()
    }

    /// The versions in the range's text, in order.
    pub fn named(&self) -> impl Iterator<Item = &Version> {
        self.any.iter().flatten().map(|comparison| &comparison.version)
    }

    /// Whether the range excludes exactly this version, as in `!=1.2.0`.
    #[must_use]
    pub fn leaves_out(&self, version: &Version) -> bool {
        let out =
            |comparison: &Comparison| matches!(comparison.operator, Operator::NotEqual) && !comparison.holds(version);
        self.any.iter().flatten().any(out)
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

/// The versions that match all comparisons.
fn spans<V: Borrow<Version>>(all: &[Comparison], sorted: &[V]) -> Vec<std::ops::Range<usize>> {
    let below = |version: &Version| sorted.partition_point(|other| other.borrow().cmp_precedence(version).is_lt());
    let up_to = |version: &Version| sorted.partition_point(|other| other.borrow().cmp_precedence(version).is_le());
    let (mut start, mut end) = (0, sorted.len());
    let mut holes = Vec::new();
    for Comparison { operator, version } in all {
        match operator {
            Operator::Equal => (start, end) = (start.max(below(version)), end.min(up_to(version))),
            Operator::NotEqual => holes.push(below(version)..up_to(version)),
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
