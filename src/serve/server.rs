//! The registry API on the network: the service itself, health checks, and reflection for tools such as grpcurl.

use std::future::Future;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::HealthService;
use tonic_reflection::server as reflection;

use super::answers::Answers;
use super::api::FILE_DESCRIPTOR_SET;
use super::connections::{Connections, Rules};
use super::health::{SERVER, WholeServer};
use super::index::Index;
use super::service::{Experimental, Service};

/// How many calls a client may have open on one connection: far more than OLM's few.
const MAX_STREAMS: u32 = 128;

/// How long a connection may be silent before it is asked for a sign of life, and how long that may take: so that
/// the connections of clients that are gone do not pile up.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(20));

/// How long open calls may take to end when the server stops. Kubernetes waits 30 seconds before it kills.
const DRAIN: Duration = Duration::from_secs(5);

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The network failed.
    #[error("the server failed")]
    Transport(#[from] tonic::transport::Error),
    /// The API's description does not fit itself.
    #[error("cannot serve reflection")]
    Reflection(#[from] reflection::Error),
}

/// Serves an index on a listener until `stop` is done: then open calls may end, for five seconds at most.
///
/// Requests of up to 4 MiB are read, which is gRPC's usual limit. Answers have no limit: a bundle has the size it
/// has, and clients have a limit of their own.
///
/// # Errors
/// The listener fails.
pub async fn serve(index: Index, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
    let (health, _) = tonic_health::server::health_reporter();
    health.set_service_status(SERVER, ServingStatus::Serving).await;
    let health_service = HealthServer::new(WholeServer(HealthService::from_health_reporter(health.clone())));
    let reflection = || {
        [
            FILE_DESCRIPTOR_SET,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ]
        .into_iter()
        .fold(
            // Each version would describe itself alone.
            reflection::Builder::configure().include_reflection_service(false),
            reflection::Builder::register_encoded_file_descriptor_set,
        )
    };
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(KEEPALIVE.0));
    let connections = Connections::new(Rules::usual());
    let (accepted, connected) = mpsc::channel(1);
    tokio::spawn(connections.accept(incoming, accepted));
    let incoming = ReceiverStream::new(connected);
    let service = Service::new(Answers::new(index));
    let (stopping, stopped) = oneshot::channel::<()>();
    let server = Server::builder()
        .max_concurrent_streams(MAX_STREAMS)
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1))
        .add_service(health_service)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(Experimental(service.clone()))
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, async {
            // The sender going away means the same.
            let _ = stopped.await;
        });
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return Ok(ended?),
        () = stop => {}
    }
    health.set_service_status(SERVER, ServingStatus::NotServing).await;
    let _ = stopping.send(());
    // What has not ended by then never will.
    tokio::time::timeout(DRAIN, server).await.unwrap_or(Ok(()))?;
    Ok(())
}
