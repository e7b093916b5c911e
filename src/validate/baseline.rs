//! A baseline: a file with the known findings, so that only new ones count in a catalog that has many.
//!
//! ```yaml
//! version: 1
//! findings:
//! - file: catalog/demo/catalog.yaml
//!   rule: edge-downgrade
//!   about: 'olm.channel demo stable: entries[demo.v1.1.0].replaces = demo.v1.2.0'
//!   message: …
//! ```
//!
//! Lines move, so an entry says in which part of a file the finding is. A baseline can contain errors too: a catalog
//! that opm rejects can be cleaned up step by step. Peers: `baseline.neon` of PHPStan, `baseline.xml` of detekt,
//! `eslint-suppressions.json`.

mod about;
mod file;
mod rule;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub use file::{Entry, Error, File};
pub use rule::STALE;

use super::{About, RuleFacts};
use crate::diagnostic::{Finding, Place, Severity, Sources};
use crate::files::folder_of;
use crate::yaml::Route;

/// A baseline.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    path: PathBuf,
    entries: Vec<Entry>,
}

/// Findings, compared with a baseline.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// The new findings, which the baseline does not have.
    pub new: Vec<Finding>,
    /// The known findings, which it has.
    pub known: Vec<Finding>,
    /// The entries of the baseline that match none of the findings.
    unused: BTreeSet<usize>,
}

/// What a run looked at. An entry for anything else is not stale.
pub struct Looked<'l> {
    /// The files, folders and images.
    pub roots: &'l [PathBuf],
    /// Whether the findings of a rule count in it.
    pub ran: &'l dyn Fn(&RuleFacts) -> bool,
}

impl std::fmt::Debug for Looked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Looked").field("roots", &self.roots).finish_non_exhaustive()
    }
}

impl Baseline {
    /// A baseline without entries.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), entries: Vec::new() }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// A file that cannot be read, or is not a baseline.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), entries: file::read(path)? })
    }

    /// The number of findings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Splits findings into new and known ones. Each entry matches one finding.
    #[must_use]
    pub fn split(&self, findings: Vec<Finding>, sources: &Sources) -> Split {
        let entries = self.entries_of(&findings, sources);
        let mut left: HashMap<(&str, &str, &str), Vec<usize>> = HashMap::new();
        for (i, entry) in self.entries.iter().enumerate().rev() {
            left.entry(entry.key()).or_default().push(i);
        }
        let mut split = Split { unused: (0..self.entries.len()).collect(), ..Split::default() };
        for (finding, entry) in findings.into_iter().zip(&entries) {
            match left.get_mut(&entry.key()).and_then(Vec::pop) {
                Some(i) => {
                    split.unused.remove(&i);
                    split.known.push(finding);
                }
                None => split.new.push(finding),
            }
        }
        split
    }

    /// The baseline with these findings replacing those of everything that was looked at.
    #[must_use]
    pub fn with(&self, findings: &[Finding], sources: &Sources, looked: &Looked<'_>) -> Self {
        let elsewhere = self.entries.iter().filter(|entry| !self.is_looked_at(entry, looked)).cloned();
        let mut entries: Vec<Entry> = self.entries_of(findings, sources).into_iter().chain(elsewhere).collect();
        entries.sort();
        Self { path: self.path.clone(), entries }
    }

    /// The text of its file.
    ///
    /// # Errors
    /// None in practice: entries are text.
    pub fn text(&self) -> Result<String, Error> {
        file::write(&self.path, &self.entries)
    }

    /// Warnings about entries that match nothing any more.
    #[must_use]
    pub fn stale(&self, split: &Split, looked: &Looked<'_>) -> Vec<Finding> {
        // Some rules do not run on input with errors, so it is unknown what they would find.
        let mut all = split.new.iter().chain(&split.known);
        let sound = !all.any(|finding| finding.severity == Severity::Error);
        let known = |entry: &Entry| {
            let level = RuleFacts::find(&entry.rule).map(|rule| rule.level.worst());
            (sound || level != Some(Severity::Warning)) && self.is_looked_at(entry, looked)
        };
        let unused = split.unused.iter().map(|&i| (i, &self.entries[i])).filter(|(_, entry)| known(entry));
        let finding = |(i, entry): (usize, &Entry)| {
            let (file, rule, what) = entry.key();
            let place = Place::value(&self.path, 0, Route::root().key("findings").index(i));
            let message = format!("{rule:?} no longer finds this in {file}: {what}");
            Finding::warning(STALE.id, place, message)
                .help("remove the entry, or run `catalog validate --write-baseline`")
        };
        unused.map(finding).collect()
    }

    /// Whether a run would report the finding of an entry.
    fn is_looked_at(&self, entry: &Entry, looked: &Looked<'_>) -> bool {
        // An unknown rule finds nothing.
        let ran = RuleFacts::find(&entry.rule).is_none_or(|rule| (looked.ran)(&rule));
        let file = Path::new(&entry.file);
        ran && looked.roots.iter().any(|root| file.starts_with(self.named(root)))
    }

    /// The entries of findings, in their order.
    fn entries_of(&self, findings: &[Finding], sources: &Sources) -> Vec<Entry> {
        let mut by_file: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
        for (i, finding) in findings.iter().enumerate() {
            by_file.entry(&finding.place.file).or_default().push(i);
        }
        let mut entries = vec![Entry::default(); findings.len()];
        for (file, of_file) in by_file {
            let places: Vec<&Place> = of_file.iter().map(|&i| &findings[i].place).collect();
            let named = self.named(file).to_string_lossy().into_owned();
            for (&i, about) in of_file.iter().zip(about::all(file, &places, sources)) {
                let (rule, message) = (findings[i].rule.to_owned(), findings[i].message.clone());
                entries[i] = Entry { file: named.clone(), rule, about, message };
            }
        }
        entries
    }

    /// A file as the baseline names it: relative to its folder if it is inside, otherwise unchanged.
    fn named(&self, file: &Path) -> PathBuf {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (folder, whole) = (absolute(folder_of(&self.path)), absolute(file));
        whole.strip_prefix(folder).map_or_else(|_| file.to_owned(), Path::to_owned)
    }
}

