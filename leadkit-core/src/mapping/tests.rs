#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use super::*;
use crate::error::Result;
use crate::model::field::{CustomField, FieldKind};
use crate::model::options::{ColumnRule, ColumnTarget, Mapping, Split, Transform};
use crate::model::report::MappedBy;

/// Maps `header|header` and rows `cell|cell`.
fn try_plan(header: &str, rows: &[&str], given: Mapping, custom: &[CustomField]) -> Result<Plan> {
    let header: Vec<String> = header.split('|').map(String::from).collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.split('|').collect()).collect();
    plan(&header, &rows, &given, custom)
}

fn fields(plan: &Plan) -> Vec<String> {
    plan.columns()
        .iter()
        .map(|c| {
            let fields = c.targets.fields().iter().map(|f| f.to_string());
            fields.chain(c.consent.map(|target| target.name().to_string())).collect::<Vec<_>>().join("+")
        })
        .map(|fields| if fields.is_empty() { "-".to_string() } else { fields })
        .collect()
}

#[track_caller]
fn check(header: &str, rows: &[&str], expected: &str) {
    let plan = try_plan(header, rows, Mapping::new(), &[]).unwrap();
    let expected: Vec<&str> = expected.split('|').collect();
    let got = fields(&plan);
    let wrong: Vec<String> = header
        .split('|')
        .zip(&expected)
        .zip(plan.columns())
        .zip(&got)
        .filter(|(((_, e), _), g)| *e != g)
        .map(|(((h, e), c), g)| {
            format!("{h:?}: wanted {e}, got {g} at {} of {:?}", c.confidence, c.alternatives)
        })
        .collect();
    assert!(wrong.is_empty() && got.len() == expected.len(), "{wrong:#?}");
}

fn given(entries: &[(&str, ColumnTarget)]) -> Mapping {
    entries.iter().map(|(name, target)| (name.to_string(), target.clone())).collect()
}

fn to(field: &str) -> ColumnTarget {
    ColumnTarget::Field(field.into())
}

fn custom(key: &str, label: &str, kind: FieldKind) -> CustomField {
    CustomField { key: key.into(), label: label.into(), kind, choices: Vec::new(), archived: false }
}

#[test]
fn plain_lead_list() {
    check(
        "lead_id|first_name|last_name|email|phone|company|title|industry|website|street|city|state|postcode|country|source|status|owner|score|created_at|notes",
        &[
            "L1|Steven|Perez|perez@q.example|312-559-9005|Quantum LLC|Office Manager|Software|https://q.example|321 Sunset Ave|Miami|FL|33144|United States|trade show|contacted|rep18|29|2025-08-24T09:08:56Z|Left voicemail x2",
            "L2|Nuria|Fernández|n@a.test|91/274 15 76|Alpinenest S.L.|Data Analyst|Transport|https://a.test|Avda. Queen 356|Madrid|Madrid|28040|Spain|ads|lost|rep23|39|2023-06-20T10:32:06Z|",
        ],
        "external_id|first_name|last_name|email|phone|company|job_title|-|website|street|city|state|postal_code|country|source|status|owner|score|created_at|notes",
    );
}

#[test]
fn every_field_maps_to_itself_by_name_and_by_label() {
    use crate::model::field::Field;
    for names in [
        Field::ALL.iter().map(|f| f.name()).collect::<Vec<_>>(),
        Field::ALL.iter().map(|f| f.label()).collect(),
    ] {
        let expected: Vec<&str> = Field::ALL.iter().map(|f| f.name()).collect();
        check(&names.join("|"), &[], &expected.join("|"));
    }
}

