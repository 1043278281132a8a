//! `first_name` and `firstName`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The name of a property.
pub fn camel(snake: &str) -> Cow<'_, str> {
    if !snake.contains('_') {
        return Cow::Borrowed(snake);
    }
    let mut out = String::with_capacity(snake.len());
    let mut parts = snake.split('_');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let mut letters = part.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    Cow::Owned(out)
}

/// The core's name of a property.
pub fn snake(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 4);
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// The properties of a struct and those that the glue adds, as static as serde's errors want them:
/// made once for each struct.
pub fn camel_all(fields: &'static [&'static str], more: &'static [&'static str]) -> &'static [&'static str] {
    type Made = HashMap<(usize, usize, usize), &'static [&'static str]>;
    static MADE: Mutex<Option<Made>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (fields.as_ptr() as usize, fields.len(), more.len());
    made.get_or_insert_default().entry(key).or_insert_with(|| {
        let names = fields.iter().map(|field| match camel(field) {
            Cow::Borrowed(name) => name,
            Cow::Owned(name) => &*name.leak(),
        });
        names.chain(more.iter().copied()).collect::<Vec<_>>().leak()
    })
}
