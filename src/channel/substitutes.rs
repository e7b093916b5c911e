//! `olm.template.substitutes`: a catalog in full, and bundles that take the places of others in its channels, such as
//! rebuilt ones. The edges are as operator-registry makes them (`alpha/template/substitutes`).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::rule;
use super::strict::Reader;
use super::template::{Bundles, Image};
use crate::catalog::{Bundle, Catalog, Channel, Entry, Origin, property, read_blob};
use crate::diagnostic::{Finding, Place};
use crate::go_json::fields::Misfit;
use crate::version::{self, Release, VersionRelease};
use crate::yaml::Route;

/// An `olm.template.substitutes` template.
#[derive(Clone, Debug, PartialEq)]
pub struct Substitutes {
    /// Its blobs, with the bundles.
    pub catalog: Catalog,
    /// The bundles that take the places of others, in their order.
    pub substitutions: Vec<Substitution>,
}

/// A bundle that takes the place of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitution {
    /// The new bundle.
    pub image: Image,
    /// The name of the bundle whose place it takes. That one is skipped from then on.
    pub base: String,
    place: Place,
}

impl Substitutes {
    /// Reads the template as opm does, which ignores unknown fields.
    pub(super) fn read(value: Value, reader: &mut Reader<'_>) -> Self {
        let mut fields: BTreeMap<String, Value> = match value {
            Value::Object(map) => map.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect(),
            _ => BTreeMap::new(),
        };
        let mut catalog = Catalog::default();
        let route = Route::root().key("entries");
        for (i, value) in reader.list(fields.remove("entries"), route.clone()).into_iter().enumerate() {
            let origin = Origin::new(Arc::from(reader.origin.file()), reader.origin.document());
            if let Err(Misfit { route: inner, message }) = read_blob(&mut catalog, value, origin) {
                reader.error(Route([route.clone().index(i).0, inner.0].concat()), message);
            }
        }
        let mut substitutions: Vec<Substitution> = Vec::new();
        let route = Route::root().key("substitutions");
        for (i, value) in reader.list(fields.remove("substitutions"), route.clone()).into_iter().enumerate() {
            let route = route.clone().index(i);
            let mut fields = reader.fields(value, &route, &["name", "base"]);
            let [name, base] = ["name", "base"].map(|field| {
                let route = route.clone().key(field);
                let text = reader.text(fields.remove(field), route.clone());
                if text.is_empty() {
                    reader.error(route, format!("a substitution must have `{field}`"));
                }
                text
            });
            let [name_place, base_place] = ["name", "base"].map(|field| reader.origin.place(route.clone().key(field)));
            for other in &substitutions {
                let (first, place) = if !base.is_empty() && other.base == base {
                    (&other.place, &base_place)
                } else if !name.is_empty() && other.image.reference == name {
                    (&other.image.place, &name_place)
                } else {
                    continue;
                };
                let message = "a substitution names each bundle once";
                let finding = Finding::error(rule::DUPLICATE, place.clone(), message);
                reader.findings.push(finding.related(first.clone(), "first occurrence"));
            }
            let image = Image { reference: name, place: name_place };
            substitutions.push(Substitution { image, base, place: base_place });
        }
        Self { catalog, substitutions }
    }

    pub(super) fn images(&self) -> impl Iterator<Item = &Image> {
        self.substitutions.iter().map(|substitution| &substitution.image)
    }

    /// Its catalog, with the bundles in their places. With findings, it is not complete.
    pub(super) fn render(&self, bundles: &Bundles, root: Place, findings: &mut Vec<Finding>) -> Catalog {
        let mut catalog = self.catalog.clone();
        if catalog.is_empty() {
            findings.push(Finding::error(rule::EMPTY, root, "the template has no entries"));
        }
        for substitution in &self.substitutions {
            let Some(bundle) = bundles.get(&substitution.image.reference) else { continue };
            match check(&catalog, bundle, &substitution.base) {
                Ok(()) => {
                    for channel in catalog.channels.iter_mut().filter(|channel| channel.package == bundle.package) {
                        substitute(channel, &bundle.name, &substitution.base);
                    }
                    catalog.bundles.push(bundle.clone());
                }
                Err(message) => findings.push(Finding::error(rule::ORDER, substitution.place.clone(), message)),
            }
        }
        catalog
    }
}

/// Whether a bundle can take the place of another one.
fn check(catalog: &Catalog, bundle: &Bundle, base: &str) -> Result<(), String> {
    let found = catalog.bundles.iter().find(|other| other.name == base && other.package == bundle.package);
    let found = found.ok_or_else(|| format!("{} has no bundle {base:?} whose place it could take", bundle.package))?;
    if catalog.bundles.iter().any(|other| other.name == bundle.name && other.package == bundle.package) {
        return Err(format!("the bundle {} is in the catalog already", bundle.name));
    }
    let version = |bundle: &Bundle| {
        of(bundle).ok_or_else(|| format!("the bundle {} does not have exactly one valid version", bundle.name))
    };
    let (old, new) = (version(found)?, version(bundle)?);
    if old < new {
        return Ok(());
    }
    Err(format!("the bundle {} ({new}) must be newer than {base} ({old}), whose place it takes", bundle.name))
}

