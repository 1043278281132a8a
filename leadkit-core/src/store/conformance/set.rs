//! Changes of many leads at once, and the way back.

use serde_json::{Value, json};

use super::sample::{Dice, TEXTS, add, add_some, all, commit, insert, update};
use super::{Openings, Outcome, same_as};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::field::Field;
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Lead;
use crate::store::{Query, RestoreFields, SetFields, SetValue, Store, Touched, image};

const AT: Timestamp = Timestamp(1_800_000_000_000);

fn every() -> Expr {
    Expr::And(Vec::new())
}

fn value(field: Field, text: Option<&str>) -> SetValue {
    SetValue { field, text: text.map(str::to_string) }
}

fn set(store: &dyn Store, filter: &Expr, values: &[SetValue], after: i64, limit: u64) -> Result<Touched> {
    store.writing(|w| {
        let rev = w.next_rev()?;
        let touched = w.set_fields(&SetFields { rev, at: AT, filter, after, limit, values })?;
        commit(w, rev, None, touched.count)?;
        Ok(touched)
    })
}

fn restore(store: &dyn Store, of: i64, fields: &[Field], after: i64, limit: u64) -> Result<Touched> {
    store.writing(|w| {
        let rev = w.next_rev()?;
        let touched = w.restore_fields(&RestoreFields { rev, at: AT, of, fields, after, limit })?;
        commit(w, rev, None, touched.count)?;
        Ok(touched)
    })
}

/// The image of a commit's change of a lead; null where there is none.
fn image_of(store: &dyn Store, rev: i64, lead: i64) -> Result<Value> {
    let change = store.reading(|r| r.change(rev, lead))?;
    Ok(change.map_or(Value::Null, |change| Value::Object(change.before)))
}

/// A lead as setting values must leave it.
fn after_set(lead: &Lead, values: &[SetValue], rev: i64) -> Lead {
    let mut after = Lead { rev, updated_at: AT, ..lead.clone() };
    for value in values {
        after.set_text(value.field, value.text.clone());
        after.original.remove(value.field.name());
    }
    after
}

fn differs(lead: &Lead, values: &[SetValue]) -> bool {
    values.iter().any(|value| lead.text(value.field) != value.text.as_deref())
}

pub(super) fn fields_are_set(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let mut leads = add_some(&*store, 120, 51)?;
    let dice = Dice::new(52);
    let settable: Vec<Field> = Field::ALL.iter().copied().filter(|field| SetValue::takes(*field)).collect();
    for _ in 0..40 {
        let mut fields: Vec<Field> = (0..=dice.below(3)).map(|_| dice.pick(&settable)).collect();
        fields.dedup();
        fields.sort_unstable();
        fields.dedup();
        let text = |field: &Field| match (dice.one_in(4), field) {
            (true, _) => None,
            (_, Field::Country) => Some("CH".to_string()),
            _ => Some(dice.text()),
        };
        let values: Vec<SetValue> =
            fields.iter().map(|field| SetValue { field: *field, text: text(field) }).collect();
        let filter = dice.filter(&leads, 2);
        let chosen: Vec<usize> = (0..leads.len())
            .filter(|at| filter.matches(&leads[*at]) && differs(&leads[*at], &values))
            .collect();
        let (passed, counted) = store.reading(|r| r.count_differing(&filter, &values))?;
        let passing = leads.iter().filter(|lead| filter.matches(lead)).count();
        same_as(&passed, &(passing as u64), format!("leads that pass {filter:?}"))?;
        same_as(&counted, &(chosen.len() as u64), format!("leads that differ from {values:?}"))?;
        let touched = set(&*store, &filter, &values, 0, u64::MAX)?;
        let last = chosen.last().map(|at| leads[*at].id);
        same_as(&touched, &Touched { count: counted, last }, format!("what setting {values:?} touched"))?;
        let rev = store.reading(|r| r.head())?;
        for at in chosen {
            leads[at] = after_set(&leads[at], &values, rev);
        }
        same_as(&all(&*store)?, &leads, format!("leads after setting {values:?} by {filter:?}"))?;
    }
    // Filters find the new values, whatever stores keep beside them.
    for lead in &leads {
        let query = |field: Field| {
            let text = lead.text(field).map(crate::text::fold);
            let test = text.map_or(Test::IsNull(true), |text| Test::Eq(Operand::Text(text)));
            Query::of(Expr::Test(Target::Standard(field), test))
        };
        for field in [Field::FirstName, Field::Status, Field::Notes] {
            let found = store.reading(|r| r.page(&query(field), None, u64::MAX))?;
            same_as(&found.contains(lead), &true, format!("whether {} is found", field.name()))?;
        }
    }
    Ok(())
}

