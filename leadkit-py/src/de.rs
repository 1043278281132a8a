//! Python objects as options and values of the core, with no format in between.

use std::cell::RefCell;

use leadkit_core::{Error, ErrorCode};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDate, PyDateTime, PyDict, PyFloat, PyInt, PyIterator, PyList, PyMapping,
    PyString, PyTuple,
};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

use crate::error::{invalid, raise};

/// Deeper objects are refused, so that one that holds itself cannot exhaust the stack.
const MAX_DEPTH: u32 = 128;

/// A value of the core from one Python object.
pub fn from_python<T: DeserializeOwned>(object: &Bound<'_, PyAny>) -> PyResult<T> {
    let context = Context::default();
    let result =
        T::deserialize(FromPython { object: object.clone(), name: None, depth: 0, context: &context });
    result.map_err(|error| context.0.take().unwrap_or_else(|| raise(object.py(), &error)))
}

/// The same for an argument, which errors name.
pub fn argument<T: DeserializeOwned>(name: &str, object: &Bound<'_, PyAny>) -> PyResult<T> {
    let context = Context::default();
    let name = Some(PyString::new(object.py(), name));
    let result = T::deserialize(FromPython { object: object.clone(), name, depth: 0, context: &context });
    result.map_err(|error| context.0.take().unwrap_or_else(|| raise(object.py(), &error)))
}

/// An options struct from keyword arguments; `None` says that one was not given.
pub fn options<T: DeserializeOwned>(py: Python<'_>, keywords: Option<&Bound<'_, PyDict>>) -> PyResult<T> {
    let given = PyDict::new(py);
    for (key, value) in keywords.into_iter().flatten() {
        if !value.is_none() {
            given.set_item(key, value)?;
            continue;
        }
        // A misspelt name is refused whatever its value.
        let alone = PyDict::new(py);
        alone.set_item(key, value)?;
        let context = Context::default();
        let object = alone.into_any();
        let probe = FromPython { object, name: None, depth: 0, context: &context };
        if let Err(error) = T::deserialize(probe)
            && error.error_code() == ErrorCode::UnknownOption
        {
            return Err(raise(py, &error));
        }
    }
    from_python(given.as_any())
}

/// Keeps an exception that Python code raised underway, so that it comes out as it was.
#[derive(Default)]
struct Context(RefCell<Option<PyErr>>);

impl Context {
    fn keep(&self, error: PyErr) -> Error {
        self.0.borrow_mut().get_or_insert(error);
        Error::new(ErrorCode::InvalidArgument, "an object raised an exception while it was read")
    }
}

#[derive(Clone)]
struct FromPython<'a, 'py> {
    object: Bound<'py, PyAny>,
    /// The option or key under which the object stands.
    name: Option<Bound<'py, PyString>>,
    depth: u32,
    context: &'a Context,
}

type Out<T> = Result<T, Error>;

/// What a Python object stands for.
enum Meaning<'py> {
    Nothing,
    Boolean(bool),
    Integer(Bound<'py, PyAny>),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Bound<'py, PyIterator>),
    Map(Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>),
}

