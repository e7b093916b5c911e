//! The values of `olm.constraint` properties, as `operator-framework/api/pkg/constraints` parses them: fields that are
//! unknown or of the wrong type, large values and constraints without a kind are errors. Of several kinds, one counts.

use serde_json::{Map, Value};

use super::{Api, BadConstraint, Facts};
use crate::validate::context::text_field;
use crate::version::Range;
use crate::yaml::{Route, field, to_property_json};

/// The depth of nested constraints that are checked. Deeper ones are assumed to be met.
const DEPTH: usize = 32;

/// How many bytes of JSON OLM reads: `maxConstraintSize`.
const BYTES: usize = 2 << 16;

/// The fields of a constraint, in the order in which they count.
const KINDS: [&str; 6] = ["gvk", "package", "all", "any", "not", "cel"];

/// A requirement for one bundle.
#[derive(Debug)]
pub(crate) enum Constraint<'c> {
    /// The bundle belongs to a package, and its version is in a range.
    Package(&'c str, &'c str),
    /// The bundle provides an API.
    Api(Api<'c>),
    /// All of these hold.
    All(Vec<Constraint<'c>>),
    /// One of these holds.
    Any(Vec<Constraint<'c>>),
    /// None of these holds.
    Not(Vec<Constraint<'c>>),
    /// Unknown here: a CEL expression.
    Unknown,
}

impl<'c> Constraint<'c> {
    /// Parses the value of a property.
    pub(super) fn parse(value: &'c Value) -> Result<Self, BadConstraint> {
        if to_property_json(value).len() > BYTES {
            return bad(Route::root(), format!("it is larger than {BYTES} bytes"));
        }
        decode(value, &Route::root())?;
        Self::read(value, &Route::root())
    }

    /// Parses a decoded value. `route` is its place.
    fn read(value: &'c Value, route: &Route) -> Result<Self, BadConstraint> {
        let there = |kind: &&&str| field(value, kind).is_some_and(|found| !found.is_null());
        let Some(kind) = KINDS.iter().find(there) else { return bad(route.clone(), "it is empty".into()) };
        let (found, route) = (field(value, kind).unwrap_or(&Value::Null), route.clone().key(*kind));
        match *kind {
            "gvk" => Ok(Self::Api(Api::new(found))),
            "package" => {
                let range = text_field(found, "versionRange");
                match range.parse::<Range>() {
                    Ok(_) => Ok(Self::Package(text_field(found, "packageName"), range)),
                    Err(error) => bad(route.key("versionRange"), format!("{range:?} is not a version range: {error}")),
                }
            }
            "cel" => Ok(Self::Unknown),
            _ if is_deep(&route) => Ok(Self::Unknown),
            kind => {
                let list = field(found, "constraints").and_then(Value::as_array);
                let items = list.map(Vec::as_slice).unwrap_or_default().iter().enumerate();
                let route = route.key("constraints");
                let all = items.map(|(i, item)| Self::read(item, &route.clone().index(i))).collect::<Result<_, _>>()?;
                Ok(match kind {
                    "all" => Self::All(all),
                    "any" => Self::Any(all),
                    _ => Self::Not(all),
                })
            }
        }
    }

    /// The number of constraints in it.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::All(all) | Self::Any(all) | Self::Not(all) => 1 + all.iter().map(Self::size).sum::<usize>(),
            Self::Package(..) | Self::Api(_) | Self::Unknown => 1,
        }
    }

    /// Whether it can hold for a bundle, and whether it can fail.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> (bool, bool) {
        let both = |all: &[Self]| {
            let each: Vec<(bool, bool)> = all.iter().map(|constraint| constraint.holds(facts)).collect();
            let any = (each.iter().any(|may| may.0), each.iter().all(|may| may.1));
            let all = (each.iter().all(|may| may.0), each.iter().any(|may| may.1));
            (any, all)
        };
        let certain = |holds: bool| (holds, !holds);
        match self {
            Self::Package(name, range) => {
                let inside = |range: Range| facts.version.as_ref().is_some_and(|version| range.contains(version));
                certain(facts.package == *name && range.parse().is_ok_and(inside))
            }
            Self::Api(api) => certain(facts.apis.iter().any(|provided| provided == api)),
            Self::Any(all) => both(all).0,
            Self::All(all) => both(all).1,
            Self::Not(all) => {
                let (may, may_not) = both(all).0;
                (may_not, may)
            }
            Self::Unknown => (true, true),
        }
    }
}

fn bad<T>(route: Route, why: String) -> Result<T, BadConstraint> {
    Err(BadConstraint { route, why })
}

fn is_deep(route: &Route) -> bool {
    route.0.len() > 3 * DEPTH
}

