//! What a fact about a core type can be, when it holds, and the types that controller-gen knows by itself.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::BuiltWith;
use super::table::TYPES;

/// One core type and what changed in it.
pub(super) struct Type {
    /// The name without `io.k8s.api.` or `io.k8s.apimachinery.pkg.apis.`: `core.v1.Container`.
    pub(super) name: &'static str,
    /// The Kubernetes minor that has the type first; 18 where that is before all releases at hand.
    pub(super) since: u32,
    pub(super) facts: &'static [Fact],
}

/// One fact about a type. Numbers are Kubernetes minors, names are fields of the type.
pub(super) enum Fact {
    /// These fields came with this minor.
    Since(u32, &'static [&'static str]),
    /// These minors had this field, which is gone since. Its schema, as JSON.
    Gone(Range<u32>, &'static str, &'static str),
    /// The field was required in these minors; the newest definition has it optional.
    Required(Range<u32>, &'static str),
    /// The field was optional in these minors; the newest definition has it required.
    Optional(Range<u32>, &'static str),
    /// The type is marked `+structType=atomic` in these minors.
    Atomic(Range<u32>),
    /// The field, a map, is marked `+mapType=atomic` since this minor.
    AtomicMap(u32, &'static str),
    /// The field, a list, is marked `+listType=atomic` since this minor.
    AtomicList(u32, &'static str),
    /// The field, a list, is marked `+listType=map` with these `+listMapKey`s since this minor.
    ListMap(u32, &'static str, &'static [&'static str]),
    /// The field is a `core/v1.Protocol`, which controller-gen gives a default.
    Protocol(&'static str),
    /// The field has `+kubebuilder:validation` markers. The keywords they become, as JSON.
    Bounds(&'static str, &'static str),
}

/// The controller-gen release that first gives `core/v1.Protocol` the default TCP (0.4.1).
const PROTOCOL_DEFAULT: (u32, u32) = (0, 4);

/// The controller-gen release that first reads `+structType=atomic` on a type (0.9.2). All read it on fields.
/// Nothing else changed in the schemas of core types from 0.3.0 to 0.11.4.
const TYPE_MARKERS: (u32, u32) = (0, 9);

impl Fact {
    /// Whether the fact is one about a release that was built like this.
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

    /// Whether this fact says when the field came.
    pub(super) fn adds(&self, field: &str) -> bool {
        matches!(self, Self::Since(_, fields) if fields.contains(&field))
    }
}

/// The facts of a type, by the name that schemars gives it.
pub(super) fn of(name: &str) -> Option<&'static Type> {
    let short = name.strip_prefix("io.k8s.api.").or_else(|| name.strip_prefix("io.k8s.apimachinery.pkg.apis."))?;
    let at = TYPES.binary_search_by(|ty| ty.name.cmp(short)).ok()?;
    TYPES.get(at)
}

/// JSON of the table as a map of keywords.
pub(super) fn read(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).expect("a unit test reads all JSON of the table")
}

/// The name of `ObjectMeta`, of which controller-gen embeds no field.
pub(super) const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// What controller-gen puts in place of types that marshal themselves: `pkg/crd/known_types.go` of controller-tools,
/// the same from 0.3 to 0.11.
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

/// What a quantity looks like as a string: sign, number, then a binary or decimal suffix or an exponent.
const QUANTITY: &str = concat!(
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))",
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$",
);
