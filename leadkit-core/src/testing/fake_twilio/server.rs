//! The fake's HTTP side.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::account::{Account, Form, Refused, not_found, refused};
use super::fault::Fault;
use super::json::error_json;
use crate::error::{Error, ErrorCode, Result};
use crate::model::transport::WebhookRequest;
use crate::secret::Secret;

/// How long a host has for answering a callback; Twilio gives 15 seconds too.
const PATIENCE: Duration = Duration::from_secs(15);

/// A request that the fake received.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FakeRequest {
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query's fields, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// The form's fields, decoded, in their order.
    pub form: Vec<(String, String)>,
    /// The headers, without `authorization`.
    pub headers: BTreeMap<String, String>,
    /// The body as it came.
    pub body: String,
}

pub(super) struct Server {
    pub auth_token: Secret,
    runtime: Handle,
    client: reqwest::Client,
    state: Weak<Mutex<Account>>,
}

impl Server {
    /// The server, its URL, and what keeps it alive.
    pub(super) fn start(state: Arc<Mutex<Account>>) -> Result<(Server, String, UnboundedSender<()>)> {
        let failed = |error: std::io::Error| Error::new(ErrorCode::Io, format!("the fake's server: {error}"));
        let auth_token = lock(&state).options.auth_token.clone();
        let runtime = Builder::new_current_thread().enable_io().enable_time().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let listener = {
            let _inside = handle.enter();
            TcpListener::from_std(listener).map_err(failed)?
        };
        let client = client()?;
        let weak = Arc::downgrade(&state);
        let (alive, mut over) = unbounded_channel::<()>();
        std::thread::Builder::new()
            .name("leadkit-fake-twilio".into())
            .spawn(move || {
                runtime.spawn(listen(listener, state));
                runtime.block_on(over.recv());
                runtime.shutdown_background();
            })
            .map_err(failed)?;
        Ok((Server { auth_token, runtime: handle, client, state: weak }, format!("http://{address}"), alive))
    }

    /// Posts requests one after the other.
    pub(super) fn post(&self, requests: Vec<WebhookRequest>) -> Vec<u16> {
        let (give, take) = channel();
        let client = self.client.clone();
        self.runtime.spawn(async move {
            let mut statuses = Vec::with_capacity(requests.len());
            for request in requests {
                statuses.push(deliver(&client, request).await);
            }
            // Nobody waits any more only when the caller's thread is gone.
            let _ = give.send(statuses);
        });
        take.recv().unwrap_or_default()
    }

    /// Posts whatever falls due, looking every so often.
    pub(super) fn post_by_itself(&self, every: Duration) {
        let (client, state) = (self.client.clone(), self.state.clone());
        self.runtime.spawn(async move {
            while let Some(state) = state.upgrade() {
                let due = lock(&state).take_due();
                drop(state);
                for request in due {
                    deliver(&client, request).await;
                }
                tokio::time::sleep(every).await;
            }
        });
    }
}

fn lock(state: &Mutex<Account>) -> MutexGuard<'_, Account> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn client() -> Result<reqwest::Client> {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal(error.to_string()))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent("TwilioProxy/1.1")
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(|error| Error::internal(error.to_string()))
}

async fn deliver(client: &reqwest::Client, request: WebhookRequest) -> u16 {
    let method = if request.method == "GET" { reqwest::Method::GET } else { reqwest::Method::POST };
    let mut call = client.request(method, &request.url).body(request.body);
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    call.send().await.map_or(0, |answer| answer.status().as_u16())
}

async fn listen(listener: TcpListener, state: Arc<Mutex<Account>>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let state = state.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, state.clone()));
            // A dropped connection is a fault that was asked for, or the host's.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// An error closes the connection without an answer.
async fn answer(request: Request<Incoming>, state: Arc<Mutex<Account>>) -> Result<Response<Reply>, Closed> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    let signed_in = head.headers.get("authorization").map(|value| value.as_bytes().to_vec());
    let headers = head.headers.iter().filter(|(name, _)| *name != "authorization");
    let received = FakeRequest {
        method: head.method.to_string(),
        path: head.uri.path().to_string(),
        query: Form::parse(head.uri.query().unwrap_or_default().as_bytes()).0,
        form: Form::parse(&body).0,
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let (fault, reply) = {
        let mut account = lock(&state);
        account.requests.push(received.clone());
        account.reply(&received, signed_in.as_deref())
    };
    match fault {
        Some(Fault::Dropped { .. }) => Err(Closed),
        Some(Fault::Silence { .. }) => std::future::pending().await,
        Some(Fault::Slow { millis }) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            reply.response(false, None)
        }
        Some(Fault::TooManyRequests { retry_after }) => reply.response(false, retry_after),
        Some(Fault::HalfAnAnswer) => reply.response(true, None),
        _ => reply.response(false, None),
    }
}

