//! The platforms of images.

use std::fmt;
use std::str::FromStr;

use super::spec;

/// A platform that OLM has images for: always Linux. The order is that of indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// `linux/amd64`
    Amd64,
    /// `linux/arm64`
    Arm64,
    /// `linux/ppc64le`
    Ppc64le,
    /// `linux/s390x`
    S390x,
}

/// Text that is not a supported platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a supported platform; choose linux/amd64, linux/arm64, linux/ppc64le or linux/s390x")]
pub struct BadPlatform(String);

impl Platform {
    /// All, sorted.
    pub const ALL: [Self; 4] = [Self::Amd64, Self::Arm64, Self::Ppc64le, Self::S390x];

    /// As in options and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amd64 => "linux/amd64",
            Self::Arm64 => "linux/arm64",
            Self::Ppc64le => "linux/ppc64le",
            Self::S390x => "linux/s390x",
        }
    }

    /// The architecture, by Go's name.
    #[must_use]
    pub fn architecture(self) -> &'static str {
        &self.as_str()["linux/".len()..]
    }

    /// The platform of an image's manifest, if it is one of these.
    #[must_use]
    pub fn of(platform: &spec::Platform) -> Option<Self> {
        Self::ALL.into_iter().find(|it| platform.os == "linux" && platform.architecture == it.architecture())
    }

    /// As in an image's index.
    #[must_use]
    pub fn spec(self) -> spec::Platform {
        spec::Platform { architecture: self.architecture().to_owned(), os: "linux".to_owned() }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Platform {
    type Err = BadPlatform;

    fn from_str(text: &str) -> Result<Self, BadPlatform> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or_else(|| BadPlatform(text.to_owned()))
    }
}
