//! From the core's types to JavaScript: fields of structs are lowerCamelCase properties, keys of
//! maps are data and stay, a `Timestamp` is a `Date`.

use std::borrow::Cow;

use leadkit_core::{Error, Result, Timestamp};
use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, Serializer,
};

use crate::case::camel;
use crate::js::Js;

/// Builds the value, on any thread.
pub fn to_js(value: &(impl Serialize + ?Sized)) -> Result<Js> {
    value.serialize(Ser)
}

/// An error as data; the glue makes a `LeadkitError` of it.
pub fn error_to_js(error: &Error) -> Js {
    fn text(text: Option<&str>) -> Js {
        text.map_or(Js::Null, |text| Js::from(text.to_string()))
    }
    let path = error.path().map(|path| path.to_string_lossy());
    Js::Map(vec![
        ("message".into(), Js::from(error.to_string())),
        ("code".into(), Js::Text(error.code().into())),
        ("kind".into(), Js::Text(error.kind().as_str().into())),
        ("hint".into(), text(error.hint_text())),
        ("path".into(), text(path.as_deref())),
        ("row".into(), error.row().map_or(Js::Null, |row| Js::Int(row.into()))),
        ("field".into(), text(error.field())),
        ("value".into(), text(error.value())),
        ("retryable".into(), Js::Bool(error.is_retryable())),
    ])
}

struct Ser;

macro_rules! integers {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, value: $type) -> Result<Js> {
            Ok(Js::Int(value.into()))
        })*
    };
}

impl Serializer for Ser {
    type Ok = Js;
    type Error = Error;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Impossible<Js, Error>;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Tagged;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
    }

    fn serialize_bool(self, value: bool) -> Result<Js> {
        Ok(Js::Bool(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Js> {
        Ok(Js::Float(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Result<Js> {
        Ok(Js::Float(value))
    }

    fn serialize_char(self, value: char) -> Result<Js> {
        Ok(Js::from(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Js> {
        Ok(Js::from(value.to_string()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Js> {
        Ok(Js::Bytes(value.to_vec()))
    }

    fn serialize_none(self) -> Result<Js> {
        Ok(Js::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Js> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Js> {
        Ok(Js::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Js> {
        Ok(Js::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Js> {
        Ok(Js::Text(Cow::Borrowed(variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Js> {
        match (name, value.serialize(self)?) {
            ("Timestamp", Js::Text(text)) => Ok(Js::Date(text.parse::<Timestamp>()?.as_millis() as f64)),
            (_, value) => Ok(value),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Js> {
        Ok(Js::Map(vec![(variant.into(), value.serialize(self)?)]))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List> {
        Ok(List(Vec::with_capacity(length.unwrap_or_default())))
    }

    fn serialize_tuple(self, length: usize) -> Result<List> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        Err(Error::internal(format!("a tuple variant of {name} has no shape in JavaScript")))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Map> {
        Ok(Map { entries: Vec::with_capacity(length.unwrap_or_default()), key: None })
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Map> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged> {
        Ok(Tagged(variant, self.serialize_map(Some(length))?))
    }
}

struct List(Vec<Js>);

impl SerializeSeq for List {
    type Ok = Js;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.0.push(value.serialize(Ser)?);
        Ok(())
    }

    fn end(self) -> Result<Js> {
        Ok(Js::List(self.0))
    }
}

impl SerializeTuple for List {
    type Ok = Js;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Js> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for List {
    type Ok = Js;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Js> {
        SerializeSeq::end(self)
    }
}

struct Map {
    entries: Vec<(Cow<'static, str>, Js)>,
    key: Option<Cow<'static, str>>,
}

impl SerializeMap for Map {
    type Ok = Js;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = Some(match key.serialize(Ser)? {
            Js::Text(text) => text,
            Js::Int(number) => number.to_string().into(),
            _ => return Err(Error::internal("a key is a text or an integer")),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = self.key.take().ok_or_else(|| Error::internal("a value was written before its key"))?;
        self.entries.push((key, value.serialize(Ser)?));
        Ok(())
    }

    fn end(self) -> Result<Js> {
        Ok(Js::Map(self.entries))
    }
}

impl SerializeStruct for Map {
    type Ok = Js;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.entries.push((camel(name), value.serialize(Ser)?));
        Ok(())
    }

    fn end(self) -> Result<Js> {
        Ok(Js::Map(self.entries))
    }
}

struct Tagged(&'static str, Map);

impl SerializeStructVariant for Tagged {
    type Ok = Js;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        SerializeStruct::serialize_field(&mut self.1, name, value)
    }

    fn end(self) -> Result<Js> {
        Ok(Js::Map(vec![(self.0.into(), SerializeStruct::end(self.1)?)]))
    }
}
