//! What an automation must be to be saved; each error names the place.

use crate::compliance::Reply;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::templates;
use crate::model::automation::{AutomationSpec, Condition, ScheduleRef, Step, Trigger};
use crate::model::field::FieldName;
use crate::model::lead::{Lead, Values};
use crate::normalize::normalize_time_zone;
use crate::schedule::{OccurrenceOptions, Schedule, next_occurrences};
use crate::search::TextQuery;
use crate::store::Reader;
use crate::text::nearest;
use crate::validate::{Draft, Rules};

use super::times::{date_field, schedule_of};
use super::{millis, program};

/// Steps that an automation has at most, those of branches included, and how deep these go.
const STEPS: usize = 200;
const DEEP: usize = 10;
/// The longest name, in characters.
const NAME: usize = 63;

/// Checks a name of an automation or a schedule.
///
/// # Errors
/// `invalid_argument`.
pub(super) fn name(name: &str) -> Result<()> {
    let of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().count() <= NAME && name.chars().all(of_word) {
        return Ok(());
    }
    Err(wrong("name", "a name is a word of 63 characters at most").hint("letters, digits, `_` and `-`"))
}

/// Checks an automation against what the store has.
///
/// # Errors
/// `invalid_argument`, `invalid_filter`, `unknown_field`, `invalid_value`, `not_found`; `field` names the
/// place, such as `steps[2].for`.
pub(super) fn spec(reader: &dyn Reader, spec: &AutomationSpec, now: crate::Timestamp) -> Result<()> {
    let check =
        Check { reader, rules: Rules::with_statuses(reader.custom_fields()?, reader.statuses()?), now };
    check.trigger(&spec.trigger)?;
    check.condition(&spec.condition, "condition")?;
    if spec.steps.is_empty() {
        return Err(wrong("steps", "an automation does something"));
    }
    check.steps(&spec.steps, "steps", 0)?;
    if program::places(&spec.steps).len() > STEPS {
        return Err(wrong("steps", format!("an automation has {STEPS} steps at most")));
    }
    for status in &spec.stop.status {
        check.status(status, "stop.status")?;
    }
    if let Some(again) = spec.again.as_deref().filter(|again| *again != "never") {
        span(again, "again").map_err(|error| error.hint("`never`, or a span such as 30d"))?;
    }
    spec.late.as_deref().map(|late| span(late, "late")).transpose()?;
    if let Some(limit) = &spec.limit {
        span(&limit.per, "limit.per")?;
    }
    Ok(())
}

struct Check<'a> {
    reader: &'a dyn Reader,
    rules: Rules,
    now: crate::Timestamp,
}

