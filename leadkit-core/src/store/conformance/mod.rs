//! What every store must do, as checks that any store can be put through: success of each method,
//! the errors it names, its limits, and equal content after equal writes.
//!
//! ```
//! use leadkit_core::store::conformance;
//! use leadkit_core::store::{MemoryStore, Store};
//! let open = || -> Box<dyn Store> { Box::new(MemoryStore::default()) };
//! for check in conformance::checks().iter().take(3) {
//!     check.run(&open).map_err(|failed| failed.to_string())?;
//! }
//! conformance::same(&*open(), &MemoryStore::default(), 1).map_err(|failed| failed.to_string())?;
//! # Ok::<(), String>(())
//! ```

mod audit;
mod automation;
mod comms;
mod differential;
mod history;
mod journal;
mod keys;
mod leads;
mod operations;
mod order;
mod outbox;
mod privacy;
mod query;
mod records;
mod sample;
mod set;
mod stats;
mod transactions;

use std::fmt;

pub use differential::same;

use super::Store;
use crate::error::{Error, Result};

/// How the checks come by stores. A closure that gives fresh stores is one.
pub trait Openings {
    /// Opens a store of its own that holds nothing.
    fn fresh(&self) -> Box<dyn Store>;

    /// Opens the store that [`Openings::fresh`] gave last once more; none where a store has one
    /// handle only.
    fn again(&self) -> Option<Box<dyn Store>> {
        None
    }

    /// Opens a store for reading only; none where there is no such way.
    fn read_only(&self) -> Option<Box<dyn Store>> {
        None
    }
}

impl<F: Fn() -> Box<dyn Store>> Openings for F {
    fn fresh(&self) -> Box<dyn Store> {
        self()
    }
}

/// One thing that every store must do.
#[derive(Clone, Copy)]
pub struct Check {
    name: &'static str,
    work: fn(&dyn Openings) -> Outcome,
}

