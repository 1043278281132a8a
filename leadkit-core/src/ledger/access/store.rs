//! A store as a view reads it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::Access;
use super::reader::ProfiledReader;
use crate::error::Result;
use crate::ledger::{Session, audit};
use crate::store::{Attempts, Capabilities, Condition, ReadWork, Store, WriteWork};

/// A store whose read transactions show what some profiles show. Writing goes past it: what a write
/// reads, it needs as it is, and its result passes `Session::shown`.
pub struct ProfiledStore {
    /// The session that the view was made of, which sees everything.
    session: Session,
    whole: Arc<dyn Store>,
    profiles: Vec<String>,
    /// Whether the audit knows that somebody looks.
    told: Mutex<bool>,
}

impl ProfiledStore {
    /// A store as views of some profiles read it, made of whoever acts in a session.
    pub fn new(session: &Session, profiles: Vec<String>) -> ProfiledStore {
        let whole = session.whole.clone();
        let session = Session { store: whole.clone(), profiles: Vec::new(), ..session.clone() };
        ProfiledStore { session, whole, profiles, told: Mutex::new(false) }
    }

    /// Enters into the audit that a view is used, once and before it shows anything; a database that is only
    /// read keeps no audit.
    fn tell(&self) -> Result<()> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !*told && self.whole.check_writable().is_ok() {
            audit::access(&self.session, &json!({ "profiles": self.profiles }))?;
        }
        *told = true;
        Ok(())
    }
}

impl Store for ProfiledStore {
    fn kind(&self) -> &'static str {
        self.whole.kind()
    }

    fn capabilities(&self) -> Capabilities {
        self.whole.capabilities()
    }

    fn path(&self) -> Option<&Path> {
        self.whole.path()
    }

    fn busy_timeout(&self) -> Duration {
        self.whole.busy_timeout()
    }

    fn check_writable(&self) -> Result<()> {
        self.whole.check_writable()
    }

    fn read(&self, work: &mut ReadWork<'_>) -> Result<()> {
        self.tell()?;
        self.whole.read(&mut |reader| {
            let access = Access::of(reader, &self.profiles)?;
            work(&ProfiledReader { reader, access })
        })
    }

    fn write(&self, attempts: Attempts, work: &mut WriteWork<'_>) -> Result<()> {
        self.whole.write(attempts, work)
    }

    fn condition(&self, thorough: bool) -> Result<Condition> {
        self.whole.condition(thorough)
    }

    fn backup(&self, target: &Path) -> Result<()> {
        self.whole.reading(|reader| Access::of(reader, &self.profiles))?.check_whole("makes no backup")?;
        self.whole.backup(target)
    }

    fn compact(&self) -> Result<()> {
        self.whole
            .reading(|reader| Access::of(reader, &self.profiles))?
            .check_whole("rewrites no storage")?;
        self.whole.compact()
    }

    fn close(&self) {
        self.whole.close();
    }
}