#[test]
fn hubspot() {
    check(
        "Record ID|First Name|Last Name|Email|Phone Number|Mobile Phone Number|Contact owner|Lead Status|Lifecycle Stage|Company name|Job Title|Street Address|City|State/Region|Postal Code|Country/Region|Website URL|Original Source|Original Source Drill-Down 1|Create Date|Last Modified Date|Last Activity Date|Number of Employees|Annual Revenue|Industry|Marketing contact status|Unsubscribed from all email|Time Zone|Preferred language",
        &[
            "101|Ada|Lovelace|ada@b.org|+44 20 7946 0958|+44 7700 900123|Sam Rep|New|lead|Babbage Ltd|Engineer|1 Mill St|London|England|SW1A 1AA|United Kingdom|https://b.org|Organic Search|google|2024-01-02 10:00|2024-02-02 10:00|2024-02-01 09:00|12|100000|Software|Marketing contact|false|Europe/London|en",
            "102|Alan|Turing|alan@m.org|+44 20 7946 0959||Sam Rep|Open|lead|Manchester Ltd|Fellow|2 Mill St|Manchester|England|M1 1AE|United Kingdom|https://m.org|Direct|none|2024-01-03 10:00|2024-02-03 10:00|2024-02-01 09:00|40|200000|Science|Non-marketing|true|Europe/London|en",
        ],
        "external_id|first_name|last_name|email|phone|phones|owner|status|-|company|job_title|street|city|state|postal_code|country|website|source|-|created_at|updated_at|-|-|-|-|-|-|time_zone|language",
    );
}

#[test]
fn salesforce() {
    check(
        "Lead ID|Salutation|First Name|Last Name|Title|Company / Account|Street|City|State/Province|Zip/Postal Code|Country|Phone|Mobile|Fax|Email|Lead Source|Lead Owner|Lead Status|Rating|Created Date|Last Modified|Email Opt Out|Do Not Call|Description",
        &[
            "00Q1|Ms.|Ada|Lovelace|Analyst|Babbage Inc|1 Mill St|London|KY|40741|USA|(606) 555-0101|(606) 555-0102|(606) 555-0103|ada@b.com|Web|Sam|Open|Hot|1/2/2024|2/2/2024|0|0|Met at fair",
            "00Q2|Mr.|Alan|Turing|Fellow|Bombe Inc|2 Mill St|Reading|PA|19601|USA|(610) 555-0101|(610) 555-0102|(610) 555-0103|alan@b.com|Web|Sam|Open|Warm|1/3/2024|2/3/2024|1|0|",
        ],
        "external_id|salutation|first_name|last_name|job_title|company|street|city|state|postal_code|country|phone|phones|-|email|source|owner|status|-|created_at|updated_at|-|consent.do_not_call|notes",
    );
    check(
        "First Name|Last Name|Mailing Street|Mailing City|Mailing State/Province|Mailing Zip/Postal Code|Mailing Country|Other Street|Other City|Other Zip/Postal Code|Account Name|Account ID",
        &["Ada|Lovelace|1 Mill St|London|KY|40741|USA||||Babbage|001"],
        "first_name|last_name|street|city|state|postal_code|country|-|-|-|company|-",
    );
}

