//! The list of statuses that leads may have, and the ways between them.

use serde::{Deserialize, Serialize};

/// One status of the list.
///
/// ```
/// use leadkit_core::model::status::Status;
/// let status = Status::new("contacted").to(["won", "lost"]);
/// assert!(status.allows("won") && !status.allows("new"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// The word that leads carry, compared as texts are: without case and accents.
    pub key: String,
    /// The name for people; the key when empty.
    #[serde(default)]
    pub label: String,
    /// The statuses that may follow; none: any may.
    #[serde(default)]
    pub next: Option<Vec<String>>,
}

impl Status {
    /// A status that any other may follow.
    pub fn new(key: impl Into<String>) -> Self {
        let key = key.into();
        Status { label: key.clone(), key, next: None }
    }

    /// Names the statuses that may follow.
    #[must_use]
    pub fn to<T: Into<String>>(mut self, next: impl IntoIterator<Item = T>) -> Self {
        self.next = Some(next.into_iter().map(Into::into).collect());
        self
    }

    /// Whether a status may follow this one.
    pub fn allows(&self, next: &str) -> bool {
        let next = crate::text::fold(next);
        self.next.as_ref().is_none_or(|list| list.iter().any(|key| crate::text::fold(key) == next))
    }
}
