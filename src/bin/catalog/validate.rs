//! `catalog validate`: every defect of catalogs, bundles, operators and templates, with its place.

mod check;
mod rules;
mod show;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;
use olm_catalog::diagnostic::Severity;
use olm_catalog::files;
use olm_catalog::limits::TEXT_BYTES;
use olm_catalog::validate::RuleFacts;
use olm_catalog::validate::bundle::{Options, Set};
use olm_catalog::validate::input::Input;
use semver::Version;

use crate::Outcome;
use crate::client::Registry;
use crate::diff::Published;
use crate::rules::a_rule;
use crate::select::Select;
use check::{Checked, How};

/// Check catalogs, bundles, operators and templates, and show every defect with its place.
///
/// What is checked follows from what is there: a catalog's file or folder, a bundle's folder, an operator.yaml, a channel
/// template, or a repository of these (folders bundles, channels and catalog). Where there is no such path, it is the image
/// of a catalog or a bundle. Several catalogs are read as one.
///
/// A catalog is valid where opm takes it, a bundle where opm and OLM take it: errors are what they refuse, warnings are what
/// they take although it hurts. All defects are shown at once.
///
/// Exit status: 0 no errors (there may be warnings), 1 errors, 2 something could not be read or pulled.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  catalog validate catalog                             a catalog
  catalog validate bundles/my-operator/1.0.0           a bundle
  catalog validate .                                   a repository of bundles and catalogs
  catalog validate quay.io/example/my-bundle:v1        an image
  catalog validate bundles --set good-practices,operatorhub --kubernetes 1.32
  catalog validate . -o sarif > results.sarif          for code scanning
  catalog validate . -o github                         in a workflow of GitHub Actions
  catalog validate catalog --published quay.io/example/catalog:latest
  catalog validate catalog --deny warnings --ignore dependency-absent
  catalog validate --explain entry-stranded")]
pub(crate) struct Args {
    /// Files, folders and images. Files that git ignores are left out of a repository, and those that an .indexignore
    /// names out of a catalog.
    #[arg(value_name = "PATH|IMAGE", required_unless_present_any = ["list_rules", "list_sets", "explain"])]
    paths: Vec<PathBuf>,
    /// How to print what is found.
    #[arg(short, long, value_enum, visible_alias = "format", default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    published: Published,
    #[command(flatten)]
    registry: Registry,
    /// Print findings alone, without the line that sums them up.
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    select: Select,
    /// Check bundles by the rules of this set as well; --list-sets lists them. operator-sdk's selectors (name=…, suite=…) and
    /// `all` are sets too.
    #[arg(long = "set", alias = "select-optional", value_name = "SET", value_delimiter = ',', value_parser = Set::select)]
    sets: Vec<Vec<Set>>,
    /// The version of Kubernetes that bundles are for, such as 1.32: APIs that it lacks are errors.
    #[arg(long, value_name = "VERSION", value_parser = kubernetes)]
    kubernetes: Option<Version>,
    /// A JSON file with the categories that bundles may have, as {"categories": ["…"]}.
    #[arg(long, value_name = "FILE", env = "OPERATOR_BUNDLE_CATEGORIES")]
    categories: Option<PathBuf>,
    /// List the rules, as `catalog rules` does.
    #[arg(long, conflicts_with_all = ["paths", "explain", "list_sets"])]
    list_rules: bool,
    /// List the sets of rules for bundles.
    #[arg(long, conflicts_with_all = ["paths", "explain"])]
    list_sets: bool,
    /// Explain a rule: what it finds, why that is bad, and what to do.
    #[arg(long, value_name = "RULE", conflicts_with = "paths", value_parser = a_rule(), hide_possible_values = true)]
    explain: Option<RuleFacts>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people: each with the line it is about.
    Text,
    /// One JSON array.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
    /// Commands of GitHub Actions, which show each at its line.
    Github,
}

/// `1.32`, `1.32.0` or `v1.32`.
fn kubernetes(text: &str) -> Result<Version, String> {
    let bare = text.trim_start_matches('v');
    let full = if bare.matches('.').count() == 1 { format!("{bare}.0") } else { bare.to_owned() };
    Version::parse(&full).map_err(|_| "it must be a version such as 1.32".to_owned())
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        if let Some(told) = rules::tell(self.explain, self.list_rules, self.list_sets) {
            olm_catalog::terminal::out(&told)?;
            return Ok(Outcome::Done);
        }
        let options = self.options()?;
        let selection = self.select.read()?;
        let mut checked = Checked::default();
        let mut inputs = BTreeSet::new();
        for path in roots(&self.paths) {
            match Input::recognise(path) {
                Ok(found) => inputs.extend(found),
                Err(error) => checked.unread.push(error.into()),
            }
        }
        let how =
            How { options: &options, selection: &selection, published: &self.published, registry: &self.registry };
        checked.all(&inputs, &how);
        show::show(&checked, self.output, self.quiet)?;
        match checked.unread.into_iter().next() {
            Some(error) => Err(error),
            None if checked.findings.iter().any(|finding| finding.severity == Severity::Error) => Ok(Outcome::Findings),
            None => Ok(Outcome::Done),
        }
    }

    fn options(&self) -> anyhow::Result<Options> {
        let sets = self.sets.iter().flatten().copied().collect();
        let categories = self.categories.as_deref().map(categories).transpose()?;
        Ok(Options { sets, kubernetes: self.kubernetes.clone(), categories })
    }
}

/// The categories of a file, as operator-framework/api reads it.
fn categories(file: &Path) -> anyhow::Result<BTreeSet<String>> {
    #[derive(serde::Deserialize)]
    struct Categories {
        categories: BTreeSet<String>,
    }
    let failed = || format!("cannot read the categories of {}", file.display());
    let text = files::read_text(file, &TEXT_BYTES).with_context(failed)?;
    let read: Categories = serde_json::from_str(&text).with_context(failed)?;
    Ok(read.categories)
}

/// The paths, without those inside of others. References of images are not inside of one another.
fn roots(paths: &[PathBuf]) -> Vec<&Path> {
    let real: Vec<PathBuf> = paths.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect();
    let mut first: HashMap<&Path, usize> = HashMap::new();
    for (i, path) in real.iter().enumerate() {
        first.entry(path).or_insert(i);
    }
    let inside = |path: &Path| path.is_absolute() && path.ancestors().skip(1).any(|folder| first.contains_key(folder));
    let is_root = |i: &usize| first.get(real[*i].as_path()) == Some(i) && !inside(&real[*i]);
    (0..paths.len()).filter(is_root).map(|i| paths[i].as_path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_inside_of_others_are_left_out() {
        let paths =
            ["src", "src/bin", "quay.io/a/b", "./src", "tests", "quay.io/a/b/c:v1", "quay.io/a/b"].map(PathBuf::from);
        assert_eq!(roots(&paths), ["src", "quay.io/a/b", "tests", "quay.io/a/b/c:v1"].map(Path::new));
    }
}
