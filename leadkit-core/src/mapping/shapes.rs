//! Shapes of single values, told cheaply; text comes trimmed and folded unless said otherwise.

/// An address, bare or in angle brackets.
pub(super) fn is_email(word: &str) -> bool {
    let word = word.trim_matches(|c: char| "<>()\"'".contains(c)).trim_start_matches("mailto:");
    word.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').filter(|label| !label.is_empty()).count() >= 2
    })
}

/// A web address, with or without its scheme.
pub(super) fn is_url(text: &str) -> bool {
    if text.starts_with("http://") || text.starts_with("https://") || text.starts_with("www.") {
        return true;
    }
    let host = text.split('/').next().unwrap_or_default();
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    !host.contains([' ', '@', ','])
        && name.chars().any(char::is_alphabetic)
        && (2..=12).contains(&top.len())
        && top.bytes().all(|b| b.is_ascii_lowercase())
        && name.len() >= 2
}

/// None when it is no phone number; else whether it is written as only phone numbers are.
pub(super) fn phone_shape(text: &str) -> Option<bool> {
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let text = text.strip_suffix(".0").unwrap_or(text);
    let body = text.find(['x', 'e']).map_or(text, |at| if at >= 6 { &text[..at] } else { text });
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    if !(6..=17).contains(&digits) || !body.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c)) {
        return None;
    }
    let marks = body.chars().filter(|c| " -()./".contains(*c)).count();
    let zip_and_four = digits == 9 && marks == 1 && body.as_bytes().get(5) == Some(&b'-');
    Some(body.starts_with('+') || digits >= 7 && marks > 0 && !zip_and_four && !is_number(body))
}

/// Digits with at most two separators, a sign, a percent sign.
pub(super) fn is_number(text: &str) -> bool {
    let text = text.trim_end_matches(['%', ' ']);
    text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().filter(|b| matches!(b, b'.' | b',')).count() <= 2
        && text
            .strip_prefix('-')
            .unwrap_or(text)
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
}

/// Short, with digits, as postal codes are.
pub(super) fn is_postal(text: &str) -> bool {
    let text = text.trim_start_matches('〒');
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (3..=10).contains(&text.len())
        && digits >= 2
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-'))
        && text.bytes().filter(u8::is_ascii_alphabetic).count() <= 5
}

/// Three groups of digits as dates have them, or a month's name with a year.
pub(super) fn is_date(text: &str) -> bool {
    if text.contains('年') && text.contains('月') {
        return true;
    }
    let day = text.split(['t', ' ']).next().unwrap_or_default().trim_end_matches(['.', ',']);
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    if let [a, b, c] = parts.as_slice() {
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let small = |t: &str| t.len() <= 2 && t.parse::<u8>().is_ok_and(|n| (1..=31).contains(&n));
        if digits(a) && digits(b) && digits(c) {
            return small(b) && (a.len() == 4 && small(c) || small(a) && matches!(c.len(), 2 | 4));
        }
    }
    let year = text
        .split(|c: char| !c.is_ascii_digit())
        .any(|n| n.len() == 4 && (n.starts_with("19") || n.starts_with("20")));
    year && text
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.len() >= 3 && MONTHS.iter().any(|month| word.starts_with(month)))
}

/// Two or three capitals.
pub(super) fn is_country_code(cell: &str) -> bool {
    matches!(cell.len(), 2 | 3) && cell.bytes().all(|b| b.is_ascii_uppercase())
}

/// `Inc`, `GmbH` and the like among the last words.
pub(super) fn has_legal_form(text: &str) -> bool {
    text.rsplit([' ', ',']).take(3).any(|word| {
        let word: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
        LEGAL_FORMS.contains(&word.as_str())
    }) || text.contains("株式会社")
        || text.contains("有限公司")
}

/// A language tag or name.
pub(super) fn is_language(text: &str) -> bool {
    let code = text.split(['-', '_']).next().unwrap_or_default();
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()) && matches!(text.len(), 2 | 5..=7)
        || LANGUAGES.contains(&text)
}

/// `Europe/Berlin`, `UTC+1`.
pub(super) fn is_zone(cell: &str) -> bool {
    let area = cell.split_once('/').is_some_and(|(area, city)| {
        area.len() >= 3 && city.len() >= 3 && area.bytes().all(|b| b.is_ascii_alphabetic())
    });
    area || ["UTC", "GMT", "CET", "EST", "PST", "CST", "MST"].iter().any(|zone| cell.starts_with(zone))
}

/// Sites where people have pages.
pub(super) static SOCIAL: &[&str] =
    &["linkedin.com", "facebook.com", "twitter.com", "//x.com", "xing.com", "instagram.com"];
