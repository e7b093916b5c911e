//! `catalog validate`: every defect of catalogs, bundles, operators and templates, with its place.

mod check;
mod fixes;
mod known;
mod rules;
mod show;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use olm_catalog::diagnostic::Severity;
use olm_catalog::files;
use olm_catalog::limits::TEXT_BYTES;
use olm_catalog::validate::bundle::{Options, Set};
use olm_catalog::validate::input::Input;
use olm_catalog::validate::select::Selection;
use olm_catalog::validate::{RuleFacts, Target};
use semver::Version;

use crate::Outcome;
use crate::client::Registry;
use crate::diff::Published;
use crate::rules::a_rule;
use crate::select::Select;
use check::{Checked, How};
use fixes::Fixes;
use known::Known;

/// Check catalogs, bundles, operators and templates, and show every defect with its place.
///
/// The kind of each input is detected: a catalog file or folder, a bundle folder, an operator.yaml, a channel template,
/// or a repository of these (folders bundles, channels and catalog). A name that is not an existing path is the image
/// of a catalog or a bundle. Several catalogs are read as one.
///
/// Errors are defects for which opm, OLM or the API server reject the input. Warnings are defects that they accept, but
/// that hurt users. All defects are shown at once.
///
/// Exit status: 0 no errors except those in the baseline (there may be warnings), 1 errors, 2 something could not be
/// read or pulled. docs/reference/exit-status.md says what scripts can rely on.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Check a catalog, a bundle, an image, or everything in a repository:
    catalog validate catalog
    catalog validate bundles/my-operator/1.0.0
    catalog validate quay.io/example/my-bundle:v1
    catalog validate .

  Run operator-sdk's optional checks too, for one version of Kubernetes:
    catalog validate bundles --set good-practices,operatorhub --kubernetes 1.32

  Check that users of the published catalog can upgrade:
    catalog validate catalog --published quay.io/example/catalog:latest

  Find what OLM v1 does not install or upgrade:
    catalog validate catalog --target olm-v1

  Fail on every warning except those of one rule:
    catalog validate catalog --deny warnings --ignore dependency-absent

  Record all findings, and from then on report only new ones:
    catalog validate . --baseline baseline.yaml --write-baseline
    catalog validate . --baseline baseline.yaml

  Show the corrections, then make them:
    catalog validate catalog --diff
    catalog validate catalog --fix

  Annotate pull requests in GitHub Actions, or write a file for code scanning:
    catalog validate . -o github
    catalog validate . -o sarif > results.sarif

  Explain a rule:
    catalog validate --explain entry-stranded")]
pub(crate) struct Args {
    /// Files, folders and images. In repositories, files that git ignores are skipped; in catalogs, those that an
    /// .indexignore names.
    #[arg(value_name = "PATH|IMAGE", required_unless_present_any = ["list_rules", "list_sets", "explain"])]
    paths: Vec<PathBuf>,
    /// The output format.
    #[arg(short, long, value_enum, visible_alias = "format", default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    published: Published,
    /// Print only findings, without the summary line.
    #[arg(short, long)]
    quiet: bool,
    /// Hide the findings that this file records, and report its entries that match no finding [default: the baseline in
    /// catalog.toml].
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    baseline: Option<PathBuf>,
    /// Record all findings in the baseline, including errors. Entries that match no finding are removed.
    #[arg(long, help_heading = "Rules", conflicts_with_all = ["fix", "diff"])]
    write_baseline: bool,
    /// Correct defects whose correction is certain, and show the remaining findings. `catalog rules` marks rules with
    /// corrections with a star. Generated files and images are not changed.
    #[arg(long, help_heading = "Corrections")]
    fix: bool,
    /// Show the corrections of --fix without making them. Exit with 1 if there are any.
    #[arg(long, help_heading = "Corrections", conflicts_with_all = ["fix", "output"])]
    diff: bool,
    /// Check bundles against this set of rules, too; --list-sets lists the sets. operator-sdk's selectors (name=…,
    /// suite=…) and `all` are sets too.
    #[arg(help_heading = "Checks")]
    #[arg(long = "set", alias = "select-optional", value_name = "SET", value_delimiter = ',', value_parser = Set::select)]
    sets: Vec<Vec<Set>>,
    /// The Kubernetes version that bundles are for, such as 1.32. APIs that it does not have are errors.
    #[arg(help_heading = "Checks")]
    #[arg(long, value_name = "VERSION", value_parser = kubernetes)]
    kubernetes: Option<Version>,
    /// Check for this target in addition to OLM: olm-v1 (catalogd and operator-controller). Its rules are warnings.
    #[arg(help_heading = "Checks")]
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',', value_parser = targets())]
    targets: Vec<Target>,
    /// A JSON file with the categories that bundles can have, as {"categories": ["…"]}.
    #[arg(help_heading = "Checks")]
    #[arg(long, value_name = "FILE", env = "OPERATOR_BUNDLE_CATEGORIES")]
    categories: Option<PathBuf>,
    /// List the rules, as `catalog rules` does.
    #[arg(help_heading = "Information")]
    #[arg(long, conflicts_with_all = ["paths", "explain", "list_sets"])]
    list_rules: bool,
    /// List the sets of rules for bundles.
    #[arg(help_heading = "Information")]
    #[arg(long, conflicts_with_all = ["paths", "explain"])]
    list_sets: bool,
    /// Explain a rule: its findings, why they matter, and how to fix them.
    #[arg(help_heading = "Information")]
    #[arg(long, value_name = "RULE", conflicts_with = "paths", value_parser = a_rule(), hide_possible_values = true)]
    explain: Option<RuleFacts>,
    #[command(flatten)]
    select: Select,
    #[command(flatten)]
    registry: Registry,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people: each finding with its line.
    Text,
    /// One JSON array.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
    /// Workflow commands of GitHub Actions, which shows each finding at its line.
    Github,
    /// Whether there are errors, as `opm validate -o yaml` prints it: `passed`, and `error.message` if not.
    Yaml,
}

