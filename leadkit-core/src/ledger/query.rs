//! Filters and orders, checked against the fields there are.

use super::Session;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::CustomField;
use crate::model::filter::{Filter, Target};
use crate::store::{OrderKey, Query};

impl Session {
    /// Checks a filter and an order against the fields there are.
    pub(crate) fn query(&self, filter: &Filter, order_by: &[String], include_deleted: bool) -> Result<Query> {
        let custom = self.store.reading(|r| r.custom_fields())?;
        let order: Vec<OrderKey> =
            order_by.iter().map(|key| order_key(key, &custom)).collect::<Result<_>>()?;
        let filter = filter.resolve(&custom, self.clock.now())?;
        let access = self.access()?;
        access.check_expr(&filter)?;
        order.iter().try_for_each(|key| access.check_order(&key.target))?;
        Ok(Query { filter, order, include_deleted })
    }
}

fn order_key(key: &str, custom: &[CustomField]) -> Result<OrderKey> {
    let (name, descending) = match key.strip_prefix('-') {
        Some(name) => (name, true),
        None => (key, false),
    };
    let target = Target::parse(name, custom)?;
    if target.kind().is_list() {
        return Err(Error::new(ErrorCode::InvalidArgument, format!("`{name}` is a list and has no order"))
            .at_field("order_by"));
    }
    Ok(OrderKey { target, descending })
}
