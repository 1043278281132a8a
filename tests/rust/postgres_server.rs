//! The PostgreSQL servers that tests run on: what they promise, and that they end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use leadkit_tests::postgres::{Server, url, variable};
use postgres::{Client, NoTls};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

#[test]
fn committed_rows_survive_a_kill() {
    let mut server = Server::own();
    let mut client = Client::connect(&server.url(), NoTls).unwrap();
    assert_eq!(client.query_one("SELECT 1", &[]).unwrap().get::<_, i32>(0), 1);
    client.batch_execute("CREATE TABLE kept (n INT); INSERT INTO kept VALUES (7)").unwrap();
    let (address, before) = (server.url(), server.pid());
    server.kill();
    assert!(client.batch_execute("SELECT 1").is_err(), "the server is gone");
    server.restart().unwrap();
    assert_ne!(server.pid(), before);
    assert_eq!(server.url(), address);
    let mut client = Client::connect(&server.url(), NoTls).unwrap();
    assert_eq!(client.query_one("SELECT n FROM kept", &[]).unwrap().get::<_, i32>(0), 7);
}

#[test]
fn the_shared_server_is_as_promised() {
    let mut client = Client::connect(&url(), NoTls).unwrap();
    for (setting, wanted) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("max_connections", "200"),
        ("lc_messages", "C"),
        ("server_encoding", "UTF8"),
        ("ssl", "on"),
    ] {
        let found: String = client.query_one(&format!("SHOW {setting}"), &[]).unwrap().get(0);
        assert_eq!(found, wanted, "{setting}");
    }
    let collation = "SELECT datcollate FROM pg_database WHERE datname = current_database()";
    assert_eq!(client.query_one(collation, &[]).unwrap().get::<_, String>(0), "C");
    // The first line of the server's own file is its process.
    let file: String = client.query_one("SELECT pg_read_file('postmaster.pid')", &[]).unwrap().get(0);
    assert_eq!(file.lines().next(), Some(variable("LEADKIT_TEST_POSTGRES_PID").as_str()));
}

#[test]
fn tcp_asks_for_the_password_and_offers_tls() {
    let address = variable("LEADKIT_TEST_POSTGRES_TCP");
    let authority = fs::read(variable("LEADKIT_TEST_POSTGRES_CA")).unwrap();
    let trusting = || tls(Some(&authority));

    let mut client = Client::connect(&format!("{address}?sslmode=require"), trusting()).unwrap();
    let row = client
        .query_one("SELECT s.ssl, r.rolsuper FROM pg_stat_ssl s, pg_roles r WHERE pid = pg_backend_pid() AND rolname = current_user", &[])
        .unwrap();
    assert_eq!((row.get(0), row.get(1)), (true, false));
    client.batch_execute("BEGIN; CREATE SCHEMA ours; CREATE TABLE public.ours (n INT); ROLLBACK").unwrap();

    let other_name = address.replace("127.0.0.1", "localhost");
    Client::connect(&format!("{other_name}?sslmode=require"), trusting()).unwrap();
    let stranger = Client::connect(&format!("{address}?sslmode=require"), tls(None));
    assert!(stranger.is_err(), "an unknown authority is refused");

    Client::connect(&format!("{address}?sslmode=disable"), NoTls).unwrap();
    let wrong = address.replacen('@', "x@", 1);
    let refused = Client::connect(&wrong, NoTls).err().unwrap();
    assert_eq!(refused.code(), Some(&postgres::error::SqlState::INVALID_PASSWORD));
}

/// Only this authority is trusted.
fn tls(authority: Option<&[u8]>) -> MakeRustlsConnect {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = authority {
        roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth())
}

#[test]
fn the_server_ends_with_who_started_it() {
    let mut holder = Command::new(env!("CARGO_BIN_EXE_postgres_server"))
        .arg(variable("LEADKIT_TEST_POSTGRES_BIN"))
        // One that is killed while it writes its profile leaves a broken one.
        .env("LLVM_PROFILE_FILE", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines().map(Result::unwrap);
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let value = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)).unwrap();
    let address = value("LEADKIT_TEST_POSTGRES=");
    let folder = Path::new(value("LEADKIT_TEST_POSTGRES_CA=")).parent().unwrap();
    Client::connect(address, NoTls).unwrap();
    drop(holder.stdin.take());
    assert!(holder.wait().unwrap().success());
    assert!(Client::connect(address, NoTls).is_err() && !folder.exists());
}
