//! Contacts and consent as a view sees them.

use super::{Access, Shown};
use crate::model::access::ContactPart;
use crate::model::calls::CallDetails;
use crate::model::communication::Communication;
use crate::model::consent::{ConsentEntry, ConsentStatus};
use crate::model::explanation::{
    ContactPermission, ContactSummary, EarlierValue, FieldExplanation, LeadExplanation,
};
use crate::model::field::Field;
use crate::model::history::Attachment;
use crate::model::message_template::RenderedTemplate;

const ADDRESS: &str = "contact.address";
const SUBJECT: &str = "contact.subject";
const BODY: &str = "contact.body";
const PRICE: &str = "contact.price";

/// What the hours of a decision tell about where somebody is.
const PLACE: [Field; 4] = [Field::Country, Field::State, Field::PostalCode, Field::TimeZone];

impl Access {
    /// Whether the grounds of a decision are seen: they tell a number's country, a place, a clock.
    pub(crate) fn shows_evidence(&self) -> bool {
        self.shows(ADDRESS) && PLACE.iter().all(|field| self.shows(field.name()))
    }

    fn body(&self, text: Option<String>) -> Option<String> {
        self.some_text(BODY, text)
    }

    fn address(&self, text: Option<String>) -> Option<String> {
        self.some_text(ADDRESS, text)
    }
}

impl Shown for Communication {
    fn shown(self, access: &Access) -> Self {
        if access.is_whole() {
            return self;
        }
        let Communication {
            id,
            lead,
            channel,
            label,
            direction,
            state,
            purpose,
            to,
            sender,
            participants,
            subject,
            body,
            attachments,
            template,
            template_version,
            campaign,
            variant,
            key,
            owner,
            country,
            time_zone,
            thread,
            reply_to,
            reply_after,
            outcome,
            seconds,
            corrects,
            corrected_by,
            actor,
            reason,
            at,
            created_at,
            send_at,
            expires_at,
            due_at,
            sent_at,
            attempts,
            // Whoever has it may report what became of the message.
            token: _,
            provider_id,
            status,
            refusal,
            segments,
            billed_segments,
            predicted,
            price,
            reserved,
            slot,
            operation,
            call,
            evidence,
        } = self;
        let evidence = if access.shows_evidence() { evidence } else { Default::default() };
        Communication {
            id,
            lead,
            channel,
            label,
            direction,
            state,
            purpose,
            to: access.text(ADDRESS, to).unwrap_or_default(),
            sender: access.address(sender),
            participants: access.texts(ADDRESS, participants),
            subject: access.some_text(SUBJECT, subject),
            body: access.text(BODY, body).unwrap_or_default(),
            attachments: attachments.shown(access),
            template,
            template_version,
            campaign,
            variant,
            // Hosts make these of addresses and names.
            key: access.whole_or(ADDRESS, key),
            owner: access.some_text(Field::Owner.name(), owner),
            // They follow from the number, or from the lead.
            country: access.whole_or(ADDRESS, country),
            time_zone: access.whole_or(ADDRESS, time_zone),
            thread: access.whole_or(ADDRESS, thread),
            reply_to,
            reply_after,
            outcome: access.body(outcome),
            seconds,
            corrects,
            corrected_by,
            actor,
            reason,
            at,
            created_at,
            send_at,
            expires_at,
            due_at,
            sent_at,
            attempts,
            token: None,
            provider_id: access.whole_or(ADDRESS, provider_id),
            status,
            refusal,
            segments,
            billed_segments,
            predicted: access.whole_or(PRICE, predicted),
            price: access.whole_or(PRICE, price),
            reserved: access.whole_or(PRICE, reserved),
            slot,
            operation,
            call: call.shown(access),
            evidence,
        }
    }
}

impl Shown for Attachment {
    fn shown(self, access: &Access) -> Self {
        let Attachment { name, url, media_type, bytes } = self;
        Attachment {
            name: access.text(BODY, name).unwrap_or_default(),
            url: access.whole_or(BODY, url),
            media_type,
            bytes,
        }
    }
}

