//! Calls as hosts with keywords make them: several structs in one object, and a result in place of
//! its id.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bulk::{Assignment, BulkUpdate, OnConflict, PlanOptions, RunOptions, UndoOptions};

/// Options of `plan_update`: the update and how it is planned, in one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PlanUpdateOptions {
    /// New values by field: a value, `null` to clear, or `{"template": "..."}` to compute it from the
    /// lead. A value is never read as a template, and what a template gives is not rendered again.
    pub set: BTreeMap<String, Value>,
    /// Tags to add.
    pub add_tags: Vec<String>,
    /// Tags to remove.
    pub remove_tags: Vec<String>,
    /// A name for the list of operations.
    pub name: Option<String>,
    /// Leads with the tag `protected` are taken too.
    pub include_protected: bool,
    /// Leads that the plan shows before and after; 10 when 0, 100 at most.
    pub sample: u64,
    /// Seconds until the plan may no longer be run; an hour when 0, 30 days at most.
    pub expires_in: f64,
    /// Lets automations be set off by the changes; the plan says how many leads they look at.
    pub automations: bool,
}

impl PlanUpdateOptions {
    /// The two that it is made of.
    pub fn split(self) -> (BulkUpdate, PlanOptions) {
        let PlanUpdateOptions {
            set,
            add_tags,
            remove_tags,
            name,
            include_protected,
            sample,
            expires_in,
            automations,
        } = self;
        (
            BulkUpdate { set, add_tags, remove_tags },
            PlanOptions { name, include_protected, sample, expires_in, automations },
        )
    }
}

/// Options of `plan_undo`: what is taken back and how it is planned, in one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PlanUndoOptions {
    /// Only these leads.
    pub leads: Option<Vec<i64>>,
    /// Only these fields.
    pub fields: Option<Vec<String>>,
    /// What happens to values that others changed since.
    pub on_conflict: OnConflict,
    /// A name for the list of operations.
    pub name: Option<String>,
    /// Leads with the tag `protected` are taken too.
    pub include_protected: bool,
    /// Leads that the plan shows before and after; 10 when 0, 100 at most.
    pub sample: u64,
    /// Seconds until the plan may no longer be run; an hour when 0, 30 days at most.
    pub expires_in: f64,
    /// Lets automations be set off by the changes; the plan says how many leads they look at.
    pub automations: bool,
}

impl PlanUndoOptions {
    /// The two that it is made of.
    pub fn split(self) -> (UndoOptions, PlanOptions) {
        let PlanUndoOptions {
            leads,
            fields,
            on_conflict,
            name,
            include_protected,
            sample,
            expires_in,
            automations,
        } = self;
        (
            UndoOptions { leads, fields, on_conflict },
            PlanOptions { name, include_protected, sample, expires_in, automations },
        )
    }
}

/// Options of `operations.undo`: what is taken back and how it is run, in one object. It needs no
/// `confirm`: what is taken back was confirmed before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UndoRunOptions {
    /// Only these leads.
    pub leads: Option<Vec<i64>>,
    /// Only these fields.
    pub fields: Option<Vec<String>>,
    /// What happens to values that others changed since.
    pub on_conflict: OnConflict,
    /// Leads of one transaction; 5,000 when 0.
    pub chunk: u64,
    /// A key of the caller's: a repeated call with it gives the first one's operation.
    pub idempotency_key: Option<String>,
}

impl UndoRunOptions {
    /// The two that it is made of.
    pub fn split(self) -> (UndoOptions, RunOptions) {
        let UndoRunOptions { leads, fields, on_conflict, chunk, idempotency_key } = self;
        (
            UndoOptions { leads, fields, on_conflict },
            RunOptions { chunk, idempotency_key, ..RunOptions::default() },
        )
    }
}

/// A plan, by itself or by its token: what `run` takes.
///
/// ```
/// use leadkit_core::model::given::PlanRef;
/// use leadkit_core::model::read::from_json;
/// use serde_json::json;
/// assert_eq!(from_json::<PlanRef>(json!({"token": "t1", "count": 3}))?, from_json(json!("t1"))?);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRef(pub String);

