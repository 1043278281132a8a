//! Change many leads, and take it back: plan, look, run, undo.
//!
//! ```text
//! cargo run --release --example bulk_update
//! ```
use std::error::Error;

use leadkit_core::{BulkUpdate, Filter, ImportOptions, testing};

fn main() -> Result<(), Box<dyn Error>> {
    let db = leadkit_core::open(":memory:")?.as_actor("mia", Some("after the fair"));
    db.import_leads(testing::messy_csv(2_000, 7), ImportOptions::default())?;

    // A plan changes nothing: it says what would happen.
    let german = Filter::field("country").eq("DE").and(Filter::field("first_name").is_null(false));
    let update = BulkUpdate::default()
        .set("owner", "mia")
        .template("notes", "Met {{ lead.first_name }} at the fair")
        .add_tag("fair-2026");
    let plan = db.bulk().plan_update(&german, update, Default::default())?;
    println!("Planned: {}", plan.kind.as_str());
    count(plan.count, "leads found");
    count(plan.changes, "would change");
    for warning in &plan.warnings {
        println!("{:>9}  {}", warning.count, warning.message);
    }
    println!("\nSuch as");
    for change in plan.sample.iter().take(3) {
        println!("  {}: notes become {}", change.name, change.fields["notes"].after);
    }

    // Meanwhile a colleague works one of them: the run leaves it alone.
    let tom = db.as_actor("tom", Some("called"));
    tom.leads().update(plan.sample[0].lead, [("status", "contacted")])?;
    let done = db.bulk().run(&plan.token, Default::default())?;
    println!("\nRun");
    count(done.changed, "changed");
    count(done.skipped, "left alone");

    // And works another one afterwards: the undo leaves that value alone.
    tom.leads().update(plan.sample[1].lead, [("owner", "tom")])?;
    let undone = db.operations().undo(done.id, Default::default(), Default::default())?;
    println!("\nTaken back");
    count(undone.changed, "leads are as they were");
    count(undone.conflicts, "values of others stay");
    for conflict in db.operations().conflicts(undone.id, Default::default())?.items {
        let field = conflict.field.unwrap_or_default();
        println!(
            "  lead {}: {field} is {} by now ({})",
            conflict.lead,
            conflict.found,
            conflict.code.as_str()
        );
    }

    println!("\nThe log");
    for operation in db.operations().list(Default::default())?.items {
        let actor = operation.actor.as_deref().unwrap_or("-");
        println!("  {:>3} {:<12} {:<4} {}", operation.id, operation.kind.as_str(), actor, operation.changed);
    }
    Ok(())
}

fn count(number: u64, what: &str) {
    println!("{number:>9}  {what}");
}
