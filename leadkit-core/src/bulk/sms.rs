//! Messages to many leads: a chunk of leads gets its messages into the outbox, each lead once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::action::{Action, Chunk, Cursor, Done, Preview, Selection};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::lint::lint;
use crate::ledger::message;
use crate::ledger::permission::{Terms, Verdict};
use crate::ledger::templates::Compiled;
use crate::model::bulk::{OnConflict, WarningCode};
use crate::model::communication::{
    Communication, CommunicationEvent, CommunicationState, MessagePlan, PlannedMessage, SmsOptions,
};
use crate::model::lead::Lead;
use crate::model::money::Money;
use crate::model::operation::{Conflict, ConflictCode};
use crate::store::{CommunicationQuery, Reader, Writer};

/// Messages looked at in one chunk of an undo.
const PAGE: u64 = 1_000;

/// Queues a message for each lead.
pub(super) struct SmsAction {
    pub(super) selection: Selection,
    pub(super) options: SmsOptions,
    pub(super) template: Option<Compiled>,
    pub(super) terms: Terms,
    pub(super) actor: Option<String>,
    pub(super) reason: Option<String>,
}

/// What a lead gets.
enum Composed {
    /// This message, which may go out then.
    Message(Box<Communication>, Timestamp),
    /// None, for this reason.
    None(String),
}

impl SmsAction {
    fn compose(&self, reader: &dyn Reader, lead: &Lead, now: Timestamp) -> Result<Composed> {
        let prices = self.terms.settings.price_table();
        let composed = message::sms(lead, self.template.as_ref(), &self.options, &prices);
        let message = match composed {
            Ok(message) => message,
            Err(error) => return reason(lead, error).map(Composed::None),
        };
        let at = message.send_at.map_or(now, |at| at.max(now));
        Ok(match self.terms.permission(reader, &message, Some(lead), at)? {
            Verdict::Send { .. } => Composed::Message(Box::new(message), at),
            Verdict::Wait { until, .. } => Composed::Message(Box::new(message), until.unwrap_or(at)),
            Verdict::Refuse { refusal, .. } => Composed::None(refusal.code),
        })
    }
}

/// Why a lead gets no message; an error that is not the lead's is one of the whole plan.
fn reason(lead: &Lead, error: Error) -> Result<String> {
    match error.code() {
        _ if lead.phone.is_none() => Ok("no_number".to_string()),
        "template_value_missing" | "invalid_value" => Ok(error.code().to_string()),
        "invalid_argument" if error.field() == Some("body") => Ok("too_long".to_string()),
        _ => Err(error),
    }
}