impl<'de> Deserialize<'de> for PlanRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;

        impl<'de> Visitor<'de> for Given {
            type Value = PlanRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plan or its token")
            }

            fn visit_str<E>(self, token: &str) -> Result<PlanRef, E> {
                Ok(PlanRef(token.to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PlanRef, A::Error> {
                let mut token = None;
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "token" => token = Some(map.next_value()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                token.map(PlanRef).ok_or_else(|| A::Error::custom("a plan or its token is needed here"))
            }
        }

        deserializer.deserialize_any(Given)
    }
}

/// An operation, a report that names one, or its id: what `undo` takes.
///
/// ```
/// use leadkit_core::model::given::OperationRef;
/// use leadkit_core::model::read::from_json;
/// use serde_json::json;
/// for given in [json!(7), json!({"id": 7, "kind": "bulk_update"}), json!({"operation_id": 7, "rows": 3})] {
///     assert_eq!(from_json::<OperationRef>(given)?, OperationRef(7));
/// }
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationRef(pub i64);

impl<'de> Deserialize<'de> for OperationRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;

        impl<'de> Visitor<'de> for Given {
            type Value = OperationRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operation, a report or an id")
            }

            fn visit_i64<E>(self, id: i64) -> Result<OperationRef, E> {
                Ok(OperationRef(id))
            }

            fn visit_u64<E: serde::de::Error>(self, id: u64) -> Result<OperationRef, E> {
                i64::try_from(id).map(OperationRef).map_err(|_| E::custom("no operation has such an id"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OperationRef, A::Error> {
                let (mut own, mut named, mut kind) = (None, None, false);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "id" => own = map.next_value::<Option<i64>>()?,
                        // As hosts spell it whose properties are lowerCamelCase, too.
                        "operation_id" | "operationId" => named = map.next_value::<Option<i64>>()?,
                        other => {
                            kind |= other == "kind";
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                // A lead has an id as well, and no kind: it is no operation.
                named.or(own.filter(|_| kind)).map(OperationRef).ok_or_else(|| {
                    A::Error::custom("an operation, a report of one, or its id is needed here")
                })
            }
        }

        deserializer.deserialize_any(Given)
    }
}

/// The ways of an [`Assignment`], as hosts name them.
const WAYS: &[&str] = &["to", "round_robin", "weighted", "territory"];

impl<'de> Deserialize<'de> for Assignment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;

        impl<'de> Visitor<'de> for Given {
            type Value = Assignment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an owner's name, or one of to, round_robin, weighted, territory")
            }

            fn visit_str<E>(self, owner: &str) -> Result<Assignment, E> {
                Ok(Assignment::To(owner.to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Assignment, A::Error> {
                let one = || A::Error::custom("an assignment is one of to, round_robin, weighted, territory");
                let way = map.next_key::<String>()?.ok_or_else(one)?;
                let assignment = match way.as_str() {
                    "to" => Assignment::To(map.next_value()?),
                    "round_robin" => Assignment::RoundRobin(map.next_value()?),
                    "weighted" => Assignment::Weighted(map.next_value()?),
                    "territory" => Assignment::Territory(map.next_value()?),
                    other => return Err(A::Error::unknown_variant(other, WAYS)),
                };
                match map.next_key::<String>()? {
                    None => Ok(assignment),
                    Some(_) => Err(one()),
                }
            }
        }

        deserializer.deserialize_any(Given)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use serde_json::json;

    use super::*;
    use crate::model::read::from_json;

    #[test]
    fn assignments_are_read_as_they_are_written() {
        for to in [
            json!({"to": "mia"}),
            json!({"round_robin": ["mia", "tom"]}),
            json!({"weighted": {"mia": 3, "tom": 1}}),
            json!({"territory": {"rules": [{"filter": {"country": "DE"}, "owner": "mia"}], "otherwise": null}}),
        ] {
            let read: Assignment = from_json(to.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), to);
            assert_eq!(serde_json::from_value::<Assignment>(to).unwrap(), read);
        }
        assert_eq!(from_json::<Assignment>(json!("mia")).unwrap(), Assignment::To("mia".into()));
        for wrong in [json!({}), json!({"to": "mia", "weighted": {}}), json!(5), json!({"raund_robin": []})] {
            assert_eq!(from_json::<Assignment>(wrong).unwrap_err().code(), "invalid_argument");
        }
        let near = from_json::<Assignment>(json!({"raund_robin": []})).unwrap_err();
        assert!(near.to_string().contains("did you mean `round_robin`?"), "{near}");
    }

    #[test]
    fn a_lead_is_no_operation_and_a_dry_run_names_none() {
        for wrong in
            [json!({"id": 3, "email": "x"}), json!({"operation_id": null, "rows": 1}), json!("3"), json!({})]
        {
            assert_eq!(from_json::<OperationRef>(wrong).unwrap_err().code(), "invalid_argument");
        }
        assert_eq!(from_json::<OperationRef>(json!({"operationId": 4})).unwrap(), OperationRef(4));
        assert_eq!(from_json::<PlanRef>(json!({"id": 4})).unwrap_err().code(), "invalid_argument");
    }
}
