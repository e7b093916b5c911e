//! A next release in an `operator.yaml`.
//!
//! The new files of manifests begin with the release, and the sources that it would have from the release before end there.
//! Deployments, permissions, webhooks, objects and examples that the definition itself has win over the files. They end too
//! where the new files have them and the files of the release before did not: then the project releases now what was written
//! by hand. Where both have them, somebody wrote them to override the files, and they stay.

use std::collections::BTreeMap;

use semver::Version;
use serde_json::Value;

use super::Error;
use super::names::place;
use crate::generate::Inventory;
use crate::release::{Range, SINCE, UNTIL};
use crate::yaml::edit::{self, Edit, Item, Place};
use crate::yaml::{self, Route};

/// A release to add.
#[derive(Clone, Debug)]
pub struct Next<'n> {
    /// Its version.
    pub version: &'n Version,
    /// When its image was made, if that is known.
    pub created_at: Option<&'n str>,
    /// The oldest Kubernetes version that it runs on, if that is known.
    pub min_kube_version: Option<&'n str>,
    /// Its images, by name.
    pub images: &'n BTreeMap<String, String>,
    /// Its files: the name in the definition, and the SHA-256 digest.
    pub files: &'n [(String, String)],
    /// What is in its files.
    pub new: &'n Inventory,
    /// What is in the files of the release before.
    pub old: &'n Inventory,
}

/// How a version stands to the releases of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is not a release yet. The releases around it.
    New(Option<Version>, Option<Version>),
    /// It is a release. The digests of its files.
    There(Vec<String>),
}

/// A definition with another release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The text.
    pub text: String,
    /// What ends with the release, for people.
    pub notes: Vec<String>,
}

/// How a version stands to the releases of a definition.
///
/// # Errors
/// Text that is not one YAML document.
pub fn standing(text: &str, version: &Version) -> Result<Standing, Error> {
    let value = yaml::read_one(text)?;
    let versions = versions(&value);
    if versions.iter().flatten().any(|known| known == version) {
        let applies = |source: &&Value| held(source).is_some_and(|range| range.holds(version));
        let digest = |source: &Value| source["sha256"].as_str().map(str::to_owned);
        let digests = sources(&value).into_iter().map(|(_, source)| source).filter(applies).filter_map(digest);
        return Ok(Standing::There(digests.collect()));
    }
    let known = || versions.iter().flatten();
    let before = known().filter(|known| *known < version).max().cloned();
    let after = known().filter(|known| *known > version).min().cloned();
    Ok(Standing::New(before, after))
}

/// Adds a release.
///
/// # Errors
/// Text that is not YAML or cannot be edited, and a source that must be split because a later release has it too.
pub fn add(text: &str, next: &Next<'_>) -> Result<Added, Error> {
    let Standing::New(before, after) = standing(text, next.version)? else {
        return Err(Error::Cannot(format!("the release {} is there already", next.version)));
    };
    let mut adding =
        Adding { text: text.to_owned(), value: yaml::read_one(text)?, next, before, after, notes: Vec::new() };
    adding.end_sources()?;
    for key in
        ["deployments", "permissions", "clusterPermissions", "webhooks", "objects", "examples", "customResources"]
    {
        adding.end_replaced(key)?;
    }
    adding.add_files()?;
    adding.add_release()?;
    Ok(Added { text: adding.text, notes: adding.notes })
}

fn versions(value: &Value) -> Vec<Option<Version>> {
    let releases = value["releases"].as_array().map(Vec::as_slice).unwrap_or_default();
    releases.iter().map(|release| release["version"].as_str().and_then(|text| Version::parse(text).ok())).collect()
}

/// The sources of CRDs, with their places.
fn sources(value: &Value) -> Vec<(Route, &Value)> {
    let at = Route::root().key("crds");
    match &value["crds"] {
        Value::Array(items) => items.iter().enumerate().map(|(i, item)| (at.clone().index(i), item)).collect(),
        Value::Object(_) => vec![(at, &value["crds"])],
        _ => Vec::new(),
    }
}

/// The range of an entry, where it is valid.
fn held(entry: &Value) -> Option<Range> {
    Range::read(entry.as_object()?, SINCE, UNTIL).ok()
}

