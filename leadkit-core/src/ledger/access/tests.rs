#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Access, Shown};
use crate::model::access::{AccessProfile, FieldAccess};
use crate::model::communication::Communication;
use crate::model::consent::Channel;
use crate::model::field::{Field, FieldName};
use crate::model::filter::Filter;
use crate::model::history::{Attachment, ContactChannel};
use crate::model::lead::{Lead, LeadChange, ValueChange};
use crate::model::operation::{Conflict, ConflictCode, OperationKind};
use crate::model::transport::Direction;

fn access(fields: &[(&str, FieldAccess)], others: FieldAccess) -> Access {
    let fields = fields.iter().map(|(name, rule)| (name.to_string(), *rule)).collect();
    Access { profiles: vec![AccessProfile { fields, others }] }
}

/// A lead in which every field that people set holds a word that can be looked for.
fn full() -> Lead {
    let mut lead = Lead { id: 1, rev: 1, score: Some(77.0), ..Lead::default() };
    for &field in Field::ALL {
        match lead.list_mut(field) {
            Some(list) => *list = vec![format!("marker {field}")],
            None => lead.set_text(field, Some(format!("marker {field}"))),
        }
    }
    lead.custom = BTreeMap::from([("plan".into(), json!("marker plan")), ("size".into(), json!(77))]);
    lead.original = BTreeMap::from([("email".into(), "marker original".into())]);
    lead
}

#[test]
fn hidden_fields_are_empty_and_masked_ones_say_little() {
    let hidden = full().shown(&access(&[], FieldAccess::Hide));
    for &field in Field::ALL {
        assert!(hidden.is_empty(&FieldName::Standard(field)), "{field}");
    }
    assert!(hidden.custom.is_empty() && hidden.original.is_empty());

    let masked = full().shown(&access(&[], FieldAccess::Mask));
    let text = serde_json::to_string(&masked).unwrap();
    assert!(!text.contains("marker") && !text.contains("77"), "{text}");
    assert_eq!((masked.first_name.as_deref(), masked.notes.as_deref()), (Some("m. f."), Some("…")));
    assert_eq!(full().shown(&Access::default()), full());
}

#[test]
fn each_profile_of_a_view_holds() {
    let one = access(&[("city", FieldAccess::Mask)], FieldAccess::Show);
    let two = access(&[("city", FieldAccess::Hide)], FieldAccess::Show);
    let both = Access { profiles: [one.profiles, two.profiles].concat() };
    assert_eq!(full().shown(&both).city, None);
}

#[test]
fn contacts_show_their_parts_by_rules() {
    let contact = Communication {
        sender: Some("marker@example.org".into()),
        participants: vec!["Marker Person".into()],
        subject: Some("marker subject".into()),
        body: "marker body".into(),
        attachments: vec![Attachment { name: "marker.pdf".into(), ..Attachment::default() }],
        key: Some("marker key".into()),
        outcome: Some("marker outcome".into()),
        owner: Some("marker owner".into()),
        token: Some("marker token".into()),
        evidence: json!({ "hours": "marker" }),
        ..Communication::new(ContactChannel::Email, Direction::Inbound, "+12025550123".into())
    };
    for rule in [FieldAccess::Hide, FieldAccess::Mask] {
        let text = serde_json::to_string(&contact.clone().shown(&access(&[], rule))).unwrap();
        assert!(!text.to_lowercase().contains("marker") && !text.contains("5550123"), "{rule:?} {text}");
    }
    let no_phones = contact.clone().shown(&access(&[("phone", FieldAccess::Mask)], FieldAccess::Show));
    assert_eq!((no_phones.to.as_str(), no_phones.key), ("…23", None));
    assert_eq!((no_phones.body.as_str(), no_phones.token), ("marker body", None));
    assert_eq!(no_phones.channel, ContactChannel::Email);
    assert_ne!(no_phones.channel, ContactChannel::from(Channel::Sms));
}

#[test]
fn histories_and_conflicts_follow_the_field() {
    let hide_city = access(&[("city", FieldAccess::Hide)], FieldAccess::Show);
    let change = |name: &str, before: Value| (name.to_string(), ValueChange { before, after: json!("now") });
    let change = LeadChange {
        rev: 1,
        at: Default::default(),
        operation_id: 1,
        kind: OperationKind::Update,
        actor: None,
        reason: None,
        created: false,
        fields: [
            change("city", json!("Bonn")),
            change("state", json!("NW")),
            change("original", json!({"city": " Bonn", "state": "nw"})),
        ]
        .into(),
    };
    let fields = change.shown(&hide_city).fields;
    assert!(!fields.contains_key("city"));
    assert_eq!(fields["state"].before, "NW");
    assert_eq!(fields["original"].before, json!({"state": "nw"}));

    let conflict = |field: Option<&str>, code| Conflict {
        lead: 1,
        code,
        field: field.map(str::to_string),
        wanted: json!("Bonn"),
        found: json!("opted_out"),
    };
    let seen = conflict(Some("city"), ConflictCode::Changed).shown(&hide_city);
    assert_eq!((seen.wanted, seen.found), (Value::Null, Value::Null));
    let seen = conflict(None, ConflictCode::NotContacted).shown(&hide_city);
    assert_eq!(seen.found, "opted_out");
    let seen = conflict(None, ConflictCode::Changed).shown(&hide_city);
    assert_eq!(seen.found, Value::Null);
}

#[test]
fn tests_of_hidden_fields_are_found_wherever_they_stand() {
    let hide_email = access(&[("email", FieldAccess::Mask)], FieldAccess::Show);
    for filter in [
        json!({"email": "a"}),
        json!({"city": "x", "email": {"is_null": true}}),
        json!({"not": {"or": [{"city": "x"}, {"and": [{"emails": {"has": "a"}}]}]}}),
    ] {
        let expr = Filter::from_json(filter).unwrap().resolve(&[], Default::default()).unwrap();
        let error = hide_email.check_expr(&expr).unwrap_err();
        assert_eq!(error.code(), "access_denied");
        assert!(error.field().unwrap().starts_with("email"));
    }
    let expr = Filter::from_json(json!({"city": "x", "id": 1})).unwrap();
    hide_email.check_expr(&expr.resolve(&[], Default::default()).unwrap()).unwrap();
}

#[test]
fn texts_are_made_of_what_is_shown() {
    let hide = access(&[("email", FieldAccess::Hide)], FieldAccess::Show);
    let of = |name: &str| hide.check_variables(&[name.to_string()]);
    for name in ["lead.city", "lead.id", "lead.custom.plan", "owner.name", "vars.code"] {
        of(name).unwrap();
    }
    for name in ["lead.email", "lead.emails", "lead", "lead.custom", "debug"] {
        assert_eq!(of(name).unwrap_err().code(), "access_denied", "{name}");
    }
}