impl Check {
    /// What is checked, in a few words joined by `_`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Puts stores through the check.
    ///
    /// # Errors
    /// What was expected and what came instead.
    pub fn run(&self, openings: &dyn Openings) -> Outcome {
        (self.work)(openings).map_err(|failed| Failed(format!("{}: {}", self.name, failed.0)))
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What came of a check.
pub type Outcome = std::result::Result<(), Failed>;

/// What a store did otherwise than it must.
#[derive(Clone, PartialEq)]
pub struct Failed(pub String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed(format!("the store answered `{}`: {error}", error.code()))
    }
}

macro_rules! checks {
    ($($module:ident: $($name:ident),* $(,)?;)*) => {
        /// All checks there are.
        pub fn checks() -> Vec<Check> {
            vec![$($(Check { name: stringify!($name), work: $module::$name },)*)*]
        }
    };
}

checks! {
    leads:
        an_empty_store_holds_nothing, leads_come_back_as_they_were, every_text_comes_back,
        every_number_comes_back, ids_are_allotted_in_order, ids_reach_to_two_to_the_53rd,
        unknown_ids_are_left_out, a_lead_is_stored_once, updates_keep_what_was_before,
        two_updates_in_one_commit_are_one, a_new_lead_of_the_commit_needs_no_image,
        purged_leads_leave_nothing, custom_fields_keep_their_order, statuses_are_replaced;
    keys:
        keys_lead_to_their_leads, equal_hashes_of_different_kinds_are_apart, large_hashes_are_kept,
        keys_may_be_stored_twice, many_keys_are_asked_at_once;
    query:
        every_operator_on_every_field, nested_filters, long_lists, deep_and_wide_filters, limits_of_pages,
        deleted_leads_are_found_when_asked_for, filled_fields_are_found, walks_end_when_told;
    order:
        every_order, orders_of_several_keys, pages_go_on_when_leads_go;
    set:
        fields_are_set, set_fields_keep_what_was_before, set_fields_drop_their_originals,
        set_fields_go_on_behind_a_lead, sets_in_one_commit_are_apart, any_text_can_be_set,
        nothing_is_set, fields_are_restored, restoring_goes_on_behind_a_lead,
        what_others_changed_is_not_restored, fields_that_no_image_holds_stay,
        restored_fields_can_be_restored;
    operations:
        operations_come_back_as_they_were, operations_are_found_by_their_keys,
        operations_are_listed_by_each_filter, operations_are_brought_up_to_date,
        a_taken_idempotency_key_is_a_conflict, expired_plans_are_dropped;
    journal:
        commits_are_kept_in_order, changes_are_read_in_pages, overtaken_leads_are_found,
        conflicts_are_read_in_pages, rejects_are_kept_until_dropped, pruned_changes_are_gone;
    comms:
        consent_comes_back_as_it_was, settings_are_replaced, templates_are_kept_by_version;
    outbox:
        messages_come_back_as_they_were, messages_are_found_by_their_keys, due_messages_come_in_order,
        events_are_numbered, meters_stand_where_they_were_set;
    history:
        the_newest_comes_first, contacts_are_found_by_what_is_said_of_them, words_are_found,
        texts_and_times_change, many_of_one_instant, merged_leads_are_known;
    audit:
        audit_comes_back_as_it_was, audit_is_listed_by_each_filter, an_audit_number_is_taken_once;
    privacy:
        certificates_come_back_the_newest_first, holds_are_replaced_and_lifted, operations_are_rewritten,
        consent_is_rewritten, what_the_log_kept_is_emptied, keys_of_messages_are_rewritten;
    automation:
        automations_are_kept_by_version, runs_are_found_and_due_in_order, one_key_gives_one_run,
        signals_and_events_are_kept_until_dropped;
    stats:
        facts_are_those_of_the_contacts, writing_marks_hours, counts_are_kept, former_values_are_told;
    transactions:
        a_failed_write_leaves_nothing, a_write_sees_itself_and_readers_do_not, a_read_sees_one_state,
        revisions_have_no_gaps, a_write_in_a_write_is_busy, a_closed_store_says_so,
        closing_inside_a_write_waits_for_its_end, a_store_for_reading_is_not_written,
        two_handles_share_one_store, a_sound_store_has_no_damage, a_store_without_backup_says_so;
    records:
        records_fill_another_store, a_copy_goes_on_as_its_source, records_come_in_order;
}

/// All that a store holds, as JSON lines in the order of its records: equal stores give equal texts.
///
/// # Errors
/// Those of the store.
pub fn dump(store: &dyn Store) -> Result<String> {
    store.reading(|reader| {
        let mut lines = String::new();
        reader.each_record(&mut |record| {
            let line = serde_json::to_value(record).map_err(|error| Error::internal(error.to_string()))?;
            lines.push_str(&line.to_string());
            lines.push('\n');
            Ok(())
        })?;
        Ok(lines)
    })
}

/// The code of an error; `ok` when there is none.
fn code<T>(result: Result<T>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "ok")
}

/// Fails where two values differ, saying in which respect.
fn same_as<T: PartialEq + fmt::Debug>(found: &T, wanted: &T, what: impl fmt::Display) -> Outcome {
    if found == wanted {
        return Ok(());
    }
    let (found, wanted) = (format!("{found:?}"), format!("{wanted:?}"));
    // Long values are shown from where they differ.
    let same = found.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
    let skipped = same.saturating_sub(100);
    let part = |text: &str| {
        let part: String = text.chars().skip(skipped).take(600).collect();
        let (before, behind) = (skipped > 0, text.chars().count() > skipped + 600);
        format!("{}{part}{}", if before { "... " } else { "" }, if behind { " ..." } else { "" })
    };
    Err(Failed(format!("{what}:\n  found  {}\n  wanted {}", part(&found), part(&wanted))))
}

/// Fails where something does not hold.
fn holds(what: bool, otherwise: impl fmt::Display) -> Outcome {
    if what { Ok(()) } else { Err(Failed(otherwise.to_string())) }
}
