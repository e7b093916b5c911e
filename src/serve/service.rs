//! [`Index`] behind the registry API. What is not found is an error of the code Unknown, as opm's is.

use std::pin::Pin;
use std::sync::Arc;

use tokio_stream::Stream;
use tonic::{Request, Response, Status};

use super::api::registry_server::Registry;
use super::api::{
    Bundle, ChannelEntry, GetAllProvidersRequest, GetAllReplacementsRequest, GetBundleInChannelRequest,
    GetBundleRequest, GetDefaultProviderRequest, GetLatestProvidersRequest, GetPackageRequest, GetReplacementRequest,
    ListBundlesRequest, ListPackageRequest, Package, PackageName,
};
use super::index::{Index, NotFound};
use crate::bundle::Gvk;

/// The service.
#[derive(Debug)]
pub(super) struct Service {
    index: Arc<Index>,
}

impl Service {
    pub(super) fn new(index: Index) -> Self {
        Self { index: Arc::new(index) }
    }
}

/// Messages that are made when the client is ready for them.
type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn stream<T, I>(messages: I) -> Response<Messages<T>>
where
    I: IntoIterator<Item = T, IntoIter: Send + 'static>,
    T: Send + 'static,
{
    Response::new(Box::pin(tokio_stream::iter(messages.into_iter().map(Ok))))
}

impl From<NotFound> for Status {
    fn from(error: NotFound) -> Self {
        Self::unknown(error.to_string())
    }
}

#[tonic::async_trait]
impl Registry for Service {
    type ListPackagesStream = Messages<PackageName>;

    async fn list_packages(
        &self,
        _: Request<ListPackageRequest>,
    ) -> Result<Response<Self::ListPackagesStream>, Status> {
        let names: Vec<_> = self.index.packages().map(|name| PackageName { name: name.to_owned() }).collect();
        Ok(stream(names))
    }

    async fn get_package(&self, request: Request<GetPackageRequest>) -> Result<Response<Package>, Status> {
        Ok(Response::new(self.index.package(&request.get_ref().name)?))
    }

    async fn get_bundle(&self, request: Request<GetBundleRequest>) -> Result<Response<Bundle>, Status> {
        let GetBundleRequest { pkg_name, channel_name, csv_name } = request.get_ref();
        Ok(Response::new(self.index.bundle(pkg_name, channel_name, csv_name)?))
    }

    async fn get_bundle_for_channel(
        &self,
        request: Request<GetBundleInChannelRequest>,
    ) -> Result<Response<Bundle>, Status> {
        let GetBundleInChannelRequest { pkg_name, channel_name } = request.get_ref();
        Ok(Response::new(self.index.head(pkg_name, channel_name)?))
    }

    type GetChannelEntriesThatReplaceStream = Messages<ChannelEntry>;

    async fn get_channel_entries_that_replace(
        &self,
        request: Request<GetAllReplacementsRequest>,
    ) -> Result<Response<Self::GetChannelEntriesThatReplaceStream>, Status> {
        Ok(stream(self.index.entries_that_replace(&request.get_ref().csv_name)?))
    }

    async fn get_bundle_that_replaces(
        &self,
        request: Request<GetReplacementRequest>,
    ) -> Result<Response<Bundle>, Status> {
        let GetReplacementRequest { csv_name, pkg_name, channel_name } = request.get_ref();
        Ok(Response::new(self.index.replacement(csv_name, pkg_name, channel_name)?))
    }

    type GetChannelEntriesThatProvideStream = Messages<ChannelEntry>;

    async fn get_channel_entries_that_provide(
        &self,
        request: Request<GetAllProvidersRequest>,
    ) -> Result<Response<Self::GetChannelEntriesThatProvideStream>, Status> {
        let GetAllProvidersRequest { group, version, kind, plural: _ } = request.into_inner();
        Ok(stream(self.index.entries_that_provide(&Gvk { group, version, kind })?))
    }

    type GetLatestChannelEntriesThatProvideStream = Messages<ChannelEntry>;

    async fn get_latest_channel_entries_that_provide(
        &self,
        request: Request<GetLatestProvidersRequest>,
    ) -> Result<Response<Self::GetLatestChannelEntriesThatProvideStream>, Status> {
        let GetLatestProvidersRequest { group, version, kind, plural: _ } = request.into_inner();
        Ok(stream(self.index.heads_that_provide(&Gvk { group, version, kind })?))
    }

    async fn get_default_bundle_that_provides(
        &self,
        request: Request<GetDefaultProviderRequest>,
    ) -> Result<Response<Bundle>, Status> {
        let GetDefaultProviderRequest { group, version, kind, plural: _ } = request.into_inner();
        Ok(Response::new(self.index.default_that_provides(&Gvk { group, version, kind })?))
    }

    type ListBundlesStream = Messages<Bundle>;

    async fn list_bundles(&self, _: Request<ListBundlesRequest>) -> Result<Response<Self::ListBundlesStream>, Status> {
        let index = Arc::clone(&self.index);
        Ok(stream((0..index.entry_count()).map_while(move |number| index.listed(number))))
    }
}
