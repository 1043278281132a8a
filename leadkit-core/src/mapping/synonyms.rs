//! What people and other systems call the fields of a lead.
//!
//! Entries are written as people write them, without marks and in lower case; [`lookup`] finds
//! them by their key (see [`super::header::key`]), so that blanks, hyphens and marks do not matter.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::header::key;
use crate::model::field::Field;

/// A name with one meaning.
const STRONG: f64 = 0.92;
/// A name that mostly means this.
const LIKELY: f64 = 0.85;
/// A name that may mean this; the values decide.
const MAYBE: f64 = 0.72;

/// A group of names for one field.
pub(super) struct Names {
    /// The field that they name.
    pub(super) field: Field,
    /// Which part of it: 0 for the whole; streets have lines 2 and 3 and a house number.
    pub(super) part: u8,
    /// How sure the name alone makes it.
    pub(super) strength: f64,
    /// Whether the name means the field even among other words (`Email (work)`).
    pub(super) inside: bool,
    names: &'static [&'static str],
}

/// The part of a street that is its house number: joined in column order as all parts are.
pub(super) const HOUSE_NUMBER: u8 = 9;

const fn group(field: Field, strength: f64, names: &'static [&'static str]) -> Names {
    Names { field, part: 0, strength, inside: true, names }
}

/// Names that mean the field only when they stand alone: `name` in `campaign name` means nothing.
const fn alone(field: Field, strength: f64, names: &'static [&'static str]) -> Names {
    Names { field, part: 0, strength, inside: false, names }
}

const fn street(part: u8, names: &'static [&'static str]) -> Names {
    Names { field: Field::Street, part, strength: STRONG, inside: true, names }
}

