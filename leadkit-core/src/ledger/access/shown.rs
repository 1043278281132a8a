//! Results as a view sees them.
//!
//! Whatever holds values is taken apart field by field, without `..`: a new field does not compile
//! before somebody decided who sees it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::words::hint;
use super::{Access, NAMED};
use crate::model::access::{ContactPart, FieldAccess};
use crate::model::bulk::{Plan, PlannedChange};
use crate::model::communication::{MessagePlan, PlannedMessage};
use crate::model::lead::{Lead, LeadChange, ValueChange};
use crate::model::operation::{Conflict, ConflictCode, Operation};
use crate::model::report::{ImportPreview, Page};
use crate::store::{Change, Image, StoredOperation};

/// What can be shown to a view.
pub trait Shown {
    /// As a view sees it.
    #[must_use]
    fn shown(self, access: &Access) -> Self;
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(self, access: &Access) -> Self {
        self.into_iter().map(|one| one.shown(access)).collect()
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(self, access: &Access) -> Self {
        self.map(|one| one.shown(access))
    }
}

impl<T: Shown> Shown for Page<T> {
    fn shown(self, access: &Access) -> Self {
        Page { items: self.items.shown(access), next_cursor: self.next_cursor }
    }
}

impl Access {
    /// Whether anything of a field is seen.
    pub(super) fn shows_some(&self, name: &str) -> bool {
        self.rule(name) != FieldAccess::Hide
    }

    /// A lead's name, whichever fields it was made of.
    pub(super) fn name(&self, name: String) -> String {
        match NAMED.iter().map(|field| self.rule(field.name())).fold(FieldAccess::Show, FieldAccess::max) {
            FieldAccess::Show => name,
            FieldAccess::Mask => hint("full_name", &name),
            FieldAccess::Hide => String::new(),
        }
    }

    fn original(&self, original: BTreeMap<String, String>) -> BTreeMap<String, String> {
        original.into_iter().filter(|(name, _)| self.shows(name)).collect()
    }

    /// A value by its name in images, which hold more than fields.
    fn image_value(&self, name: &str, value: Value) -> Value {
        match (name, value) {
            ("original", Value::Object(texts)) => {
                Value::Object(texts.into_iter().filter(|(name, _)| self.shows(name)).collect())
            }
            ("deleted_at" | "merged_into", value) => value,
            (name, value) => self.value(name, value),
        }
    }

    fn image(&self, image: Image) -> Image {
        image.into_iter().map(|(name, value)| (name.clone(), self.image_value(&name, value))).collect()
    }

