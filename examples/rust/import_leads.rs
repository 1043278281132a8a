//! Your first import: a messy CSV in, leads in SQLite, rejects and a report out.
//!
//! ```text
//! cargo run --release --example import_leads              # makes a messy sample and imports it
//! cargo run --release --example import_leads -- my.csv    # imports your file
//! ```
use std::error::Error;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use leadkit_core::model::options::Progressing;
use leadkit_core::{ImportOptions, ImportReport, Progress, testing};

fn main() -> Result<(), Box<dyn Error>> {
    let source = match std::env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => make_sample()?,
    };
    let database = source.with_extension("db");

    let db = leadkit_core::open(&database.to_string_lossy())?;
    let options = ImportOptions { progress: progress_bar(), ..Default::default() };
    let report = db.import_leads(source.as_path(), options)?;

    let page = source.with_extension("report.html");
    report.save_html(&page)?;
    summary(&report);
    println!("\nLeads    {}", database.display());
    println!("Report   {}", page.display());
    if let Some(rejects) = &report.rejects {
        println!("Rejects  {}  (fix them and import this file again)", rejects.display());
    }
    Ok(())
}

fn make_sample() -> Result<PathBuf, Box<dyn Error>> {
    let folder = std::env::temp_dir().join("leadkit-example");
    std::fs::create_dir_all(&folder)?;
    for old in std::fs::read_dir(&folder)? {
        std::fs::remove_file(old?.path())?;
    }
    let path = folder.join("trade-fair.csv");
    std::fs::write(&path, testing::messy_csv(2_000, 7))?;
    Ok(path)
}

/// A bar on a terminal, nothing in a log file.
fn progress_bar() -> Option<Progressing> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let style = "{msg:8} {bar:40} {percent:>3} %  {bytes_per_sec}  {eta} left";
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(style).ok()?);
    Some(Progressing(Arc::new(move |p: &Progress| {
        bar.set_length(p.total.unwrap_or(p.done));
        bar.set_message(p.stage.clone());
        bar.set_position(p.done);
        if p.stage == "import" && p.total == Some(p.done) {
            bar.finish_and_clear();
        }
    })))
}

fn summary(report: &ImportReport) {
    let format = &report.format;
    println!(
        "{}: {}, delimiter {:?}",
        report.file.as_deref().unwrap_or("import"),
        format.encoding,
        format.delimiter
    );
    println!("\n{:>9}  rows in {:.2} s", report.rows, report.timing.seconds);
    let counts = [
        (report.created, "became new leads"),
        (report.updated, "updated a lead"),
        (report.merged, "completed a lead that was there"),
        (report.skipped, "changed nothing"),
        (report.rejected, "handed back"),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        println!("{count:>9}  {what}");
    }
    println!("\nColumns");
    for column in &report.mapping {
        let fields =
            if column.fields.is_empty() { "(left out)".to_string() } else { column.fields.join(", ") };
        println!("  {:<14} -> {:<14} {:>3.0} %", column.column, fields, column.confidence * 100.0);
    }
    println!("\nNoticed");
    for issue in report.issues.iter().take(12) {
        let field = issue.field.as_deref().unwrap_or("row");
        println!("{:>7} x  {:<12} {}", issue.count, field, issue.message);
    }
}
