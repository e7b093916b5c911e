//! The dependencies that OLM installs for a bundle, as `getBundleVariables` and `sortBundles` of its resolver find
//! them: of all channels with something that meets a requirement, default channels of their packages come first, then
//! the order is by package and channel name; within a channel, the entries from the head down. Two versions of a
//! package are never installed together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::model::{Dependency, Met};
use crate::catalog::Property;
use crate::list::default_channel;
use crate::validate::dependencies::{Api, Facts, Requirement, requirements};
use crate::validate::{BundleView, Context};

/// How many times constraints are evaluated against bundles: enough for every real catalog. Beyond that they count as
/// not met.
const CHECKS: usize = 10_000_000;

/// The offers of a catalog to bundles with requirements.
pub(super) struct Offers<'v, 'c> {
    /// In OLM's order of preference.
    channels: Vec<Channel<'v, 'c>>,
    /// The channels of a package, and those with a provider of an API, by index.
    packages: HashMap<&'c str, Vec<usize>>,
    apis: HashMap<Api<'c>, BTreeSet<usize>>,
    /// The requirements of the bundles that are installed already.
    had: HashSet<String>,
    left: usize,
}

/// A channel, with the facts about its entries, head first.
struct Channel<'v, 'c> {
    package: &'c str,
    name: &'c str,
    entries: Vec<(&'v BundleView<'c>, Facts<'c>)>,
}

impl<'v, 'c> Offers<'v, 'c> {
    pub(super) fn new(context: &'v Context<'c>) -> Self {
        let mut channels = Vec::new();
        for package in context.packages.values() {
            let bundles = crate::list::bundles(package);
            let default = default_channel(package);
            for view in &package.channels {
                let offered = view.graph.offered().into_iter();
                let found = offered.filter_map(|node| bundles.get(view.graph.name(node)).copied());
                let entries = found.map(|bundle| (bundle, Facts::new(bundle))).collect();
                let name = view.channel.name.as_str();
                channels.push((name != default, Channel { package: package.name, name, entries }));
            }
        }
        channels.sort_by(|(a_rank, a), (b_rank, b)| (a_rank, a.package, a.name).cmp(&(b_rank, b.package, b.name)));
        let channels: Vec<Channel<'v, 'c>> = channels.into_iter().map(|(_, channel)| channel).collect();
        let (mut packages, mut apis) = (HashMap::<_, Vec<usize>>::new(), HashMap::<_, BTreeSet<usize>>::new());
        for (place, channel) in channels.iter().enumerate() {
            packages.entry(channel.package).or_default().push(place);
            for api in channel.entries.iter().flat_map(|(_, facts)| &facts.apis) {
                apis.entry(*api).or_default().insert(place);
            }
        }
        Self { channels, packages, apis, had: HashSet::new(), left: CHECKS }
    }

    /// Adds a bundle's requirements as met: it is installed.
    pub(super) fn installed(&mut self, bundle: &BundleView<'c>) {
        self.requires(bundle);
    }

    /// The requirements that a bundle adds to those of the previous ones, with the dependencies that OLM installs for
    /// them, and their requirements in turn.
    pub(super) fn requires(&mut self, bundle: &BundleView<'c>) -> Vec<Dependency> {
        let mut plan = Along::new(bundle);
        let mut is_new = Vec::new();
        while let Some(Open { required_by, what, key, requirement }) = plan.open.pop_front() {
            if requirement.may_be_met_by(&plan.own) {
                continue;
            }
            let met = self.meet(&mut plan, requirement);
            plan.dependencies.push(Dependency { required_by, what, met });
            is_new.push(self.had.insert(key));
        }
        // Earlier requirements are listed if they cannot be met together with the rest any more.
        let all = plan.dependencies.into_iter().zip(is_new);
        all.filter(|(dependency, is_new)| *is_new || matches!(dependency.met, Met::Conflict { .. }))
            .map(|(dependency, _)| dependency)
            .collect()
    }