impl Shown for CallDetails {
    fn shown(self, access: &Access) -> Self {
        let CallDetails {
            agent,
            play,
            language,
            record,
            recording_notice,
            recording_consent,
            ring,
            outcome,
            duration,
            answered_by,
            recording_url,
            lead_leg,
        } = self;
        CallDetails {
            agent: access.address(agent),
            play: access.whole_or(BODY, play),
            language,
            record,
            recording_notice: access.body(recording_notice),
            recording_consent: access.body(recording_consent),
            ring,
            outcome,
            duration,
            answered_by,
            recording_url: access.whole_or(BODY, recording_url),
            lead_leg: access.whole_or(ADDRESS, lead_leg),
        }
    }
}

impl Shown for ConsentEntry {
    fn shown(self, access: &Access) -> Self {
        let ConsentEntry {
            id,
            at,
            kind,
            channel,
            address,
            lead,
            purpose,
            source,
            wording,
            given_at,
            proof,
            review_by,
            actor,
            reason,
        } = self;
        ConsentEntry {
            id,
            at,
            kind,
            channel,
            address: access.text(ADDRESS, address).unwrap_or_default(),
            lead,
            purpose,
            source,
            // What somebody wrote, or a document about them.
            wording: access.body(wording),
            given_at,
            proof: access.body(proof),
            review_by,
            actor,
            reason,
        }
    }
}

impl Shown for ConsentStatus {
    fn shown(self, access: &Access) -> Self {
        let ConsentStatus { allowed, code, address, lead, channel, purpose, entry } = self;
        let address = access.text(ADDRESS, address).unwrap_or_default();
        ConsentStatus { allowed, code, address, lead, channel, purpose, entry: entry.shown(access) }
    }
}

/// The text was made of the lead as the view sees it.
impl Shown for RenderedTemplate {
    fn shown(self, access: &Access) -> Self {
        let predicted = access.whole_or(ContactPart::Price.name(), self.predicted.clone());
        RenderedTemplate { predicted, ..self }
    }
}

impl Shown for LeadExplanation {
    fn shown(self, access: &Access) -> Self {
        if access.is_whole() {
            return self;
        }
        let LeadExplanation {
            lead,
            name,
            at,
            rev,
            created_at,
            updated_at,
            deleted_at,
            merged_into,
            merged,
            complete,
            fields,
            issues,
            contacts,
            sending,
            permissions,
            consent,
        } = self;
        let seen = |name: &Option<String>| name.as_deref().is_none_or(|name| access.shows(name));
        LeadExplanation {
            lead,
            name: access.name(name),
            at,
            rev,
            created_at: access.whole_or(Field::CreatedAt.name(), created_at),
            updated_at: access.whole_or(Field::UpdatedAt.name(), updated_at),
            deleted_at,
            merged_into,
            merged,
            complete,
            fields: fields
                .into_iter()
                .filter(|field| access.shows_some(&field.field))
                .map(|field| field.shown(access))
                .collect(),
            // What is noticed about a value tells of it.
            issues: issues.into_iter().filter(|issue| seen(&issue.field)).collect(),
            contacts: contacts.shown(access),
            sending,
            permissions: permissions.shown(access),
            consent: consent.shown(access),
        }
    }
}

impl Shown for FieldExplanation {
    fn shown(self, access: &Access) -> Self {
        let FieldExplanation { field, label, value, original, origin, earlier } = self;
        let earlier = earlier.into_iter().map(|EarlierValue { value, origin, until }| {
            let value = access.value(&field, value);
            // Who did it, when and why is of the record.
            EarlierValue { value, origin, until }
        });
        FieldExplanation {
            earlier: earlier.collect(),
            value: access.value(&field, value),
            original: original.filter(|_| access.shows(&field)),
            origin,
            field,
            label,
        }
    }
}

impl Shown for ContactSummary {
    fn shown(self, access: &Access) -> Self {
        let ContactSummary { total, counts, first_at, last_at, newest } = self;
        ContactSummary { total, counts, first_at, last_at, newest: newest.shown(access) }
    }
}

impl Shown for ContactPermission {
    fn shown(self, access: &Access) -> Self {
        let ContactPermission {
            channel,
            purpose,
            announcement,
            address,
            decision,
            refusal,
            next_at,
            until,
            evidence,
            entry,
        } = self;
        ContactPermission {
            channel,
            purpose,
            announcement,
            address: access.address(address),
            decision,
            refusal,
            next_at,
            until,
            evidence: if access.shows_evidence() { evidence } else { Default::default() },
            entry: entry.shown(access),
        }
    }
}
