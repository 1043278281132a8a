//! What is in is found again: filters against a plain evaluation of their meaning, orders and
//! pages, single leads, and the same bytes from the same inputs.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use leadkit_core::model::field::{CustomField, FieldKind};
use leadkit_core::model::options::MatchKey;
use leadkit_core::text::fold;
use leadkit_core::{Database, Filter, FindOptions, ImportOptions, Lead, OpenOptions, open, testing};
use leadkit_tests::*;
use serde_json::{Map, Value, json};

const TEXTS: [&str; 9] = [
    "first_name",
    "last_name",
    "company",
    "email",
    "city",
    "status",
    "notes",
    "custom.remark",
    "custom.plan",
];
const NUMBERS: [&str; 4] = ["score", "custom.seats", "id", "rev"];
const LISTS: [&str; 3] = ["tags", "emails", "phones"];
const NAMES: [&str; 14] = [
    "Müller",
    "MULLER",
    "mueller",
    "Muller ",
    "Mül ler",
    "Groß",
    "GROSS",
    "O'Neill",
    "O’Neill",
    "Łódź",
    "lodz",
    "%",
    "_a",
    "ﬁrma",
];

/// A database of leads with every kind of field, many of them empty.
fn filled(dice: &mut Dice, count: usize) -> Database {
    let db = testing::open(":memory:", now(), 1).unwrap();
    for field in [
        CustomField::new("remark", FieldKind::Text),
        CustomField::new("plan", FieldKind::Choice).choices(["Free", "Pro", "Größe L"]),
        CustomField::new("seats", FieldKind::Number),
        CustomField::new("trial", FieldKind::Boolean),
        CustomField::new("renewal", FieldKind::Date),
    ] {
        db.fields().define(field).unwrap();
    }
    for n in 0..count {
        let mut values = Map::new();
        values.insert("external_id".into(), json!(format!("X{n}")));
        let mut put = |dice: &mut Dice, name: &str, value: Value| {
            if !dice.one_in(3) {
                values.insert(name.into(), value);
            }
        };
        for name in ["last_name", "company", "city", "custom.remark"] {
            // A company is words.
            let text = if name == "company" { dice.pick(&NAMES[..11]) } else { dice.pick(&NAMES) };
            put(dice, name, json!(text));
        }
        let first = dice.pick(&["Ada", "Ádá", "bob", "Zoë"]);
        put(dice, "first_name", json!(first));
        put(dice, "email", json!(format!("p{n}@Lovelace.org")));
        let status = dice.pick(&["new", "New", "contacted", "in Prüfung"]);
        put(dice, "status", json!(status));
        let notes = dice.pick(&["two\nlines", "Müller rief an", "a%b_c"]);
        put(dice, "notes", json!(notes));
        let plan = dice.pick(&["Free", "Pro", "Größe L"]);
        put(dice, "custom.plan", json!(plan));
        let country = dice.pick(&["DE", "AT", "us"]);
        put(dice, "country", json!(country));
        let phone = dice.pick(&["+49 30 901820", "+1 212 736 5000"]);
        put(dice, "phone", json!(phone));
        let number = random_number(dice);
        put(dice, "score", number);
        let number = random_number(dice);
        put(dice, "custom.seats", number);
        let flag = dice.one_in(2);
        put(dice, "custom.trial", json!(flag));
        let day = format!("2026-0{}-1{}", 1 + dice.below(4), dice.below(3));
        put(dice, "custom.renewal", json!(day));
        let tags: Vec<&str> =
            (0..1 + dice.below(3)).map(|_| dice.pick(&["vip", "VIP", "Größe", "fair"])).collect();
        put(dice, "tags", json!(tags));
        put(dice, "emails", json!([format!("q{n}@lovelace.org"), format!("r{n}@lovelace.org")]));
        put(dice, "phones", json!(["+49 30 901821"]));
        let created = format!("2026-0{}-01T0{}:00:00Z", 1 + dice.below(3), dice.below(5));
        put(dice, "created_at", json!(created));
        testing::advance(&db, 3_600.0 * dice.below(5) as f64);
        db.leads().add(leadkit_core::Values(values.into_iter().collect())).unwrap();
    }
    db
}

