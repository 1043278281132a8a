//! The room of custom fields.

use serde_json::json;

use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit};
use crate::model::field::{CustomField, FieldKind, unknown_field};
use crate::model::operation::OperationKind;
use crate::store::{NewOperation, Writer};

/// Custom fields: what a business keeps about leads beyond the standard fields.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    pub(super) session: &'a Session,
}

impl Fields<'_> {
    /// Defines a field, or changes the label, choices or archived state of one. The same
    /// definition again changes nothing.
    ///
    /// # Errors
    /// `invalid_argument` for a key, kind or choices out of the rules; `already_exists` when the
    /// key stands for another kind: values would no longer fit.
    ///
    /// ```
    /// use leadkit_core::model::field::{CustomField, FieldKind};
    /// let db = leadkit_core::open(":memory:")?;
    /// db.fields().define(CustomField::new("plan", FieldKind::Choice).choices(["free", "pro"]))?;
    /// let lead = db.leads().add([("email", "ada@lovelace.org"), ("custom.plan", "pro")])?;
    /// assert_eq!(lead.custom["plan"], "pro");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn define(&self, mut field: CustomField) -> Result<CustomField> {
        self.session.check_whole("defines no fields")?;
        check(&field)?;
        if field.label.trim().is_empty() {
            field.label = field.key.clone();
        }
        self.session.store.writing(|writer| {
            let known = writer.custom_fields()?.into_iter().find(|f| f.key == field.key);
            match known {
                Some(known) if known.kind != field.kind => {
                    return Err(Error::new(
                        ErrorCode::AlreadyExists,
                        format!("the field `{}` exists with another kind", field.key),
                    )
                    .hint("choose another key; values of the old kind would not fit")
                    .at_field(&field.key));
                }
                Some(known) if known == field => return Ok(known),
                _ => {}
            }
            self.put(writer, &field)?;
            Ok(field.clone())
        })
    }

    /// All custom fields, archived ones included, in the order of their definition.
    ///
    /// # Errors
    /// Those of the store.
    pub fn list(&self) -> Result<Vec<CustomField>> {
        self.session.store.reading(|r| r.custom_fields())
    }

    /// Archives a field: its values stay, new ones are refused.
    ///
    /// # Errors
    /// `unknown_field` with the nearest right key.
    pub fn archive(&self, key: &str) -> Result<CustomField> {
        self.session.check_whole("puts no fields away")?;
        self.session.store.writing(|writer| {
            let fields = writer.custom_fields()?;
            let Some(field) = fields.iter().find(|f| f.key == key) else {
                return Err(unknown_field(&format!("custom.{key}"), &fields));
            };
            let field = CustomField { archived: true, ..field.clone() };
            self.put(writer, &field)?;
            Ok(field)
        })
    }

    fn put(&self, writer: &dyn Writer, field: &CustomField) -> Result<()> {
        writer.put_custom_field(field)?;
        let operation = NewOperation {
            name: Some(field.key.clone()),
            options: json!(field),
            ..self.session.new_operation(OperationKind::DefineField)
        };
        audit::operation(self.session, writer, &operation).map(|_| ())
    }
}

fn check(field: &CustomField) -> Result<()> {
    let wrong =
        |message: &str| Err(Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field(&field.key));
    let mut chars = field.key.chars();
    let good = chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !good || field.key.len() > 63 {
        return wrong("a field's key is a small letter, then small letters, digits or _, 63 at most");
    }
    match field.kind {
        FieldKind::Text | FieldKind::Number | FieldKind::Boolean | FieldKind::Date
            if field.choices.is_empty() =>
        {
            Ok(())
        }
        FieldKind::Choice if !field.choices.is_empty() => Ok(()),
        FieldKind::Choice => wrong("a choice field names its choices"),
        FieldKind::Text | FieldKind::Number | FieldKind::Boolean | FieldKind::Date => {
            wrong("only a choice field has choices")
        }
        _ => wrong("a custom field's kind is text, number, boolean, date or choice"),
    }
}