/// Whether Go accepts the fields of a constraint, including those that do not count. Null means absent.
fn decode(value: &Value, route: &Route) -> Result<(), BadConstraint> {
    for (key, found) in fields(value, route)? {
        let route = route.clone().key(key);
        let Some(kind) = KINDS.iter().find(|kind| kind.eq_ignore_ascii_case(key)) else {
            match key.eq_ignore_ascii_case("failureMessage") {
                true => text(key, found, route)?,
                false => return bad(route, format!("{key:?} is not a kind of constraint")),
            }
            continue;
        };
        let known: &[&str] = match *kind {
            "gvk" => &["group", "version", "kind"],
            "package" => &["packageName", "versionRange"],
            "cel" => &["rule"],
            _ => &["constraints"],
        };
        for (key, found) in fields(found, &route)? {
            let route = route.clone().key(key);
            if !known.iter().any(|field| field.eq_ignore_ascii_case(key)) {
                return bad(route, format!("{key:?} is not a field of {kind:?}"));
            }
            match (known, found) {
                (["constraints"], Value::Array(all)) if !is_deep(&route) => {
                    all.iter().enumerate().try_for_each(|(i, item)| decode(item, &route.clone().index(i)))?;
                }
                (["constraints"], Value::Array(_) | Value::Null) => {}
                (["constraints"], _) => return bad(route, format!("{key:?} is not a list")),
                _ => text(key, found, route)?,
            }
        }
    }
    Ok(())
}

fn fields<'v>(value: &'v Value, route: &Route) -> Result<impl Iterator<Item = (&'v String, &'v Value)>, BadConstraint> {
    match value {
        Value::Object(map) => Ok(Some(map).into_iter().flat_map(Map::iter)),
        Value::Null => Ok(None.into_iter().flat_map(Map::iter)),
        _ => bad(route.clone(), "it is not a mapping".into()),
    }
}

fn text(key: &str, value: &Value, route: Route) -> Result<(), BadConstraint> {
    match value {
        Value::String(_) | Value::Null => Ok(()),
        _ => bad(route, format!("{key:?} is not text")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::version;

    fn holds(constraint: Value) -> Option<(bool, bool)> {
        let api = Api { group: "g", version: "v1", kind: "K" };
        let version = version::parse("1.2.0").ok();
        let facts = Facts { package: "demo", version, apis: [api].into_iter().collect() };
        Constraint::parse(&constraint).ok().map(|constraint| constraint.holds(&facts))
    }

    #[test]
    fn constraints_hold_as_for_olm() {
        let demo = json!({"package": {"packageName": "demo", "versionRange": ">=1.0.0"}});
        let other = json!({"package": {"packageName": "other", "versionRange": ">=1.0.0"}});
        let api = json!({"gvk": {"group": "g", "version": "v1", "kind": "K"}, "failureMessage": "why"});
        let cel = json!({"cel": {"rule": "true"}});
        let of = |kind: &str, all: &[&Value]| json!({kind: {"constraints": all}});
        let (yes, no, maybe) = (Some((true, false)), Some((false, true)), Some((true, true)));
        assert_eq!(holds(demo.clone()), yes);
        assert_eq!(holds(other.clone()), no);
        assert_eq!(holds(api.clone()), yes);
        assert_eq!(holds(of("all", &[&demo, &api])), yes);
        assert_eq!(holds(of("all", &[&demo, &other])), no);
        assert_eq!(holds(of("all", &[&demo, &cel])), maybe);
        assert_eq!(holds(of("any", &[&other, &api])), yes);
        assert_eq!(holds(of("any", &[&other])), no);
        assert_eq!(holds(of("not", &[&other])), yes);
        assert_eq!(holds(of("not", &[&other, &demo])), no);
        assert_eq!(holds(of("not", &[&cel])), maybe);
        assert_eq!((holds(of("all", &[])), holds(of("any", &[]))), (yes, no));
    }

    #[test]
    fn what_olm_cannot_read_says_where() {
        let bad =
            json!({"all": {"constraints": [{"gvk": {}}, {"package": {"packageName": "a", "versionRange": "1"}}]}});
        let error = Constraint::parse(&bad).expect_err("the range is not one");
        assert_eq!(error.route.to_string(), "all.constraints[1].package.versionRange");
        for bad in [
            json!({}),
            json!({"failureMessage": "x"}),
            json!({"pkg": {}}),
            json!("x"),
            json!({"gvk": {"group": "g", "name": "n"}}),
            json!({"gvk": {"group": 5}}),
            json!({"gvk": ["g"]}),
            json!({"gvk": {"group": "g"}, "cel": {"expression": "true"}}),
            json!({"gvk": {"group": "g"}, "failureMessage": 5}),
            json!({"all": {"constraint": []}}),
            json!({"all": {"constraints": {}}}),
            json!({"any": {"constraints": [{"not": {"constraints": [{"gvk": {"api": "v1"}}]}}]}}),
            json!({"any": {"constraints": [null]}}),
        ] {
            assert_eq!(holds(bad.clone()), None, "{bad}");
        }
        let nulls =
            json!({"gvk": {"group": "g", "version": "v1", "kind": "K"}, "package": null, "failureMessage": null});
        assert_eq!(holds(nulls), Some((true, false)));
        assert_eq!(holds(json!({"all": {"constraints": null}})), Some((true, false)));
    }

    /// OLM counts the bytes of the whole value.
    #[test]
    fn large_constraints_are_refused() {
        let of =
            |bytes: usize| json!({"cel": {"rule": "x".repeat(bytes - json!({"cel": {"rule": ""}}).to_string().len())}});
        assert_eq!(holds(of(131_072)), Some((true, true)));
        assert_eq!(holds(of(131_073)), None);
    }

    #[test]
    fn deep_constraints_end() {
        let deep = (0..500).fold(json!({"cel": {}}), |inner, _| json!({"all": {"constraints": [inner]}}));
        assert_eq!(holds(deep), Some((true, true)));
    }
}
