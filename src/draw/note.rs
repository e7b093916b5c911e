//! The notes of a row, and its resulting look.

/// A note of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note<'c> {
    /// It is the head: no entry replaces or skips it, and new users get it.
    Head,
    /// Another entry skips it.
    Skipped,
    /// It is deprecated, with this message for users.
    Deprecated(&'c str),
    /// It upgrades all versions of a range.
    Range {
        /// The range.
        range: &'c str,
        /// How many entries of the channel are in it.
        entries: usize,
    },
    /// Defect: its `skipRange` is invalid.
    BadRange(&'c str),
    /// Defect: the package has no bundle of this name.
    NoBundle,
    /// It is not in the channel.
    Missing,
    /// Defect: the chain of `replaces` from the head does not reach it, and no entry skips it.
    Stranded,
    /// Defect: it is in a cycle, or only a cycle leads to it.
    Cycle,
}

/// The look of a row, which has only one: defects take precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It has a defect.
    Defect,
    /// It is deprecated.
    Deprecated,
    /// It is the head.
    Head,
    /// It is not in the channel.
    Missing,
    /// It is skipped.
    Skipped,
    /// It is an ordinary entry.
    Entry,
}

impl Look {
    /// All of them.
    pub const EVERY: [Self; 6] =
        [Self::Defect, Self::Deprecated, Self::Head, Self::Missing, Self::Skipped, Self::Entry];

    /// Its name in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Defect => "defect",
            Self::Deprecated => "deprecated",
            Self::Head => "head",
            Self::Missing => "missing",
            Self::Skipped => "skipped",
            Self::Entry => "entry",
        }
    }
}

impl Note<'_> {
    /// Whether it is a defect.
    #[must_use]
    pub fn is_defect(&self) -> bool {
        matches!(self, Self::BadRange(_) | Self::NoBundle | Self::Stranded | Self::Cycle)
    }

    /// The note in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Head => "head".into(),
            Self::Skipped => "skipped".into(),
            Self::Deprecated(_) => "deprecated".into(),
            Self::Range { range, .. } => format!("skipRange {range}"),
            Self::BadRange(range) => format!("skipRange {range:?} is not a range"),
            Self::NoBundle => "has no bundle".into(),
            Self::Missing => "not in this channel".into(),
            Self::Stranded => "stranded".into(),
            Self::Cycle => "in a cycle".into(),
        }
    }
}
