//! The upgrades for people: one block for each, breaking ones first, and equal parts only once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;

use super::Upgrade;
use crate::crd::{Class, Kind};
use crate::safety::{DefinitionChange, DefinitionStep, Gained, Images, Step, WebhookChange, by_version};
use crate::terminal::{Ink, Text};
use crate::text;
use crate::words::plural;

/// How many lines a list shows, and how many a list of risky parts shows. `-o json` has all.
const SHOWN: usize = 20;
const RISKY: usize = 5;

/// How many characters of a value are shown.
const VALUE: usize = 60;

/// The upgrades as text, with a summary. Upgrades to one bundle with the same effects are one block.
#[must_use]
pub fn text(upgrades: &[Upgrade]) -> Text {
    let mut blocks: Vec<(Vec<&Upgrade>, Text)> = Vec::new();
    let mut places: BTreeMap<(&str, &str, String), usize> = BTreeMap::new();
    let (mut unknown, mut empty) = (Vec::new(), 0);
    for upgrade in upgrades {
        match &upgrade.step {
            step if says_nothing(step) => unknown.push(upgrade),
            step if step.is_empty() => empty += 1,
            step => {
                let body = body(step);
                let key = (upgrade.package.as_str(), step.to.as_str(), body.plain());
                let place = *places.entry(key).or_insert(blocks.len());
                if place == blocks.len() {
                    blocks.push((Vec::new(), body));
                }
                blocks[place].0.push(upgrade);
            }
        }
    }
    let blocks = blocks.iter().map(|(same, body)| head(same) + body.clone() + "\n".into());
    blocks.collect::<Text>() + without_manifests(&unknown) + summary(upgrades, empty)
}

/// Whether nothing but the images is known about a step.
fn says_nothing(step: &Step) -> bool {
    let known = Step { images: Images::default(), ..step.clone() };
    !step.unknown.is_empty() && known.is_empty()
}

/// A class in its colour; without a class, it is partly unknown.
#[must_use]
pub fn class(class: Option<Class>) -> Text {
    match class {
        Some(Class::Breaking) => text!("{}", Ink::Error.on("breaking")),
        Some(Class::Risky) => text!("{}", Ink::Warning.on("risky")),
        Some(Class::Safe) => text!("{}", Ink::Well.on("safe")),
        None => text!("{}", Ink::Warning.on("partly unknown")),
    }
}

fn head(same: &[&Upgrade]) -> Text {
    let Some(first) = same.first() else { return Text::new() };
    let from: Vec<&str> = same.iter().map(|upgrade| upgrade.step.from.as_str()).collect();
    let text = text!("{}: {} -> {}\n", class(first.class), shortened(&from, 3), first.step.to);
    text + text!("  {}\n", ways(same))
}

/// `replaces in stable-v1, fast-v1; skipRange in stable-v1`
fn ways(same: &[&Upgrade]) -> String {
    let mut fields: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for way in same.iter().flat_map(|upgrade| &upgrade.channels) {
        fields.entry(way.field).or_default().insert(&way.name);
    }
    let fields = fields.into_iter().map(|(field, channels)| (field, channels.into_iter().collect::<Vec<_>>()));
    let ways = fields.map(|(field, channels)| format!("{field} in {}", shortened(&channels, 5)));
    ways.collect::<Vec<_>>().join("; ")
}

/// The effects of a step, without a title: sections that are indented by at least two spaces.
#[must_use]
pub fn body(step: &Step) -> Text {
    let mut body = definitions(&step.definitions);
    body += section("install modes that are no longer supported", &step.install_modes_lost);
    body += section("permissions gained", step.permissions.iter().map(gained));
    body += section("webhooks", step.webhooks.iter().map(webhook));
    body += section("Deployments that are deleted", &step.deployments_removed);
    let images = step.images.added.iter().map(|image| format!("+ {image}"));
    body += section("images", images.chain(step.images.removed.iter().map(|image| format!("- {image}"))));
    body + section("not known", step.unknown.iter().map(|unknown| format!("{}: {}", unknown.bundle, unknown.what)))
}

