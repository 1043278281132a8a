//! What makes a lead a lead, and names that come in one piece.

use super::draft::Draft;
use crate::model::field::FieldName;
use crate::model::issue::IssueCode;
use crate::model::lead::Lead;
use crate::normalize::normalize_person;

use super::Rules;

/// A lead needs an email, a phone, an external id, or a name with a company.
pub fn has_identity(lead: &Lead) -> bool {
    let named = lead.first_name.is_some() || lead.last_name.is_some() || lead.full_name.is_some();
    lead.email.is_some()
        || lead.phone.is_some()
        || lead.external_id.is_some()
        || (named && lead.company.is_some())
}

/// Fills the parts of a name from a full name, where they are empty.
pub fn split_full_name(lead: &mut Lead) {
    if lead.first_name.is_some() || lead.last_name.is_some() {
        return;
    }
    let Some(full) = &lead.full_name else { return };
    let person = normalize_person(full);
    lead.first_name = person.given;
    lead.last_name = person.family;
    if lead.middle_name.is_none() {
        lead.middle_name = person.middle;
    }
    if lead.salutation.is_none() {
        lead.salutation = person.prefix;
    }
}

/// Makes the first further address or number the primary one, where there is none.
pub fn promote_further(lead: &mut Lead) {
    if lead.email.is_none() && !lead.emails.is_empty() {
        lead.email = Some(lead.emails.remove(0));
    }
    if lead.phone.is_none() && !lead.phones.is_empty() {
        lead.phone = Some(lead.phones.remove(0));
    }
}

impl Rules {
    /// Completes a draft: primary address and number chosen, names split, required fields and identity checked.
    pub fn finish(&self, draft: &mut Draft) {
        promote_further(&mut draft.lead);
        split_full_name(&mut draft.lead);
        for field in &self.required {
            // An invalid value has been said already.
            let said = draft.lead.original.contains_key(field.name().as_ref());
            if draft.lead.is_empty(field) && !said {
                draft.note(IssueCode::RequiredMissing, field, "");
            } else if draft.lead.is_empty(field) {
                draft.invalid_required(field);
            }
        }
        if !draft.is_rejected() && !has_identity(&draft.lead) {
            draft.note_row(IssueCode::MissingIdentity);
        }
    }
}

impl Draft {
    /// A required field whose value was dropped rejects the row after all.
    fn invalid_required(&mut self, field: &FieldName) {
        let name = field.name();
        if let Some(issue) = self.issues.iter_mut().rev().find(|i| i.field.as_ref() == Some(&name)) {
            issue.severity = crate::model::issue::Severity::Error;
        }
    }
}