#[test]
fn other_systems() {
    // Facebook lead ads
    check(
        "id|created_time|ad_id|ad_name|adset_id|adset_name|campaign_id|campaign_name|form_id|form_name|is_organic|platform|full_name|email|phone_number|company_name|job_title",
        &[
            "l:1|2024-01-02T10:00:00+0000|ag:1|Ad|as:1|Set|c:1|Spring|f:1|Form|false|fb|Ada Lovelace|ada@b.org|+442079460958|Babbage|Analyst",
        ],
        "external_id|created_at|-|-|-|-|-|-|-|-|-|source|full_name|email|phone|company|job_title",
    );
    // Google Contacts
    check(
        "Name|Given Name|Family Name|E-mail 1 - Type|E-mail 1 - Value|E-mail 2 - Type|E-mail 2 - Value|Phone 1 - Type|Phone 1 - Value|Phone 2 - Type|Phone 2 - Value|Address 1 - Street|Address 1 - City|Address 1 - Region|Address 1 - Postal Code|Address 1 - Country|Organization 1 - Name|Organization 1 - Title|Website 1 - Value|Group Membership|Birthday",
        &[
            "Ada Lovelace|Ada|Lovelace|Work|ada@b.org|Home|ada@home.org|Mobile|+44 7700 900123|Work|+44 20 7946 0958|1 Mill St|London|England|SW1A 1AA|United Kingdom|Babbage|Analyst|https://b.org|* myContacts|1815-12-10",
        ],
        "full_name|first_name|last_name|-|email|-|emails|-|phone|-|phones|street|city|state|postal_code|country|company|job_title|website|tags|-",
    );
    // Outlook
    check(
        "Title|First Name|Middle Name|Last Name|Company|Job Title|Business Street|Business Street 2|Business City|Business State|Business Postal Code|Business Country/Region|Home Street|Home City|Home Postal Code|Business Fax|Business Phone|Home Phone|Mobile Phone|E-mail Address|E-mail Type|E-mail 2 Address|Web Page|Notes",
        &[
            "Mrs.|Ada|K|Lovelace|Babbage|Analyst|1 Mill St|Floor 2|London|LDN|40741|United Kingdom||||+44 20 7946 0000|+44 20 7946 0958|+44 20 7946 0001|+44 7700 900123|ada@b.org|SMTP|ada@home.org|www.b.org|x",
        ],
        "salutation|first_name|middle_name|last_name|company|job_title|street|street|city|state|postal_code|country|-|-|-|-|phone|phones|phones|email|-|emails|website|notes",
    );
    // Zoho, Pipedrive, Mailchimp, LinkedIn
    check(
        "Record Id|Lead Owner|Company|First Name|Last Name|Email|Secondary Email|Phone|Mobile|Lead Source|No. of Employees|Created Time|Modified Time|Zip Code",
        &[],
        "external_id|owner|company|first_name|last_name|email|emails|phone|phones|source|-|created_at|updated_at|postal_code",
    );
    check(
        "Person - Name|Person - Email - Work|Person - Phone - Mobile|Organization - Name|Organization - Address|Lead - Owner|Lead - Source",
        &["Ada Lovelace|ada@b.org|+44 7700 900123|Babbage Ltd|1 Mill St, London|Sam|Web"],
        "full_name|email|phone|company|street|owner|source",
    );
    check(
        "Email Address|First Name|Last Name|Address|Phone Number|Birthday|MEMBER_RATING|OPTIN_TIME|OPTIN_IP|CONFIRM_TIME|LATITUDE|LONGITUDE|TIMEZONE|REGION|LAST_CHANGED|NOTES|TAGS",
        &[
            "ada@b.org|Ada|Lovelace|1 Mill St|+44 20 7946 0958|12/10|4|2024-01-02 10:00:00|10.0.0.1|2024-01-02 10:00:00|51.5|-0.1|Europe/London|ldn|2024-01-03 10:00:00||vip",
        ],
        "email|first_name|last_name|street|phone|-|score|-|-|-|-|-|time_zone|state|updated_at|notes|tags",
    );
    check(
        "First Name|Last Name|URL|Email Address|Company|Position|Connected On",
        &["Ada|Lovelace|https://www.linkedin.com/in/ada|ada@b.org|Babbage|Analyst|10 Dec 2023"],
        "first_name|last_name|-|email|company|job_title|-",
    );
}

#[test]
fn european_languages() {
    check(
        "Kundennummer|Anrede|Vorname|Nachname|Firma|Straße|Hausnummer|Adresszusatz|PLZ|Ort|Bundesland|Land|Telefon|Handy|Fax|E-Mail-Adresse|Webseite|Quelle|Bemerkungen|Erstellt am|Branche|Umsatz",
        &[
            "K1|Frau|Ada|Lovelace|Babbage GmbH|Hauptstraße|5|Hof|01067|Dresden|Sachsen|Deutschland|0351 123456|0171 1234567|0351 123457|ada@b.de|www.b.de|Messe|ruft an|01.02.2024|IT|12",
        ],
        "external_id|salutation|first_name|last_name|company|street|street|street|postal_code|city|state|country|phone|phones|-|email|website|source|notes|created_at|-|-",
    );
    check(
        "Civilité|Prénom|Nom|Société|Fonction|Adresse|Code postal|Ville|Pays|Téléphone|Portable|Courriel|Commentaires",
        &[
            "Mme|Ada|Lovelace|Babbage SARL|Gérante|1 rue du Lac|75001|Paris|France|01 23 45 67 89|06 12 34 56 78|ada@b.fr|",
        ],
        "salutation|first_name|last_name|company|job_title|street|postal_code|city|country|phone|phones|email|notes",
    );
    check(
        "Nombre|Apellidos|Empresa|Cargo|Correo electrónico|Teléfono|Móvil|Dirección|Código postal|Ciudad|Provincia|País|Observaciones",
        &[
            "Ada|Lovelace|Babbage S.L.|Jefa|ada@b.es|912 345 678|612 345 678|Calle Sol 1|28001|Madrid|Madrid|España|",
        ],
        "first_name|last_name|company|job_title|email|phone|phones|street|postal_code|city|state|country|notes",
    );
    check(
        "Nome|Cognome|Azienda|Indirizzo|CAP|Città|Provincia|Telefono|Cellulare|Indirizzo e-mail|Note",
        &["Ada|Lovelace|Babbage S.r.l.|Via Roma 1|00100|Roma|RM|06 1234567|333 1234567|ada@b.it|"],
        "first_name|last_name|company|street|postal_code|city|state|phone|phones|email|notes",
    );
    check(
        "Nome|Sobrenome|Empresa|Telefone|CEP|Cidade|Estado",
        &["Ada|Lovelace|Babbage Ltda|(11) 3456-7890|01310-100|São Paulo|SP"],
        "first_name|last_name|company|phone|postal_code|city|state",
    );
    check("Ad Soyad|Cep|Şehir", &["Ada Lovelace|+90 532 123 45 67|İzmir"], "full_name|phone|city");
    check(
        "Voornaam|Tussenvoegsel|Achternaam|Bedrijf|Straat|Huisnummer|Postcode|Plaats|E-mailadres|Telefoonnummer",
        &[],
        "first_name|middle_name|last_name|company|street|street|postal_code|city|email|phone",
    );
    check(
        "Imię|Nazwisko|Nazwa firmy|Stanowisko|Kod pocztowy|Miasto|Numer telefonu|Adres e-mail",
        &[],
        "first_name|last_name|company|job_title|postal_code|city|phone|email",
    );
    check(
        "Имя|Фамилия|Компания|Должность|Телефон|Электронная почта|Город|Страна",
        &[],
        "first_name|last_name|company|job_title|phone|email|city|country",
    );
}

