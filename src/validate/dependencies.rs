//! The requirements of bundles, and what the catalog provides for them, as the resolver of operator-lifecycle-manager
//! handles `olm.package.required`, `olm.gvk.required` and `olm.constraint` (`predicateForProperty` in its
//! `resolver.go`).

mod constraint;

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};

use semver::Version;
use serde_json::Value;

use super::context::{BundleView, Context, PackageView, text_field};
use super::names::some;
use crate::catalog::property;
use crate::version::{Range, VersionRelease};
use crate::yaml::Route;
use constraint::Constraint;

/// How many times compound constraints are evaluated against bundles: enough for every real catalog.
const COMPOUNDS: usize = 10_000_000;

/// How many versions an answer contains: more than are shown.
const ENOUGH: usize = 6;

/// A requirement of a bundle.
#[derive(Debug)]
pub(crate) enum Requirement<'c> {
    /// A package in a range of versions.
    Package(&'c str, &'c str),
    /// An API: group, version and kind.
    Api(Api<'c>),
    /// A compound requirement, of which no single part is certain.
    Compound(Constraint<'c>),
}

/// An API: group, version and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Api<'c> {
    pub(crate) group: &'c str,
    pub(crate) version: &'c str,
    pub(crate) kind: &'c str,
}

/// What the catalog provides for a requirement.
#[derive(Debug)]
pub(super) enum Answer {
    /// Something meets it, or can meet it.
    Met,
    /// The catalog offers it, but in no matching version: some of the offered versions.
    Wrong(Vec<String>),
    /// Nothing in the catalog provides it in any version.
    Absent,
}

/// Why an `olm.constraint` is invalid, and where.
#[derive(Debug)]
pub(super) struct BadConstraint {
    pub(super) route: Route,
    pub(super) why: String,
}

/// The facts about the bundles of a catalog.
#[derive(Debug)]
pub(super) struct Provided<'c> {
    packages: HashMap<&'c str, Vec<Version>>,
    apis: HashMap<(&'c str, &'c str), BTreeSet<&'c str>>,
    bundles: Vec<Facts<'c>>,
    /// How many more times a compound constraint is evaluated against a bundle.
    left: Cell<usize>,
}

/// The facts about one bundle.
#[derive(Debug)]
pub(crate) struct Facts<'c> {
    package: &'c str,
    version: Option<Version>,
    pub(crate) apis: BTreeSet<Api<'c>>,
}

impl<'c> Api<'c> {
    /// The value of an `olm.gvk` or `olm.gvk.required` property.
    pub(super) fn new(value: &'c Value) -> Self {
        let field = |name| text_field(value, name);
        Self { group: field("group"), version: field("version"), kind: field("kind") }
    }
}

impl std::fmt::Display for Api<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.group, self.version)
    }
}

/// A requirement that several bundles of a package share.
#[derive(Debug)]
pub(super) struct Required<'x, 'c> {
    pub(super) package: &'c str,
    pub(super) requirement: Requirement<'c>,
    /// The property of the first bundle that contains it.
    pub(super) index: usize,
    /// The bundles, newest first.
    pub(super) bundles: Vec<&'x BundleView<'c>>,
}

/// The requirements of the bundles of all packages, each once per package.
pub(super) fn required<'x, 'c>(context: &'x Context<'c>) -> Vec<Required<'x, 'c>> {
    let mut all: Vec<Required<'x, 'c>> = Vec::new();
    for package in context.packages.values() {
        let mut bundles: Vec<(Option<VersionRelease>, &BundleView<'c>)> =
            package.bundles.iter().map(|view| (view.version(), view)).collect();
        bundles.sort_by(|(a, _), (b, _)| b.cmp(a));
        let mut known: HashMap<String, usize> = HashMap::new();
        for (_, view) in bundles {
            for (index, requirement) in requirements(view) {
                let found = &view.bundle.properties[index];
                let at = *known.entry(format!("{} {}", found.kind, found.value)).or_insert(all.len());
                match all.get_mut(at) {
                    Some(required) => required.bundles.push(view),
                    None => all.push(Required { package: package.name, requirement, index, bundles: vec![view] }),
                }
            }
        }
    }
    all
}

/// `bundle "a"`, or `bundles "a" and "b"`.
pub(super) fn names(bundles: &[&BundleView<'_>]) -> String {
    let noun = if bundles.len() == 1 { "bundle" } else { "bundles" };
    format!("{noun} {}", some(bundles.iter().map(|view| view.bundle.name.as_str())))
}

impl std::fmt::Display for Requirement<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Package(name, range) => write!(f, "package {name:?} in {range:?}"),
            Self::Api(api) => write!(f, "the API {api}"),
            Self::Compound(_) => f.write_str("something that meets a constraint"),
        }
    }
}

impl Requirement<'_> {
    /// Whether a bundle can meet it. This is only unknown for a CEL expression.
    pub(crate) fn may_be_met_by(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Package(name, range) => Constraint::Package(name, range).holds(facts).0,
            Self::Api(api) => Constraint::Api(*api).holds(facts).0,
            Self::Compound(constraint) => constraint.holds(facts).0,
        }
    }

    /// The number of constraints in it.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Compound(constraint) => constraint.size(),
            Self::Package(..) | Self::Api(_) => 1,
        }
    }
}

