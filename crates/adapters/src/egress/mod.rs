//! Calls to addresses that an organization chose: the one client for all of them.
//!
//! What must hold: the network address that is connected to is one that the policy was asked about, whenever it connects
//! anew, so that a name that changes its mind between two look-ups leads nowhere else. HTTP/1.1, one connection for one
//! request or, on a line, for several to one place: no proxy, no redirect, no cookie, nothing kept for the next caller. One
//! deadline over everything, and one end to the memory of all answers together, of which a small answer needs none. Why
//! there is no answer stands in the log of the operator, with the host and nothing else of the URL.

mod inflate;
mod policy;

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use base::web::Address;
use exchange::egress::{Answer, Ask, Egress, Later, Line, NoAnswer, Reads, Unusable};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT,
};
use http::{HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use self::inflate::Inflating;
pub use self::policy::{Policy, is_special};

/// How many names the system looks up at once: more than there are requests at once, so that names whose servers do not
/// answer keep no other waiting. Each takes a small thread for as long as it lasts, which no deadline of ours ends.
const LOOKUPS: usize = 1_024;

/// The stack of such a thread. What the system's resolver needs is far less.
const LOOKUP_STACK: usize = 256 * 1024;

/// The most bytes of an answer's head.
const MOST_HEAD: usize = 16 * 1024;

/// So much of each answer's body is held whatever the others hold.
const OWN_ROOM: usize = 8 * 1024;

/// And so much of all bodies and decoders beyond that: who finds it taken waits, within the deadline.
const COMMON_ROOM: usize = 8 * 1024 * 1024;

/// The common room is counted by so many bytes.
const UNIT: usize = 1024;

/// Who knows the network addresses of a name.
pub trait Resolver: Send + Sync + 'static {
    /// Looks a name up.
    fn resolve<'a>(&'a self, host: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>>;
}

/// The system's own.
pub struct SystemResolver {
    room: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> SystemResolver {
        SystemResolver { room: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let permit = self.room.clone().acquire_owned().await.map_err(io::Error::other)?;
            let host = host.to_owned();
            let (tell, told) = oneshot::channel();
            // A thread of its own, and none of the runtime's: those are few, and the database needs them.
            let thread = std::thread::Builder::new().name("name look-up".into()).stack_size(LOOKUP_STACK);
            thread.spawn(move || {
                // The place is given back when the look-up ends, also where nobody waits for it any more.
                let _permit = permit;
                let found = (host.as_str(), 0).to_socket_addrs();
                drop(tell.send(found.map(|found| found.map(|one| one.ip()).collect())));
            })?;
            told.await.map_err(io::Error::other)?
        })
    }
}