    /// The bundle that OLM prefers among those that meet a requirement, and all others of the same package.
    fn meet(&mut self, plan: &mut Along<'c>, requirement: Requirement<'c>) -> Met {
        let places: Vec<usize> = match &requirement {
            Requirement::Package(name, _) => self.packages.get(name).cloned().unwrap_or_default(),
            Requirement::Api(api) => self.apis.get(api).into_iter().flatten().copied().collect(),
            Requirement::Compound(_) => (0..self.channels.len()).collect(),
        };
        let mut conflict = None;
        for place in places.into_iter().filter(|&place| self.channels[place].package != plan.package) {
            let package = self.channels[place].package;
            let others = plan.wanted.get(package).map(Vec::as_slice).unwrap_or_default();
            let size = requirement.size() + others.iter().map(Requirement::size).sum::<usize>();
            for (bundle, facts) in &self.channels[place].entries {
                let Some(left) = self.left.checked_sub(size) else { return Met::Nothing };
                self.left = left;
                if !requirement.may_be_met_by(facts) {
                    continue;
                }
                if !others.iter().all(|other| other.may_be_met_by(facts)) {
                    conflict = Some(package);
                    continue;
                }
                let (channel, csv) = (self.channels[place].name.to_owned(), bundle.bundle.name.clone());
                plan.take(package, &channel, &csv, requirement, bundle);
                return Met::Catalog { package: package.to_owned(), channel, csv };
            }
        }
        conflict.map_or(Met::Nothing, |package| Met::Conflict { package: package.to_owned() })
    }
}

/// A requirement that is not met yet.
struct Open<'c> {
    /// The bundle that requires it.
    required_by: String,
    /// The requirement, in words.
    what: String,
    /// Its property: equal ones are met at once.
    key: String,
    requirement: Requirement<'c>,
}

/// The dependencies that one InstallPlan installs.
struct Along<'c> {
    package: &'c str,
    own: Facts<'c>,
    open: VecDeque<Open<'c>>,
    /// The requirements for each package.
    wanted: BTreeMap<&'c str, Vec<Requirement<'c>>>,
    /// The bundles whose requirements were added.
    seen: HashSet<&'c str>,
    dependencies: Vec<Dependency>,
}

impl<'c> Along<'c> {
    fn new(bundle: &BundleView<'c>) -> Self {
        let mut plan = Self {
            package: &bundle.bundle.package,
            own: Facts::new(bundle),
            open: VecDeque::new(),
            wanted: BTreeMap::new(),
            seen: HashSet::new(),
            dependencies: Vec::new(),
        };
        plan.require(bundle);
        plan
    }

    fn require(&mut self, bundle: &BundleView<'c>) {
        if self.seen.insert(&bundle.bundle.name) {
            let open = |(index, requirement): (usize, Requirement<'c>)| {
                let Property { kind, value } = &bundle.bundle.properties[index];
                let what = match (&requirement, value["failureMessage"].as_str()) {
                    (Requirement::Compound(_), Some(message)) => format!("a constraint ({message})"),
                    (Requirement::Compound(_), None) => "a constraint".to_owned(),
                    _ => requirement.to_string(),
                };
                Open { required_by: bundle.bundle.name.clone(), what, key: format!("{kind} {value}"), requirement }
            };
            self.open.extend(requirements(bundle).into_iter().map(open));
        }
    }

    /// Chooses a bundle, instead of an earlier choice for its package.
    fn take(
        &mut self,
        package: &'c str,
        channel: &str,
        csv: &str,
        requirement: Requirement<'c>,
        bundle: &BundleView<'c>,
    ) {
        for dependency in &mut self.dependencies {
            if let Met::Catalog { package: other, channel: other_channel, csv: other_csv } = &mut dependency.met
                && other == package
            {
                channel.clone_into(other_channel);
                csv.clone_into(other_csv);
            }
        }
        self.wanted.entry(package).or_default().push(requirement);
        self.require(bundle);
    }
}
