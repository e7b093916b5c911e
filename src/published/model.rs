//! The difference of two catalogs, as data. Its JSON is what `catalog diff -o json` prints.

use schemars::JsonSchema;
use serde::Serialize;

/// Everything that changed between two catalogs: the packages in which something did, sorted by name. Empty where the
/// catalogs say the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The packages in which something changed.
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

/// A value that is another one now. An empty side has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The old value.
    pub from: String,
    /// The new value.
    pub to: String,
}

/// A package in which something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PackageChange {
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub status: Status,
    /// Its default channel, where that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_channel: Option<Changed>,
    /// The other fields of its `olm.package` blob that changed: `description`, `icon` and `properties`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<&'static str>,
    /// Its channels in which something changed, by name.
    pub channels: Vec<ChannelChange>,
    /// Its bundles in which something changed, by name.
    pub bundles: Vec<BundleChange>,
    /// Its deprecations that came or went. One whose message changed is both.
    pub deprecations: Vec<DeprecationChange>,
    /// The entries of its withdrawn list that came or went. One that changed is both.
    pub withdrawn: Vec<WithdrawalChange>,
    /// For each channel and each version of the old catalog, how its users go on in the new one.
    pub users: Vec<UserWay>,
}

/// A channel in which something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelChange {
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub status: Status,
    /// Its head, where that changed. A side without one head is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Changed>,
    /// The bundles that stand in it now and did not.
    pub entries_added: Vec<String>,
    /// The bundles that stood in it and do not now.
    pub entries_removed: Vec<String>,
    /// The edges that came and went, as entries declare them.
    pub edges: Vec<EdgeChange>,
    /// Whether its properties changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub properties: bool,
}

/// An edge that came or went.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EdgeChange {
    /// The entry that declares it, which is upgraded to.
    pub entry: String,
    /// The field that declares it.
    pub field: EdgeField,
    /// The bundle that is upgraded, or the range of versions.
    pub value: String,
    /// Whether it came; otherwise it went.
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

/// A bundle in which something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundleChange {
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub status: Status,
    /// What is different in it, where both catalogs have it.
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
    /// The old value, shortened where it is long. Left out where there was none, or it is too long to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new value, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How bad it is.
    pub harm: Harm,
}

/// How bad a change of a published bundle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Harm {
    /// The content is the same: its image has another name and the same digest.
    None,
    /// OLM installs the same. User interfaces and mirrors see something else.
    Warning,
    /// OLM installs or resolves something else.
    Error,
}

/// A deprecation that came or went.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeprecationChange {
    /// The schema of the deprecated part.
    pub schema: String,
    /// Its name. Empty for the package itself.
    pub name: String,
    /// Whether it came; otherwise it went.
    pub added: bool,
    /// What users are told.
    pub message: String,
}

/// An entry of a withdrawn list that came or went; the fields are those of [`super::withdrawn::Withdrawal`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WithdrawalChange {
    /// The bundle, or empty.
    pub bundle: String,
    /// The channel, or empty.
    pub channel: String,
    /// Whether it came; otherwise it went.
    pub added: bool,
    /// Why it is withdrawn.
    pub reason: String,
    /// Where its users go.
    pub upgrade_to: String,
}

/// How the users of a version who follow a channel go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserWay {
    /// The channel.
    pub channel: String,
    /// The channel that its withdrawal sends them to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_to: Option<String>,
    /// The version that they have.
    pub bundle: String,
    /// Where they get.
    pub outcome: Outcome,
    /// The versions that OLM installs one after the other, from theirs on. Of a long way only the first 100, and fewer in channels of
    /// more than 10,000 users.
    pub way: Vec<String>,
    /// The last version of the way. Empty where it goes round in a circle.
    pub end: String,
    /// How many upgrades the whole way has.
    pub steps: usize,
    /// Whether they reached the head in the old catalog.
    pub reached_before: bool,
}

/// Where a user's way ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// At the head of the channel.
    Head,
    /// At a version that is not the head and that nothing upgrades.
    Stuck,
    /// Nowhere: the upgrades go round in a circle.
    Circle,
    /// There is no such channel any more.
    NoChannel,
    /// The channel has no head or several heads, or its entries replace one another in a circle: OLM upgrades nobody.
    Unordered,
}