#[test]
fn asian_languages() {
    check(
        "氏名|会社名|メールアドレス（必須）|電話番号|郵便番号|都道府県|市区町村|住所|役職|備考",
        &[],
        "full_name|company|email|phone|postal_code|state|city|street|job_title|notes",
    );
    check(
        "名前|会社|メール|電話",
        &["山田 太郎|株式会社山田|t@y.jp|03-1234-5678"],
        "full_name|company|email|phone",
    );
    check("姓|名|公司|邮箱|手机", &[], "last_name|first_name|company|email|phone");
    check("이름|회사|이메일|전화번호", &["김 철수|한국|k@h.kr|02-123-4567"], "full_name|company|email|phone");
}

#[test]
fn decorated_and_mistyped() {
    check(
        "Email (work)*|Frist Name|Last Nmae|Phone Number 2|Contact Telephone|Comapny Name|What is your job title?|Zip-Code|COUNTRY_NAME|Adress",
        &["ada@b.org|Ada|Lovelace|+44 20 7946 0958|+44 20 7946 0959|Babbage|Analyst|40741|USA|1 Mill St"],
        "email|first_name|last_name|phones|phone|company|job_title|postal_code|country|street",
    );
    check(
        "Contact Emial|Customer  Full-Name|emailAddress2",
        &["a@b.co|Ada Lovelace|c@d.co"],
        "emails|full_name|email",
    );
}

#[test]
fn names_by_their_neighbours_and_values() {
    check("Vorname|Name", &["Ada|Lovelace"], "first_name|last_name");
    check("Vorname|Name", &["Ada|Ada Lovelace", "Alan|Alan Turing"], "first_name|full_name");
    check("Prénom|Nom", &["Jean|De La Tour"], "first_name|last_name");
    check("Name|Surname", &["Ada|Lovelace"], "first_name|last_name");
    check("Nombre|Correo", &["Ada Lovelace|a@b.co"], "full_name|email");
    check("Name|Email", &["Ada Lovelace|a@b.co"], "full_name|email");
    check("Name|Email", &["Babbage GmbH|a@b.co", "Turing Ltd|t@b.co"], "company|email");
}

#[test]
fn words_with_two_meanings() {
    check("State|Email", &["open|a@b.co", "closed|c@b.co"], "status|email");
    check("State|Email", &["KY|a@b.co", "Texas|c@b.co"], "state|email");
    check("Title|Email", &["Herr|a@b.co", "Frau|c@b.co"], "salutation|email");
    check("Title|Email", &["CEO|a@b.co", "VP Sales|c@b.co"], "job_title|email");
    check("ID|Email", &["1|a@b.co", "2|b@b.co", "3|c@b.co", "4|d@b.co", "5|e@b.co"], "external_id|email");
    check("ID|Email", &["1|a@b.co", "1|b@b.co", "1|c@b.co", "2|d@b.co", "2|e@b.co"], "-|email");
}