/// An HTTP status and JSON.
struct Answered(u16, Value);

impl Answered {
    fn response(self, breaks: bool, retry_after: Option<u32>) -> Result<Response<Reply>, Closed> {
        let text = if self.1.is_null() { String::new() } else { self.1.to_string() };
        let mut builder = Response::builder().status(self.0).header("content-type", "application/json");
        if let Some(seconds) = retry_after {
            builder = builder.header("retry-after", seconds.to_string());
        }
        builder.body(Reply::new(text, breaks)).map_err(|_| Closed)
    }
}

impl From<Refused> for Answered {
    fn from(refused: Refused) -> Answered {
        Answered(refused.0, error_json(&refused))
    }
}

impl Account {
    /// What is answered, and what goes wrong on the way.
    fn reply(&mut self, request: &FakeRequest, signed_in: Option<&[u8]>) -> (Option<Fault>, Answered) {
        if !self.knows(signed_in) {
            return (None, (401, 20003, "Authenticate".into()).into());
        }
        let form = Form(request.form.clone());
        let account = format!("/2010-04-01/Accounts/{}/", self.options.account_sid);
        let Some(path) = request.path.strip_prefix(&account).and_then(|p| p.strip_suffix(".json")) else {
            return (None, not_found().into());
        };
        let creates = request.method == "POST" && !path.contains('/');
        let fault = if creates { self.next_fault() } else { None };
        if let Some(fault) = fault.as_ref().filter(|fault| !fault.accepts()) {
            let reply = match fault {
                Fault::TooManyRequests { .. } => (429, 20429, "Too Many Requests".into()),
                Fault::Refusal { status, code } => (*status, *code, refused(*code).2),
                Fault::ServerError { status, .. } => (*status, 20500, "Internal Server Error".into()),
                _ => (500, 20500, String::new()),
            };
            return (Some(fault.clone()), reply.into());
        }
        let reply = self.done(&request.method, path, &form, &Form(request.query.clone()));
        let reply = reply.unwrap_or_else(Answered::from);
        match fault {
            Some(Fault::ServerError { status, .. }) => {
                (fault, (status, 20500, "Internal Server Error".into()).into())
            }
            fault => (fault, reply),
        }
    }

    fn done(&mut self, method: &str, path: &str, form: &Form, query: &Form) -> Result<Answered, Refused> {
        let json = match (method, path.split_once('/').unwrap_or((path, ""))) {
            ("POST", ("Messages", "")) => {
                let message = self.create_message(form)?;
                return Ok(Answered(201, self.message_json(&message)));
            }
            ("POST", ("Calls", "")) => {
                let call = self.create_call(form)?;
                return Ok(Answered(201, self.call_json(&call)));
            }
            ("GET", ("Messages", "")) => self.list_json(query),
            ("GET", ("Messages", sid)) => {
                let message = self.places.get(sid).and_then(|at| self.messages.get(*at));
                self.message_json(message.ok_or_else(not_found)?)
            }
            ("GET", ("Calls", sid)) => {
                let call = self.calls.iter().find(|call| call.sid == sid);
                self.call_json(call.ok_or_else(not_found)?)
            }
            ("POST", ("Messages", sid)) => {
                let message = self.update_message(sid, form)?;
                self.message_json(&message)
            }
            ("POST", ("Calls", sid)) => {
                let call = self.update_call(sid, form)?;
                self.call_json(&call)
            }
            ("DELETE", ("Messages", sid)) => {
                self.delete_message(sid)?;
                return Ok(Answered(204, Value::Null));
            }
            ("DELETE", ("Calls", sid)) => {
                self.delete_call(sid)?;
                return Ok(Answered(204, Value::Null));
            }
            _ => return Err(not_found()),
        };
        Ok(Answered(200, json))
    }

    fn knows(&self, signed_in: Option<&[u8]>) -> bool {
        let own = (self.options.account_sid.clone(), self.options.auth_token.clone());
        let key = self.options.api_key.clone().zip(self.options.api_secret.clone());
        let mut known = std::iter::once(own).chain(key);
        known.any(|(user, password)| {
            let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
            signed_in == Some(format!("Basic {pair}").as_bytes())
        })
    }
}

/// The connection is closed.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed as asked")
    }
}

impl std::error::Error for Closed {}

/// An answer's body; one that breaks ends after its first half.
struct Reply {
    left: Option<Bytes>,
    length: u64,
    breaks: bool,
}

impl Reply {
    fn new(text: String, breaks: bool) -> Reply {
        let length = text.len() as u64;
        let mut bytes = Bytes::from(text);
        if breaks {
            bytes.truncate(bytes.len() / 2);
        }
        Reply { left: (length > 0).then_some(bytes), length, breaks }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        match self.left.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None if self.breaks => Poll::Ready(Some(Err(Closed))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none() && !self.breaks
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
