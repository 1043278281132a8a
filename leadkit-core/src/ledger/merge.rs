//! What a matched row does to the stored lead.

use serde_json::Value;

use crate::model::field::{Field, FieldName};
use crate::model::lead::Lead;
use crate::model::options::OnMatch;
use crate::text::fold;

/// The stored lead with the row's values, and the fields whose differing value was not taken.
///
/// `Merge` fills what is empty, unites lists, and keeps a differing email or phone as a further
/// one. Under `Update` every value of the row wins and an empty cell clears nothing.
pub fn merge(stored: &Lead, row: &Lead, on_match: OnMatch) -> (Lead, Vec<FieldName>) {
    let wins = on_match == OnMatch::Update;
    let mut lead = stored.clone();
    let mut kept = Vec::new();
    for &field in Field::ALL {
        let name = FieldName::Standard(field);
        match field {
            Field::CreatedAt | Field::UpdatedAt => {}
            Field::Score => match (row.score, stored.score) {
                (Some(new), old) if old.is_none() || wins => lead.score = Some(new),
                (Some(new), Some(old)) if new != old => kept.push(name),
                _ => {}
            },
            field if field.kind().is_list() => unite(&mut lead, row.list(field), field, wins),
            field => {
                let Some(new) = row.text(field) else { continue };
                match stored.text(field) {
                    Some(old) if old == new => {}
                    Some(old) if !wins => {
                        // Another spelling of the same is no difference worth telling.
                        if fold(old) != fold(new) {
                            keep_further(&mut lead, field, new, &mut kept);
                        }
                    }
                    _ => {
                        lead.set_text(field, Some(new.to_string()));
                        take_original(&mut lead, row, field.name());
                    }
                }
            }
        }
    }
    for (key, new) in &row.custom {
        let name = FieldName::Custom(key.clone());
        match stored.custom.get(key) {
            Some(old) if old == new => {}
            Some(old) if !wins && *old != Value::Null => kept.push(name),
            _ => {
                lead.custom.insert(key.clone(), new.clone());
                take_original(&mut lead, row, &name.name());
            }
        }
    }
    (lead, kept)
}

/// Whether two states hold the same values; ids, revisions, times and originals aside.
pub fn same_values(a: &Lead, b: &Lead) -> bool {
    let fields = Field::ALL.iter().filter(|f| !matches!(f, Field::CreatedAt | Field::UpdatedAt));
    a.custom == b.custom
        && a.score == b.score
        && fields.into_iter().all(|f| a.text(*f) == b.text(*f) && a.list(*f) == b.list(*f))
}

fn unite(lead: &mut Lead, new: &[String], field: Field, wins: bool) {
    let Some(list) = lead.list_mut(field) else { return };
    if wins && !new.is_empty() {
        *list = new.to_vec();
    } else {
        add_missing(list, new);
    }
    without_primary(lead, field);
}

fn keep_further(lead: &mut Lead, field: Field, new: &str, kept: &mut Vec<FieldName>) {
    let list = match field {
        Field::Email => Field::Emails,
        Field::Phone => Field::Phones,
        field => return kept.push(FieldName::Standard(field)),
    };
    if let Some(list) = lead.list_mut(list) {
        add_missing(list, &[new.to_string()]);
    }
}

fn add_missing(list: &mut Vec<String>, new: &[String]) {
    for element in new {
        let folded = fold(element);
        if !list.iter().any(|e| fold(e) == folded) {
            list.push(element.clone());
        }
    }
}

fn without_primary(lead: &mut Lead, field: Field) {
    let primary = match field {
        Field::Emails => lead.email.as_deref(),
        Field::Phones => lead.phone.as_deref(),
        _ => None,
    };
    let Some(primary) = primary.map(fold) else { return };
    if let Some(list) = lead.list_mut(field) {
        list.retain(|e| fold(e) != primary);
    }
}

fn take_original(lead: &mut Lead, row: &Lead, name: &str) {
    match row.original.get(name) {
        Some(text) => lead.original.insert(name.to_string(), text.clone()),
        None => lead.original.remove(name),
    };
}