fn random_number(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!(dice.below(5)),
        1 => json!(dice.below(5) as f64 / 10.0 - 0.2),
        // Numbers whose decimal text is long.
        2 => json!(dice.below(1_000_000) as f64 / 7.0e5),
        _ => json!(0.1 + 0.2),
    }
}

/// What a filter means, told once more and as plainly as possible.
fn holds(filter: &Value, lead: &Lead, now: i64) -> bool {
    filter.as_object().unwrap().iter().all(|(key, value)| match key.as_str() {
        "and" => value.as_array().unwrap().iter().all(|f| holds(f, lead, now)),
        "or" => value.as_array().unwrap().iter().any(|f| holds(f, lead, now)),
        "not" => !holds(value, lead, now),
        "all" => true,
        field => match value {
            Value::Object(tests) if !tests.contains_key("ago") => {
                tests.iter().all(|(op, operand)| passes(field, op, operand, lead, now))
            }
            operand => passes(field, "eq", operand, lead, now),
        },
    })
}

fn stored(field: &str, lead: &Lead) -> Value {
    let whole = serde_json::to_value(lead).unwrap();
    match field.strip_prefix("custom.") {
        Some(key) => whole["custom"].get(key).cloned().unwrap_or(Value::Null),
        None => match &whole[field] {
            Value::Array(list) if list.is_empty() => Value::Null,
            value => value.clone(),
        },
    }
}

/// A value in the form in which leadkit compares: folded text, numbers, milliseconds.
fn plain(field: &str, value: &Value, now: i64) -> Value {
    match (field, value) {
        ("created_at" | "updated_at", Value::String(text)) => {
            let text = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.clone() };
            json!(text.parse::<leadkit_core::Timestamp>().unwrap().0 as f64)
        }
        (_, Value::Object(ago)) => {
            let text = ago["ago"].as_str().unwrap();
            let (number, unit) = text.split_at(text.len() - 1);
            let unit = BTreeMap::from([
                ("s", 1_000),
                ("m", 60_000),
                ("h", 3_600_000),
                ("d", 86_400_000),
                ("w", 604_800_000),
            ])[unit];
            let instant = now - number.parse::<i64>().unwrap() * unit;
            match field {
                "custom.renewal" => json!(leadkit_core::Timestamp(instant).to_string()[..10]),
                _ => json!(instant as f64),
            }
        }
        ("country", Value::String(text)) => json!(text.trim().to_uppercase()),
        (_, Value::String(text)) => json!(fold(text)),
        (_, Value::Number(number)) => json!(number.as_f64()),
        (_, other) => other.clone(),
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (a, b) => a.as_f64().unwrap().total_cmp(&b.as_f64().unwrap()),
    }
}

fn passes(field: &str, op: &str, operand: &Value, lead: &Lead, now: i64) -> bool {
    let value = stored(field, lead);
    if op == "is_null" {
        return value.is_null() == operand.as_bool().unwrap();
    }
    if value.is_null() {
        return false;
    }
    if op == "has" {
        return value.as_array().unwrap().iter().any(|e| plain(field, e, now) == plain(field, operand, now));
    }
    let value = plain(field, &value, now);
    let order = |operand: &Value| compare(&value, &plain(field, operand, now));
    let text =
        || (value.as_str().unwrap().to_string(), plain(field, operand, now).as_str().unwrap().to_string());
    match op {
        "eq" => order(operand).is_eq(),
        "ne" => order(operand).is_ne(),
        "gt" => order(operand).is_gt(),
        "gte" => order(operand).is_ge(),
        "lt" => order(operand).is_lt(),
        "lte" => order(operand).is_le(),
        "between" => order(&operand[0]).is_ge() && order(&operand[1]).is_le(),
        "in" => operand.as_array().unwrap().iter().any(|o| order(o).is_eq()),
        "not_in" => operand.as_array().unwrap().iter().all(|o| order(o).is_ne()),
        "contains" => text().0.contains(&text().1),
        "starts_with" => text().0.starts_with(&text().1),
        other => panic!("no operator {other}"),
    }
}

