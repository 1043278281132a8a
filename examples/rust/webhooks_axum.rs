//! Twilio's webhooks in a server of one's own, behind a proxy that ends TLS: what becomes of messages,
//! and the messages and calls that come in.
//!
//! ```text
//! PUBLIC_URL=https://leads.example TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=... \
//!     cargo run --example webhooks_axum -- leads.db 127.0.0.1:8000
//! ```
//!
//! Twilio signs the URL that it was given. Behind a proxy a server sees another one, and anybody can
//! write `Host` and `X-Forwarded-*`: so the URL is `PUBLIC_URL` with the request's path and query.
use std::env;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use leadkit_core::compliance::{Reply, classify_reply};
use leadkit_core::model::transport::{Direction, WebhookRequest};
use leadkit_core::outbox::Received;
use leadkit_core::transport::twiml::Twiml;
use leadkit_core::{Database, Twilio, TwilioConfig};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

struct Host {
    db: Database,
    twilio: Twilio,
    public_url: String,
    /// What HELP is answered with, where Twilio's own answer is switched off.
    help: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args().skip(1);
    let database = words.next().unwrap_or("leads.db".into());
    let address = words.next().unwrap_or("127.0.0.1:8000".into());
    let twilio = Twilio::new(TwilioConfig {
        account_sid: env::var("TWILIO_ACCOUNT_SID")?,
        auth_token: Some(env::var("TWILIO_AUTH_TOKEN")?.into()),
        ..Default::default()
    })?;
    let host = Arc::new(Host {
        db: leadkit_core::open(&database)?,
        twilio,
        public_url: env::var("PUBLIC_URL")?.trim_end_matches('/').to_string(),
        help: env::var("HELP_TEXT").ok(),
    });
    let app = Router::new().route("/twilio", any(webhook)).with_state(host);
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("Listening on http://{}", listener.local_addr()?);
        Ok(axum::serve(listener, app).await?)
    })
}

async fn webhook(
    State(host): State<Arc<Host>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_string()))
    };
    let request = WebhookRequest {
        method: method.to_string(),
        url: format!("{}{path}", host.public_url),
        headers: headers.iter().filter_map(text).collect(),
        // The bytes as they came: a form that was read and written again may differ.
        body: body.to_vec(),
    };
    // The database waits for the disk, and the runtime must not.
    let done = spawn_blocking(move || {
        host.db.comms().receive(&host.twilio, &request).map(|received| answer(&host, &received))
    });
    match done.await {
        Ok(Ok(twiml)) => ([(header::CONTENT_TYPE, "text/xml")], twiml.to_string()).into_response(),
        Ok(Err(error)) => match error.code() {
            "permission_denied" => StatusCode::FORBIDDEN.into_response(),
            "invalid_argument" => StatusCode::BAD_REQUEST.into_response(),
            code => {
                eprintln!("a webhook was not entered: {code}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        },
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What Twilio is to do now: nothing, which also hangs up a call that comes in. STOP and START it
/// answers by itself.
fn answer(host: &Host, received: &Received) -> Twiml {
    let asks = received.messages.iter().any(|message| {
        message.direction == Direction::Inbound && classify_reply(&message.body) == Reply::Help
    });
    match &host.help {
        Some(help) if asks => Twiml::new().message(help),
        _ => Twiml::new(),
    }
}