impl<'py> FromPython<'_, 'py> {
    fn py(&self) -> Python<'py> {
        self.object.py()
    }

    fn place(&self, error: Error) -> Error {
        match &self.name {
            Some(name) if error.field().is_none() => error.at_field(name.to_string_lossy()),
            _ => error,
        }
    }

    /// An error that names the place, what belongs there, and the type that came, never the value.
    fn wrong(&self, wanted: &str) -> Error {
        let kind = self.object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        let kind = if kind == "NoneType" { "None".to_string() } else { kind };
        let message = match &self.name {
            Some(name) => format!("`{}` takes {wanted}, not {kind}", name.to_string_lossy()),
            None => format!("this takes {wanted}, not {kind}"),
        };
        self.place(invalid(message))
    }

    fn keep<T>(&self, result: PyResult<T>) -> Out<T> {
        result.map_err(|error| self.context.keep(error))
    }

    fn text(&self, text: &Bound<'py, PyString>) -> Out<String> {
        match text.to_str() {
            Ok(text) => Ok(text.to_string()),
            Err(_) => Err(self.place(
                invalid("a text holds a lone surrogate, which no encoding can write")
                    .hint("decode it with errors=\"replace\""),
            )),
        }
    }

    fn meaning(&self) -> Out<Meaning<'py>> {
        let object = &self.object;
        if object.is_none() {
            return Ok(Meaning::Nothing);
        }
        if let Ok(text) = object.cast::<PyString>() {
            return Ok(Meaning::Text(self.text(text)?));
        }
        if let Ok(boolean) = object.cast::<PyBool>() {
            return Ok(Meaning::Boolean(boolean.is_true()));
        }
        if object.is_instance_of::<PyInt>() {
            return Ok(Meaning::Integer(object.clone()));
        }
        if let Ok(float) = object.cast::<PyFloat>() {
            return Ok(Meaning::Float(float.value()));
        }
        if let Ok(dict) = object.cast::<PyDict>() {
            return Ok(Meaning::Map(dict.iter().collect()));
        }
        if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
            return Ok(Meaning::List(self.keep(object.try_iter())?));
        }
        self.rarer()
    }

    fn rarer(&self) -> Out<Meaning<'py>> {
        let (py, object) = (self.py(), &self.object);
        let has = |name: &Bound<'py, PyString>| object.hasattr(name).unwrap_or(false);
        if self.keep(is_a(object, "enum", "Enum"))? {
            let object = self.keep(object.getattr(intern!(py, "value")))?;
            return self.inner(object)?.meaning();
        }
        if let Ok(instant) = object.cast::<PyDateTime>() {
            return self.instant(instant);
        }
        if object.is_instance_of::<PyDate>() {
            let text = self.keep(object.call_method0(intern!(py, "isoformat")))?;
            return Ok(Meaning::Text(self.keep(text.extract())?));
        }
        if self.keep(is_a(object, "decimal", "Decimal"))? {
            return Ok(Meaning::Float(self.keep(object.extract())?));
        }
        if has(intern!(py, "__fspath__")) {
            let path: std::path::PathBuf = self.keep(object.extract())?;
            return match path.into_os_string().into_string() {
                Ok(text) => Ok(Meaning::Text(text)),
                Err(_) => Err(self.place(invalid("a path's name is not valid UTF-8"))),
            };
        }
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Meaning::Bytes(bytes.as_bytes().to_vec()));
        }
        if let Ok(bytes) = object.cast::<PyByteArray>() {
            return Ok(Meaning::Bytes(bytes.to_vec()));
        }
        // A record of ours, such as a report.
        if has(intern!(py, "__dataclass_fields__")) && !object.is_callable() {
            let fields = self.keep(object.getattr(intern!(py, "__dataclass_fields__")))?;
            let mut entries = Vec::new();
            for name in self.keep(fields.try_iter())? {
                let name = self.keep(name)?;
                let value =
                    self.keep(name.cast::<PyString>().map_err(PyErr::from).and_then(|n| object.getattr(n)))?;
                entries.push((name, value));
            }
            return Ok(Meaning::Map(entries));
        }
        if let Ok(mapping) = object.cast::<PyMapping>() {
            let items = self.keep(mapping.items())?;
            let pairs = items.iter().map(|pair| pair.extract()).collect::<PyResult<_>>();
            return Ok(Meaning::Map(self.keep(pairs)?));
        }
        if has(intern!(py, "__iter__")) {
            return Ok(Meaning::List(self.keep(object.try_iter())?));
        }
        // numpy's truth value is no integer.
        let kind = self.keep(object.get_type().name())?;
        if kind.to_str().is_ok_and(|kind| kind == "bool_" || kind == "bool") {
            return Ok(Meaning::Boolean(self.keep(object.is_truthy())?));
        }
        if has(intern!(py, "__index__")) {
            return Ok(Meaning::Integer(self.keep(object.call_method0(intern!(py, "__index__")))?));
        }
        if has(intern!(py, "__float__")) {
            return Ok(Meaning::Float(self.keep(object.extract())?));
        }
        Err(self.wrong("a text, number, true or false, date, list, dict or None"))
    }

    fn instant(&self, instant: &Bound<'py, PyDateTime>) -> Out<Meaning<'py>> {
        let py = self.py();
        let offset = self.keep(instant.call_method0(intern!(py, "utcoffset")))?;
        if offset.is_none() {
            let error = invalid("a datetime without a time zone is no instant");
            return Err(self.place(error.hint("give it one, such as .replace(tzinfo=timezone.utc)")));
        }
        let utc = self.keep(pyo3::types::PyTzInfo::utc(py))?;
        let instant = self.keep(instant.call_method1(intern!(py, "astimezone"), (utc,)))?;
        let text: String =
            self.keep(instant.call_method0(intern!(py, "isoformat")).and_then(|t| t.extract()))?;
        Ok(Meaning::Text(text.replace("+00:00", "Z")))
    }

    fn inner(&self, object: Bound<'py, PyAny>) -> Out<Self> {
        self.named(object, self.name.clone())
    }

    fn named(&self, object: Bound<'py, PyAny>, name: Option<Bound<'py, PyString>>) -> Out<Self> {
        match self.depth {
            MAX_DEPTH.. => Err(self.place(invalid(format!("objects nest at most {MAX_DEPTH} deep")))),
            depth => Ok(FromPython { object, name, depth: depth + 1, context: self.context }),
        }
    }

    fn integer<'de, V: Visitor<'de>>(&self, number: &Bound<'py, PyAny>, visitor: V) -> Out<V::Value> {
        match (number.extract::<i64>(), number.extract::<u64>()) {
            (Ok(number), _) => visitor.visit_i64(number),
            (_, Ok(number)) => visitor.visit_u64(number),
            _ => Err(self.place(invalid("an integer has more than 64 bits"))),
        }
    }

    fn list<'de, V: Visitor<'de>>(&self, items: Bound<'py, PyIterator>, visitor: V) -> Out<V::Value> {
        visitor.visit_seq(Items { of: self, items })
    }

    fn map<'de, V: Visitor<'de>>(
        &self,
        entries: Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
        visitor: V,
    ) -> Out<V::Value> {
        visitor.visit_map(Entries { of: self, entries: entries.into_iter(), value: None })
    }

    fn number<'de, V: Visitor<'de>>(self, wanted: &str, visitor: V) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::Integer(number) => self.integer(&number, visitor),
            _ => Err(self.wrong(wanted)),
        }
    }

    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        self.number("a whole number", visitor)
    }

    fn count<'de, V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::Integer(number) => match number.extract::<u64>() {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => Err(self.wrong("a whole number from 0, below 2 to the power of 64")),
            },
            _ => Err(self.wrong("a whole number")),
        }
    }
}

