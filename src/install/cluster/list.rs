//! Lists of objects, page by page, within limits.

use std::fmt::Display;
use std::sync::atomic::Ordering;

use kube::Resource;
use kube::api::{ApiResource, DynamicObject, ListParams, ObjectMeta};
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use super::request::FIRST_PAUSE;
use super::{Cluster, absent, typed};
use crate::install::error::Error;

/// The number of objects on one page of a list.
const PAGE: u32 = 200;
/// The most objects in a list. No cluster has that many of a kind that is listed here.
const MOST_OBJECTS: usize = 200_000;
/// The most pages in a list: enough for that many objects.
const MOST_PAGES: usize = MOST_OBJECTS / PAGE as usize;
/// The most bytes in a list, all pages together.
const MOST_BYTES: u64 = 512 << 20;
/// How often a list is started again because it expired while it was read.
const RESTARTS: u32 = 5;

impl Cluster {
    /// The objects of a kind in a namespace, or in all, with these labels; empty if the kind does not exist.
    ///
    /// # Errors
    /// No answer, a missing permission, an object that is not of this type.
    pub async fn list<K>(&self, namespace: Option<&str>, selector: &str) -> Result<Vec<K>, Error>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned,
    {
        let kind = ApiResource::erase::<K>(&());
        let what = format!("list {} in {}", kind.plural, namespace.map_or("all namespaces".into(), named));
        let objects = self.list_dynamic(&kind, namespace, selector).await?;
        objects.into_iter().map(|object| typed(object, &what)).collect()
    }

    /// The objects of a kind that is known only at run time.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn list_dynamic(
        &self,
        kind: &ApiResource,
        namespace: Option<&str>,
        selector: &str,
    ) -> Result<Vec<DynamicObject>, Error> {
        let api = self.api(kind, namespace);
        let what = format!("list {} in {}", kind.plural, namespace.map_or("all namespaces".into(), named));
        let mut all = Vec::new();
        let mut from = None;
        let (mut restarts, mut pages, before) = (0, 0, self.read.load(Ordering::Relaxed));
        loop {
            pages += 1;
            if all.len() > MOST_OBJECTS || pages > MOST_PAGES || self.has_read_too_much(before) {
                return Err(too_many(&what));
            }
            let mut parameters = ListParams::default().labels(selector).limit(PAGE);
            parameters.continue_token = from;
            let answer = self.request(&what, || api.list(&parameters)).await;
            let page = match answer {
                // The list has expired: start again.
                Err(Error::Refused { code: 410, .. }) if restarts < RESTARTS => {
                    (all, from) = (Vec::new(), None);
                    restarts += 1;
                    sleep(FIRST_PAUSE * restarts).await;
                    continue;
                }
                answer => match absent(answer)? {
                    Some(page) => page,
                    None => return Ok(Vec::new()),
                },
            };
            all.extend(page.items);
            from = page.metadata.continue_.filter(|token| !token.is_empty());
            if from.is_none() {
                return Ok(all);
            }
        }
    }

    /// The kinds of namespaced objects that the API server can list, each once, including those of CRDs and aggregated
    /// servers, without those of some API groups.
    ///
    /// # Errors
    /// No answer; a group whose server does not answer, so that its kinds are not known.
    pub async fn namespaced_kinds(&self, except: &[&str]) -> Result<Vec<ApiResource>, Error> {
        let client = &self.client;
        let what = "list the kinds that the API server serves";
        let mut versions: Vec<String> = self.request(what, || client.list_core_api_versions()).await?.versions;
        for group in self.request(what, || client.list_api_groups()).await?.groups {
            if except.contains(&&*group.name) {
                continue;
            }
            versions.extend(group.versions.into_iter().map(|version| version.group_version));
        }
        let mut kinds: Vec<ApiResource> = Vec::new();
        for api_version in versions {
            let what = format!("list the kinds of {api_version}");
            let found = match api_version.split_once('/') {
                Some(_) => self.request(&what, || client.list_api_group_resources(&api_version)).await?,
                None => self.request(&what, || client.list_core_api_resources(&api_version)).await?,
            };
            let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
            for resource in found.resources {
                // Names of subresources contain a slash.
                let lists = resource.verbs.iter().any(|verb| verb == "list");
                let is_known = kinds.iter().any(|kind| kind.group == group && kind.plural == resource.name);
                if resource.namespaced && lists && !is_known && !resource.name.contains('/') {
                    kinds.push(ApiResource {
                        group: group.to_owned(),
                        version: version.to_owned(),
                        api_version: api_version.clone(),
                        kind: resource.kind,
                        plural: resource.name,
                    });
                }
            }
        }
        Ok(kinds)
    }

    /// The metadata of the objects of a kind in a namespace.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn list_metadata(&self, kind: &ApiResource, namespace: &str) -> Result<Vec<ObjectMeta>, Error> {
        let api = self.api(kind, Some(namespace));
        let what = format!("list {} in namespace {namespace}", kind.plural);
        let mut all = Vec::new();
        let mut parameters = ListParams::default().limit(PAGE);
        let (mut pages, before) = (0, self.read.load(Ordering::Relaxed));
        loop {
            let page = match absent(self.request(&what, || api.list_metadata(&parameters)).await)? {
                Some(page) => page,
                None => return Ok(all),
            };
            all.extend(page.items.into_iter().map(|object| object.metadata));
            parameters.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
            if parameters.continue_token.is_none() {
                return Ok(all);
            }
            pages += 1;
            if all.len() > MOST_OBJECTS || pages > MOST_PAGES || self.has_read_too_much(before) {
                return Err(too_many(&what));
            }
        }
    }

    /// Whether more bytes were read since a count than one list may have.
    fn has_read_too_much(&self, before: u64) -> bool {
        self.read.load(Ordering::Relaxed).saturating_sub(before) > MOST_BYTES
    }
}

fn too_many(what: &str) -> Error {
    let message =
        format!("the list does not end within {MOST_OBJECTS} objects, {MOST_PAGES} pages or {} MiB", MOST_BYTES >> 20);
    Error::Answer { what: what.to_owned(), source: message.into() }
}

fn named(name: impl Display) -> String {
    format!("namespace {name}")
}