#[rustfmt::skip]
static TABLE: &[Names] = &[
    // ---- keys in other systems -------------------------------------------------------------
    alone(Field::ExternalId, STRONG, &[
        "external id", "ext id", "external key", "external reference", "lead id", "contact id", "person id",
        "record id", "record id - contact", "customer id", "client id", "prospect id", "member id", "crm id",
        "hubspot id", "salesforce id", "sfdc id", "zoho id", "pipedrive id", "lead - id", "person - id",
        "contact record id", "lead record id", "lead number", "lead no", "customer number", "customer no",
        "subscriber id", "source id", "hs object id", "vid", "uuid", "guid", "unique id",
        "kundennummer", "kunden nr", "kunden id", "kontakt id", "datensatz id", "externe id",       // de
        "identifiant", "numero client", "id client", "id contact", "id externe",                    // fr
        "id cliente", "id contacto", "numero de cliente", "identificador",                          // es
        "codice cliente", "id contatto", "id do cliente", "codigo do cliente",                      // it pt
        "klantnummer", "relatienummer", "klant id", "numer klienta", "kundnummer", "kundenummer",   // nl pl sv da
        "顧客id", "顧客番号", "客户编号", "고객번호",
    ]),
    alone(Field::ExternalId, MAYBE, &[
        "id", "number", "no", "nr", "num", "key", "reference", "ref", "record", "row id", "nummer", "numero",
        "番号", "编号", "번호", "id number", "ids", "user id", "account number", "leid", "euid",
    ]),
    // ---- form of address -------------------------------------------------------------------
    group(Field::Salutation, STRONG, &[
        "salutation", "name prefix", "honorific", "honorific prefix", "form of address", "courtesy title", "mr mrs",
        "anrede", "briefanrede", "civilite", "tratamiento", "aanhef", "tilltal", "tiltale", "oslovení",
        "zwrot grzecznosciowy", "敬称", "称呼", "обращение",
    ]),
    alone(Field::Salutation, LIKELY, &["prefix", "greeting", "mr/ms", "titel/anrede", "tratamento", "appellativo"]),
    alone(Field::Salutation, 0.5, &["title", "titel", "titre", "titulo", "titolo"]),
    // ---- names -----------------------------------------------------------------------------
    group(Field::FirstName, STRONG, &[
        "first name", "given name", "forename", "fname", "firstname", "christian name", "contact first name",
        "given names", "vorname", "rufname", "prenom", "nombre de pila", "primer nombre", "nombres",
        "nome proprio", "primeiro nome", "nome di battesimo", "voornaam", "roepnaam", "imie", "fornamn", "fornavn",
        "etunimi", "krestni jmeno", "keresztnev", "utonev", "prenume", "isim", "ime", "имя", "ονομα",
        "名", "下の名前", "이름(성제외)", "الاسم الأول",
    ]),
    group(Field::LastName, STRONG, &[
        "last name", "surname", "family name", "lname", "lastname", "second name", "contact last name",
        "nachname", "familienname", "zuname", "nom de famille", "apellido", "apellidos", "primer apellido",
        "cognome", "sobrenome", "apelido", "ultimo nome", "achternaam", "familienaam", "nazwisko", "efternamn",
        "efternavn", "etternavn", "sukunimi", "prijmeni", "priezvisko", "vezeteknev", "csaladnev", "nume de familie",
        "soyad", "soyadi", "soyisim", "prezime", "фамилия", "прізвище", "επωνυμο", "επιθετο",
        "姓", "名字", "苗字", "성", "اسم العائلة",
    ]),
    alone(Field::FirstName, LIKELY, &["first"]),
    alone(Field::LastName, LIKELY, &["last"]),
    group(Field::MiddleName, STRONG, &[
        "middle name", "middle names", "middle initial", "middlename", "mi", "zweiter vorname", "zweitname",
        "deuxieme prenom", "segundo nombre", "secondo nome", "nome do meio", "tussenvoegsel", "mellannamn",
        "mellomnavn", "drugie imie", "отчество", "additional name",
    ]),
    group(Field::FullName, STRONG, &[
        "full name", "fullname", "contact full name", "complete name", "display name", "first and last name",
        "name surname", "first name last name", "what is your name", "whats your name", "what is your full name", "vollstandiger name", "voller name", "vor und nachname",
        "vorname nachname", "vorname und nachname", "ansprechpartner", "ansprechpartnerin", "kontaktperson",
        "nom complet", "nom et prenom", "prenom nom", "nom prenom", "nombre completo", "nombre y apellidos",
        "nombre y apellido", "nome completo", "nome e cognome", "nome cognome", "nominativo", "nome e sobrenome",
        "volledige naam", "contactpersoon", "imie i nazwisko", "hela namnet", "fullt navn", "fulde navn",
        "koko nimi", "cele jmeno", "jmeno a prijmeni", "teljes nev", "nume complet", "nume si prenume",
        "ad soyad", "adi soyadi", "ime i prezime", "фио", "полное имя", "контактное лицо", "ονοματεπωνυμο",
        "氏名", "お名前", "フルネーム", "担当者名", "姓名", "联系人", "성명", "الاسم الكامل",
    ]),
    alone(Field::FullName, LIKELY, &[
        "contact name", "lead name", "person name", "person - name", "customer name", "client name", "prospect name",
        "contact person", "member name", "subscriber name", "kontaktname", "nom du contact", "nom du client",
        "nombre del contacto", "nombre de contacto", "nombre del cliente", "nome del contatto", "nome do contato",
        "nome do cliente", "nome cliente", "customer full name", "担当者", "顧客名", "客户姓名",
    ]),
    alone(Field::FullName, MAYBE, &["contact", "kontakt", "contacto", "contatto", "contato", "person", "persona", "lead"]),
    // Left to the values and to the other columns: see `GENERIC_NAMES`.
    alone(Field::FullName, 0.6, GENERIC_NAMES),
    // ---- email -----------------------------------------------------------------------------
    group(Field::Email, STRONG, &[
        "email", "e mail", "email address", "mail address", "email id", "mail id", "primary email", "work email",
        "business email", "contact email", "correo", "mail", "email addr", "emailadress",
        "email adresse", "mailadresse", "mailadr", "emailadres", "elektronische post",
        "adresse email", "adresse electronique", "adresse mail", "courriel", "adresse courriel", "mel",
        "correo electronico", "direccion de correo", "direccion de correo electronico", "direccion email",
        "indirizzo email", "posta elettronica", "indirizzo di posta elettronica", "endereco de email",
        "correio eletronico", "adres email", "adres e mail", "poczta", "e post", "epost", "epostadress",
        "epostadresse", "sahkoposti", "sahkopostiosoite", "emailova adresa", "adresa de email", "eposta",
        "e posta adresi", "почта", "электронная почта", "эл почта", "адрес электронной почты", "емейл", "имейл",
        "メール", "メールアドレス", "eメール", "電子メール", "邮箱", "邮件", "电子邮件", "电子邮箱", "電子郵件", "電郵",
        "이메일", "이메일 주소", "메일", "البريد الالكتروني", "البريد الإلكتروني", "אימייל", "דואר אלקטרוני",
    ]),
    group(Field::Email, 0.8, &[
        "secondary email", "other email", "alternate email", "alternative email", "additional email",
        "personal email", "private email", "home email", "zweite email", "email privat", "autre email", "otro email",
    ]),
    group(Field::Emails, STRONG, &[
        "emails", "additional emails", "other emails", "additional email addresses", "further emails",
        "email addresses", "weitere emails", "weitere e mail adressen", "secondary emails", "autres emails",
    ]),
    // ---- phone -----------------------------------------------------------------------------
    group(Field::Phone, STRONG, &[
        "phone", "telephone", "phone number", "telephone number", "tel", "tel no", "phone no", "primary phone",
        "main phone", "contact number", "contact phone", "ph", "phone num", "telephone no",
        "telefon", "telefonnummer", "tel nr", "telefonnr", "rufnummer", "festnetz", "telefon nr",
        "numero de telephone", "no de telephone", "tel fixe", "telephone fixe",
        "telefono", "numero de telefono", "numero di telefono", "tel fijo", "telefono fijo", "recapito telefonico",
        "telefone", "numero de telefone", "fone", "telefoonnummer", "telefoon", "numer telefonu", "nr telefonu",
        "puhelin", "puhelinnumero", "telefonszam", "numar de telefon", "telefon numarasi", "tlf", "tlf nr",
        "телефон", "номер телефона", "τηλεφωνο", "電話", "電話番号", "tel番号", "电话", "电话号码", "電話號碼",
        "전화", "전화번호", "연락처", "رقم الهاتف", "هاتف", "טלפון",
    ]),
    group(Field::Phone, 0.9, &[
        "business phone", "work phone", "office phone", "company phone", "direct phone", "direct dial", "work direct phone",
        "corporate phone", "telefon geschaftlich", "telefon buro", "durchwahl telefon", "tel pro", "telephone professionnel",
        "telefono trabajo", "telefono ufficio", "telefon sluzbowy",
    ]),
    group(Field::Phone, 0.88, &[
        "mobile", "mobile phone", "mobile number", "mobile no", "cell", "cell phone", "cellphone", "cell number", "whatsapp",
        "whatsapp number", "handy", "handynummer", "handynr", "mobil", "mobiltelefon", "mobilnummer", "mobilfunk",
        "mobilfunknummer", "natel", "portable", "telephone portable", "tel portable", "numero de portable",
        "movil", "telefono movil", "celular", "telefono celular", "cellulare", "numero di cellulare", "telemovel",
        "mobiel", "mobiele nummer", "mobiel nummer", "gsm", "komorka", "telefon komorkowy", "komorkowy", "mobilnr",
        "matkapuhelin", "kannykka", "cep telefonu", "mobitel", "мобильный", "мобильный телефон", "κινητο",
        "携帯", "携帯電話", "携帯番号", "手机", "手机号", "手机号码", "手機", "휴대폰", "휴대전화", "핸드폰", "جوال",
    ]),
    // A Turkish mobile phone, or a Brazilian postal code.
    alone(Field::Phone, 0.6, &["cep"]),
    alone(Field::PostalCode, MAYBE, &["cep"]),
    group(Field::Phone, 0.84, &["home phone", "private phone", "personal phone", "telefon privat", "home number", "tel prive", "phone home"]),
    group(Field::Phone, 0.78, &[
        "secondary phone", "other phone", "alternate phone", "alternative phone", "additional phone", "autre telephone",
        "otro telefono", "car phone", "radio phone", "company main phone",
    ]),
    group(Field::Phones, STRONG, &[
        "phones", "additional phones", "other phones", "phone numbers", "further phones", "weitere telefonnummern",
        "telefonnummern", "telephones",
    ]),
    group(Field::PhoneExtension, STRONG, &[
        "phone extension", "phone ext", "tel ext", "work phone extension", "anexo telefonico", "nebenstelle",
    ]),
    alone(Field::PhoneExtension, LIKELY, &["extension", "ext", "durchwahl", "interno", "ramal", "poste telephonique"]),
    // ---- company ---------------------------------------------------------------------------
    group(Field::Company, STRONG, &[
        "company", "company name", "organization", "organisation", "organization name", "organisation name", "org name",
        "account name", "business name", "employer", "employer name", "associated company", "company account", "legal name",
        "organization 1 - name", "account", "org", "current company", "company or account",
        "firma", "firmenname", "unternehmen", "unternehmensname", "firmenbezeichnung", "arbeitgeber", "betrieb",
        "societe", "nom de la societe", "nom societe", "entreprise", "nom de l entreprise", "nom entreprise", "raison sociale",
        "empresa", "nombre de la empresa", "nombre empresa", "compania", "organizacion", "razon social",
        "azienda", "nome azienda", "ragione sociale", "societa", "ditta", "nome da empresa", "razao social",
        "bedrijf", "bedrijfsnaam", "organisatie", "organisatienaam", "nazwa firmy", "przedsiebiorstwo", "nazwa",
        "foretag", "foretagsnamn", "bolag", "virksomhed", "firmanavn", "bedrift", "selskap", "yritys", "spolecnost",
        "nazev firmy", "ceg", "cegnev", "companie", "nume firma", "sirket", "sirket adi", "tvrtka",
        "компания", "название компании", "организация", "фирма", "εταιρεια",
        "会社", "会社名", "企業名", "法人名", "貴社名", "勤務先", "公司", "公司名称", "公司名稱", "企业", "单位", "회사", "회사명", "شركة", "الشركة",
    ]),
    alone(Field::Company, MAYBE, &["customer", "client", "business", "brand", "kunde", "firm", "institution", "store", "shop"]),
    // ---- position --------------------------------------------------------------------------
    group(Field::JobTitle, STRONG, &[
        "job title", "jobtitle", "position", "job position", "job role", "role", "designation", "occupation", "profession",
        "contact title", "work title", "organization title", "organization 1 - title", "professional title", "job",
        "stellung", "funktion", "berufsbezeichnung", "jobtitel", "stellenbezeichnung", "beruf", "rolle",
        "fonction", "poste", "intitule du poste", "profession", "metier", "cargo", "puesto", "puesto de trabajo",
        "posicion", "profesion", "ruolo", "posizione", "qualifica", "mansione", "funcao", "profissao",
        "functie", "functietitel", "stanowisko", "befattning", "stilling", "stillingsbetegnelse", "titteli", "pozice",
        "beosztas", "functia", "unvan", "pozisyon", "должность", "役職", "職種", "肩書き", "肩書", "职位", "职务", "職稱", "직책", "직위", "المسمى الوظيفي",
    ]),
    alone(Field::JobTitle, 0.75, &["title", "titel", "titre", "titulo", "titolo", "function", "headline"]),
    // ---- web -------------------------------------------------------------------------------
    group(Field::Website, STRONG, &[
        "website", "web site", "website url", "web page", "webpage", "homepage", "home page", "company website", "web address",
        "company domain name", "company domain", "company url", "website 1 - value", "site url", "business website",
        "webseite", "internetseite", "internet", "internetadresse", "webadresse", "site web", "site internet", "sitio web",
        "pagina web", "sito", "sito web", "sito internet", "pagina internet", "strona www", "strona internetowa",
        "hemsida", "webbplats", "hjemmeside", "nettside", "nettsted", "kotisivu", "webova stranka", "weboldal", "honlap",
        "internet sitesi", "web sitesi", "веб сайт", "вебсайт", "сайт",
        "ウェブサイト", "ホームページ", "サイト", "网站", "网址", "網站", "웹사이트", "홈페이지", "الموقع الإلكتروني",
    ]),
    group(Field::Website, LIKELY, &["web", "www", "domain", "site", "hp"]),
    alone(Field::Website, MAYBE, &["url", "link", "urls"]),
    // ---- address ---------------------------------------------------------------------------
    group(Field::Street, STRONG, &[
        "street", "street address", "address line 1", "address line", "street name", "address 1", "address street", "street 1",
        "address 1 - street", "street line 1", "addr 1", "address1 line1", "mailing street", "person address",
        "strasse", "strasse hausnummer", "strasse und hausnummer", "strasse nr", "strasse hnr", "str", "anschrift", "strasse 1",
        "rue", "voie", "adresse 1", "adresse ligne 1", "numero et rue", "calle", "domicilio", "calle y numero", "direccion 1",
        "via", "indirizzo 1", "indirizzo e civico", "rua", "logradouro", "endereco 1", "straat", "straatnaam", "straat en huisnummer",
        "ulica", "gata", "gatuadress", "gate", "gateadresse", "vej", "katuosoite", "lahiosoite", "ulice", "utca", "strada", "sokak",
        "улица", "番地", "街道", "도로명주소",
    ]),
    group(Field::Street, 0.78, &[
        "address", "addr", "adresse", "direccion", "indirizzo", "endereco", "morada", "adres", "adress", "osoite", "adresa", "cim",
        "location address", "postal address", "адрес", "διευθυνση", "住所", "地址", "주소", "العنوان", "כתובת",
    ]),
    street(2, &[
        "address 2", "address line 2", "street 2", "street address 2", "street line 2", "addr 2", "apartment", "apt", "suite", "unit",
        "extended address", "address 1 - extended address", "adresszusatz", "adresse 2", "strasse 2", "zusatz",
        "complement d adresse", "complement adresse", "adresse ligne 2", "direccion 2", "piso", "complemento", "indirizzo 2",
        "endereco 2", "adres 2", "建物名", "マンション名",
    ]),
    street(3, &["address 3", "address line 3", "street 3", "adresse 3", "strasse 3", "direccion 3", "indirizzo 3", "street address 3"]),
    street(HOUSE_NUMBER, &[
        "house number", "house no", "street number", "street no", "building number", "hausnummer", "haus nr", "hnr", "hausnr",
        "numero de rue", "numero civico", "civico", "numero exterior", "huisnummer", "huisnr", "numer domu", "nr domu", "husnummer",
    ]),
    group(Field::City, STRONG, &[
        "city", "town", "city town", "town city", "city name", "locality", "municipality", "suburb",
        "ort", "stadt", "wohnort", "ortschaft", "gemeinde", "ville", "commune", "localite", "ciudad", "localidad", "poblacion",
        "municipio", "citta", "comune", "localita", "cidade", "localidade", "stad", "plaats", "woonplaats", "gemeente", "miasto",
        "miejscowosc", "postort", "ort stadt", "by", "poststed", "kaupunki", "postitoimipaikka", "mesto", "obec", "varos", "telepules",
        "oras", "localitate", "sehir", "grad", "город", "місто", "πολη", "市区町村", "市", "市町村", "城市", "도시", "시", "المدينة", "עיר",
    ]),
    group(Field::State, STRONG, &[
        "state", "province", "state province", "province state", "state region", "state or province", "region state",
        "state county", "federal state", "bundesland", "kanton", "canton", "departement", "provincia", "comunidad autonoma",
        "estado provincia", "regione", "uf", "provincie", "wojewodztwo", "lan", "fylke", "maakunta", "kraj", "megye", "judet", "il",
        "область", "регион", "都道府県", "省", "省份", "州", "시도", "المحافظة",
    ]),
    group(Field::State, 0.74, &["region", "county", "estado", "etat", "stato", "prefecture", "state code", "province code", "region code"]),
    group(Field::PostalCode, STRONG, &[
        "postal code", "postcode", "post code", "zip", "zip code", "zipcode", "zip postal code", "postal", "zip code postal code",
        "postal zip code", "pin code", "pincode", "eircode", "plz", "postleitzahl", "code postal", "cp", "codigo postal",
        "cod postal", "cap", "codice postale", "codice avviamento postale", "cep postal", "codigo de postal", "kod pocztowy", "kod",
        "postnummer", "postnr", "postinumero", "psc", "iranyitoszam", "posta kodu", "postanski broj", "индекс",
        "почтовый индекс", "τκ", "郵便番号", "邮编", "邮政编码", "郵遞區號", "우편번호", "الرمز البريدي", "מיקוד",
    ]),
    group(Field::Country, STRONG, &[
        "country", "country region", "country name", "country code", "nation", "country iso", "iso country", "country region name",
        "land", "landercode", "landerkennung", "staat", "pays", "code pays", "pais", "codigo de pais", "paese", "nazione",
        "landcode", "kraj zamieszkania", "panstwo", "maa", "zeme", "stat", "orszag", "tara", "ulke", "drzava", "страна", "країна", "χωρα",
        "国", "国名", "国家", "國家", "国家地区", "국가", "나라", "البلد", "الدولة", "ארץ",
    ]),
    alone(Field::Country, 0.6, &["cc", "kraj", "iso", "iso code", "country territory", "market"]),
    // ---- locale ----------------------------------------------------------------------------
    group(Field::TimeZone, STRONG, &["time zone", "timezone", "tz", "zeitzone", "fuseau horaire", "zona horaria", "fuso orario", "fuso horario", "tijdzone", "タイムゾーン", "时区"]),
    group(Field::Language, STRONG, &[
        "language", "preferred language", "language code", "locale", "lang", "sprache", "korrespondenzsprache", "langue", "idioma",
        "lingua", "taal", "jezyk", "sprak", "sprog", "kieli", "jazyk", "dil", "язык", "言語", "语言", "언어", "اللغة",
    ]),
    // ---- the pipeline ----------------------------------------------------------------------
    group(Field::Source, STRONG, &[
        "source", "lead source", "original source", "origin", "lead origin", "acquisition source", "source name", "traffic source",
        "contact source", "how did you hear about us", "lead - source", "original traffic source", "lead channel",
        "quelle", "leadquelle", "herkunft", "kontaktquelle", "origine", "origine du lead", "provenance", "origen", "fuente", "origen del lead",
        "fonte", "provenienza", "origem", "bron", "herkomst", "leadbron", "zrodlo", "kalla", "kilde", "lahde", "zdroj", "forras", "sursa", "kaynak",
        "источник", "流入元", "情報源", "来源", "출처", "المصدر",
    ]),
    group(Field::Source, MAYBE, &["utm source", "channel", "platform", "kanal", "canal", "referral source", "list source"]),
    group(Field::Status, STRONG, &[
        "status", "lead status", "contact status", "lead stage", "pipeline stage", "lead state", "sales status", "current status",
        "leadstatus", "statut", "statut du lead", "estado del lead", "situacion", "stato lead", "situacao", "status leada",
        "tila", "stav", "durum", "allapot", "статус", "ステータス", "状況", "状态", "狀態", "상태", "الحالة",
    ]),
    alone(Field::Status, 0.82, &["stage", "lifecycle stage", "phase", "etape", "etapa", "fase", "stufe", "funnel stage"]),
    // Words that stand for a region as well; the values decide.
    alone(Field::Status, 0.5, &["state", "estado", "etat", "stato"]),
    group(Field::Owner, STRONG, &[
        "owner", "lead owner", "contact owner", "record owner", "account owner", "owner name", "assigned to", "assignee", "assigned user",
        "sales rep", "sales representative", "salesperson", "sales owner", "account manager", "account executive", "rep", "sales agent",
        "assigned rep", "lead - owner", "responsible", "hubspot owner", "owner full name", "assigned sales rep",
        "besitzer", "inhaber", "zustandig", "verantwortlich", "verantwortlicher", "betreuer", "sachbearbeiter", "zugewiesen an",
        "kundenbetreuer", "vertriebsmitarbeiter", "proprietaire", "responsable", "commercial", "attribue a", "assigne a",
        "propietario", "asignado a", "vendedor", "responsabile", "assegnato a", "proprietario", "responsavel", "atribuido a",
        "eigenaar", "toegewezen aan", "verantwoordelijke", "wlasciciel", "opiekun", "agare", "eier", "ansvarlig", "ansvarig",
        "omistaja", "vlastnik", "sorumlu", "ответственный", "менеджер", "владелец", "担当営業", "所有者", "营业担当", "负责人", "담당자", "المسؤول",
    ]),
    group(Field::Score, STRONG, &["score", "lead score", "leadscore", "hubspot score", "contact score", "lead scoring", "punktzahl", "punkte", "puntuacion", "punteggio", "pontuacao", "スコア", "评分", "점수"]),
    alone(Field::Score, 0.65, &["rating", "member rating", "points", "lead rating", "bewertung", "rang", "rank", "priority score"]),
    group(Field::Tags, STRONG, &[
        "tags", "tag", "labels", "keywords", "group membership", "categories", "contact tags", "schlagworte", "schlagworter",
        "stichworte", "etiquettes", "etiquetas", "etichette", "etykiety", "etiketten", "kategorien", "метки", "теги", "タグ", "标签", "태그",
    ]),
    alone(Field::Tags, MAYBE, &["label", "category", "segment", "segments", "group", "groups", "list", "lists", "kategorie", "gruppe", "gruppen"]),
    group(Field::Notes, STRONG, &[
        "notes", "note", "comment", "comments", "remark", "remarks", "memo", "lead notes", "contact notes", "additional notes",
        "additional comments", "bemerkung", "bemerkungen", "anmerkung", "anmerkungen", "notiz", "notizen", "kommentar", "kommentare",
        "remarque", "remarques", "commentaire", "commentaires", "notas", "nota", "comentario", "comentarios", "observaciones",
        "annotazioni", "commenti", "commento", "osservazioni", "observacoes", "opmerking", "opmerkingen", "notities", "notitie",
        "uwagi", "notatki", "komentarz", "anteckning", "anteckningar", "kommentarer", "noter", "notater", "muistiinpanot", "huomautus",
        "poznamka", "poznamky", "megjegyzes", "observatii", "notlar", "aciklama", "примечание", "примечания", "комментарий", "заметки",
        "備考", "メモ", "コメント", "备注", "備註", "비고", "메모", "ملاحظات", "הערות",
    ]),
    alone(Field::Notes, MAYBE, &["description", "message", "details", "beschreibung", "nachricht", "info", "infos", "descripcion", "descrizione", "descricao", "additional information", "text", "messaggio", "mensaje"]),
    // ---- times -----------------------------------------------------------------------------
    group(Field::CreatedAt, STRONG, &[
        "created at", "created", "created on", "created date", "create date", "creation date", "date created", "date added", "added on", "added",
        "created time", "creation time", "time created", "createdate", "created timestamp", "lead created", "lead - lead created",
        "record created", "submitted at", "submitted on", "submission date", "date submitted", "entry date", "signup date", "sign up date", "registered at",
        "registration date", "date of entry", "erstellt", "erstellt am", "erstelldatum", "erstellungsdatum", "angelegt", "angelegt am", "anlagedatum",
        "erfasst am", "cree le", "date de creation", "date d ajout", "date creation", "fecha de creacion", "creado", "creado el", "fecha de alta",
        "fecha creacion", "creato", "creato il", "data di creazione", "data creazione", "criado em", "data de criacao", "aangemaakt", "aangemaakt op",
        "aanmaakdatum", "data utworzenia", "utworzono", "skapad", "skapad datum", "oprettet", "opprettet", "luotu", "vytvoreno", "letrehozva", "creat la",
        "olusturulma tarihi", "дата создания", "создан", "作成日", "登録日", "作成日時", "登録日時", "创建时间", "创建日期", "생성일", "등록일", "تاريخ الإنشاء",
    ]),
    alone(Field::CreatedAt, 0.55, &["date", "datum", "fecha", "data", "timestamp", "zeitstempel", "submitted", "日付", "日期"]),
    group(Field::UpdatedAt, STRONG, &[
        "updated at", "updated", "updated on", "last modified", "last modified date", "modified", "modified at", "modified on", "modified date", "modified time",
        "last updated", "last update", "date modified", "date updated", "last changed", "changed at", "update date", "last modified at",
        "last updated at", "last modified time", "update time", "record updated", "geandert", "geandert am", "zuletzt geandert",
        "letzte anderung", "aktualisiert", "aktualisiert am", "anderungsdatum", "modifie le", "date de modification", "derniere modification",
        "mis a jour le", "fecha de modificacion", "ultima modificacion", "actualizado", "modificado", "modificato il", "ultima modifica",
        "data di modifica", "atualizado em", "data de modificacao", "gewijzigd", "gewijzigd op", "laatst gewijzigd", "data modyfikacji", "zmodyfikowano",
        "andrad", "senast andrad", "aendret", "endret", "muokattu", "zmeneno", "дата изменения", "изменен", "обновлено", "更新日", "更新日時", "更新时间", "수정일",
    ]),
];

