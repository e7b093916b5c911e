//! What is drawn: rows and arrows, before any format.

use super::note::{Look, Note};
use crate::graph::EdgeKind;
use crate::words::{count, shortened};

/// The upgrade graph of a channel, laid out.
#[derive(Clone, Debug)]
pub struct Picture<'c> {
    /// The package.
    pub package: &'c str,
    /// The channel.
    pub channel: &'c str,
    /// Whether it is the package's default channel.
    pub is_default: bool,
    /// What users are told where the package is deprecated.
    pub package_deprecation: Option<&'c str>,
    /// What users are told where the channel is deprecated.
    pub deprecation: Option<&'c str>,
    /// The entries, and what they name that is not in the channel. From the top to the bottom.
    pub rows: Vec<Row<'c>>,
    /// The upgrades, sorted.
    pub arrows: Vec<Arrow>,
    /// What is wrong with the channel as a whole, in sentences without a full stop.
    pub defects: Vec<String>,
}

/// A row of a [`Picture`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'c> {
    /// The entry's name. Where [`Note::Missing`] is among the notes: what entries name that is not in the channel.
    pub names: Vec<&'c str>,
    /// How the entry is called in short: its version, or its name where it has none.
    pub label: String,
    /// Whether the name says more than the label: it is not `<package>.v<version>`.
    pub is_named: bool,
    /// Where it stands.
    pub place: Place,
    /// The row in the chain that it stands beside.
    pub anchor: Option<usize>,
    /// What is to be said of it.
    pub notes: Vec<Note<'c>>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a chain of entries that replace each other.
    Chain,
    /// Beside it.
    Beside,
}

/// An upgrade of a [`Picture`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// The row of the entry that is upgraded to.
    pub to: usize,
    /// The row of the entry that is upgraded.
    pub from: usize,
    /// Why.
    pub kinds: Kinds,
    /// How it runs.
    pub shape: Shape,
    /// Whether it hardly matters: it leads to an entry that is skipped, or replaces one that is skipped.
    pub is_pale: bool,
}

impl Picture<'_> {
    /// What stands above it: the package, the channel, and what is special about them.
    #[must_use]
    pub fn title(&self) -> String {
        let default = if self.is_default { " (default)" } else { "" };
        format!("{}, channel {}{default}", self.package, self.channel)
    }

    /// What is deprecated of it as a whole, and what users are told.
    #[must_use]
    pub fn deprecations(&self) -> Vec<(&'static str, &str)> {
        let both = [("the package", self.package_deprecation), ("the channel", self.deprecation)];
        both.into_iter().filter_map(|(what, message)| Some((what, message?))).collect()
    }

    /// What is to be said of it as a whole: deprecations and defects. Foreign text that has not been escaped.
    #[must_use]
    pub fn about(&self) -> Vec<String> {
        let deprecated =
            self.deprecations().into_iter().map(|(what, message)| format!("{what} is deprecated: {message}"));
        deprecated.chain(self.defects.iter().cloned()).collect()
    }

    /// How what [`Picture::about`] says looks, where it says something.
    #[must_use]
    pub fn look(&self) -> Option<Look> {
        match (self.defects.is_empty(), self.deprecations().is_empty()) {
            (false, _) => Some(Look::Defect),
            (true, false) => Some(Look::Deprecated),
            (true, true) => None,
        }
    }

    /// How many entries it has, and which is the head.
    #[must_use]
    pub fn summary(&self) -> String {
        let entries = self.rows.iter().filter(|row| !row.is_missing()).count();
        let heads: Vec<&str> = self.rows.iter().filter(|row| row.is_head()).map(|row| row.label.as_str()).collect();
        match &heads[..] {
            [] => count(entries, "entry", "entries"),
            [head] => format!("{}, head {head}", count(entries, "entry", "entries")),
            heads => format!("{}, heads {}", count(entries, "entry", "entries"), shortened(heads)),
        }
    }
}

/// What makes an [`Arrow`]: at least one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kinds {
    /// `replaces`
    pub replaces: bool,
    /// `skips`
    pub skips: bool,
    /// `skipRange`
    pub skip_range: bool,
}

/// How an [`Arrow`] runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Straight along the chain, to the next row in it.
    Spine,
    /// From a row beside the chain to the one that it stands beside.
    Branch,
    /// Around the rows between.
    Around,
}

impl Row<'_> {
    /// How it looks.
    #[must_use]
    pub fn look(&self) -> Look {
        match () {
            () if self.is_defect() => Look::Defect,
            () if self.deprecation().is_some() => Look::Deprecated,
            () if self.is_head() => Look::Head,
            () if self.is_missing() => Look::Missing,
            () if self.is_skipped() => Look::Skipped,
            () => Look::Entry,
        }
    }

    /// All that is to be said of it, line by line: its label, its name where that says more, and its notes. Foreign
    /// text that has not been escaped.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.label.clone()];
        if self.is_named || self.names.len() > 1 {
            lines.push(shortened(&self.names));
        }
        lines.extend(self.notes.iter().map(Note::words));
        lines
    }

    /// Whether it is the head.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.notes.contains(&Note::Head)
    }

    /// Whether it is not in the channel.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.notes.contains(&Note::Missing)
    }

    /// Whether another entry skips it.
    #[must_use]
    pub fn is_skipped(&self) -> bool {
        self.notes.contains(&Note::Skipped)
    }

    /// What users are told where it is deprecated.
    #[must_use]
    pub fn deprecation(&self) -> Option<&str> {
        self.notes.iter().find_map(|note| match note {
            Note::Deprecated(message) => Some(*message),
            _ => None,
        })
    }

    /// Whether something is wrong with it.
    #[must_use]
    pub fn is_defect(&self) -> bool {
        self.notes.iter().any(Note::is_defect)
    }
}

impl Kinds {
    /// Adds a kind.
    pub fn add(&mut self, kind: EdgeKind) {
        match kind {
            EdgeKind::Replaces => self.replaces = true,
            EdgeKind::Skips => self.skips = true,
            EdgeKind::SkipRange => self.skip_range = true,
        }
    }

    /// The kind that the arrow is drawn as: `replaces` before `skips` before `skipRange`.
    #[must_use]
    pub fn main(self) -> EdgeKind {
        match (self.replaces, self.skips) {
            (true, _) => EdgeKind::Replaces,
            (_, true) => EdgeKind::Skips,
            _ => EdgeKind::SkipRange,
        }
    }

    /// The fields that make it, such as `replaces, skips`.
    #[must_use]
    pub fn words(self) -> String {
        let all = [(self.replaces, "replaces"), (self.skips, "skips"), (self.skip_range, "skipRange")];
        let words: Vec<&str> = all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        words.join(", ")
    }
}
