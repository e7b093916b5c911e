//! The upgrade path from an installed version to the head of a channel.

use std::collections::{HashMap, HashSet};

use semver::Version;

use super::dependencies::Offers;
use super::model::{Dependency, Deprecated, Deprecation, End, InstallPlan, Met, OtherChannel, Plan};
use super::request::{Error, Found, Request, Start};
use crate::catalog::{property, schema};
use crate::graph::{Graph, Installed, Resolver, Unordered};
use crate::list::{bundles, default_channel, deprecations};
use crate::safety::{Content, Facts, Known, step};
use crate::validate::names::list;
use crate::validate::{BundleView, ChannelView, Context, PackageView};
use crate::version;

/// The upgrade path, without the effects of its steps.
#[derive(Clone, Debug)]
pub struct Way {
    plan: Plan,
    stops: Vec<Stop>,
}

/// An InstallPlan of the path.
#[derive(Clone, Debug)]
struct Stop {
    csv: String,
    version: Option<Version>,
    by: Option<&'static str>,
    min_kube_version: Option<String>,
    requires: Vec<Dependency>,
}

impl Stop {
    /// The package without a version that meets all requirements, if there is one.
    fn conflict(&self) -> Option<String> {
        self.requires.iter().find_map(|dependency| match &dependency.met {
            Met::Conflict { package } => Some(package.clone()),
            Met::Catalog { .. } | Met::Nothing => None,
        })
    }
}

impl Request<'_> {
    /// Finds the upgrade path. [`Way::plan`] adds the effects of each step.
    ///
    /// # Errors
    /// A package, a channel or an installed version that is not in the catalog.
    pub fn way(&self, context: &Context<'_>) -> Result<Way, Error> {
        let found = self.find(context)?;
        let Found { package, channel, ref from } = found;
        let graph = &channel.graph;
        let default = default_channel(package);
        let mut plan = Plan {
            package: package.name.to_owned(),
            channel: channel.channel.name.clone(),
            default_channel: channel.channel.name == default,
            from: from.as_ref().map(Start::installed),
            head: None,
            kubernetes: self.kubernetes.map(ToString::to_string),
            deprecations: Vec::new(),
            install_plans: Vec::new(),
            end: End::Head,
        };
        let prohibited = prohibited(package);
        let resolver = match Resolver::without(graph, |name| prohibited.contains(name)) {
            Ok(resolver) => resolver,
            Err(error) => {
                plan.end = End::Unordered { why: unordered(&error, graph) };
                plan.deprecations = deprecated(package, channel, &plan, &[]);
                return Ok(Way { plan, stops: Vec::new() });
            }
        };
        let head = resolver.head();
        plan.head = Some(graph.name(head).to_owned());
        let bundles = bundles(package);
        let needs = |node: usize| {
            let view = bundles.get(graph.name(node))?;
            Some(context.objects_of(view).csv.min_kube_version.clone()).filter(|text| !text.is_empty())
        };
        let too_new = |node: usize| {
            let needed = needs(node)?;
            let version = version::parse(needed.strip_prefix('v').unwrap_or(&needed)).ok()?;
            self.kubernetes.filter(|cluster| version > **cluster).map(|_| needed)
        };
        let (nodes, end) = follow(graph, &resolver, from.as_ref(), too_new);
        plan.end = match end {
            Last::Head => End::Head,
            Last::Circle(node) => End::Circle { csv: graph.name(node).to_owned() },
            Last::Kubernetes(node, needs) => End::Kubernetes { csv: graph.name(node).to_owned(), needs },
            Last::Stuck => stuck(package, channel, &nodes, from.as_ref()),
        };
        let mut stops = stops(context, &found, &bundles, &nodes, needs);
        if let Some((at, package)) = stops.iter().enumerate().find_map(|(at, stop)| Some((at, stop.conflict()?))) {
            plan.end = End::Conflict { csv: stops[at].csv.clone(), package };
            stops.truncate(at + 1);
        }
        let names: Vec<&str> = stops.iter().map(|stop| stop.csv.as_str()).collect();
        plan.deprecations = deprecated(package, channel, &plan, &names);
        plan.deprecations.extend(passed_over(graph, &prohibited));
        Ok(Way { plan, stops })
    }
}

