//! Files of manifests as projects release them, folded into the definition of a release.
//!
//! Each object becomes what `operator-sdk generate bundle` would make of it, see
//! [`Manifests`](crate::operator::Manifests). Its source: `internal/generate/collector` and
//! `internal/generate/clusterserviceversion` of operator-sdk.

mod aggregate;
pub(super) mod csv;
mod deployments;
mod differs;
mod notes;
mod operands;
mod place;
mod read;
mod remote;
mod rights;
mod source;
mod unique;
mod webhooks;

use std::sync::Arc;

use serde_json::{Map, Value};

use super::crds::is_crd;
use super::{Misfits, misfit};
use crate::bundle::csv::{Deployment, Webhook};
use crate::operator::{Defined, Manifests, Misfit, Object, rule};
use crate::yaml::Route;
use notes::Notes;
pub(super) use operands::images as operand_images;
pub(super) use read::objects;
pub(super) use remote::{fetch, keep};
use unique::unique;
pub(super) use unique::{deduplicated, differ};

/// An object of a file of manifests.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) object: Object,
    /// The entry of the file in the definition.
    route: Route,
    /// The file.
    source: Arc<SourceText>,
    /// The document in the file, and the place in that document.
    document: usize,
    at: Route,
    /// The line that the document starts on.
    line: usize,
}

/// A file that objects were read from.
#[derive(Debug)]
struct SourceText {
    /// Its name in messages.
    file: String,
    text: String,
}

impl Entry {
    fn is(&self, group: &str, kind: &str) -> bool {
        self.object.group_version().0 == group && self.object.kind() == kind
    }

    fn value(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
        let value = self.object.0.get(first)?;
        if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")) }
    }

    pub(super) fn text(&self, pointer: &str) -> &str {
        self.value(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The file and the line, for messages.
    fn place(&self) -> String {
        format!("{}:{}", self.source.file, self.line)
    }

    /// The namespace of the object, or an empty text.
    fn namespace(&self) -> &str {
        self.text("metadata/namespace")
    }

    fn wrong(&self, why: impl std::fmt::Display) -> Misfit {
        let named = format!("{} {}", self.object.kind(), self.object.name());
        misfit(self.route.clone(), format!("{named} at {} cannot be used: {why}", self.place()))
    }
}

/// Adds the objects in a release's manifests to its definition. Objects that are left out are reported as warnings.
pub(super) fn fold(defined: &mut Defined, misfits: &mut Misfits, warnings: &mut Misfits) {
    let at = Route::root().key("crds");
    let files = defined.definition.crds.as_ref().map(|crds| crds.manifests(&at)).unwrap_or_default();
    if files.is_empty() {
        return;
    }
    let with_api = defined.definition.crds.as_ref().is_some_and(|crds| crds.api().is_some());
    let mut entries = Vec::new();
    for (route, file) in files {
        let text = source::read(defined, &file).map_err(|bad| {
            let route = route.clone().key(bad.key);
            (rule::MANIFESTS, Misfit { help: bad.help, ..misfit(route, bad.message) })
        });
        let found = text.and_then(|text| {
            let route = route.clone().key("manifests");
            objects(&text, &file.manifests, &route).map_err(|wrong| (rule::MANIFESTS, wrong))
        });
        match found {
            Ok(found) => entries.extend(found),
            Err(wrong) => misfits.push(wrong),
        }
    }
    if misfits.is_empty() && !with_api && !entries.iter().any(|entry| is_crd(&entry.object)) {
        misfits.push((rule::CRDS, misfit(at, "the manifests contain no CustomResourceDefinition")));
    }
    if !misfits.is_empty() {
        return;
    }
    let mut notes = Notes::default();
    if let Err(wrong) = sort(defined, entries, &mut notes, warnings) {
        misfits.push((rule::MANIFESTS, wrong));
    }
    notes.finish(warnings);
}

/// The deployments of the objects.
pub(super) fn deployments(entries: &[Entry]) -> Result<Vec<Deployment>, Misfit> {
    let mut found = Vec::new();
    for entry in entries {
        if deployments::is(entry) {
            found.push(deployments::of(entry)?);
        } else if let Some(csv) = csv::read(entry) {
            found.extend(csv?.spec.install.spec.deployments);
        }
    }
    Ok(found)
}

/// The files of a release: their names in the definition, and their texts.
pub(super) fn files(defined: &Defined) -> Result<Vec<(String, String)>, Misfit> {
    let at = Route::root().key("crds");
    let files = defined.definition.crds.as_ref().map(|crds| crds.manifests(&at)).unwrap_or_default();
    let read = |(route, file): (Route, Manifests)| {
        let text = source::read(defined, &file);
        let text = text.map_err(|bad| Misfit { help: bad.help, ..misfit(route.key(bad.key), bad.message) })?;
        Ok((file.manifests, text))
    };
    files.into_iter().map(read).collect()
}

/// Adds every object to its part of the definition.
fn sort(defined: &mut Defined, entries: Vec<Entry>, notes: &mut Notes, warnings: &mut Misfits) -> Result<(), Misfit> {
    let entries = unique(entries, defined)?;
    let (entries, unnamed): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| !entry.object.name().is_empty());
    for entry in &unnamed {
        notes.object(entry, "left out, because OLM cannot install an object that has generateName instead of a name");
    }
    let (csvs, entries): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(csv::is);
    for entry in &csvs {
        if let Some(csv) = csv::read(entry) {
            csv::adopt(defined, entry, csv?, notes, warnings)?;
        }
    }
    let home = place::home(&entries);
    if !csvs.is_empty() {
        place::objects(defined, entries, home.as_deref(), notes, warnings);
        return Ok(());
    }
    let (found, mut rest): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(deployments::is);
    for entry in found {
        deployments::adopt(defined, &entry, home.as_deref(), notes, warnings)?;
    }
    rights::fold(defined, &mut rest, home.as_deref(), notes, warnings)?;
    let webhooks = webhooks::of(&mut rest, &defined.definition.deployments, notes)?;
    adopt_webhooks(defined, webhooks, warnings);
    place::objects(defined, rest, home.as_deref(), notes, warnings);
    Ok(())
}

/// The webhooks of the manifests, unless the definition has its own.
fn adopt_webhooks(defined: &mut Defined, webhooks: Vec<Webhook>, warnings: &mut Misfits) {
    let own = &defined.definition.webhooks;
    if own.is_empty() {
        defined.definition.webhooks = webhooks;
        return;
    }
    let by_name = |list: &[Webhook]| serde_json::to_value(list.iter().collect::<Vec<_>>()).unwrap_or_default();
    let mut here = own.clone();
    here.sort_by(|a, b| (&a.generate_name, &a.kind).cmp(&(&b.generate_name, &b.kind)));
    let differences = differs::between(&by_name(&here), &by_name(&webhooks));
    notes::differs(Route::root().key("webhooks"), "the list of webhooks", "the manifests", &differences, warnings);
}

/// Removes the fields that belong to a cluster: the namespace and the status.
fn clean(object: &mut Map<String, Value>) {
    object.remove("status");
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.remove("namespace");
        metadata.remove("creationTimestamp");
    }
}