/// The web, as far as the policy lets it be called.
pub struct Web {
    policy: Policy,
    resolver: Box<dyn Resolver>,
    tls: TlsConnector,
    room: Arc<Semaphore>,
}

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up")]
pub struct NoTls(#[source] rustls::Error);

impl Web {
    /// By this policy, with the system's resolver.
    pub fn new(policy: Policy) -> Result<Web, NoTls> {
        Web::resolving(policy, SystemResolver::default())
    }

    /// By this policy, with this resolver.
    pub fn resolving(policy: Policy, resolver: impl Resolver) -> Result<Web, NoTls> {
        let mut config = rustls::ClientConfig::with_platform_verifier().map_err(NoTls)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A session that is taken up again would carry something from one organization's call to another's.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Web {
            policy,
            resolver: Box::new(resolver),
            tls: TlsConnector::from(Arc::new(config)),
            room: Arc::new(Semaphore::new(COMMON_ROOM / UNIT)),
        })
    }

    /// The network addresses that may be connected to, in the order in which the resolver has them.
    async fn addresses(&self, url: &Address) -> Result<Vec<SocketAddr>, Trouble> {
        let port = url.url().port_or_known_default().ok_or(Trouble::Refused)?;
        let found = match policy::literal(url) {
            Some(address) => vec![address],
            None => {
                let host = url.url().host_str().ok_or(Trouble::Refused)?;
                self.resolver.resolve(host).await.map_err(Trouble::Lookup)?
            }
        };
        let allowed = found.into_iter().filter(|address| self.policy.may_connect(url, *address));
        let allowed: Vec<SocketAddr> = allowed.map(|address| SocketAddr::new(address, port)).collect();
        if allowed.is_empty() { Err(Trouble::Refused) } else { Ok(allowed) }
    }

    async fn connect(&self, url: &Address) -> Result<TcpStream, Trouble> {
        let mut last = Trouble::Refused;
        for address in self.addresses(url).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Trouble::Connect(error),
            }
        }
        Err(last)
    }

    async fn call(&self, ask: &Ask) -> Result<Answer, Trouble> {
        let mut wire = self.open(&ask.url).await?;
        Ok(self.over(&mut wire, ask, false).await?.0)
    }

    /// Connects to where the policy lets us, and speaks HTTP from then on.
    async fn open(&self, url: &Address) -> Result<Wire, Trouble> {
        let stream = self.connect(url).await?;
        drop(stream.set_nodelay(true)); // a request that goes out a little later is a request all the same
        if !url.is_secure() {
            return Wire::over(stream).await;
        }
        let host = url.url().host_str().unwrap_or_default();
        let name = ServerName::try_from(host.trim_start_matches('[').trim_end_matches(']').to_owned());
        let name = name.map_err(|_| Trouble::Refused)?;
        Wire::over(self.tls.connect(name, stream).await.map_err(Trouble::Connect)?).await
    }

    /// Asks over a connection; gives whether it is as good as new afterwards.
    async fn over(&self, wire: &mut Wire, ask: &Ask, keeps: bool) -> Result<(Answer, bool), Trouble> {
        let request = request(ask, keeps)?;
        wire.sender.ready().await?;
        let response = wire.sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        let header = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let (body, is_read) = match ask.reads {
            Reads::First(most) => {
                let (first, is_all) = first_of(body, most).await?;
                (Ok(first), is_all)
            }
            Reads::All => {
                let several = parts.headers.get_all(CONTENT_ENCODING).iter().count() > 1;
                let coding = if several { Some("several") } else { header(CONTENT_ENCODING) };
                let body = self.read(body, coding).await?;
                let is_read = body.is_ok();
                (body, is_read)
            }
        };
        let answer = Answer {
            status: parts.status.as_u16(),
            content_type: header(CONTENT_TYPE).map(str::to_owned),
            retry_after: header(RETRY_AFTER).map(str::to_owned),
            body,
        };
        Ok((answer, is_read))
    }

    /// What a caller learns of a call, and the operator's log.
    fn told(
        ask: &Ask,
        done: Result<Result<Answer, Trouble>, tokio::time::error::Elapsed>,
    ) -> Result<Answer, NoAnswer> {
        let (what, said) = match done {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(trouble)) => (NoAnswer::None, trouble.to_string()),
            Err(_) => (NoAnswer::Late, NoAnswer::Late.to_string()),
        };
        let host = ask.url.url().host_str().unwrap_or_default();
        tracing::info!(host, why = said, "a call to an organization's address had no answer");
        Err(what)
    }

    async fn read(
        &self,
        mut body: Incoming,
        coding: Option<&str>,
    ) -> Result<Result<Vec<u8>, Unusable>, Trouble> {
        let mut place = Place { room: &self.room, taken: None, units: 0 };
        place.is_for(Inflating::needs(coding)).await;
        let mut reading = match Inflating::new(coding) {
            Ok(reading) => reading,
            Err(unusable) => return Ok(Err(unusable)),
        };
        while let Some(frame) = body.frame().await {
            let frame = frame?;
            let mut rest: &[u8] = frame.data_ref().map_or(&[], |bytes| bytes);
            while !rest.is_empty() {
                match reading.take(rest) {
                    Ok(taken) => rest = &rest[taken..],
                    Err(unusable) => return Ok(Err(unusable)),
                }
                place.is_for(reading.held()).await;
            }
        }
        Ok(reading.end())
    }
}

/// What a body takes of the common room, until it is read.
struct Place<'a> {
    room: &'a Semaphore,
    taken: Option<SemaphorePermit<'a>>,
    units: usize,
}