fn random_operand(dice: &mut Dice, field: &str, leads: &[Lead]) -> Value {
    // Mostly a value that is there.
    let there = stored(field, &dice.pick(leads));
    let there = match there {
        Value::Array(list) => list[dice.below(list.len())].clone(),
        other => other,
    };
    if !there.is_null() && !dice.one_in(3) {
        return match &there {
            Value::String(text) if dice.one_in(4) && text.len() != 10 && !text.contains(':') => {
                json!(text.to_uppercase())
            }
            _ => there,
        };
    }
    match field {
        "custom.trial" => json!(dice.one_in(2)),
        "custom.renewal" => dice.pick(&[json!("2026-02-11"), json!({"ago": "3d"}), json!({"ago": "5w"})]),
        "created_at" | "updated_at" => dice.pick(&[
            json!("2026-02-01"),
            json!("2026-02-01T03:00:00+01:00"),
            json!({"ago": "30d"}),
            json!({"ago": "90m"}),
            json!({"ago": "7200s"}),
            json!({"ago": "12h"}),
        ]),
        field if NUMBERS.contains(&field) => random_number(dice),
        _ => json!(dice.pick(&NAMES)),
    }
}

fn random_test(dice: &mut Dice, leads: &[Lead]) -> Value {
    let others =
        ["custom.trial", "custom.renewal", "created_at", "updated_at", "country", "phone", "external_id"];
    let all: Vec<&str> = TEXTS.iter().chain(&NUMBERS).chain(&LISTS).chain(&others).copied().collect();
    let field = dice.pick(&all);
    let one = |dice: &mut Dice| random_operand(dice, field, leads);
    let part = |dice: &mut Dice| match random_operand(dice, field, leads) {
        Value::String(text) => {
            let chars: Vec<char> = text.trim().chars().collect();
            let from = if chars.is_empty() { 0 } else { dice.below(chars.len()) };
            json!(chars[from..(from + 1 + dice.below(3)).min(chars.len())].iter().collect::<String>())
        }
        _ => json!(""),
    };
    let is_text = TEXTS.contains(&field) || ["country", "phone", "external_id"].contains(&field);
    let operators: &[&str] = match field {
        field if LISTS.contains(&field) => &["has", "is_null"],
        "custom.trial" => &["eq", "ne", "in", "not_in", "is_null"],
        _ if is_text => &[
            "eq",
            "ne",
            "gt",
            "gte",
            "lt",
            "lte",
            "between",
            "in",
            "not_in",
            "contains",
            "starts_with",
            "is_null",
        ],
        _ => &["eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in", "is_null"],
    };
    let op = dice.pick(operators);
    let operand = match op {
        "is_null" => json!(dice.one_in(2)),
        "between" => json!([one(dice), one(dice)]),
        "in" | "not_in" => (0..dice.below(4)).map(|_| one(dice)).collect(),
        "contains" | "starts_with" => part(dice),
        _ => one(dice),
    };
    match op {
        "eq" if dice.one_in(2) => json!({ field: operand }),
        _ => json!({ field: { op: operand } }),
    }
}

fn random_filter(dice: &mut Dice, leads: &[Lead], depth: usize) -> Value {
    if depth == 0 || dice.one_in(3) {
        return random_test(dice, leads);
    }
    match dice.below(4) {
        0 => json!({ "not": random_filter(dice, leads, depth - 1) }),
        1 | 2 => {
            let parts: Vec<Value> =
                (0..dice.below(4)).map(|_| random_filter(dice, leads, depth - 1)).collect();
            json!({ dice.pick(&["and", "or"]): parts })
        }
        _ => {
            let (mut a, b) = (random_test(dice, leads), random_filter(dice, leads, depth - 1));
            a.as_object_mut().unwrap().extend(b.as_object().unwrap().clone());
            a
        }
    }
}

fn ids(leads: impl IntoIterator<Item = Lead>) -> Vec<i64> {
    leads.into_iter().map(|l| l.id).collect()
}

#[test]
fn filters_mean_what_they_say() {
    let mut dice = Dice::new(17);
    let db = filled(&mut dice, 150);
    let all = leads(&db);
    let now = testing::now(&db).0;
    let mut partial = 0;
    for round in 0..700 {
        let depth = dice.below(4);
        let json = random_filter(&mut dice, &all, depth);
        let filter = Filter::from_json(json.clone()).unwrap();
        let expected: Vec<i64> = ids(all.iter().filter(|l| holds(&json, l, now)).cloned());
        let options = FindOptions { limit: 1_000, ..Default::default() };
        let found = db.leads().find(&filter, options).unwrap_or_else(|e| panic!("round {round}: {e} {json}"));
        assert_eq!(ids(found), expected, "round {round}: {json}");
        let count = db.leads().count(&filter).unwrap();
        assert_eq!(count, expected.len() as u64);
        assert_eq!(count + db.leads().count(&filter.negate()).unwrap(), all.len() as u64, "{json}");
        partial += usize::from((1..all.len()).contains(&expected.len()));
    }
    assert!(partial > 300, "{partial} filters found some and not all");
}