/// Whether a run with these options runs a rule.
#[must_use]
pub fn runs(rule: &RuleFacts, options: &super::bundle::Options, published: bool) -> bool {
    match rule.about {
        About::Bundle(_) => super::bundle::Rule::find(rule.id).is_some_and(|rule| options.runs(rule)),
        About::Published => published,
        About::Build => false,
        About::Catalog | About::Baseline | About::Operator | About::Template => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOG: &str =
        "schema: olm.channel\nname: stable\nentries:\n- {name: a, replaces: b}\n- {name: c, replaces: b}\n";

    fn finding(entry: usize, message: &str) -> Finding {
        let route = Route::root().key("entries").index(entry).key("replaces");
        Finding::warning("edge-downgrade", Place::value("catalog.yaml", 0, route), message)
    }

    fn numbers(split: &Split) -> (usize, usize, usize) {
        (split.new.len(), split.known.len(), split.unused.len())
    }

    #[test]
    fn findings_are_known_where_lines_and_items_move() {
        let all = |_: &RuleFacts| true;
        let roots = [PathBuf::from("catalog.yaml")];
        let looked = Looked { roots: &roots, ran: &all };
        let sources = Sources::disk().with("catalog.yaml", CATALOG);
        let known = Baseline::new(Path::new("known.yaml")).with(&[finding(0, "old words")], &sources, &looked);
        assert_eq!(numbers(&known.split(vec![finding(0, "new words")], &sources)), (0, 1, 0));
        assert_eq!(numbers(&known.split(vec![finding(1, "old words")], &sources)), (1, 0, 1));
        // Each entry matches one finding.
        assert_eq!(numbers(&known.split(vec![finding(0, "x"), finding(0, "y")], &sources)), (1, 1, 0));
        let moved = "# new\n\n".to_owned() + &CATALOG.replace("entries:\n", "entries:\n- {name: d}\n");
        let sources = Sources::disk().with("catalog.yaml", moved);
        assert_eq!(numbers(&known.split(vec![finding(1, "x")], &sources)), (0, 1, 0));
        let other = Sources::disk().with("catalog.yaml", CATALOG.replace("replaces: b", "replaces: x"));
        assert_eq!(
            numbers(&known.split(vec![finding(0, "old words")], &other)),
            (1, 0, 1),
            "it is about another value"
        );
    }

    #[test]
    fn only_what_was_looked_at_is_stale_or_dropped() {
        let sources = Sources::disk().with("catalog.yaml", CATALOG);
        let (here, elsewhere) = ([PathBuf::from("catalog.yaml")], [PathBuf::from("other")]);
        let (all, none) = (|_: &RuleFacts| true, |_: &RuleFacts| false);
        let known = Baseline::new(Path::new("known.yaml"));
        let known = known.with(&[finding(0, "x"), finding(1, "x")], &sources, &Looked { roots: &here, ran: &all });
        let split = known.split(vec![finding(0, "x")], &sources);
        for (looked, stale) in [
            (Looked { roots: &here, ran: &all }, 1),
            (Looked { roots: &elsewhere, ran: &all }, 0),
            (Looked { roots: &here, ran: &none }, 0),
        ] {
            assert_eq!(known.stale(&split, &looked).len(), stale);
            assert_eq!(known.with(&[], &sources, &looked).len(), if stale == 1 { 0 } else { 2 });
        }
        let error = Finding { severity: Severity::Error, ..finding(0, "x") };
        let split = known.split(vec![error], &sources);
        assert_eq!(
            known.stale(&split, &Looked { roots: &here, ran: &all }).len(),
            0,
            "some rules do not run on errors"
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.yaml");
        let all = |_: &RuleFacts| true;
        let looked = Looked { roots: &[], ran: &all };
        let sources = Sources::disk().with("catalog.yaml", CATALOG);
        let known = Baseline::new(&path).with(&[finding(1, "é: #\n\u{7}"), finding(0, "")], &sources, &looked);
        std::fs::write(&path, known.text().unwrap()).unwrap();
        let again = Baseline::read(&path).unwrap();
        assert_eq!((again.text().unwrap(), again.len()), (known.text().unwrap(), 2));
        assert_eq!(known.entries, again.entries);
    }
}
