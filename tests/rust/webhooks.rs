//! The server of `examples/rust/webhooks_axum.rs` behind a proxy that ends TLS and misleads.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use leadkit_core::model::communication::{CommunicationListOptions, CommunicationState, SmsOptions};
use leadkit_core::model::consent::{Channel, ConsentKind, ConsentOptions};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::model::transport::WebhookRequest;
use leadkit_core::testing::{self, FakeTwilio};
use leadkit_core::transport::twilio::sign_twilio_request;
use leadkit_core::{Database, Timestamp};
use leadkit_tests::Place;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

const ADA: &str = "+493023125014";
const HOOK: &str = "https://leads.example/twilio?tenant=a%20b";
const EMPTY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;
/// What the proxy tells of itself, and Twilio never heard of.
const MISLEADING: [(&str, &str); 3] =
    [("Host", "inside.example"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http")];

#[test]
fn delivered_through_the_proxy_and_seen_within_a_second() {
    let scene = Scene::new();
    let (db, fake) = (&scene.db, &scene.fake);
    let ids: Vec<i64> = (0..5).map(|n| scene.queue(&format!("Offer {n}"))).collect();
    let report = db.comms().dispatch(&fake.twilio().unwrap(), &Default::default()).unwrap();
    assert_eq!(report.sent, 5);
    testing::advance(db, 60.0);
    let callbacks = fake.callbacks();
    assert!(callbacks.len() == 10 && callbacks.iter().all(|one| one.url.starts_with(&format!("{HOOK}&"))));
    let mut took = Vec::new();
    for callback in &callbacks {
        let (before, began) = (scene.delivered(), Instant::now());
        assert_eq!(scene.post(callback), (200, EMPTY.to_string()));
        // The server has written; we, another process, read.
        let after = scene.delivered();
        took.push(began.elapsed());
        let last = String::from_utf8_lossy(&callback.body).contains("MessageStatus=delivered");
        assert_eq!(after - before, usize::from(last));
    }
    for id in ids {
        assert_eq!(db.comms().get(id).unwrap().state, CommunicationState::Delivered);
    }
    took.sort();
    assert!(took[took.len() / 2] < Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_changed_body_and_other_urls_are_refused() {
    let scene = Scene::new();
    let (db, fake) = (&scene.db, &scene.fake);
    let genuine = fake.inbound(ADA, FakeTwilio::NUMBER, "Hello", HOOK).unwrap();
    let body = String::from_utf8(genuine.body.clone()).unwrap().replace("Hello", "STOP").into_bytes();
    assert_eq!(scene.post(&WebhookRequest { body, ..genuine.clone() }).0, 403);
    let url = "https://leads.example/twilio?tenant=c".to_string();
    assert_eq!(scene.post(&WebhookRequest { url, ..genuine.clone() }).0, 403);
    // Signed for what the server sees, or for what the proxy says that was asked for.
    let server = format!("http://{}", scene.server.address);
    for origin in [server.as_str(), "http://inside.example", "http://evil.example"] {
        let url = HOOK.replace("https://leads.example", origin);
        let request = fake.inbound(ADA, FakeTwilio::NUMBER, "STOP", &url).unwrap();
        assert_eq!(scene.post(&request).0, 403, "{origin}");
    }
    assert!(db.comms().list(Default::default()).unwrap().items.is_empty());
    let entries = db.consent().history(Default::default()).unwrap().items;
    assert_eq!(entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [ConsentKind::Grant]);
    assert_eq!(scene.post(&genuine), (200, EMPTY.to_string()));
}

#[test]
fn what_is_no_webhook() {
    let scene = Scene::new();
    let mut request = WebhookRequest {
        method: "POST".into(),
        url: HOOK.into(),
        body: format!("AccountSid={}&CallSid=CA1", scene.fake.account_sid()).into_bytes(),
        ..WebhookRequest::default()
    };
    request.headers.insert("Content-Type".into(), "application/x-www-form-urlencoded".into());
    let signature = sign_twilio_request(scene.fake.auth_token(), &request).unwrap();
    request.headers.insert("X-Twilio-Signature".into(), signature);
    assert_eq!(scene.post(&request).0, 400);
}

#[test]
fn calls_help_and_stop() {
    let scene = Scene::new();
    let (db, fake) = (&scene.db, &scene.fake);
    let call = fake.inbound_call(ADA, FakeTwilio::NUMBER, HOOK).unwrap();
    assert_eq!(scene.post(&call), (200, EMPTY.to_string()));
    let list = db.comms().list(Default::default()).unwrap();
    assert_eq!(list.items[0].channel, Channel::Voice);
    let help = fake.inbound(ADA, FakeTwilio::NUMBER, "Help", HOOK).unwrap();
    let text = "<Message>Offers of A &amp; B. STOP ends them.</Message></Response>";
    assert_eq!(scene.post(&help), (200, EMPTY.replace("</Response>", text)));
    let stop = fake.inbound(ADA, FakeTwilio::NUMBER, "Stop, please", HOOK).unwrap();
    assert_eq!(scene.post(&stop), (200, EMPTY.to_string()));
    let refused = scene.queue("One more?");
    let report = db.comms().dispatch(&fake.twilio().unwrap(), &Default::default()).unwrap();
    assert_eq!(report.refusals["opted_out"], 1);
    assert_eq!(db.comms().get(refused).unwrap().state, CommunicationState::Refused);
    assert_eq!(fake.accepted(ADA, "One more?"), 0);
}

/// A database that sends, on a Monday morning, its Twilio, and the way from there to the server.
struct Scene {
    db: Database,
    fake: FakeTwilio,
    server: Server,
    proxy: SocketAddr,
    trust: Arc<ClientConfig>,
    _place: Place,
}

impl Scene {
    fn new() -> Scene {
        let place = Place::new();
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let db = testing::open(&place.text("leads.db"), now, 1).unwrap();
        let fake = FakeTwilio::start_for(Some(&db), Default::default()).unwrap();
        let on = SettingsChange { sending: Some(true), public_url: Some(HOOK.into()), ..Default::default() };
        db.settings().set(&on).unwrap();
        let lead = db.leads().add([("email", "ada@lovelace.org"), ("phone", ADA)]).unwrap().id;
        let wording = Some("Yes, text me offers".to_string());
        let agreed = ConsentOptions { lead: Some(lead), wording, ..Default::default() };
        db.consent().record(ConsentKind::Grant, "web form", agreed).unwrap();
        let server = Server::start(&place.text("leads.db"), &fake);
        let (proxy, trust) = proxy(server.address);
        Scene { db, fake, server, proxy, trust, _place: place }
    }

    fn queue(&self, body: &str) -> i64 {
        let options = SmsOptions { body: Some(body.into()), ..Default::default() };
        self.db.comms().queue_sms(1, &options).unwrap().id
    }

    fn delivered(&self) -> usize {
        let state = Some(CommunicationState::Delivered);
        let options = CommunicationListOptions { state, ..Default::default() };
        self.db.comms().list(options).unwrap().items.len()
    }

    /// Sends a request to the public host, whatever URL it was signed for; the path is that URL's.
    fn post(&self, request: &WebhookRequest) -> (u16, String) {
        let name = ServerName::try_from("leads.example").unwrap();
        let tls = ClientConnection::new(self.trust.clone(), name).unwrap();
        let mut stream = StreamOwned::new(tls, TcpStream::connect(self.proxy).unwrap());
        let path = request.url.splitn(4, '/').nth(3).unwrap();
        let mut head = vec![format!("{} /{path} HTTP/1.1", request.method), "Host: leads.example".into()];
        head.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        send(&mut stream, &head, &request.body);
        let (head, body) = receive(&mut BufReader::new(stream));
        let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
        (status, String::from_utf8(body).unwrap())
    }
}

/// The example, as a process of its own.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(database: &str, fake: &FakeTwilio) -> Server {
        let mut process = Command::new(env!("CARGO_BIN_EXE_webhooks_axum"))
            .args([database, "127.0.0.1:0"])
            .env("PUBLIC_URL", "https://leads.example/")
            .env("TWILIO_ACCOUNT_SID", fake.account_sid())
            .env("TWILIO_AUTH_TOKEN", fake.auth_token().expose())
            .env("HELP_TEXT", "Offers of A & B. STOP ends them.")
            // One that is killed while it writes its profile leaves a broken one.
            .env("LLVM_PROFILE_FILE", "/dev/null")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Listening on http://").unwrap().parse().unwrap();
        Server { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Ends TLS as `leads.example`, and hands on in plain HTTP what it got, with misleading headers. Gives
/// where it listens, and what trusts it.
fn proxy(server: SocketAddr) -> (SocketAddr, Arc<ClientConfig>) {
    let issued = rcgen::generate_simple_self_signed(["leads.example".to_string()]).unwrap();
    let certificate: CertificateDer<'static> = issued.cert.der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let own = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let trust = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, own) = (listener.local_addr().unwrap(), Arc::new(own));
    std::thread::spawn(move || {
        for outside in listener.incoming() {
            let tls = ServerConnection::new(own.clone()).unwrap();
            let mut outside = BufReader::new(StreamOwned::new(tls, outside.unwrap()));
            let (mut head, body) = receive(&mut outside);
            let replaced = |line: &String| {
                MISLEADING
                    .iter()
                    .any(|(name, _)| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase())))
            };
            head.retain(|line| !replaced(line));
            head.extend(MISLEADING.map(|(name, value)| format!("{name}: {value}")));
            let mut inside = BufReader::new(TcpStream::connect(server).unwrap());
            send(inside.get_mut(), &head, &body);
            let (head, body) = receive(&mut inside);
            send(outside.get_mut(), &head, &body);
        }
    });
    (address, Arc::new(trust))
}

/// Writes the lines of a head, with the body's length, and the body.
fn send(stream: &mut impl Write, head: &[String], body: &[u8]) {
    let kept = head.iter().filter(|line| !line.to_lowercase().starts_with("content-length:"));
    let head: String = kept.map(|line| format!("{line}\r\n")).collect();
    write!(stream, "{head}Content-Length: {}\r\n\r\n", body.len()).unwrap();
    stream.write_all(body).unwrap();
    stream.flush().unwrap();
}

/// The lines of a head, and the body that it announces.
fn receive(stream: &mut impl BufRead) -> (Vec<String>, Vec<u8>) {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            text => head.push(text.to_string()),
        }
    }
    let length = head.iter().find_map(|line| {
        line.to_lowercase().strip_prefix("content-length:").map(|length| length.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}
