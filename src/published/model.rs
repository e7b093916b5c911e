//! The difference of two catalogs, as data. Its JSON is what `catalog diff -o json` prints.

use schemars::JsonSchema;
use serde::Serialize;

/// All changes between two catalogs: the packages with changes, sorted by name. Empty if the catalogs are equivalent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The packages that changed.
    pub packages: Vec<PackageChange>,
}

/// What happened to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Only the new catalog has it.
    Added,
    /// Only the old catalog has it.
    Removed,
    /// Both have it, and it is different.
    Changed,
}

/// A changed value. A missing value is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The old value.
    pub from: String,
    /// The new value.
    pub to: String,
}

/// A package that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PackageChange {
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub status: Status,
    /// Its default channel, if that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_channel: Option<Changed>,
    /// The other fields of its `olm.package` blob that changed: `description`, `icon` and `properties`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<&'static str>,
    /// Its channels that changed, by name.
    pub channels: Vec<ChannelChange>,
    /// Its bundles that changed, by name.
    pub bundles: Vec<BundleChange>,
    /// Its deprecations that were added or removed. One with a changed message is in both.
    pub deprecations: Vec<DeprecationChange>,
    /// The entries of its withdrawn list that were added or removed. A changed one is in both.
    pub withdrawn: Vec<WithdrawalChange>,
    /// For each channel and each version of the old catalog, how its users are upgraded in the new one.
    pub users: Vec<UserWay>,
}

/// A channel that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelChange {
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub status: Status,
    /// Its head, if that changed. Empty for a catalog in which it does not have exactly one head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Changed>,
    /// The bundles that were added to it.
    pub entries_added: Vec<String>,
    /// The bundles that were removed from it.
    pub entries_removed: Vec<String>,
    /// The edges that were added and removed, as entries declare them.
    pub edges: Vec<EdgeChange>,
    /// Whether its properties changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub properties: bool,
}

/// An edge that was added or removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EdgeChange {
    /// The entry that declares it, which users are upgraded to.
    pub entry: String,
    /// The field that declares it.
    pub field: EdgeField,
    /// The bundle that is upgraded, or the range of versions.
    pub value: String,
    /// Whether it was added; otherwise it was removed.
    pub added: bool,
}

/// The field of an entry that declares edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EdgeField {
    /// `replaces`
    Replaces,
    /// `skips`
    Skips,
    /// `skipRange`
    SkipRange,
}

impl EdgeField {
    /// The field's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replaces => "replaces",
            Self::Skips => "skips",
            Self::SkipRange => "skipRange",
        }
    }
}

/// A bundle that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundleChange {
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub status: Status,
    /// The differences of its content, if both catalogs have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<ContentChange>,
}

/// One difference of a bundle under the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContentChange {
    /// The field of the bundle's blob: `image`, `properties` or `relatedImages`.
    pub field: &'static str,
    /// What changed: a property's type, `object <kind> <name>`, or the field again.
    pub what: String,
    /// What happened to it.
    pub status: Status,
    /// The old value, shortened if it is long. Omitted if there was none, or it is too long to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new value, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The severity.
    pub harm: Harm,
}

/// How harmful a change of a published bundle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Harm {
    /// The content is the same: its image has another name but the same digest.
    None,
    /// OLM installs the same. User interfaces and mirrors see a difference.
    Warning,
    /// OLM installs or resolves something different.
    Error,
}

/// A deprecation that was added or removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeprecationChange {
    /// The schema of the deprecated part.
    pub schema: String,
    /// Its name. Empty for the package itself.
    pub name: String,
    /// Whether it was added; otherwise it was removed.
    pub added: bool,
    /// The message for users.
    pub message: String,
}

/// An entry of a withdrawn list that was added or removed; the fields are those of [`super::withdrawn::Withdrawal`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WithdrawalChange {
    /// The bundle, or empty.
    pub bundle: String,
    /// The channel, or empty.
    pub channel: String,
    /// Whether it was added; otherwise it was removed.
    pub added: bool,
    /// Why it is withdrawn.
    pub reason: String,
    /// Where its users are upgraded to.
    pub upgrade_to: String,
}

/// How the users of a version who follow a channel are upgraded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserWay {
    /// The channel.
    pub channel: String,
    /// The channel that its withdrawal sends them to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_to: Option<String>,
    /// The version that they have installed.
    pub bundle: String,
    /// Where they end.
    pub outcome: Outcome,
    /// The versions that OLM installs one after the other, starting with theirs. Of a long path only the first 100, and
    /// fewer in channels with more than 10,000 users.
    pub way: Vec<String>,
    /// The last version of the path. Empty if it is a cycle.
    pub end: String,
    /// The number of upgrades in the whole path.
    pub steps: usize,
    /// Whether they reached the head in the old catalog.
    pub reached_before: bool,
}

/// Where a user's upgrade path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// At the head of the channel.
    Head,
    /// At a version that is not the head and has no upgrade.
    Stuck,
    /// Nowhere: the upgrades form a cycle.
    Circle,
    /// The channel does not exist any more.
    NoChannel,
    /// The channel has no head or several heads, or its entries replace one another in a cycle: OLM upgrades nobody.
    Unordered,
}