    fn changes(&self, fields: BTreeMap<String, ValueChange>) -> BTreeMap<String, ValueChange> {
        let seen = fields.into_iter().filter(|(name, _)| self.shows_some(name) || name == "original");
        seen.map(|(name, ValueChange { before, after })| {
            let (before, after) = (self.image_value(&name, before), self.image_value(&name, after));
            (name, ValueChange { before, after })
        })
        .collect()
    }
}

impl Shown for Lead {
    fn shown(self, access: &Access) -> Self {
        if access.is_whole() {
            return self;
        }
        let Lead {
            id,
            rev,
            external_id,
            salutation,
            first_name,
            middle_name,
            last_name,
            full_name,
            email,
            emails,
            phone,
            phone_extension,
            phones,
            company,
            job_title,
            website,
            street,
            city,
            state,
            postal_code,
            country,
            time_zone,
            language,
            source,
            status,
            owner,
            score,
            tags,
            notes,
            created_at,
            updated_at,
            custom,
            original,
            deleted_at,
            merged_into,
        } = self;
        let of_key = |(key, value): (String, Value)| {
            let value = access.value(&format!("custom.{key}"), value);
            (!value.is_null()).then_some((key, value))
        };
        Lead {
            id,
            rev,
            external_id: access.some_text("external_id", external_id),
            salutation: access.some_text("salutation", salutation),
            first_name: access.some_text("first_name", first_name),
            middle_name: access.some_text("middle_name", middle_name),
            last_name: access.some_text("last_name", last_name),
            full_name: access.some_text("full_name", full_name),
            email: access.some_text("email", email),
            emails: access.texts("emails", emails),
            phone: access.some_text("phone", phone),
            phone_extension: access.some_text("phone_extension", phone_extension),
            phones: access.texts("phones", phones),
            company: access.some_text("company", company),
            job_title: access.some_text("job_title", job_title),
            website: access.some_text("website", website),
            street: access.some_text("street", street),
            city: access.some_text("city", city),
            state: access.some_text("state", state),
            postal_code: access.some_text("postal_code", postal_code),
            country: access.some_text("country", country),
            time_zone: access.some_text("time_zone", time_zone),
            language: access.some_text("language", language),
            source: access.some_text("source", source),
            status: access.some_text("status", status),
            owner: access.some_text("owner", owner),
            score: access.whole_or("score", score),
            tags: access.texts("tags", tags),
            notes: access.some_text("notes", notes),
            // When a lead came and was changed is of the record, not of the person; an order by them is
            // refused all the same where a profile hides them.
            created_at: access.whole_or("created_at", created_at),
            updated_at: access.whole_or("updated_at", updated_at),
            custom: custom.into_iter().filter_map(of_key).collect(),
            original: access.original(original),
            deleted_at,
            merged_into,
        }
    }
}

impl Shown for LeadChange {
    fn shown(self, access: &Access) -> Self {
        let LeadChange { rev, at, operation_id, kind, actor, reason, created, fields } = self;
        LeadChange { rev, at, operation_id, kind, actor, reason, created, fields: access.changes(fields) }
    }
}

impl Shown for Change {
    fn shown(self, access: &Access) -> Self {
        let Change { rev, lead, prev_rev, before } = self;
        Change { rev, lead, prev_rev, before: access.image(before) }
    }
}

impl Shown for Operation {
    fn shown(self, access: &Access) -> Self {
        if access.is_whole() {
            return self;
        }
        let Operation {
            id,
            kind,
            state,
            name,
            actor,
            reason,
            started_at,
            finished_at,
            seconds,
            file,
            file_hash,
            mapping,
            counts,
            // Filters and values: what was asked for is what is masked.
            options: _,
            planned,
            changed,
            skipped,
            conflicts,
            undo_of,
            expires_at,
        } = self;
        Operation {
            id,
            kind,
            state,
            name,
            actor,
            reason,
            started_at,
            finished_at,
            seconds,
            file,
            file_hash,
            mapping,
            counts,
            options: Value::Object(Map::new()),
            planned,
            changed,
            skipped,
            conflicts,
            undo_of,
            expires_at,
        }
    }
}

impl Shown for StoredOperation {
    fn shown(self, access: &Access) -> Self {
        if access.is_whole() {
            return self;
        }
        // What a plan or an import keeps of its work holds values.
        let StoredOperation {
            operation,
            millis,
            progress: _,
            lease,
            import_key,
            token,
            plan_rev,
            idempotency_key,
        } = self;
        let operation = operation.shown(access);
        StoredOperation {
            operation,
            millis,
            progress: None,
            lease,
            import_key,
            token,
            plan_rev,
            idempotency_key,
        }
    }
}

impl Shown for Conflict {
    fn shown(self, access: &Access) -> Self {
        let Conflict { lead, code, field, wanted, found } = self;
        let (wanted, found) = match &field {
            Some(name) => (access.image_value(name, wanted), access.image_value(name, found)),
            // Its `found` is the reason's code.
            None if code == ConflictCode::NotContacted => (wanted, found),
            None if access.is_whole() => (wanted, found),
            None => (json!(null), json!(null)),
        };
        Conflict { lead, code, field, wanted, found }
    }
}

impl Shown for Plan {
    fn shown(self, access: &Access) -> Self {
        let Plan {
            token,
            operation_id,
            kind,
            count,
            changes,
            sample,
            warnings,
            needs_confirmation,
            irreversible,
            planned_at,
            expires_at,
            messages,
            automations,
        } = self;
        Plan {
            token,
            operation_id,
            kind,
            count,
            changes,
            sample: sample.shown(access),
            warnings,
            needs_confirmation,
            irreversible,
            planned_at,
            expires_at,
            messages: messages.shown(access),
            automations,
        }
    }
}

impl Shown for PlannedChange {
    fn shown(self, access: &Access) -> Self {
        let PlannedChange { lead, name, fields } = self;
        PlannedChange { lead, name: access.name(name), fields: access.changes(fields) }
    }
}

impl Shown for MessagePlan {
    fn shown(self, access: &Access) -> Self {
        let MessagePlan { messages, refusals, segments, cost, unpriced, first_at, last_at, warnings, sample } =
            self;
        MessagePlan {
            messages,
            refusals,
            segments,
            cost: access.whole_or(ContactPart::Price.name(), cost),
            unpriced,
            first_at,
            last_at,
            warnings,
            sample: sample.shown(access),
        }
    }
}

impl Shown for PlannedMessage {
    fn shown(self, access: &Access) -> Self {
        let PlannedMessage { lead, to, body, segments, at } = self;
        PlannedMessage {
            lead,
            to: access.text(ContactPart::Address.name(), to).unwrap_or_default(),
            body: access.text(ContactPart::Body.name(), body).unwrap_or_default(),
            segments,
            at,
        }
    }
}

/// Its report shows the caller's own file; its leads may be merged with those that are there.
impl Shown for ImportPreview {
    fn shown(self, access: &Access) -> Self {
        ImportPreview { leads: self.leads.shown(access), ..self }
    }
}
