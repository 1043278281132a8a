//! The Node binding of leadkit. It translates; `leadkit-core` decides. The classes that users see,
//! and their documentation, are in `index.cjs` and `index.d.ts`.
#![allow(missing_docs, reason = "index.d.ts documents what users see")]

mod audit;
mod automations;
mod bulk;
mod call;
mod case;
mod comms;
mod compliance;
mod database;
mod de;
mod document;
mod fake_twilio;
mod js;
mod privacy;
mod ser;
mod stats;
mod transport;
mod twilio;
mod url;

pub use compliance::{classify_reply, legal_hours};
pub use fake_twilio::fake_twilio;
pub use transport::transport_methods;
pub use twilio::{twilio, verify_twilio_request};

use leadkit_core::schedule::{self, Schedule};
use leadkit_core::table::{FormatOptions, read_table as read_rows, sniff_with};
use leadkit_core::{OpenOptions, normalize, template, testing};
use napi_derive::napi;
use serde::Serialize;

use call::{Answer, Call, Listener, Reply, long, now, short};
use database::{Db, Rows};
use de::{read, read_optional, read_options};
use js::Js;
use ser::to_js;

#[napi]
pub fn open(url: Js, options: Js, listener: Listener<'_>) -> Answer {
    short(listener, || {
        let url: String = read(url, "url")?;
        let options: OpenOptions = read_options(options, &[])?;
        Ok(move || Ok(Reply::Db(Db(leadkit_core::open_with(&url, options)?))))
    })
}

#[napi]
pub fn testing_open(url: Js, now: Js, seed: Js, options: Js, listener: Listener<'_>) -> Answer {
    short(listener, || {
        let url: String = read(url, "url")?;
        let now = read(now, "now")?;
        let seed: u64 = read_optional(seed, "seed")?.unwrap_or_default();
        let options: OpenOptions = read_options(options, &["now", "seed"])?;
        Ok(move || Ok(Reply::Db(Db(testing::open_with(&url, options, now, seed)?))))
    })
}

#[napi]
pub fn messy_csv(rows: Js, seed: Js) -> Answer {
    now(|| {
        let seed: Option<u64> = read_optional(seed, "seed")?;
        Ok(Reply::Data(Js::Bytes(testing::messy_csv(read(rows, "rows")?, seed.unwrap_or_default()))))
    })
}

/// Panics, for the test that no panic crosses: on the JS thread, on the pool, or on the thread of a
/// long call.
#[napi(js_name = "_panic")]
pub fn panic(place: String, listener: Listener<'_>) -> Answer {
    #[allow(clippy::panic, reason = "that is what it is for")]
    fn fall<T>() -> leadkit_core::Result<T> {
        std::panic::panic_any("for a test")
    }
    match place.as_str() {
        "now" => now(fall),
        "arguments" => short(listener, fall::<fn() -> leadkit_core::Result<Reply>>),
        "pool" => short(listener, || Ok(fall::<Reply>)),
        _ => long(listener, |_| Ok(fall::<Reply>)),
    }
}

#[napi]
pub fn sniff(call: &Call, source: Js, name: Option<String>, format: Js, listener: Listener<'_>) -> Answer {
    long(listener, |events| {
        let source = call.source(source, name, events)?;
        let format: FormatOptions = read_options(format, &[])?;
        Ok(move || Reply::data(&sniff_with(source, &format)?))
    })
}

#[derive(Serialize)]
struct TableHead<'a, F> {
    header: &'a [String],
    format: &'a F,
}

#[napi]
pub fn read_table(
    call: &Call,
    source: Js,
    name: Option<String>,
    format: Js,
    listener: Listener<'_>,
) -> Answer {
    long(listener, |events| {
        let source = call.source(source, name, events)?;
        let format: FormatOptions = read_options(format, &[])?;
        Ok(move || {
            let table = read_rows(source, &format)?;
            let head = to_js(&TableHead { header: table.header(), format: table.format() })?;
            Ok(Reply::Rows(head, Rows::new(table)))
        })
    })
}

#[napi]
pub fn normalize_phone(text: Js, default_country: Js) -> Answer {
    now(|| {
        let text: String = read(text, "text")?;
        let country: Option<String> = read_optional(default_country, "default_country")?;
        Reply::data(&normalize::normalize_phone(&text, country.as_deref()))
    })
}

#[napi]
pub fn normalize_email(text: Js) -> Answer {
    now(|| Reply::data(&normalize::normalize_email(&read::<String>(text, "text")?)))
}

#[napi]
pub fn normalize_company(text: Js, country: Js) -> Answer {
    now(|| {
        let text: String = read(text, "text")?;
        let country: Option<String> = read_optional(country, "country")?;
        Reply::data(&normalize::normalize_company(&text, country.as_deref()))
    })
}

#[napi]
pub fn normalize_person(text: Js) -> Answer {
    now(|| Reply::data(&normalize::normalize_person(&read::<String>(text, "text")?)))
}

#[napi]
pub fn normalize_country(text: Js) -> Answer {
    now(|| Reply::data(&normalize::normalize_country(&read::<String>(text, "text")?)))
}

#[napi]
pub fn phone_time_zones(e164: Js) -> Answer {
    now(|| Reply::data(&normalize::phone_time_zones(&read::<String>(e164, "e164")?)))
}

#[napi]
pub fn next_occurrences(schedule: Js, options: Js) -> Answer {
    now(|| {
        let schedule: Schedule = read(schedule, "schedule")?;
        Reply::data(&schedule::next_occurrences(&schedule, &read_options(options, &[])?)?)
    })
}

#[napi]
pub fn due_occurrences(schedule: Js, after: Js, until: Js, zone: Js) -> Answer {
    now(|| {
        let schedule: Schedule = read(schedule, "schedule")?;
        let (after, until) = (read(after, "after")?, read(until, "now")?);
        let zone: Option<String> = read_optional(zone, "zone")?;
        Reply::data(&schedule::due_occurrences(&schedule, after, until, zone.as_deref())?)
    })
}

#[napi]
pub fn sms_segments(text: Js, smart_encoding: Js) -> Answer {
    now(|| {
        let text: String = read(text, "text")?;
        let smart: Option<bool> = read_optional(smart_encoding, "smart_encoding")?;
        Reply::data(&template::sms_segments(&text, smart.unwrap_or_default()))
    })
}