/// Yes and no.
pub(super) static BOOLEANS: &[&str] = &[
    "yes", "no", "true", "false", "y", "n", "0", "1", "x", "ja", "nein", "oui", "non", "si", "wahr",
    "falsch", "t", "f", "on", "off", "sim", "nao", "tak", "nie",
];
/// Forms of address, folded, without a final dot.
pub(super) static SALUTATIONS: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "madam", "herr", "frau", "fr", "hr", "herrn",
    "herr dr", "frau dr", "dr med", "prof dr", "m", "mme", "mlle", "monsieur", "madame", "sr", "sra", "srta",
    "dott", "sig", "sig.ra", "dhr", "mevr", "mw", "pan", "pani", "don", "dona", "ing", "rev", "様",
    "dott.ssa",
];
/// Where leads stand, folded.
pub(super) static STATUSES: &[&str] = &[
    "new",
    "open",
    "closed",
    "contacted",
    "attempted to contact",
    "working",
    "in progress",
    "nurturing",
    "nurture",
    "qualified",
    "unqualified",
    "disqualified",
    "converted",
    "won",
    "lost",
    "closed won",
    "closed lost",
    "active",
    "inactive",
    "lead",
    "customer",
    "prospect",
    "opportunity",
    "subscriber",
    "mql",
    "sql",
    "hot",
    "warm",
    "cold",
    "connected",
    "pending",
    "junk",
    "not contacted",
    "archived",
    "neu",
    "offen",
    "geschlossen",
    "kontaktiert",
    "qualifiziert",
    "gewonnen",
    "verloren",
    "in bearbeitung",
    "nouveau",
    "ouvert",
    "ferme",
    "gagne",
    "perdu",
    "contacte",
    "qualifie",
    "nuevo",
    "abierto",
    "cerrado",
    "contactado",
    "ganado",
    "perdido",
    "nuovo",
    "aperto",
    "chiuso",
    "contattato",
    "vinto",
    "perso",
    "novo",
    "aberto",
    "fechado",
    "ganho",
];
static LEGAL_FORMS: &[&str] = &[
    "inc",
    "llc",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "co",
    "plc",
    "llp",
    "lp",
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "ev",
    "eg",
    "gbr",
    "mbh",
    "sarl",
    "sas",
    "sa",
    "sasu",
    "eurl",
    "sci",
    "sl",
    "slu",
    "srl",
    "spa",
    "snc",
    "sas",
    "lda",
    "ltda",
    "bv",
    "nv",
    "vof",
    "ab",
    "as",
    "asa",
    "aps",
    "oy",
    "oyj",
    "sro",
    "zoo",
    "kft",
    "zrt",
    "pty",
    "pte",
    "kk",
    "company",
    "group",
    "holding",
];
static MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "mai", "jun", "jul", "aug", "sep", "oct", "okt", "nov", "dec", "dez",
];
static LANGUAGES: &[&str] = &[
    "english",
    "german",
    "french",
    "spanish",
    "italian",
    "portuguese",
    "dutch",
    "polish",
    "japanese",
    "chinese",
    "deutsch",
    "englisch",
    "franzosisch",
    "francais",
    "anglais",
    "espanol",
    "ingles",
    "italiano",
    "portugues",
    "nederlands",
    "polski",
    "日本語",
    "中文",
];
/// Names of countries, folded and sorted.
#[rustfmt::skip]
pub(super) static COUNTRIES: &[&str] = &[
    "afghanistan", "albania", "alemania", "algeria", "allemagne", "andorra", "argentina", "armenia",
    "australia", "austria", "azerbaijan", "bahrain", "bangladesh", "belarus", "belgia", "belgica", "belgie",
    "belgien", "belgio", "belgique", "belgium", "bolivia", "brasil", "brazil", "bulgaria", "cambodia",
    "cameroon", "canada", "chile", "china", "colombia", "costa rica", "croatia", "cuba", "cyprus",
    "czech republic", "czechia", "danemark", "danmark", "denmark", "deutschland", "dominican republic",
    "duitsland", "ecuador", "egypt", "el salvador", "england", "espagne", "espana", "estonia", "ethiopia",
    "finland", "finnland", "france", "francia", "frankreich", "frankrijk", "georgia", "germania", "germany",
    "ghana", "great britain", "greece", "griechenland", "guatemala", "honduras", "hong kong", "hungary",
    "iceland", "india", "indonesia", "iran", "iraq", "ireland", "irland", "israel", "italia", "italie",
    "italien", "italy", "jamaica", "japan", "jordan", "kazakhstan", "kenya", "kuwait", "latvia", "lebanon",
    "liechtenstein", "lithuania", "luxembourg", "luxemburg", "magyarorszag", "malaysia", "malta", "mexico",
    "moldova", "monaco", "montenegro", "morocco", "nederland", "nepal", "netherlands", "new zealand",
    "niederlande", "nigeria", "norge", "north macedonia", "norway", "norwegen", "osterreich", "pakistan",
    "panama", "paraguay", "pays-bas", "peru", "philippines", "poland", "polen", "pologne", "polska",
    "portugal", "qatar", "romania", "royaume-uni", "russia", "russian federation", "saudi arabia",
    "schweden", "schweiz", "scotland", "serbia", "singapore", "slovakia", "slovenia", "south africa",
    "south korea", "spain", "spanien", "sri lanka", "suisse", "suomi", "svenska", "sverige", "sweden",
    "switzerland", "taiwan", "tanzania", "thailand", "the netherlands", "tschechien", "tunisia", "turkey",
    "turkiye", "u.k.", "u.s.", "u.s.a.", "uae", "uganda", "ukraine", "ungarn", "united arab emirates",
    "united kingdom", "united states", "united states of america", "uruguay", "venezuela",
    "vereinigte staaten", "vereinigtes konigreich", "viet nam", "vietnam", "wales", "zimbabwe", "中国", "日本",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn countries_are_sorted() {
        for pair in COUNTRIES.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
    }
}
