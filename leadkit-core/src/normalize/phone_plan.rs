//! The numbering plans of libphonenumber, and a short way through them for numbers of which nothing
//! has to be guessed: digits, usual separators, perhaps a `+`.
//!
//! An import reads one number a row, and the engine spends most of its time on what such numbers
//! do not have: letters, parameters, all the words for an extension. [`read`] does what is left, rule
//! by rule as `PhoneNumberUtil::parse` and `is_valid_number` do it, and leaves everything else to the
//! engine: texts with other characters, numbers that are faulty, prefixes that are rewritten.
//!
//! `phone_metadata.bin` beside this file is the engine's own data (see NOTICE), which the engine
//! does not hand out.

#![allow(deprecated, reason = "the engine warns those who read the data inside its wrappers; ours has none")]

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use prost::Message;
use regex::Regex;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use rlibphonenumber::{
    NumberLengthType, PhoneMetadata, PhoneMetadataCollection, PhoneNumberDesc, PhoneNumberUtil, Region,
    ValidationError,
};

/// What the length of a number says.
pub(super) type Length = Result<NumberLengthType, ValidationError>;

/// The engine.
#[allow(clippy::expect_used, reason = "the data is part of the library, and any test of phones reads it")]
pub(super) static UTIL: LazyLock<PhoneNumberUtil> = LazyLock::new(|| {
    let collection =
        PhoneMetadataCollection { metadata: PLANS.plans.iter().map(|p| p.data.clone()).collect() };
    PhoneNumberUtil::new_for_metadata(collection).expect("the built-in numbering plans are readable")
});

static PLANS: LazyLock<Plans> = LazyLock::new(Plans::new);

/// A number that was read on the short way.
#[derive(Debug)]
pub(super) struct Number {
    /// `+` and digits.
    pub(super) e164: String,
    /// Whether it lies in a range that is in use.
    pub(super) valid: bool,
    /// What its length says.
    pub(super) length: Length,
    /// The digits to dial after the call is answered.
    pub(super) extension: Option<String>,
}

/// The region of a code such as `DE` that has a numbering plan.
pub(super) fn region(code: &str) -> Option<Region> {
    let region = Region::from_code(code).ok().filter(|r| *r != Region::World)?;
    PLANS.by_region.contains_key(&region).then_some(region)
}

/// Reads a number as the engine would; none where that is for the engine to do.
pub(super) fn read(text: &str, region: Option<Region>) -> Option<Number> {
    let (text, extension) = without_extension(text);
    let mut buffer = [0; MOST_DIGITS];
    let (plus, digits) = digits_of(text, &mut buffer)?;
    let (plan, national) = match (plus, region) {
        (true, _) => after_code(digits)?,
        (false, Some(region)) => {
            let plan = PLANS.of_region(region)?;
            match plan.dialled_abroad(digits)? {
                Some(rest) => after_code(rest)?,
                None => plan.at_home(digits)?,
            }
        }
        (false, None) => return None,
    };
    let stripped = plan.without_prefix(national)?;
    let local = Ok(NumberLengthType::IsPossibleLocalOnly);
    let short = [local, Err(ValidationError::TooShort), Err(ValidationError::InvalidLength)];
    let national = if short.contains(&plan.length(stripped)) { national } else { stripped };
    if !(2..=17).contains(&national.len()) {
        return None;
    }
    let family = PLANS.by_code.get(&plan.data.country_code())?;
    let main = PLANS.plans.get(*family.first()?)?;
    Some(Number {
        e164: ["+", &plan.code, national].concat(),
        valid: is_valid(family, national)?,
        length: main.length(national),
        extension: extension.map(str::to_owned),
    })
}

/// Takes `ext. 12` or `x12` off the end, the usual ways to write an extension.
fn without_extension(text: &str) -> (&str, Option<&str>) {
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let extension = &text[before.len()..];
    let label = before.trim_end_matches([' ', '.']);
    let number = label.strip_suffix("ext").or_else(|| label.strip_suffix('x'));
    // `/x12` would be a second extension, and two points are none that the engine takes.
    match number.map(|number| number.trim_end_matches(' ')) {
        Some(number)
            if (1..=7).contains(&extension.len())
                && before[label.len()..].matches('.').count() <= 1
                && number.ends_with(|c: char| c.is_ascii_digit()) =>
        {
            (number, Some(extension))
        }
        _ => (text, None),
    }
}