impl Action for SmsAction {
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done> {
        let leads = chunk.writer.page(&self.selection.behind(cursor.after), None, chunk.limit)?;
        let mut done = Done { more: leads.len() as u64 == chunk.limit, ..Done::default() };
        let mut messages = Vec::with_capacity(leads.len());
        for lead in leads {
            cursor.after = lead.id;
            match self.compose(chunk.writer, &lead, chunk.at)? {
                Composed::Message(message, _) => messages.push(Communication {
                    key: Some(format!("operation-{}-lead-{}", chunk.operation, lead.id)),
                    campaign: message
                        .campaign
                        .clone()
                        .or_else(|| Some(format!("operation-{}", chunk.operation))),
                    operation: Some(chunk.operation),
                    at: chunk.at,
                    created_at: chunk.at,
                    due_at: Some(message.send_at.map_or(chunk.at, |at| at.max(chunk.at))),
                    actor: self.actor.clone(),
                    reason: self.reason.clone(),
                    ..*message
                }),
                Composed::None(code) => done.leave(Conflict {
                    lead: lead.id,
                    code: ConflictCode::NotContacted,
                    field: None,
                    wanted: Value::Null,
                    found: json!(code),
                }),
            }
        }
        done.changed = messages.len() as u64;
        if let Some(first) =
            messages.first().map(|_| chunk.writer.add_communications(&messages)).transpose()?
        {
            let events: Vec<CommunicationEvent> = (first..)
                .zip(&messages)
                .map(|(id, message)| CommunicationEvent {
                    communication: id,
                    ..message.event("queued", chunk.at)
                })
                .collect();
            chunk.writer.add_communication_events(&events)?;
        }
        Ok(done)
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.selection)
    }

    fn preview(&self, reader: &dyn Reader, at: Timestamp, sample: usize) -> Result<Preview> {
        let (mut preview, mut plan) = (Preview::default(), MessagePlan::default());
        let mut cost: BTreeMap<String, i64> = BTreeMap::new();
        reader.each_lead(&self.selection.query(), &mut |lead| {
            preview.count += 1;
            match self.compose(reader, &lead, at)? {
                Composed::Message(message, when) => {
                    preview.changes += 1;
                    plan.messages += 1;
                    plan.segments += u64::from(message.segments);
                    match &message.predicted {
                        Some(price) => *cost.entry(price.currency.clone()).or_default() += price.micros,
                        None => plan.unpriced += 1,
                    }
                    let used = self.template.iter().flat_map(|compiled| &compiled.template.variables);
                    for warning in lint(&message.body, &lead, used.map(String::as_str)) {
                        *plan.warnings.entry(warning.code.as_str().to_string()).or_default() += 1;
                    }
                    plan.first_at = Some(plan.first_at.map_or(when, |first| first.min(when)));
                    plan.last_at = plan.last_at.max(Some(when));
                    if plan.sample.len() < sample {
                        plan.sample.push(PlannedMessage {
                            lead: lead.id,
                            to: message.to.clone(),
                            body: message.body.clone(),
                            segments: message.segments,
                            at: when,
                        });
                    }
                }
                Composed::None(code) => {
                    *plan.refusals.entry(code).or_default() += 1;
                    preview.left(WarningCode::Left(ConflictCode::NotContacted), 1, [lead.id]);
                }
            }
            Ok(true)
        })?;
        plan.cost = cost
            .into_iter()
            .map(|(currency, micros)| (currency.clone(), Money { micros, currency }.amount()))
            .collect();
        preview.messages = Some(plan);
        Ok(preview)
    }
}

/// Takes the messages of an operation back that have not gone out.
pub(super) struct UnqueueAction {
    pub(super) of: i64,
    /// No message of it is older.
    pub(super) since: Timestamp,
    pub(super) on_conflict: OnConflict,
}

impl Action for UnqueueAction {
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done> {
        let mut done = Done::default();
        // Newest first; the cursor holds the negative id of the last one seen.
        let before = (cursor.after < 0).then_some(-cursor.after);
        let query =
            CommunicationQuery { before, limit: PAGE.min(chunk.limit), ..CommunicationQuery::default() };
        let page = chunk.writer.communications(&query)?;
        done.more = page.len() as u64 == query.limit;
        for message in page {
            if message.created_at < self.since {
                done.more = false;
                break;
            }
            cursor.after = -message.id;
            if message.operation != Some(self.of) {
                continue;
            }
            self.take_back(chunk.writer, message, chunk.at, &mut done)?;
        }
        super::undo::abort_on(self.on_conflict, &done)?;
        Ok(done)
    }

    fn selection(&self) -> Option<&Selection> {
        None
    }

    fn preview(&self, _: &dyn Reader, _: Timestamp, _: usize) -> Result<Preview> {
        Ok(Preview::default())
    }
}

impl UnqueueAction {
    fn take_back(
        &self,
        writer: &dyn Writer,
        mut message: Communication,
        at: Timestamp,
        done: &mut Done,
    ) -> Result<()> {
        match message.state {
            CommunicationState::Queued => {
                message.state = CommunicationState::Cancelled;
                message.due_at = None;
                writer.put_communications(std::slice::from_ref(&message))?;
                writer.add_communication_events(&[message.event("cancelled", at)])?;
                done.changed += 1;
            }
            CommunicationState::Cancelled | CommunicationState::Refused => done.unchanged += 1,
            state => done.leave(Conflict {
                lead: message.lead.unwrap_or_default(),
                code: ConflictCode::Sent,
                field: None,
                wanted: json!("cancelled"),
                found: json!(state.as_str()),
            }),
        }
        Ok(())
    }
}

/// What a plan of messages must not say.
pub(super) fn check(options: &SmsOptions) -> Result<()> {
    for (field, given) in [("to", options.to.is_some()), ("key", options.key.is_some())] {
        if given {
            return Err(Error::new(
                ErrorCode::InvalidArgument,
                format!("messages to many have no `{field}`"),
            )
            .at_field(field));
        }
    }
    Ok(())
}
