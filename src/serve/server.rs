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

/// The most open calls of a client on one connection: far more than OLM uses.
const MAX_STREAMS: u32 = 128;

/// The keepalive interval and timeout, so that connections of dead clients do not accumulate.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(20));

/// How long open calls may take to end when the server stops. Kubernetes waits 30 seconds before it kills the
/// container.
const DRAIN: Duration = Duration::from_secs(5);

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The network failed.
    #[error("the server failed")]
    Transport(#[from] tonic::transport::Error),
    /// The API's description is not consistent.
    #[error("cannot serve reflection")]
    Reflection(#[from] reflection::Error),
}

/// Serves an index on a listener until `stop` completes. Open calls then have up to five seconds to end.
///
/// Requests of up to 4 MiB are read, which is gRPC's usual limit. Answers have no limit: clients have their own limits.
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
            // Each version would describe only itself.
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
            // A dropped sender means the same.
            let _ = stopped.await;
        });
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return Ok(ended?),
        () = stop => {}
    }
    health.set_service_status(SERVER, ServingStatus::NotServing).await;
    let _ = stopping.send(());
    // Calls that have not ended by then are dropped.
    tokio::time::timeout(DRAIN, server).await.unwrap_or(Ok(()))?;
    Ok(())
}
