//! Runs `tests/scenarios/*.json`: the contract, the same files in all three languages.
//!
//! A file is a list of scenarios `{name, now?, steps}`; a step is `{op, args?, options?}` with
//! `expect` (what must be in the result; objects may hold more), `count` (the length of a list),
//! or `error` (`{code, hint?}`, `hint` being a part of the text). `$tmp` in any text is the
//! scenario's own folder. A step with `keep` keeps its result by that name, and a later text
//! `$name` or `$name.field` is that result or a part of it. `source` in `args` may be `{"text": ...}` or `{"hex": ...}` for bytes, or
//! `{"messy": [rows, seed]}` for the file that `testing` makes.
//!
//! `twilio.start` starts a Twilio of one's own by the database's clock, with the options of the fake;
//! `comms.dispatch`, `comms.reconcile`, `comms.send_sms` and `privacy.erase_at_provider` go by it. `twilio.callbacks` gives what has fallen due to
//! `comms.receive` and is the list of what came of it; `twilio.inbound` (`[from, body]`) does so with a
//! message from outside, `twilio.forged` with one that somebody changed on its way.

use std::fs;
use std::path::Path;

use leadkit_core::compliance::{LegalHours, classify_reply};
use leadkit_core::model::given::{OperationRef, PlanRef, PlanUndoOptions, PlanUpdateOptions, UndoRunOptions};
use leadkit_core::model::read::from_json;
use leadkit_core::model::report::Page;
use leadkit_core::table::{Source, read_table, sniff_with};
use leadkit_core::template::sms_segments;
use leadkit_core::testing::FakeTwilio;
use leadkit_core::{CustomField, Database, Error, Filter, Values, normalize, schedule, testing};
use serde_json::{Map, Value, json};