/// The requirements of a bundle, each with the index of the property. Constraints that OLM cannot parse are omitted.
pub(crate) fn requirements<'c>(view: &BundleView<'c>) -> Vec<(usize, Requirement<'c>)> {
    let properties = view.bundle.properties.iter().enumerate();
    let requirement = |(i, found): (usize, &'c crate::catalog::Property)| {
        let requirement = match found.kind.as_str() {
            property::PACKAGE_REQUIRED => {
                Requirement::Package(text_field(&found.value, "packageName"), text_field(&found.value, "versionRange"))
            }
            property::GVK_REQUIRED => Requirement::Api(Api::new(&found.value)),
            property::CONSTRAINT => match Constraint::parse(&found.value).ok()? {
                Constraint::Package(name, range) => Requirement::Package(name, range),
                Constraint::Api(api) => Requirement::Api(api),
                other => Requirement::Compound(other),
            },
            _ => return None,
        };
        Some((i, requirement))
    };
    properties.filter_map(requirement).collect()
}

/// The constraints of a bundle that OLM cannot parse: the index of the property, and the reason.
pub(super) fn bad_constraints(view: &BundleView<'_>) -> Vec<(usize, BadConstraint)> {
    let constraints = view.bundle.properties.iter().enumerate().filter(|(_, found)| found.kind == property::CONSTRAINT);
    constraints.filter_map(|(i, found)| Some((i, Constraint::parse(&found.value).err()?))).collect()
}

impl<'c> Provided<'c> {
    /// The facts about the bundles of a catalog that OLM offers.
    pub(super) fn of(context: &Context<'c>) -> Self {
        let bundles: Vec<Facts<'c>> = context.packages.values().flat_map(offered).map(Facts::new).collect();
        let (mut packages, mut apis) = (HashMap::<_, Vec<Version>>::new(), HashMap::<_, BTreeSet<_>>::new());
        for facts in &bundles {
            packages.entry(facts.package).or_default().extend(facts.version.clone());
            for api in &facts.apis {
                apis.entry((api.group, api.kind)).or_default().insert(api.version);
            }
        }
        packages.values_mut().for_each(|versions| versions.sort_by(Version::cmp_precedence));
        Self { packages, apis, bundles, left: Cell::new(COMPOUNDS) }
    }

    /// What the catalog provides for a requirement.
    pub(super) fn answer(&self, requirement: &Requirement<'c>) -> Answer {
        match requirement {
            Requirement::Package(name, range) => self.package(name, range),
            Requirement::Api(api) => match self.apis.get(&(api.group, api.kind)) {
                Some(versions) if versions.contains(api.version) => Answer::Met,
                Some(versions) => {
                    Answer::Wrong(versions.iter().take(ENOUGH).map(|version| (*version).to_owned()).collect())
                }
                // Another rule reports a value of the wrong type.
                None if api.kind.is_empty() => Answer::Met,
                None => Answer::Absent,
            },
            Requirement::Compound(constraint) => {
                let may = |facts: &Facts<'c>| {
                    let Some(left) = self.left.get().checked_sub(constraint.size()) else { return true };
                    self.left.set(left);
                    constraint.holds(facts).0
                };
                if self.bundles.iter().any(may) { Answer::Met } else { Answer::Absent }
            }
        }
    }

    fn package(&self, name: &str, range: &str) -> Answer {
        // Another rule reports an invalid range.
        let Ok(range) = range.parse::<Range>() else { return Answer::Met };
        let Some(versions) = self.packages.get(name) else { return Answer::Absent };
        match range.spans(versions).is_empty() {
            false => Answer::Met,
            true => Answer::Wrong(versions.iter().rev().take(ENOUGH).map(Version::to_string).collect()),
        }
    }

    /// The names of the packages in the catalog.
    pub(super) fn package_names(&self) -> impl Iterator<Item = &'c str> {
        self.packages.keys().copied()
    }
}

/// The bundles that OLM installs as dependencies: those of a channel's offered entries. If a channel is broken and
/// offers none, every entry counts: the channel has its own finding.
fn offered<'p, 'c>(package: &'p PackageView<'c>) -> impl Iterator<Item = &'p BundleView<'c>> {
    let mut names = HashSet::new();
    for view in &package.channels {
        match &view.graph.offered()[..] {
            [] => names.extend((0..view.graph.nodes().len()).map(|node| view.graph.name(node))),
            offered => names.extend(offered.iter().map(|&node| view.graph.name(node))),
        }
    }
    package.bundles.iter().filter(move |view| names.contains(view.bundle.name.as_str()))
}

impl<'c> Facts<'c> {
    pub(crate) fn new(view: &BundleView<'c>) -> Self {
        let apis = view.bundle.properties.iter().filter(|found| found.kind == property::GVK);
        Self {
            package: &view.bundle.package,
            version: view.version().map(|version| version.version),
            apis: apis.map(|found| Api::new(&found.value)).collect(),
        }
    }
}
