//! The registry API over HTTP/2: requests are read, and answered from [`Answers`] without copying.
//!
//! It implements gRPC's protocol itself, because tonic's server copies every message for every call:
//! <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, Limited};
use tonic::server::NamedService;
use tonic::{Code, Status, body};

use super::answers::{Answers, Method};
use super::api::{experimental_registry_server, registry_server};
use super::connections::{Call, Peer};

/// The largest request: gRPC's usual limit, plus its prefix.
const MAX_REQUEST: usize = (4 << 20) + PREFIX;
/// The size of the prefix of each message.
const PREFIX: usize = 5;
/// How long a request may take to arrive.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// The header of clients that acknowledge experimental methods, as in opm.
const EXPERIMENTAL: &str = "x-acknowledge-experimental";

/// The service.
#[derive(Clone, Debug)]
pub(super) struct Service(Arc<Answers>);

/// The same service under the name of opm's experimental methods.
#[derive(Clone, Debug)]
pub(super) struct Experimental(pub(super) Service);

impl Service {
    pub(super) fn new(answers: Answers) -> Self {
        Self(Arc::new(answers))
    }

    async fn answer(self, request: Request<body::Body>) -> Result<Response<body::Body>, Status> {
        let name = request.uri().path().strip_prefix('/').and_then(|path| path.split_once('/'));
        let method = name.and_then(|(service, name)| Method::find(service, name));
        let method = method.ok_or_else(|| Status::unimplemented(""))?;
        let acknowledged = request.headers().get(EXPERIMENTAL).is_some_and(|value| value == "true");
        let call = request.extensions().get::<Peer>().map(Peer::call);
        let body = Limited::new(request.into_body(), MAX_REQUEST).collect();
        let body = tokio::time::timeout(REQUEST_TIME, body).await;
        let body = body.map_err(|_| Status::deadline_exceeded("the request did not arrive"))?;
        let body = body.map_err(|_| Status::out_of_range("the request is larger than 4 MiB or cannot be read"))?;
        let request = message(body.to_bytes())?;
        // The first part shows whether there is an answer or an error.
        let answers = self.0;
        let silent = method.is_experimental() && !acknowledged;
        let first = if silent { None } else { answers.part(method, &request, 0).transpose()? };
        let answer = Answer { answers, method, request, next: first, number: 0, ended: false, silent, call };
        let mut response = Response::new(body::Body::new(answer));
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        Ok(response)
    }
}

/// The one message of a request.
fn message(mut body: Bytes) -> Result<Bytes, Status> {
    if body.len() < PREFIX {
        return Err(Status::internal("the request has no message"));
    }
    let (compressed, length) = (body.get_u8(), body.get_u32() as usize);
    match (compressed, body.len() == length) {
        (0, true) => Ok(body),
        (0, false) => Err(Status::internal("the request must contain exactly one message")),
        _ => Err(Status::unimplemented("the request is compressed, which this server does not support")),
    }
}

/// A body that is produced while it is read.
struct Answer {
    answers: Arc<Answers>,
    method: Method,
    request: Bytes,
    next: Option<Bytes>,
    number: usize,
    ended: bool,
    /// Whether it is always empty.
    silent: bool,
    /// While it exists, the connection has an open call.
    call: Option<Call>,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(call) = &self.call {
            call.moves();
        }
        if let Some(part) = self.next.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        self.number += 1;
        let part = if self.silent { None } else { self.answers.part(self.method, &self.request, self.number) };
        let status = match part {
            Some(Ok(part)) => return Poll::Ready(Some(Ok(Frame::data(part)))),
            Some(Err(error)) => error.code(),
            None => Code::Ok,
        };
        self.ended = true;
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from(status as i32));
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }
}

impl NamedService for Service {
    const NAME: &'static str = registry_server::SERVICE_NAME;
}

impl NamedService for Experimental {
    const NAME: &'static str = experimental_registry_server::SERVICE_NAME;
}

impl tower::Service<Request<body::Body>> for Service {
    type Response = Response<body::Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<body::Body>) -> Self::Future {
        let answer = self.clone().answer(request);
        Box::pin(async { Ok(answer.await.unwrap_or_else(Status::into_http)) })
    }
}

impl tower::Service<Request<body::Body>> for Experimental {
    type Response = Response<body::Body>;
    type Error = Infallible;
    type Future = <Service as tower::Service<Request<body::Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<body::Body>) -> Self::Future {
        self.0.call(request)
    }
}
