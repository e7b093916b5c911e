//! What people read before they accept an upgrade.

use std::cmp::Reverse;

use serde_json::Value;

use super::model::{Dependency, Deprecated, End, InstallPlan, Met, OtherChannel, Plan};
use crate::crd::{Class, Kind, Outcome};
use crate::safety::{DefinitionChange, DefinitionStep, Images, Step, WebhookChange, by_version};
use crate::terminal::{Ink, Text};
use crate::text;

/// How many lines a list has at most. `-o json` has them all.
const SHOWN: usize = 12;

/// How many characters a value has at most.
const LONGEST: usize = 60;

/// The InstallPlans one after the other, where the way ends, and what approval does.
///
/// ```text
/// demo: demo.v1.0.0 -> demo.v1.2.0, the head of channel stable (default)
///
/// InstallPlan 1: demo.v1.0.0 -> demo.v1.2.0 by replaces: breaking
///   definitions
///     ~ widgets.example.com: breaking
///       breaking: v1 .spec.color removed: what resources have there is pruned at the next write
/// …
/// ```
#[must_use]
pub fn text(plan: &Plan) -> Text {
    let mut shown = title(plan);
    for deprecation in &plan.deprecations {
        let part = match deprecation.part {
            Deprecated::Package => "package",
            Deprecated::Channel => "channel",
            Deprecated::Bundle => "version",
        };
        let message = Text::lines(&deprecation.message);
        shown += text!("{} {} {}: {}\n", Ink::Changed.on("deprecated:"), part, deprecation.name, message);
    }
    for (i, install_plan) in plan.install_plans.iter().enumerate() {
        shown += text!("\nInstallPlan {}: ", i + 1) + self::install_plan(install_plan);
    }
    shown += "\n".into();
    shown += end(plan);
    shown + approval(plan)
}

fn title(plan: &Plan) -> Text {
    let default = if plan.default_channel { " (default)" } else { "" };
    let channel = format!("channel {}{default}", plan.channel);
    match (&plan.from, &plan.head) {
        (None, _) => text!("{}: a new installation from {}\n", plan.package, channel),
        (Some(from), None) => text!("{}: {} in {}\n", plan.package, from.csv, channel),
        (Some(from), Some(head)) => {
            let known = if from.in_catalog {
                Text::new()
            } else {
                let csv = &from.csv;
                text!(
                    "{} the catalog does not have {}: what changes from it is not known\n",
                    Ink::Changed.on("note:"),
                    csv
                )
            };
            text!("{}: {} -> {}, the head of {}\n", plan.package, from.csv, head, channel) + known
        }
    }
}

/// From its title to the end of its list.
fn install_plan(plan: &InstallPlan) -> Text {
    let class = match (&plan.replaces, plan.step.class()) {
        (None, _) => Text::new(),
        (Some(_), Some(class)) => text!(": {}", of_class(class)),
        (Some(_), None) => text!(": {}", Ink::Changed.on("not all is known")),
    };
    let title = match (&plan.replaces, plan.by) {
        (Some(old), Some(by)) => text!("{} -> {} by {}", old, plan.csv, by),
        _ => text!("installs {}", plan.csv),
    };
    let mut shown = title + class + "\n".into();
    if plan.is_older {
        shown += text!("  {} it is an older version\n", Ink::Changed.on("back:"));
    }
    if let Some(version) = &plan.min_kube_version {
        shown += text!("  needs Kubernetes {} or newer\n", version);
    }
    let is_new = plan.replaces.is_none();
    shown += section("requires", plan.requires.iter().map(requirement).collect());
    shown += definitions(&plan.step, is_new);
    let permissions = plan.step.permissions.iter().map(|gained| text!("{}", gained.to_string())).collect();
    shown += section(if is_new { "permissions" } else { "permissions gained" }, permissions);
    shown += section("webhooks", plan.step.webhooks.iter().map(webhook).collect());
    let lost = plan.step.install_modes_lost.iter().map(|mode| text!("{}", *mode));
    shown += section("install modes lost: OLM does not run it in an OperatorGroup that needs one", lost.collect());
    shown += section("images", images(&plan.step.images));
    let gone = plan.step.deployments_removed.iter().map(|name| signed(Kind::Removed, name)).collect();
    shown += section("deployments", gone);
    let unknown = plan.step.unknown.iter().map(|unknown| text!("{}: {}", unknown.bundle, unknown.what)).collect();
    shown += section("not known", unknown);
    if plan.step.is_empty() && plan.step.unknown.is_empty() && plan.requires.is_empty() {
        shown += "  nothing changes for users\n".into();
    }
    shown
}

fn of_class(class: Class) -> Text {
    let ink = match class {
        Class::Safe => Ink::Good,
        Class::Risky => Ink::Changed,
        Class::Breaking => Ink::Bad,
    };
    text!("{}", ink.on(class.to_string()))
}