/// No whole number has more.
const MOST_DIGITS: usize = 20;

/// Whether there is a `+`, and the digits; none for a text with anything but digits and the usual
/// separators, and for as few or as many digits as no whole number has.
fn digits_of<'b>(text: &str, buffer: &'b mut [u8; MOST_DIGITS]) -> Option<(bool, &'b str)> {
    let (mut len, mut plus) = (0, false);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                *buffer.get_mut(len)? = byte;
                len += 1;
            }
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' => {}
            b'+' if !plus && len == 0 => plus = true,
            _ => return None,
        }
    }
    let digits = std::str::from_utf8(buffer.get(..len)?).ok()?;
    (len >= 6).then_some((plus, digits))
}

/// Takes the country code off.
fn after_code(digits: &str) -> Option<(&'static Plan, &str)> {
    (1..=3).find_map(|len| {
        let (code, rest) = digits.split_at_checked(len)?;
        // No code begins with 0, and so none is found.
        let family = PLANS.by_code.get(&code.parse().ok()?).filter(|_| !digits.starts_with('0'))?;
        Some((PLANS.plans.get(*family.first()?)?, rest))
    })
}

/// Whether one of the plans that share a country code has a use for the number: the first one
/// that claims it decides.
fn is_valid(family: &[usize], national: &str) -> Option<bool> {
    let plans = || family.iter().filter_map(|at| PLANS.plans.get(*at));
    // The main plan knows most numbers.
    if plans().next()?.knows(national)? {
        return Some(true);
    }
    for plan in plans().filter(|_| family.len() > 1) {
        let knows = plan.knows(national)?;
        if knows || plan.leading().len_in(national)?.is_some() {
            return Some(knows);
        }
    }
    Some(false)
}

struct Plans {
    plans: Vec<Plan>,
    by_region: HashMap<Region, usize>,
    /// The plans that share a country code, the main one first.
    by_code: HashMap<i32, Vec<usize>>,
}

impl Plans {
    fn new() -> Plans {
        let data: &[u8] = include_bytes!("phone_metadata.bin");
        let collection = PhoneMetadataCollection::decode(data).unwrap_or_default();
        let mut plans = Plans { plans: Vec::new(), by_region: HashMap::new(), by_code: HashMap::new() };
        for mut data in collection.metadata {
            let (Ok(region), Some(code)) = (Region::from_code(&data.id), data.country_code) else { continue };
            ascii_digits(&mut data);
            let at = plans.plans.len();
            if region != Region::World {
                plans.by_region.insert(region, at);
            }
            let family = plans.by_code.entry(code).or_default();
            match data.main_country_for_code() {
                true => family.insert(0, at),
                false => family.push(at),
            }
            plans.plans.push(Plan::new(data));
        }
        plans
    }

    fn of_region(&self, region: Region) -> Option<&Plan> {
        self.plans.get(*self.by_region.get(&region)?)
    }
}

/// Writes `\d` as `[0-9]`. The engine matches ASCII digits only, and an expression for the digits
/// of all scripts takes a hundred times as long to compile.
fn ascii_digits(data: &mut PhoneMetadata) {
    let descriptions = [
        &mut data.general_desc,
        &mut data.fixed_line,
        &mut data.mobile,
        &mut data.toll_free,
        &mut data.premium_rate,
        &mut data.shared_cost,
        &mut data.personal_number,
        &mut data.voip,
        &mut data.pager,
        &mut data.uan,
        &mut data.voicemail,
        &mut data.no_international_dialling,
    ];
    let patterns = descriptions.into_iter().flatten().filter_map(|d| d.national_number_pattern.as_mut());
    let prefixes =
        [&mut data.international_prefix, &mut data.national_prefix_for_parsing, &mut data.leading_digits];
    let formats = data.number_format.iter_mut().chain(&mut data.intl_number_format);
    let formats = formats.flat_map(|f| f.leading_digits_pattern.iter_mut().chain([&mut f.pattern]));
    for pattern in patterns.chain(prefixes.into_iter().flatten()).chain(formats) {
        *pattern = pattern.replace(r"\d", "[0-9]");
    }
}

