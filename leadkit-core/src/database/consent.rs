//! The room of consent.

use std::path::Path;

use super::page::Asked;
use crate::error::Result;
use crate::ledger::{Session, consent, suppressions};
use crate::model::access::ContactPart;
use crate::model::consent::{
    ConsentEntry, ConsentHistoryOptions, ConsentKind, ConsentOptions, ConsentQuestion, ConsentStatus,
};
use crate::model::report::Page;
use crate::store::ConsentQuery;

/// Who may be contacted, by what, and why: a ledger that only grows.
///
/// A withdrawal is kept for the address. It covers every lead that has the address or later gets it,
/// and stays when leads are deleted, purged, restored, merged, taken back or imported again. A grant is
/// kept for an address, a lead and a purpose; a lead that another one is merged into does not get it.
#[derive(Clone, Copy)]
pub struct Consent<'a> {
    pub(super) session: &'a Session,
}

impl Consent<'_> {
    /// Adds to the ledger: one entry for the address given, or one for each number of the lead.
    ///
    /// # Errors
    /// `invalid_argument` for an entry that lacks what its kind needs: a grant names the lead and
    /// keeps the words agreed to; `invalid_value` for an address that is no phone number; `not_found`
    /// for the lead.
    ///
    /// ```
    /// use leadkit_core::model::consent::{ConsentKind, ConsentOptions, ConsentQuestion};
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("phone", "+49 30 23125014")])?;
    /// let agreed = ConsentOptions {
    ///     lead: Some(ada.id),
    ///     wording: Some("Yes, text me offers".into()),
    ///     ..Default::default()
    /// };
    /// db.consent().record(ConsentKind::Grant, "web form", agreed)?;
    /// let asked = ConsentQuestion { lead: Some(ada.id), ..Default::default() };
    /// assert!(db.consent().status(&asked)?.allowed);
    ///
    /// let number = ConsentOptions { address: ada.phone.clone(), ..Default::default() };
    /// db.consent().record(ConsentKind::Withdrawal, "keyword", number)?;
    /// assert_eq!(db.consent().status(&asked)?.code.map(|code| code.as_str()), Some("opted_out"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn record(
        &self,
        kind: ConsentKind,
        source: &str,
        options: ConsentOptions,
    ) -> Result<Vec<ConsentEntry>> {
        self.session.shown(consent::record(self.session, kind, source, &options)?)
    }

    /// Whether a lead or an address may be contacted, and the entry that decides.
    ///
    /// # Errors
    /// `invalid_argument` without address and lead; `invalid_value`, `not_found`.
    pub fn status(&self, question: &ConsentQuestion) -> Result<ConsentStatus> {
        if question.address.is_some() {
            self.session.access()?.check_part(ContactPart::Address, "nobody is asked about by it")?;
        }
        self.session.shown(consent::status(self.session, question)?)
    }

    /// Entries, the newest first.
    ///
    /// # Errors
    /// `invalid_value` for an address that is no phone number; `invalid_argument` for a cursor that
    /// no page gave.
    pub fn history(&self, options: ConsentHistoryOptions) -> Result<Page<ConsentEntry>> {
        let asked = Asked::new(options.cursor.as_deref(), options.limit, "consent entries")?;
        let address = options.address.as_deref().map(|text| consent::normal(text, None)).transpose()?;
        let query = ConsentQuery { address, lead: options.lead, before: asked.cursor, limit: asked.read() };
        let items = consent::history(self.session, &query)?;
        Ok(asked.page(items, |entry| entry.id.to_string()))
    }

    /// Writes who may not be contacted as CSV: address, channel, kind, since when, source. Kept apart
    /// from backups, it is what a restored database is to be given before it sends. Gives how many.
    ///
    /// # Errors
    /// `permission_denied`, `disk_full`, `io`; those of the store.
    pub fn export_suppressions(&self, path: impl AsRef<Path>) -> Result<u64> {
        self.session.check_whole("writes no list of numbers")?;
        suppressions::export(self.session, path.as_ref())
    }

    /// Enters such a list, as far as it is not known already; gives how many entries were added.
    ///
    /// # Errors
    /// `invalid_value` for a line that cannot be read, with its row: then nothing is entered;
    /// `file_not_found`, `permission_denied`, `io`; those of the store.
    ///
    /// ```
    /// use leadkit_core::model::consent::{ConsentKind, ConsentOptions};
    /// let folder = std::env::temp_dir().join("leadkit-suppressions");
    /// std::fs::create_dir_all(&folder).unwrap();
    /// let path = folder.join("list.csv");
    /// let db = leadkit_core::open(":memory:")?;
    /// let number = ConsentOptions { address: Some("+493023125014".into()), ..Default::default() };
    /// db.consent().record(ConsentKind::Withdrawal, "letter", number)?;
    /// assert_eq!(db.consent().export_suppressions(&path)?, 2, "text messages and calls");
    ///
    /// let restored = leadkit_core::open(":memory:")?;
    /// assert_eq!(restored.consent().apply_suppressions(&path)?, 2);
    /// assert_eq!(restored.consent().apply_suppressions(&path)?, 0, "known already");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn apply_suppressions(&self, path: impl AsRef<Path>) -> Result<u64> {
        self.session.check_whole("takes no list of numbers")?;
        suppressions::apply(self.session, path.as_ref())
    }
}
