//! gRPC's health service as in opm: for every service, the answer is that of the whole server. Source:
//! `pkg/server/health.go` of operator-registry.

use tonic::{Request, Response, Status};
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_health::server::HealthService;

/// The name of the whole server.
pub(super) const SERVER: &str = "";

/// The service.
#[derive(Debug)]
pub(super) struct WholeServer(pub(super) HealthService);

fn of_server(_: &HealthCheckRequest) -> Request<HealthCheckRequest> {
    Request::new(HealthCheckRequest { service: SERVER.to_owned() })
}

#[tonic::async_trait]
impl Health for WholeServer {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        self.0.check(of_server(request.get_ref())).await
    }

    type WatchStream = <HealthService as Health>::WatchStream;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        self.0.watch(of_server(request.get_ref())).await
    }
}
