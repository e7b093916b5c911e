//! The possible severities of a rule's findings.

use crate::diagnostic::Severity;

/// The possible severities of a rule's findings. Errors always count; warnings can be ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// All are errors.
    Error,
    /// All are warnings.
    Warning,
    /// Some are errors, and some are warnings.
    Both,
}

impl Level {
    /// The severity of its worst findings.
    #[must_use]
    pub const fn worst(self) -> Severity {
        match self {
            Self::Error | Self::Both => Severity::Error,
            Self::Warning => Severity::Warning,
        }
    }

    /// Whether some of its findings are warnings.
    #[must_use]
    pub const fn warns(self) -> bool {
        matches!(self, Self::Warning | Self::Both)
    }

    /// `error`, `warning`, or `error or warning`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Both => "error or warning",
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
        }
    }
}
