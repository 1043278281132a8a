//! Shared helpers of the test suites.

pub mod automations;
pub mod contract;
pub mod desk;
#[cfg(target_os = "linux")]
pub mod disk;
pub mod faults;
pub mod home;
pub mod postgres;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use leadkit_core::{Database, ImportReport, Lead, Random, Timestamp};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// The repository's top folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// A folder of its own for one test, with a database in it.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A fresh folder.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    /// A fresh folder in memory where the machine has such, for files that need not survive it.
    pub fn in_memory() -> Place {
        let memory = Path::new("/dev/shm");
        match memory.is_dir() {
            true => Place { folder: tempfile::tempdir_in(memory).unwrap() },
            false => Place::new(),
        }
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path in the folder as text.
    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_string()
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Opens `leads.db` with the machine's clock.
    pub fn db(&self) -> Database {
        leadkit_core::open(&self.text("leads.db")).unwrap()
    }

    /// Opens a database by a fixed clock and seed.
    pub fn fixed_db(&self, name: &str) -> Database {
        leadkit_core::testing::open(&self.text(name), now(), 1).unwrap()
    }

    /// The names of all files, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The instant at which fixed clocks stand.
pub fn now() -> Timestamp {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

/// Seeded randomness.
pub struct Dice(Random);

impl Dice {
    /// Dice that always fall the same way.
    pub fn new(seed: u64) -> Dice {
        Dice(Random::fixed(seed))
    }

    /// A number below `sides`.
    pub fn below(&mut self, sides: usize) -> usize {
        (self.0.next() % sides.max(1) as u64) as usize
    }

    /// True once in `sides` times.
    pub fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    /// One of several.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next()
    }
}

/// Rows as CSV; every cell is quoted, so that any text passes.
pub fn csv<C: AsRef<str>>(rows: &[Vec<C>]) -> String {
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().map(|cell| format!("\"{}\"", cell.as_ref().replace('"', "\"\""))).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// Rows from CSV in which quotes are doubled.
pub fn parse_csv(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    rows
}

/// Opens a database's file beside leadkit.
pub fn sqlite(path: impl AsRef<Path>) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    connection
}

/// All tables as text, row by row, in the order of their keys.
pub fn dump(path: impl AsRef<Path>) -> String {
    let connection = sqlite(path);
    let mut tables = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .unwrap();
    let tables: Vec<(String, String)> =
        tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let mut text = String::new();
    for (table, sql) in tables {
        writeln!(text, "{sql};").unwrap();
        rows_of(&connection, &format!("SELECT * FROM {table}"), &[], &table, &mut text);
    }
    text
}

/// What an import leaves behind about leads: every column of `lead` but its revision, and the keys.
pub fn dump_leads(path: impl AsRef<Path>) -> String {
    let connection = sqlite(path);
    let mut text = String::new();
    rows_of(&connection, "SELECT * FROM lead ORDER BY id", &["rev"], "lead", &mut text);
    rows_of(&connection, "SELECT * FROM lead_key ORDER BY kind, hash, lead", &[], "lead_key", &mut text);
    text
}

/// [`dump_leads`] without instants, for runs by the machine's clock.
pub fn dump_timeless(path: impl AsRef<Path>) -> String {
    let connection = sqlite(path);
    let mut text = String::new();
    let without = ["rev", "created_at", "updated_at"];
    rows_of(&connection, "SELECT * FROM lead ORDER BY id", &without, "lead", &mut text);
    rows_of(&connection, "SELECT * FROM lead_key ORDER BY kind, hash, lead", &[], "lead_key", &mut text);
    text
}

fn rows_of(connection: &Connection, sql: &str, without: &[&str], table: &str, text: &mut String) {
    let mut statement = connection.prepare(sql).unwrap();
    let names: Vec<String> = statement.column_names().map(|n| n.to_string()).collect();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        text.push_str(table);
        for (index, name) in names.iter().enumerate().filter(|(_, n)| !without.contains(&n.as_str())) {
            match row.get_ref(index).unwrap() {
                ValueRef::Null => {}
                ValueRef::Integer(n) => write!(text, " {name}={n}").unwrap(),
                ValueRef::Real(n) => write!(text, " {name}={n:?}").unwrap(),
                ValueRef::Text(t) => write!(text, " {name}={:?}", String::from_utf8_lossy(t)).unwrap(),
                ValueRef::Blob(b) => write!(text, " {name}={b:?}").unwrap(),
            }
        }
        text.push('\n');
    }
}

