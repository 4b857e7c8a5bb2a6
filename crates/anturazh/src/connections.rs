//! Connections over TCP, each with a limit of time and size for what it asks, and ended in order.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use collect::Peer;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use web::caller::Caller;

/// How long the next request's headers may take from the answer before, or from the first byte on. Whoever holds
/// connections open by sending a letter at a time loses them, and so does whoever leaves one idle.
const HEADERS: Duration = Duration::from_secs(30);
/// The most bytes of a request's line and headers; above it is answered `431`. There are 100 headers at most: hyper's
/// own limit, which costs nothing.
const MOST_HEADER_BYTES: usize = 64 * 1024;
/// How long to wait when no connection can be accepted, such as for want of file descriptors.
const REST: Duration = Duration::from_secs(1);

/// Answers at `listener` until `stopped` says so or its sender is gone; then takes no further connection, and ends when
/// those under way have been answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stopped: oneshot::Receiver<()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(MOST_HEADER_BYTES);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(error.kind()) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let caller = ConnectInfo(Caller(Peer::from(address)));
        let router = TowerToHyperService::new(router.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(caller);
            hyper::service::Service::call(&router, request)
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Connections break off, time out or send what is no HTTP: all of that is theirs.
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Whether a failed accept concerns only the connection that was to be accepted.
fn is_of_one_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}
