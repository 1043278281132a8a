//! The facade: open a database and walk into its rooms.

mod audit;
mod automations;
mod bulk;
mod care;
mod comms;
mod consent;
mod fields;
mod leads;
mod operations;
mod page;
mod privacy;
mod settings;
mod stats;
mod statuses;
mod templates;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use audit::Audit;
pub use automations::{Automations, Schedules};
pub use bulk::Bulk;
pub use care::{BackupReport, CopyOptions, CopyReport, Health, HealthOptions};
pub use comms::Comms;
pub use consent::Consent;
pub use fields::Fields;
pub use leads::{LeadIter, Leads};
pub use operations::{ConflictOptions, ListOptions, Operations};
pub use privacy::Privacy;
pub use settings::SettingsRoom;
pub use statuses::Statuses;
pub use templates::Templates;

use crate::clock::{Clock, Random};
use crate::error::{Error, ErrorCode, Result};
use crate::keys::Keys;
use crate::ledger::{Limits, Session};
use crate::model::options::{ActorOptions, ExportOptions, ImportOptions, OpenOptions};
use crate::model::report::{ExportReport, ImportPreview, ImportReport};
use crate::store::{MemoryStore, Store};
use crate::table::Source;

/// Opens or makes a database: a path, a `sqlite:` URL, `:memory:`, or a `postgresql:` URL; `memory:` is
/// the store of plain maps, which needs no feature.
///
/// # Errors
/// `unsupported_store`, `is_directory`, `file_not_found` (the folder), `permission_denied`,
/// `read_only`, `not_a_database`, `corrupt`, `schema_too_new`, `busy`, `io`; of a server also
/// `invalid_argument` (the URL), `unreachable`, `not_found` (the database).
///
/// ```
/// let db = leadkit_core::open(":memory:")?;
/// assert_eq!(db.leads().count(&Default::default())?, 0);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn open(url: &str) -> Result<Database> {
    open_with(url, OpenOptions::default())
}

/// [`open`] with options.
///
/// # Errors
/// As [`open`]; `invalid_argument` for options out of range.
pub fn open_with(url: &str, options: OpenOptions) -> Result<Database> {
    open_at(url, options, Clock::system(), Random::system())
}

/// [`open_with`] by a clock and randomness of the caller's.
pub(crate) fn open_at(url: &str, options: OpenOptions, clock: Clock, random: Random) -> Result<Database> {
    let seconds = if options.busy_timeout == 0.0 { 10.0 } else { options.busy_timeout };
    let busy_timeout = Duration::try_from_secs_f64(seconds).map_err(|_| {
        Error::new(ErrorCode::InvalidArgument, "busy_timeout is a number of seconds").at_field("busy_timeout")
    })?;
    let keys = Keys::new(&options.keys)?;
    let store = store(url, &options, busy_timeout)?;
    Ok(Database(Session {
        whole: store.clone(),
        store,
        profiles: Vec::new(),
        clock,
        random,
        keys,
        threads: options.threads,
        actor: options.actor,
        reason: options.reason,
        limits: Limits {
            undo_days: if options.undo_days == 0.0 { 30.0 } else { options.undo_days },
            undo_changes: if options.undo_changes == 0 { 10_000_000 } else { options.undo_changes },
            confirm_above: if options.confirm_above == 0 { 10_000 } else { options.confirm_above },
        },
    }))
}

