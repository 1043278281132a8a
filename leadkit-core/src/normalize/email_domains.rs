//! What is known of mail domains and mailboxes: providers for everybody, throw-away domains, function
//! mailboxes. Plain facts, collected by hand; each list is sorted and searched by halving.

/// Whether a domain gives mailboxes to everybody.
pub(super) fn is_free(domain: &str) -> bool {
    contains(&FREE, domain)
}

/// Whether a domain gives throw-away addresses; subdomains count.
pub(super) fn is_disposable(domain: &str) -> bool {
    contains(&DISPOSABLE, domain)
        || domain
            .split_once('.')
            .is_some_and(|(_, parent)| parent.contains('.') && contains(&DISPOSABLE, parent))
}

/// Whether a provider is known to deliver `name+tag` to `name`.
pub(super) fn has_plus_addressing(domain: &str) -> bool {
    let microsoft = |name: &str| matches!(name, "hotmail" | "outlook" | "live");
    contains(&PLUS, domain) || (contains(&FREE, domain) && domain.split('.').next().is_some_and(microsoft))
}

/// Whether a local part names a function rather than a person; a `+tag` and digits at the end do
/// not matter.
pub(super) fn is_role(local: &str) -> bool {
    let name = local.split('+').next().unwrap_or(local);
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if name.len() > LONGEST_ROLE || name.len() < 2 {
        return false;
    }
    let mut buffer = [0u8; LONGEST_ROLE];
    let Some(lower) = buffer.get_mut(..name.len()) else { return false };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    ROLE.binary_search_by(|probe| probe.as_bytes().cmp(lower)).is_ok()
}

const LONGEST_ROLE: usize = 24;

fn contains(list: &[&str], domain: &str) -> bool {
    list.binary_search(&domain).is_ok()
}

