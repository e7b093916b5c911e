//! Which findings count, and as which severity: `--select`, `--ignore` and `--deny` on the command line, and the table
//! `[validate]` of a `catalog.toml`.
//!
//! Errors always count: opm rejects the input.

mod config;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub use config::{CONFIG_FILE, ConfigError, File, Folders};

use super::names::Suggester;
use super::{RuleFacts, Target};
use crate::catalog::{Origin, Scan};
use crate::diagnostic::{Finding, Place, Severity, Spot};

/// The name that `--deny` and `deny` use for all warnings.
pub const WARNINGS: &str = "warnings";

/// What counts in a run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The options of the command line. They take precedence over everything else.
    pub command: Levels,
    /// The settings of a `catalog.toml` for single packages. They take precedence over the rest of the file.
    pub packages: BTreeMap<String, Levels>,
    /// The settings of a `catalog.toml` for all packages.
    pub file: Levels,
    /// The [`baseline`](super::baseline) that a `catalog.toml` names.
    pub baseline: Option<PathBuf>,
    /// The targets in addition to OLM, from both the command line and the file.
    pub targets: BTreeSet<Target>,
}

/// The settings from one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    select: BTreeSet<&'static str>,
    ignore: BTreeSet<&'static str>,
    deny: BTreeSet<&'static str>,
    deny_warnings: bool,
}

/// A rule that cannot be selected as requested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// There is no such rule.
    #[error("{name:?} is not a rule{}", hint(.meant.as_deref()))]
    Unknown {
        /// The name.
        name: String,
        /// The rule that was probably meant.
        meant: Option<String>,
    },
    /// Errors cannot be ignored.
    #[error("the rule {name:?} cannot be ignored: all of its findings are errors, which always count")]
    IsError {
        /// The rule.
        name: String,
    },
}

fn hint(meant: Option<&str>) -> String {
    meant.map_or("; `catalog rules` lists them".to_owned(), |meant| format!("; did you mean {meant:?}?"))
}

/// The rule with a name.
///
/// # Errors
/// An unknown name.
pub fn rule(name: &str) -> Result<RuleFacts, SelectError> {
    let meant = || Suggester::default().suggest(name, RuleFacts::all().map(|rule| rule.id)).map(str::to_owned);
    RuleFacts::find(name).ok_or_else(|| SelectError::Unknown { name: name.to_owned(), meant: meant() })
}

/// The rule with a name, some of whose findings must be warnings.
///
/// # Errors
/// An unknown name, or a rule whose findings are all errors.
pub fn warning(name: &str) -> Result<RuleFacts, SelectError> {
    let rule = rule(name)?;
    if rule.level.warns() { Ok(rule) } else { Err(SelectError::IsError { name: name.to_owned() }) }
}

/// What can be denied: a rule, or [`WARNINGS`].
///
/// # Errors
/// Any other name.
pub fn denied(name: &str) -> Result<(), SelectError> {
    if name == WARNINGS { Ok(()) } else { rule(name).map(drop) }
}

impl Levels {
    /// The settings in lists of names. `select`: only these warnings count, or all if the list is empty. `ignore`:
    /// these do not count. `deny`: these are errors; [`WARNINGS`] stands for all.
    ///
    /// # Errors
    /// Unknown rules, and ignored rules whose findings are all errors.
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