fn section(title: &str, lines: impl IntoIterator<Item = impl Display>) -> Text {
    let lines = list("    ", SHOWN, lines);
    if lines.is_empty() { lines } else { text!("  {}\n", title) + lines }
}

fn list(indent: &'static str, most: usize, lines: impl IntoIterator<Item = impl Display>) -> Text {
    let mut lines = lines.into_iter();
    let shown: Text = lines.by_ref().take(most).map(|line| text!("{}{}\n", indent, line.to_string())).collect();
    match lines.count() {
        0 => shown,
        more => shown + text!("{}… and {} more\n", indent, more),
    }
}

/// The definitions, grouped by equal changes.
fn definitions(steps: &[DefinitionStep]) -> Text {
    let mut groups: Vec<(Vec<&str>, Text)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let (mut new, mut safe) = (Vec::new(), Vec::new());
    for step in steps {
        match step.change {
            Kind::Added => new.push(step.name.as_str()),
            _ if step.class == Class::Safe => safe.push(step.name.as_str()),
            _ => {
                let changes = changes(&step.changes);
                let place = *places.entry(changes.plain()).or_insert(groups.len());
                if place == groups.len() {
                    groups.push((Vec::new(), changes));
                }
                groups[place].0.push(&step.name);
            }
        }
    }
    let mut text: Text = groups.iter().map(|(names, changes)| list("    ", SHOWN, names) + changes.clone()).collect();
    for (names, what) in [(safe, "safe changes"), (new, "new")] {
        if !names.is_empty() {
            text += text!("    {}: {}\n", what, shortened(&names, 5));
        }
    }
    if text.is_empty() { text } else { text!("  definitions\n") + text }
}

/// The changes of a definition, and the number of further safe ones.
fn changes(changes: &[DefinitionChange]) -> Text {
    let text = unsafe_changes(changes);
    match by_version(changes).iter().filter(|(_, it)| it.class == Class::Safe).count() {
        0 => text,
        1 => text + "      and 1 safe change\n".into(),
        safe => text + text!("      and {} safe changes\n", safe),
    }
}

/// The breaking and risky changes of a definition, grouped by effect: lines that are indented by at least six spaces.
#[must_use]
pub fn unsafe_changes(changes: &[DefinitionChange]) -> Text {
    let mut effects: Vec<((Class, &str), Lines)> = Vec::new();
    let all = by_version(changes);
    for (versions, it) in all.iter().filter(|(_, it)| it.class > Class::Safe) {
        let line = Line::new(versions, it);
        match effects.iter_mut().find(|(effect, _)| *effect == (it.class, it.effect)) {
            Some((_, lines)) => lines.add(line),
            None => {
                let mut lines = Lines::default();
                lines.add(line);
                effects.push(((it.class, it.effect), lines));
            }
        }
    }
    effects.sort_by_key(|((class, _), _)| std::cmp::Reverse(*class));
    let text = effects.iter().map(|((worst, effect), lines)| {
        let title = text!("      {}: {}\n", class(Some(*worst)), *effect);
        let most = if *worst == Class::Breaking { SHOWN } else { RISKY };
        // There is nothing more to add about the definition as a whole.
        title + list("        ", most, lines.all.iter().map(Line::text).filter(|line| !line.is_empty()))
    });
    text.collect()
}

/// A change, and the number of other places with the same change: many fields have the same type, such as a pod's.
struct Line {
    versions: String,
    path: String,
    /// The last step of the path with its keyword, the values, and the number of fields below.
    same: [String; 3],
    others: usize,
}

/// Lines, the same ones once.
#[derive(Default)]
struct Lines {
    all: Vec<Line>,
    places: HashMap<(String, [String; 3]), usize>,
}

impl Lines {
    fn add(&mut self, line: Line) {
        let place = *self.places.entry((line.versions.clone(), line.same.clone())).or_insert(self.all.len());
        match self.all.get_mut(place) {
            Some(same) => same.others += 1,
            None => self.all.push(line),
        }
    }
}