#[test]
fn the_rust_words_and_the_data_are_one() {
    let mut dice = Dice::new(18);
    let db = filled(&mut dice, 60);
    let field = Filter::field;
    let pairs = [
        (field("status").eq("new"), json!({"status": "NEW"})),
        (field("score").between(0, 2), json!({"score": {"gte": 0, "lte": 2}})),
        (field("city").is_in(vec!["Groß", "lodz"]), json!({"or": [{"city": "gross"}, {"city": "Łódź"}]})),
        (field("city").not_in(vec!["Groß"]), json!({"city": {"ne": "gross"}})),
        (field("tags").has("VIP"), json!({"tags": {"has": "vip"}})),
        (field("city").is_null(true).or(field("city").is_null(false)), json!({"all": true})),
        (field("score").gt(1).and(field("score").lt(2)), json!({"score": {"gt": 1, "lt": 2}})),
        (
            field("created_at").gte("2026-02-01").negate(),
            json!({"not": {"created_at": {"gte": "2026-02-01T00:00:00Z"}}}),
        ),
        (Filter::all(), json!({})),
    ];
    for (words, data) in pairs {
        let data = Filter::from_json(data).unwrap();
        let found = ids(db.leads().find(&words, Default::default()).unwrap());
        assert_eq!(found, ids(db.leads().find(&data, Default::default()).unwrap()), "{words:?}");
    }
}

#[test]
fn folding_finds_what_people_mean() {
    let db = open(":memory:").unwrap();
    for (n, name) in NAMES.iter().enumerate() {
        db.leads().add([("external_id", n.to_string().as_str()), ("city", name)]).unwrap();
    }
    let find =
        |name: &str| ids(db.leads().find(&Filter::field("city").eq(name), Default::default()).unwrap());
    // ü is u with a mark, which goes; ue is two letters of its own.
    assert_eq!(find("Müller"), [1, 2, 4]);
    assert_eq!(find("mueller"), [3]);
    assert_eq!(find("gross"), [6, 7]);
    assert_eq!(find("o'neill"), [8, 9]);
    assert_eq!(find("Lodz"), [10, 11]);
    assert_eq!(find("FIRMA"), [14]);
    for name in NAMES {
        let like: Vec<i64> =
            (1..).zip(NAMES).filter(|(_, n)| fold(n) == fold(name)).map(|(id, _)| id).collect();
        assert_eq!(find(name), like, "{name}");
    }
}

#[test]
fn large_filters() {
    let db = open(":memory:").unwrap();
    for n in 0..50 {
        db.leads().add([("external_id", n.to_string())]).unwrap();
    }
    let some: Vec<Value> = (20..3_000).map(|n| json!({"external_id": n.to_string()})).collect();
    let filter = |value| Filter::from_json(value).unwrap();
    assert_eq!(db.leads().count(&filter(json!({ "or": some }))).unwrap(), 30);
    let none: Vec<Value> = (20..3_000).map(|n| json!({"not": {"external_id": n.to_string()}})).collect();
    assert_eq!(db.leads().count(&filter(json!({ "and": none }))).unwrap(), 20);
    let words: Vec<String> = (20..40_000).map(|n| n.to_string()).collect();
    assert_eq!(db.leads().count(&filter(json!({"external_id": {"in": words}}))).unwrap(), 30);
    assert_eq!(db.leads().count(&filter(json!({"external_id": {"not_in": words}}))).unwrap(), 20);
    let numbers: Vec<usize> = (21..60_000).collect();
    assert_eq!(db.leads().count(&filter(json!({"id": {"in": numbers}}))).unwrap(), 30);
    let mut deep = json!({"external_id": "7"});
    for _ in 0..30 {
        deep = json!({"and": [{"not": {"or": [{"not": deep}]}}]});
    }
    let error = db.leads().count(&filter(deep)).unwrap_err();
    assert_eq!(error.code(), "invalid_filter");
    let mut deep = json!({"external_id": "7"});
    for _ in 0..15 {
        deep = json!({"or": [{"not": deep}]});
    }
    assert_eq!(db.leads().count(&filter(deep)).unwrap(), 49);
}