pub(super) fn set_fields_keep_what_was_before(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 40, 53)?;
    let values = [value(Field::City, Some("Ulm")), value(Field::Notes, None)];
    set(&*store, &every(), &values, 0, u64::MAX)?;
    for lead in &leads {
        let change = store.reading(|r| r.change(2, lead.id))?;
        let mut wanted = json!({ "city": lead.city, "notes": lead.notes });
        if lead.original.contains_key("city") || lead.original.contains_key("notes") {
            wanted["original"] = json!(lead.original);
        }
        let found = change.map(|change| (change.prev_rev, Value::Object(change.before)));
        let wanted = differs(lead, &values).then_some((1, wanted));
        same_as(&found, &wanted, format!("the image of {lead:?}"))?;
    }
    Ok(())
}

pub(super) fn set_fields_drop_their_originals(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let with = |names: &[&str]| Lead {
        city: Some("Ulm".into()),
        original: names.iter().map(|name| (name.to_string(), "say \"original\":".to_string())).collect(),
        ..Lead::default()
    };
    add(&*store, &[with(&["city", "phone"]), with(&["city"]), with(&["phone"]), with(&[])])?;
    set(&*store, &every(), &[value(Field::City, Some("Bonn"))], 0, u64::MAX)?;
    let left: Vec<Vec<String>> =
        all(&*store)?.into_iter().map(|lead| lead.original.into_keys().collect()).collect();
    let phone = || vec!["phone".to_string()];
    same_as(&left, &vec![phone(), vec![], phone(), vec![]], "originals that are left")?;
    let kept = |id| -> Result<bool> { Ok(image_of(&*store, 2, id)?.get("original").is_some()) };
    let found = [kept(1)?, kept(2)?, kept(3)?, kept(4)?];
    same_as(&found, &[true, true, false, false], "images with originals")?;
    restore(&*store, 2, &[Field::City], 0, u64::MAX)?;
    let back: Vec<usize> = all(&*store)?.into_iter().map(|lead| lead.original.len()).collect();
    same_as(&back, &vec![2, 1, 1, 0], "originals that came back")?;
    let kept = image_of(&*store, 3, 2)?;
    same_as(&kept, &json!({ "city": "Bonn", "original": {} }), "an image of no originals")
}

pub(super) fn set_fields_go_on_behind_a_lead(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add(&*store, &vec![Lead { city: Some("Ulm".into()), ..Lead::default() }; 10])?;
    store.writing(|w| {
        let rev = w.next_rev()?;
        let gone = Lead { deleted_at: Some(AT), ..leads[4].clone() };
        let there = Lead { owner: Some("mia".into()), ..leads[6].clone() };
        update(w, rev, &leads[4], gone).and(update(w, rev, &leads[6], there))?;
        commit(w, rev, None, 2)
    })?;
    let values = [value(Field::Owner, Some("mia"))];
    let mut steps = Vec::new();
    let mut after = 0;
    while steps.len() < 20 {
        let touched = set(&*store, &every(), &values, after, 3)?;
        steps.push((touched.count, touched.last));
        let Some(last) = touched.last else { break };
        after = last;
    }
    let wanted = vec![(3, Some(3)), (3, Some(8)), (2, Some(10)), (0, None)];
    same_as(&steps, &wanted, "leads set three by three")?;
    let owned: Vec<i64> =
        all(&*store)?.iter().filter(|lead| lead.owner.is_some()).map(|lead| lead.id).collect();
    same_as(&owned, &vec![1, 2, 3, 4, 6, 7, 8, 9, 10], "leads that were set; a deleted one never is")
}

