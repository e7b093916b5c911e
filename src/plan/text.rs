//! The plan as text, for people who decide about an upgrade.

use super::model::{Dependency, Deprecated, End, InstallPlan, Met, Plan};
use crate::crd::{Class, Outcome};
use crate::safety::report::{body, class};
use crate::safety::{DefinitionChange, DefinitionStep};
use crate::terminal::{Ink, Text};
use crate::text;

/// How many other channels are shown.
const CHANNELS: usize = 5;

/// The InstallPlans one after the other, the end of the path, and the effect of approval.
///
/// ```text
/// demo: demo.v1.0.0 -> demo.v1.2.0, the head of channel stable (default)
///
/// InstallPlan 1: demo.v1.0.0 -> demo.v1.2.0 by replaces: breaking
///   definitions
///     widgets.example.com
///       breaking: existing values are pruned at the next write
///         v1 .spec.color
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
        shown += text!("{} {} {}: {}\n", Ink::Warning.on("deprecated:"), part, deprecation.name, message);
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
                text!("{} the catalog does not have {}, so its changes are unknown\n", Ink::Warning.on("note:"), csv)
            };
            text!("{}: {} -> {}, the head of {}\n", plan.package, from.csv, head, channel) + known
        }
    }
}

/// From its title to the end of its list.
fn install_plan(plan: &InstallPlan) -> Text {
    let title = match (&plan.replaces, plan.by) {
        (Some(old), Some(by)) => text!("{} -> {} by {}: {}\n", old, plan.csv, by, class(plan.step.class())),
        _ => text!("installs {}\n", plan.csv),
    };
    let mut shown = title;
    if plan.is_older {
        shown += text!("  {} this is an older version\n", Ink::Warning.on("back:"));
    }
    if let Some(version) = &plan.min_kube_version {
        shown += text!("  needs Kubernetes {} or newer\n", version);
    }
    if !plan.requires.is_empty() {
        shown += "  requires\n".into();
        shown.extend(plan.requires.iter().map(requirement));
    }
    shown += body(&plan.step) + refused(&plan.step.definitions);
    if plan.step.is_empty() && plan.step.unknown.is_empty() && plan.requires.is_empty() {
        shown += "  nothing changes for users\n".into();
    }
    shown
}

fn requirement(dependency: &Dependency) -> Text {
    let Dependency { required_by, what, met } = dependency;
    let met = match met {
        Met::Catalog { channel, csv, .. } => text!("OLM also installs {} (channel {})", csv, channel),
        Met::Nothing => {
            text!("{}: another catalog or the namespace must have it", Ink::Warning.on("not in this catalog"))
        }
        Met::Conflict { package } => {
            let ink = Ink::Error.on("conflict");
            text!("{}: no version of package {} meets all requirements", ink, package)
        }
    };
    text!("    {} requires {}\n      {}\n", required_by, what, met)
}

/// OLM's own check before it changes a definition, as in `validateExistingCRs`.
fn refused(definitions: &[DefinitionStep]) -> Text {
    let rejects = |change: &DefinitionChange| {
        change.class == Class::Breaking && matches!(change.outcome, Outcome::Rejected | Outcome::RejectedWhenChanged)
    };
    match definitions.iter().flat_map(|definition| definition.changes.iter()).any(rejects) {
        true => "  OLM fails the InstallPlan as long as a new definition rejects an existing resource\n".into(),
        false => Text::new(),
    }
}

/// The end of the path, and what to do if it is not the head.
fn end(plan: &Plan) -> Text {
    let stops = Ink::Error.on("the upgrade path stops");
    let (text, help) = match &plan.end {
        End::Head if plan.install_plans.is_empty() => {
            (text!("{}", Ink::Well.on("the head is installed: nothing to do")), Text::new())
        }
        End::Head if plan.has_open_requirements() => {
            let text = "the upgrade path reaches the head of the channel if something else meets the open requirements";
            (text!("{}", Ink::Warning.on(text)), "otherwise OLM chooses another version, or does not upgrade".into())
        }
        End::Head => (text!("{}", Ink::Well.on("the upgrade path reaches the head of the channel")), Text::new()),
        End::Stuck { csv, other_channels } => {
            let text = text!(
                "{} at {}: no entry of the channel replaces it, skips it, or has a skipRange that contains it",
                stops,
                csv
            );
            let others: Vec<Text> = other_channels
                .iter()
                .take(CHANNELS)
                .map(|other| text!("channel {} has an upgrade to {}", other.channel, other.csv))
                .collect();
            let help = match others.is_empty() {
                true => "add it to the replaces, skips or skipRange of an entry that OLM offers".into(),
                false => Text::from(", ").join(others),
            };
            (text, help)
        }
        End::Circle { csv } => {
            let text =
                text!("{} at {}, to which it returns: OLM would install the same versions over and over", stops, csv);
            (text, "only the newest entry should replace or skip it".into())
        }
        End::Kubernetes { csv, needs } => {
            let cluster = plan.kubernetes.as_deref().unwrap_or_default();
            let text = text!(
                "{} at {}, which needs Kubernetes {}: on {} OLM changes the definitions, but its ClusterServiceVersion stays pending",
                stops,
                csv,
                needs,
                cluster
            );
            (text, "upgrade the cluster before this InstallPlan is executed".into())
        }
        End::Conflict { csv, package } => {
            let text = text!(
                "{} before {}: OLM does not choose it, because its requirements for package {} conflict",
                stops,
                csv,
                package
            );
            (text, "it chooses the next entry that is an upgrade, if there is one".into())
        }
        End::Unordered { why } => {
            let text = text!("OLM installs nothing from channel {}: {}", plan.channel, why);
            (text, "`catalog validate` shows the entries".into())
        }
    };
    let help = if help.is_empty() { help } else { text!("  {} {}\n", Ink::Help.on("help:"), help) };
    text + "\n".into() + help
}

/// The effect of each kind of approval on these InstallPlans.
fn approval(plan: &Plan) -> Text {
    let count = plan.install_plans.len();
    let breaking = plan.install_plans.iter().filter(|plan| plan.step.class() == Some(Class::Breaking)).count();
    let worst = match breaking {
        _ if plan.from.is_none() => String::new(),
        0 => String::new(),
        1 if count == 1 => ", even though it is breaking".to_owned(),
        1 => ", including the breaking one".to_owned(),
        number => format!(", including the {number} breaking ones"),
    };
    let (manual, automatic) = match count {
        0 => return Text::new(),
        1 => ("OLM waits until the InstallPlan is approved", "OLM executes the InstallPlan without asking"),
        _ => (
            "each InstallPlan waits until it is approved; only then does OLM create the next one",
            "OLM executes one InstallPlan after the other without asking",
        ),
    };
    let whole =
        "Approval applies to a whole InstallPlan, including its changes for other Subscriptions in the namespace.";
    let mixed = "One Manual Subscription makes all InstallPlans in its namespace wait.";
    text!("\napproval\n  Manual: {}\n  Automatic: {}{}\n  {}\n  {}\n", manual, automatic, worst, whole, mixed)
}
