//! Which rules' findings count, and for how much: `--select`, `--ignore` and `--deny` of the command line, and the table
//! `[validate]` of a `catalog.toml`.
//!
//! Errors always count: opm refuses what they are about.

mod config;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

pub use config::{CONFIG_FILE, ConfigError};

use super::names::Suggester;
use super::{RuleFacts, Target};
use crate::catalog::{Origin, Scan};
use crate::diagnostic::{Finding, Place, Severity, Spot};

/// What `--deny` and `deny` call all warnings together.
pub const WARNINGS: &str = "warnings";

/// What counts in a run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// What the command line says. It comes before all else.
    pub command: Levels,
    /// What a `catalog.toml` says of single packages. It comes before the rest of the file.
    pub packages: BTreeMap<String, Levels>,
    /// What a `catalog.toml` says of all packages.
    pub file: Levels,
    /// The targets beside OLM: of the command line and the file together.
    pub targets: BTreeSet<Target>,
}

/// What one place says of the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    select: BTreeSet<&'static str>,
    ignore: BTreeSet<&'static str>,
    deny: BTreeSet<&'static str>,
    deny_warnings: bool,
}

/// A rule that cannot be selected as somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// There is no such rule.
    #[error("{name:?} is not a rule{}", hint(.meant.as_deref()))]
    Unknown {
        /// The name.
        name: String,
        /// The rule that was perhaps meant.
        meant: Option<String>,
    },
    /// Errors cannot be ignored.
    #[error("the rule {name:?} cannot be ignored: opm refuses what it is about")]
    IsError {
        /// The rule.
        name: String,
    },
}

fn hint(meant: Option<&str>) -> String {
    meant.map_or("; `catalog rules` lists them".to_owned(), |meant| format!("; did you mean {meant:?}?"))
}

/// The rule of a name.
///
/// # Errors
/// A name that is not a rule's.
pub(super) fn rule(name: &str) -> Result<RuleFacts, SelectError> {
    let meant = || Suggester::default().suggest(name, RuleFacts::all().map(|rule| rule.id)).map(str::to_owned);
    RuleFacts::find(name).ok_or_else(|| SelectError::Unknown { name: name.to_owned(), meant: meant() })
}

/// The rule of a name, which must be one of a warning.
///
/// # Errors
/// A name that is not a rule's, and rules that are errors.
pub(super) fn warning(name: &str) -> Result<RuleFacts, SelectError> {
    let rule = rule(name)?;
    match rule.severity {
        Severity::Warning => Ok(rule),
        Severity::Error => Err(SelectError::IsError { name: name.to_owned() }),
    }
}

impl Levels {
    /// What lists of names say. `select`: only these warnings count, all where the list is empty. `ignore`: these do not
    /// count. `deny`: these are errors; [`WARNINGS`] stands for all.
    ///
    /// # Errors
    /// Names that are not those of rules, and ignored rules that are errors.
    pub fn new<N: AsRef<str>>(select: &[N], ignore: &[N], deny: &[N]) -> Result<Self, SelectError> {
        let id = |found: Result<RuleFacts, SelectError>| found.map(|rule| rule.id);
        let rules = deny.iter().filter(|name| name.as_ref() != WARNINGS);
        Ok(Self {
            select: select.iter().map(|name| id(rule(name.as_ref()))).collect::<Result<_, _>>()?,
            ignore: ignore.iter().map(|name| id(warning(name.as_ref()))).collect::<Result<_, _>>()?,
            deny: rules.map(|name| id(rule(name.as_ref()))).collect::<Result<_, _>>()?,
            deny_warnings: deny.iter().any(|name| name.as_ref() == WARNINGS),
        })
    }

