//! Contacts in numbers.

use super::Comms;
use crate::error::Result;
use crate::model::stats::{
    CheckStatsOptions, CohortOptions, Cohorts, CompareOptions, Comparison, ContactStats, Funnel,
    FunnelOptions, StatsCheck, StatsOptions, StatsReport, StatsReportOptions,
};
use crate::stats;

impl Comms<'_> {
    /// Contacts in numbers: how many there were, arrived, were answered and refused more, how long answers
    /// took, and what all of it cost; of all that were asked for, and in groups.
    ///
    /// Groups by one of owner, template, campaign, variant, country and local hour, with channel, direction,
    /// state and time, are answered from counts of months, days and hours; several of them from counts of days
    /// that know all. These follow the contacts, so that late prices, states, answers and corrections are in
    /// them, and are brought up to date by whoever asks. With `leads`, `count_leads` and `converted` the
    /// question goes through the contacts themselves and takes longer. Both are exact.
    ///
    /// An answer counts for the contact that it answers, at that one's time: a reply rate is of those that
    /// were reached then. Contacts of leads that were merged count for the lead that is left.
    ///
    /// # Errors
    /// `invalid_argument` for a time zone or status that there is not, and for groups that are named twice
    /// or are of two pieces of time; `invalid_filter`, `unknown_field`; those of the store.
    ///
    /// ```
    /// use leadkit_core::model::history::{ContactChannel, LogOptions};
    /// use leadkit_core::model::stats::{StatsBy, StatsOptions};
    /// use leadkit_core::model::transport::Direction;
    ///
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org")])?;
    /// let at = |text: &str| Some(text.parse().unwrap());
    /// let asked = LogOptions {
    ///     at: at("2026-03-02T09:00:00Z"), body: "Shall we talk?".into(), owner: Some("mia".into()), ..Default::default()
    /// };
    /// let asked = db.comms().log(ada.id, ContactChannel::Email, &asked)?;
    /// let answer = LogOptions {
    ///     at: at("2026-03-02T11:30:00Z"), body: "Gladly".into(), direction: Some(Direction::Inbound),
    ///     reply_to: Some(asked.id), ..Default::default()
    /// };
    /// db.comms().log(ada.id, ContactChannel::Email, &answer)?;
    ///
    /// let by_owner = StatsOptions { by: vec![StatsBy::Owner], ..Default::default() };
    /// let stats = db.comms().stats(&by_owner)?;
    /// assert_eq!((stats.total.reached, stats.total.answered, stats.total.received), (1, 1, 1));
    /// let mia = &stats.groups[0];
    /// assert_eq!(mia.key["owner"].as_deref(), Some("mia"));
    /// assert_eq!(mia.figures.reply_times.map(|times| times.median), Some(9_000.0));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn stats(&self, options: &StatsOptions) -> Result<ContactStats> {
        stats::stats(self.session, options)
    }

    /// Variants beside each other (A/B): of the leads that each reached, how many answered, want no more, and
    /// came to a success, with intervals, and how much that differs from the control. Leads that several
    /// variants reached are left out and counted apart.
    ///
    /// # Errors
    /// `invalid_argument` for a status, a confidence or a control that there is not; `invalid_filter`,
    /// `unknown_field`; those of the store.
    ///
    /// ```
    /// use leadkit_core::model::history::{ContactChannel, LogOptions};
    ///
    /// let db = leadkit_core::open(":memory:")?;
    /// for (n, variant) in ["A", "B", "A", "B"].into_iter().enumerate() {
    ///     let lead = db.leads().add([("email", format!("n{n}@example.org"))])?;
    ///     let text = LogOptions { body: "Offers!".into(), variant: Some(variant.into()), ..Default::default() };
    ///     db.comms().log(lead.id, ContactChannel::Email, &text)?;
    /// }
    /// let found = db.comms().compare(&Default::default())?;
    /// assert_eq!(found.variants[0].leads, 2);
    /// let difference = found.variants[1].answered_difference.unwrap();
    /// assert!(difference.low < 0.0 && difference.high > 0.0 && !difference.significant);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn compare(&self, options: &CompareOptions) -> Result<Comparison> {
        stats::compare(self.session, options)
    }

    /// How far leads came: contacted, reached, answered, and then from status to status. Each step counts
    /// those who took all before it, a status from the first contact on.
    ///
    /// # Errors
    /// `invalid_argument` for a status that there is not; `invalid_filter`, `unknown_field`; those of the
    /// store.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// let names: Vec<_> = db.comms().funnel(&Default::default())?.steps.into_iter().map(|s| s.name).collect();
    /// assert_eq!(names, ["contacted", "reached", "answered"]);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn funnel(&self, options: &FunnelOptions) -> Result<Funnel> {
        stats::funnel(self.session, options)
    }

    /// Leads gathered by the month or week of their first contact, and how many of them had answered, or come
    /// to a success, by the end of that one, of the next, and so on until now.
    ///
    /// # Errors
    /// `invalid_argument` for a time zone or status that there is not; `invalid_filter`, `unknown_field`;
    /// those of the store.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// assert!(db.comms().cohorts(&Default::default())?.cohorts.is_empty());
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn cohorts(&self, options: &CohortOptions) -> Result<Cohorts> {
        stats::cohorts(self.session, options)
    }

    /// Counts all contacts anew, compares that with the counts that [`Comms::stats`] answers from, and tells
    /// what differs; with `mend` these are counted anew. Reads everything.
    ///
    /// # Errors
    /// `read_only` where it is to mend and may not; those of the store.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// assert_eq!(db.comms().check_stats(&Default::default())?.wrong, 0);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn check_stats(&self, options: &CheckStatsOptions) -> Result<StatsCheck> {
        stats::check(self.session, options)
    }

    /// What one would show a sales manager: [`StatsReport::to_html`] makes a page of it.
    ///
    /// # Errors
    /// `invalid_argument` for a time zone that there is not, and for a time that ends before it begins or is
    /// longer than ten years; those of the store.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// let report = db.comms().stats_report(&Default::default())?;
    /// assert_eq!(report.total.contacts, 0);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn stats_report(&self, options: &StatsReportOptions) -> Result<StatsReport> {
        stats::report(self.session, options)
    }
}