/// One numbering plan, its expressions compiled when they are first needed.
struct Plan {
    data: PhoneMetadata,
    code: String,
    general: OnceLock<Option<Shape>>,
    international: OnceLock<Prefix>,
    national: OnceLock<Prefix>,
    leading: OnceLock<Prefix>,
    /// By the number's length: all kinds of numbers of that length in one expression.
    kinds: [OnceLock<Option<Kinds>>; 18],
}

/// What is in use among the numbers of one length.
enum Kinds {
    Nothing,
    These(Shape),
}

/// What whole numbers look like, as an automaton: one look-up a digit.
struct Shape(Box<dense::DFA<Vec<u32>>>);

impl Shape {
    /// None for an expression that no automaton of a reasonable size can do.
    fn new(pattern: &str) -> Option<Shape> {
        const LIMIT: usize = 8 << 20;
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(LIMIT))
            .determinize_size_limit(Some(LIMIT));
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        dense::Builder::new()
            .configure(config)
            .syntax(syntax)
            .build(pattern)
            .ok()
            .map(|dfa| Shape(Box::new(dfa)))
    }

    fn fits(&self, digits: &str) -> bool {
        let input = Input::new(digits).anchored(Anchored::Yes).earliest(true);
        matches!(self.0.try_search_fwd(&input), Ok(Some(_)))
    }
}

impl Plan {
    fn new(data: PhoneMetadata) -> Plan {
        Plan {
            code: data.country_code().to_string(),
            data,
            general: OnceLock::new(),
            international: OnceLock::new(),
            national: OnceLock::new(),
            leading: OnceLock::new(),
            kinds: [const { OnceLock::new() }; 18],
        }
    }

    /// The digits after the prefix for calls abroad, where the number begins with it.
    fn dialled_abroad<'d>(&self, digits: &'d str) -> Option<Option<&'d str>> {
        let prefix =
            self.international.get_or_init(|| Prefix::new(self.data.international_prefix.as_deref()));
        let rest = prefix.len_in(digits)?.map(|len| &digits[len..]);
        Some(rest.filter(|rest| !rest.starts_with('0')))
    }

    /// The plan and national digits of a number dialled within this plan's country, perhaps with
    /// the country's own code in front.
    fn at_home<'d>(&'static self, digits: &'d str) -> Option<(&'static Plan, &'d str)> {
        if let Some(rest) = digits.strip_prefix(self.code.as_str()) {
            let rest = self.without_prefix(rest)?;
            if (!self.is_general(digits)? && self.is_general(rest)?)
                || self.length(digits) == Err(ValidationError::TooLong)
            {
                let main = *PLANS.by_code.get(&self.data.country_code())?.first()?;
                return Some((PLANS.plans.get(main)?, rest));
            }
        }
        Some((self, digits))
    }

    /// The number without its national prefix; none where the prefix would be rewritten.
    fn without_prefix<'d>(&self, digits: &'d str) -> Option<&'d str> {
        let prefix = || Prefix::new(self.data.national_prefix_for_parsing.as_deref());
        let prefix = self.national.get_or_init(prefix);
        let len = match self.data.national_prefix_transform_rule().is_empty() {
            true => prefix.len_in(digits)?,
            false => prefix.len_unless_captured(digits)?,
        };
        let Some(len) = len else { return Some(digits) };
        let stripped = &digits[len..];
        let worse = self.is_general(digits)? && !self.is_general(stripped)?;
        Some(if worse { digits } else { stripped })
    }

    /// Whether the number has the general form of the plan.
    fn is_general(&self, digits: &str) -> Option<bool> {
        let pattern = || Shape::new(self.data.general_desc.as_ref()?.national_number_pattern.as_deref()?);
        Some(self.general.get_or_init(pattern).as_ref()?.fits(digits))
    }

    /// Whether the plan has a use for the number.
    fn knows(&self, digits: &str) -> Option<bool> {
        if !allows(self.data.general_desc.as_ref()?, digits.len()) || !self.is_general(digits)? {
            return Some(false);
        }
        match self.kinds.get(digits.len())?.get_or_init(|| self.kinds(digits.len())).as_ref()? {
            Kinds::Nothing => Some(false),
            Kinds::These(shape) => Some(shape.fits(digits)),
        }
    }

    fn kinds(&self, len: usize) -> Option<Kinds> {
        let data = &self.data;
        let mobile = data.mobile.as_ref().filter(|_| !data.same_mobile_and_fixed_line_pattern());
        let kinds = [
            &data.premium_rate,
            &data.toll_free,
            &data.shared_cost,
            &data.voip,
            &data.personal_number,
            &data.pager,
            &data.uan,
            &data.voicemail,
            &data.fixed_line,
        ];
        let kinds = kinds.into_iter().flatten().chain(mobile).filter(|kind| allows(kind, len));
        let patterns: Vec<&str> = kinds.filter_map(|kind| kind.national_number_pattern.as_deref()).collect();
        if patterns.is_empty() {
            return Some(Kinds::Nothing);
        }
        // The engine takes an empty expression for one that fits all.
        let whole = patterns.iter().all(|pattern| pattern.len() >= WRAPPED);
        whole.then(|| Shape::new(&patterns.join("|"))).flatten().map(Kinds::These)
    }

    fn leading(&self) -> &Prefix {
        self.leading.get_or_init(|| Prefix::new(self.data.leading_digits.as_deref()))
    }

    /// What the number's length says.
    fn length(&self, digits: &str) -> Length {
        let Some(general) = &self.data.general_desc else { return Err(ValidationError::InvalidLength) };
        let len = digits.len() as i32;
        let possible = || general.possible_length.iter().copied().filter(|len| *len > 0);
        let (Some(least), Some(most)) = (possible().min(), possible().max()) else {
            return Err(ValidationError::InvalidLength);
        };
        match len {
            _ if general.possible_length_local_only.contains(&len) => {
                Ok(NumberLengthType::IsPossibleLocalOnly)
            }
            _ if len < least => Err(ValidationError::TooShort),
            _ if len > most => Err(ValidationError::TooLong),
            _ if possible().any(|possible| possible == len) => Ok(NumberLengthType::IsPossible),
            _ => Err(ValidationError::InvalidLength),
        }
    }
}

