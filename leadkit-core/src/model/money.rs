//! Amounts of money, exact to a millionth.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, ErrorCode, Result};

const MICROS: i64 = 1_000_000;
/// Digits after the point that are kept.
const DIGITS: usize = 6;

/// An amount in a currency: `{"amount": "0.0079", "currency": "USD"}` in JSON, millionths inside.
///
/// ```
/// use leadkit_core::model::money::Money;
/// let price = Money::parse("0.00790", "usd")?;
/// assert_eq!((price.micros, price.to_string()), (7_900, "0.0079 USD".to_string()));
/// assert_eq!(price.amount(), "0.0079");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Millionths of the currency's unit.
    pub micros: i64,
    /// ISO 4217, three capitals.
    pub currency: String,
}

impl Money {
    /// Reads a decimal text; what is below a millionth is rounded, halves away from zero.
    ///
    /// # Errors
    /// `invalid_argument` for what is no decimal number, too large, or no currency of three letters.
    pub fn parse(amount: &str, currency: &str) -> Result<Money> {
        let currency = currency.trim().to_ascii_uppercase();
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(wrong("a currency is three letters of ISO 4217", "currency"));
        }
        let micros = micros(amount.trim()).ok_or_else(|| wrong("an amount is a decimal number", "amount"))?;
        Ok(Money { micros, currency })
    }

    /// The amount as decimal text, without zeros at the end.
    pub fn amount(&self) -> String {
        let sign = if self.micros < 0 { "-" } else { "" };
        let (whole, rest) =
            (self.micros.unsigned_abs() / MICROS as u64, self.micros.unsigned_abs() % MICROS as u64);
        match rest {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{rest:06}").trim_end_matches('0').to_string(),
        }
    }

    /// The sum, unless the currencies differ or it is out of range.
    pub fn checked_add(&self, other: &Money) -> Option<Money> {
        let micros = self.micros.checked_add(other.micros).filter(|_| self.currency == other.currency)?;
        Some(Money { micros, currency: self.currency.clone() })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

fn micros(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let kept = format!("{fraction:0<DIGITS$}").get(..DIGITS)?.parse::<i64>().ok()?;
    let up = i64::from(fraction.as_bytes().get(DIGITS).is_some_and(|digit| *digit >= b'5'));
    let micros = whole.checked_mul(MICROS)?.checked_add(kept)?.checked_add(up)?;
    Some(if negative { -micros } else { micros })
}

fn wrong(message: &str, field: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
        .hint("write it as {\"amount\": \"0.0079\", \"currency\": \"USD\"}")
        .at_field(field)
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Money", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Written {
    /// Decimal text.
    amount: String,
    /// ISO 4217.
    currency: String,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { amount: self.amount(), currency: self.currency.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let written = Written::deserialize(deserializer)?;
        Money::parse(&written.amount, &written.currency).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Money {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Written::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_become_millionths_and_back() {
        let cases = [
            ("0", 0, "0"),
            ("-0.00750", -7_500, "-0.0075"),
            ("12", 12_000_000, "12"),
            (".5", 500_000, "0.5"),
            ("1.", 1_000_000, "1"),
            ("0.0000005", 1, "0.000001"),
            ("-0.0000005", -1, "-0.000001"),
            ("0.0000004", 0, "0"),
            ("0.9999999", 1_000_000, "1"),
        ];
        for (text, micros, amount) in cases {
            let money = Money::parse(text, "USD").unwrap();
            assert_eq!((money.micros, money.amount().as_str()), (micros, amount), "{text}");
        }
        for text in ["", ".", "-", "1e3", "1,5", "0x1", "9999999999999999999", "1.2.3"] {
            assert_eq!(Money::parse(text, "USD").unwrap_err().field(), Some("amount"), "{text}");
        }
        assert_eq!(Money::parse("1", "US").unwrap_err().field(), Some("currency"));
    }

    #[test]
    fn json_holds_decimal_text() {
        let text = r#"{"amount":"-0.0075","currency":"USD"}"#;
        let money: Money = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&money).unwrap(), text);
        assert!(serde_json::from_str::<Money>(r#"{"amount":"1","currency":"USD","x":1}"#).is_err());
    }

    #[test]
    fn sums_stay_within_a_currency() {
        let dollar = Money::parse("1", "USD").unwrap();
        assert_eq!(dollar.checked_add(&dollar).unwrap().amount(), "2");
        assert_eq!(dollar.checked_add(&Money::parse("1", "EUR").unwrap()), None);
        assert_eq!(dollar.checked_add(&Money { micros: i64::MAX, currency: "USD".into() }), None);
    }
}
