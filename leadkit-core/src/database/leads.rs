//! The room of leads.

use std::collections::VecDeque;

use crate::error::Result;
use crate::ledger::Session;
use crate::model::explanation::{ExplainOptions, LeadExplanation};
use crate::model::filter::Filter;
use crate::model::lead::{Lead, LeadChange, Values};
use crate::model::options::FindOptions;
use crate::model::report::Page;
use crate::store::{Position, Query};

/// How many leads `iterate` reads at a time.
const PAGE: u64 = 500;

/// The leads of a database.
#[derive(Clone, Copy)]
pub struct Leads<'a> {
    pub(super) session: &'a Session,
}

impl Leads<'_> {
    /// Adds one lead; values are normalised and validated as in an import.
    ///
    /// # Errors
    /// `unknown_field`; `invalid_value`, naming the field and the rule; `already_exists` when a
    /// lead with this external id or email is there.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// let lead = db.leads().add([("email", "Ada@Lovelace.ORG"), ("first_name", "ada")])?;
    /// assert_eq!(lead.email.as_deref(), Some("Ada@lovelace.org"));
    /// assert_eq!(db.leads().add([("email", "ada@lovelace.org")]).unwrap_err().code(), "already_exists");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn add(&self, values: impl Into<Values>) -> Result<Lead> {
        let values = values.into();
        self.session.check_values(&values)?;
        self.session.shown(self.session.add_lead(&values)?)
    }

    /// Changes some fields of a lead: `null` clears, fields that are not named stay.
    ///
    /// # Errors
    /// `not_found`; otherwise as [`Leads::add`].
    pub fn update(&self, id: i64, values: impl Into<Values>) -> Result<Lead> {
        let values = values.into();
        self.session.check_values(&values)?;
        self.session.shown(self.session.update_lead(id, &values)?)
    }

    /// The lead of an id; none when there is none, or it was deleted.
    ///
    /// # Errors
    /// Those of the store.
    pub fn get(&self, id: i64) -> Result<Option<Lead>> {
        Ok(self.session.store.reading(|r| r.lead(id))?.filter(|l| l.deleted_at.is_none()))
    }

    /// The first lead that the filter finds.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_argument`.
    pub fn first(&self, filter: &Filter, options: FindOptions) -> Result<Option<Lead>> {
        Ok(self.find(filter, FindOptions { limit: 1, ..options })?.items.pop())
    }

    /// A page of the leads that the filter finds.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_argument`.
    ///
    /// ```
    /// use leadkit_core::Filter;
    /// let db = leadkit_core::open(":memory:")?;
    /// db.leads().add([("email", "ada@lovelace.org"), ("status", "new")])?;
    /// let page = db.leads().find(&Filter::field("status").eq("new"), Default::default())?;
    /// assert_eq!(page.items.len(), 1);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn find(&self, filter: &Filter, options: FindOptions) -> Result<Page<Lead>> {
        let query = self.session.query(filter, &options.order_by, options.include_deleted)?;
        let limit = if options.limit == 0 { 100 } else { options.limit };
        let after = options.cursor.as_deref().map(|c| Position::parse(c, &query)).transpose()?;
        let (items, next) = page(self.session, &query, after.as_ref(), limit)?;
        Ok(Page { items, next_cursor: next.map(|position| position.to_cursor()) })
    }

    /// All leads that the filter finds, read in pages: memory stays flat, and no lock is held
    /// between pages.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_argument`; the iterator's items those of the
    /// store.
    pub fn iterate(&self, filter: &Filter, options: FindOptions) -> Result<LeadIter> {
        let query = self.session.query(filter, &options.order_by, options.include_deleted)?;
        let after = options.cursor.as_deref().map(|c| Position::parse(c, &query)).transpose()?;
        Ok(LeadIter {
            session: self.session.clone(),
            query,
            after,
            left: if options.limit == 0 { u64::MAX } else { options.limit },
            page: VecDeque::new(),
            done: false,
        })
    }

    /// How many leads the filter finds.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`.
    pub fn count(&self, filter: &Filter) -> Result<u64> {
        let query = self.session.query(filter, &[], false)?;
        self.session.store.reading(|r| r.count(&query))
    }

    /// Restores a deleted lead with all its values; one that is not deleted stays as it is.
    ///
    /// # Errors
    /// `not_found`; `already_exists` when another lead has its external id or email by now.
    pub fn restore(&self, id: i64) -> Result<Lead> {
        self.session.shown(self.session.restore_lead(id)?)
    }

    /// Every change of a lead, the newest first: when, by whom, by which operation, and each
    /// field's value before and after.
    ///
    /// # Errors
    /// `not_found`.
    pub fn history(&self, id: i64) -> Result<Vec<LeadChange>> {
        self.session.history(id)
    }

    /// Everything that is known of a lead, and why: where each value came from, what was there before,
    /// every contact, and by what the person may be contacted now, as `dispatch` would decide it. Deleted
    /// leads and merged ones are explained too.
    ///
    /// # Errors
    /// `not_found`.
    ///
    /// ```
    /// use leadkit_core::model::explanation::PermissionDecision;
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@example.org"), ("phone", "+1 202 555 0123")])?;
    /// let mia = db.as_actor("mia", Some("she called"));
    /// mia.leads().update(ada.id, [("email", "ada@example.com")])?;
    ///
    /// let why = db.leads().explain(ada.id, &Default::default())?;
    /// let email = why.fields.iter().find(|field| field.field == "email").unwrap();
    /// assert_eq!(email.origin.as_ref().and_then(|origin| origin.actor.as_deref()), Some("mia"));
    /// assert_eq!(email.earlier[0].value, "ada@example.org");
    /// assert_eq!(why.permissions[0].decision, PermissionDecision::Refused, "nobody agreed to marketing");
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("ada.html");
    /// why.save_html(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, id: i64, options: &ExplainOptions) -> Result<LeadExplanation> {
        crate::history::explain(self.session, id, options)
    }
}

/// A page of leads, and where the next one begins.
fn page(
    session: &Session,
    query: &Query,
    after: Option<&Position>,
    limit: u64,
) -> Result<(Vec<Lead>, Option<Position>)> {
    let mut leads = session.store.reading(|r| r.page(query, after, limit.saturating_add(1)))?;
    let more = leads.len() as u64 > limit;
    leads.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = leads.last().filter(|_| more).map(|lead| Position::of(lead, query));
    Ok((leads, next))
}

/// Leads one after the other; see [`Leads::iterate`].
pub struct LeadIter {
    session: Session,
    query: Query,
    after: Option<Position>,
    left: u64,
    page: VecDeque<Lead>,
    done: bool,
}

impl Iterator for LeadIter {
    type Item = Result<Lead>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.done && self.left > 0 {
            let limit = PAGE.min(self.left);
            match page(&self.session, &self.query, self.after.as_ref(), limit) {
                Ok((leads, next)) => {
                    self.left -= leads.len() as u64;
                    self.page = leads.into();
                    self.done = next.is_none();
                    self.after = next;
                }
                Err(error) => {
                    self.done = true;
                    return Some(Err(error));
                }
            }
        }
        self.page.pop_front().map(Ok)
    }
}