    /// What is said of a rule by name: whether its warnings count, and as what.
    fn of(&self, rule: &str) -> Option<Level> {
        match rule {
            rule if self.ignore.contains(rule) => Some(Level::Ignored),
            rule if self.deny.contains(rule) => Some(Level::Denied),
            _ if self.select.is_empty() => None,
            rule if self.select.contains(rule) => Some(Level::Selected),
            _ => Some(Level::Ignored),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Ignored,
    Selected,
    Denied,
}

impl Selection {
    /// What counts where a `catalog.toml` says something too: the named file, or that of the working directory, which
    /// need not be there.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or says something else.
    pub fn read(command: Levels, named: Option<&Path>) -> Result<Self, ConfigError> {
        let config::Config { file, packages, targets } = config::read(named)?;
        Ok(Self { command, packages, file, targets })
    }

    /// The findings that count, denied ones as errors. `scan` says which package a finding is about.
    #[must_use]
    pub fn apply(&self, findings: Vec<Finding>, scan: &Scan) -> Vec<Finding> {
        let owners = if self.packages.is_empty() { Owners::default() } else { Owners::of(scan) };
        let levels = |mut finding: Finding| {
            finding.severity = self.level(&finding, owners.package(&finding.place))?;
            Some(finding)
        };
        findings.into_iter().filter_map(levels).collect()
    }

    /// How bad a finding is here. None: it does not count.
    fn level(&self, finding: &Finding, package: Option<&str>) -> Option<Severity> {
        if finding.severity == Severity::Error {
            return Some(Severity::Error);
        }
        let package = package.and_then(|name| self.packages.get(name));
        let levels = || std::iter::once(&self.command).chain(package).chain([&self.file]);
        match levels().find_map(|levels| levels.of(finding.rule)) {
            Some(Level::Ignored) => None,
            Some(Level::Denied) => Some(Severity::Error),
            Some(Level::Selected) | None if levels().any(|levels| levels.deny_warnings) => Some(Severity::Error),
            Some(Level::Selected) | None => Some(Severity::Warning),
        }
    }
}

/// Which package each document of a catalog's files belongs to.
#[derive(Default)]
struct Owners<'c>(HashMap<(&'c Path, usize), &'c str>);

impl<'c> Owners<'c> {
    fn of(scan: &'c Scan) -> Self {
        let catalog = &scan.catalog;
        let packages = catalog.packages.iter().map(|blob| (&blob.origin, &blob.name));
        let channels = catalog.channels.iter().map(|blob| (&blob.origin, &blob.package));
        let bundles = catalog.bundles.iter().map(|blob| (&blob.origin, &blob.package));
        let deprecations = catalog.deprecations.iter().map(|blob| (&blob.origin, &blob.package));
        let others = catalog.others.iter().map(|blob| (&blob.origin, &blob.package));
        let all = packages.chain(channels).chain(bundles).chain(deprecations).chain(others);
        let owner = |(origin, name): (&'c Origin, &'c String)| ((origin.file(), origin.document()), name.as_str());
        Self(all.map(owner).collect())
    }

    fn package(&self, place: &Place) -> Option<&'c str> {
        match &place.spot {
            Spot::Value { document, .. } => self.0.get(&(place.file.as_path(), *document)).copied(),
            Spot::File | Spot::Position { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(select: &[&str], ignore: &[&str], deny: &[&str]) -> Levels {
        Levels::new(select, ignore, deny).expect("rules")
    }

    /// The severity that a warning of `edge-downgrade` in package `demo` has.
    fn level(command: Levels, package: Levels, file: Levels) -> Option<&'static str> {
        let packages = [("demo".to_owned(), package)].into_iter().collect();
        let finding = Finding::warning("edge-downgrade", Place::default(), "");
        Selection { command, packages, file, ..Selection::default() }
            .level(&finding, Some("demo"))
            .map(Severity::as_str)
    }

    #[test]
    fn the_command_line_comes_first_and_the_package_second() {
        let none = Levels::default;
        let ignore = || levels(&[], &["edge-downgrade"], &[]);
        let deny = || levels(&[], &[], &["edge-downgrade"]);
        let select = || levels(&["edge-downgrade"], &[], &[]);
        let others = || levels(&["edge-unknown"], &[], &[]);
        let warnings = || levels(&[], &[], &["warnings"]);
        assert_eq!(level(none(), none(), none()), Some("warning"));
        assert_eq!(level(none(), none(), ignore()), None);
        assert_eq!(level(none(), none(), deny()), Some("error"));
        assert_eq!(level(none(), none(), warnings()), Some("error"));
        assert_eq!(level(none(), deny(), ignore()), Some("error"));
        assert_eq!(level(none(), ignore(), deny()), None);
        assert_eq!(level(deny(), ignore(), none()), Some("error"));
        assert_eq!(level(ignore(), deny(), deny()), None);
        assert_eq!(level(none(), none(), others()), None);
        assert_eq!(level(select(), ignore(), others()), Some("warning"));
        assert_eq!(level(select(), none(), warnings()), Some("error"));
        assert_eq!(level(others(), none(), warnings()), None);
    }

    #[test]
    fn errors_count_always() {
        let finding = Finding::error("replaces-cycle", Place::default(), "");
        let selection = Selection { command: levels(&["edge-unknown"], &[], &[]), ..Selection::default() };
        assert_eq!(selection.level(&finding, None), Some(Severity::Error));
        let error = Levels::new(&[], &["replaces-cycle"], &[]).expect_err("it is an error");
        assert_eq!(error, SelectError::IsError { name: "replaces-cycle".into() });
    }

    #[test]
    fn unknown_rules_are_told_with_what_was_meant() {
        let error = Levels::new(&["edge-downgrad"], &[], &[]).expect_err("there is no such rule").to_string();
        assert_eq!(error, r#""edge-downgrad" is not a rule; did you mean "edge-downgrade"?"#);
        let error = Levels::new(&[], &[], &["x"]).expect_err("there is no such rule").to_string();
        assert_eq!(error, r#""x" is not a rule; `catalog rules` lists them"#);
    }
}