/// Words for a name of whatever kind: full name, family name beside a given name, given name
/// beside a family name. The other columns and the values decide.
#[rustfmt::skip]
pub(super) static GENERIC_NAMES: &[&str] = &[
    "name", "names", "nom", "noms", "nombre", "nome", "naam", "namn", "navn", "nimi", "jmeno", "meno", "nev", "nume", "ad", "adi",
    "imię nazwisko", "имя клиента", "ім'я", "名前", "名称", "이름", "الاسم", "שם", "ονομα επωνυμο",
];

/// Words that say that a column is about permission; such columns are never taken for data.
#[rustfmt::skip]
static CONSENT: &[&str] = &[
    "unsubscribed", "unsubscribe", "unsubscribes", "subscribed", "subscription", "subscriptions", "consent", "consented", "dnc", "optin", "optout",
    "opted", "opt", "gdpr", "dsgvo", "rgpd", "ccpa", "permission", "permissions", "donotcall", "donotemail", "donotcontact", "donotmail",
    "suppressed", "suppression", "einwilligung", "einverstandnis", "werbeeinwilligung", "abgemeldet", "widerspruch", "consentement", "desabonne", "desinscrit",
    "consentimiento", "consenso", "consentimento", "toestemming", "zgoda", "samtycke", "samtykke", "blacklist", "blacklisted", "blocklist", "cookie", "marketable",
    "newsletter", "baja", "erlaubt", "erlaubnis", "zustimmung", "allowed", "agree", "agreed", "agreement", "accepted", "accepts", "permitido", "autorise", "aceptacion", "согласие", "同意", "配信停止",
];

