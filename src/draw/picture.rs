//! The rows and arrows of a drawing, independent of its format.

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
    /// The message for users, if the package is deprecated.
    pub package_deprecation: Option<&'c str>,
    /// The message for users, if the channel is deprecated.
    pub deprecation: Option<&'c str>,
    /// The entries, and the names that are not in the channel, from top to bottom.
    pub rows: Vec<Row<'c>>,
    /// The upgrades, sorted.
    pub arrows: Vec<Arrow>,
    /// The defects of the channel as a whole, as sentences without a full stop.
    pub defects: Vec<String>,
}

/// A row of a [`Picture`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'c> {
    /// The entry's name. With [`Note::Missing`], the names that are not in the channel.
    pub names: Vec<&'c str>,
    /// The entry's short name: its version, or its name if it has none.
    pub label: String,
    /// Whether the name is more specific than the label: it is not `<package>.v<version>`.
    pub is_named: bool,
    /// Its position.
    pub place: Place,
    /// The row in the chain that it is beside.
    pub anchor: Option<usize>,
    /// Its notes.
    pub notes: Vec<Note<'c>>,
}

/// The position of a row.
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
    /// The row of the entry to which users are upgraded.
    pub to: usize,
    /// The row of the entry from which users are upgraded.
    pub from: usize,
    /// The reasons.
    pub kinds: Kinds,
    /// Its course.
    pub shape: Shape,
    /// Whether it hardly matters: it leads to a skipped entry, or replaces a skipped one.
    pub is_pale: bool,
}

impl Picture<'_> {
    /// Its title: the package, the channel, and whether that is the default.
    #[must_use]
    pub fn title(&self) -> String {
        let default = if self.is_default { " (default)" } else { "" };
        format!("{}, channel {}{default}", self.package, self.channel)
    }

    /// The deprecated parts, with the messages for users.
    #[must_use]
    pub fn deprecations(&self) -> Vec<(&'static str, &str)> {
        let both = [("the package", self.package_deprecation), ("the channel", self.deprecation)];
        both.into_iter().filter_map(|(what, message)| Some((what, message?))).collect()
    }

    /// The notes about it as a whole: deprecations and defects. Foreign text that has not been escaped.
    #[must_use]
    pub fn about(&self) -> Vec<String> {
        let deprecated =
            self.deprecations().into_iter().map(|(what, message)| format!("{what} is deprecated: {message}"));
        deprecated.chain(self.defects.iter().cloned()).collect()
    }

    /// The look of [`Picture::about`], if it is not empty.
    #[must_use]
    pub fn look(&self) -> Option<Look> {
        match (self.defects.is_empty(), self.deprecations().is_empty()) {
            (false, _) => Some(Look::Defect),
            (true, false) => Some(Look::Deprecated),
            (true, true) => None,
        }
    }

    /// How many entries it has, and its head.
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

/// The reasons for an [`Arrow`]: at least one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kinds {
    /// `replaces`
    pub replaces: bool,
    /// `skips`
    pub skips: bool,
    /// `skipRange`
    pub skip_range: bool,
}

/// The course of an [`Arrow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Straight along the chain, to the next row in it.
    Spine,
    /// From a row beside the chain to its row in the chain.
    Branch,
    /// Around the rows in between.
    Around,
}

impl Row<'_> {
    /// Its look.
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

    /// All its texts, line by line: its label, its name if that is more specific, and its notes. Foreign text that has
    /// not been escaped.
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

    /// The message for users, if it is deprecated.
    #[must_use]
    pub fn deprecation(&self) -> Option<&str> {
        self.notes.iter().find_map(|note| match note {
            Note::Deprecated(message) => Some(*message),
            _ => None,
        })
    }

    /// Whether it has a defect.
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

    /// The kind by which the arrow is drawn: `replaces` before `skips` before `skipRange`.
    #[must_use]
    pub fn main(self) -> EdgeKind {
        match (self.replaces, self.skips) {
            (true, _) => EdgeKind::Replaces,
            (_, true) => EdgeKind::Skips,
            _ => EdgeKind::SkipRange,
        }
    }

    /// Its fields, such as `replaces, skips`.
    #[must_use]
    pub fn words(self) -> String {
        let all = [(self.replaces, "replaces"), (self.skips, "skips"), (self.skip_range, "skipRange")];
        let words: Vec<&str> = all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        words.join(", ")
    }
}
