//! Whether conditions hold for a lead.

use super::span;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::history::family;
use crate::ledger::Session;
use crate::ledger::consent::{Contact, decide, entries};
use crate::model::automation::{Condition, ConsentCondition, ContactCondition};
use crate::model::consent::{Channel, ConsentCode, Purpose};
use crate::model::field::CustomField;
use crate::model::lead::Lead;
use crate::model::transport::Direction;
use crate::search::TextQuery;
use crate::store::{HistoryQuery, Reader};

/// What conditions are looked at with.
pub(super) struct Looking<'a> {
    pub(super) session: &'a Session,
    pub(super) reader: &'a dyn Reader,
    pub(super) custom: &'a [CustomField],
    pub(super) now: Timestamp,
}

impl Looking<'_> {
    /// Whether all of a condition holds. `since` is when the run began: what came in from then on is a
    /// reply, except the message that set it off.
    pub(super) fn holds(
        &self,
        condition: &Condition,
        lead: &Lead,
        since: Timestamp,
        but: Option<i64>,
    ) -> Result<bool> {
        if let Some(filter) = &condition.lead
            && !filter.resolve(self.custom, self.now)?.matches(lead)
        {
            return Ok(false);
        }
        if let Some(wanted) = condition.replied
            && self.replied(lead.id, since, but)? != wanted
        {
            return Ok(false);
        }
        if let Some(contact) = &condition.contact
            && self.contact(contact, lead.id)? == contact.none
        {
            return Ok(false);
        }
        match &condition.consent {
            Some(consent) => self.consent(consent, lead),
            None => Ok(true),
        }
    }

    /// Whether a lead wrote or called since an instant.
    pub(super) fn replied(&self, lead: i64, since: Timestamp, but: Option<i64>) -> Result<bool> {
        let query = HistoryQuery {
            leads: family(self.reader, lead)?,
            direction: Some(Direction::Inbound),
            since: Some(since),
            until: Some(Timestamp(self.now.0.saturating_add(1))),
            limit: 2,
            ..HistoryQuery::default()
        };
        Ok(self.reader.history(&query)?.iter().any(|(_, contact)| Some(contact.id) != but))
    }

    fn contact(&self, wanted: &ContactCondition, lead: i64) -> Result<bool> {
        let since = wanted.within.as_deref().map(span).transpose()?;
        let query = HistoryQuery {
            leads: family(self.reader, lead)?,
            channels: wanted.channel.into_iter().collect(),
            direction: wanted.direction,
            states: wanted.states.clone(),
            template: wanted.template.clone(),
            campaign: wanted.campaign.clone(),
            text: wanted.words.as_deref().map(TextQuery::parse).transpose()?,
            since: since.map(|span| Timestamp(self.now.0.saturating_sub(span))),
            until: Some(Timestamp(self.now.0.saturating_add(1))),
            limit: 1,
            ..HistoryQuery::default()
        };
        Ok(!self.reader.history(&query)?.is_empty())
    }

    fn consent(&self, wanted: &ConsentCondition, lead: &Lead) -> Result<bool> {
        let channel = wanted.channel.unwrap_or(Channel::Sms);
        let code = self.forbidden(lead, channel, wanted.purpose.unwrap_or_default())?;
        let allowed = lead.phone.is_some() && code.is_none();
        Ok(allowed == wanted.allowed.unwrap_or(true))
    }

    /// Whether the lead wants no texts any more, or may want none.
    pub(super) fn opted_out(&self, lead: &Lead) -> Result<bool> {
        let code = self.forbidden(lead, Channel::Sms, Purpose::Informational)?;
        Ok(matches!(code, Some(ConsentCode::OptedOut | ConsentCode::UnderReview)))
    }

    pub(super) fn forbidden(
        &self,
        lead: &Lead,
        channel: Channel,
        purpose: Purpose,
    ) -> Result<Option<ConsentCode>> {
        let Some(phone) = &lead.phone else { return Ok(None) };
        let contact = Contact { address: phone, lead: Some(lead.id), channel, purpose };
        let mut entries = entries(&self.session.keys, self.reader, &[phone])?;
        // A rehearsal looks at what was known then.
        entries.retain(|entry| entry.at <= self.now);
        Ok(decide(&entries, contact, self.now).code)
    }
}