/// Where the nodes of a path end.
enum Last {
    Head,
    Stuck,
    Circle(usize),
    Kubernetes(usize, String),
}

/// The nodes that are installed one after the other.
fn follow(
    graph: &Graph<'_>,
    resolver: &Resolver<'_, '_>,
    from: Option<&Start>,
    too_new: impl Fn(usize) -> Option<String>,
) -> (Vec<usize>, Last) {
    let entries = graph.nodes().iter().map(|node| Installed {
        name: &node.entry.name,
        version: node.version.as_ref().map(|version| &version.version),
    });
    let start = from.map(|start| Installed { name: &start.csv, version: start.version.as_ref() });
    let mut next = resolver.successors(&entries.chain(start).collect::<Vec<_>>());
    let first = match from {
        // A new installation starts at the head.
        None => resolver.first(),
        Some(_) => next.pop().flatten(),
    };
    let is_head = |name: &str| graph.find(name) == Some(resolver.head());
    let (mut nodes, mut seen) = (Vec::new(), HashSet::new());
    seen.extend(from.and_then(|start| graph.find(&start.csv)));
    let mut at = first;
    while let Some(node) = at {
        if !seen.insert(node) {
            return (nodes, Last::Circle(node));
        }
        nodes.push(node);
        if let Some(needs) = too_new(node) {
            return (nodes, Last::Kubernetes(node, needs));
        }
        at = next[node];
    }
    let reached = match nodes.last() {
        Some(&last) => last == resolver.head(),
        None => from.is_some_and(|start| is_head(&start.csv)),
    };
    (nodes, if reached { Last::Head } else { Last::Stuck })
}

/// The end at a version without an upgrade in the channel, with the channels that have one.
fn stuck(package: &PackageView<'_>, channel: &ChannelView<'_>, nodes: &[usize], from: Option<&Start>) -> End {
    let graph = &channel.graph;
    let (csv, version) = match (nodes.last(), from) {
        (Some(&last), _) => (graph.name(last), graph.nodes()[last].version.as_ref().map(|version| &version.version)),
        (None, Some(start)) => (start.csv.as_str(), start.version.as_ref()),
        (None, None) => ("", None),
    };
    let prohibited = prohibited(package);
    let others = package.channels.iter().filter(|view| view.channel.name != channel.channel.name);
    let mut other_channels: Vec<OtherChannel> = others
        .filter_map(|view| {
            let resolver = Resolver::without(&view.graph, |name| prohibited.contains(name)).ok()?;
            let next = resolver.successors(&[Installed { name: csv, version }])[0]?;
            Some(OtherChannel { channel: view.channel.name.clone(), csv: view.graph.name(next).to_owned() })
        })
        .collect();
    other_channels.sort();
    End::Stuck { csv: csv.to_owned(), other_channels }
}

fn unordered(error: &Unordered, graph: &Graph<'_>) -> String {
    match error {
        Unordered::NoHead => "it has no head: every entry is replaced or skipped by another".to_owned(),
        Unordered::Heads(heads) => {
            format!("it has {} heads: {}", heads.len(), list(heads.iter().map(|&head| graph.name(head))))
        }
        Unordered::Cycle(node) => {
            format!("its entries replace each other in a cycle that contains {:?}", graph.name(*node))
        }
    }
}

fn stops(
    context: &Context<'_>,
    found: &Found<'_, '_>,
    bundles: &HashMap<&str, &BundleView<'_>>,
    nodes: &[usize],
    needs: impl Fn(usize) -> Option<String>,
) -> Vec<Stop> {
    let graph = &found.channel.graph;
    let mut offers = Offers::new(context);
    let mut before = found.from.as_ref().map(|start| start.csv.clone());
    if let Some(view) = before.as_ref().and_then(|csv| bundles.get(csv.as_str())) {
        offers.installed(view);
    }
    let mut stops = Vec::new();
    for &node in nodes {
        let entry = graph.nodes()[node].entry;
        let by = before.as_ref().map(|csv| match () {
            () if entry.replaces == *csv => "replaces",
            () if entry.skips.contains(csv) => "skips",
            () => "skipRange",
        });
        let requires = bundles.get(entry.name.as_str()).map(|view| offers.requires(view)).unwrap_or_default();
        let version = graph.nodes()[node].version.as_ref().map(|version| version.version.clone());
        before = Some(entry.name.clone());
        stops.push(Stop { csv: entry.name.clone(), version, by, min_kube_version: needs(node), requires });
    }
    stops
}