/// Whether numbers of this length may be of the kind.
fn allows(kind: &PhoneNumberDesc, len: usize) -> bool {
    kind.possible_length.is_empty() || kind.possible_length.contains(&(len as i32))
}

/// The length of `^(?:)$`, in which all expressions of the data are wrapped.
const WRAPPED: usize = 6;

/// What numbers may begin with.
enum Prefix {
    /// There is none.
    None,
    /// These very digits, as in most countries.
    Digits(String),
    Pattern(Regex),
    /// Only the engine can tell.
    Unknown,
}

impl Prefix {
    fn new(pattern: Option<&str>) -> Prefix {
        let Some(pattern) = pattern else { return Prefix::None };
        let inner = pattern.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$"));
        match inner {
            Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Prefix::Digits(digits.into())
            }
            Some(inner) if !inner.is_empty() => {
                Regex::new(&format!("^(?:{inner})")).map_or(Prefix::Unknown, Prefix::Pattern)
            }
            _ => Prefix::Unknown,
        }
    }

    /// How much of the number it takes, if the number begins so; none when that is unknown.
    fn len_in(&self, digits: &str) -> Option<Option<usize>> {
        match self {
            Prefix::None => Some(None),
            Prefix::Digits(prefix) => Some(digits.starts_with(prefix.as_str()).then_some(prefix.len())),
            Prefix::Pattern(pattern) => Some(pattern.find(digits).map(|found| found.end())),
            Prefix::Unknown => None,
        }
    }

    /// [`Prefix::len_in`] where the rest is rewritten if a part of the prefix was captured; none then.
    fn len_unless_captured(&self, digits: &str) -> Option<Option<usize>> {
        let Prefix::Pattern(pattern) = self else { return self.len_in(digits) };
        let Some(found) = pattern.captures(digits) else { return Some(None) };
        let captured = found.iter().skip(1).flatten().any(|part| !part.is_empty());
        (!captured).then(|| found.get(0).map(|whole| whole.end()))
    }
}