pub(super) fn sets_in_one_commit_are_apart(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add(&*store, &vec![Lead { city: Some("Ulm".into()), ..Lead::default() }; 8])?;
    let ids = |ids: &[i64]| {
        Expr::Test(Target::Id, Test::In(ids.iter().map(|id| Operand::Number(*id as f64)).collect()))
    };
    let (mia, tom) = ([value(Field::Owner, Some("mia"))], [value(Field::Owner, Some("tom"))]);
    let touched = store.writing(|w| {
        let rev = w.next_rev()?;
        update(w, rev, &leads[7], Lead { city: Some("Bonn".into()), ..leads[7].clone() })?;
        let new = insert(w, rev, &[Lead::default()])?;
        let set = |filter: &Expr, values: &[SetValue]| {
            w.set_fields(&SetFields { rev, at: AT, filter, after: 0, limit: 100, values })
        };
        let touched = vec![
            set(&ids(&[1, 2, 3, 8]), &mia)?,
            // Two of them are this commit's own already, and so is the new one.
            set(&ids(&[2, 5]), &tom)?,
            set(&ids(&[new[0].id]), &tom)?,
        ];
        commit(w, rev, Some((9, 9)), 5)?;
        Ok(touched)
    })?;
    let wanted = [(3, Some(3)), (1, Some(5)), (0, None)].map(|(count, last)| Touched { count, last });
    same_as(&touched, &wanted.to_vec(), "what three sets in one commit touched")?;
    let owners: Vec<Option<String>> = all(&*store)?.into_iter().map(|lead| lead.owner).collect();
    let wanted = ["mia", "mia", "mia", "", "tom", "", "", "", ""];
    let wanted = wanted.map(|name| (!name.is_empty()).then(|| name.to_string())).to_vec();
    same_as(&owners, &wanted, "owners after three sets in one commit")?;
    let changes = store.reading(|r| r.changes(2, 0, 99))?;
    let images: Vec<(i64, i64, Value)> =
        changes.into_iter().map(|c| (c.lead, c.prev_rev, Value::Object(c.before))).collect();
    let owner = || json!({ "owner": null });
    let city = json!({ "city": "Ulm" });
    let wanted = vec![(1, 1, owner()), (2, 1, owner()), (3, 1, owner()), (5, 1, owner()), (8, 1, city)];
    same_as(&images, &wanted, "images of three sets in one commit")
}

pub(super) fn any_text_can_be_set(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let old = Lead { notes: Some("it's \"old\"\n\\u0041 {}".into()), ..Lead::default() };
    add(&*store, std::slice::from_ref(&old))?;
    let long = "ä😀'\"".repeat(25_000);
    let mut before = old.notes;
    for text in TEXTS.into_iter().chain([long.as_str()]) {
        set(&*store, &every(), &[value(Field::Notes, Some(text))], 0, 1)?;
        let lead = all(&*store)?.remove(0);
        same_as(&lead.notes.as_deref(), &Some(text), "a text that was set")?;
        let image = image_of(&*store, lead.rev, 1)?;
        same_as(&image, &json!({ "notes": before }), "the image of a text")?;
        restore(&*store, lead.rev, &[Field::Notes], 0, 1)?;
        same_as(&all(&*store)?[0].notes, &before, "a text that was restored")?;
        set(&*store, &every(), &[value(Field::Notes, Some(text))], 0, 1)?;
        before = Some(text.to_string());
    }
    Ok(())
}

