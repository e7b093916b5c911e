//! The APIs that a bundle provides and requires.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::{Contents, Error, Manifest};
use crate::go_json::fields::{Fields, Misfit};
use crate::yaml::Route;

/// A kind of a version of an API group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gvk {
    /// The group, such as `apps`. Empty for the core API.
    pub group: String,
    /// The version, such as `v1beta1`.
    pub version: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
}

impl Gvk {
    /// The value of an `olm.gvk` or `olm.gvk.required` property.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({"group": self.group, "kind": self.kind, "version": self.version})
    }

    pub(crate) fn read(value: Value, route: Route) -> Result<Self, Misfit> {
        let mut fields = Fields::new(value, route)?;
        Ok(Self { group: fields.string("group")?, version: fields.string("version")?, kind: fields.string("kind")? })
    }
}

/// `apps/v1 Deployment`
impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.group.is_empty() { "" } else { "/" };
        write!(f, "{}{slash}{} {}", self.group, self.version, self.kind)
    }
}

/// An API that a ClusterServiceVersion names.
struct Definition {
    gvk: Gvk,
    name: String,
    route: Route,
}

impl Contents {
    /// The APIs that the bundle provides: every version of its CustomResourceDefinitions, and the API services that
    /// its ClusterServiceVersion owns.
    ///
    /// # Errors
    /// Values of a wrong type, and a CRD that the ClusterServiceVersion owns but the bundle does not contain.
    pub fn provided_apis(&self) -> Result<BTreeSet<Gvk>, Error> {
        let mut provided = BTreeSet::new();
        for manifest in self.manifests.iter().filter(|manifest| manifest.kind() == "CustomResourceDefinition") {
            provided.extend(crd_versions(manifest).map_err(Error::value(&manifest.file))?);
        }
        let file = &self.csv().file;
        for crd in self.definitions("customresourcedefinitions", "owned")? {
            // The plural name distinguishes CRDs too.
            let (plural, group) = plural_and_group(&crd).map_err(Error::value(file))?;
            let names = |manifest: &&Manifest| manifest.object["spec"]["names"]["plural"] == plural;
            let gvk = Gvk { group: group.to_owned(), ..crd.gvk.clone() };
            let found = self.manifests.iter().filter(names).filter_map(|manifest| crd_versions(manifest).ok());
            if !found.flatten().any(|provided| provided == gvk) {
                let Definition { name, gvk: Gvk { version, kind, .. }, .. } = crd;
                return Err(Error::NoCrd { file: file.clone(), name, version, kind });
            }
        }
        provided.extend(self.definitions("apiservicedefinitions", "owned")?.into_iter().map(|api| api.gvk));
        Ok(provided)
    }

    /// The APIs of other operators that the bundle requires: the CRDs and API services that its ClusterServiceVersion
    /// requires.
    ///
    /// # Errors
    /// Values of a wrong type, and CRDs whose name is not `<plural>.<group>`.
    pub fn required_apis(&self) -> Result<BTreeSet<Gvk>, Error> {
        let mut required = BTreeSet::new();
        for crd in self.definitions("customresourcedefinitions", "required")? {
            let (_, group) = plural_and_group(&crd).map_err(Error::value(&self.csv().file))?;
            required.insert(Gvk { group: group.to_owned(), ..crd.gvk.clone() });
        }
        required.extend(self.definitions("apiservicedefinitions", "required")?.into_iter().map(|api| api.gvk));
        Ok(required)
    }

    fn definitions(&self, what: &str, which: &str) -> Result<Vec<Definition>, Error> {
        let route = Route::root().key("spec").key(what);
        let read = || {
            let mut definitions = Fields::new(self.spec()[what].clone(), route)?;
            definitions.list(which, |value, route| {
                let name = Fields::new(value.clone(), route.clone())?.string("name")?;
                Ok(Definition { gvk: Gvk::read(value, route.clone())?, name, route })
            })
        };
        read().map_err(Error::value(&self.csv().file))
    }
}

fn plural_and_group(crd: &Definition) -> Result<(&str, &str), Misfit> {
    crd.name.split_once('.').ok_or_else(|| {
        let route = crd.route.clone().key("name");
        Misfit { message: format!("{route} must be <plural>.<group>, not {:?}", crd.name), route }
    })
}

/// Every version of a CustomResourceDefinition. The old v1beta1 form may name one version outside its list.
fn crd_versions(manifest: &Manifest) -> Result<Vec<Gvk>, Misfit> {
    let version = manifest.api_version().rsplit('/').next().unwrap_or_default();
    if !matches!(version, "v1" | "v1beta1") {
        return Ok(Vec::new());
    }
    let spec = &manifest.object["spec"];
    let route = Route::root().key("spec");
    let text = |value: &Value, route: Route| crate::go_json::fields::string(value.clone(), route);
    let group = text(&spec["group"], route.clone().key("group"))?;
    let kind = text(&spec["names"]["kind"], route.clone().key("names").key("kind"))?;
    let mut versions = Vec::new();
    match &spec["versions"] {
        Value::Null => {}
        Value::Array(list) => {
            for (i, item) in list.iter().enumerate() {
                versions.push(text(&item["name"], route.clone().key("versions").index(i).key("name"))?);
            }
        }
        other => return Err(crate::go_json::fields::misfit(route.key("versions"), "a list", other)),
    }
    if version == "v1beta1" {
        versions.extend(Some(text(&spec["version"], route.key("version"))?).filter(|version| !version.is_empty()));
    }
    let gvk = |version| Gvk { group: group.clone(), version, kind: kind.clone() };
    Ok(versions.into_iter().map(gvk).collect())
}