/// Words that turn another word into something that is no field of a lead.
#[rustfmt::skip]
static BLOCKING: &[&str] = &[
    // About the value, not the value.
    "type", "typ", "status", "count", "hash", "md5", "sha256", "bounce", "bounced", "bounces", "valid", "validated", "verified", "verification", "validity",
    "confirmed", "opened", "opens", "clicked", "clicks", "sent", "replied", "quality", "confidence", "format", "formatted", "has", "reason", "preference", "preferences",
    "list", "size", "revenue", "industry", "employees", "latitude", "longitude", "lat", "lng", "lon", "hours", "template", "subject", "body", "name", "date", "time", "domain", "provider",
    "deliverability", "history", "since", "until", "group", "campaign", "drill", "down", "detail", "details", "created", "modified", "updated", "last", "contacted", "activity", "score",
    // Another channel.
    "fax", "telefax", "faks", "faxnummer", "telex", "pager", "isdn", "tty", "linkedin", "facebook", "twitter", "instagram", "xing", "skype", "youtube", "tiktok", "social", "profile",
    "image", "photo", "logo", "avatar", "picture", "calendar", "chat", "landing", "landingpage", "conversion", "referrer", "referer", "tracking", "ip", "utm",
    // Another person or thing.
    "owner", "rep", "agent", "assistant", "assistants", "manager", "managers", "spouse", "partner", "parent", "emergency", "sender", "recruiter", "referred", "referrals", "by", "besitzer",
    "supervisor", "sales", "birth", "birthday", "geburtsort", "product", "event", "deal", "opportunity", "ad", "adset", "form", "job", "id", "ids", "maiden", "nick", "nickname", "phonetic", "previous", "former", "old",
];

