//! Values from `add`, `update` and `set=` into a lead, strictly: one wrong value refuses the call.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::{Field, FieldKind, FieldName};
use crate::model::issue::Severity;
use crate::model::lead::Values;
use crate::validate::{Draft, Outcome, Rules};

/// Writes values into the draft's lead; `null` clears.
///
/// # Errors
/// `unknown_field`; `invalid_value`, naming field and rule.
pub(crate) fn apply(rules: &Rules, values: &Values, draft: &mut Draft) -> Result<()> {
    let mut fields: Vec<(FieldName, &Value)> =
        values.0.iter().map(|(name, value)| Ok((rules.field(name)?, value))).collect::<Result<_>>()?;
    // Phones are read by the country, so it goes first.
    fields.sort_by_key(|(field, _)| *field != FieldName::Standard(Field::Country));
    for (field, value) in fields {
        clear(&field, draft);
        set(rules, &field, value, draft)?;
    }
    Ok(())
}

fn clear(field: &FieldName, draft: &mut Draft) {
    let lead = &mut draft.lead;
    lead.original.remove(field.name().as_ref());
    match field {
        FieldName::Custom(key) => {
            lead.custom.remove(key);
        }
        FieldName::Standard(Field::Score) => lead.score = None,
        FieldName::Standard(Field::CreatedAt) => lead.created_at = Timestamp::default(),
        FieldName::Standard(Field::UpdatedAt) => lead.updated_at = Timestamp::default(),
        FieldName::Standard(field) => match lead.list_mut(*field) {
            Some(list) => list.clear(),
            None => lead.set_text(*field, None),
        },
    }
}

fn set(rules: &Rules, field: &FieldName, value: &Value, draft: &mut Draft) -> Result<()> {
    let kind = match field {
        FieldName::Standard(standard) => standard.kind(),
        FieldName::Custom(key) => rules.custom_field(key)?.kind,
    };
    let wrong = |wanted: &str| {
        Err(Error::new(ErrorCode::InvalidValue, format!("`{field}` takes {wanted}"))
            .at_field(field.name())
            .with_value(value.to_string()))
    };
    match (value, kind) {
        (Value::Null, _) => Ok(()),
        (Value::String(text), _) => read(rules, field, text, draft),
        (Value::Array(elements), kind) if kind.is_list() => {
            for element in elements {
                match element {
                    Value::String(text) => read(rules, field, text, draft)?,
                    _ => return wrong("a list of texts"),
                }
            }
            Ok(())
        }
        (Value::Number(number), FieldKind::Number) => {
            match (number.as_f64().filter(|n| n.is_finite()), field) {
                (Some(number), FieldName::Standard(_)) => {
                    draft.lead.score = Some(number);
                    Ok(())
                }
                (Some(number), FieldName::Custom(key)) => {
                    // As an import stores it: 12 and 12.0 are one value.
                    draft.lead.custom.insert(key.clone(), Value::from(number));
                    Ok(())
                }
                (None, _) => wrong("a finite number"),
            }
        }
        (Value::Bool(_), FieldKind::Boolean) => {
            if let FieldName::Custom(key) = field {
                draft.lead.custom.insert(key.clone(), value.clone());
            }
            Ok(())
        }
        // A number where a text stands, such as a postal code or an id.
        (Value::Number(number), kind) if kind.is_text() => read(rules, field, &number.to_string(), draft),
        (_, FieldKind::Number) => wrong("a number"),
        (_, FieldKind::Boolean) => wrong("true or false"),
        (_, kind) if kind.is_list() => wrong("a list of texts"),
        _ => wrong("a text"),
    }
}

fn read(rules: &Rules, field: &FieldName, text: &str, draft: &mut Draft) -> Result<()> {
    let before = draft.issues.len();
    if rules.read(field, text, draft) != Outcome::Invalid {
        return Ok(());
    }
    let issues = &draft.issues[before..];
    let issue = issues.iter().find(|i| i.severity == Severity::Error).or_else(|| {
        // A rule that only warns in an import refuses here: nobody reads warnings of one call.
        issues.iter().find(|i| i.severity == Severity::Warning)
    });
    let message = issue.map_or("is not valid", |i| i.message.as_ref());
    let rule = issue.map_or("invalid", |i| i.code.as_str());
    Err(Error::new(ErrorCode::InvalidValue, format!("`{field}` {message}"))
        .hint(format!("rule {rule}"))
        .at_field(field.name())
        .with_value(text))
}