#[test]
fn values_find_what_names_hide() {
    let plan = try_plan("Kontakt|Foo|Bar", &["a@b.co|+49 30 123456|Germany"], Mapping::new(), &[]).unwrap();
    assert_eq!(fields(&plan), ["email", "phone", "country"]);
    assert_eq!(plan.columns()[0].by, MappedBy::Content);
    check("Email|Contact mail", &["yes|a@b.co", "no|c@d.co"], "-|email");
    check("Owner|Owner Email|Email", &["Sam|sam@us.co|a@b.co"], "owner|-|email");
    check("Email|Referrer email|Bounced email", &["a@b.co|c@d.co|e@f.co"], "email|-|-");
    check("Phone|Mobile", &["|+49 171 1234567"], "phones|phone");
    check("Mobile|Telephone", &["+49 171 1234567|+49 30 1234567"], "phones|phone");
    check("Industry|Annual Revenue|Employees|Email|Email Status|Company size", &[], "-|-|-|email|-|-");
}

#[test]
fn permission_is_never_data() {
    check(
        "Email|Email opt out|Phone DNC|Do not call|Newsletter consent|unsubscribed_at",
        &["a@b.co|b@b.co|+49 30 1234567|+49 30 1234567|a@b.co|2024-01-01"],
        // Numbers in place of yes and no: what such a column means, somebody has to say.
        "email|-|-|-|-|consent.opt_out",
    );
}

#[test]
fn what_columns_say_about_consent() {
    // Salesforce, Marketing Cloud, HubSpot, Dynamics, Klaviyo, GoHighLevel, a dialler's list.
    check(
        "LastName|Phone|HasOptedOutOfEmail|HasOptedOutOfFax|DoNotCall|SMS_Opt_Out__c|et4ae5__HasOptedOutOfMobile__c",
        &["Lovelace|+49 30 23125014|false|false|true|false|true"],
        "last_name|phone|-|-|consent.do_not_call|consent.sms_opt_out|consent.opt_out",
    );
    check(
        "Email|Phone Number|Unsubscribed from all email|SMS opt-out|Consent to call",
        &["a@b.co|+49 30 23125014|Yes|No|Yes"],
        "email|phone|-|consent.sms_opt_out|consent.voice_opt_in",
    );
    check(
        "Email|Business Phone|Do not allow Emails|Do not allow Phone Calls|donotbulkemail",
        &["a@b.co|+49 30 23125014|Allow|Do Not Allow|Allow"],
        "email|phone|-|consent.do_not_call|-",
    );
    check(
        "Email|Phone Number|Email Marketing Consent|SMS Marketing Consent|Accepts SMS Marketing",
        &["a@b.co|+49 30 23125014|SUBSCRIBED|NEVER_SUBSCRIBED|no"],
        "email|phone|-|consent.sms_opt_in|consent.sms_opt_in",
    );
    check(
        "First Name|Phone|DND|DND SMS|DND Calls|DND Email",
        &["Ada|+49 30 23125014|0|1|0|1"],
        "first_name|phone|consent.opt_out|consent.sms_opt_out|consent.do_not_call|-",
    );
    check(
        "Person - Name|Person - Phone|Person - Marketing status|Person - SMS opt-out",
        &["Ada Lovelace|+49 30 23125014|no_consent|x"],
        "full_name|phone|-|consent.sms_opt_out",
    );
    check(
        "Name|Telefon|Nicht anrufen|Werbewiderspruch|Newsletter Einwilligung",
        &["Ada Lovelace|+49 30 23125014|ja|nein|ja"],
        "full_name|phone|consent.do_not_call|consent.opt_out|-",
    );
}

