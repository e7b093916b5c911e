//! A difference as lines, which are printed as text or Markdown.

use super::super::model::{
    BundleChange, ChannelChange, ContentChange, DeprecationChange, Outcome, PackageChange, Status, UserWay,
    WithdrawalChange,
};
use crate::words::plural;

/// The kind of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Added,
    Removed,
    Changed,
    /// A fact that is not a change.
    Fact,
    /// A fact that hurts users.
    Hurts,
}

/// A line: its indentation and text. It can contain foreign text, which is not escaped yet.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) sign: Sign,
    pub(super) depth: usize,
    pub(super) text: String,
}

fn line(sign: Sign, depth: usize, text: impl Into<String>) -> Line {
    Line { sign, depth, text: text.into() }
}

impl From<Status> for Sign {
    fn from(status: Status) -> Self {
        match status {
            Status::Added => Self::Added,
            Status::Removed => Self::Removed,
            Status::Changed => Self::Changed,
        }
    }
}

impl Sign {
    fn came(added: bool) -> Self {
        if added { Self::Added } else { Self::Removed }
    }
}

/// The changes of a package, without the users' upgrade paths. An added or removed package is one line.
pub(super) fn changes(package: &PackageChange) -> Vec<Line> {
    if package.status != Status::Changed {
        let (channels, bundles) = (package.channels.len(), package.bundles.len());
        let text = format!("the package, with {} and {}", plural(channels, "channel"), plural(bundles, "bundle"));
        return vec![line(package.status.into(), 0, text)];
    }
    let mut lines = Vec::new();
    if let Some(changed) = &package.default_channel {
        let text = format!("default channel {} -> {}", or_none(&changed.from), or_none(&changed.to));
        lines.push(line(Sign::Changed, 0, text));
    }
    lines.extend(package.fields.iter().map(|field| line(Sign::Changed, 0, *field)));
    package.channels.iter().for_each(|change| channel(change, &mut lines));
    package.bundles.iter().for_each(|change| bundle(change, &mut lines));
    lines.extend(package.deprecations.iter().map(deprecation));
    lines.extend(package.withdrawn.iter().map(withdrawal));
    lines
}

fn or_none(name: &str) -> &str {
    if name.is_empty() { "(none)" } else { name }
}

fn channel(change: &ChannelChange, lines: &mut Vec<Line>) {
    let head = match (&change.head, change.status) {
        (None, _) => String::new(),
        (Some(head), Status::Added) => format!(", head {}", or_none(&head.to)),
        (Some(head), Status::Removed) => format!(", head {}", or_none(&head.from)),
        (Some(head), Status::Changed) => format!(", head {} -> {}", or_none(&head.from), or_none(&head.to)),
    };
    lines.push(line(change.status.into(), 0, format!("channel {}{head}", change.name)));
    let entry = |sign| move |name: &String| line(sign, 1, format!("entry {name}"));
    lines.extend(change.entries_removed.iter().map(entry(Sign::Removed)));
    lines.extend(change.entries_added.iter().map(entry(Sign::Added)));
    let edge = |edge: &super::super::model::EdgeChange| {
        line(Sign::came(edge.added), 1, format!("{} {} {}", edge.entry, edge.field.as_str(), edge.value))
    };
    lines.extend(change.edges.iter().map(edge));
    if change.properties {
        lines.push(line(Sign::Changed, 1, "properties"));
    }
}

fn bundle(change: &BundleChange, lines: &mut Vec<Line>) {
    lines.push(line(change.status.into(), 0, format!("bundle {}", change.name)));
    lines.extend(change.content.iter().map(content));
}

fn content(change: &ContentChange) -> Line {
    let what = &change.what;
    let text = match (&change.from, &change.to) {
        (Some(from), Some(to)) => format!("{what}: {from} -> {to}"),
        (Some(one), None) | (None, Some(one)) => format!("{what}: {one}"),
        (None, None) => what.clone(),
    };
    line(change.status.into(), 1, text)
}

fn deprecation(change: &DeprecationChange) -> Line {
    let kind = change.schema.strip_prefix("olm.").unwrap_or(&change.schema);
    let part = if change.name.is_empty() { kind.to_owned() } else { format!("{kind} {}", change.name) };
    line(Sign::came(change.added), 0, format!("deprecation of {part}: {}", change.message.trim()))
}

fn withdrawal(change: &WithdrawalChange) -> Line {
    let part = match (&*change.bundle, &*change.channel) {
        ("", "") => "the package".to_owned(),
        (bundle, "") => format!("bundle {bundle}"),
        ("", channel) => format!("channel {channel}"),
        (bundle, channel) => format!("bundle {bundle} from channel {channel}"),
    };
    let (reason, to) = (change.reason.trim(), &change.upgrade_to);
    line(Sign::came(change.added), 0, format!("withdrawal of {part}, upgradeTo {to}: {reason}"))
}

/// The users' upgrade paths, one per line, channel by channel. None for a removed package.
pub(super) fn users(package: &PackageChange) -> Vec<Line> {
    let ways = package.users.iter().filter(|_| package.status != Status::Removed);
    ways.map(user).collect()
}

fn user(way: &UserWay) -> Line {
    let channel = match &way.change_to {
        Some(to) => format!("{} (withdrawn, change to {to})", way.channel),
        None => way.channel.clone(),
    };
    let before = if way.reached_before { "" } else { ", as before" };
    let steps = super::steps(way, 0);
    let end = match way.outcome {
        Outcome::Head if way.steps == 0 => " (head)".to_owned(),
        Outcome::Head => String::new(),
        Outcome::Stuck if way.steps == 0 => format!(": no upgrade{before}"),
        Outcome::Stuck => format!(": no further upgrade{before}"),
        Outcome::Circle => format!(": a cycle{before}"),
        Outcome::NoChannel => format!(": the channel was removed{before}"),
        Outcome::Unordered => format!(": OLM cannot sort the channel{before}"),
    };
    let hurts = way.reached_before && way.outcome != Outcome::Head;
    line(if hurts { Sign::Hurts } else { Sign::Fact }, 0, format!("{channel}: {steps}{end}"))
}