/// A heading, and the first lines of a list; nothing without lines.
fn section(heading: &'static str, lines: Vec<Text>) -> Text {
    if lines.is_empty() {
        return Text::new();
    }
    text!("  {}\n", heading) + listed(lines, "    ")
}

fn listed(lines: Vec<Text>, indent: &'static str) -> Text {
    let count = lines.len();
    // One more line is no longer than saying that there is one more.
    let shown = if count == SHOWN + 1 { count } else { count.min(SHOWN) };
    let mut text: Text = lines.into_iter().take(shown).map(|line| text!("{}{}\n", indent, line)).collect();
    if count > shown {
        text += text!("{}… {} more (-o json has them)\n", indent, count - shown);
    }
    text
}

fn signed(kind: Kind, text: &str) -> Text {
    let (sign, ink) = match kind {
        Kind::Added => ("+", Ink::Good),
        Kind::Removed => ("-", Ink::Bad),
        Kind::Changed => ("~", Ink::Changed),
    };
    text!("{} {}", ink.on(sign), text)
}

fn requirement(dependency: &Dependency) -> Text {
    let Dependency { required_by, what, met } = dependency;
    let met = match met {
        Met::Catalog { channel, csv, .. } => text!("OLM installs {} (channel {}) along", csv, channel),
        Met::Nothing => {
            text!("{}: another catalog or the namespace must have it", Ink::Changed.on("not in this catalog"))
        }
        Met::Conflict { package } => {
            let ink = Ink::Bad.on("conflict");
            text!("{}: no version of package {} meets all that is required of it", ink, package)
        }
    };
    text!("{} requires {}\n      {}", required_by, what, met)
}

/// The CustomResourceDefinitions that come, go and change, and what OLM checks before it changes them.
fn definitions(step: &Step, is_new: bool) -> Text {
    let mut shown = Text::new();
    for definition in step.definitions.iter().take(if is_new { SHOWN } else { usize::MAX }) {
        shown += text!("    {}", signed(definition.change, &definition.name));
        shown += match definition.change {
            Kind::Added if is_new => "\n".into(),
            Kind::Added => " is new\n".into(),
            Kind::Changed => changes(definition),
            Kind::Removed => {
                let effect = definition.changes.first().map_or("", |change| change.effect);
                text!(" is not in the new bundle: {}\n      {}\n", of_class(definition.class), effect)
            }
        };
    }
    match step.definitions.len() {
        0 => Text::new(),
        count if is_new && count > SHOWN => {
            text!("  definitions\n{}    … {} more (-o json has them)\n", shown, count - SHOWN)
        }
        _ => text!("  definitions\n{}{}", shown, refused(&step.definitions)),
    }
}

/// The changes of a definition, from its class on: the unsafe ones each, the worst first, and how many are safe.
fn changes(definition: &DefinitionStep) -> Text {
    let all = by_version(&definition.changes);
    let (mut unsafe_ones, safe): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, change)| change.class > Class::Safe);
    unsafe_ones.sort_by_key(|(_, change)| Reverse(change.class));
    let told = |(versions, change): (Vec<&str>, &DefinitionChange)| {
        let versions = versions.join(", ");
        let versions = if versions.is_empty() { versions } else { versions + " " };
        text!("{}: {}{}: {}", of_class(change.class), versions, what(change), change.effect)
    };
    let count = |kind| safe.iter().filter(|(_, change)| change.change.change == kind).count();
    let counts = [(count(Kind::Added), "added"), (count(Kind::Changed), "changed"), (count(Kind::Removed), "removed")];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    if unsafe_ones.is_empty() {
        return text!(": {}, {}; resources stay as they are\n", of_class(definition.class), counts);
    }
    let shown = text!(": {}\n", of_class(definition.class));
    let shown = shown + listed(unsafe_ones.into_iter().map(told).collect(), "      ");
    match counts.as_str() {
        "" => shown,
        counts => shown + text!("      {}: {}\n", of_class(Class::Safe), counts),
    }
}

/// `.spec.size removed`, `.spec.size: maximum 5 -> 3`
fn what(change: &DefinitionChange) -> String {
    let change = &change.change;
    let value = |side: &Option<Value>| side.as_ref().map(short);
    let path = if change.path.is_empty() { "the version" } else { &change.path };
    // Of a whole field only its type is known, which says little; a keyword or a key has a value.
    let is_field = path.starts_with(['.', '[', '{']) && !path.contains(": ");
    match (change.change, value(&change.from), value(&change.to)) {
        (Kind::Changed, Some(from), Some(to)) => format!("{path} {from} -> {to}"),
        (Kind::Added, _, Some(to)) if !is_field => format!("{path} {to} added"),
        (Kind::Added, ..) => format!("{path} added"),
        (Kind::Removed, Some(from), _) if !is_field => format!("{path} {from} removed"),
        (Kind::Removed, ..) => format!("{path} removed"),
        (Kind::Changed, ..) => format!("{path} changed"),
    }
}

