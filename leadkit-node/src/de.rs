//! From JavaScript to the core's types: keys of options are lowerCamelCase, keys of maps are data.

use std::borrow::Cow;
use std::vec::IntoIter;

use leadkit_core::{Error, ErrorCode, Result};
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::case::{camel, camel_all, snake};
use crate::js::Js;

/// Reads a required argument.
pub fn read<T: DeserializeOwned>(value: Js, name: &str) -> Result<T> {
    if let Js::Undefined | Js::Null = value {
        return Err(wrong(format!("`{name}` is missing")).at_field(name));
    }
    T::deserialize(De::new(value)).map_err(|error| at(error, name))
}

/// Reads an argument that may be left out.
pub fn read_optional<T: DeserializeOwned>(value: Js, name: &str) -> Result<Option<T>> {
    Option::<T>::deserialize(De::new(value)).map_err(|error| at(error, name))
}

/// Reads an options object; `more` are the options that the glue has taken out, for "did you mean".
pub fn read_options<T: DeserializeOwned + Default>(value: Js, more: &'static [&'static str]) -> Result<T> {
    match value {
        Js::Undefined | Js::Null => Ok(T::default()),
        value => T::deserialize(De { value, more }),
    }
}

/// Reads a required argument that is one of several variants, told apart by a tag. Such are looked at before
/// their struct is known, so that all keys are taken for names.
pub fn read_tagged<T: DeserializeOwned>(value: Js, name: &str) -> Result<T> {
    read(named(value), name)
}

fn named(value: Js) -> Js {
    match value {
        Js::List(items) => Js::List(items.into_iter().map(named).collect()),
        Js::Map(entries) => {
            Js::Map(entries.into_iter().map(|(key, value)| (snake(&key).into(), named(value))).collect())
        }
        other => other,
    }
}

fn at(error: Error, name: &str) -> Error {
    if error.field().is_none() { error.at_field(name) } else { error }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
}

struct De {
    value: Js,
    more: &'static [&'static str],
}

impl De {
    fn new(value: Js) -> De {
        De { value, more: &[] }
    }
}

impl<'de> Deserializer<'de> for De {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Js::Undefined | Js::Null => visitor.visit_unit(),
            Js::Bool(value) => visitor.visit_bool(value),
            Js::Int(value) => match (i64::try_from(value), u64::try_from(value)) {
                (Ok(value), _) => visitor.visit_i64(value),
                (_, Ok(value)) => visitor.visit_u64(value),
                _ => Err(wrong("this integer is larger than 64 bits")),
            },
            Js::Float(value) | Js::Date(value) if value.is_finite() => visitor.visit_f64(value),
            Js::Float(_) | Js::Date(_) => Err(wrong("NaN and Infinity are no values here")),
            Js::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Js::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Js::List(items) => visitor.visit_seq(Items(items.into_iter())),
            Js::Map(entries) => visitor.visit_map(Entries::new(entries)),
            Js::Bytes(_) => Err(wrong("a buffer is no value here")),
            Js::Unusable(why) => Err(wrong(why)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Js::Undefined | Js::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// Not through `any`, so that the core itself judges `NaN` and `Infinity` where it takes a number.
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Js::Float(value) => visitor.visit_f64(value),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Bytes are no value elsewhere.
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Js::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let entries = match self.value {
            Js::Map(entries) => entries,
            Js::Unusable(why) => return Err(wrong(why)),
            _ => return Err(wrong("options are an object")),
        };
        let entries = entries
            .into_iter()
            .map(|(key, value)| match fields.iter().find(|field| camel(field) == key) {
                Some(field) => Ok((Cow::Borrowed(*field), value)),
                None => Err(unknown(&key, fields, self.more)),
            })
            .collect::<Result<Vec<_>>>()?;
        visitor.visit_map(Entries { options: true, ..Entries::new(entries) })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.value {
            Js::Text(word) => visitor.visit_enum(word.into_owned().into_deserializer()),
            Js::Map(entries) => {
                visitor.visit_enum(de::value::MapAccessDeserializer::new(Entries::new(entries)))
            }
            Js::Unusable(why) => Err(wrong(why)),
            _ => Err(wrong("a word is expected")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char str string bytes unit
        unit_struct seq tuple tuple_struct map identifier
    }
}

/// The snake_case name of an option is answered with its lowerCamelCase one.
fn unknown(key: &str, fields: &'static [&'static str], more: &'static [&'static str]) -> Error {
    let expected = camel_all(fields, more);
    match fields.iter().position(|field| *field == key).and_then(|index| expected.get(index)) {
        Some(name) => Error::unknown_field(key, &[]).hint(format!("did you mean `{name}`?")),
        None => Error::unknown_field(key, expected),
    }
}

struct Items(IntoIter<Js>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.0.next().map(|value| seed.deserialize(De::new(value))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries {
    entries: IntoIter<(Cow<'static, str>, Js)>,
    value: Option<(Cow<'static, str>, Js)>,
    /// Whether the keys are options, which errors name as they are written here.
    options: bool,
}

impl Entries {
    fn new(entries: Vec<(Cow<'static, str>, Js)>) -> Entries {
        Entries { entries: entries.into_iter(), value: None, options: false }
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.value = self.entries.next();
        match &self.value {
            None => Ok(None),
            Some((key, _)) => seed.deserialize(key.clone().into_owned().into_deserializer()).map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        match self.value.take() {
            None => Err(Error::internal("a value was read before its key")),
            Some((key, value)) => seed.deserialize(De::new(value)).map_err(|error| {
                let name = if self.options { camel(&key) } else { Cow::Borrowed(&*key) };
                at(error, &name)
            }),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}
