//! The other end of a connection, as the handlers get it.

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use collect::Peer;
use tokio::net::TcpListener;

/// The other end of a connection. Its address is sealed.
#[derive(Clone, Copy)]
pub struct Caller(pub Peer);

impl Connected<IncomingStream<'_, TcpListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(Peer::from(*stream.remote_addr()))
    }
}
