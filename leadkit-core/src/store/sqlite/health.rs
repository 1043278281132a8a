//! How a file is, and a copy of it while others use it.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::schema;
use crate::atomic::AtomicFile;
use crate::error::{Error, ErrorCode, Result};
use crate::store::Condition;

/// Pages that are copied between two looks at the clock: writers wait no longer than that takes.
const PAGES: i32 = 2_000;

pub(super) fn look(connection: &mut Connection, thorough: bool) -> Result<Condition> {
    let check = if thorough { "integrity_check" } else { "quick_check" };
    let mut damage: Vec<String> = Vec::new();
    connection.pragma_query(None, check, |row| {
        damage.push(row.get(0)?);
        Ok(())
    })?;
    damage.retain(|line| line != "ok");
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let bytes = number("page_count")? * number("page_size")?;
    Ok(Condition { damage, schema: schema::version(connection)?, bytes: bytes.unsigned_abs(), log_bytes: 0 })
}

/// Copies inside one read transaction, so that the copy is one state, to a file beside the target
/// which then takes its name.
pub(super) fn backup(connection: &mut Connection, target: &Path) -> Result<()> {
    if target.exists() {
        return Err(
            Error::new(ErrorCode::FileExists, "the file exists and is not overwritten").at_path(target)
        );
    }
    let (file, _) = AtomicFile::create(target)?;
    let mut copy = Connection::open(file.path())?;
    {
        let state = connection.transaction()?;
        let backup = Backup::new(&state, &mut copy)?;
        while backup.step(PAGES)? != StepResult::Done {}
    }
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    // Where no switch was ever turned, what waits there is doubtful in the copy all the same.
    copy.execute(
        "INSERT INTO setting (one, value) SELECT 1, '{}'
         WHERE NOT EXISTS (SELECT 1 FROM setting) AND EXISTS (SELECT 1 FROM communication)",
        [],
    )?;
    copy.execute(
        "UPDATE setting SET value = json_set(value, '$.sending', json('false'),
             '$.automations', json('false'), '$.restored', json('true'))",
        [],
    )?;
    copy.close().map_err(|(_, error)| error)?;
    file.finish_new([target.to_path_buf()])?;
    Ok(())
}