/// Words of column names that are near to ours and mean something else.
static OTHER_THINGS: &[&str] =
    &["department", "abteilung", "industry", "currency", "gender", "revenue", "calls", "contract"];

/// Words around a name that change nothing.
#[rustfmt::skip]
static FILLERS: &[&str] = &[
    "of", "the", "your", "you", "a", "an", "my", "our", "to", "best", "please", "required", "optional", "mandatory",
    "main", "default", "primary", "de", "la", "le", "du", "des", "der", "die", "das", "del", "di", "do", "da", "van", "het", "or", "and", "und", "et", "y", "e",
    "haupt", "pflichtfeld", "obligatoire", "preferred", "必須", "任意", "1",
];

/// Words that say whose or which; the field stays what it is.
#[rustfmt::skip]
static OWNERS: &[(&str, f64)] = &[
    ("what", 0.98), ("whats", 0.98), ("is", 0.97), ("s", 0.98), ("value", 0.98), ("original", 0.97), ("raw", 0.97), ("text", 0.97), ("new", 0.95), ("current", 0.97), ("enter", 0.98), ("field", 0.98), ("column", 0.98),
    ("contact", 0.97), ("lead", 0.97), ("person", 0.97), ("customer", 0.96), ("client", 0.96), ("prospect", 0.97), ("user", 0.95), ("member", 0.95), ("subscriber", 0.96),
    ("business", 0.96), ("work", 0.96), ("office", 0.95), ("corporate", 0.94), ("professional", 0.95), ("company", 0.94), ("account", 0.94), ("organization", 0.93), ("organisation", 0.93),
    ("geschaftlich", 0.96), ("dienstlich", 0.96), ("arbeit", 0.95), ("firma", 0.94), ("firmen", 0.94), ("kunden", 0.95), ("kontakt", 0.96), ("pro", 0.95), ("professionnel", 0.95), ("trabajo", 0.95),
    ("cliente", 0.95), ("contacto", 0.95), ("zakelijk", 0.95), ("address", 0.96), ("addresses", 0.93), ("adresse", 0.96), ("number", 0.96), ("nummer", 0.96), ("code", 0.9), ("no", 0.94), ("nr", 0.94), ("direct", 0.94),
    ("mailing", 0.95), ("billing", 0.93), ("postal", 0.93), ("hq", 0.92), ("headquarters", 0.92), ("personal", 0.88), ("private", 0.88), ("privat", 0.88), ("home", 0.88), ("shipping", 0.85), ("delivery", 0.85),
    ("other", 0.8), ("secondary", 0.82), ("second", 0.82), ("alternate", 0.82), ("alternative", 0.82), ("alt", 0.82), ("additional", 0.82), ("mobile", 0.95), ("cell", 0.94), ("mobil", 0.95), ("land", 0.9), ("line", 0.94), ("landline", 0.95),
];

