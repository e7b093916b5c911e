//! From a catalog to pictures: rows, arrows and notes.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::budget::Budget;
use super::lint;
use super::missing::{Missing, missing};
use super::note::Note;
use super::order::{self, Kind};
use super::picture::{Arrow, Kinds, Picture, Place, Row, Shape};
use super::selection::{Error, Selection};
use crate::catalog::schema;
use crate::graph::{EdgeKind, Graph};
use crate::limits::Exceeded;
use crate::list;
use crate::validate::{ChannelView, Context, PackageView};
use crate::version::Range;

/// The pictures of all selected channels: packages by name, the default channel of each first.
///
/// # Errors
/// Those of [`Selection::of`], and graphs over the limits `graph-entries` and `graph-edges`.
pub fn pictures<'c>(context: &Context<'c>, selection: &Selection<'_>) -> Result<Vec<Picture<'c>>, Error> {
    let mut budget = Budget::full();
    let mut pictures = Vec::new();
    for (package, mut channels) in selection.of(context)? {
        let facts = Facts::of(package);
        channels.sort_by_key(|view| view.channel.name != facts.default_channel);
        for view in channels {
            pictures.push(Layout::new(view, &facts, &mut budget)?.picture(&facts));
        }
    }
    Ok(pictures)
}

/// The facts about a package's entries.
struct Facts<'c> {
    package: &'c str,
    default_channel: &'c str,
    has_default_channel: bool,
    bundles: HashSet<&'c str>,
    /// By schema and name.
    deprecations: HashMap<(&'c str, &'c str), &'c str>,
}

impl<'c> Facts<'c> {
    fn of(package: &PackageView<'c>) -> Self {
        let default_channel = list::default_channel(package);
        Self {
            package: package.name,
            default_channel,
            has_default_channel: package.channel_names().any(|name| name == default_channel),
            bundles: package.bundle_names().collect(),
            deprecations: list::deprecations(package),
        }
    }

    fn deprecation(&self, schema: &str, name: &str) -> Option<&'c str> {
        self.deprecations.get(&(schema, name)).copied()
    }
}

/// A channel that is being laid out.
struct Layout<'v, 'c> {
    view: &'v ChannelView<'c>,
    graph: &'v Graph<'c>,
    /// The upgrades between entries.
    pairs: BTreeMap<(usize, usize), Kinds>,
    /// The names that are not in the channel, by the last entry that names them.
    missing: HashMap<usize, Vec<Missing<'c>>>,
    /// The entries in cycles of replaces.
    cycles: HashSet<usize>,
    rows: Vec<Row<'c>>,
    /// The row of each entry.
    row_of: Vec<usize>,
    arrows: Vec<Arrow>,
}

impl<'v, 'c> Layout<'v, 'c> {
    fn new(view: &'v ChannelView<'c>, facts: &Facts<'c>, budget: &mut Budget) -> Result<Self, Exceeded> {
        let graph = &view.graph;
        budget.take_entries(graph.nodes().len())?;
        let mut pairs: BTreeMap<(usize, usize), Kinds> = BTreeMap::new();
        for edge in graph.edges() {
            budget.take_edge()?;
            pairs.entry((edge.from, edge.to)).or_default().add(edge.kind);
        }
        let groups = order::groups(graph);
        let last = groups
            .iter()
            .flat_map(|group| &group.chain)
            .flat_map(|(node, beside)| std::iter::once(*node).chain(beside.iter().copied()));
        let mut rank = vec![0; graph.nodes().len()];
        last.enumerate().for_each(|(place, node)| rank[node] = place);
        let missing = missing(graph, &rank, budget)?;
        let (rows, row_of, arrows) = (Vec::new(), vec![0; graph.nodes().len()], Vec::new());
        let cycles = graph.replaces_cycles().into_iter().flatten().collect();
        let mut layout = Self { view, graph, pairs, missing, cycles, rows, row_of, arrows };
        for group in groups {
            layout.group(group, facts);
        }
        layout.arrows();
        Ok(layout)
    }

    fn group(&mut self, group: order::Group, facts: &Facts<'c>) {
        let mut above = None;
        for (node, beside) in group.chain {
            let row = self.rows.len();
            self.entry(node, Place::Chain, None, group.kind, facts);
            if let Some(above) = above {
                self.pair(node, above, Shape::Spine);
            }
            above = Some(node);
            for skipped in beside {
                self.entry(skipped, Place::Beside, Some(row), Kind::Head, facts);
                if self.graph.nodes()[skipped].skipped_by.binary_search(&node).is_ok() {
                    self.pair(skipped, node, Shape::Branch);
                }
                self.missing_below(skipped, row);
            }
            self.missing_below(node, row);
        }
    }