fn store(url: &str, options: &OpenOptions, busy_timeout: Duration) -> Result<Arc<dyn Store>> {
    if url.starts_with("postgresql:") || url.starts_with("postgres:") {
        return server(url, options, busy_timeout);
    }
    let place = place(url)?;
    if options.tenant.is_some() {
        return Err(Error::new(ErrorCode::InvalidArgument, "this kind of database has no tenants")
            .hint("give each tenant a file of its own")
            .at_field("tenant"));
    }
    match place {
        Place::Memory => Ok(Arc::new(MemoryStore::new(busy_timeout, options.read_only))),
        Place::Sqlite(path) => sqlite(path, options, busy_timeout),
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(path: Option<&Path>, options: &OpenOptions, busy_timeout: Duration) -> Result<Arc<dyn Store>> {
    use crate::store::sqlite::{SqliteStore, StoreOptions};
    let options = StoreOptions { busy_timeout, read_only: options.read_only };
    Ok(Arc::new(SqliteStore::open(path, options)?))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(path: Option<&Path>, options: &OpenOptions, busy_timeout: Duration) -> Result<Arc<dyn Store>> {
    match path {
        None => Ok(Arc::new(MemoryStore::new(busy_timeout, options.read_only))),
        Some(path) => Err(Error::new(ErrorCode::UnsupportedStore, "this build has no store for files")
            .hint("build leadkit with the feature `sqlite`, or open memory:")
            .at_path(path)),
    }
}

#[cfg(feature = "postgres")]
fn server(url: &str, options: &OpenOptions, busy_timeout: Duration) -> Result<Arc<dyn Store>> {
    use crate::store::postgres::{PostgresOptions, PostgresStore};
    let (tenant, read_only) = (options.tenant.clone(), options.read_only);
    Ok(Arc::new(PostgresStore::open(url, PostgresOptions { tenant, busy_timeout, read_only })?))
}

#[cfg(not(feature = "postgres"))]
fn server(_: &str, _: &OpenOptions, _: Duration) -> Result<Arc<dyn Store>> {
    Err(Error::new(ErrorCode::UnsupportedStore, "this build has no store for `postgresql:`")
        .hint("build leadkit-core with the feature `postgres`"))
}

/// A database of leads; clones share it, and any thread may use it.
#[derive(Clone)]
pub struct Database(pub(crate) Session);

impl Database {
    /// The same database, acting as somebody else: the log of operations names them.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// let mia = db.as_actor("mia", Some("trade fair list"));
    /// mia.leads().add([("email", "ada@lovelace.org")])?;
    /// let page = db.operations().list(Default::default())?;
    /// assert_eq!(page.items[0].actor.as_deref(), Some("mia"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn as_actor(&self, id: impl Into<String>, reason: Option<&str>) -> Database {
        Database(Session { actor: Some(id.into()), reason: reason.map(str::to_string), ..self.0.clone() })
    }

    /// [`Database::as_actor`] with options. With a profile it gives a view: whatever it reads is masked
    /// as `settings.profiles` say, whichever way it is read, and what would tell more is refused as
    /// `access_denied`. The profile is looked up with each call: one that was tightened holds from the
    /// next call on, and one that is not there lets nothing through. A view of a view keeps to both profiles.
    ///
    /// ```
    /// use leadkit_core::model::settings::SettingsChange;
    /// use leadkit_core::{Filter, model::options::ActorOptions};
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@example.org"), ("city", "London")])?;
    /// let profiles: SettingsChange = leadkit_core::model::read::from_json(serde_json::json!({
    ///     "profiles": {"support": {"fields": {"email": "mask"}, "others": "show"}},
    /// }))?;
    /// db.settings().set(&profiles)?;
    ///
    /// let options = ActorOptions { profile: Some("support".into()), ..Default::default() };
    /// let support = db.as_actor_with("tom", options);
    /// let seen = support.leads().get(ada.id)?.unwrap();
    /// assert_eq!((seen.email.as_deref(), seen.city.as_deref()), (Some("a…@example.org"), Some("London")));
    /// let error = support.leads().count(&Filter::field("email").starts_with("ada")).unwrap_err();
    /// assert_eq!((error.code(), error.field()), ("access_denied", Some("email")));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn as_actor_with(&self, id: impl Into<String>, options: ActorOptions) -> Database {
        let acting = self.as_actor(id, options.reason.as_deref());
        match &options.profile {
            Some(profile) => Database(acting.0.view(profile)),
            None => acting,
        }
    }

    /// Imports a file of leads.
    ///
    /// # Errors
    /// See [`crate::import`].
    pub fn import_leads(&self, source: impl Into<Source>, options: ImportOptions) -> Result<ImportReport> {
        crate::import::run(&self.0, source.into(), options)
    }

    /// Reads the first rows of a file and says what an import would do; writes nothing.
    ///
    /// # Errors
    /// As [`Database::import_leads`].
    pub fn preview_import(&self, source: impl Into<Source>, options: ImportOptions) -> Result<ImportPreview> {
        self.0.shown(crate::import::preview(&self.0, source.into(), options)?)
    }

    /// Writes leads to a CSV or Excel file, replacing it atomically.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_argument`, `permission_denied`, `disk_full`,
    /// `cancelled`, `io`; the target stays as it was.
    pub fn export_leads(&self, target: impl AsRef<Path>, options: ExportOptions) -> Result<ExportReport> {
        crate::export::run(&self.0, target.as_ref(), options)
    }

    /// The leads: add, get, find, iterate, count, update, history.
    pub fn leads(&self) -> Leads<'_> {
        Leads { session: &self.0 }
    }

    /// Custom fields: define, list, archive.
    pub fn fields(&self) -> Fields<'_> {
        Fields { session: &self.0 }
    }

    /// Operations on many leads: planned, looked at, run, taken back.
    pub fn bulk(&self) -> Bulk<'_> {
        Bulk { session: &self.0 }
    }

    /// The list of statuses and the ways between them.
    pub fn statuses(&self) -> Statuses<'_> {
        Statuses { session: &self.0 }
    }

    /// What was done to this database: imports, exports, edits, bulk operations, undos.
    pub fn operations(&self) -> Operations<'_> {
        Operations { session: &self.0 }
    }

    /// Who may be contacted, by what, and why.
    pub fn consent(&self) -> Consent<'_> {
        Consent { session: &self.0 }
    }

    /// The switches: whether anything is sent, and by what.
    pub fn settings(&self) -> SettingsRoom<'_> {
        SettingsRoom { session: &self.0 }
    }

    /// What the law asks about a person's data: export, erasure, retention.
    pub fn privacy(&self) -> Privacy<'_> {
        Privacy { session: &self.0 }
    }

    /// Texts for messages and calls, by name and version.
    pub fn templates(&self) -> Templates<'_> {
        Templates { session: &self.0 }
    }

    /// What was done with the data, by whom, in a chain that shows what was changed in it.
    pub fn audit(&self) -> Audit<'_> {
        Audit { session: &self.0 }
    }

    /// Messages to leads and from them.
    pub fn comms(&self) -> Comms<'_> {
        Comms { session: &self.0 }
    }

    /// The database's file; none for one in memory.
    pub fn path(&self) -> Option<&Path> {
        self.0.store.path()
    }

    /// Closes the file; later calls answer `closed`.
    pub fn close(&self) {
        self.0.store.close();
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("path", &self.path())
            .field("actor", &self.0.actor)
            .finish_non_exhaustive()
    }
}

/// Where a database is.
enum Place<'a> {
    /// Plain maps.
    Memory,
    /// A SQLite file; none for SQLite in memory.
    Sqlite(Option<&'a Path>),
}

/// `memory:`, `:memory:`, `sqlite:leads.db`, `sqlite:///var/leads.db`, and plain paths.
fn place(url: &str) -> Result<Place<'_>> {
    let path = match url.split_once(':') {
        Some(("memory", "")) => return Ok(Place::Memory),
        Some(("sqlite", rest)) => rest.strip_prefix("//").unwrap_or(rest),
        Some((scheme, rest)) if scheme.len() > 1 && rest.starts_with("//") => {
            return Err(Error::new(
                ErrorCode::UnsupportedStore,
                format!("this build has no store for `{scheme}:`"),
            )
            .hint("give a path, a sqlite: or a postgresql: URL"));
        }
        _ => url,
    };
    match path {
        ":memory:" => Ok(Place::Sqlite(None)),
        "" => {
            Err(Error::new(ErrorCode::InvalidArgument, "the database's path is empty")
                .hint("such as leads.db"))
        }
        path => Ok(Place::Sqlite(Some(Path::new(path)))),
    }
}
