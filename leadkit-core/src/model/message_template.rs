//! Texts for messages and calls, kept by name in versions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::consent::Channel;
use crate::clock::Timestamp;

/// What a template is beyond its name and text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TemplateOptions {
    /// By which channel it goes out; `sms` when none is given.
    pub channel: Option<Channel>,
    /// Texts in other languages, by tag such as `de`; a lead's language chooses, and the body is for
    /// all others.
    pub locales: BTreeMap<String, String>,
    /// What stands for variables that hold nothing, by name such as `lead.first_name`.
    pub defaults: BTreeMap<String, String>,
}

/// Which version of a template is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TemplateVersion {
    /// Its number; none: the last.
    pub version: Option<u32>,
}

/// For whom and with what a template is rendered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RenderOptions {
    /// The lead; none: a made-up one, to look at the text.
    pub lead: Option<i64>,
    /// Values of the caller's, which the text calls `vars.*`.
    pub vars: BTreeMap<String, Value>,
    /// The language; none: the lead's.
    pub locale: Option<String>,
    /// The version; none: the last.
    pub version: Option<u32>,
}

/// A template filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenderedTemplate {
    /// The template.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// The language whose text was taken; none: the body.
    pub locale: Option<String>,
    /// The text.
    pub text: String,
}

/// One version of a template. Versions are never changed: what was sent by one can be shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageTemplate {
    /// Its name.
    pub name: String,
    /// Its number, counted from 1.
    pub version: u32,
    /// By which channel it goes out.
    pub channel: Channel,
    /// The text for languages that have none of their own.
    pub body: String,
    /// Texts by language.
    pub locales: BTreeMap<String, String>,
    /// What stands for variables that hold nothing.
    pub defaults: BTreeMap<String, String>,
    /// The variables that its texts use, such as `lead.first_name`.
    pub variables: Vec<String>,
    /// Whether it was put away: it is not used any more.
    pub archived: bool,
    /// When this version was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Option<String>,
}
