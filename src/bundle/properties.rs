//! The properties of a bundle in a catalog, gathered from its manifests and metadata as opm gathers them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use serde_json::{Value, json};

use super::apis::Gvk;
use super::metadata::typed;
use super::{Contents, Error};
use crate::catalog::{Property, property};
use crate::go_json::fields::{Fields, Misfit, string};
use crate::yaml::{Route, to_compact_json};

/// The annotation of a ClusterServiceVersion with further properties, as JSON.
const PROPERTIES: &str = "olm.properties";

impl Contents {
    /// The bundle's properties, sorted by type and value, its objects last: its package and version, the APIs that it
    /// provides and requires, the packages that it requires, constraints, and everything in `metadata/properties.yaml`,
    /// `metadata/dependencies.yaml` and the annotation `olm.properties` of the ClusterServiceVersion; its manifests as
    /// `olm.bundle.object`.
    ///
    /// If there are several `olm.package` properties, the last one counts. Those of the annotation come after that of
    /// the bundle itself.
    ///
    /// # Errors
    /// Values of a wrong type, APIs that the ClusterServiceVersion owns but the bundle does not contain, and an
    /// annotation that is not JSON.
    pub fn all_properties(&self) -> Result<Vec<Property>, Error> {
        let mut properties = self.declared_properties()?;
        properties.extend(self.objects());
        Ok(properties)
    }

    /// The same without the objects.
    pub(crate) fn declared_properties(&self) -> Result<Vec<Property>, Error> {
        let csv = Error::value(&self.csv().file);
        let mut package = json!({"packageName": self.package, "version": self.version()});
        if let Some(release) = self.release().map_err(&csv)? {
            package["release"] = release.into();
        }
        let mut provided = self.provided_apis()?;
        let mut required = self.required_apis()?;
        let mut properties = Sorted::default();

        let annotated = self.annotated_properties().map_err(&csv)?;
        let mut seen = BTreeSet::new();
        for (property, own) in self.properties.iter().map(|p| (p, false)).chain(annotated.iter().map(|p| (p, true))) {
            if !seen.insert((&property.kind, to_compact_json(&property.value))) {
                continue;
            }
            match property.kind.as_str() {
                property::GVK => provided.extend([gvk(property).map_err(&csv)?]),
                property::PACKAGE if own => package = package_value(property, &Route::root()).map_err(&csv)?,
                // Comes before the bundle's own and therefore never counts.
                property::PACKAGE => {}
                _ => properties.add_as_is(property),
            }
        }
        for dependency in &self.dependencies {
            match dependency.kind.as_str() {
                property::GVK => required.extend([gvk(dependency).map_err(&csv)?]),
                property::PACKAGE => {
                    let needed = package_value(dependency, &Route::root()).map_err(&csv)?;
                    let value = json!({"packageName": needed["packageName"], "versionRange": needed["version"]});
                    properties.add(property::PACKAGE_REQUIRED, value);
                }
                _ => properties.add_as_is(dependency),
            }
        }
        properties.add(property::PACKAGE, package);
        provided.iter().for_each(|api| properties.add(property::GVK, api.to_value()));
        required.iter().for_each(|api| properties.add(property::GVK_REQUIRED, api.to_value()));
        Ok(properties.into_properties())
    }

    /// The manifests as `olm.bundle.object` properties, sorted by their data.
    fn objects(&self) -> Vec<Property> {
        let data = |object| base64::engine::general_purpose::STANDARD.encode(to_compact_json(object));
        let mut objects: Vec<_> = self.manifests.iter().map(|manifest| data(&manifest.object)).collect();
        objects.sort();
        objects.into_iter().map(|data| Property::new(property::BUNDLE_OBJECT, json!({"data": data}))).collect()
    }

    /// `spec.release`, a string or a number.
    fn release(&self) -> Result<Option<String>, Misfit> {
        match &self.spec()["release"] {
            Value::Number(number) => Ok(Some(to_compact_json(&Value::Number(number.clone())))),
            value => {
                Ok(Some(string(value.clone(), Route::root().key("spec").key("release"))?).filter(|r| !r.is_empty()))
            }
        }
    }

    fn annotated_properties(&self) -> Result<Vec<Property>, Misfit> {
        let route = Route::root().key("metadata").key("annotations").key(PROPERTIES);
        let text = string(self.csv().object["metadata"]["annotations"][PROPERTIES].clone(), route.clone())?;
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let bad = |message: String| Misfit { message: format!("{route}: {message}"), route: route.clone() };
        let list: Value = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        let mut list = Fields::new(json!({"list": list}), Route::root())?;
        list.list("list", |value, _| typed(value, Route::root())).map_err(|misfit| bad(misfit.message))
    }
}

fn gvk(property: &Property) -> Result<Gvk, Misfit> {
    Gvk::read(property.value.clone(), Route::root().key(&property.kind))
}

/// Checks a property's value if its type defines one.
pub(super) fn check(property: &Property, route: &Route) -> Result<(), Misfit> {
    match property.kind.as_str() {
        property::GVK => Gvk::read(property.value.clone(), route.clone()).map(drop),
        property::PACKAGE => package_value(property, route).map(drop),
        _ => Ok(()),
    }
}

/// The fields of a package's property; `release` only if there is one.
fn package_value(property: &Property, route: &Route) -> Result<Value, Misfit> {
    let mut fields = Fields::new(property.value.clone(), route.clone())?;
    let mut value = json!({"packageName": fields.string("packageName")?, "version": fields.string("version")?});
    let release = fields.string("release")?;
    if !release.is_empty() {
        value["release"] = release.into();
    }
    Ok(value)
}

/// Properties by type and by the text of their value.
#[derive(Default)]
struct Sorted(BTreeMap<(String, String), Vec<Property>>);

impl Sorted {
    /// A property that is created here.
    fn add(&mut self, kind: &str, value: Value) {
        self.0.entry((kind.to_owned(), value.to_string())).or_default().push(Property::new(kind, value));
    }

    /// A property that somebody else wrote: opm compares these in Go's escaped form.
    fn add_as_is(&mut self, property: &Property) {
        self.0.entry((property.kind.clone(), to_compact_json(&property.value))).or_default().push(property.clone());
    }

    fn into_properties(self) -> Vec<Property> {
        self.0.into_values().flatten().collect()
    }
}
