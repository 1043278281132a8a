//! A PostgreSQL server of our own: made, started, killed and started again, and gone in the end.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

/// What went wrong, in words for the terminal.
pub type Failure = String;

/// How long a server may take to come up; a loaded machine takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// The value of a variable that `cargo xtask test` sets.
pub fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask postgres cargo test ...` instead"))
}

/// The server all tests share, as its superuser. What one test makes there, others see.
pub fn url() -> String {
    variable("LEADKIT_TEST_POSTGRES")
}

/// A server that ends with this value.
///
/// It listens on a Unix socket, where everyone who reaches the folder is trusted, and on 127.0.0.1,
/// where passwords are checked and TLS is offered. It writes as safely as one in earnest.
pub struct Server {
    folder: TempDir,
    bin: PathBuf,
    /// User and group to run as, where it must be another than ours: PostgreSQL refuses root.
    user: Option<(u32, u32)>,
    port: u16,
    password: String,
    process: Option<Child>,
}

impl Server {
    /// A server for one test alone, which may kill it.
    pub fn own() -> Server {
        Server::start(Path::new(&variable("LEADKIT_TEST_POSTGRES_BIN"))).unwrap()
    }

    /// Makes an empty server with the programs of a folder, and starts it.
    pub fn start(bin: &Path) -> Result<Server, Failure> {
        let folder = folder().map_err(|error| format!("a folder for the server: {error}"))?;
        let user = user_for(folder.path()).map_err(|error| format!("a user for the server: {error}"))?;
        let password = format!("{:016x}", RandomState::new().build_hasher().finish());
        let mut server = Server { folder, bin: bin.to_path_buf(), user, port: 0, password, process: None };
        server.reach_programs()?;
        server.make()?;
        // Another process may take the port before the server does.
        let mut last = Failure::new();
        for _ in 0..3 {
            server.port = free_port().map_err(|error| format!("a free port: {error}"))?;
            match server.launch() {
                Ok(()) => return Ok(server),
                Err(failure) => last = failure,
            }
        }
        Err(last)
    }

    /// As the superuser, by the socket; on Windows by TCP.
    pub fn url(&self) -> String {
        if cfg!(windows) {
            return format!("postgresql://postgres:{}@127.0.0.1:{}/postgres", self.password, self.port);
        }
        // `host=` would do too, but only this form has one meaning to all parsers.
        let folder = self.folder.path().to_string_lossy().replace('/', "%2F");
        format!("postgresql://postgres@{folder}:{}/postgres", self.port)
    }

    /// By TCP and password, as the owner of the database `postgres` who is no superuser.
    pub fn tcp_url(&self) -> String {
        format!("postgresql://leadkit:{}@127.0.0.1:{}/postgres", self.password, self.port)
    }

    /// The certificate that the server's own one is signed by, in PEM. It names 127.0.0.1 and localhost.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The process to kill, while there is one.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// What tests need to know, as environment variables.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        vec![
            ("LEADKIT_TEST_POSTGRES", self.url()),
            ("LEADKIT_TEST_POSTGRES_TCP", self.tcp_url()),
            ("LEADKIT_TEST_POSTGRES_CA", text(&self.ca())),
            ("LEADKIT_TEST_POSTGRES_PID", self.pid().unwrap_or_default().to_string()),
            ("LEADKIT_TEST_POSTGRES_BIN", text(&self.bin)),
        ]
    }

    /// The server is gone at once, as by `kill -9`: it writes nothing more.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it again, with the same data at the same addresses.
    pub fn restart(&mut self) -> Result<(), Failure> {
        self.stop();
        let began = Instant::now();
        loop {
            // Processes of the killed server leave a moment after it, and hold its memory until then.
            match self.launch() {
                Err(_) if began.elapsed() < PATIENCE => sleep(Duration::from_millis(50)),
                done => return done,
            }
        }
    }

    /// Ends all connections, writes everything down and ends.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "--silent", "--mode=fast", "--timeout=20", "--pgdata"]).arg(self.data());
        if run(&mut stop, "").is_err() {
            let _ = process.kill();
        }
        let _ = process.wait();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// A program of PostgreSQL's, as the user that may run it.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        // Our own folder may be closed to that user.
        command.current_dir(self.folder.path()).env("LC_ALL", "C");
        #[cfg(unix)]
        if let Some((user, group)) = self.user {
            use std::os::unix::process::CommandExt;
            command.uid(user).gid(group);
        }
        command
    }

    /// Programs below root's own folder are out of the other user's reach: then copies are taken.
    fn reach_programs(&mut self) -> Result<(), Failure> {
        if self.user.is_none() || run(self.command("postgres").arg("--version"), "").is_ok() {
            return Ok(());
        }
        let all = self.bin.parent().unwrap_or(&self.bin);
        let copies = self.folder.path().join("programs");
        run(Command::new("cp").arg("-R").arg(all).arg(&copies), "")?;
        self.bin = copies.join(self.bin.file_name().unwrap_or_default());
        Ok(())
    }

    /// The data folder, settings, certificates and users.
    fn make(&self) -> Result<(), Failure> {
        let mut initdb = self.command("initdb");
        initdb.args(["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256"]);
        // Only the making is not synced to disk: what is not yet there cannot be lost.
        initdb.args(["--encoding=UTF8", "--no-locale", "--no-sync", "--pgdata"]).arg(self.data());
        run(&mut initdb, "")?;
        let at = |error| format!("{}: {error}", self.folder.path().display());
        let sockets = if cfg!(windows) { "".into() } else { self.folder.path().to_string_lossy() };
        let settings = format!(
            "listen_addresses = '127.0.0.1'\n\
             unix_socket_directories = '{sockets}'\n\
             max_connections = 200\n\
             password_encryption = 'scram-sha-256'\n\
             ssl = on\n\
             ssl_cert_file = '../server.pem'\n\
             ssl_key_file = '../server.key'\n"
        );
        let file = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"));
        file.and_then(|mut file| file.write_all(settings.as_bytes())).map_err(at)?;
        let [ca, certificate, key] = certificates().map_err(|error| format!("certificates: {error}"))?;
        fs::write(self.ca(), ca).map_err(at)?;
        fs::write(self.folder.path().join("server.pem"), certificate).map_err(at)?;
        self.write_secret("server.key", &key).map_err(at)?;
        // The server itself, without connections: it needs no client.
        let password = &self.password;
        let users = format!(
            "ALTER ROLE postgres PASSWORD '{password}';\n\
             CREATE ROLE leadkit LOGIN CREATEDB PASSWORD '{password}';\n\
             ALTER DATABASE postgres OWNER TO leadkit;\n"
        );
        let mut single = self.command("postgres");
        run(single.args(["--single", "-j", "-D"]).arg(self.data()).arg("postgres"), &users)
    }

    /// Writes a file that only the server may read; it refuses a key that is open to others.
    fn write_secret(&self, name: &str, text: &str) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(self.folder.path().join(name))?;
        file.write_all(text.as_bytes())?;
        #[cfg(unix)]
        if let Some((user, group)) = self.user {
            std::os::unix::fs::fchown(&file, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// Starts it and waits until it answers.
    fn launch(&mut self) -> Result<(), Failure> {
        let at = |error| format!("postgres: {error}");
        let log = File::create(self.log()).map_err(at)?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(at)?).stderr(log);
        let mut process = command.spawn().map_err(at)?;
        let (pid, began) = (process.id().to_string(), Instant::now());
        loop {
            if self.ready(&pid) {
                self.process = Some(process);
                return Ok(());
            }
            if process.try_wait().map_err(at)?.is_some() || began.elapsed() > PATIENCE {
                let _ = process.kill();
                let _ = process.wait();
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                return Err(format!("postgres did not start:\n{log}"));
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// What `pg_ctl --wait` looks at: the first and the eighth line of the server's own file.
    fn ready(&self, pid: &str) -> bool {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = text.lines().map(str::trim);
        lines.next() == Some(pid) && lines.nth(6) == Some("ready")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A folder on disk, where `/tmp` is often memory, and with a short path: a socket's has at most
/// some hundred bytes. It is closed to others, for its socket asks nobody for a password.
fn folder() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("leadkit-pg-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let disk = Path::new("/var/tmp");
    if disk.is_dir() { builder.tempdir_in(disk) } else { builder.tempdir() }
}

/// Who runs the server: we ourselves or, where we are root, a user that is always there. The folder
/// becomes theirs.
#[cfg(unix)]
fn user_for(folder: &Path) -> std::io::Result<Option<(u32, u32)>> {
    use std::os::unix::fs::{MetadataExt, chown};
    // The folder is ours: its owner says who we are.
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |wanted: &str| {
        let mut fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let fields = fields.find(|fields| fields.len() > 3 && fields[0] == wanted)?;
        Some((fields[2].parse().ok()?, fields[3].parse().ok()?))
    };
    let found = ["postgres", "nobody"].into_iter().find_map(find);
    let (user, group) = found.ok_or_else(|| std::io::Error::other("neither postgres nor nobody exists"))?;
    chown(folder, Some(user), Some(group))?;
    Ok(Some((user, group)))
}

#[cfg(not(unix))]
fn user_for(_: &Path) -> std::io::Result<Option<(u32, u32)>> {
    Ok(None)
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// An authority, a certificate for this machine that it signed, and its key; all in PEM.
fn certificates() -> Result<[String; 3], rcgen::Error> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "leadkit tests");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_string(), "127.0.0.1".to_string()])?;
    let certificate = certificate.signed_by(&key, &authority)?;
    Ok([authority.pem(), certificate.pem(), key.serialize_pem()])
}

/// Runs a program that either works or says why not.
fn run(command: &mut Command, input: &str) -> Result<(), Failure> {
    let shown = format!("{:?}", command.get_program());
    let at = |error| format!("{shown}: {error}");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().map_err(at)?;
    if let Some(mut stdin) = process.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(at)?;
    }
    let done = process.wait_with_output().map_err(at)?;
    if done.status.success() {
        return Ok(());
    }
    let (out, errors) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    Err(format!("{shown}: {}\n{out}{errors}", done.status))
}
