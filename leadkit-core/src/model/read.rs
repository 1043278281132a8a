//! Options that come as JSON, read with our own errors.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::automation::ScheduleRef;
use super::options::{ColumnRule, ColumnTarget, Rejects};
use super::schedule::Schedule;
use crate::error::{Error, Result};

/// Reads options from JSON, as a web service or a file of settings brings them.
///
/// # Errors
/// `unknown_option` with the nearest right name; `invalid_argument` for values of a wrong type.
///
/// ```
/// use leadkit_core::{ImportOptions, model::read::from_json};
/// use serde_json::json;
/// let options: ImportOptions = from_json(json!({"default_country": "DE"}))?;
/// assert_eq!(options.default_country.as_deref(), Some("DE"));
/// let error = from_json::<ImportOptions>(json!({"defualt_country": "DE"})).unwrap_err();
/// assert_eq!(error.code(), "unknown_option");
/// assert!(error.to_string().contains("did you mean `default_country`?"));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn from_json<T: DeserializeOwned>(value: Value) -> Result<T> {
    T::deserialize(Json(value))
}

/// JSON whose errors are leadkit's.
struct Json(Value);

impl<'de> IntoDeserializer<'de, Error> for Json {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Json {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(b),
            Value::Number(n) => match (n.as_u64(), n.as_i64()) {
                (Some(n), _) => visitor.visit_u64(n),
                (_, Some(n)) => visitor.visit_i64(n),
                _ => visitor.visit_f64(n.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(list) => visitor.visit_seq(SeqDeserializer::new(list.into_iter().map(Json))),
            Value::Object(map) => visitor
                .visit_map(MapDeserializer::new(map.into_iter().map(|(key, value)| (key, Json(value))))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(text.into_deserializer()),
            other => other.deserialize_enum(name, variants, visitor).map_err(serde::de::Error::custom),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

// Words of several types are read by hand: serde's untagged enums forget what was wrong.

impl<'de> Deserialize<'de> for ColumnTarget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Target;

        impl<'de> Visitor<'de> for Target {
            type Value = ColumnTarget;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name, a rule, or null")
            }

            fn visit_unit<E>(self) -> std::result::Result<ColumnTarget, E> {
                Ok(ColumnTarget::Ignore(()))
            }

            fn visit_none<E>(self) -> std::result::Result<ColumnTarget, E> {
                Ok(ColumnTarget::Ignore(()))
            }

            fn visit_str<E>(self, field: &str) -> std::result::Result<ColumnTarget, E> {
                Ok(ColumnTarget::Field(field.to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<ColumnTarget, A::Error> {
                ColumnRule::deserialize(MapAccessDeserializer::new(map)).map(ColumnTarget::Rule)
            }
        }

        deserializer.deserialize_any(Target)
    }
}

impl<'de> Deserialize<'de> for ScheduleRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Reference;

        impl<'de> Visitor<'de> for Reference {
            type Value = ScheduleRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a schedule, or the name of one")
            }

            fn visit_str<E>(self, name: &str) -> std::result::Result<ScheduleRef, E> {
                Ok(ScheduleRef::Name(name.to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<ScheduleRef, A::Error> {
                let schedule = Schedule::deserialize(MapAccessDeserializer::new(map))?;
                Ok(ScheduleRef::Inline(Box::new(schedule)))
            }
        }

        deserializer.deserialize_any(Reference)
    }
}

impl<'de> Deserialize<'de> for Rejects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Place;

        impl Visitor<'_> for Place {
            type Value = Rejects;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, true or false")
            }

            fn visit_unit<E>(self) -> std::result::Result<Rejects, E> {
                Ok(Rejects::Beside)
            }

            fn visit_none<E>(self) -> std::result::Result<Rejects, E> {
                Ok(Rejects::Beside)
            }

            fn visit_bool<E>(self, write: bool) -> std::result::Result<Rejects, E> {
                Ok(Rejects::Write(write))
            }

            fn visit_str<E>(self, path: &str) -> std::result::Result<Rejects, E> {
                Ok(Rejects::Path(PathBuf::from(path)))
            }
        }

        deserializer.deserialize_any(Place)
    }
}

/// A path as text; what is no UTF-8 in it is shown as U+FFFD, since a report must not fail by it.
pub(crate) fn path_text<S: Serializer>(
    path: &std::path::Path,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// [`path_text`], or null.
pub(crate) fn some_path_text<S: Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    match path {
        Some(path) => serializer.serialize_some(&path.to_string_lossy()),
        None => serializer.serialize_none(),
    }
}

/// The same with U+0000 taken out of every text in it: PostgreSQL stores none, and nobody means one.
///
/// # Errors
/// `internal` for what is no JSON.
pub(crate) fn without_nuls<T: Serialize + DeserializeOwned>(value: &T) -> Result<T> {
    fn clean(value: &mut Value) {
        match value {
            Value::String(text) => text.retain(|c| c != '\0'),
            Value::Array(parts) => parts.iter_mut().for_each(clean),
            Value::Object(parts) => parts.values_mut().for_each(clean),
            _ => {}
        }
    }
    let failed = |error: serde_json::Error| Error::internal(error.to_string());
    let mut value = serde_json::to_value(value).map_err(failed)?;
    clean(&mut value);
    serde_json::from_value(value).map_err(failed)
}
