//! Where time and randomness come from; both can be fixed, so that two runs give equal bytes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant: milliseconds since 1970-01-01T00:00:00Z, as SQLite, Java and JavaScript count them.
///
/// In JSON it is an RFC 3339 text in UTC with milliseconds; an aware `datetime` in Python, a
/// `Date` in Node.
///
/// ```
/// use leadkit_core::Timestamp;
/// let t: Timestamp = "2026-03-01T09:30:00Z".parse()?;
/// assert_eq!(t.to_string(), "2026-03-01T09:30:00.000Z");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl std::str::FromStr for Timestamp {
    type Err = crate::error::Error;

    /// Reads RFC 3339 with any offset.
    fn from_str(text: &str) -> crate::error::Result<Self> {
        text.parse::<jiff::Timestamp>().map(|t| Timestamp(t.as_millisecond())).map_err(|_| {
            crate::error::Error::new(crate::error::ErrorCode::InvalidArgument, "not an instant")
                .hint("write it as RFC 3339, such as 2026-03-01T09:30:00Z")
                .with_value(text)
        })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("Timestamp", &self.to_string())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// The source of "now".
///
/// ```
/// use leadkit_core::{Clock, Timestamp};
/// let clock = Clock::fixed(Timestamp(0));
/// clock.advance(90.0);
/// assert_eq!(clock.now(), Timestamp(90_000));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock(None)
    }

    /// A clock that stands still until it is advanced.
    pub fn fixed(now: Timestamp) -> Self {
        Clock(Some(Arc::new(AtomicI64::new(now.0))))
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(fixed) => Timestamp(fixed.load(Ordering::SeqCst)),
            None => Timestamp(jiff::Timestamp::now().as_millisecond()),
        }
    }

    /// Moves a fixed clock by a number of seconds; the machine's clock is left alone.
    pub fn advance(&self, seconds: f64) {
        if let Some(fixed) = &self.0 {
            fixed.fetch_add((seconds * 1000.0).round() as i64, Ordering::SeqCst);
        }
    }

    /// Whether this clock stands still.
    pub fn is_fixed(&self) -> bool {
        self.0.is_some()
    }
}

/// The source of randomness: the machine's, or a fixed sequence.
///
/// ```
/// use leadkit_core::Random;
/// assert_eq!(Random::fixed(7).next(), Random::fixed(7).next());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Random(Option<Arc<AtomicU64>>);

impl Random {
    /// The machine's randomness.
    pub fn system() -> Self {
        Random(None)
    }

    /// A sequence that is the same for the same seed (SplitMix64).
    pub fn fixed(seed: u64) -> Self {
        Random(Some(Arc::new(AtomicU64::new(seed))))
    }

    /// The next 64 random bits.
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        match &self.0 {
            // A fresh hasher is keyed by the operating system's randomness.
            None => std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), STEP),
            Some(state) => {
                let mut z = state.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^ (z >> 31)
            }
        }
    }
}