/// One number out of a database.
pub fn number(path: impl AsRef<Path>, sql: &str) -> i64 {
    sqlite(path).query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Panics unless SQLite finds the file sound and leadkit's own books agree with each other.
pub fn assert_sound(path: impl AsRef<Path>) {
    let path = path.as_ref();
    let connection = sqlite(path);
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let one = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    let leads = one("SELECT count(*) FROM lead");
    let created = "SELECT coalesce(sum(created_to - created_from + 1), 0) FROM commit_log";
    assert_eq!(leads, one(created), "leads, and what the commits say they created");
    assert_eq!(one("SELECT count(*) FROM commit_log"), one("SELECT rev FROM head"), "gapless revisions");
    assert_eq!(one("SELECT coalesce(max(rev), 0) FROM commit_log"), one("SELECT rev FROM head"));
    assert_eq!(one("SELECT coalesce(max(id), 0) + 1 FROM lead"), one("SELECT next_lead FROM head"));
    assert_eq!(one("SELECT count(*) FROM lead_key WHERE lead NOT IN (SELECT id FROM lead)"), 0, "stray keys");
    assert_eq!(
        one(
            "SELECT count(*) FROM lead WHERE email IS NOT NULL AND id NOT IN (SELECT lead FROM lead_key WHERE kind = 2)"
        ),
        0,
        "emails without a key"
    );
    let changed = "SELECT count(*) FROM commit_log c WHERE changed <> \
                   (SELECT count(*) FROM change WHERE change.rev = c.rev)";
    assert_eq!(one(changed), 0, "commits whose count of changes is not that of their images");
    let mut statement =
        connection.prepare("SELECT id, kind, counts FROM operation WHERE kind = 'import'").unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (id, counts): (i64, String) = (row.get(0).unwrap(), row.get(2).unwrap());
        let counts: BTreeMap<String, i64> = serde_json::from_str(&counts).unwrap();
        let count = |name: &str| counts.get(name).copied().unwrap_or(0);
        let parts = ["created", "updated", "merged", "skipped", "rejected"];
        assert_eq!(count("rows"), parts.iter().map(|p| count(p)).sum::<i64>(), "operation {id}: {counts:?}");
        let created: i64 = connection
            .query_row(
                "SELECT coalesce(sum(created_to - created_from + 1), 0) FROM commit_log WHERE operation = ?",
                [id],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(count("created"), created, "operation {id}");
    }
}

/// Panics unless every row is accounted for, once.
pub fn assert_adds_up(report: &ImportReport) {
    let parts = report.created + report.updated + report.merged + report.skipped + report.rejected;
    assert_eq!(report.rows, parts, "{}", report.to_json());
    assert_eq!(report.skipped, report.skipped_by.values().sum::<u64>(), "{:?}", report.skipped_by);
}

/// A report without what two equal runs do not share.
pub fn comparable(report: &ImportReport) -> Value {
    let mut value = serde_json::to_value(report).unwrap();
    for name in ["timing", "resumed", "operation_id", "rejects", "dry_run", "file"] {
        value.as_object_mut().unwrap().remove(name);
    }
    value
}

/// The counts of a report.
pub fn counts(report: &ImportReport) -> [u64; 7] {
    let r = report;
    [r.rows, r.created, r.updated, r.merged, r.skipped, r.rejected, r.ignored]
}

/// How often an issue struck.
pub fn issue(report: &ImportReport, code: &str) -> u64 {
    report.issues.iter().filter(|i| i.code.as_str() == code).map(|i| i.count).sum()
}

/// All leads by id.
pub fn leads(db: &Database) -> Vec<Lead> {
    db.leads().iterate(&Default::default(), Default::default()).unwrap().map(Result::unwrap).collect()
}

/// What two databases of the same leads share.
pub fn values(lead: &Lead) -> Lead {
    Lead { id: 0, rev: 0, original: BTreeMap::new(), ..lead.clone() }
}

/// The calling test binary as a process that will be killed. It keeps no profile: one that is killed
/// while it writes its profile leaves a file that stops the tool that measures coverage.
pub fn victim() -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.env("LLVM_PROFILE_FILE", "/dev/null");
    command
}

/// Runs one test of the calling test binary in a process of its own, as a user whom permissions
/// bind; the test sees [`in_child`] and does its work there. Does nothing but say so when this
/// process is that child already, or is bound by permissions itself.
#[cfg(unix)]
pub fn as_bound_user(test: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let place = Place::new();
    let probe = place.file("probe", "");
    std::fs::set_permissions(&probe, PermissionsExt::from_mode(0o400)).unwrap();
    if std::fs::OpenOptions::new().write(true).open(&probe).is_err() {
        return true;
    }
    // Root: the test binary goes where everybody may run it.
    let folder = Place::new();
    let binary = folder.path("test");
    std::fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    std::fs::set_permissions(&binary, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::set_permissions(binary.parent().unwrap(), PermissionsExt::from_mode(0o755)).unwrap();
    let output = std::process::Command::new(&binary)
        .args(["--exact", test, "--nocapture"])
        .current_dir("/")
        .env("TMPDIR", "/tmp")
        .gid(65_534)
        .uid(65_534)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

/// What the contacts of schema-6.db come to, wherever they are.
pub fn february_is_counted(db: &Database) {
    use leadkit_core::model::stats::{StatsBy, StatsOptions};
    let options = StatsOptions { by: vec![StatsBy::Country, StatsBy::Weekday], ..StatsOptions::default() };
    let found = db.comms().stats(&options).unwrap();
    let total = &found.total;
    assert_eq!((total.contacts, total.reached, total.answered, total.opted_out), (4, 3, 1, 1));
    assert_eq!(
        (total.seconds, total.priced, &total.cost["EUR"][..], &total.cost["USD"][..]),
        (250, 2, "0.075", "0.0083")
    );
    assert_eq!(total.reply_times.map(|times| times.median), Some(1_800.0));
    let keys: Vec<(Option<&str>, Option<&str>)> = found
        .groups
        .iter()
        .map(|group| (group.key["country"].as_deref(), group.key["weekday"].as_deref()))
        .collect();
    assert_eq!(keys, [(Some("DE"), Some("tue")), (Some("DE"), Some("wed")), (Some("US"), Some("mon"))]);
}

/// The six messages of `tests/data/schema/schema-5.db` are in the history, and found by their words.
pub fn spring_is_found(db: &Database) {
    use leadkit_core::model::history::{Facet, SearchOptions};
    let found = db.comms().search(&SearchOptions {
        text: Some("\"it is spring\" -winter".into()),
        facets: vec![Facet::State, Facet::Template],
        limit: 4,
        ..SearchOptions::default()
    });
    let found = found.unwrap();
    assert_eq!((found.total, found.items.len()), (Some(6), 4));
    assert_eq!((found.facets["state"]["accepted"], found.facets["template"]["spring"]), (6, 6));
    let newest = &found.items[0].contact;
    assert_eq!((Some(newest.at), newest.lead), (newest.sent_at, Some(6)));
}
