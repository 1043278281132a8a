//! The room of switches.

use crate::error::Result;
use crate::ledger::Session;
use crate::model::settings::{Settings, SettingsChange};

/// The switches: whether anything is sent, and by what.
#[derive(Clone, Copy)]
pub struct SettingsRoom<'a> {
    pub(super) session: &'a Session,
}

impl SettingsRoom<'_> {
    /// The switches as they stand.
    ///
    /// # Errors
    /// Those of the store.
    pub fn get(&self) -> Result<Settings> {
        self.session.store.reading(|reader| Ok(reader.settings()?.unwrap_or_default()))
    }

    /// Turns the switches that are named. Each change is an operation of the log, with the switches
    /// before and after. What waits in the outbox for what was changed is decided on anew.
    ///
    /// Switched on in a database that was put back (`restored`), what waits in its outbox is `unknown`
    /// until [`super::Comms::reconcile`] has asked the provider: the original may have sent it. What it
    /// did not send can be queued anew then.
    ///
    /// # Errors
    /// `invalid_argument` for budgets, prices, rates, hours, holidays, rules and countries that make no
    /// sense; those of the store.
    ///
    /// ```
    /// use leadkit_core::model::settings::SettingsChange;
    /// let db = leadkit_core::open(":memory:")?;
    /// assert!(!db.settings().get()?.sending, "nothing is sent until somebody says so");
    /// let on = SettingsChange { sending: Some(true), ..Default::default() };
    /// let settings = db.as_actor("mia", Some("campaign approved")).settings().set(&on)?;
    /// assert!(settings.sending && settings.sms);
    /// let turned = &db.operations().list(Default::default())?.items[0];
    /// assert_eq!(turned.actor.as_deref(), Some("mia"));
    /// assert_eq!(turned.options["before"]["sending"], false);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn set(&self, change: &SettingsChange) -> Result<Settings> {
        self.session.check_whole("turns no switches")?;
        crate::outbox::turn(self.session, change)
    }
}