#[test]
fn scenarios() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut ran, mut failures) = (0, Vec::new());
    for file in files {
        let scenarios: Vec<Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        for scenario in scenarios {
            ran += 1;
            if let Err(what) = run(&scenario) {
                let file = file.file_name().unwrap().to_string_lossy().into_owned();
                failures.push(format!("{file}: {}: {what}", scenario["name"]));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {ran} scenarios failed:\n{}", failures.len(), failures.join("\n"));
    assert!(ran > 20, "only {ran} scenarios were found");
}

fn run(scenario: &Value) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let now = scenario["now"].as_str().unwrap_or("2026-03-02T09:00:00Z").parse().unwrap();
    let url = folder.path().join("leads.db");
    let mut db = testing::open(url.to_str().unwrap(), now, 1).map_err(|e| e.to_string())?;
    let mut fake = None;
    let mut kept = Map::from_iter([("tmp".to_string(), json!(folder.path().to_str().unwrap()))]);
    for (number, step) in scenario["steps"].as_array().unwrap().iter().enumerate() {
        let step = fill(step, &kept);
        let at = |what: String| format!("step {} ({}): {what}", number + 1, step["op"]);
        match (call(&mut db, &mut fake, &step, now), step.get("error")) {
            (Ok(result), None) => {
                check(&step, &result).map_err(at)?;
                if let Some(name) = step["keep"].as_str() {
                    kept.insert(name.to_string(), result);
                }
            }
            (Ok(result), Some(_)) => return Err(at(format!("no error but {result}"))),
            (Err(error), None) => return Err(at(format!("{}: {error}", error.code()))),
            (Err(error), Some(wanted)) => check_error(wanted, &error).map_err(at)?,
        }
    }
    Ok(())
}

fn call(
    db: &mut Database,
    fake: &mut Option<FakeTwilio>,
    step: &Value,
    now: leadkit_core::Timestamp,
) -> leadkit_core::Result<Value> {
    let args = step["args"].as_array().cloned().unwrap_or_default();
    let arg = |i: usize| args.get(i).cloned().unwrap_or(Value::Null);
    let text = |i: usize| arg(i).as_str().unwrap_or_default().to_string();
    let id = |i: usize| arg(i).as_i64().unwrap_or(-1);
    let options = step.get("options").cloned().unwrap_or_else(|| json!({}));
    let filter = |i: usize| Filter::from_json(arg(i));
    Ok(match step["op"].as_str().unwrap() {
        "normalize_phone" => to_json(&normalize::normalize_phone(&text(0), arg(1).as_str())),
        "normalize_email" => to_json(&normalize::normalize_email(&text(0))),
        "normalize_company" => to_json(&normalize::normalize_company(&text(0), arg(1).as_str())),
        "normalize_person" => to_json(&normalize::normalize_person(&text(0))),
        "normalize_country" => to_json(&normalize::normalize_country(&text(0))),
        "phone_time_zones" => json!(normalize::phone_time_zones(&text(0))),
        "sms_segments" => to_json(&sms_segments(&text(0), arg(1).as_bool().unwrap_or_default())),
        "next_occurrences" => {
            to_json(&schedule::next_occurrences(&from_json(arg(0))?, &from_json(options)?)?)
        }
        "due_occurrences" => {
            let (after, until) = (text(1).parse()?, text(2).parse()?);
            to_json(&schedule::due_occurrences(&from_json(arg(0))?, after, until, arg(3).as_str())?)
        }
        "sniff" => to_json(&sniff_with(source(arg(0)), &from_json(options)?)?),
        "read_table" => {
            let table = read_table(source(arg(0)), &from_json(options)?)?;
            let header = table.header().to_vec();
            let rows = table.collect::<leadkit_core::Result<Vec<_>>>()?;
            json!({ "header": header, "rows": rows })
        }
        "open" => {
            *db = testing::open_with(&text(0), from_json(options)?, now, 1)?;
            Value::Null
        }
        "close" => {
            db.close();
            Value::Null
        }
        "as_actor" => {
            *db = db.as_actor_with(text(0), from_json(options)?);
            Value::Null
        }
        "advance" => {
            testing::advance(db, arg(0).as_f64().unwrap());
            Value::Null
        }
        "import_leads" => to_json(&db.import_leads(source(arg(0)), from_json(options)?)?),
        "preview_import" => to_json(&db.preview_import(source(arg(0)), from_json(options)?)?),
        "export_leads" => to_json(&db.export_leads(text(0), from_json(options)?)?),
        "leads.add" => to_json(&db.leads().add(values(arg(0)))?),
        "leads.update" => to_json(&db.leads().update(id(0), values(arg(1)))?),
        "leads.get" => to_json(&db.leads().get(id(0))?),
        "leads.first" => to_json(&db.leads().first(&filter(0)?, from_json(options)?)?),
        "leads.find" => page(db.leads().find(&filter(0)?, from_json(options)?)?),
        "leads.iterate" => {
            let leads = db.leads().iterate(&filter(0)?, from_json(options)?)?;
            to_json(&leads.collect::<leadkit_core::Result<Vec<_>>>()?)
        }
        "leads.count" => json!(db.leads().count(&filter(0)?)?),
        "leads.explain" => to_json(&db.leads().explain(id(0), &from_json(options)?)?),
        "leads.history" => to_json(&db.leads().history(id(0))?),
        "fields.define" => to_json(&db.fields().define(from_json::<CustomField>(arg(0))?)?),
        "fields.list" => to_json(&db.fields().list()?),
        "fields.archive" => to_json(&db.fields().archive(&text(0))?),
        "audit.entries" => page(db.audit().entries(from_json(options)?)?),
        "audit.verify" => to_json(&db.audit().verify(from_json(options)?)?),
        "audit.checkpoint" => to_json(&db.audit().checkpoint()?),
        "operations.list" => page(db.operations().list(from_json(options)?)?),
        "operations.undo" => {
            let OperationRef(id) = from_json(arg(0))?;
            let (undo, options) = from_json::<UndoRunOptions>(options)?.split();
            to_json(&db.operations().undo(id, undo, options)?)
        }
        "operations.resume" => to_json(&db.operations().resume(id(0), from_json(options)?)?),
        "operations.cancel" => to_json(&db.operations().cancel(id(0))?),
        "operations.conflicts" => page(db.operations().conflicts(id(0), from_json(options)?)?),
        "operations.prune" => json!(db.operations().prune(arg(0).as_f64().unwrap())?),
        "bulk.plan_update" => {
            let (update, options) = from_json::<PlanUpdateOptions>(options)?.split();
            to_json(&db.bulk().plan_update(&filter(0)?, update, options)?)
        }
        "bulk.plan_delete" => to_json(&db.bulk().plan_delete(&filter(0)?, from_json(options)?)?),
        "bulk.plan_assign" => {
            to_json(&db.bulk().plan_assign(&filter(0)?, from_json(arg(1))?, from_json(options)?)?)
        }
        "bulk.plan_status" => to_json(&db.bulk().plan_status(&filter(0)?, &text(1), from_json(options)?)?),
        "bulk.plan_merge" => to_json(&db.bulk().plan_merge(from_json(arg(0))?, from_json(options)?)?),
        "bulk.plan_purge" => to_json(&db.bulk().plan_purge(&filter(0)?, from_json(options)?)?),
        "bulk.plan_undo" => {
            let OperationRef(id) = from_json(arg(0))?;
            let (undo, options) = from_json::<PlanUndoOptions>(options)?.split();
            to_json(&db.bulk().plan_undo(id, undo, options)?)
        }
        "bulk.plan_of" => to_json(&db.bulk().plan_of(&text(0))?),
        "bulk.run" => {
            let PlanRef(token) = from_json(arg(0))?;
            to_json(&db.bulk().run(&token, from_json(options)?)?)
        }
        "statuses.list" => to_json(&db.statuses().list()?),
        "statuses.define" => to_json(&db.statuses().define(from_json(arg(0))?)?),
        "comms.queue_sms" => to_json(&db.comms().queue_sms(id(0), &from_json(options)?)?),
        "comms.plan_sms" => to_json(&db.comms().plan_sms(&filter(0)?, &from_json(options)?)?),
        "comms.send_sms" => {
            let twilio = started(fake).twilio()?;
            to_json(&db.comms().send_sms(id(0), &from_json(options)?, &twilio)?)
        }
        "comms.queue_call" => to_json(&db.comms().queue_call(id(0), &from_json(options)?)?),
        "comms.requeue" => to_json(&db.comms().requeue(id(0))?),
        "comms.reschedule" => to_json(&db.comms().reschedule(id(0), from_json(arg(1))?)?),
        "comms.pause" => to_json(&db.comms().pause(&text(0))?),
        "comms.resume" => to_json(&db.comms().resume(&text(0))?),
        "comms.drain" => json!(db.comms().drain(arg(0).as_f64().unwrap())?),
        "comms.costs" => to_json(&db.comms().costs(&from_json(options)?)?),
        "comms.cancel" => to_json(&db.comms().cancel(id(0))?),
        "comms.get" => to_json(&db.comms().get(id(0))?),
        "comms.log" => to_json(&db.comms().log(id(0), from_json(arg(1))?, &from_json(options)?)?),
        "comms.import_log" => to_json(&db.comms().import_log(source(arg(0)), from_json(options)?)?),
        "comms.export" => to_json(&db.comms().export(text(0), from_json(options)?)?),
        "comms.stats" => to_json(&db.comms().stats(&from_json(options)?)?),
        "comms.compare" => to_json(&db.comms().compare(&from_json(options)?)?),
        "comms.funnel" => to_json(&db.comms().funnel(&from_json(options)?)?),
        "comms.cohorts" => to_json(&db.comms().cohorts(&from_json(options)?)?),
        "comms.check_stats" => to_json(&db.comms().check_stats(&from_json(options)?)?),
        "comms.stats_report" => to_json(&db.comms().stats_report(&from_json(options)?)?),
        "comms.timeline" => page(db.comms().timeline(id(0), &from_json(options)?)?),
        "comms.search" => to_json(&db.comms().search(&from_json(options)?)?),
        "comms.list" => page(db.comms().list(from_json(options)?)?),
        "twilio.start" => {
            *fake = Some(FakeTwilio::start_for(Some(db), from_json(options)?)?);
            Value::Null
        }
        "twilio.fate" => {
            started(fake).fate(&text(0), from_json(arg(1))?);
            Value::Null
        }
        "twilio.fault" => {
            started(fake).fault(from_json(arg(0))?);
            Value::Null
        }
        "twilio.accepted" => json!(started(fake).accepted(&text(0), &text(1))),
        "twilio.callbacks" => {
            let (fake, mut all) = (started(fake), Vec::new());
            for request in fake.callbacks() {
                all.push(to_json(&db.comms().receive(&fake.twilio()?, &request)?));
            }
            json!(all)
        }
        "twilio.inbound" | "twilio.forged" => {
            let fake = started(fake);
            let mut request = fake.inbound(&text(0), FakeTwilio::NUMBER, &text(1), "https://x.example/in")?;
            if step["op"] == "twilio.forged" {
                request.body.extend_from_slice(b"&Body=START");
            }
            to_json(&db.comms().receive(&fake.twilio()?, &request)?)
        }
        "comms.dispatch" => to_json(&db.comms().dispatch(&started(fake).twilio()?, &from_json(options)?)?),
        "comms.reconcile" => to_json(&db.comms().reconcile(&started(fake).twilio()?)?),
        "comms.receive_event" => to_json(&db.comms().receive_event(&from_json(arg(0))?, arg(1).as_str())?),
        "classify_reply" => to_json(&classify_reply(&text(0))),
        "legal_hours.decide" => {
            to_json(&LegalHours::built_in().decide(&from_json(options)?, from_json(arg(0))?)?)
        }
        "comms.events" => to_json(&db.comms().events(id(0))?),
        "consent.record" => {
            to_json(&db.consent().record(from_json(arg(0))?, &text(1), from_json(options)?)?)
        }
        "consent.status" => to_json(&db.consent().status(&from_json(options)?)?),
        "consent.export_suppressions" => json!(db.consent().export_suppressions(text(0))?),
        "consent.apply_suppressions" => json!(db.consent().apply_suppressions(text(0))?),
        "consent.history" => page(db.consent().history(from_json(options)?)?),
        "privacy.export_person" => to_json(&db.privacy().export_person(&from_json(options)?)?),
        "privacy.erase_person" => {
            to_json(&db.privacy().erase_person(&text(0), &from_json(options)?, None)?)
        }
        "privacy.erase_at_provider" => {
            let twilio = started(fake).twilio()?;
            to_json(&db.privacy().erase_person(&text(0), &from_json(options)?, Some(&twilio))?)
        }
        "privacy.erasures" => page(db.privacy().erasures(from_json(options)?)?),
        "privacy.hold" => to_json(&db.privacy().hold(&text(0), &from_json(options)?)?),
        "privacy.release" => json!(db.privacy().release(&from_json(options)?)?),
        "privacy.holds" => to_json(&db.privacy().holds()?),
        "privacy.apply_retention" => to_json(&db.privacy().apply_retention(&from_json(options)?)?),
        "privacy.compact" => {
            db.privacy().compact()?;
            Value::Null
        }
        "automations.save" => {
            to_json(&db.automations().save(&text(0), &from_json(arg(1))?, from_json(options)?)?)
        }
        "automations.get" => to_json(&db.automations().get(&text(0))?),
        "automations.list" => to_json(&db.automations().list()?),
        "automations.enable" => to_json(&db.automations().enable(&text(0))?),
        "automations.disable" => to_json(&db.automations().disable(&text(0))?),
        "automations.runs" => page(db.automations().runs(&from_json(options)?)?),
        "automations.cancel" => json!(db.automations().cancel(&text(0), arg(1).as_i64())?),
        "automations.rehearse" => {
            to_json(&db.automations().rehearse(&from_json(arg(0))?, &from_json(options)?)?)
        }
        "automations.picture" => json!(db.automations().picture(&text(0))?),
        "automations.events" => to_json(&db.automations().events(&from_json(options)?)?),
        "automations.acknowledge" => json!(db.automations().acknowledge(id(0))?),
        "schedules.save" => to_json(&db.schedules().save(&text(0), &from_json(arg(1))?)?),
        "schedules.get" => to_json(&db.schedules().get(&text(0))?),
        "schedules.list" => to_json(&db.schedules().list()?),
        "schedules.pause" => to_json(&db.schedules().pause(&text(0))?),
        "schedules.resume" => to_json(&db.schedules().resume(&text(0))?),
        "tick" => {
            // With the fake, once there is one.
            let twilio = fake.as_ref().map(FakeTwilio::twilio).transpose()?;
            let transport = twilio.as_ref().map(|twilio| twilio as &dyn leadkit_core::Transport);
            to_json(&db.tick(transport, &from_json(options)?)?)
        }
        "settings.get" => to_json(&db.settings().get()?),
        "settings.set" => to_json(&db.settings().set(&from_json(options)?)?),
        "templates.save" => to_json(&db.templates().save(&text(0), &text(1), from_json(options)?)?),
        "templates.get" => to_json(&db.templates().get(&text(0), from_json(options)?)?),
        "templates.list" => to_json(&db.templates().list()?),
        "templates.render" => to_json(&db.templates().render(&text(0), &from_json(options)?)?),
        "templates.archive" => to_json(&db.templates().archive(&text(0))?),
        "leads.restore" => to_json(&db.leads().restore(id(0))?),
        "health" => to_json(&db.health(from_json(options)?)?),
        "backup" => to_json(&db.backup(text(0))?),
        "copy_to" => to_json(&db.copy_to(&text(0), from_json(options)?)?),
        "operations.get" => to_json(&db.operations().get(id(0))?),
        "write_file" => {
            fs::write(text(0), text(1)).unwrap();
            Value::Null
        }
        "read_file" => json!(fs::read_to_string(text(0)).unwrap()),
        unknown => panic!("there is no op {unknown}"),
    })
}

fn started(fake: &Option<FakeTwilio>) -> &FakeTwilio {
    fake.as_ref().expect("a step `twilio.start` comes first")
}

fn source(value: Value) -> Source {
    if let Some([rows, seed]) = value["messy"].as_array().map(Vec::as_slice) {
        return Source::from(testing::messy_csv(rows.as_u64().unwrap(), seed.as_u64().unwrap()));
    }
    match (&value["text"], &value["hex"]) {
        (Value::String(text), _) => Source::from(text.clone().into_bytes()),
        (_, Value::String(hex)) => {
            let digits = hex.as_bytes().chunks(2).map(|d| std::str::from_utf8(d).unwrap());
            Source::from(digits.map(|d| u8::from_str_radix(d, 16).unwrap()).collect::<Vec<u8>>())
        }
        _ => Source::from(value.as_str().unwrap_or_default()),
    }
}

fn values(value: Value) -> Values {
    Values(value.as_object().cloned().unwrap_or_default().into_iter().collect())
}

fn to_json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn page<T: serde::Serialize>(page: Page<T>) -> Value {
    to_json(&page)
}

fn fill(value: &Value, kept: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => {
            let mut path = text.strip_prefix('$').unwrap_or_default().split('.');
            match path.next().and_then(|name| kept.get(name)) {
                Some(value) if !text.contains('/') => path.fold(value, |value, part| &value[part]).clone(),
                _ => Value::from(text.replace("$tmp", kept["tmp"].as_str().unwrap())),
            }
        }
        Value::Array(list) => list.iter().map(|v| fill(v, kept)).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), fill(v, kept))).collect(),
        other => other.clone(),
    }
}

