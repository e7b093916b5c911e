//! An operator and its releases, as one `operator.yaml` defines them.
//!
//! The file is data: a release is an entry in it, and another operator is another file. [`Operator::read`] reads it,
//! [`Operator::releases`] returns its meaning for each release, or all its problems with their places.
//!
//! For each release, the ranges are applied to the YAML value ([`Definition`] describes their syntax), then the
//! placeholders are filled in, then the value is checked against the JSON Schema of [`Definition`], then it is
//! deserialized.

mod check;
mod definition;
mod placeholders;
mod ranges;
mod resolve;
pub mod rule;
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use semver::Version;
use serde_json::Value;

use crate::channel::root_of;
use crate::diagnostic::{Finding, Place, Severity};
use crate::files;
use crate::limits::TEXT_BYTES;
use crate::validate::Commented;
use crate::yaml::{self, Route};
pub(crate) use check::{Check, Misfit};
pub use definition::{CrdSource, Crds, CustomResource, Definition, Manifests, Object, Release};
use resolve::{Origins, Resolver};

/// The name of the file, in its package's folder.
pub const FILE: &str = "operator.yaml";

/// Why an `operator.yaml` could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file is not YAML.
    #[error("{} is not valid YAML", path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: yaml::Error,
    },
}

/// An `operator.yaml`.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The file.
    pub file: PathBuf,
    value: Value,
    commented: Option<Commented>,
    /// Files of manifests by their digests, which are not read.
    known: Known,
}

/// Contents of files by their SHA-256 digests.
type Known = Arc<BTreeMap<String, Vec<u8>>>;

/// The definition in an `operator.yaml` for one release.
#[derive(Debug)]
pub struct Defined {
    /// The definition, with this release as its only one.
    pub definition: Definition,
    /// The release.
    pub release: Release,
    file: PathBuf,
    origins: Origins,
    known: Known,
}

static CHECK: LazyLock<Check> =
    LazyLock::new(|| Check::new(schema::of_release::<Definition>()).expect("the schema of our own types is one"));

/// The JSON Schema of `operator.yaml`.
#[must_use]
pub fn json_schema() -> Value {
    schema::of_file::<Definition>()
}

impl Operator {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, or is not one YAML document.
    pub fn read(file: &Path) -> Result<Self, Error> {
        // Error messages show lines of it, so it must be in this repository.
        let inside = files::check_inside(&root_of(file), file);
        let text = inside.and_then(|()| files::read_text(file, &TEXT_BYTES));
        let text = text.map_err(|source| Error::Io { path: file.to_owned(), source })?;
        Self::parse(&text, file)
    }

