//! What a page for people is made of.

use std::collections::BTreeMap;

use super::calendar::{Pieces, zone};
use super::contacts::stats;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::stats::{StatsBy, StatsGroup, StatsOptions, StatsReport, StatsReportOptions};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Days of a report when nobody says.
const DAYS: i64 = 30;
/// Days that a report shows at most.
const MOST: i64 = 3_700;

/// Gathers what a report shows; see [`crate::database::Comms::stats_report`].
///
/// # Errors
/// `invalid_argument` for a time zone that there is not, and for a time that ends before it begins or is
/// longer than ten years; those of the store.
pub fn report(session: &Session, options: &StatsReportOptions) -> Result<StatsReport> {
    session.access()?.check_counted()?;
    let until = options.until.unwrap_or_else(|| session.clock.now());
    let since = options.since.unwrap_or(Timestamp(until.0 - DAYS * DAY));
    if since >= until || until.0.saturating_sub(since.0) > MOST * DAY {
        return Err(Error::new(ErrorCode::InvalidArgument, "a report is of a time of at most ten years")
            .hint("`since` comes before `until`")
            .at_field("since"));
    }
    let asked = StatsOptions {
        since: Some(since),
        until: Some(until),
        time_zone: options.time_zone.clone(),
        campaign: options.campaign.clone(),
        owner: options.owner.clone(),
        ..StatsOptions::default()
    };
    let by = |by: &[StatsBy]| stats(session, &StatsOptions { by: by.to_vec(), ..asked.clone() });
    let groups = |one: StatsBy| -> Result<Vec<StatsGroup>> {
        let mut groups = by(&[one])?.groups;
        // The largest first; of equals by name, as they come.
        groups.sort_by_key(|group| std::cmp::Reverse(group.figures.contacts));
        Ok(groups)
    };
    let before = StatsOptions {
        since: Some(Timestamp(since.0 - (until.0 - since.0))),
        until: Some(since),
        ..asked.clone()
    };
    let days = by(&[StatsBy::Day])?;
    Ok(StatsReport {
        title: options.title.clone().unwrap_or_else(|| "Contacts".to_string()),
        since,
        until,
        time_zone: options.time_zone.clone().unwrap_or_else(|| "UTC".to_string()),
        before: stats(session, &before)?.total,
        days: all_days(days.groups, since, until, options.time_zone.as_deref())?,
        total: days.total,
        channels: groups(StatsBy::Channel)?,
        hours: by(&[StatsBy::Weekday, StatsBy::HourOfDay])?.groups,
        owners: groups(StatsBy::Owner)?,
        campaigns: groups(StatsBy::Campaign)?,
        templates: groups(StatsBy::Template)?,
        countries: groups(StatsBy::Country)?,
    })
}

/// The days of a report, those without a contact too.
fn all_days(
    groups: Vec<StatsGroup>,
    since: Timestamp,
    until: Timestamp,
    time_zone: Option<&str>,
) -> Result<Vec<StatsGroup>> {
    let pieces = Pieces::new(StatsBy::Day, zone(time_zone)?);
    let name = |group: &StatsGroup| group.key.get("day").cloned().flatten().unwrap_or_default();
    let mut known: BTreeMap<String, StatsGroup> =
        groups.into_iter().map(|group| (name(&group), group)).collect();
    let days = pieces.of(since)..=pieces.of(Timestamp(until.0 - 1));
    let empty =
        |day: String| StatsGroup { key: [("day".to_string(), Some(day))].into(), ..StatsGroup::default() };
    Ok(days.map(|day| pieces.name(day)).map(|day| known.remove(&day).unwrap_or_else(|| empty(day))).collect())
}
