//! An agency behind a real port, for callers that are programs of their own.

use std::net::SocketAddr;

use edge::server::{Limits, serve};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::Agency;

/// A server that stops when this is dropped.
pub(crate) struct Served {
    address: SocketAddr,
    _stop: DropGuard,
}

impl Agency {
    /// Serves this agency on a port of this machine.
    pub(crate) async fn served(&self) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let serving =
            serve(listener, self.router.clone(), Limits::default(), TaskTracker::new(), stop.clone());
        tokio::spawn(serving);
        Served { address, _stop: stop.drop_guard() }
    }
}

impl Served {
    /// What every path stands below.
    pub(crate) fn api(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }
}