    /// Reads a text. `file` is where it is, or will be: other files are relative to it.
    ///
    /// # Errors
    /// Text that is not one YAML document.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Error> {
        let value = yaml::read_one(text).map_err(|source| Error::Yaml { path: file.to_owned(), source })?;
        let commented = Commented::find(text, file);
        Ok(Self { file: file.to_owned(), value, commented, known: Known::default() })
    }

    /// The same, with contents of files of manifests, by their SHA-256 digests. These are not read, and need not exist.
    #[must_use]
    pub fn with_contents(self, known: BTreeMap<String, Vec<u8>>) -> Self {
        Self { known: Arc::new(known), ..self }
    }

    /// The package that it names, if any.
    #[must_use]
    pub fn package_name(&self) -> Option<&str> {
        self.value.get("package").and_then(Value::as_str)
    }

    /// Its comments that leave findings out.
    pub(crate) fn commented(&self) -> &[Commented] {
        self.commented.as_slice()
    }

    /// The definition for each release, in the order of their versions. Releases with findings are left out.
    #[must_use]
    pub fn releases(&self) -> (Vec<Defined>, Vec<Finding>) {
        let (defined, told) = self.defined();
        (defined, told.findings())
    }

    /// The same, with findings that others can be added to.
    pub(crate) fn defined(&self) -> (Vec<Defined>, Told) {
        let (versions, mut findings) = self.versions();
        findings.extend(self.package());
        let known: Vec<Version> = versions.iter().map(|(_, version)| version.clone()).collect();
        findings.extend(ranges::unused(&self.value, &known).into_iter().map(|(route, message)| Finding {
            severity: Severity::Warning,
            ..self.finding(rule::RANGE, &route, message, Some("correct the range, or remove the entry".to_owned()))
        }));
        let of_all = findings.into_iter().map(|finding| (finding, None)).collect();
        let (mut defined, mut told) = (Vec::new(), Told { releases: versions.len(), findings: of_all });
        for (index, version) in versions {
            match self.release(index, &version) {
                Ok(release) => defined.push(release),
                Err(wrong) => told.findings.extend(wrong.into_iter().map(|finding| (finding, Some(version.clone())))),
            }
        }
        (defined, told)
    }

    /// The versions of all releases, sorted.
    pub(crate) fn version_list(&self) -> Vec<Version> {
        self.versions().0.into_iter().map(|(_, version)| version).collect()
    }

    /// The bundles go to this folder, so its name must be the package's.
    fn package(&self) -> Option<Finding> {
        let package = self.package_name()?;
        let folder = self.file.parent()?.file_name()?.to_str().filter(|folder| *folder != package)?;
        let message = format!("the package is named {package}, but its folder is named {folder}");
        Some(self.finding(rule::PACKAGE, &Route::root().key("package"), message, None))
    }

    /// The releases' versions, sorted, with their place in the list.
    fn versions(&self) -> (Vec<(usize, Version)>, Vec<Finding>) {
        let route = Route::root().key("releases");
        let finding = |route: &Route, message: &str| self.finding(rule::RELEASES, route, message.to_owned(), None);
        let Some(list) = self.value.get("releases").and_then(Value::as_array).filter(|list| !list.is_empty()) else {
            return (Vec::new(), vec![finding(&route, "expected a list of releases")]);
        };
        let (mut versions, mut findings, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (index, release) in list.iter().enumerate() {
            let route = route.clone().index(index).key("version");
            match release.get("version").and_then(Value::as_str).map(Version::parse) {
                None => findings.push(finding(&route, "a release must have a version, such as \"1.2.3\"")),
                Some(Err(error)) => findings.push(finding(&route, &format!("not a version: {error}"))),
                Some(Ok(version)) if !seen.insert(version.clone()) => {
                    findings.push(finding(&route, &format!("the release {version} is in the list twice")));
                }
                Some(Ok(version)) => versions.push((index, version)),
            }
        }
        versions.sort_by(|a, b| a.1.cmp(&b.1));
        (versions, findings)
    }

    fn release(&self, index: usize, version: &Version) -> Result<Defined, Vec<Finding>> {
        let mut resolver = Resolver { release: version, origins: Origins::default(), problems: Vec::new() };
        // Only this release counts, so the ranges and placeholders of the others are not checked.
        let (root, releases) = (Route::root(), Route::root().key("releases"));
        let mut all = self.value.as_object().cloned().unwrap_or_default();
        let own = all.remove("releases").and_then(|mut list| list.get_mut(index).map(Value::take)).unwrap_or_default();
        let value = resolver.value(&Value::Object(all), &root, &root);
        let own = resolver.release_entry(&own, &releases, index);
        let Resolver { origins, mut problems, .. } = resolver;
        let wrong = |rule, misfits: Vec<Misfit>| -> Vec<Finding> {
            let finding = |misfit: Misfit| self.finding(rule, &origins.of(&misfit.route), misfit.message, misfit.help);
            misfits.into_iter().map(finding).collect()
        };
        let told = |problems: Vec<resolve::Problem>| problems.into_iter().map(Misfit::from).collect();
        if !problems.is_empty() {
            // These already have their place in the file.
            let finding = |(route, message): resolve::Problem| self.finding(rule::RANGE, &route, message, None);
            return Err(problems.into_iter().map(finding).collect());
        }
        let mut value = value.unwrap_or_default();
        if let Some(map) = value.as_object_mut() {
            map.insert("releases".into(), vec![own.unwrap_or_default()].into());
        }
        placeholders::fill(&mut value, &mut problems);
        let mut findings = wrong(rule::PLACEHOLDER, told(problems));
        findings.extend(wrong(rule::SCHEMA, CHECK.misfits(&value)));
        if !findings.is_empty() {
            return Err(findings);
        }
        match serde_json::from_value::<Definition>(value) {
            Ok(mut definition) if definition.releases.len() == 1 => {
                let release = definition.releases.remove(0);
                definition.releases = vec![release.clone()];
                let (file, known) = (self.file.clone(), Arc::clone(&self.known));
                Ok(Defined { definition, release, file, origins, known })
            }
            Ok(_) => Err(vec![self.finding(rule::RELEASES, &releases, "add at least one release".into(), None)]),
            Err(error) => {
                let place = releases.index(index);
                Err(vec![self.finding(rule::SCHEMA, &place, format!("release {version}: {error}"), None)])
            }
        }
    }

    fn finding(&self, rule: &'static str, route: &Route, message: String, help: Option<String>) -> Finding {
        let place = Place::value(&self.file, 0, route.clone());
        Finding { help, ..Finding::error(rule, place, message) }
    }
}