/// The groups of names that hold this key.
pub(super) fn lookup(key: &str) -> &'static [&'static Names] {
    INDEX.get(key).map_or(&[], Vec::as_slice)
}

/// Every key that may stand among other words, for near matches.
pub(super) fn keys() -> impl Iterator<Item = (&'static str, &'static Names)> {
    INDEX.iter().flat_map(|(key, groups)| {
        groups.iter().filter(|g| g.inside && g.strength >= 0.84).map(move |g| (key.as_str(), *g))
    })
}

/// Whether the words are about permission.
pub(super) fn is_consent(words: &[String]) -> bool {
    let any = words.iter().any(|w| CONSENT_KEYS.binary_search(w).is_ok());
    let has = |w: &str| words.iter().any(|x| x == w);
    any || has("not") && (has("do") || has("call") || has("contact"))
        || has("nicht")
        || has("no") && has("contact")
}

/// Whether a word beside a field's name makes it something else.
pub(super) fn is_blocking(word: &str) -> bool {
    BLOCKING.contains(&word)
}

/// Whether a word means something else and is no misspelt name of ours.
pub(super) fn is_other_thing(word: &str) -> bool {
    OTHER_THINGS.contains(&word)
}

/// Whether a word beside a field's name changes nothing.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// How sure a field stays beside a word that says whose it is.
pub(super) fn owner_factor(word: &str) -> Option<f64> {
    OWNERS.iter().find(|(w, _)| *w == word).map(|(_, factor)| *factor)
}