#[test]
fn consent_is_sure_by_its_values_and_said_by_the_caller() {
    let plan = |header, rows: &[&str], given| try_plan(header, rows, given, &[]).unwrap();
    let sure = |rows| plan("Phone|Opt out", rows, Mapping::new()).columns()[1].confidence;
    assert!(sure(&["+49 30 23125014|yes"]) > sure(&["+49 30 23125014|ask Bob"]));
    // A column of links is none, and is named as what it might have been.
    let links = plan("Phone|Unsubscribe", &["+49 30 23125014|https://a.example/u"], Mapping::new());
    let column = &links.columns()[1];
    assert_eq!((column.consent, column.by), (None, MappedBy::Nothing));
    assert_eq!(column.alternatives[0].field, "consent.opt_out");
    let sentence = ["+49 30 23125014|Reply STOP to opt out"; 6];
    assert_eq!(fields(&plan("Phone|Opt out text", &sentence, Mapping::new()))[1], "-");
    let notes = ["+49 30 23125014|asked by phone", "+49 30 23125015|"];
    assert_eq!(fields(&plan("Phone|Opt out", &notes, Mapping::new()))[1], "consent.opt_out");
    // The caller's word goes before: in both directions.
    let given_ = given(&[("Opt out", ColumnTarget::Ignore(())), ("VIP", to("consent.sms_opt_in"))]);
    let plan_ = plan("Phone|Opt out|VIP", &["+49 30 23125014|yes|yes"], given_);
    assert_eq!(fields(&plan_), ["phone", "-", "consent.sms_opt_in"]);
    assert_eq!(plan_.columns()[2].by, MappedBy::Given);
    assert_eq!(plan_.mapping_map()["VIP"].as_deref(), Some("consent.sms_opt_in"));
    let rule = ColumnRule {
        field: Some("consent.opt_out".into()),
        transforms: vec![Transform::Digits],
        ..ColumnRule::default()
    };
    let plan_ = plan("Phone|Code", &[], given(&[("Code", ColumnTarget::Rule(rule.clone()))]));
    let said: Vec<_> = plan_.consent(|i| ["+49 30 23125014", "No. 1"][i]).collect();
    assert_eq!((said.len(), said[0].0, said[0].2.as_ref()), (1, 1, "1"));
    // A custom field of the column's own name takes it as data, and the ledger hears of it all the same.
    let custom = [custom("dnc", "DNC", FieldKind::Boolean)];
    let plan_ = try_plan("Phone|DNC", &["+49 30 23125014|1"], Mapping::new(), &custom).unwrap();
    assert_eq!(fields(&plan_)[1], "custom.dnc+consent.do_not_call");

    let error = |given| try_plan("Phone|Code", &[], given, &[]).unwrap_err();
    let unknown = error(given(&[("Code", to("consent.optout"))]));
    assert_eq!(unknown.code(), "unknown_field");
    assert!(unknown.to_string().contains("did you mean `consent.opt_out`?"), "{unknown}");
    assert!(error(given(&[("Code", to("opt_out"))])).to_string().contains("`consent.opt_out`?"));
    let join = ColumnRule { join: Some(" ".into()), ..rule };
    assert_eq!(error(given(&[("Code", ColumnTarget::Rule(join))])).code(), "invalid_argument");
    let split = Split { by: ",".into(), into: vec!["phone".into(), "consent.opt_out".into()] };
    let split = ColumnRule { split: Some(split), ..ColumnRule::default() };
    assert_eq!(error(given(&[("Code", ColumnTarget::Rule(split))])).code(), "invalid_argument");
}

#[test]
fn custom_fields_by_key_and_label() {
    let fields_ = [custom("plan", "Tarif", FieldKind::Text), custom("seats", "Seats", FieldKind::Number)];
    let plan = try_plan("custom.plan|Seats|Email", &["pro|3|a@b.co"], Mapping::new(), &fields_).unwrap();
    assert_eq!(fields(&plan), ["custom.plan", "custom.seats", "email"]);
    let plan = try_plan("TARIF|Email", &[], Mapping::new(), &fields_).unwrap();
    assert_eq!(fields(&plan)[0], "custom.plan");
    let archived = [CustomField { archived: true, ..fields_[0].clone() }];
    let plan = try_plan("plan|Email", &[], Mapping::new(), &archived).unwrap();
    assert_eq!(fields(&plan)[0], "-");
}

