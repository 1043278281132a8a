//! A JavaScript value as an owned tree: read and written on the JS thread, built on any other.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ptr;

use leadkit_core::Timestamp;
use napi::bindgen_prelude::{
    BigInt, FromNapiValue, Function, JsObjectValue, Object, ToNapiValue, TypeName, Uint8Array, Unknown,
    ValidateNapiValue,
};
use napi::{
    Env, JsDate, JsValue, KeyCollectionMode, KeyConversion, KeyFilter, Result, ValueType, check_status, sys,
};

use crate::url::file_path;

/// What crosses the border.
#[derive(Clone, Debug)]
pub enum Js {
    Undefined,
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(Cow<'static, str>),
    /// Milliseconds since the epoch; only on the way out, a `Date` that comes in is RFC 3339 text.
    Date(f64),
    /// Only on the way in.
    Bytes(Vec<u8>),
    List(Vec<Js>),
    Map(Vec<(Cow<'static, str>, Js)>),
    /// Something that cannot cross, and why.
    Unusable(&'static str),
}

const DEPTH: usize = 100;
/// 2^53 - 1, `Number.MAX_SAFE_INTEGER`.
const SAFE: f64 = 9_007_199_254_740_991.0;

impl From<String> for Js {
    fn from(text: String) -> Js {
        Js::Text(text.into())
    }
}

impl TypeName for Js {
    fn type_name() -> &'static str {
        "any"
    }

    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl ValidateNapiValue for Js {}

impl FromNapiValue for Js {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Js> {
        let unknown = unsafe { Unknown::from_napi_value(env, value)? };
        read(&Env::from_raw(env), unknown, 0)
    }
}

impl ToNapiValue for Js {
    unsafe fn to_napi_value(env: sys::napi_env, value: Js) -> Result<sys::napi_value> {
        unsafe { write(env, value, &mut HashMap::new()) }
    }
}

fn read(env: &Env, value: Unknown<'_>, depth: usize) -> Result<Js> {
    // Each cast follows the type that `get_type` names.
    Ok(match value.get_type()? {
        ValueType::Undefined => Js::Undefined,
        ValueType::Null => Js::Null,
        ValueType::Boolean => Js::Bool(unsafe { value.cast()? }),
        ValueType::Number => number(unsafe { value.cast()? }),
        ValueType::String => Js::Text(Cow::Owned(unsafe { value.cast()? })),
        ValueType::BigInt => big(&unsafe { value.cast()? }),
        ValueType::Object if depth < DEPTH => object(env, value, depth)?,
        ValueType::Object => Js::Unusable("an object nested too deeply, or in a circle"),
        ValueType::Function => Js::Unusable("a function is no value here"),
        ValueType::Symbol => Js::Unusable("a symbol is no value here"),
        _ => Js::Unusable("this object is no value here"),
    })
}

fn number(number: f64) -> Js {
    if number.fract() == 0.0 && number.abs() <= SAFE { Js::Int(number as i128) } else { Js::Float(number) }
}

fn big(big: &BigInt) -> Js {
    match big.words.as_slice() {
        [] => Js::Int(0),
        [word] => Js::Int(if big.sign_bit { -i128::from(*word) } else { i128::from(*word) }),
        _ => Js::Unusable("this BigInt is larger than 64 bits"),
    }
}

fn object(env: &Env, value: Unknown<'_>, depth: usize) -> Result<Js> {
    if value.is_array()? {
        let list: Object = unsafe { value.cast()? };
        let mut items = Vec::new();
        for index in 0..list.get_array_length()? {
            items.push(read(env, list.get_element(index)?, depth + 1)?);
        }
        return Ok(Js::List(items));
    }
    if value.is_date()? {
        let date: JsDate = unsafe { value.cast()? };
        let millis = date.value_of()?;
        return Ok(match millis.is_nan() {
            true => Js::Unusable("an invalid Date"),
            false => Js::from(Timestamp(millis as i64).to_string()),
        });
    }
    if value.is_typedarray()? || value.is_arraybuffer()? || value.is_dataview()? {
        return bytes(env, value);
    }
    if value.is_promise()? {
        return Ok(Js::Unusable("a Promise; await it first"));
    }
    let object: Object = unsafe { value.cast()? };
    if is_a(env, &object, "URL")? {
        return Ok(file_path(&object.get_named_property::<String>("href")?));
    }
    if is_a(env, &object, "Map")? || is_a(env, &object, "Set")? {
        return Ok(Js::Unusable("a Map or Set; give a plain object or an array"));
    }
    let names = object.get_all_property_names(
        KeyCollectionMode::OwnOnly,
        KeyFilter::Enumerable,
        KeyConversion::NumbersToStrings,
    )?;
    let mut entries = Vec::new();
    for index in 0..names.get_array_length()? {
        let name: Unknown<'_> = names.get_element(index)?;
        if name.get_type()? != ValueType::String {
            continue;
        }
        match read(env, object.get_property_unchecked(name)?, depth + 1)? {
            // `{ limit: undefined }` says nothing.
            Js::Undefined => {}
            value => entries.push((Cow::Owned(unsafe { name.cast()? }), value)),
        }
    }
    Ok(Js::Map(entries))
}

/// The glue hands over a `Uint8Array`, whatever the caller had; other views are no values. Asked by
/// type and not by class, which is another one in each realm.
fn bytes(env: &Env, value: Unknown<'_>) -> Result<Js> {
    let mut kind = -1;
    let none = ptr::null_mut();
    let status = unsafe {
        let null = ptr::null_mut();
        sys::napi_get_typedarray_info(env.raw(), value.raw(), &mut kind, none, null, null.cast(), none)
    };
    if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
        return Ok(Js::Unusable("a buffer is no value here"));
    }
    let array: Uint8Array = unsafe { value.cast()? };
    Ok(Js::Bytes(array.to_vec()))
}

fn is_a(env: &Env, object: &Object<'_>, class: &str) -> Result<bool> {
    let class: Function<'_, Unknown<'_>, Unknown<'_>> = env.get_global()?.get_named_property(class)?;
    object.instanceof(class)
}

/// Writes a tree; names of properties are made once for all rows of a list.
unsafe fn write(
    env: sys::napi_env,
    value: Js,
    names: &mut HashMap<Cow<'static, str>, sys::napi_value>,
) -> Result<sys::napi_value> {
    let mut out = ptr::null_mut();
    unsafe {
        match value {
            Js::Undefined | Js::Unusable(_) => check_status!(sys::napi_get_undefined(env, &mut out))?,
            Js::Null => check_status!(sys::napi_get_null(env, &mut out))?,
            Js::Bool(value) => check_status!(sys::napi_get_boolean(env, value, &mut out))?,
            Js::Int(value) => check_status!(sys::napi_create_double(env, value as f64, &mut out))?,
            Js::Float(value) => check_status!(sys::napi_create_double(env, value, &mut out))?,
            Js::Text(text) => out = string(env, &text)?,
            Js::Date(millis) => check_status!(sys::napi_create_date(env, millis, &mut out))?,
            Js::Bytes(bytes) => out = Uint8Array::to_napi_value(env, bytes.into())?,
            Js::List(items) => {
                check_status!(sys::napi_create_array_with_length(env, items.len(), &mut out))?;
                for (index, item) in items.into_iter().enumerate() {
                    let item = write(env, item, names)?;
                    check_status!(sys::napi_set_element(env, out, index as u32, item))?;
                }
            }
            Js::Map(entries) => {
                check_status!(sys::napi_create_object(env, &mut out))?;
                for (name, value) in entries {
                    let value = write(env, value, names)?;
                    let name = match names.get(&name) {
                        Some(made) => *made,
                        None => {
                            let made = string(env, &name)?;
                            names.insert(name, made);
                            made
                        }
                    };
                    check_status!(sys::napi_set_property(env, out, name, value))?;
                }
            }
        }
    }
    Ok(out)
}

unsafe fn string(env: sys::napi_env, text: &str) -> Result<sys::napi_value> {
    let mut out = ptr::null_mut();
    let length = text.len() as isize;
    check_status!(unsafe { sys::napi_create_string_utf8(env, text.as_ptr().cast(), length, &mut out) })?;
    Ok(out)
}