impl Line {
    fn new(versions: &[&str], it: &DefinitionChange) -> Self {
        let change = &it.change;
        let value = |side: &Option<serde_json::Value>| side.as_ref().map(value);
        let values = match (value(&change.from), value(&change.to)) {
            (Some(from), Some(to)) => format!(" {from} -> {to}"),
            (None, Some(to)) => format!(" {to}"),
            (Some(from), None) => format!(" {from} -> none"),
            (None, None) => String::new(),
        };
        // An added or removed field has its type there.
        let is_field = !change.path.contains(": ") && change.path.starts_with(['.', '[', '{']);
        let values = if is_field { String::new() } else { values };
        let below = match change.fields {
            0 => String::new(),
            1 => " and 1 field below".to_owned(),
            count => format!(" and {count} fields below"),
        };
        let field = change.path.split_once(": ").map_or(&*change.path, |(field, _)| field);
        let last = field.rfind('.').unwrap_or(0);
        let same = [change.path[last..].to_owned(), values, below];
        Self { versions: versions.join(", "), path: change.path.clone(), same, others: 0 }
    }

    /// `v1, v1beta1 .spec.size: minimum 1 -> 2 (and in 3 other places)`
    fn text(&self) -> String {
        let Self { versions, path, same: [_, values, below], others } = self;
        let others = match others {
            0 => String::new(),
            1 => " (and in 1 other place)".to_owned(),
            others => format!(" (and in {others} other places)"),
        };
        format!("{versions} {path}{values}{below}{others}").trim().to_owned()
    }
}

fn value(value: &serde_json::Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(VALUE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn gained(gained: &Gained) -> String {
    let accounts: Vec<&str> = gained.accounts.iter().map(String::as_str).collect();
    format!("{gained} ({})", shortened(&accounts, 3))
}

fn webhook(hook: &WebhookChange) -> String {
    let sign = match hook.change {
        Kind::Added => '+',
        Kind::Removed => '-',
        Kind::Changed => '~',
    };
    let targets: Vec<&str> = hook.targets.iter().map(String::as_str).collect();
    let fields = if hook.fields.is_empty() { String::new() } else { format!(" ({} changed)", hook.fields.join(", ")) };
    let closed =
        if hook.fails_closed && hook.change != Kind::Removed { "; writes fail while it does not answer" } else { "" };
    format!("{sign} {} {}: {}{fields}{closed}", hook.kind, hook.name, shortened(&targets, 5))
}

/// The first names, and the number of others.
fn shortened(names: &[&str], most: usize) -> String {
    match names.len().saturating_sub(most) {
        0 | 1 => names.join(", "),
        more => format!("{} and {more} more", names[..most].join(", ")),
    }
}

/// The upgrades about which nothing is known, by package.
fn without_manifests(upgrades: &[&Upgrade]) -> Text {
    let mut packages: BTreeMap<&str, usize> = BTreeMap::new();
    upgrades.iter().for_each(|upgrade| *packages.entry(&upgrade.package).or_default() += 1);
    let lines = packages.iter().map(|(package, count)| format!("{package}: {}", plural(*count, "upgrade")));
    let text = list("  ", SHOWN, lines);
    match text.is_empty() {
        true => text,
        false => {
            text!("{}: the catalog does not contain the manifests of these bundles\n", class(None))
                + text
                + text!("  {} use --bundles to name a folder that contains them\n\n", Ink::Help.on("help:"))
        }
    }
}

fn summary(upgrades: &[Upgrade], empty: usize) -> Text {
    if upgrades.is_empty() {
        return "no upgrades\n".into();
    }
    let count = |class| upgrades.iter().filter(|upgrade| upgrade.class == class).count();
    let classes = [
        (count(Some(Class::Breaking)), "breaking"),
        (count(None), "partly unknown"),
        (count(Some(Class::Risky)), "risky"),
        (count(Some(Class::Safe)), "safe"),
    ];
    let counts = classes.iter().filter(|(count, _)| *count > 0).map(|(count, class)| format!("{count} {class}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    let same = if empty == 0 { String::new() } else { format!(" ({empty} without any change)") };
    text!("{}: {}{}\n", plural(upgrades.len(), "upgrade"), counts, same)
}