fn check(step: &Value, result: &Value) -> Result<(), String> {
    if let Some(count) = step.get("count") {
        let length = result.as_array().or(result["items"].as_array()).map(|list| list.len() as u64);
        if length != count.as_u64() {
            return Err(format!("{length:?} results, not {count}"));
        }
    }
    match step.get("expect") {
        Some(expected) => holds(expected, result, "result"),
        None => Ok(()),
    }
}

/// Whether all that is expected is there; objects may hold more, lists may not.
fn holds(expected: &Value, actual: &Value, at: &str) -> Result<(), String> {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => expected.iter().try_for_each(|(key, value)| {
            holds(value, actual.get(key).unwrap_or(&Value::Null), &format!("{at}.{key}"))
        }),
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => expected
            .iter()
            .zip(actual)
            .enumerate()
            .try_for_each(|(i, (e, a))| holds(e, a, &format!("{at}[{i}]"))),
        (Value::Number(expected), Value::Number(actual)) if expected.as_f64() == actual.as_f64() => Ok(()),
        (expected, actual) if expected == actual => Ok(()),
        (expected, actual) => Err(format!("{at} is {actual}, not {expected}")),
    }
}

fn check_error(wanted: &Value, error: &Error) -> Result<(), String> {
    if wanted["code"] != error.code() {
        return Err(format!("the error is {} ({error}), not {}", error.code(), wanted["code"]));
    }
    match wanted["hint"].as_str() {
        Some(part) if !error.to_string().contains(part) => Err(format!("`{error}` does not say `{part}`")),
        _ => Ok(()),
    }
}