fn by_order(order: &[String], a: &Lead, b: &Lead) -> Ordering {
    for key in order {
        let (name, descending) = key.strip_prefix('-').map_or((key.as_str(), false), |name| (name, true));
        let (x, y) = (plain(name, &stored(name, a), 0), plain(name, &stored(name, b), 0));
        // Empty values come last, whichever the direction.
        let ordering = match (x.is_null(), y.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if descending => compare(&y, &x),
            (false, false) => compare(&x, &y),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    a.id.cmp(&b.id)
}

#[test]
fn orders_and_pages() {
    let mut dice = Dice::new(23);
    let db = filled(&mut dice, 130);
    let all = leads(&db);
    let fields = [
        "first_name",
        "city",
        "company",
        "status",
        "score",
        "custom.seats",
        "custom.trial",
        "custom.renewal",
        "custom.remark",
        "created_at",
        "updated_at",
        "country",
        "id",
        "rev",
        "notes",
    ];
    for round in 0..120 {
        let order_by: Vec<String> =
            (0..dice.below(4)).map(|_| format!("{}{}", dice.pick(&["", "-"]), dice.pick(&fields))).collect();
        let json = if dice.one_in(2) { json!({}) } else { random_filter(&mut dice, &all, 1) };
        let filter = Filter::from_json(json.clone()).unwrap();
        let mut expected: Vec<Lead> =
            all.iter().filter(|l| holds(&json, l, testing::now(&db).0)).cloned().collect();
        expected.sort_by(|a, b| by_order(&order_by, a, b));
        let expected = ids(expected);
        let options =
            |limit, cursor| FindOptions { order_by: order_by.clone(), limit, cursor, ..Default::default() };
        let context = format!("round {round}: {order_by:?} {json}");
        let whole = db.leads().find(&filter, options(1_000, None)).unwrap();
        assert_eq!((ids(whole.items), whole.next_cursor), (expected.clone(), None), "{context}");
        let limit = 1 + dice.below(25) as u64;
        let (mut paged, mut cursor) = (Vec::new(), None);
        loop {
            let page = db.leads().find(&filter, options(limit, cursor)).unwrap();
            assert!(
                page.items.len() as u64 <= limit
                    && (page.next_cursor.is_none() || page.items.len() as u64 == limit)
            );
            paged.extend(ids(page.items));
            assert!(paged.len() <= all.len(), "{context}: pages without end");
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, expected, "{context} by {limit}");
        let iterated = db.leads().iterate(&filter, options(0, None)).unwrap().map(|l| l.unwrap());
        assert_eq!(ids(iterated), expected, "{context}");
        let some = db.leads().iterate(&filter, options(limit, None)).unwrap().map(|l| l.unwrap());
        assert_eq!(ids(some), expected[..expected.len().min(limit as usize)], "{context}");
        let first = db.leads().first(&filter, options(0, None)).unwrap();
        assert_eq!(first.map(|l| l.id), expected.first().copied(), "{context}");
    }
    let hundred = db.leads().find(&Filter::default(), Default::default()).unwrap();
    assert_eq!((hundred.items.len(), hundred.next_cursor.is_some()), (100, true));
}

#[test]
fn iterating_over_many_pages() {
    let db = open(":memory:").unwrap();
    let rows: Vec<Vec<String>> = std::iter::once(vec!["Email".into()])
        .chain((0..1_234).map(|n| vec![format!("p{n}@lovelace.org")]))
        .collect();
    db.import_leads(csv(&rows).into_bytes(), Default::default()).unwrap();
    let mut seen = Vec::new();
    for lead in db.leads().iterate(&Filter::default(), Default::default()).unwrap() {
        let lead = lead.unwrap();
        // No lock is held: writing goes on between two leads.
        if lead.id % 300 == 0 {
            db.leads().update(lead.id, [("notes", "seen")]).unwrap();
        }
        seen.push(lead.id);
    }
    assert_eq!(seen, (1..=1_234).collect::<Vec<i64>>());
}

#[test]
fn one_lead_there_and_back() {
    let place = Place::new();
    let db = place.fixed_db("leads.db");
    db.fields().define(CustomField::new("plan", FieldKind::Choice).choices(["free", "pro"])).unwrap();
    let leads = db.leads();
    let given = json!({
        "external_id": "X-1", "salutation": "Dr", "first_name": "Ada", "middle_name": "King", "last_name": "Lovelace",
        "email": "ada@lovelace.org", "emails": ["a2@lovelace.org", "a3@lovelace.org"], "phone": "+4930901820",
        "phone_extension": "12", "phones": ["+4930901821"], "company": "Engine Works", "job_title": "Analyst",
        "website": "https://lovelace.org", "street": "Lindenweg 3", "city": "Łódź", "state": "Berlin",
        "postal_code": "01067", "country": "DE", "time_zone": "Europe/Berlin", "language": "de",
        "source": "fair", "status": "contacted", "owner": "mia", "score": 4.25, "tags": ["vip", "Fair 2026"],
        "notes": "two\nlines", "created_at": "2020-02-29T23:59:59.999Z", "custom.plan": "pro"
    });
    let Value::Object(map) = given.clone() else { panic!() };
    let lead = leads.add(leadkit_core::Values(map.into_iter().collect())).unwrap();
    for (name, value) in given.as_object().unwrap() {
        assert_eq!(stored(name, &lead), *value, "{name}");
    }
    assert_eq!(leads.get(1).unwrap().as_ref(), Some(&lead), "what add gives is what is stored");
    assert!(lead.original.is_empty(), "{:?}", lead.original);
    testing::advance(&db, 60.0);
    let changed = leads
        .update(
            1,
            [
                ("score", json!(null)),
                ("tags", json!([])),
                ("city", json!("Ulm")),
                ("custom.plan", json!(null)),
            ],
        )
        .unwrap();
    assert_eq!(leads.get(1).unwrap().as_ref(), Some(&changed));
    assert_eq!(
        (changed.score, changed.tags.len(), changed.city.as_deref(), changed.custom.len()),
        (None, 0, Some("Ulm"), 0)
    );
    assert_eq!(
        (changed.rev, changed.created_at, changed.updated_at.0 - lead.updated_at.0),
        (2, lead.created_at, 60_000)
    );
    assert_eq!(changed.company, lead.company);
    let before = dump(place.path("leads.db"));
    assert_eq!(leads.update(1, [("city", "Ulm")]).unwrap(), changed, "no change, no commit");
    let refusals = [
        (json!({"email": "nonsense"}), "invalid_value", Some("email")),
        (json!({"score": "secret"}), "invalid_value", Some("score")),
        (json!({"custom.plan": "gold"}), "invalid_value", Some("custom.plan")),
        (json!({"scroe": 1}), "unknown_field", Some("scroe")),
        (json!({"tags": "x", "phone": "12"}), "invalid_value", Some("phone")),
        (json!({"external_id": "x-1", "last_name": "Other"}), "already_exists", None),
        (json!({"email": "A2@LOVELACE.org"}), "already_exists", None),
        (json!({"last_name": "Nobody"}), "invalid_value", None),
        (json!({}), "invalid_value", None),
    ];
    for (values, code, field) in refusals {
        let Value::Object(map) = values.clone() else { panic!() };
        let error = leads.add(leadkit_core::Values(map.into_iter().collect())).unwrap_err();
        assert_eq!((error.code(), error.field()), (code, field), "{values}: {error}");
        assert!(!error.to_string().contains("secret") && !error.to_string().contains("nonsense"), "{error}");
    }
    let error = leads
        .update(1, [("email", None::<&str>), ("phone", None), ("external_id", None), ("company", None)])
        .unwrap_err();
    assert_eq!(error.code(), "invalid_value", "a lead keeps what makes it one");
    assert_eq!(dump(place.path("leads.db")), before);
    // A mailbox of somebody else, and an id that is taken.
    let bob = leads.add([("email", "bob@hill.org"), ("first_name", "Bob"), ("external_id", "X-2")]).unwrap();
    assert_eq!(leads.update(bob.id, [("external_id", "x-1")]).unwrap_err().code(), "already_exists");
    let shared = leads.add([("email", "bob@hill.org"), ("first_name", "Grace")]).unwrap();
    assert_eq!(shared.email.as_deref(), Some("bob@hill.org"));
    assert_sound(place.path("leads.db"));
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let run = |threads: usize| {
        let place = Place::new();
        let options = OpenOptions { threads, actor: Some("mia".into()), ..Default::default() };
        let db = testing::open_with(&place.text("leads.db"), options, now(), 7).unwrap();
        db.fields().define(CustomField::new("plan", FieldKind::Text)).unwrap();
        let source = place.file("leads.csv", testing::messy_csv(5_000, 12));
        let options = ImportOptions {
            match_on: vec![MatchKey::Email, MatchKey::Phone],
            unmapped: leadkit_core::model::options::Unmapped::Custom,
            ..Default::default()
        };
        let first = db.import_leads(&source, options).unwrap();
        testing::advance(&db, 5.0);
        let second = db.import_leads(testing::messy_csv(500, 13), Default::default()).unwrap();
        db.leads().update(3, [("notes", "seen")]).unwrap();
        let mut export =
            serde_json::to_value(db.export_leads(place.path("out.csv"), Default::default()).unwrap())
                .unwrap();
        db.export_leads(place.path("out.xlsx"), Default::default()).unwrap();
        for name in ["path", "timing"] {
            export.as_object_mut().unwrap().remove(name);
        }
        let bytes = |name: &str| std::fs::read(place.path(name)).unwrap();
        let history = serde_json::to_value(db.leads().history(3).unwrap()).unwrap();
        let reports = [comparable(&first), comparable(&second), export, history];
        (
            reports,
            dump(place.path("leads.db")),
            [bytes("out.csv"), bytes("out.xlsx"), bytes("leads.rejects.csv")],
        )
    };
    let first = run(1);
    for threads in [1, 2, 5] {
        let other = run(threads);
        assert_eq!(other.0, first.0, "{threads} threads");
        assert!(other.1 == first.1, "other tables by {threads} threads");
        assert!(other.2 == first.2, "other files by {threads} threads");
    }
}

#[test]
fn clones_work_side_by_side() {
    let place = Place::new();
    let db = place.db();
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let db = db.as_actor(format!("t{thread}"), None);
            scope.spawn(move || {
                for n in 0..15 {
                    let lead = db.leads().add([("email", format!("t{thread}n{n}@lovelace.org"))]).unwrap();
                    db.leads().update(lead.id, [("notes", "x")]).unwrap();
                    assert!(db.leads().get(lead.id).unwrap().unwrap().notes.is_some());
                    db.leads().count(&Filter::field("notes").eq("x")).unwrap();
                }
            });
        }
    });
    assert_eq!(db.leads().count(&Filter::field("notes").eq("x")).unwrap(), 90);
    for thread in 0..6 {
        let lead =
            db.leads().first(&Filter::field("email").starts_with(format!("t{thread}n")), Default::default());
        let history = db.leads().history(lead.unwrap().unwrap().id).unwrap();
        assert!(history.len() == 2 && history.iter().all(|h| h.actor == Some(format!("t{thread}"))));
    }
    assert_sound(db.path().unwrap());
}

#[cfg(target_os = "linux")]
#[test]
fn no_thread_stays_behind() {
    // In a process of its own: other tests' threads come and go.
    if std::env::var_os("LEADKIT_TEST_ALONE").is_none() {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "no_thread_stays_behind", "--nocapture"])
            .env("LEADKIT_TEST_ALONE", "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let threads = || {
        let mut names: Vec<String> = std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok())
            .collect();
        names.sort();
        names
    };
    let place = Place::new();
    let before = threads();
    let db = place.db();
    db.import_leads(testing::messy_csv(3_000, 2), ImportOptions { threads: 4, ..Default::default() })
        .unwrap();
    db.export_leads(place.path("out.csv"), Default::default()).unwrap();
    db.export_leads(place.path("out.xlsx"), Default::default()).unwrap();
    let broken = ImportOptions { cancel: leadkit_core::CancelToken::default(), ..Default::default() };
    broken.cancel.cancel();
    db.import_leads(testing::messy_csv(3_000, 3), broken).unwrap_err();
    // A joined thread leaves the list a moment after its end.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while threads() != before {
        assert!(std::time::Instant::now() < until, "{:?} were {before:?}", threads());
        std::thread::yield_now();
    }
}