/// Providers of mailboxes for everybody, and access providers that give one with each line.
#[rustfmt::skip]
static FREE: [&str; 533] = [
    "126.com", "139.com", "163.com", "188.com", "189.cn", "1und1.de", "21cn.com", "a1.net", "abv.bg",
    "adam.com.au", "aim.com", "alice.it", "aliceadsl.fr", "aliyun.com", "ameritech.net", "aol.co.uk",
    "aol.com", "aol.de", "aol.es", "aol.fr", "aol.in", "aol.it", "aon.at", "arcor.de", "asia.com",
    "atlas.cz", "att.net", "autograf.pl", "autorambler.ru", "azet.sk", "bbox.fr", "belgacom.net", "bell.ca",
    "bell.net", "bellsouth.net", "bezeqint.net", "biglobe.ne.jp", "bigmir.net", "bigpond.com",
    "bigpond.net.au", "bk.ru", "blu.it", "bluewin.ch", "blueyonder.co.uk", "bol.com.br", "bredband.net",
    "broadpark.no", "btinternet.com", "btopenworld.com", "cableone.net", "casema.nl", "cegetel.net",
    "centrum.cz", "centrum.sk", "centurylink.net", "centurytel.net", "charter.net", "cheerful.com",
    "chello.at", "chello.nl", "citromail.hu", "clear.net.nz", "clix.pt", "club-internet.fr", "cogeco.ca",
    "comcast.net", "comhem.se", "consultant.com", "countermail.com", "cox.net", "daum.net", "delfi.lt",
    "dir.bg", "disroot.org", "docomo.ne.jp", "dodo.com.au", "dr.com", "duck.com", "earthlink.net",
    "eastlink.ca", "eircom.net", "elisanet.fi", "email.com", "email.cz", "email.de", "email.it",
    "embarqmail.com", "emirates.net.ae", "engineer.com", "eresmas.com", "europe.com", "euskalnet.net",
    "ewetel.net", "excite.co.jp", "excite.com", "ezweb.ne.jp", "fastmail.com", "fastmail.de", "fastmail.fm",
    "fastmail.net", "fastwebnet.it", "foxmail.com", "free.fr", "freemail.hu", "freenet.de",
    "freeserve.co.uk", "frontier.com", "frontiernet.net", "fsmail.net", "gazeta.pl", "getmail.no",
    "globo.com", "globomail.com", "gmail.com", "gmx.at", "gmx.biz", "gmx.ch", "gmx.co.uk", "gmx.com",
    "gmx.de", "gmx.es", "gmx.eu", "gmx.fr", "gmx.info", "gmx.li", "gmx.net", "gmx.org", "gmx.us", "go2.pl",
    "googlemail.com", "hanmail.net", "hetnet.nl", "hey.com", "hinet.net", "hispeed.ch", "hol.gr", "home.nl",
    "home.se", "hot.ee", "hotmail.at", "hotmail.be", "hotmail.ca", "hotmail.ch", "hotmail.cl",
    "hotmail.co.jp", "hotmail.co.nz", "hotmail.co.th", "hotmail.co.uk", "hotmail.co.za", "hotmail.com",
    "hotmail.com.ar", "hotmail.com.au", "hotmail.com.br", "hotmail.com.hk", "hotmail.com.mx",
    "hotmail.com.tr", "hotmail.com.tw", "hotmail.cz", "hotmail.de", "hotmail.dk", "hotmail.es",
    "hotmail.fi", "hotmail.fr", "hotmail.gr", "hotmail.hu", "hotmail.ie", "hotmail.in", "hotmail.it",
    "hotmail.nl", "hotmail.no", "hotmail.pl", "hotmail.pt", "hotmail.se", "hotmail.sg", "hush.com",
    "hushmail.com", "i.softbank.jp", "i.ua", "icloud.com", "ig.com.br", "iinet.net.au", "in.com", "in.gr",
    "iname.com", "inbox.com", "inbox.lv", "inbox.ru", "indamail.hu", "indiatimes.com", "inet.hr",
    "interia.eu", "interia.pl", "internet.ru", "internode.on.net", "inwind.it", "iol.it", "iol.pt",
    "jubii.dk", "juno.com", "kabelmail.de", "kabsi.at", "kakao.com", "katamail.com", "keemail.me",
    "kolumbus.fi", "kpnmail.nl", "laposte.net", "lenta.ru", "libero.it", "libertysurf.fr", "lineone.net",
    "list.ru", "live.at", "live.be", "live.ca", "live.cl", "live.cn", "live.co.uk", "live.co.za",
    "live.com", "live.com.ar", "live.com.au", "live.com.mx", "live.com.my", "live.com.pt", "live.com.sg",
    "live.de", "live.dk", "live.fi", "live.fr", "live.hk", "live.ie", "live.in", "live.it", "live.jp",
    "live.nl", "live.no", "live.ru", "live.se", "love.com", "luukku.com", "lycos.com", "lycos.de",
    "mac.com", "mail.bg", "mail.com", "mail.de", "mail.dk", "mail.ee", "mail.pt", "mail.ru", "mail.ua",
    "mailbox.org", "mailfence.com", "maktoob.com", "mchsi.com", "me.com", "meta.ua", "mindspring.com",
    "movistar.es", "msn.cn", "msn.com", "mts.net", "mweb.co.za", "mynet.com", "myrambler.ru", "myself.com",
    "myyahoo.com", "narod.ru", "nate.com", "naver.com", "nb.sympatico.ca", "net.hr", "netcabo.pt",
    "netscape.net", "netvision.net.il", "netzero.com", "netzero.net", "neuf.fr", "nifty.com", "noos.fr",
    "ntlworld.com", "numericable.fr", "o2.co.uk", "o2.pl", "ocn.ne.jp", "ofir.dk", "oi.com.br", "ok.de",
    "one.lt", "onet.pl", "online.de", "online.no", "ono.com", "onsbrabantnet.nl", "op.pl", "optimum.net",
    "optonline.net", "optusnet.com.au", "orange.fr", "orange.net", "orcon.net.nz", "otenet.gr",
    "outlook.at", "outlook.be", "outlook.cl", "outlook.co.id", "outlook.co.nz", "outlook.co.th",
    "outlook.com", "outlook.com.ar", "outlook.com.au", "outlook.com.br", "outlook.com.tr", "outlook.cz",
    "outlook.de", "outlook.dk", "outlook.es", "outlook.fr", "outlook.hu", "outlook.ie", "outlook.in",
    "outlook.it", "outlook.jp", "outlook.kr", "outlook.lv", "outlook.my", "outlook.ph", "outlook.pt",
    "outlook.sa", "outlook.sg", "outlook.sk", "pacbell.net", "pandora.be", "passagen.se", "passport.com",
    "pchome.com.tw", "pec.it", "peoplepc.com", "planet.nl", "plus.com", "plusnet.com", "pm.me", "poczta.fm",
    "poczta.onet.pl", "post.com", "post.cz", "post.sk", "poste.it", "posteo.de", "posteo.net", "pp.inet.fi",
    "prodigy.net", "proton.me", "protonmail.ch", "protonmail.com", "proximus.be", "qq.com", "quicknet.nl",
    "r7.com", "rambler.ru", "rediff.com", "rediffmail.com", "riseup.net", "ro.ru", "roadrunner.com",
    "rocketmail.com", "rogers.com", "rr.com", "runbox.com", "sapo.pt", "sasktel.net", "saunalahti.fi",
    "sbcglobal.net", "scarlet.be", "seznam.cz", "sfr.fr", "shaw.ca", "sify.com", "sina.cn", "sina.com",
    "siol.net", "skiff.com", "sky.com", "skynet.be", "slingshot.co.nz", "snet.net", "so-net.ne.jp",
    "softbank.ne.jp", "sohu.com", "solcon.nl", "spectrum.net", "spray.se", "start.no", "startmail.com",
    "stofanet.dk", "suddenlink.net", "sunrise.ch", "suomi24.fi", "supanet.com", "superonline.com",
    "swbell.net", "swipnet.se", "swissonline.ch", "sympatico.ca", "t-online.de", "t-online.hu",
    "talk21.com", "talktalk.net", "tdcadsl.dk", "tds.net", "techie.com", "telefonica.net", "telenet.be",
    "teletu.it", "telia.com", "telkomsa.net", "telus.net", "terra.com.br", "terra.es", "tim.it", "tin.it",
    "tiscali.co.uk", "tiscali.it", "tlen.pl", "tom.com", "tpg.com.au", "ttmail.com", "tut.by", "tuta.com",
    "tuta.io", "tutamail.com", "tutanota.com", "tutanota.de", "twc.com", "ukr.net", "unity-mail.de",
    "uol.com.br", "upcmail.nl", "usa.com", "utanet.at", "verizon.net", "videotron.ca", "vip.163.com",
    "vip.qq.com", "virgilio.it", "virgin.net", "virginmedia.com", "vodafone.co.nz", "vodafone.de",
    "vodafone.it", "vodamail.co.za", "voila.fr", "volny.cz", "vp.pl", "walla.co.il", "walla.com",
    "wanadoo.fr", "web.de", "webmail.co.za", "westnet.com.au", "windowslive.com", "windstream.net", "wo.cn",
    "wowway.com", "wp.pl", "writeme.com", "xs4all.nl", "xtra.co.nz", "ya.com", "ya.ru", "yahoo.at",
    "yahoo.be", "yahoo.ca", "yahoo.cl", "yahoo.cn", "yahoo.co.id", "yahoo.co.in", "yahoo.co.jp",
    "yahoo.co.kr", "yahoo.co.nz", "yahoo.co.th", "yahoo.co.uk", "yahoo.co.za", "yahoo.com", "yahoo.com.ar",
    "yahoo.com.au", "yahoo.com.br", "yahoo.com.cn", "yahoo.com.co", "yahoo.com.hk", "yahoo.com.mx",
    "yahoo.com.my", "yahoo.com.pe", "yahoo.com.ph", "yahoo.com.sg", "yahoo.com.tr", "yahoo.com.tw",
    "yahoo.com.ve", "yahoo.com.vn", "yahoo.cz", "yahoo.de", "yahoo.dk", "yahoo.es", "yahoo.fr", "yahoo.gr",
    "yahoo.hu", "yahoo.ie", "yahoo.in", "yahoo.it", "yahoo.nl", "yahoo.no", "yahoo.pl", "yahoo.pt",
    "yahoo.ro", "yahoo.se", "yandex.by", "yandex.com", "yandex.kz", "yandex.ru", "yandex.ua", "yeah.net",
    "ymail.com", "zahav.net.il", "ziggo.nl", "zipmail.com.br", "zoho.com", "zoho.eu", "zoho.in",
    "zohomail.com", "zohomail.eu", "zonnet.nl", "zoznam.sk",
];