pub(super) fn nothing_is_set(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 5, 54)?;
    let nothing = Touched::default();
    let mia = [value(Field::Owner, Some("mia"))];
    let counted = store.reading(|r| r.count_differing(&every(), &[]))?;
    same_as(&counted, &(5, 0), "leads, and those that differ from nothing")?;
    same_as(&set(&*store, &every(), &[], 0, 9)?, &nothing, "setting no values")?;
    same_as(&set(&*store, &every(), &mia, 0, 0)?, &nothing, "setting no leads")?;
    same_as(&set(&*store, &Expr::Or(Vec::new()), &mia, 0, 9)?, &nothing, "setting where nothing passes")?;
    same_as(&set(&*store, &every(), &mia, 5, 9)?, &nothing, "setting behind the last lead")?;
    same_as(&set(&*store, &every(), &mia, i64::MAX, 9)?, &nothing, "setting behind the last id")?;
    let cities = [Field::City];
    same_as(&restore(&*store, 77, &cities, 0, 9)?, &nothing, "restoring a commit that is not there")?;
    same_as(&restore(&*store, 1, &cities, 0, 9)?, &nothing, "restoring a commit that changed nothing")?;
    same_as(&all(&*store)?, &leads, "leads after nothing was set")?;
    set(&*store, &every(), &mia, 0, 9)?;
    let rev = store.reading(|r| r.head())?;
    let set_leads = all(&*store)?;
    same_as(&restore(&*store, rev, &[], 0, 9)?, &nothing, "restoring no fields")?;
    same_as(&restore(&*store, rev, &[Field::Owner], 0, 0)?, &nothing, "restoring no leads")?;
    same_as(&restore(&*store, rev, &[Field::Owner], 5, 9)?, &nothing, "restoring behind the last lead")?;
    same_as(&all(&*store)?, &set_leads, "leads after nothing was restored")
}

pub(super) fn fields_are_restored(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let mut before = add_some(&*store, 80, 55)?;
    let fields = [Field::City, Field::Country, Field::FirstName, Field::Notes];
    let texts = [Some("Ulm"), Some("CH"), Some("Zoë"), None];
    let values: Vec<SetValue> = fields.iter().zip(texts).map(|(field, text)| value(*field, text)).collect();
    let set_leads = set(&*store, &every(), &values, 0, u64::MAX)?;
    let after = all(&*store)?;
    let touched = restore(&*store, 2, &fields, 0, u64::MAX)?;
    same_as(&touched, &set_leads, "what restoring touched")?;
    for lead in &mut before {
        if differs(lead, &values) {
            (lead.rev, lead.updated_at) = (3, AT);
        }
    }
    same_as(&all(&*store)?, &before, "restored leads")?;
    for (lead, set) in before.iter().zip(&after).filter(|(lead, _)| lead.rev == 3) {
        let mut wanted = json!({ "city": "Ulm", "country": "CH", "first_name": "Zoë", "notes": null });
        if fields.iter().any(|field| lead.original.contains_key(field.name())) {
            wanted["original"] = image::value(set, "original");
        }
        same_as(&image_of(&*store, 3, lead.id)?, &wanted, "the image of a restored lead")?;
    }
    let zoe = Expr::Test(Target::Standard(Field::FirstName), Test::Eq(Operand::Text("zoe".into())));
    let found = store.reading(|r| r.count(&Query::of(zoe.clone())))?;
    same_as(&found, &(before.iter().filter(|lead| zoe.matches(lead)).count() as u64), "restored texts found")
}

pub(super) fn restoring_goes_on_behind_a_lead(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let before = add_some(&*store, 10, 56)?;
    set(&*store, &every(), &[value(Field::Owner, Some("somebody new"))], 0, u64::MAX)?;
    let fields = [Field::Owner];
    // In one commit, and in another for the rest.
    let steps = store.writing(|w| {
        let rev = w.next_rev()?;
        let step = |after, limit| {
            w.restore_fields(&RestoreFields { rev, at: AT, of: 2, fields: &fields, after, limit })
        };
        let steps = vec![step(0, 4)?, step(4, 2)?];
        commit(w, rev, None, 6)?;
        Ok(steps)
    })?;
    let wanted = [(4, Some(4)), (2, Some(6))].map(|(count, last)| Touched { count, last });
    same_as(&steps, &wanted.to_vec(), "leads restored step by step")?;
    let rest = restore(&*store, 2, &fields, 6, 100)?;
    same_as(&rest, &Touched { count: 4, last: Some(10) }, "the rest")?;
    let owners = |leads: Vec<Lead>| leads.into_iter().map(|lead| lead.owner).collect::<Vec<_>>();
    same_as(&owners(all(&*store)?), &owners(before), "owners after restoring")
}

