//! The thread on which the connections live.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::{Builder, Handle};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::answer::Answer;
use super::config::Checked;
use crate::error::{Error, ErrorCode, Result};

/// Twilio's largest page is some megabytes.
const LARGEST_ANSWER: usize = 64 << 20;
/// Twilio's side closes idle connections; a request that meets one just then has no clear outcome.
const IDLE: Duration = Duration::from_secs(20);

/// A request, complete.
#[derive(Debug)]
pub(super) struct Call {
    pub method: Method,
    pub url: String,
    /// The body, encoded as a form.
    pub form: Option<String>,
}

/// A runtime on a thread of its own: nothing of it runs on the caller's thread, which may belong to
/// another runtime.
pub(super) struct Engine {
    client: Client,
    slots: Arc<Semaphore>,
    runtime: Handle,
    /// The thread ends when this is dropped.
    _alive: UnboundedSender<()>,
}

impl Engine {
    /// Starts the thread.
    pub(super) fn start(config: &Checked) -> Result<Engine> {
        let failed =
            |error: std::io::Error| Error::new(ErrorCode::Io, format!("the thread for Twilio: {error}"));
        let client = client(config)?;
        let runtime = Builder::new_current_thread().enable_io().enable_time().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (alive, mut over) = unbounded_channel::<()>();
        std::thread::Builder::new()
            .name("leadkit-twilio".into())
            .spawn(move || runtime.block_on(over.recv()))
            .map_err(failed)?;
        let slots = Arc::new(Semaphore::new(config.concurrency as usize));
        Ok(Engine { client, slots, runtime: handle, _alive: alive })
    }

    /// Makes requests, some at a time, and waits for all answers, in the order of the requests. None is
    /// made twice.
    pub(super) fn run(&self, calls: Vec<Call>) -> Vec<Answer> {
        let mut answers: Vec<Answer> =
            calls.iter().map(|_| Answer::Lost("the thread for Twilio ended".into())).collect();
        let (give, take) = channel();
        for (at, call) in calls.into_iter().enumerate() {
            let (client, slots, give) = (self.client.clone(), self.slots.clone(), give.clone());
            self.runtime.spawn(async move {
                let slot = slots.acquire().await;
                let answer = ask(&client, call).await;
                drop(slot);
                // Nobody waits any more only when the caller's thread is gone.
                let _ = give.send((at, answer));
            });
        }
        drop(give);
        for (at, answer) in take {
            if let Some(place) = answers.get_mut(at) {
                *place = answer;
            }
        }
        answers
    }
}

fn client(config: &Checked) -> Result<Client> {
    let mut headers = HeaderMap::new();
    let pair = format!("{}:{}", config.user, config.password.expose());
    let basic = format!("Basic {}", base64_of(pair.as_bytes()));
    let mut basic = HeaderValue::from_str(&basic).map_err(|error| Error::internal(error.to_string()))?;
    basic.set_sensitive(true);
    headers.insert(AUTHORIZATION, basic);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let builder = Client::builder()
        .default_headers(headers)
        .user_agent(concat!("leadkit/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls(config.tls)?)
        .http1_only()
        .tcp_nodelay(true)
        // Whatever is sent again may be sent twice.
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(Duration::from_secs_f64(config.connect_timeout))
        .timeout(Duration::from_secs_f64(config.timeout))
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(config.concurrency as usize);
    let builder = if config.local { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| Error::internal(format!("the HTTP client: {}", error.without_url())))
}

fn tls(needed: bool) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if needed {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Error::new(ErrorCode::Unreachable, "the system has no certificates of authorities")
                .hint("install the package ca-certificates, or set SSL_CERT_FILE"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

async fn ask(client: &Client, call: Call) -> Answer {
    let mut request = client.request(call.method, call.url);
    if let Some(form) = call.form {
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
    }
    let mut response = match request.send().await {
        Ok(response) => response,
        // Before there is a connection nothing can have been written to it.
        Err(error) if error.is_connect() || error.is_builder() => return Answer::NotSent(describe(&error)),
        Err(error) => return Answer::Lost(describe(&error)),
    };
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = retry_after.map(str::to_string);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_ANSWER => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Answer::Lost("the answer is larger than any of Twilio's".into()),
            Ok(None) => return Answer::Got { status, retry_after, body },
            Err(error) => return Answer::Cut { status, why: describe(&error) },
        }
    }
}

/// What happened, without URLs: the errors of a proxy may hold its password.
fn describe(error: &reqwest::Error) -> String {
    let what = match () {
        () if error.is_timeout() && error.is_connect() => "no connection in time",
        () if error.is_connect() => "no connection",
        () if error.is_timeout() => "no answer in time",
        () => "the connection broke before the answer",
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>().filter(|io| io.raw_os_error().is_some()) {
            return format!("{what}: {}", io.kind());
        }
        cause = inner.source();
    }
    what.into()
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