struct Adding<'n> {
    text: String,
    value: Value,
    next: &'n Next<'n>,
    before: Option<Version>,
    after: Option<Version>,
    notes: Vec<String>,
}

impl Adding<'_> {
    fn edit(&mut self, change: &Edit) -> Result<(), Error> {
        self.text = edit::edit(&self.text, 0, change)?;
        self.value = yaml::read_one(&self.text)?;
        Ok(())
    }

    /// Every source that the release would have ends with it.
    fn end_sources(&mut self) -> Result<(), Error> {
        let has_crds = self.next.new.has_crds();
        let ends = |source: &Value| {
            let applies = held(source).is_some_and(|range| range.holds(self.next.version));
            applies && (source.get("manifests").is_some() || (source.get("api").is_some() && has_crds))
        };
        let routes: Vec<Route> =
            sources(&self.value).into_iter().filter(|(_, source)| ends(source)).map(|(route, _)| route).collect();
        if self.value["crds"].get("byRelease").is_some() {
            let message = "`crds` is a byRelease list: write a list of sources with since and until by hand";
            return Err(Error::Cannot(message.to_owned()));
        }
        for route in routes {
            let source = route.find(&self.value).cloned().unwrap_or_default();
            let named = source["manifests"].as_str().or(source["api"].as_str()).unwrap_or("crds").to_owned();
            if self.value["crds"].is_object() {
                // The one source becomes a list, to which the next one is added.
                if held(&source).is_some_and(|range| range != Range::default()) || self.before.is_none() {
                    let message =
                        format!("make `crds` a list, and end {named} with `until: {}` by hand", self.next.version);
                    return Err(Error::Cannot(message));
                }
                self.check_later(&source, &named)?;
                let value = self.next.version.to_string().into();
                self.edit(&Edit::Wrap { map: route, key: UNTIL.to_owned(), value })?;
            } else {
                self.end(&route, &source, &named)?;
            }
            self.notes.push(format!("{named} ends with {}", self.next.version));
        }
        Ok(())
    }

    /// An entry that a later release has too would have to be there twice.
    fn check_later(&self, entry: &Value, named: &str) -> Result<(), Error> {
        let later = self.after.as_ref().filter(|after| held(entry).is_some_and(|range| range.holds(after)));
        match (later, &self.before) {
            (Some(after), Some(before)) if held(entry).is_some_and(|range| range.holds(before)) => {
                let message = format!(
                    "{named} is for both {before} and {after}, and {} would be between them: write it twice by hand, once \
                     with `until: {}` and once with `since: {after}`",
                    self.next.version, self.next.version
                );
                Err(Error::Cannot(message))
            }
            _ => Ok(()),
        }
    }

    /// Ends an entry with the release, or begins it after it where no earlier release has it.
    fn end(&mut self, route: &Route, entry: &Value, named: &str) -> Result<(), Error> {
        self.check_later(entry, named)?;
        let version = self.next.version.to_string();
        let earlier = self.before.as_ref().is_some_and(|before| held(entry).is_some_and(|range| range.holds(before)));
        let (key, value) = match (&self.after, earlier) {
            (Some(after), false) => (SINCE, after.to_string()),
            _ => (UNTIL, version),
        };
        if entry.get(key).is_some() {
            return self.edit(&Edit::Set(route.clone().key(key), value.into()));
        }
        let place =
            if key == UNTIL && entry.get(SINCE).is_some() { Place::After(SINCE.to_owned()) } else { Place::First };
        self.edit(&Edit::Put { map: route.clone(), key: key.to_owned(), value: value.into(), place })
    }

    /// Entries of the definition that the new files have and those before did not end with the release.
    fn end_replaced(&mut self, key: &str) -> Result<(), Error> {
        let items = self.value[key].as_array().cloned().unwrap_or_default();
        for (i, item) in items.iter().enumerate() {
            let applies = held(item).is_some_and(|range| range.holds(self.next.version));
            if !applies || !self.is_replaced(key, item) {
                continue;
            }
            let name = [&item["name"], &item["serviceAccountName"], &item["generateName"], &item["metadata"]["name"]];
            let name = name.iter().find_map(|name| name.as_str()).or(item["kind"].as_str()).unwrap_or_default();
            let named = format!("{key}: {name}");
            self.end(&Route::root().key(key).index(i), item, &named)?;
            self.notes.push(format!("{named} ends with {}", self.next.version));
        }
        Ok(())
    }

    fn is_replaced(&self, key: &str, item: &Value) -> bool {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let both = |has: &dyn Fn(&Inventory) -> bool| has(self.next.new) && !has(self.next.old);
        match key {
            "deployments" => both(&|it| it.deployments.contains(&text(&item["name"]))),
            "permissions" | "clusterPermissions" => {
                both(&|it| it.accounts.contains(&text(&item["serviceAccountName"])))
            }
            "webhooks" => both(&|it| it.has_webhooks),
            // Consoles show no kind that is gone.
            "customResources" => self.is_gone(&text(&item["kind"])),
            "examples" if self.is_gone(&text(&item["kind"])) => true,
            _ => both(&|it| it.objects.contains(&(text(&item["kind"]), text(&item["metadata"]["name"])))),
        }
    }

    /// Whether a kind is that of a CRD that the new files lack.
    fn is_gone(&self, kind: &str) -> bool {
        let (new, old) = (self.next.new, self.next.old);
        let by_hand = self.value["objects"].as_array().is_some_and(|objects| {
            objects
                .iter()
                .any(|object| object["kind"] == "CustomResourceDefinition" && object["spec"]["names"]["kind"] == kind)
        });
        new.has_crds() && !new.kinds.contains(kind) && !by_hand && (old.kinds.contains(kind) || !old.has_crds())
    }

    fn add_files(&mut self) -> Result<(), Error> {
        for (name, digest) in self.next.files {
            let mut entry = vec![(SINCE.to_owned(), Item::from(self.next.version.to_string()))];
            if self.before.is_none() && self.after.is_none() {
                entry.clear();
            }
            if let Some(after) = &self.after {
                entry.push((UNTIL.to_owned(), after.to_string().into()));
            }
            entry.extend([
                ("manifests".to_owned(), Item::from(name.as_str())),
                ("sha256".to_owned(), digest.as_str().into()),
            ]);
            let list = Route::root().key("crds");
            match &self.value["crds"] {
                Value::Array(items) => {
                    let index = items.len();
                    self.edit(&Edit::Insert { list, index, value: Item::Map(entry) })?;
                }
                Value::Null if self.value.get("crds").is_some() => {
                    self.edit(&Edit::Insert { list, index: 0, value: Item::Map(entry) })?;
                }
                Value::Null => {
                    let place = if self.value.get("installModes").is_some() {
                        Place::After("installModes".to_owned())
                    } else {
                        Place::Last
                    };
                    let value = Item::List(vec![Item::Map(entry)]);
                    self.edit(&Edit::Put { map: Route::root(), key: "crds".to_owned(), value, place })?;
                }
                _ => {
                    return Err(Error::Cannot(
                        "make `crds` a list by hand, so that another source can be added".to_owned(),
                    ));
                }
            }
        }
        Ok(())
    }

    fn add_release(&mut self) -> Result<(), Error> {
        let version = self.next.version.to_string();
        let mut release = vec![("version".to_owned(), Item::from(version.as_str()))];
        release.extend(self.next.created_at.map(|time| ("createdAt".to_owned(), time.into())));
        release.extend(self.next.min_kube_version.map(|version| ("minKubeVersion".to_owned(), version.into())));
        // Images that every release has are not repeated.
        let of_all = self.value["images"].as_object().into_iter().flatten().filter_map(|(_, image)| image.as_str());
        let of_all: Vec<String> = of_all.map(|image| image.replace("${version}", &version)).collect();
        let images: Vec<(String, Item)> = self
            .next
            .images
            .iter()
            .filter(|(_, image)| !of_all.contains(image))
            .map(|(name, image)| (name.clone(), image.as_str().into()))
            .collect();
        if !images.is_empty() {
            release.push(("images".to_owned(), Item::Map(images)));
        }
        let index = place(&versions(&self.value), self.next.version);
        let list = Route::root().key("releases");
        if self.value.get("releases").is_none() {
            let (map, value) = (Route::root(), Item::List(vec![Item::Map(release)]));
            return self.edit(&Edit::Put { map, key: "releases".to_owned(), value, place: Place::Last });
        }
        self.edit(&Edit::Insert { list, index, value: Item::Map(release) })
    }
}
