//! Values of the core as Python objects, with no format in between.
//!
//! A struct becomes an instance of the Python class that `leadkit._types` keeps under the struct's
//! serde name, or a dict where `DICTS` names it; any other struct, or one with other fields, is a defect
//! and says so.

use std::collections::{HashMap, HashSet};
use std::fmt;

use leadkit_core::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyTzInfo};
use pyo3::{IntoPyObjectExt, intern};
use serde::ser::{self, Serialize};

use crate::error::raise;

/// The Python object that stands for a value of the core.
pub fn to_python<'py, T: Serialize + ?Sized>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyAny>> {
    value.serialize(ToPython { py, instant: false }).map_err(|failure| failure.0)
}

/// A Python class of `leadkit._types` and how to fill an instance.
struct Record {
    class: Py<PyAny>,
    /// A class of the same layout whose instances can still be written: an instance is filled and
    /// then given its true class. Calling a frozen dataclass of 36 fields takes three times as long.
    draft: Py<PyAny>,
    fields: Vec<(String, Py<PyString>)>,
}

/// An entry of `RECORDS`: name, class, writable twin, field names.
type Entry = (String, (Py<PyAny>, Py<PyAny>, Vec<String>));

fn records(py: Python<'_>) -> PyResult<&HashMap<String, Record>> {
    static RECORDS: PyOnceLock<HashMap<String, Record>> = PyOnceLock::new();
    RECORDS.get_or_try_init(py, || {
        let known = py.import(intern!(py, "leadkit._types"))?.getattr(intern!(py, "RECORDS"))?;
        let mut records = HashMap::new();
        for entry in known.call_method0(intern!(py, "items"))?.try_iter()? {
            let (name, (class, draft, fields)): Entry = entry?.extract()?;
            let fields = fields
                .into_iter()
                .map(|field| {
                    let interned = PyString::intern(py, &field).unbind();
                    (field, interned)
                })
                .collect();
            records.insert(name, Record { class, draft, fields });
        }
        Ok(records)
    })
}

/// Structs that are dicts in Python.
fn dicts(py: Python<'_>) -> PyResult<&HashSet<String>> {
    static DICTS: PyOnceLock<HashSet<String>> = PyOnceLock::new();
    DICTS.get_or_try_init(py, || {
        py.import(intern!(py, "leadkit._types"))?.getattr(intern!(py, "DICTS"))?.extract()
    })
}

/// A Python exception on its way through serde.
#[derive(Debug)]
struct Failure(PyErr);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Failure(error)
    }
}

impl ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let error = Error::internal(message.to_string());
        Python::attach(|py| Failure(raise(py, &error)))
    }
}

fn defect<T>(message: String) -> Result<T, Failure> {
    Err(ser::Error::custom(message))
}

#[derive(Clone, Copy)]
struct ToPython<'py> {
    py: Python<'py>,
    /// Whether the next text is an instant.
    instant: bool,
}

type Out<'py> = Result<Bound<'py, PyAny>, Failure>;

macro_rules! numbers {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, value: $type) -> Out<'py> {
            Ok(PyInt::new(self.py, value).into_any())
        })*
    };
}

impl<'py> ser::Serializer for ToPython<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;
    type SerializeSeq = Items<'py>;
    type SerializeTuple = Items<'py>;
    type SerializeTupleStruct = Items<'py>;
    type SerializeTupleVariant = Variant<Items<'py>>;
    type SerializeMap = Entries<'py>;
    type SerializeStruct = Struct<'py>;
    type SerializeStructVariant = Variant<Entries<'py>>;

    numbers! {
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
    }

    fn serialize_bool(self, value: bool) -> Out<'py> {
        Ok(PyBool::new(self.py, value).to_owned().into_any())
    }

    fn serialize_f32(self, value: f32) -> Out<'py> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Out<'py> {
        Ok(PyFloat::new(self.py, value).into_any())
    }

    fn serialize_char(self, value: char) -> Out<'py> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Out<'py> {
        match self.instant {
            true => Ok(instant(self.py, value)?),
            false => Ok(PyString::new(self.py, value).into_any()),
        }
    }

    fn serialize_bytes(self, value: &[u8]) -> Out<'py> {
        Ok(PyBytes::new(self.py, value).into_any())
    }

    fn serialize_none(self) -> Out<'py> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Out<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Out<'py> {
        Ok(self.py.None().into_bound(self.py))
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Out<'py> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Out<'py> {
        Ok(PyString::intern(self.py, variant).into_any())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Out<'py> {
        value.serialize(ToPython { instant: name == "Timestamp", ..self })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Out<'py> {
        tagged(variant, value.serialize(self)?)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items<'py>, Failure> {
        Ok(Items { to: self, items: Vec::with_capacity(len.unwrap_or(0)), tuple: false })
    }

    fn serialize_tuple(self, len: usize) -> Result<Items<'py>, Failure> {
        Ok(Items { to: self, items: Vec::with_capacity(len), tuple: true })
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Items<'py>, Failure> {
        self.serialize_tuple(len)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Variant<Items<'py>>, Failure> {
        Ok(Variant { variant, content: self.serialize_tuple(len)? })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Entries<'py>, Failure> {
        Ok(Entries { to: self, dict: PyDict::new(self.py), key: None })
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Struct<'py>, Failure> {
        match records(self.py)?.get(name) {
            Some(record) => {
                let object = record.draft.bind(self.py).call0()?;
                Ok(Struct::Record(Fields { to: self, name, record, object, next: 0 }))
            }
            None if dicts(self.py)?.contains(name) => self.serialize_map(Some(len)).map(Struct::Dict),
            None => defect(format!("Python has no class for `{name}`")),
        }
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Variant<Entries<'py>>, Failure> {
        Ok(Variant { variant, content: self.serialize_map(Some(len))? })
    }
}