impl Check<'_> {
    fn trigger(&self, trigger: &Trigger) -> Result<()> {
        match trigger {
            Trigger::LeadCreated {} | Trigger::LeadImported {} | Trigger::Assigned { .. } => {}
            Trigger::FieldChanged { fields } => {
                if fields.is_empty() {
                    return Err(wrong("trigger.fields", "name the fields"));
                }
                for field in fields {
                    self.field(field).map_err(|error| error.at_field("trigger.fields"))?;
                }
            }
            Trigger::StatusChanged { from, to } => {
                from.iter().try_for_each(|status| self.status(status, "trigger.from"))?;
                to.iter().try_for_each(|status| self.status(status, "trigger.to"))?;
            }
            Trigger::MessageReceived { words, intents } => {
                for words in words {
                    TextQuery::parse(words).map_err(|error| error.at_field("trigger.words"))?;
                }
                for intent in intents {
                    let known = INTENTS.map(Reply::as_str);
                    if !known.contains(&intent.as_str()) {
                        let error = wrong("trigger.intents", "there is no such intent").with_value(intent);
                        return Err(match nearest(intent, known) {
                            Some(near) => error.hint(format!("did you mean `{near}`?")),
                            None => error.hint(known.join(", ")),
                        });
                    }
                }
            }
            Trigger::Delivered { template, .. } | Trigger::Failed { template, .. } => {
                self.template(template.as_deref(), "trigger.template")?;
            }
            Trigger::NotAnswered { after, template, .. } => {
                span(after, "trigger.after")?;
                self.template(template.as_deref(), "trigger.template")?;
            }
            Trigger::DateReached { field, zone: whose, .. } => {
                date_field(field, &self.rules.custom).map_err(|error| error.at_field("trigger.field"))?;
                zone(whose, "trigger.zone")?;
                if let Some(schedule) = schedule_of(trigger, self.now, &[]) {
                    times(&schedule).map_err(|error| error.at_field("trigger.time"))?;
                }
            }
            Trigger::Schedule { schedule: ScheduleRef::Inline(schedule) } => times(schedule)?,
            Trigger::Schedule { schedule: ScheduleRef::Name(name) } => {
                let all = self.reader.schedules()?;
                if !all.iter().any(|one| one.name == *name) {
                    let error = Error::new(ErrorCode::NotFound, format!("there is no schedule `{name}`"))
                        .at_field("trigger.schedule");
                    return Err(match nearest(name, all.iter().map(|one| one.name.as_str())) {
                        Some(near) => error.hint(format!("did you mean `{near}`?")),
                        None => error.hint("save it by schedules.save, or write it here"),
                    });
                }
            }
        }
        Ok(())
    }

    fn condition(&self, condition: &Condition, place: &str) -> Result<()> {
        if let Some(filter) = &condition.lead {
            let at = |error: Error| error.at_field(format!("{place}.lead"));
            filter.resolve(&self.rules.custom, self.now).map_err(at)?;
        }
        if let Some(contact) = &condition.contact {
            if let Some(words) = &contact.words {
                TextQuery::parse(words).map_err(|error| error.at_field(format!("{place}.contact.words")))?;
            }
            if let Some(within) = &contact.within {
                span(within, &format!("{place}.contact.within"))?;
            }
        }
        Ok(())
    }

    fn steps(&self, steps: &[Step], place: &str, deep: usize) -> Result<()> {
        if deep > DEEP {
            return Err(wrong(place, format!("branches go {DEEP} deep at most")));
        }
        for (number, step) in steps.iter().enumerate() {
            self.step(step, &format!("{place}[{number}]"), deep)?;
        }
        Ok(())
    }

    fn step(&self, step: &Step, place: &str, deep: usize) -> Result<()> {
        let at = |part: &str| format!("{place}.{part}");
        match step {
            Step::Sms { template, body, .. } => match (template, body) {
                (Some(_), None) => self.template(template.as_deref(), &at("template"))?,
                (None, Some(body)) if !body.trim().is_empty() => {}
                _ => return Err(wrong(&at("template"), "a message has either a template or a body")),
            },
            Step::Set { values } => {
                if values.is_empty() {
                    return Err(wrong(&at("values"), "name the values"));
                }
                let values =
                    Values(values.iter().map(|(name, value)| (name.clone(), value.clone())).collect());
                let mut draft = Draft::of(Lead::default());
                crate::ledger::values::apply(&self.rules, &values, &mut draft)
                    .map_err(|error| error.at_field(at("values")))?;
            }
            Step::Assign { owners } if owners.is_empty() => {
                return Err(wrong(&at("owners"), "name the owners"));
            }
            Step::Tag { add, remove } if add.is_empty() && remove.is_empty() => {
                return Err(wrong(&at("add"), "name the tags to add or to remove"));
            }
            Step::Status { to } => self.status(to, &at("to"))?,
            Step::Task { subject, .. } if subject.trim().is_empty() => {
                return Err(wrong(&at("subject"), "a task says what is to be done"));
            }
            Step::Host { event, .. } if event.trim().is_empty() => {
                return Err(wrong(&at("event"), "an event has a name"));
            }
            Step::Wait { time, at: clock, zone: whose, calendar } => {
                span(time, &at("for"))?;
                if let Some(whose) = whose {
                    zone(whose, &at("zone"))?;
                }
                let calendar = calendar.as_ref();
                super::advance::opening(self.now, clock.as_deref(), "UTC", calendar)
                    .map_err(|error| error.at_field(at(if clock.is_some() { "at" } else { "calendar" })))?;
            }
            Step::AwaitReply { time } => drop(span(time, &at("for"))?),
            Step::If { condition, then, otherwise } => {
                self.condition(condition, &at("condition"))?;
                if *condition == Condition::default() {
                    return Err(wrong(&at("condition"), "a branch needs a condition"));
                }
                self.steps(then, &at("then"), deep + 1)?;
                self.steps(otherwise, &at("else"), deep + 1)?;
            }
            Step::Assign { .. }
            | Step::Tag { .. }
            | Step::Task { .. }
            | Step::Host { .. }
            | Step::Stop {} => {}
        }
        Ok(())
    }

    fn field(&self, name: &str) -> Result<FieldName> {
        self.rules.field(name)
    }

    /// A status of the list, where there is one.
    fn status(&self, status: &str, place: &str) -> Result<()> {
        let all = &self.rules.statuses;
        let same = |key: &str| crate::text::fold(key) == crate::text::fold(status);
        if !self.rules.closed_statuses || all.iter().any(|one| same(&one.key)) {
            return Ok(());
        }
        let error = wrong(place, "the list of statuses has no such").with_value(status);
        Err(match nearest(status, all.iter().map(|one| one.key.as_str())) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        })
    }

    fn template(&self, name: Option<&str>, place: &str) -> Result<()> {
        let Some(name) = name else { return Ok(()) };
        templates::find(self.reader, name, None).map(drop).map_err(|error| error.at_field(place))
    }
}

const INTENTS: [Reply; 7] = [
    Reply::OptOut,
    Reply::OptIn,
    Reply::Yes,
    Reply::Help,
    Reply::MaybeOptOut,
    Reply::WrongNumber,
    Reply::Other,
];

/// Checks that a schedule has times.
///
/// # Errors
/// `invalid_argument`.
pub(super) fn times(schedule: &Schedule) -> Result<()> {
    let zone = matches!(schedule.zone.trim(), "recipient" | "owner").then(|| "UTC".to_string());
    next_occurrences(schedule, &OccurrenceOptions { count: Some(1), zone, ..OccurrenceOptions::default() })
        .map(drop)
}

fn zone(whose: &str, place: &str) -> Result<()> {
    match whose.trim() {
        "recipient" | "owner" => Ok(()),
        zone if normalize_time_zone(zone).is_some() => Ok(()),
        zone => Err(wrong(place, "there is no such time zone")
            .hint("write an IANA name such as Europe/Berlin, recipient or owner")
            .with_value(zone)),
    }
}

fn span(text: &str, place: &str) -> Result<i64> {
    millis(text).ok_or_else(|| {
        wrong(place, "this is no span of time").hint("write 30m, 2h, 3d or 1w").with_value(text)
    })
}

fn wrong(place: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message).at_field(place)
}
