//! A store as a view reads it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Access;
use super::reader::ProfiledReader;
use crate::error::Result;
use crate::store::{Attempts, Capabilities, Condition, ReadWork, Store, WriteWork};

/// A store whose read transactions show what some profiles show. Writing goes past it: what a write
/// reads, it needs as it is, and its result passes `Session::shown`.
pub struct ProfiledStore {
    whole: Arc<dyn Store>,
    profiles: Vec<String>,
}

impl ProfiledStore {
    /// A store as views of some profiles read it.
    pub fn new(whole: Arc<dyn Store>, profiles: Vec<String>) -> ProfiledStore {
        ProfiledStore { whole, profiles }
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
        self.whole.reading(|reader| Access::of(reader, &self.profiles))?.check_whole("compacts nothing")?;
        self.whole.compact()
    }

    fn close(&self) {
        self.whole.close();
    }
}