struct Items<'py> {
    to: ToPython<'py>,
    items: Vec<Bound<'py, PyAny>>,
    tuple: bool,
}

impl<'py> Items<'py> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.items.push(value.serialize(self.to)?);
        Ok(())
    }

    fn finish(self) -> Out<'py> {
        let py = self.to.py;
        Ok(match self.tuple {
            true => PyTuple::new(py, self.items)?.into_any(),
            false => PyList::new(py, self.items)?.into_any(),
        })
    }
}

impl<'py> ser::SerializeSeq for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.push(value)
    }

    fn end(self) -> Out<'py> {
        self.finish()
    }
}

impl<'py> ser::SerializeTuple for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.push(value)
    }

    fn end(self) -> Out<'py> {
        self.finish()
    }
}

impl<'py> ser::SerializeTupleStruct for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.push(value)
    }

    fn end(self) -> Out<'py> {
        self.finish()
    }
}

struct Entries<'py> {
    to: ToPython<'py>,
    dict: Bound<'py, PyDict>,
    key: Option<Bound<'py, PyAny>>,
}

impl<'py> ser::SerializeMap for Entries<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.key = Some(key.serialize(self.to)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        match self.key.take() {
            Some(key) => Ok(self.dict.set_item(key, value.serialize(self.to)?)?),
            None => defect("a map's value came without its key".to_string()),
        }
    }

    fn end(self) -> Out<'py> {
        Ok(self.dict.into_any())
    }
}

struct Fields<'py> {
    to: ToPython<'py>,
    name: &'static str,
    record: &'py Record,
    object: Bound<'py, PyAny>,
    next: usize,
}

impl<'py> ser::SerializeStruct for Fields<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        match self.record.fields.get(self.next) {
            Some((field, interned)) if field == key => {
                self.next += 1;
                Ok(self.object.setattr(interned.bind(self.to.py), value.serialize(self.to)?)?)
            }
            _ => defect(format!("Python's `{}` has no field `{key}` in this place", self.name)),
        }
    }

    fn end(self) -> Out<'py> {
        if let Some((missing, _)) = self.record.fields.get(self.next) {
            return defect(format!("`{}` came without its field `{missing}`", self.name));
        }
        let py = self.to.py;
        self.object.setattr(intern!(py, "__class__"), self.record.class.bind(py))?;
        Ok(self.object)
    }
}

/// A struct as the instance of a class, or as a dict.
enum Struct<'py> {
    Record(Fields<'py>),
    Dict(Entries<'py>),
}

impl<'py> ser::SerializeStruct for Struct<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        match self {
            Struct::Record(fields) => ser::SerializeStruct::serialize_field(fields, key, value),
            Struct::Dict(entries) => ser::SerializeMap::serialize_entry(entries, key, value),
        }
    }

    fn end(self) -> Out<'py> {
        match self {
            Struct::Record(fields) => ser::SerializeStruct::end(fields),
            Struct::Dict(entries) => ser::SerializeMap::end(entries),
        }
    }
}

/// An enum's variant with content: `{variant: content}`, as in JSON.
struct Variant<T> {
    variant: &'static str,
    content: T,
}

fn tagged<'py>(variant: &'static str, content: Bound<'py, PyAny>) -> Out<'py> {
    let dict = PyDict::new(content.py());
    dict.set_item(variant, content)?;
    Ok(dict.into_any())
}

impl<'py> ser::SerializeTupleVariant for Variant<Items<'py>> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.content.push(value)
    }

    fn end(self) -> Out<'py> {
        tagged(self.variant, self.content.finish()?)
    }
}

impl<'py> ser::SerializeStructVariant for Variant<Entries<'py>> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        ser::SerializeMap::serialize_entry(&mut self.content, key, value)
    }

    fn end(self) -> Out<'py> {
        tagged(self.variant, self.content.dict.into_any())
    }
}

/// RFC 3339 in UTC with milliseconds, as the core writes instants, as an aware `datetime`. The rare
/// text that no `datetime` can hold (a year before 1) stays a text.
fn instant<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse::<u32>().ok());
    let parts = (text.len() == 24 && text.ends_with('Z')).then(|| {
        Some((
            number(0, 4)?,
            number(5, 7)?,
            number(8, 10)?,
            number(11, 13)?,
            number(14, 16)?,
            number(17, 19)?,
            number(20, 23)?,
        ))
    });
    match parts.flatten() {
        Some((year, month, day, hour, minute, second, millis)) if year > 0 => {
            let utc = PyTzInfo::utc(py)?;
            let (year, micros) = (year as i32, millis * 1000);
            let (month, day, hour) = (month as u8, day as u8, hour as u8);
            let (minute, second) = (minute as u8, second as u8);
            Ok(PyDateTime::new(py, year, month, day, hour, minute, second, micros, Some(&utc))?.into_any())
        }
        _ => text.into_bound_py_any(py),
    }
}
