//! The room of privacy.

use crate::error::Result;
use crate::ledger::Session;
use crate::model::privacy::{
    ErasureCertificate, ErasureListOptions, ErasureOptions, Hold, PersonExport, PersonOptions,
    RetentionOptions, RetentionReport,
};
use crate::model::report::Page;
use crate::privacy;
use crate::transport::Transport;

use super::page::Asked;

/// What the law asks about a person's data: handing all of it out, erasing it, keeping nothing too long. A view
/// with an access profile may call none of it (`access_denied`).
#[derive(Clone, Copy)]
pub struct Privacy<'a> {
    pub(super) session: &'a Session,
}

impl Privacy<'_> {
    /// All that is stored about a person: leads with their history, the files they came from, every contact
    /// and consent entry (GDPR Articles 15 and 20).
    ///
    /// # Errors
    /// `invalid_argument` when nobody is named; `invalid_value` for an address that is none; `not_found`.
    ///
    /// ```
    /// use leadkit_core::model::privacy::PersonOptions;
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("phone", "+49 30 23125014")])?;
    /// let who = PersonOptions { address: Some("+493023125014".into()), ..Default::default() };
    /// let export = db.privacy().export_person(&who)?;
    /// assert_eq!(export.leads, [ada]);
    /// assert!(export.to_html().contains("ada@lovelace.org"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn export_person(&self, who: &PersonOptions) -> Result<PersonExport> {
        privacy::export(self.session, who)
    }

    /// Erases a person: leads, what the log and stored filters kept of them, originals, contacts, words of
    /// the index, consent entries but for their dates, idempotency keys, waiting rejected rows. Ids, times and
    /// costs stay, and of each number a fingerprint under a key of the host's, by which it stays blocked.
    /// Then the store's files are written anew.
    ///
    /// With a transport, the provider's copies of messages and calls are deleted too. The certificate says
    /// what was erased, what was kept and why, and what is out of reach. It cannot be taken back.
    ///
    /// # Errors
    /// `invalid_argument` without a legal basis or a person; `invalid_value`, `not_found`; `on_hold`, with
    /// the reason; `erased` when they were already; `key_missing` for a database opened without keys;
    /// `conflict` while a message to them is being handed over. Nothing is erased then.
    ///
    /// ```
    /// use leadkit_core::model::privacy::ErasureOptions;
    /// use leadkit_core::{Key, OpenOptions};
    /// let keys = vec![Key::new("2026", [7; 32])];
    /// let db = leadkit_core::open_with(":memory:", OpenOptions { keys, ..Default::default() })?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("phone", "+49 30 23125014")])?;
    /// let options = ErasureOptions { lead: Some(ada.id), ..Default::default() };
    /// let certificate = db.privacy().erase_person("GDPR Art. 17(1)(b)", &options, None)?;
    /// assert_eq!((certificate.leads, certificate.suppressed.len()), (vec![ada.id], 1));
    /// assert!(db.leads().get(ada.id)?.is_none());
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn erase_person(
        &self,
        legal_basis: &str,
        options: &ErasureOptions,
        transport: Option<&dyn Transport>,
    ) -> Result<ErasureCertificate> {
        privacy::erase(self.session, legal_basis, options, transport)
    }

    /// The certificates of what was erased, the newest first.
    ///
    /// # Errors
    /// `invalid_argument` for a cursor that no page gave.
    pub fn erasures(&self, options: ErasureListOptions) -> Result<Page<ErasureCertificate>> {
        let asked = Asked::new(options.cursor.as_deref(), options.limit, "certificates")?;
        let items = privacy::erasures(self.session, asked.cursor, asked.read())?;
        Ok(asked.page(items, |certificate| certificate.id.to_string()))
    }

    /// Forbids to erase a person, by hand or by a rule, and says why: a lawsuit, a duty to keep (GDPR
    /// Art. 17(3)). Gives the holds, one for each of the person's leads.
    ///
    /// # Errors
    /// `invalid_argument` without a reason or a person; `invalid_value`, `not_found`.
    pub fn hold(&self, reason: &str, who: &PersonOptions) -> Result<Vec<Hold>> {
        privacy::hold(self.session, reason, who)
    }

    /// Allows it again; gives how many leads were held.
    ///
    /// # Errors
    /// As [`Privacy::hold`].
    pub fn release(&self, who: &PersonOptions) -> Result<u64> {
        privacy::release(self.session, who)
    }

    /// All holds, by lead.
    ///
    /// # Errors
    /// Those of the store.
    pub fn holds(&self) -> Result<Vec<Hold>> {
        privacy::holds(self.session)
    }

    /// Finds what is kept longer than `settings.retention` allows. Unless `erase` is said it changes
    /// nothing and only tells. Leads are erased as by [`Privacy::erase_person`], but may be contacted again
    /// when they come back; of contacts the texts and addresses go; before-images of changes are removed.
    ///
    /// # Errors
    /// `not_found` for a rule that is not there; `key_missing`; `invalid_filter`, `unknown_field` for a
    /// rule's filter; `invalid_argument` for changes that undo still needs.
    ///
    /// ```
    /// use leadkit_core::model::privacy::RetentionOptions;
    /// use leadkit_core::model::settings::SettingsChange;
    /// let db = leadkit_core::open(":memory:")?;
    /// let rules = serde_json::json!([{ "name": "old leads", "data": "leads", "days": 1095 }]);
    /// let retention = Some(serde_json::from_value(rules).unwrap());
    /// db.settings().set(&SettingsChange { retention, ..Default::default() })?;
    /// let report = db.privacy().apply_retention(&RetentionOptions::default())?;
    /// assert_eq!((report.erased, report.rules[0].due), (false, 0));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn apply_retention(&self, options: &RetentionOptions) -> Result<RetentionReport> {
        privacy::apply(self.session, options)
    }

    /// Writes the store's files anew, so that freed storage holds nothing of what was erased. Erasing does
    /// so by itself; call it where a certificate says `compacted: false`, since others used the store.
    ///
    /// # Errors
    /// `busy` when others use it; `disk_full`, `read_only`, `io`.
    pub fn compact(&self) -> Result<()> {
        privacy::compact(self.session)
    }
}
