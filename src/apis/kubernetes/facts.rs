//! The kinds of facts about core types, when they apply, and the types that controller-gen handles specially.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::BuiltWith;
use super::table::TYPES;

/// A core type and its changes.
pub(super) struct Type {
    /// The name without `io.k8s.api.` or `io.k8s.apimachinery.pkg.apis.`: `core.v1.Container`.
    pub(super) name: &'static str,
    /// The first Kubernetes minor version that has the type; 18 if it existed before all known releases.
    pub(super) since: u32,
    pub(super) facts: &'static [Fact],
}

/// A fact about a type. Numbers are Kubernetes minor versions, and names are fields of the type.
pub(super) enum Fact {
    /// These fields were added in this minor version.
    Since(u32, &'static [&'static str]),
    /// These minor versions had this field, which was removed later. Its schema, as JSON.
    Gone(Range<u32>, &'static str, &'static str),
    /// The field was required in these minor versions, but is optional in the newest definition.
    Required(Range<u32>, &'static str),
    /// The field was optional in these minor versions, but is required in the newest definition.
    Optional(Range<u32>, &'static str),
    /// The type is marked `+structType=atomic` in these minor versions.
    Atomic(Range<u32>),
    /// The field, a map, is marked `+mapType=atomic` since this minor version.
    AtomicMap(u32, &'static str),
    /// The field, a list, is marked `+listType=atomic` since this minor version.
    AtomicList(u32, &'static str),
    /// The field, a list, is marked `+listType=map` with these `+listMapKey`s since this minor version.
    ListMap(u32, &'static str, &'static [&'static str]),
    /// The field is a `core/v1.Protocol`, for which controller-gen sets a default.
    Protocol(&'static str),
    /// The field has `+kubebuilder:validation` markers. The resulting keywords, as JSON.
    Bounds(&'static str, &'static str),
}

/// The first controller-gen release that gives `core/v1.Protocol` the default TCP (0.4.1).
const PROTOCOL_DEFAULT: (u32, u32) = (0, 4);

/// The first controller-gen release that reads `+structType=atomic` on a type (0.9.2). All releases read it on fields.
/// Nothing else changed in the schemas of core types from 0.3.0 to 0.11.4.
const TYPE_MARKERS: (u32, u32) = (0, 9);

impl Fact {
    /// Whether the fact applies to a release that was built with these versions.
    pub(super) fn holds(&self, with: BuiltWith) -> bool {
        let BuiltWith { kubernetes, controller_gen } = with;
        match self {
            Self::Since(since, ..) | Self::AtomicMap(since, ..) | Self::AtomicList(since, ..) => kubernetes >= *since,
            Self::ListMap(since, ..) => kubernetes >= *since,
            Self::Gone(minors, ..) | Self::Required(minors, ..) | Self::Optional(minors, ..) => {
                minors.contains(&kubernetes)
            }
            Self::Atomic(minors) => minors.contains(&kubernetes) && controller_gen >= TYPE_MARKERS,
            Self::Protocol(_) => controller_gen >= PROTOCOL_DEFAULT,
            Self::Bounds(..) => true,
        }
    }

    /// Whether this fact says when the field was added.
    pub(super) fn adds(&self, field: &str) -> bool {
        matches!(self, Self::Since(_, fields) if fields.contains(&field))
    }
}

/// The facts about a type, by its name in schemars.
pub(super) fn of(name: &str) -> Option<&'static Type> {
    let short = name.strip_prefix("io.k8s.api.").or_else(|| name.strip_prefix("io.k8s.apimachinery.pkg.apis."))?;
    let at = TYPES.binary_search_by(|ty| ty.name.cmp(short)).ok()?;
    TYPES.get(at)
}

/// JSON of the table as a map of keywords.
pub(super) fn read(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).expect("a unit test reads all JSON of the table")
}

/// The name of `ObjectMeta`, whose fields controller-gen does not embed.
pub(super) const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// The schemas that controller-gen uses for types with their own marshalling: `pkg/crd/known_types.go` of
/// controller-tools, the same from 0.3 to 0.11.
pub(super) fn well_known(name: &str) -> Option<Value> {
    match name.strip_prefix("io.k8s.apimachinery.pkg.")? {
        "api.resource.Quantity" => Some(json!({
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "pattern": QUANTITY,
            "x-kubernetes-int-or-string": true,
        })),
        "apis.meta.v1.MicroTime" | "apis.meta.v1.Time" => Some(json!({"type": "string", "format": "date-time"})),
        "apis.meta.v1.FieldsV1" | "apis.meta.v1.ObjectMeta" => Some(json!({"type": "object"})),
        "util.intstr.IntOrString" => Some(json!({
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "x-kubernetes-int-or-string": true,
        })),
        _ => None,
    }
}

/// The form of a quantity as a string: sign, number, then a binary or decimal suffix or an exponent.
const QUANTITY: &str = concat!(
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))",
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$",
);
