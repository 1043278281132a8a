//! How a tenant's schema is.

use super::{View, schema};
use crate::error::{ErrorCode, Result};
use crate::store::Condition;

/// Sizes, and, when thorough, every value of every row: a page that was damaged shows.
pub(super) fn look(view: &View<'_>, tenant: &str, thorough: bool) -> Result<Condition> {
    let tables = view.rows(
        "SELECT c.relname::text, pg_catalog.pg_total_relation_size(c.oid) FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1::text AND c.relkind = 'r' ORDER BY 1",
        &[&tenant],
    )?;
    let mut condition = Condition { schema: schema::current(), ..Condition::default() };
    for table in &tables {
        condition.bytes += table.try_get::<_, i64>(1)?.unsigned_abs();
    }
    for table in tables.iter().filter(|_| thorough) {
        let name: &str = table.try_get(0)?;
        let name = name.replace('"', "\"\"");
        match view.row(&format!("SELECT sum(octet_length(t::text)) FROM \"{name}\" t"), &[]) {
            Err(error) if error.error_code() == ErrorCode::Corrupt => {
                // The server ends the transaction at its first error.
                condition.damage.push(format!("the table {name} cannot be read to its end"));
                break;
            }
            result => drop(result?),
        }
    }
    Ok(condition)
}
