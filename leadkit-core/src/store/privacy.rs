//! What a store does to erase: rewriting in place what is only ever added elsewhere.

use super::journal::StoredOperation;
use crate::error::Result;
use crate::model::consent::ConsentEntry;
use crate::model::lead::Lead;
use crate::model::privacy::{ErasureCertificate, Hold};

/// Called with the import, the place and the cells of a rejected row.
pub type EachReject<'a> = dyn FnMut(i64, u64, Vec<String>) -> Result<()> + 'a;

/// Reading what erasing needs, inside one transaction.
pub trait ReadPrivacy {
    /// Calls `each` with every operation, in the order of their ids.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_operation(&self, each: &mut dyn FnMut(StoredOperation) -> Result<()>) -> Result<()>;

    /// Calls `each` with every rejected row that waits for its file, by import and place.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_waiting_reject(&self, each: &mut EachReject<'_>) -> Result<()>;

    /// Certificates, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    fn erasures(&self, before: Option<i64>, limit: u64) -> Result<Vec<ErasureCertificate>>;

    /// Those of some leads that were erased.
    ///
    /// # Errors
    /// Those of the store.
    fn erased(&self, leads: &[i64]) -> Result<Vec<i64>>;

    /// The ids of the keys by whose fingerprints erased people are recognised.
    ///
    /// # Errors
    /// Those of the store.
    fn erasure_keys(&self) -> Result<Vec<String>>;

    /// All leads that must not be erased, by their ids.
    ///
    /// # Errors
    /// Those of the store.
    fn holds(&self) -> Result<Vec<Hold>>;
}

/// Erasing, inside one transaction. Nothing but erasing calls these.
pub trait WritePrivacy {
    /// Stores the name, reason, mapping, options, progress, keys and state of an operation anew.
    ///
    /// # Errors
    /// Those of the store.
    fn rewrite_operation(&self, stored: &StoredOperation) -> Result<()>;

    /// Stores the reason of a commit anew.
    ///
    /// # Errors
    /// Those of the store.
    fn rewrite_reason(&self, rev: i64, reason: &str) -> Result<()>;

    /// Stores an entry of the consent ledger in the place of the one of its id.
    ///
    /// # Errors
    /// Those of the store.
    fn rewrite_consent(&self, entry: &ConsentEntry) -> Result<()>;

    /// Gives a message another key.
    ///
    /// # Errors
    /// Those of the store; `conflict` when another one has it.
    fn rewrite_communication_key(&self, id: i64, key: &str) -> Result<()>;

    /// Empties the before-images of a lead, given as it is stored, and gives their number; they stay as
    /// links of its history.
    ///
    /// # Errors
    /// Those of the store.
    fn empty_changes(&self, lead: &Lead) -> Result<u64>;

    /// Empties the values in what operations left alone about some leads, and gives their number.
    ///
    /// # Errors
    /// Those of the store.
    fn empty_conflicts(&self, leads: &[i64]) -> Result<u64>;

    /// Drops one rejected row.
    ///
    /// # Errors
    /// Those of the store.
    fn drop_reject(&self, operation: i64, seq: u64) -> Result<()>;

    /// Keeps a certificate, whose id is passed over, and gives its id; its leads are erased from then on.
    ///
    /// # Errors
    /// Those of the store.
    fn add_erasure(&self, certificate: &ErasureCertificate) -> Result<i64>;

    /// Notes that a certificate's data is out of the freed storage too.
    ///
    /// # Errors
    /// Those of the store.
    fn put_erasure(&self, certificate: &ErasureCertificate) -> Result<()>;

    /// Forbids to erase a lead, in the place of a hold that is there.
    ///
    /// # Errors
    /// Those of the store.
    fn put_hold(&self, hold: &Hold) -> Result<()>;

    /// Allows it again; gives whether it was forbidden.
    ///
    /// # Errors
    /// Those of the store.
    fn drop_hold(&self, lead: i64) -> Result<bool>;
}