/// The version and release of a bundle.
fn of(bundle: &Bundle) -> Option<VersionRelease> {
    let mut packages = bundle.properties.iter().filter(|property| property.kind == property::PACKAGE);
    let (Some(package), None) = (packages.next(), packages.next()) else { return None };
    let version = version::parse(package.value["version"].as_str()?).ok()?;
    let release: Release = package.value["release"].as_str().unwrap_or_default().parse().ok()?;
    Some(VersionRelease { version, release })
}

/// Puts a bundle into the place of another one in a channel.
fn substitute(channel: &mut Channel, name: &str, base: &str) {
    let original = channel.entries.len();
    for i in (0..original).rev() {
        if channel.entries[i].name != base {
            continue;
        }
        let old = std::mem::take(&mut channel.entries[i]);
        channel.entries[i].name.clone_from(&old.name);
        let mut new = Entry { name: name.to_owned(), ..old };
        new.skips.push(base.to_owned());
        channel.entries.push(new);
    }
    for entry in &mut channel.entries[..original] {
        if entry.replaces == base {
            entry.replaces = name.to_owned();
            entry.skips.push(base.to_owned());
        } else if entry.skips.iter().any(|skip| skip == base) {
            entry.skips.push(name.to_owned());
            entry.skips.retain(|skip| skip != base);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::catalog::{Bundle, Property};
    use crate::channel::Template;

    const TEMPLATE: &str = "\
schema: olm.template.substitutes
entries:
- {schema: olm.package, name: demo, defaultChannel: stable}
- schema: olm.channel
  package: demo
  name: stable
  entries:
  - {name: demo.v1.2.0, replaces: demo.v1.1.0}
  - {name: demo.v1.1.0, replaces: demo.v1.0.0, skipRange: <1.1.0}
  - {name: demo.v1.0.0}
  - {name: demo.v1.3.0, replaces: demo.v1.2.0, skips: [demo.v1.1.0]}
- {schema: olm.bundle, package: demo, name: demo.v1.1.0, image: a/b:1,
   properties: [{type: olm.package, value: {packageName: demo, version: 1.1.0}}]}
substitutions:
- {name: a/b:2, base: BASE}
";

    fn bundle(version: &str, release: &str) -> Bundle {
        let value = serde_json::json!({"packageName": "demo", "version": version, "release": release});
        Bundle {
            name: format!("demo.v{version}-{release}"),
            package: "demo".into(),
            image: "a/b:2".into(),
            properties: vec![Property::new("olm.package", value)],
            ..Bundle::default()
        }
    }

    #[test]
    fn a_bundle_takes_the_place_of_another() {
        let template =
            Template::parse(&TEMPLATE.replace("BASE", "demo.v1.1.0"), Path::new("t.yaml")).expect("a template");
        let catalog = template.render(&|_| Ok(bundle("1.1.0", "1"))).expect("it is good");
        let entries = catalog.channels[0].entries.iter();
        let entries: Vec<String> = entries
            .map(|entry| format!("{} {} {:?} {}", entry.name, entry.replaces, entry.skips, entry.skip_range))
            .collect();
        let expected = [
            "demo.v1.2.0 demo.v1.1.0-1 [\"demo.v1.1.0\"] ",
            "demo.v1.1.0  [] ",
            "demo.v1.0.0  [] ",
            "demo.v1.3.0 demo.v1.2.0 [\"demo.v1.1.0-1\"] ",
            "demo.v1.1.0-1 demo.v1.0.0 [\"demo.v1.1.0\"] <1.1.0",
        ];
        assert_eq!(entries, expected);
        assert_eq!(catalog.bundles.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let says = |base: &str, bundle: Bundle| {
            let text = TEMPLATE.replace("BASE", base);
            let template = Template::parse(&text, Path::new("t.yaml"));
            let rendered = template.and_then(|template| template.render(&|_| Ok(bundle.clone())));
            rendered.expect_err("it is wrong")[0].message.clone()
        };
        assert!(says("demo.v9", bundle("1.1.0", "1")).contains("has no bundle \"demo.v9\""));
        assert!(says("demo.v1.1.0", bundle("1.0.0", "1")).contains("must be newer than demo.v1.1.0 (1.1.0)"));
        assert!(says("''", bundle("1.1.0", "1")).contains("must have `base`"));
        let twice = "demo.v1.1.0}\n- {name: a/b:3, base: demo.v1.1.0";
        assert!(says(twice, bundle("1.1.0", "1")).contains("names each bundle once"));
    }
}