    /// The setting for a rule: whether its warnings count, and as which severity.
    fn of(&self, rule: &str) -> Option<Said> {
        match rule {
            rule if self.ignore.contains(rule) => Some(Said::Ignored),
            rule if self.deny.contains(rule) => Some(Said::Denied),
            _ if self.select.is_empty() => None,
            rule if self.select.contains(rule) => Some(Said::Selected),
            _ => Some(Said::Ignored),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Ignored,
    Selected,
    Denied,
}

impl Selection {
    /// The settings including those of a `catalog.toml`: the named file, or that of the repository (see
    /// [`crate::root`]) if it exists.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or has other fields.
    pub fn read(command: Levels, named: Option<&Path>) -> Result<Self, ConfigError> {
        let config::Config { all, packages, targets, baseline } = config::read(named)?;
        Ok(Self { command, packages, file: all, targets, baseline })
    }

    /// The findings of a catalog that count, denied ones as errors. `scan` maps findings to packages.
    #[must_use]
    pub fn apply(&self, findings: Vec<Finding>, scan: &Scan) -> Vec<Finding> {
        let owners = if self.packages.is_empty() { Owners::default() } else { Owners::of(scan) };
        self.counted(findings, |place| owners.package(place))
    }

    /// The findings of a bundle or an operator that count, denied ones as errors. All of them are about one package, if
    /// its name is known.
    #[must_use]
    pub fn apply_to(&self, findings: Vec<Finding>, package: Option<&str>) -> Vec<Finding> {
        self.counted(findings, |_| package)
    }

    /// Whether findings of a rule count for all packages or for some. Errors always do.
    #[must_use]
    pub fn may_count(&self, rule: &RuleFacts) -> bool {
        if rule.level.worst() == Severity::Error {
            return true;
        }
        let warning = Finding::warning(rule.id, Place::default(), "");
        let packages = std::iter::once(None).chain(self.packages.keys().map(|name| Some(name.as_str())));
        packages.into_iter().any(|package| self.level(&warning, package).is_some())
    }

    fn counted<'p>(&self, findings: Vec<Finding>, package: impl Fn(&Place) -> Option<&'p str>) -> Vec<Finding> {
        let levels = |mut finding: Finding| {
            finding.severity = self.level(&finding, package(&finding.place))?;
            Some(finding)
        };
        findings.into_iter().filter_map(levels).collect()
    }

    /// The severity of a finding. `None` if it does not count.
    fn level(&self, finding: &Finding, package: Option<&str>) -> Option<Severity> {
        if finding.severity == Severity::Error {
            return Some(Severity::Error);
        }
        let package = package.and_then(|name| self.packages.get(name));
        let levels = || std::iter::once(&self.command).chain(package).chain([&self.file]);
        match levels().find_map(|levels| levels.of(finding.rule)) {
            Some(Said::Ignored) => None,
            Some(Said::Denied) => Some(Severity::Error),
            Some(Said::Selected) | None if levels().any(|levels| levels.deny_warnings) => Some(Severity::Error),
            Some(Said::Selected) | None => Some(Severity::Warning),
        }
    }
}

/// The package of each document in a catalog's files, and of each file that has only one.
#[derive(Default)]
struct Owners<'c> {
    documents: HashMap<(&'c Path, usize), &'c str>,
    files: HashMap<&'c Path, Option<&'c str>>,
}

impl<'c> Owners<'c> {
    fn of(scan: &'c Scan) -> Self {
        let catalog = &scan.catalog;
        let packages = catalog.packages.iter().map(|blob| (&blob.origin, &blob.name));
        let channels = catalog.channels.iter().map(|blob| (&blob.origin, &blob.package));
        let bundles = catalog.bundles.iter().map(|blob| (&blob.origin, &blob.package));
        let deprecations = catalog.deprecations.iter().map(|blob| (&blob.origin, &blob.package));
        let others = catalog.others.iter().map(|blob| (&blob.origin, &blob.package));
        let all = packages.chain(channels).chain(bundles).chain(deprecations).chain(others);
        let mut owners = Self::default();
        for (origin, name) in all {
            owners.add(origin, name);
        }
        owners
    }

    fn add(&mut self, origin: &'c Origin, package: &'c str) {
        self.documents.insert((origin.file(), origin.document()), package);
        let of_file = self.files.entry(origin.file()).or_insert(Some(package));
        *of_file = of_file.filter(|other| *other == package);
    }

    fn package(&self, place: &Place) -> Option<&'c str> {
        match &place.spot {
            Spot::Value { document, .. } => self.documents.get(&(place.file.as_path(), *document)).copied(),
            Spot::File | Spot::Position { .. } => self.files.get(place.file.as_path()).copied().flatten(),
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
    fn unknown_rules_have_a_suggestion() {
        let error = Levels::new(&["edge-downgrad"], &[], &[]).expect_err("there is no such rule").to_string();
        assert_eq!(error, r#""edge-downgrad" is not a rule; did you mean "edge-downgrade"?"#);
        let error = Levels::new(&[], &[], &["x"]).expect_err("there is no such rule").to_string();
        assert_eq!(error, r#""x" is not a rule; `catalog rules` lists them"#);
    }
}