impl Place<'_> {
    /// Waits until there is room for a body of this length.
    async fn is_for(&mut self, bytes: usize) {
        let wanted = bytes.saturating_sub(OWN_ROOM).div_ceil(UNIT);
        let Ok(more) = u32::try_from(wanted.saturating_sub(self.units)) else { return };
        // The room is never closed.
        if more > 0
            && let Ok(permit) = self.room.acquire_many(more).await
        {
            self.units = wanted;
            match &mut self.taken {
                Some(taken) => taken.merge(permit),
                None => self.taken = Some(permit),
            }
        }
    }
}

impl Egress for Web {
    fn send<'a>(&'a self, ask: &'a Ask) -> Later<'a, Result<Answer, NoAnswer>> {
        Box::pin(async move { Web::told(ask, tokio::time::timeout(ask.within, self.call(ask)).await) })
    }

    fn line(&self) -> Box<dyn Line + '_> {
        Box::new(Kept { web: self, wire: None })
    }

    fn might_call(&self, url: &Address) -> bool {
        self.policy.might_call(url)
    }
}

/// A connection that speaks HTTP, and ends with whoever holds it.
struct Wire {
    sender: http1::SendRequest<Full<Bytes>>,
    _ends: Ends,
}

impl Wire {
    async fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Wire, Trouble> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(MOST_HEAD);
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
        let ends = Ends(tokio::spawn(async move {
            // What goes wrong with it is said to whoever reads the answer.
            drop(connection.await);
        }));
        Ok(Wire { sender, _ends: ends })
    }
}

/// A line, with the connection that the last call left and where that leads.
struct Kept<'w> {
    web: &'w Web,
    wire: Option<(String, Wire)>,
}

impl Kept<'_> {
    async fn call(&mut self, ask: &Ask) -> Result<Answer, Trouble> {
        let origin = ask.url.origin();
        if let Some((to, mut wire)) = self.wire.take()
            && to == origin
        {
            match self.web.over(&mut wire, ask, true).await {
                Ok((answer, is_good)) => {
                    self.wire = is_good.then_some((to, wire));
                    return Ok(answer);
                }
                // Their side may have hung up between two calls.
                Err(Trouble::Http(_)) => {}
                Err(other) => return Err(other),
            }
        }
        let mut wire = self.web.open(&ask.url).await?;
        let (answer, is_good) = self.web.over(&mut wire, ask, true).await?;
        self.wire = is_good.then_some((origin, wire));
        Ok(answer)
    }
}

impl Line for Kept<'_> {
    fn send<'a>(&'a mut self, ask: &'a Ask) -> Later<'a, Result<Answer, NoAnswer>> {
        Box::pin(async move { Web::told(ask, tokio::time::timeout(ask.within, self.call(ask)).await) })
    }
}

/// The first bytes of a body, and whether that is all of it.
async fn first_of(mut body: Incoming, most: usize) -> Result<(Vec<u8>, bool), Trouble> {
    let mut first = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame?;
        let bytes: &[u8] = frame.data_ref().map_or(&[], |bytes| bytes);
        let room = most - first.len();
        first.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room {
            return Ok((first, false));
        }
    }
    Ok((first, true))
}

/// Why there is no answer, for the operator. None of it has more of the URL than its host.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the policy does not allow it")]
    Refused,
    #[error("the name was not found: {0}")]
    Lookup(io::Error),
    #[error("no connection: {0}")]
    Connect(io::Error),
    #[error("no HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("a header cannot be sent")]
    Header,
}

fn request(ask: &Ask, keeps: bool) -> Result<Request<Full<Bytes>>, Trouble> {
    let url = ask.url.url();
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let method = if ask.body.is_some() { Method::POST } else { Method::GET };
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header(HOST, host)
        .header(USER_AGENT, concat!("quittance/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "application/json");
    if ask.reads == Reads::All {
        request = request.header(ACCEPT_ENCODING, "gzip, deflate");
    }
    if !keeps {
        request = request.header(CONNECTION, "close");
    }
    for (name, value) in &ask.headers {
        let mut value = HeaderValue::from_str(value.reveal()).map_err(|_| Trouble::Header)?;
        value.set_sensitive(true);
        request = request.header(*name, value);
    }
    let body = Full::new(Bytes::from(ask.body.clone().unwrap_or_default()));
    request.body(body).map_err(|_| Trouble::Header)
}

/// Ends the work on a connection with whoever waits for it.
struct Ends(JoinHandle<()>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}