impl Defined {
    /// The contents of a file of manifests, where it need not be read.
    pub(crate) fn known(&self, digest: &str) -> Option<&[u8]> {
        self.known.get(digest).map(Vec::as_slice)
    }

    /// A finding at a place of the definition.
    pub(crate) fn finding(&self, rule: &'static str, misfit: Misfit) -> Finding {
        let place = Place::value(&self.file, 0, self.origins.of(&misfit.route));
        Finding { help: misfit.help, ..Finding::error(rule, place, misfit.message) }
    }

    /// The line of a place in the definition.
    pub(crate) fn line(&self, route: &Route) -> Option<usize> {
        let text = files::read_text(&self.file, &TEXT_BYTES).ok()?;
        yaml::locate(&text, 0, &self.origins.of(route)).map(|at| at.line)
    }

    /// The same, as a warning.
    pub(crate) fn warning(&self, rule: &'static str, misfit: Misfit) -> Finding {
        Finding { severity: Severity::Warning, ..self.finding(rule, misfit) }
    }

    /// Adds an item, written at another place, to a list of the definition.
    pub(crate) fn adopt<T>(&mut self, key: &str, list: fn(&mut Definition) -> &mut Vec<T>, item: T, written: &Route) {
        let list = list(&mut self.definition);
        self.origins.adopt(Route::root().key(key).index(list.len()), written);
        list.push(item);
    }

    /// The `operator.yaml`.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The name of the release's ClusterServiceVersion, and therefore of its bundle: `<package>.v<version>`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.v{}", self.definition.package, self.release.version)
    }

    /// The folder of the `operator.yaml`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }
}

/// Findings, each with the release that it was found in.
#[derive(Debug)]
pub(crate) struct Told {
    /// How many releases there are.
    releases: usize,
    findings: Vec<(Finding, Option<Version>)>,
}

impl Told {
    /// Adds a finding of a release.
    pub(crate) fn add(&mut self, finding: Finding, release: &Version) {
        self.findings.push((finding, Some(release.clone())));
    }

    /// The findings by their place, each once. A finding that is not about all releases names its releases.
    pub(crate) fn findings(self) -> Vec<Finding> {
        let mut found: BTreeMap<_, (Finding, BTreeSet<Version>)> = BTreeMap::new();
        for (finding, release) in self.findings {
            let key = (finding.place.clone(), finding.rule, finding.message.clone());
            found.entry(key).or_insert_with(|| (finding, BTreeSet::new())).1.extend(release);
        }
        let named = |(mut finding, releases): (Finding, BTreeSet<Version>)| {
            if !releases.is_empty() && releases.len() < self.releases {
                let names: Vec<String> = releases.iter().map(ToString::to_string).collect();
                let noun = if names.len() == 1 { "release" } else { "releases" };
                finding.message.push_str(&format!(" ({noun} {})", names.join(", ")));
            }
            finding
        };
        found.into_values().map(named).collect()
    }
}
