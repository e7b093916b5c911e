//! Answers as bytes, shared by all calls with the same request: regardless of the number of clients and how slowly they
//! read, an answer is in memory once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::{BufMut as _, Bytes, BytesMut};
use prost::Message;
use tonic::Status;

use super::api::experimental_registry_server::SERVICE_NAME as EXPERIMENTAL;
use super::api::registry_server::SERVICE_NAME as REGISTRY;
use super::api::{
    ExperimentalListPackageCustomSchemasRequest, GetAllProvidersRequest, GetAllReplacementsRequest,
    GetBundleInChannelRequest, GetBundleRequest, GetDefaultProviderRequest, GetLatestProvidersRequest,
    GetPackageRequest, GetReplacementRequest, ListBundlesRequest, ListPackageRequest, PackageName,
};
use super::index::{Index, NotFound};
use super::zip::Zipped;
use crate::bundle::Gvk;

/// An index, and the answers that are being sent.
#[derive(Debug)]
pub(super) struct Answers {
    index: Index,
    shared: Arc<Shared>,
}

/// The answers that are being sent, by their requests.
#[derive(Debug, Default)]
struct Shared(Mutex<HashMap<Key, Weak<Frames>>>);

/// A method, its request, and the number of the message in the answer.
type Key = (&'static str, Bytes, usize);

/// Messages with gRPC's prefix: whether the message is compressed, and its length.
#[derive(Debug)]
struct Frames {
    bytes: Bytes,
    key: Key,
    shared: Arc<Shared>,
}

/// A use of [`Frames`].
struct Use(Arc<Frames>);

impl AsRef<[u8]> for Use {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        let mut shared = self.shared.lock();
        // Another call may have started again.
        if shared.get(&self.key).is_some_and(|frames| frames.strong_count() == 0) {
            shared.remove(&self.key);
        }
        // The table shrinks again.
        if shared.is_empty() {
            shared.shrink_to_fit();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<Frames>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The frames of a key: existing or new ones.
    fn get(self: &Arc<Self>, key: Key, make: impl FnOnce() -> Result<Bytes, Status>) -> Result<Bytes, Status> {
        let there = self.lock().get(&key).and_then(Weak::upgrade);
        if let Some(frames) = there {
            return Ok(Bytes::from_owner(Use(frames)));
        }
        let made = Arc::new(Frames { bytes: make()?, key: key.clone(), shared: Arc::clone(self) });
        let frames = {
            let mut shared = self.lock();
            // Another call may have been faster.
            match shared.get(&key).and_then(Weak::upgrade) {
                Some(there) => there,
                None => {
                    shared.insert(key, Arc::downgrade(&made));
                    Arc::clone(&made)
                }
            }
        };
        // Only now, because dropping it accesses the table too.
        drop(made);
        Ok(Bytes::from_owner(Use(frames)))
    }
}

/// A method of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Method(&'static str);

const LIST_BUNDLES: &str = "ListBundles";
const LIST_CUSTOM: &str = "ExperimentalListPackageCustomSchemas";
const METHODS: [(&str, &str); 11] = [
    (REGISTRY, "ListPackages"),
    (REGISTRY, "GetPackage"),
    (REGISTRY, "GetBundle"),
    (REGISTRY, "GetBundleForChannel"),
    (REGISTRY, "GetChannelEntriesThatReplace"),
    (REGISTRY, "GetBundleThatReplaces"),
    (REGISTRY, "GetChannelEntriesThatProvide"),
    (REGISTRY, "GetLatestChannelEntriesThatProvide"),
    (REGISTRY, "GetDefaultBundleThatProvides"),
    (REGISTRY, LIST_BUNDLES),
    (EXPERIMENTAL, LIST_CUSTOM),
];

impl Method {
    /// The method with this service and name.
    pub(super) fn find(service: &str, name: &str) -> Option<Self> {
        METHODS.into_iter().find(|known| *known == (service, name)).map(|(_, name)| Self(name))
    }

    /// Whether opm may still change it: it answers only clients that acknowledge that.
    pub(super) fn is_experimental(self) -> bool {
        self.0 == LIST_CUSTOM
    }
}

impl Answers {
    pub(super) fn new(index: Index) -> Self {
        Self { index, shared: Arc::default() }
    }

    /// A part of the answer to a request, counted from 0; `None` after the last one. All answers except the lists of
    /// bundles and of custom blobs have one part.
    ///
    /// # Errors
    /// A request that cannot be read, or that is not valid. If something is not found, the error has the code Unknown,
    /// as in opm.
    pub(super) fn part(&self, method: Method, request: &Bytes, number: usize) -> Option<Result<Bytes, Status>> {
        if method.0 == LIST_BUNDLES {
            if let (0, Err(error)) = (number, read::<ListBundlesRequest>(request)) {
                return Some(Err(error));
            }
            let make = || self.index.listed(number).map(|bundle| framed([bundle])).ok_or_else(|| Status::internal(""));
            // The same for every request.
            let key = (method.0, Bytes::new(), number);
            return (number < self.index.entry_count()).then(|| self.shared.get(key, make));
        }
        if method.0 == LIST_CUSTOM {
            let blobs = match read(request).and_then(|request| self.custom(&request)) {
                Ok(blobs) => blobs,
                Err(error) => return Some(Err(error)),
            };
            let key = (method.0, request.clone(), number);
            return blobs.get(number).map(|blob| self.shared.get(key, || Ok(framed_bytes(&blob.unzip()))));
        }
        (number == 0).then(|| self.shared.get((method.0, request.clone(), 0), || self.whole(method, request)))
    }

    /// Blobs of a custom schema.
    fn custom(&self, request: &ExperimentalListPackageCustomSchemasRequest) -> Result<&[Zipped], Status> {
        let ExperimentalListPackageCustomSchemasRequest { schema, package_name: package } = request;
        if schema.is_empty() {
            return Err(Status::invalid_argument("schema is required"));
        }
        self.index.custom(schema, package).map_err(|error| Status::invalid_argument(error.to_string()))
    }

    fn whole(&self, method: Method, request: &Bytes) -> Result<Bytes, Status> {
        let index = &self.index;
        let api = |group: String, version: String, kind: String| Gvk { group, version, kind };
        Ok(match method.0 {
            "ListPackages" => {
                read::<ListPackageRequest>(request)?;
                framed(index.packages().map(|name| PackageName { name: name.to_owned() }))
            }
            "GetPackage" => framed([index.package(&read::<GetPackageRequest>(request)?.name)?]),
            "GetBundle" => {
                let GetBundleRequest { pkg_name, channel_name, csv_name } = read(request)?;
                framed([index.bundle(&pkg_name, &channel_name, &csv_name)?])
            }
            "GetBundleForChannel" => {
                let GetBundleInChannelRequest { pkg_name, channel_name } = read(request)?;
                framed([index.head(&pkg_name, &channel_name)?])
            }
            "GetChannelEntriesThatReplace" => {
                framed(index.entries_that_replace(&read::<GetAllReplacementsRequest>(request)?.csv_name)?)
            }
            "GetBundleThatReplaces" => {
                let GetReplacementRequest { csv_name, pkg_name, channel_name } = read(request)?;
                framed([index.replacement(&csv_name, &pkg_name, &channel_name)?])
            }
            "GetChannelEntriesThatProvide" => {
                let GetAllProvidersRequest { group, version, kind, plural: _ } = read(request)?;
                framed(index.entries_that_provide(&api(group, version, kind))?)
            }
            "GetLatestChannelEntriesThatProvide" => {
                let GetLatestProvidersRequest { group, version, kind, plural: _ } = read(request)?;
                framed(index.heads_that_provide(&api(group, version, kind))?)
            }
            "GetDefaultBundleThatProvides" => {
                let GetDefaultProviderRequest { group, version, kind, plural: _ } = read(request)?;
                framed([index.default_that_provides(&api(group, version, kind))?])
            }
            other => return Err(Status::unimplemented(other)),
        })
    }
}

impl From<NotFound> for Status {
    fn from(error: NotFound) -> Self {
        Self::unknown(error.to_string())
    }
}

fn read<M: Message + Default>(request: &Bytes) -> Result<M, Status> {
    M::decode(request.clone()).map_err(|error| Status::internal(format!("failed to decode Protobuf message: {error}")))
}

/// An encoded message as gRPC sends it.
fn framed_bytes(message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    prefix(&mut bytes, message.len());
    bytes.put_slice(message);
    bytes.freeze()
}

/// The prefix of an uncompressed message of this length, with capacity for the message.
fn prefix(bytes: &mut BytesMut, length: usize) {
    bytes.reserve(length + 5);
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
}

/// Messages as gRPC sends them.
fn framed<M: Message>(messages: impl IntoIterator<Item = M>) -> Bytes {
    let mut bytes = BytesMut::new();
    for message in messages {
        prefix(&mut bytes, message.encoded_len());
        message.encode(&mut bytes).expect("there is room for it");
    }
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_twice_is_made_once_and_does_not_stay() {
        let shared = Arc::<Shared>::default();
        let key = || ("GetPackage", Bytes::from_static(b"request"), 0);
        let mut made = 0;
        let mut get = || {
            let make = || {
                made += 1;
                Ok(Bytes::from_static(b"answer"))
            };
            shared.get(key(), make).unwrap()
        };
        let (one, two) = (get(), get());
        assert_eq!((one.as_ptr(), &*one), (two.as_ptr(), &b"answer"[..]));
        assert_eq!(shared.lock().len(), 1);
        drop((one, two));
        assert_eq!(shared.lock().len(), 0);
        drop(get());
        assert_eq!(made, 2);
        shared.get(key(), || Err(Status::unknown("no"))).unwrap_err();
        assert_eq!(shared.lock().len(), 0);
    }
}