/// A value in one short line.
fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The definitions that OLM itself may refuse to change, with what it looks at.
fn refused(definitions: &[DefinitionStep]) -> Text {
    let changes = || definitions.iter().flat_map(|definition| &definition.changes);
    let rejects = |change: &DefinitionChange| {
        change.class == Class::Breaking && matches!(change.outcome, Outcome::Rejected | Outcome::RejectedWhenChanged)
    };
    let drops = |change: &DefinitionChange| {
        let change = &change.change;
        change.change == Kind::Removed && change.version.is_some() && change.path.is_empty()
    };
    let mut shown = Text::new();
    if changes().any(rejects) {
        shown += "    OLM fails the InstallPlan while there is a resource that the new definition rejects\n".into();
    }
    if changes().any(drops) {
        shown +=
            "    OLM fails the InstallPlan while a removed version is in a definition's status.storedVersions\n".into();
    }
    shown
}

fn webhook(webhook: &WebhookChange) -> Text {
    let name = format!("{} {}", webhook.kind, webhook.name);
    let mut shown = signed(webhook.change, &name);
    if !webhook.targets.is_empty() {
        shown += text!(": {}", webhook.targets.join("; "));
    }
    if !webhook.fields.is_empty() {
        shown += text!(" ({} changed)", webhook.fields.join(", "));
    }
    if webhook.fails_closed && webhook.change != Kind::Removed {
        shown += "; writes fail while it does not answer".into();
    }
    shown
}

fn images(images: &Images) -> Vec<Text> {
    let gone = images.removed.iter().map(|image| signed(Kind::Removed, image));
    gone.chain(images.added.iter().map(|image| signed(Kind::Added, image))).collect()
}

/// Where the way ends, and what to do where that is not the head.
fn end(plan: &Plan) -> Text {
    let stops = Ink::Bad.on("the way stops");
    let (told, help) = match &plan.end {
        End::Head if plan.install_plans.is_empty() => {
            (text!("{}", Ink::Good.on("the head is installed: there is nothing to do")), Text::new())
        }
        End::Head => (text!("{}", Ink::Good.on("the way reaches the head of the channel")), Text::new()),
        End::Stuck { csv, other_channels } => {
            let told = text!(
                "{} at {}: no entry of the channel replaces it, skips it, or has its version in a skipRange",
                stops,
                csv
            );
            let mut lists = other_channels
                .iter()
                .map(|OtherChannel { channel, csv }| text!("channel {} upgrades it to {}", channel, csv));
            let help = match lists.next() {
                None => text!("an entry that OLM offers needs it in its replaces, skips or skipRange"),
                Some(first) => Text::from(", ").join(std::iter::once(first).chain(lists.take(SHOWN))),
            };
            (told, help)
        }
        End::Circle { csv } => {
            let told = text!(
                "{} at {}, to which it comes again: OLM would install the same versions over and over",
                stops,
                csv
            );
            (told, "let the newest entry alone replace or skip it".into())
        }
        End::Kubernetes { csv, needs } => {
            let cluster = plan.kubernetes.as_deref().unwrap_or_default();
            let told = text!(
                "{} at {}, which needs Kubernetes {}: on {} OLM changes the definitions, but its ClusterServiceVersion stays pending",
                stops,
                csv,
                needs,
                cluster
            );
            (told, "upgrade the cluster before this InstallPlan is carried out".into())
        }
        End::Unordered { why } => {
            let told = text!("OLM takes nothing from channel {}: {}", plan.channel, why);
            (told, "`catalog validate` shows the entries".into())
        }
    };
    let help = if help.is_empty() { help } else { text!("  {} {}\n", Ink::Help.on("help:"), help) };
    told + "\n".into() + help
}

/// What each kind of approval does with these InstallPlans.
fn approval(plan: &Plan) -> Text {
    let count = plan.install_plans.len();
    let breaking = plan.install_plans.iter().filter(|plan| plan.step.class() == Some(Class::Breaking)).count();
    let worst = match breaking {
        _ if plan.from.is_none() => String::new(),
        0 => String::new(),
        1 if count == 1 => ", although it is breaking".to_owned(),
        1 => ", the breaking one too".to_owned(),
        number => format!(", the {number} breaking ones too"),
    };
    let (manual, automatic) = match count {
        0 => return Text::new(),
        1 => ("OLM waits until the InstallPlan is approved", "OLM carries out the InstallPlan without asking"),
        _ => (
            "each InstallPlan waits until it is approved; only then OLM makes the next one",
            "OLM carries out one InstallPlan after the other without asking",
        ),
    };
    let whole = "An InstallPlan is approved as a whole, with what it holds for other Subscriptions of the namespace.";
    let mixed = "One Manual Subscription makes all InstallPlans of its namespace wait.";
    text!("\napproval\n  Manual: {}\n  Automatic: {}{}\n  {}\n  {}\n", manual, automatic, worst, whole, mixed)
}
