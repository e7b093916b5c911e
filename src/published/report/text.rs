//! A comparison for people.

use super::super::Comparison;
use super::lines::{self, Line, Sign};
use crate::diagnostic::{Sources, text as diagnostic};
use crate::terminal::{Ink, Text};
use crate::text;

/// The changes package by package, with the users' upgrade paths, then the findings and their number.
///
/// ```text
/// demo
///   - bundle demo.v1.1.0
///   ~ channel stable, head demo.v1.1.0 -> demo.v1.2.0
///   users
///     stable: demo.v1.0.0 -> demo.v1.2.0
///
/// no findings
/// ```
#[must_use]
pub fn text(comparison: &Comparison, sources: &Sources) -> Text {
    let packages = &comparison.difference.packages;
    let mut shown = Text::new();
    for package in packages {
        shown += text!("{}\n", package.name);
        shown.extend(lines::changes(package).iter().map(|line| self::line(line, 1)));
        let users = lines::users(package);
        if !users.is_empty() {
            shown += "  users\n".into();
            shown.extend(users.iter().map(|line| self::line(line, 2)));
        }
        shown += "\n".into();
    }
    let changed = match packages.len() {
        0 => "no differences".to_owned(),
        1 => "1 package changed".to_owned(),
        number => format!("{number} packages changed"),
    };
    shown += diagnostic::render(&comparison.findings, sources);
    shown + text!("{}, {}\n", changed, diagnostic::summary(&comparison.findings))
}

fn line(line: &Line, depth: usize) -> Text {
    let (ink, sign) = match line.sign {
        Sign::Added => (Ink::Good, "+ "),
        Sign::Removed => (Ink::Bad, "- "),
        Sign::Changed => (Ink::Changed, "~ "),
        Sign::Fact => (Ink::Plain, ""),
        Sign::Hurts => (Ink::Bad, ""),
    };
    text!("{}{}\n", "  ".repeat(depth + line.depth), ink.on(text!("{}{}", sign, line.text)))
}