/// Whether an object is of a class of the standard library.
fn is_a(object: &Bound<'_, PyAny>, module: &'static str, class: &'static str) -> PyResult<bool> {
    static ENUM: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = object.py();
    let known = if class == "Enum" { &ENUM } else { &DECIMAL };
    let class = known.get_or_try_init(py, || Ok::<_, PyErr>(py.import(module)?.getattr(class)?.unbind()))?;
    object.is_instance(class.bind(py))
}

macro_rules! by {
    ($($how:ident: $($method:ident)*;)*) => {
        $($(fn $method<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
            self.$how(visitor)
        })*)*
    };
}

impl<'de> Deserializer<'de> for FromPython<'_, '_> {
    type Error = Error;

    by! {
        whole: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64;
        count: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64;
        deserialize_f64: deserialize_f32;
        deserialize_str: deserialize_string deserialize_char deserialize_identifier;
        deserialize_bytes: deserialize_byte_buf;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::Nothing => visitor.visit_unit(),
            Meaning::Boolean(boolean) => visitor.visit_bool(boolean),
            Meaning::Integer(number) => self.integer(&number, visitor),
            Meaning::Float(number) if number.is_finite() => visitor.visit_f64(number),
            Meaning::Float(_) => {
                let error = invalid("a number is infinite or NaN").hint("None says that there is no value");
                Err(self.place(error))
            }
            Meaning::Text(text) => visitor.visit_string(text),
            Meaning::Bytes(_) => Err(self.wrong("a text, which bytes become by .decode()")),
            Meaning::List(items) => self.list(items, visitor),
            Meaning::Map(entries) => self.map(entries, visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::Boolean(boolean) => visitor.visit_bool(boolean),
            _ => Err(self.wrong("True or False")),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::Float(number) => visitor.visit_f64(number),
            Meaning::Integer(number) => visitor.visit_f64(self.keep(number.extract())?),
            _ => Err(self.wrong("a number")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        // Where a text is wanted, a decimal keeps its digits.
        if self.keep(is_a(&self.object, "decimal", "Decimal"))? {
            return visitor.visit_string(self.keep(self.object.str().and_then(|text| text.extract()))?);
        }
        match self.meaning()? {
            Meaning::Text(text) => visitor.visit_string(text),
            _ => Err(self.wrong("a text")),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Meaning::Text(text) => visitor.visit_string(text),
            _ => Err(self.wrong("bytes")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.object.is_none() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.object.is_none() {
            true => visitor.visit_unit(),
            false => Err(self.wrong("None")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Out<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Out<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::List(items) => self.list(items, visitor),
            Meaning::Text(_) => Err(self.wrong("a list").hint("put the text in brackets")),
            _ => Err(self.wrong("a list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Out<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Out<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::Map(entries) => self.map(entries, visitor),
            _ => Err(self.wrong("a dict")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Out<V::Value> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Out<V::Value> {
        match self.meaning()? {
            Meaning::Text(word) => {
                let word: StrDeserializer<'_, Error> = word.as_str().into_deserializer();
                visitor.visit_enum(word).map_err(|error| self.place(error))
            }
            _ => Err(self.wrong("a word")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Out<V::Value> {
        visitor.visit_unit()
    }
}

struct Items<'b, 'a, 'py> {
    of: &'b FromPython<'a, 'py>,
    items: Bound<'py, PyIterator>,
}

impl<'de> SeqAccess<'de> for Items<'_, '_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Out<Option<T::Value>> {
        match self.items.next() {
            None => Ok(None),
            Some(item) => seed.deserialize(self.of.inner(self.of.keep(item)?)?).map(Some),
        }
    }
}

struct Entries<'b, 'a, 'py> {
    of: &'b FromPython<'a, 'py>,
    entries: std::vec::IntoIter<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    value: Option<(Option<Bound<'py, PyString>>, Bound<'py, PyAny>)>,
}

impl<'de> MapAccess<'de> for Entries<'_, '_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Out<Option<K::Value>> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        let name = key.cast::<PyString>().ok().cloned();
        if name.is_none() && !key.is_instance_of::<PyString>() {
            let kind = self.of.keep(key.get_type().name())?.to_string();
            return Err(self.of.place(invalid(format!("a key of a dict is a text, not {kind}"))));
        }
        self.value = Some((name, value));
        seed.deserialize(self.of.inner(key)?).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Out<V::Value> {
        let Some((name, value)) = self.value.take() else {
            return Err(Error::internal("a value was asked for before its key"));
        };
        let value = self.of.named(value, name)?;
        let place = value.clone();
        seed.deserialize(value).map_err(|error| place.place(error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}
