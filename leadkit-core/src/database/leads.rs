//! The room of leads.

use std::collections::VecDeque;

use crate::error::Result;
use crate::ledger::Session;
use crate::model::filter::Filter;
use crate::model::lead::{Lead, LeadChange, Values};
use crate::model::options::FindOptions;
use crate::model::report::Page;
use crate::store::sqlite::Query;

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
        self.session.add_lead(&values.into())
    }

    /// Changes some fields of a lead: `null` clears, fields that are not named stay.
    ///
    /// # Errors
    /// `not_found`; otherwise as [`Leads::add`].
    pub fn update(&self, id: i64, values: impl Into<Values>) -> Result<Lead> {
        self.session.update_lead(id, &values.into())
    }

    /// The lead of an id; none when there is none, or it was deleted.
    ///
    /// # Errors
    /// Those of the store.
    pub fn get(&self, id: i64) -> Result<Option<Lead>> {
        Ok(self.session.store.read(|r| r.lead(id))?.filter(|l| l.deleted_at.is_none()))
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
        let (items, next_cursor) =
            self.session.store.read(|r| r.page(&query, options.cursor.as_deref(), limit))?;
        Ok(Page { items, next_cursor })
    }

    /// All leads that the filter finds, read in pages: memory stays flat, and no lock is held
    /// between pages.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_filter`, `invalid_argument`; the iterator's items those of the
    /// store.
    pub fn iterate(&self, filter: &Filter, options: FindOptions) -> Result<LeadIter> {
        let query = self.session.query(filter, &options.order_by, options.include_deleted)?;
        Ok(LeadIter {
            session: self.session.clone(),
            query,
            cursor: options.cursor,
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
        self.session.store.read(|r| r.count(&query))
    }

    /// Every change of a lead, the newest first: when, by whom, by which operation, and each
    /// field's value before and after.
    ///
    /// # Errors
    /// `not_found`.
    pub fn history(&self, id: i64) -> Result<Vec<LeadChange>> {
        self.session.history(id)
    }
}

/// Leads one after the other; see [`Leads::iterate`].
pub struct LeadIter {
    session: Session,
    query: Query,
    cursor: Option<String>,
    left: u64,
    page: VecDeque<Lead>,
    done: bool,
}

impl Iterator for LeadIter {
    type Item = Result<Lead>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.done && self.left > 0 {
            let limit = PAGE.min(self.left);
            match self.session.store.read(|r| r.page(&self.query, self.cursor.as_deref(), limit)) {
                Ok((leads, cursor)) => {
                    self.left -= leads.len() as u64;
                    self.page = leads.into();
                    self.done = cursor.is_none();
                    self.cursor = cursor;
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