/// The bundles of a package that OLM does not install.
fn prohibited<'c>(package: &PackageView<'c>) -> HashSet<&'c str> {
    let is_prohibited = |bundle: &&BundleView<'c>| {
        bundle.bundle.properties.iter().any(|property| property.kind == property::DEPRECATED)
    };
    package.bundles.iter().filter(is_prohibited).map(|view| view.bundle.name.as_str()).collect()
}

/// The entries of a channel that OLM never installs.
fn passed_over<'g>(graph: &'g Graph<'_>, prohibited: &HashSet<&str>) -> impl Iterator<Item = Deprecation> + use<'g> {
    let names: Vec<&str> = graph.nodes().iter().map(|node| node.entry.name.as_str()).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| prohibited.contains(name)).collect();
    names.into_iter().map(|name| Deprecation {
        part: Deprecated::Bundle,
        name: name.to_owned(),
        message: format!("OLM does not install it because it has the property {}", property::DEPRECATED),
    })
}

/// The deprecated parts on the path, the installed version first.
fn deprecated(package: &PackageView<'_>, channel: &ChannelView<'_>, plan: &Plan, stops: &[&str]) -> Vec<Deprecation> {
    let messages = deprecations(package);
    let from = plan.from.as_ref().map(|from| from.csv.as_str());
    let parts = [(Deprecated::Package, package.name, (schema::PACKAGE, ""))].into_iter();
    let parts = parts.chain([(Deprecated::Channel, &*channel.channel.name, (schema::CHANNEL, &*channel.channel.name))]);
    let csvs = from.into_iter().chain(stops.iter().copied());
    let parts = parts.chain(csvs.map(|csv| (Deprecated::Bundle, csv, (schema::BUNDLE, csv))));
    parts
        .filter_map(|(part, name, key)| {
            let message = (*messages.get(&key)?).to_owned();
            Some(Deprecation { part, name: name.to_owned(), message })
        })
        .collect()
}

impl Way {
    /// The package.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.plan.package
    }

    /// The bundles whose manifests determine the effects of the steps, in the order of the steps. The catalog does not
    /// have to contain them.
    pub fn bundles(&self) -> impl Iterator<Item = &str> {
        let from = self.plan.from.iter().map(|from| from.csv.as_str());
        from.chain(self.stops.iter().map(|stop| stop.csv.as_str()))
    }

    /// Adds the effects of each step, if the manifests of its bundles are known.
    #[must_use]
    pub fn plan(self, known: &Known) -> Plan {
        let Self { mut plan, stops } = self;
        let mut before: Option<(String, Option<Version>)> = plan
            .from
            .as_ref()
            .map(|from| (from.csv.clone(), from.version.as_deref().and_then(|text| version::parse(text).ok())));
        for stop in stops {
            let step = match &before {
                Some((csv, _)) => known.step(&plan.package, csv, &stop.csv),
                None => new_installation(known.find(&plan.package, &stop.csv), &stop.csv),
            };
            let is_older = match (&before, &stop.version) {
                (Some((_, Some(old))), Some(new)) => new.cmp_precedence(old).is_lt(),
                _ => false,
            };
            plan.install_plans.push(InstallPlan {
                csv: stop.csv.clone(),
                version: stop.version.as_ref().map(ToString::to_string),
                replaces: before.map(|(csv, _)| csv),
                by: stop.by,
                is_older,
                min_kube_version: stop.min_kube_version,
                requires: stop.requires,
                step,
            });
            before = Some((stop.csv, stop.version));
        }
        plan
    }
}

/// Everything that a new installation adds.
fn new_installation(facts: Option<&Facts>, csv: &str) -> crate::safety::Step {
    let mut nothing = Facts::default();
    nothing.content = Content::Manifests;
    let mut step = step(&nothing, facts.unwrap_or(&Facts::default()));
    csv.clone_into(&mut step.to);
    step
}