/// Domains of throw-away mailboxes.
#[rustfmt::skip]
static DISPOSABLE: [&str; 142] = [
    "10minutemail.com", "10minutemail.net", "1secmail.com", "1secmail.net", "1secmail.org",
    "20minutemail.com", "33mail.com", "anonaddy.me", "anonbox.net", "armyspy.com", "boun.cr",
    "burnermail.io", "byom.de", "cool.fr.nf", "courriel.fr.nf", "cuvox.de", "dayrep.com", "deadaddress.com",
    "discard.email", "discardmail.com", "discardmail.de", "dispostable.com", "dropmail.me", "e4ward.com",
    "einrot.com", "emailfake.com", "emailondeck.com", "emailtemporanea.com", "fakeinbox.com",
    "fakemail.net", "fakemailgenerator.com", "filzmail.com", "fleckens.hu", "generator.email",
    "getairmail.com", "getnada.com", "grr.la", "guerrillamail.biz", "guerrillamail.com", "guerrillamail.de",
    "guerrillamail.info", "guerrillamail.net", "guerrillamail.org", "guerrillamailblock.com", "gustr.com",
    "harakirimail.com", "inboxbear.com", "inboxkitten.com", "incognitomail.com", "jetable.fr.nf",
    "jetable.org", "jourrapide.com", "linshiyouxiang.net", "mail-temp.com", "mail.tm", "mailcatch.com",
    "maildrop.cc", "mailexpire.com", "mailforspam.com", "mailinator.com", "mailinator.net",
    "mailinator2.com", "mailnesia.com", "mailnull.com", "mailpoof.com", "mailsac.com", "mailtemp.info",
    "mailtothis.com", "mega.zik.dj", "mintemail.com", "minuteinbox.com", "moakt.cc", "moakt.com",
    "mohmal.com", "moncourrier.fr.nf", "monemail.fr.nf", "monmail.fr.nf", "mt2015.com", "muellmail.com",
    "mvrht.com", "mytemp.email", "mytrashmail.com", "nada.email", "nomail.xl.cx", "nospam.ze.tc",
    "nowmymail.com", "owlymail.com", "pokemail.net", "proxymail.eu", "rhyta.com", "sharklasers.com",
    "shieldemail.com", "shitmail.me", "sneakemail.com", "sogetthis.com", "spam4.me", "spambog.com",
    "spambox.us", "spamdecoy.net", "spamex.com", "spamfree24.org", "spamgourmet.com", "spamhereplease.com",
    "spaml.de", "speed.1s.fr", "superrito.com", "suremail.info", "teleworm.us", "temp-mail.io",
    "temp-mail.org", "tempail.com", "tempinbox.com", "tempmail.com", "tempmail.dev", "tempmail.net",
    "tempmail.plus", "tempmailaddress.com", "tempmailo.com", "tempomail.fr", "tempr.email",
    "thankyou2010.com", "throwam.com", "throwawaymail.com", "tmail.ws", "tmailor.com", "tmpmail.net",
    "tmpmail.org", "trash-mail.com", "trashmail.com", "trashmail.de", "trashmail.me", "trashmail.net",
    "trashmail.ws", "trbvm.com", "wegwerfemail.de", "wegwerfmail.de", "wegwerfmail.net", "wegwerfmail.org",
    "yopmail.com", "yopmail.fr", "yopmail.net", "zetmail.com",
];