#[test]
fn given_goes_before_all() {
    let rule = ColumnRule { transforms: vec![Transform::Lower], ..ColumnRule::default() };
    let split = ColumnRule {
        split: Some(Split { by: ",".into(), into: vec!["last_name".into(), "first_name".into()] }),
        ..ColumnRule::default()
    };
    let mapping = given(&[
        ("e_mail", ColumnTarget::Rule(rule)),
        ("Who", ColumnTarget::Rule(split)),
        ("Company", ColumnTarget::Ignore(())),
        ("Ref", to("company")),
    ]);
    let plan =
        try_plan("E-Mail|Who|Company|Ref|First name", &["A@B.CO|Lovelace, Ada|x|Acme|Ada"], mapping, &[])
            .unwrap();
    assert_eq!(fields(&plan), ["email", "last_name+first_name", "-", "company", "-"]);
    assert_eq!(plan.columns()[0].by, MappedBy::Name);
    assert_eq!((plan.columns()[2].by, plan.columns()[2].confidence), (MappedBy::Given, 1.0));
    let mut out = RawValues::new();
    let row = ["A@B.CO", "Lovelace, Ada", "x", "Acme", "Ada"];
    plan.collect(|i| row[i], &mut out);
    let got: BTreeMap<_, _> = out.iter().map(|(s, t)| (plan.slots()[s].to_string(), t.to_string())).collect();
    assert_eq!(got["email"], "a@b.co");
    assert_eq!(got["first_name"], "Ada");
    assert_eq!(plan.mapping_map()["Who"].as_deref(), Some("last_name,first_name"));
}

#[test]
fn given_is_checked() {
    let code = |header: &str, mapping: &[(&str, ColumnTarget)], custom: &[CustomField]| {
        let error = try_plan(header, &[], given(mapping), custom).unwrap_err();
        (error.code(), error.to_string())
    };
    let (c, text) = code("Email|Phone", &[("Emial", to("email"))], &[]);
    assert!(c == "unknown_column" && text.contains("did you mean `Email`"), "{text}");
    assert_eq!(code("E-Mail|e_mail", &[("email", to("email"))], &[]).0, "unknown_column");
    let (c, text) = code("Email", &[("Email", to("emial"))], &[]);
    assert!(c == "unknown_field" && text.contains("did you mean `email`"), "{text}");
    let plan = custom("plan", "Plan", FieldKind::Text);
    assert_eq!(code("Email", &[("Email", to("custom.plan"))], &[]).0, "unknown_field");
    let archived = CustomField { archived: true, ..plan.clone() };
    assert_eq!(code("Email", &[("Email", to("custom.plan"))], &[archived]).0, "unknown_field");
    let (c, text) = code("Email", &[("Email", to("plan"))], &[plan]);
    assert!(c == "unknown_field" && text.contains("`custom.plan`"), "{text}");
    let (c, text) = code("A|B", &[("A", to("email")), ("B", to("email"))], &[]);
    assert!(c == "invalid_argument" && text.contains("`emails`"), "{text}");
    assert_eq!(code("Email", &[("Email", to("email")), ("EMAIL", to("emails"))], &[]).0, "invalid_argument");
    let both = ColumnRule {
        field: Some("email".into()),
        split: Some(Split { by: ",".into(), into: vec!["email".into()] }),
        ..ColumnRule::default()
    };
    assert_eq!(code("Email", &[("Email", ColumnTarget::Rule(both))], &[]).0, "invalid_argument");
    for (by, into) in [("", vec!["email".to_string()]), (",", vec![])] {
        let split = ColumnRule { split: Some(Split { by: by.into(), into }), ..ColumnRule::default() };
        assert_eq!(code("Email", &[("Email", ColumnTarget::Rule(split))], &[]).0, "invalid_argument");
    }
    let joined = given(&[("A", to("notes")), ("B", to("notes"))]);
    assert!(try_plan("A|B", &[], joined, &[]).is_ok());
}

#[test]
fn nothing_mapped_names_the_columns() {
    let error = try_plan("foo|bar", &["1|2"], Mapping::new(), &[]).unwrap_err();
    assert_eq!(error.code(), "no_mappable_column");
    assert!(error.to_string().contains("`foo`, `bar`") && error.to_string().contains("mapping="));
}

#[test]
fn plans_are_stable_and_reports_masked() {
    let one = || {
        try_plan(
            "Name|Mail|Tel|Mobil",
            &["Ada Lovelace|ada@b.co|+49 30 1234567|+49 171 1234567"],
            Mapping::new(),
            &[],
        )
        .unwrap()
    };
    assert_eq!(one(), one());
    let rows = [vec!["Ada Lovelace"], vec!["Ada Lovelace"], vec![" "]];
    assert_eq!(one().report(&rows, true)[0].examples, ["Ada Lovelace"]);
    assert_eq!(one().report(&rows, false)[0].examples, ["A*a L******e"]);
    assert_eq!(one().fields().len(), 4);
}