fn targets() -> impl TypedValueParser<Value = Target> {
    PossibleValuesParser::new(Target::ALL.map(Target::as_str)).try_map(|name| name.parse::<Target>())
}

/// `1.32`, `1.32.0` or `v1.32`.
pub(crate) fn kubernetes(text: &str) -> Result<Version, String> {
    let bare = text.trim_start_matches('v');
    let full = if bare.matches('.').count() == 1 { format!("{bare}.0") } else { bare.to_owned() };
    Version::parse(&full).map_err(|_| "it must be a version such as 1.32".to_owned())
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        if let Some(text) = rules::describe(self.explain, self.list_rules, self.list_sets) {
            olm_catalog::terminal::out(&text)?;
            return Ok(Outcome::Done);
        }
        let mut selection = self.select.read()?;
        selection.targets.extend(&self.targets);
        let options = self.options(&selection)?;
        let how =
            How { options: &options, selection: &selection, published: &self.published, registry: &self.registry };
        let (named, configured) = (self.baseline.as_deref(), selection.baseline.as_deref());
        let mut known = Known::read(named, configured, self.write_baseline, &self.paths)?;
        let mut checked = self.check(&how, known.as_mut())?;
        let mut outcome = Outcome::Done;
        if self.fix || self.diff {
            let fixes = Fixes::find(&checked.findings, &checked.roots)?;
            match (fixes.is_empty(), self.fix) {
                (true, _) => {}
                (false, true) => {
                    fixes.make()?;
                    checked = self.check(&how, known.as_mut())?;
                }
                (false, false) => {
                    fixes.show()?;
                    outcome = Outcome::Findings;
                }
            }
        }
        if !self.diff {
            show::show(&checked, self.output, self.quiet)?;
        }
        match checked.unread.into_iter().next() {
            Some(error) => Err(error),
            None if checked.findings.iter().any(|finding| finding.severity == Severity::Error) => Ok(Outcome::Findings),
            None => Ok(outcome),
        }
    }

    /// Checks all inputs.
    fn check(&self, how: &How<'_>, known: Option<&mut Known<'_>>) -> anyhow::Result<Checked> {
        let mut checked = Checked::default();
        let mut inputs = BTreeSet::new();
        for path in roots(&self.paths) {
            match Input::recognise(path) {
                Ok(found) => inputs.extend(found),
                Err(error) => checked.unread.push(error.into()),
            }
        }
        checked.all(&inputs, how);
        if let Some(known) = known {
            known.apply(&mut checked, how)?;
        }
        Ok(checked)
    }

    fn options(&self, selection: &Selection) -> anyhow::Result<Options> {
        let sets = self.sets.iter().flatten().copied().collect();
        let categories = self.categories.as_deref().map(categories).transpose()?;
        Ok(Options { sets, kubernetes: self.kubernetes.clone(), categories, targets: selection.targets.clone() })
    }
}

/// The categories in a file, in the format of operator-framework/api.
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

/// The paths, without those inside of others. Image references are never inside of one another.
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