/// Providers that deliver `name+tag` to `name`, beside Gmail and Microsoft's national domains.
#[rustfmt::skip]
static PLUS: [&str; 27] = [
    "duck.com", "fastmail.com", "fastmail.de", "fastmail.fm", "fastmail.net", "hey.com", "hotmail.com",
    "icloud.com", "live.com", "mac.com", "mailbox.org", "me.com", "msn.com", "outlook.com", "pm.me",
    "posteo.de", "posteo.net", "proton.me", "protonmail.ch", "protonmail.com", "runbox.com",
    "windowslive.com", "ya.ru", "yandex.com", "yandex.ru", "zoho.com", "zohomail.com",
];

/// Local parts that name a function.
#[rustfmt::skip]
static ROLE: [&str; 394] = [
    "abuse", "accountant", "accounting", "accounts", "accountspayable", "accountsreceivable", "admin",
    "administracion", "administratie", "administration", "administrator", "admissions", "ads",
    "advertising", "affiliates", "all", "amministrazione", "ap", "ar", "artdirector", "ask", "assistance",
    "atencion", "atendimento", "bestellung", "bewerbung", "billing", "board", "boekhouding", "booking",
    "bookings", "buchhaltung", "business", "buyer", "buyers", "careers", "cashier", "catering", "center",
    "centrale", "ceo", "cfo", "chat", "chef", "client", "clients", "comercial", "commandes", "commercial",
    "commerciale", "communications", "compliance", "compras", "comptabilite", "contabilidad",
    "contabilidade", "contabilita", "contact", "contacto", "contactus", "contato", "contatti", "cs", "cto",
    "customer", "customercare", "customers", "customerservice", "customersupport", "daemon", "data",
    "datenschutz", "dean", "design", "dev", "developer", "developers", "devnull", "direccion", "directeur",
    "directie", "direction", "director", "dispatch", "dns", "donations", "donotreply", "dpo", "editor",
    "editorial", "einkauf", "email", "emergency", "empfang", "employment", "engineering", "enquire",
    "enquiries", "enquiry", "estimating", "event", "events", "everyone", "export", "facebook", "facility",
    "facturacion", "facturas", "facturatie", "factuur", "faq", "farmacia", "fattura", "fax", "feedback",
    "ferien", "finance", "finanzen", "fleet", "frontdesk", "ftp", "fundraising", "gdpr", "general", "geral",
    "gerencia", "geschaeftsfuehrung", "gf", "group", "guest", "guestservices", "health", "hello", "help",
    "helpdesk", "hi", "hilfe", "hola", "hospitality", "host", "hosting", "hostmaster", "hotel", "hr",
    "human-resources", "humanresources", "import", "info", "infodesk", "informacion", "informatica",
    "informatie", "information", "informazioni", "infos", "ingenieria", "inkoop", "inquiries", "inquiry",
    "insurance", "international", "internet", "investor", "investorrelations", "investors", "invoice",
    "invoices", "invoicing", "it", "jobs", "karriere", "klantenservice", "kontakt", "kundendienst",
    "kundenservice", "law", "leads", "legal", "library", "licensing", "list", "list-request", "lists",
    "logistica", "logistics", "logistik", "mail", "mailbox", "maildaemon", "mailer-daemon", "mailing",
    "maintenance", "management", "manager", "marketing", "marketplace", "media", "member", "members",
    "membership", "merchandise", "mgmt", "mis", "mitarbeiter", "mktg", "moderator", "money", "news",
    "newsletter", "no-reply", "no.reply", "nobody", "noc", "noreply", "null", "offers", "office",
    "officemanager", "online", "onlineshop", "operations", "operator", "order", "orders", "ordini", "orga",
    "owner", "pagos", "partner", "partners", "parts", "payment", "payments", "payroll", "pedidos",
    "personal", "personnel", "pharmacy", "phish", "phishing", "planning", "postbox", "postmaster",
    "poststelle", "pr", "praxis", "prensa", "press", "presse", "pressoffice", "privacy", "procurement",
    "prod", "production", "profile", "project", "projects", "promo", "promotions", "property", "proprietor",
    "psychologie", "publicidad", "publicrelations", "purchase", "purchasing", "qa", "quality", "query",
    "quote", "quotes", "rabota", "ramp", "recepce", "recepcion", "reception", "rechnung", "rechnungen",
    "rechnungswesen", "reclamaciones", "reclamos", "reclutamiento", "recruit", "recruiter", "recruiting",
    "recruitment", "redaccion", "redaktion", "redazione", "registrar", "registration", "remove", "reply",
    "reports", "request", "requests", "research", "reservas", "reservation", "reservations", "reservierung",
    "restaurant", "returns", "root", "rrhh", "rsvp", "sales", "salesteam", "schedule", "scheduling",
    "school", "secretaria", "secretariaat", "secretariat", "secretary", "security", "segreteria",
    "seguridad", "sekretariat", "seller", "seo", "server", "service", "servicecenter", "serviceclient",
    "services", "serviceteam", "servicio", "shared", "shipping", "shop", "soporte", "spam", "staff",
    "store", "strategy", "studio", "submissions", "subscribe", "subscribe-request", "subscriptions",
    "suggestions", "suporte", "support", "supportteam", "survey", "sysadmin", "system", "talent", "team",
    "tech", "technical", "technik", "technology", "techsupport", "telecom", "test", "trade", "training",
    "travel", "treasurer", "uk", "undisclosed-recipients", "unsubscribe", "urlaub", "usenet", "uucp",
    "vendas", "vendor", "vendors", "ventas", "vente", "ventes", "verkauf", "verkoop", "vertrieb",
    "verwaltung", "volunteer", "volunteers", "warehouse", "warranty", "web", "webadmin", "webinfo",
    "webmaster", "website", "webteam", "welcome", "wholesale", "willkommen", "worldwide", "www",
    "x-request", "zentrale",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [&FREE[..], &DISPOSABLE, &PLUS, &ROLE] {
            assert!(list.is_sorted(), "{list:?}");
        }
        assert!(ROLE.iter().all(|r| r.len() <= LONGEST_ROLE));
    }

    #[test]
    fn knows_roles_providers_and_throwaways() {
        assert!(is_role("INFO") && is_role("sales2") && is_role("support+x") && !is_role("infos.ada"));
        assert!(is_free("gmail.com") && !is_free("acme.com"));
        assert!(
            is_disposable("mailinator.com")
                && is_disposable("x.mailinator.com")
                && !is_disposable("acme.com")
        );
        assert!(has_plus_addressing("outlook.fr") && !has_plus_addressing("acme.com"));
    }
}