pub(super) fn what_others_changed_is_not_restored(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    add(&*store, &vec![Lead { owner: Some("tom".into()), ..Lead::default() }; 6])?;
    set(&*store, &every(), &[value(Field::Owner, Some("mia"))], 0, u64::MAX)?;
    let leads = all(&*store)?;
    store.writing(|w| {
        let rev = w.next_rev()?;
        update(w, rev, &leads[1], Lead { city: Some("Ulm".into()), ..leads[1].clone() })?;
        commit(w, rev, None, 1)?;
        w.purge_leads(&[4])
    })?;
    same_as(&store.reading(|r| r.overtaken(2, 0, 9))?, &vec![2], "overtaken leads")?;
    // Somebody else's change in the very commit that restores stays too.
    store.writing(|w| {
        let rev = w.next_rev()?;
        update(w, rev, &leads[4], Lead { notes: Some("x".into()), ..leads[4].clone() })?;
        let fields = [Field::Owner];
        w.restore_fields(&RestoreFields { rev, at: AT, of: 2, fields: &fields, after: 0, limit: 99 })?;
        commit(w, rev, None, 4)
    })?;
    let owners: Vec<(i64, String)> =
        all(&*store)?.into_iter().map(|lead| (lead.id, lead.owner.unwrap_or_default())).collect();
    let wanted = [(1, "tom"), (2, "mia"), (3, "tom"), (5, "mia"), (6, "tom")];
    same_as(&owners, &wanted.map(|(id, owner)| (id, owner.to_string())).to_vec(), "owners after restoring")
}

pub(super) fn fields_that_no_image_holds_stay(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let old = Lead { owner: Some("tom".into()), city: Some("Ulm".into()), ..Lead::default() };
    let leads = add(&*store, &vec![old; 3])?;
    // Lead by lead, only what differs is kept.
    store.writing(|w| {
        let rev = w.next_rev()?;
        update(w, rev, &leads[0], Lead { owner: Some("Mía".into()), ..leads[0].clone() })?;
        update(w, rev, &leads[1], Lead { city: None, ..leads[1].clone() })?;
        let both = Lead { owner: None, city: Some("Bonn".into()), ..leads[2].clone() };
        update(w, rev, &leads[2], both)?;
        commit(w, rev, None, 3)
    })?;
    restore(&*store, 2, &[Field::Owner, Field::City, Field::Notes], 0, 99)?;
    let found: Vec<_> = all(&*store)?.into_iter().map(|lead| (lead.rev, lead.owner, lead.city)).collect();
    let wanted = (3, Some("tom".to_string()), Some("Ulm".to_string()));
    same_as(&found, &vec![wanted; 3], "leads restored from images of some fields")?;
    let kept = image_of(&*store, 3, 2)?;
    same_as(&kept, &json!({ "owner": "tom", "city": null, "notes": null }), "the image of such a lead")
}

pub(super) fn restored_fields_can_be_restored(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let before = add_some(&*store, 30, 57)?;
    let fields = [Field::City, Field::Status];
    set(&*store, &every(), &[value(Field::City, Some("Ulm")), value(Field::Status, None)], 0, u64::MAX)?;
    let after = all(&*store)?;
    for _ in 0..3 {
        let rev = store.reading(|r| r.head())?;
        restore(&*store, rev, &fields, 0, u64::MAX)?;
        let rev = store.reading(|r| r.head())?;
        let with_rev = |leads: &[Lead], others: &[Lead]| -> Vec<Lead> {
            let pair = leads.iter().zip(others);
            let changed = |(lead, other): (&Lead, &Lead)| match lead == other {
                true => lead.clone(),
                false => Lead { rev, updated_at: AT, ..lead.clone() },
            };
            pair.map(changed).collect()
        };
        let wanted = if rev % 2 == 1 { with_rev(&before, &after) } else { with_rev(&after, &before) };
        same_as(&all(&*store)?, &wanted, format!("leads after the commit {rev}"))?;
    }
    Ok(())
}
