//! The room of the audit.

use super::page::Asked;
use crate::error::Result;
use crate::ledger::{Session, audit};
use crate::model::audit::{AuditCheckpoint, AuditEntry, AuditListOptions, AuditReport, AuditVerifyOptions};
use crate::model::report::Page;
use crate::store::{AuditQuery, AuditRecord};

/// What was done with the data, by whom: a chain that only grows and shows whatever was changed in it.
///
/// It holds ids and keyed fingerprints, nothing of people's; who acts stands there as
/// [`Database::as_actor`](super::Database::as_actor) was told: name colleagues by ids. Why something was done is in
/// the log of operations only, which can forget it when a person is erased. Without
/// keys ([`OpenOptions::keys`](crate::OpenOptions)) it is a chain all the same, which whoever writes to the
/// database could make anew. A database that is only read enters nothing.
#[derive(Clone, Copy)]
pub struct Audit<'a> {
    pub(super) session: &'a Session,
}

impl Audit<'_> {
    /// Entries, the newest first.
    ///
    /// # Errors
    /// `invalid_argument` for a cursor that no page gave.
    pub fn entries(&self, options: AuditListOptions) -> Result<Page<AuditEntry>> {
        let asked = Asked::new(options.cursor.as_deref(), options.limit, "audit entries")?;
        let query = AuditQuery {
            kind: options.kind.map(|kind| kind.as_str().to_string()),
            actor: options.actor,
            since: options.since,
            until: options.until,
            before: asked.cursor,
            limit: asked.read(),
        };
        let records = self.session.store.reading(|reader| reader.audit(&query))?;
        let items = records.into_iter().map(shown).collect();
        Ok(asked.page(items, |entry: &AuditEntry| entry.seq.to_string()))
    }

    /// Looks at every entry: whether each is as it was made, and none is missing, put elsewhere or added. What was
    /// cut off at the end is found as far as the checkpoint reaches.
    ///
    /// # Errors
    /// `invalid_argument` for a checkpoint that none can be; those of the store. What is found wrong is no error.
    ///
    /// ```
    /// use leadkit_core::model::audit::{AuditState, AuditVerifyOptions};
    /// use leadkit_core::{Key, OpenOptions};
    /// let keys = vec![Key::new("2026", [7; 32])];
    /// let db = leadkit_core::open_with(":memory:", OpenOptions { keys, ..Default::default() })?;
    /// db.leads().add([("email", "ada@lovelace.org")])?;
    /// let checkpoint = Some(db.audit().checkpoint()?); // kept elsewhere
    /// let report = db.audit().verify(AuditVerifyOptions { checkpoint })?;
    /// assert_eq!((report.state, report.entries), (AuditState::Verified, 1));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn verify(&self, options: AuditVerifyOptions) -> Result<AuditReport> {
        audit::verify(self.session, options.checkpoint.as_ref())
    }

    /// Where the chain stands, to be kept elsewhere: what it names cannot be taken away unseen.
    ///
    /// # Errors
    /// Those of the store.
    pub fn checkpoint(&self) -> Result<AuditCheckpoint> {
        self.session.store.reading(|reader| audit::checkpoint(self.session, reader))
    }
}

fn shown(record: AuditRecord) -> AuditEntry {
    let AuditRecord { seq, at, kind, actor, detail, key_id, previous, mac } = record;
    let detail = serde_json::from_str(&detail).unwrap_or_default();
    AuditEntry { seq, at, kind, actor, detail, key_id, previous, mac }
}