/// Whether the key is a word for a name of whatever kind.
pub(super) fn is_generic_name(key: &str) -> bool {
    GENERIC_KEYS.iter().any(|k| k == key)
}

static INDEX: LazyLock<HashMap<String, Vec<&'static Names>>> = LazyLock::new(|| {
    let mut index: HashMap<String, Vec<&'static Names>> = HashMap::new();
    for group in TABLE {
        for name in group.names {
            let groups = index.entry(key(name)).or_default();
            if !groups.iter().any(|g| g.field == group.field && g.part == group.part) {
                groups.push(group);
            }
        }
    }
    index
});

static CONSENT_KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut keys: Vec<String> = CONSENT.iter().map(|w| key(w)).collect();
    keys.sort_unstable();
    keys
});

static GENERIC_KEYS: LazyLock<Vec<String>> = LazyLock::new(|| GENERIC_NAMES.iter().map(|w| key(w)).collect());

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn no_key_is_empty_and_sure_names_mean_one_field() {
        for (key, groups) in INDEX.iter() {
            assert!(!key.is_empty());
            let sure = groups.iter().filter(|g| g.strength >= LIKELY).count();
            assert!(sure <= 1, "{key} means {:?}", groups.iter().map(|g| g.field).collect::<Vec<_>>());
        }
    }

    #[test]
    fn consent_is_recognised_in_many_words() {
        for header in [
            "Unsubscribed",
            "Email opt out",
            "DNC",
            "Do Not Call",
            "has_opted_out_of_email",
            "OPTIN_TIME",
            "DSGVO Einwilligung",
        ] {
            assert!(is_consent(&super::super::header::words(header)), "{header}");
        }
        assert!(!is_consent(&super::super::header::words("Contact number")));
    }
}