    /// Adds an upgrade to the arrows.
    fn pair(&mut self, from: usize, to: usize, shape: Shape) {
        if let Some(kinds) = self.pairs.remove(&(from, to)) {
            let is_skipped = |node: usize| !self.graph.nodes()[node].skipped_by.is_empty();
            let is_pale = is_skipped(to) || kinds.main() == EdgeKind::Replaces && !kinds.skips && is_skipped(from);
            self.arrows.push(Arrow { to: self.row_of[to], from: self.row_of[from], kinds, shape, is_pale });
        }
    }

    fn entry(&mut self, node: usize, place: Place, anchor: Option<usize>, kind: Kind, facts: &Facts<'c>) {
        let entry = &self.graph.nodes()[node];
        let name = self.graph.name(node);
        let version = entry.version.as_ref().map(ToString::to_string);
        let usual = |version: &str| {
            let rest = name.strip_prefix(facts.package).and_then(|rest| rest.strip_prefix('.'));
            rest.is_some_and(|rest| rest.strip_prefix('v').unwrap_or(rest) == version)
        };
        let is_named = version.as_deref().is_some_and(|version| !usual(version));
        let label = version.unwrap_or_else(|| name.to_owned());
        let notes = self.notes(node, kind, facts);
        self.row_of[node] = self.rows.len();
        self.rows.push(Row { names: vec![name], label, is_named, place, anchor, notes });
    }

    fn notes(&self, node: usize, kind: Kind, facts: &Facts<'c>) -> Vec<Note<'c>> {
        let entry = &self.graph.nodes()[node];
        let is_skipped = !entry.skipped_by.is_empty();
        let mut notes = Vec::new();
        match kind {
            _ if self.cycles.contains(&node) => notes.push(Note::Cycle),
            Kind::Stranded => notes.push(Note::Stranded),
            Kind::Cycle => notes.push(Note::Cycle),
            Kind::Head if entry.replaced_by.is_empty() && !is_skipped => notes.push(Note::Head),
            Kind::Head => {}
        }
        if is_skipped {
            notes.push(Note::Skipped);
        }
        notes.extend(facts.deprecation(schema::BUNDLE, self.graph.name(node)).map(Note::Deprecated));
        let range = entry.entry.skip_range.as_str();
        if !range.is_empty() {
            notes.push(match range.parse::<Range>() {
                Ok(parsed) => {
                    let inside = |other: &&crate::graph::Node<'_>| {
                        other.position != entry.position
                            && other.version.as_ref().is_some_and(|version| parsed.contains(&version.version))
                    };
                    Note::Range { range, entries: self.graph.nodes().iter().filter(inside).count() }
                }
                Err(_) => Note::BadRange(range),
            });
        }
        if !facts.bundles.contains(self.graph.name(node)) {
            notes.push(Note::NoBundle);
        }
        notes
    }

    /// The rows for names that are not in the channel, if this entry is the last or only one that names them.
    fn missing_below(&mut self, node: usize, anchor: usize) {
        for Missing { named_by, names } in self.missing.remove(&node).unwrap_or_default() {
            let from = self.rows.len();
            let label = match &names[..] {
                [name] => (*name).to_owned(),
                _ => format!("{} bundles", names.len()),
            };
            let notes = vec![Note::Missing];
            self.rows.push(Row { names, label, is_named: false, place: Place::Beside, anchor: Some(anchor), notes });
            for (to, kinds) in named_by {
                let to = self.row_of[to];
                let shape = if to == anchor { Shape::Branch } else { Shape::Around };
                let is_pale = self.rows[to].is_skipped();
                self.arrows.push(Arrow { to, from, kinds, shape, is_pale });
            }
        }
    }

    /// The arrows that have not been added yet.
    fn arrows(&mut self) {
        let rest: Vec<(usize, usize)> = self.pairs.keys().copied().collect();
        rest.into_iter().for_each(|(from, to)| self.pair(from, to, Shape::Around));
        self.arrows.sort_unstable();
    }

    fn picture(self, facts: &Facts<'c>) -> Picture<'c> {
        let channel = self.view.channel;
        let mut defects = lint::defects(channel, &self.rows);
        if !facts.has_default_channel {
            defects.push(format!("the package has no default channel {}", facts.default_channel).trim_end().to_owned());
        }
        Picture {
            package: facts.package,
            channel: &channel.name,
            is_default: channel.name == facts.default_channel,
            package_deprecation: facts.deprecation(schema::PACKAGE, ""),
            deprecation: facts.deprecation(schema::CHANNEL, &channel.name),
            defects,
            rows: self.rows,
            arrows: self.arrows,
        }
    }
}
