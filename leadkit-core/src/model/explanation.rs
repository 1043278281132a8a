//! Everything that is known of a lead, and why: one answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::communication::{Communication, SendRefusal};
use super::consent::{Channel, ConsentEntry, Purpose};
use super::issue::{IssueCode, Severity};
use super::operation::OperationKind;
use crate::clock::Timestamp;

/// Options of `leads.explain`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ExplainOptions {
    /// How many of the newest contacts are shown; 10 when 0. All are counted.
    pub contacts: u64,
}

/// What is known of a lead, where it came from, and whether the person may be contacted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeadExplanation {
    /// The lead.
    pub lead: i64,
    /// Its name, as it is shown.
    pub name: String,
    /// When this was found; permissions hold for this instant.
    pub at: Timestamp,
    /// The revision that last changed it.
    pub rev: i64,
    /// When it came into being.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// The lead that it was merged into.
    pub merged_into: Option<i64>,
    /// The leads that were merged into it, directly.
    pub merged: Vec<i64>,
    /// Whether the log reaches back to the lead's beginning; where older changes were pruned, the
    /// first values have no origin.
    pub complete: bool,
    /// Each field that holds something, or once did, in the order of files.
    pub fields: Vec<FieldExplanation>,
    /// What is noticed about the values as they are now.
    pub issues: Vec<KnownIssue>,
    /// What contact there was.
    pub contacts: ContactSummary,
    /// Whether the database sends at all; while it does not, what is allowed waits.
    pub sending: bool,
    /// By what, and what for, the person may be contacted now.
    pub permissions: Vec<ContactPermission>,
    /// What the consent ledger says of the lead's numbers, the newest first; the newest 1,000 at most.
    pub consent: Vec<ConsentEntry>,
}

impl LeadExplanation {
    /// The explanation as indented JSON.
    pub fn to_json(&self) -> String {
        // Plain data with text keys: this cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// A field: its value, where that came from, and what was there before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldExplanation {
    /// The field, such as `email` or `custom.plan`.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// The value; `null` when it was emptied.
    pub value: Value,
    /// The text as it came, where normalising changed it.
    pub original: Option<String>,
    /// Where the value came from; none when the log no longer reaches there.
    pub origin: Option<ValueOrigin>,
    /// The values before, the newest first.
    pub earlier: Vec<EarlierValue>,
}

/// What put a value there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValueOrigin {
    /// Since when it stands.
    pub at: Timestamp,
    /// The revision of the commit.
    pub rev: i64,
    /// The operation.
    pub operation_id: i64,
    /// What that was.
    pub kind: OperationKind,
    /// Its name, where it was given one.
    pub name: Option<String>,
    /// The file that it read, where it is an import.
    pub file: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The lead that it was taken over from, where leads were merged.
    pub from_lead: Option<i64>,
}

/// A value that a field had before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EarlierValue {
    /// The value.
    pub value: Value,
    /// Where it came from; none when the log no longer reaches there.
    pub origin: Option<ValueOrigin>,
    /// Until when it stood.
    pub until: Timestamp,
}

/// Something noticed about a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KnownIssue {
    /// The stable code.
    pub code: IssueCode,
    /// How grave it is.
    pub severity: Severity,
    /// The field.
    pub field: Option<String>,
    /// What it is, without the value.
    pub message: String,
}

/// Contacts with a lead, and with those that were merged into it; entries that were put right are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactSummary {
    /// How many there were.
    pub total: u64,
    /// How many by channel and direction, such as `{"sms": {"outbound": 3}}`.
    pub counts: BTreeMap<String, BTreeMap<String, u64>>,
    /// When the first was.
    pub first_at: Option<Timestamp>,
    /// When the last was.
    pub last_at: Option<Timestamp>,
    /// The newest of them.
    pub newest: Vec<Communication>,
}

/// Whether somebody may be contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PermissionDecision {
    /// Now.
    Allowed,
    /// Later: `next_at` says when, or `refusal` what it waits for.
    Waits,
    /// Not as things stand.
    Refused,
}

impl PermissionDecision {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            PermissionDecision::Allowed => "allowed",
            PermissionDecision::Waits => "waits",
            PermissionDecision::Refused => "refused",
        }
    }
}

/// Whether the person may be contacted in one way: what `dispatch` would decide on a message now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactPermission {
    /// By which channel.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
    /// Whether it is a call on which only a machine talks, which needs consent of its own.
    pub announcement: bool,
    /// The number; none when the lead has none.
    pub address: Option<String>,
    /// Whether.
    pub decision: PermissionDecision,
    /// Why not, or not yet.
    pub refusal: Option<SendRefusal>,
    /// When it may go out next, where it waits for an hour.
    pub next_at: Option<Timestamp>,
    /// Until when it may be delivered, where it is allowed.
    pub until: Option<Timestamp>,
    /// What the decision rests on: the entry of the consent ledger by its id, and the hours.
    pub evidence: Value,
    /// The entry of the consent ledger that decided.
    pub entry: Option<ConsentEntry>,
}
