//! The names of the API, in snake_case, written down once: what the stubs of each binding must say.
//!
//! `args` are the positional arguments, in order; `options` names the struct whose fields are the
//! keywords in Python and the last object in Node; `keywords` are single ones.

use serde_json::{Map, Value, json};

/// One function or method.
struct Call {
    name: &'static str,
    args: &'static [&'static str],
    options: Option<&'static str>,
    keywords: &'static [&'static str],
}

const fn call(name: &'static str, args: &'static [&'static str]) -> Call {
    Call { name, args, options: None, keywords: &[] }
}

impl Call {
    const fn options(mut self, name: &'static str) -> Self {
        self.options = Some(name);
        self
    }

    const fn keywords(mut self, names: &'static [&'static str]) -> Self {
        self.keywords = names;
        self
    }
}

/// An object with methods and properties.
struct Class {
    name: &'static str,
    /// What makes one, where callers do.
    constructor: Option<Call>,
    properties: &'static [&'static str],
    methods: &'static [Call],
}

const WATCHED: &[&str] = &["progress", "cancel"];

const FUNCTIONS: &[Call] = &[
    call("automation", &["trigger"]).keywords(&[
        "again",
        "condition",
        "description",
        "late",
        "limit",
        "stop",
    ]),
    call("classify_reply", &["text"]),
    call("due_occurrences", &["schedule", "after", "now", "zone"]),
    call("next_occurrences", &["schedule"]).options("OccurrenceOptions"),
    call("normalize_phone", &["text", "default_country"]),
    call("normalize_email", &["text"]),
    call("normalize_company", &["text", "country"]),
    call("normalize_person", &["text"]),
    call("normalize_country", &["text"]),
    call("open", &["url"]).options("OpenOptions"),
    call("phone_time_zones", &["e164"]),
    call("read_table", &["source"]).options("FormatOptions"),
    call("sms_segments", &["text", "smart_encoding"]),
    call("sniff", &["source"]).options("FormatOptions"),
    call("steps", &[]),
    call("verify_twilio_request", &["secret", "request"]),
];

const TESTING: &[Call] = &[
    call("messy_csv", &["rows"]).keywords(&["seed"]),
    call("open", &["url"]).options("OpenOptions").keywords(&["now", "seed"]),
];

const CLASSES: &[Class] = &[
    Class {
        name: "Audit",
        constructor: None,
        properties: &[],
        methods: &[
            call("checkpoint", &[]),
            call("entries", &[]).options("AuditListOptions"),
            call("verify", &[]).options("AuditVerifyOptions"),
        ],
    },
    Class {
        name: "AutomationBuilder",
        constructor: None,
        properties: &[],
        methods: &[
            call("assign", &["owners"]),
            call("await_reply", &["time"]),
            call("build", &[]),
            call("host", &["event", "data"]),
            call("set", &["values"]),
            call("sms", &[])
                .keywords(&["body", "campaign", "purpose", "sender", "template", "variant", "vars"]),
            call("status", &["to"]),
            call("stop", &[]),
            call("tag", &["add", "remove"]),
            call("task", &["subject", "body"]),
            call("wait", &["time"]).keywords(&["at", "calendar", "zone"]),
            call("when", &["condition", "then", "otherwise"]),
        ],
    },
    Class {
        name: "Automations",
        constructor: None,
        properties: &[],
        methods: &[
            call("acknowledge", &["up_to"]),
            call("cancel", &["name", "lead"]),
            call("disable", &["name"]),
            call("enable", &["name"]),
            call("events", &[]).options("EventListOptions"),
            call("get", &["name"]),
            call("list", &[]),
            call("picture", &["name"]),
            call("rehearse", &["spec"]).options("RehearseOptions"),
            call("runs", &[]).options("RunListOptions"),
            call("save", &["name", "spec"]).options("SaveAutomationOptions"),
        ],
    },
    Class {
        name: "Bulk",
        constructor: None,
        properties: &[],
        methods: &[
            call("plan_assign", &["filter", "to"]).options("PlanOptions"),
            call("plan_delete", &["filter"]).options("PlanOptions"),
            call("plan_merge", &["groups"]).options("PlanOptions"),
            call("plan_of", &["token"]),
            call("plan_purge", &["filter"]).options("PlanOptions"),
            call("plan_status", &["filter", "status"]).options("PlanOptions"),
            call("plan_undo", &["operation"]).options("PlanUndoOptions"),
            call("plan_update", &["filter"]).options("PlanUpdateOptions"),
            call("run", &["plan"]).options("RunOptions").keywords(WATCHED),
        ],
    },
    Class {
        name: "Comms",
        constructor: None,
        properties: &[],
        methods: &[
            call("cancel", &["id"]),
            call("check_stats", &[]).options("CheckStatsOptions"),
            call("cohorts", &[]).options("CohortOptions"),
            call("compare", &[]).options("CompareOptions"),
            call("costs", &[]).options("CostOptions"),
            call("dispatch", &["transport"]).options("DispatchOptions").keywords(&["cancel"]),
            call("drain", &["seconds"]),
            call("events", &["id"]),
            call("export", &["target"]).options("ContactExportOptions").keywords(WATCHED),
            call("funnel", &[]).options("FunnelOptions"),
            call("get", &["id"]),
            call("import_log", &["source"]).options("ContactImportOptions").keywords(WATCHED),
            call("list", &[]).options("CommunicationListOptions"),
            call("log", &["lead", "channel"]).options("LogOptions"),
            call("pause", &["campaign"]),
            call("plan_sms", &["filter"]).options("SmsPlanOptions"),
            call("queue_call", &["lead"]).options("CallOptions"),
            call("queue_sms", &["lead"]).options("SmsOptions"),
            call("receive", &["twilio", "request"]),
            call("receive_event", &["event", "token"]),
            call("reconcile", &["transport"]),
            call("requeue", &["id"]),
            call("reschedule", &["id", "send_at"]),
            call("resume", &["campaign"]),
            call("search", &[]).options("SearchOptions"),
            call("send_sms", &["lead", "transport"]).options("SmsOptions"),
            call("stats", &[]).options("StatsOptions"),
            call("stats_report", &[]).options("StatsReportOptions"),
            call("timeline", &["lead"]).options("TimelineOptions"),
        ],
    },
    Class {
        name: "Consent",
        constructor: None,
        properties: &[],
        methods: &[
            call("apply_suppressions", &["path"]),
            call("export_suppressions", &["path"]),
            call("history", &[]).options("ConsentHistoryOptions"),
            call("record", &["kind", "source"]).options("ConsentOptions"),
            call("status", &[]).options("ConsentQuestion"),
        ],
    },
    Class {
        name: "Database",
        constructor: None,
        properties: &[
            "audit",
            "automations",
            "bulk",
            "comms",
            "consent",
            "fields",
            "leads",
            "operations",
            "path",
            "privacy",
            "schedules",
            "settings",
            "statuses",
            "templates",
        ],
        methods: &[
            call("as_actor", &["id"]).keywords(&["reason", "profile"]),
            call("backup", &["path"]),
            call("close", &[]),
            call("copy_to", &["url"]).options("CopyOptions").keywords(WATCHED),
            call("export_leads", &["target"]).options("ExportOptions").keywords(WATCHED),
            call("health", &[]).options("HealthOptions"),
            call("import_leads", &["source"]).options("ImportOptions").keywords(WATCHED),
            call("preview_import", &["source"]).options("ImportOptions").keywords(WATCHED),
            call("tick", &["transport"]).options("TickOptions").keywords(&["cancel"]),
        ],
    },
    Class {
        name: "FakeTwilio",
        constructor: Some(call("FakeTwilio", &["db"]).options("FakeOptions")),
        properties: &["account_sid", "auth_token", "now", "number", "service", "url"],
        methods: &[
            call("accepted", &["to", "body"]),
            call("accepted_all", &[]),
            call("advance", &["seconds"]),
            call("callbacks", &[]),
            call("config", &[]),
            call("deliver", &[]),
            call("deliver_by_itself", &[]),
            call("fate", &["to", "fate"]),
            call("fault", &["fault"]),
            call("fault_once_in", &["requests", "fault"]),
            call("forget_requests", &[]),
            call("inbound", &["sender", "to", "body", "url"]),
            call("inbound_call", &["sender", "to", "url"]),
            call("messages", &[]),
            call("next_callback", &[]),
            call("repeat_callbacks", &["times"]),
            call("requests", &[]),
            call("shuffle_callbacks", &["on"]),
            call("status", &["sid"]),
            call("twilio", &[]),
        ],
    },
    Class {
        name: "Fields",
        constructor: None,
        properties: &[],
        methods: &[call("archive", &["key"]), call("define", &[]).options("CustomField"), call("list", &[])],
    },
    Class {
        name: "ErasureCertificate",
        constructor: None,
        properties: &[],
        methods: &[call("save_html", &["path"]), call("to_html", &[]), call("to_json", &[])],
    },
    Class {
        name: "ImportReport",
        constructor: None,
        properties: &[],
        methods: &[call("save_html", &["path"]), call("to_json", &[])],
    },
    Class {
        name: "LeadExplanation",
        constructor: None,
        properties: &[],
        methods: &[call("save_html", &["path"]), call("to_html", &[]), call("to_json", &[])],
    },
    Class {
        name: "LeadkitError",
        constructor: None,
        properties: &["code", "field", "hint", "kind", "path", "retryable", "row", "value"],
        methods: &[],
    },
    Class {
        name: "Leads",
        constructor: None,
        properties: &[],
        methods: &[
            call("add", &["values"]),
            call("count", &["filter"]),
            call("explain", &["id"]).options("ExplainOptions"),
            call("find", &["filter"]).options("FindOptions"),
            call("first", &["filter"]).options("FindOptions"),
            call("get", &["id"]),
            call("history", &["id"]),
            call("iterate", &["filter"]).options("FindOptions"),
            call("restore", &["id"]),
            call("update", &["id", "values"]),
        ],
    },
    Class {
        name: "LegalHours",
        constructor: Some(call("LegalHours", &[]).options("RuleTable")),
        properties: &[],
        methods: &[call("decide", &["at"]).options("Contact"), call("table", &[])],
    },
    Class {
        name: "Operations",
        constructor: None,
        properties: &[],
        methods: &[
            call("cancel", &["id"]),
            call("conflicts", &["id"]).options("ConflictOptions"),
            call("get", &["id"]),
            call("list", &[]).options("ListOptions"),
            call("prune", &["older_than_days"]),
            call("resume", &["id"]).options("RunOptions").keywords(WATCHED),
            call("undo", &["operation"]).options("UndoRunOptions").keywords(WATCHED),
        ],
    },
    Class { name: "Page", constructor: None, properties: &["items", "next_cursor"], methods: &[] },
    Class {
        name: "PersonExport",
        constructor: None,
        properties: &[],
        methods: &[call("save_html", &["path"]), call("to_html", &[]), call("to_json", &[])],
    },
    Class {
        name: "Privacy",
        constructor: None,
        properties: &[],
        methods: &[
            call("apply_retention", &[]).options("RetentionOptions"),
            call("compact", &[]),
            call("erase_person", &["legal_basis"]).options("ErasureOptions").keywords(&["transport"]),
            call("erasures", &[]).options("ErasureListOptions"),
            call("export_person", &[]).options("PersonOptions"),
            call("hold", &["reason"]).options("PersonOptions"),
            call("holds", &[]),
            call("release", &[]).options("PersonOptions"),
        ],
    },
    Class {
        name: "Schedules",
        constructor: None,
        properties: &[],
        methods: &[
            call("get", &["name"]),
            call("list", &[]),
            call("pause", &["name"]),
            call("resume", &["name"]),
            call("save", &["name", "schedule"]),
        ],
    },
    Class {
        name: "SettingsRoom",
        constructor: None,
        properties: &[],
        methods: &[call("get", &[]), call("set", &[]).options("SettingsChange")],
    },
    Class {
        name: "StatsReport",
        constructor: None,
        properties: &[],
        methods: &[call("save_html", &["path"]), call("to_html", &[]), call("to_json", &[])],
    },
    Class {
        name: "Statuses",
        constructor: None,
        properties: &[],
        methods: &[call("define", &["statuses"]), call("list", &[])],
    },
    Class { name: "Table", constructor: None, properties: &["format", "header", "issues"], methods: &[] },
    Class {
        name: "Templates",
        constructor: None,
        properties: &[],
        methods: &[
            call("archive", &["name"]),
            call("get", &["name"]).options("TemplateVersion"),
            call("list", &[]),
            call("render", &["name"]).options("RenderOptions"),
            call("save", &["name", "body"]).options("TemplateOptions"),
        ],
    },
    Class {
        name: "TestingDatabase",
        constructor: None,
        properties: &[],
        methods: &[call("advance", &["seconds"])],
    },
    Class {
        name: "Twilio",
        constructor: Some(call("Twilio", &[]).options("TwilioConfig")),
        properties: &["account_sid", "public_url"],
        methods: &[
            call("cancel", &["sid"]),
            call("capabilities", &[]),
            call("delete_call", &["sid"]),
            call("delete_message", &["sid"]),
            call("erase", &["sid"]),
            call("fetch_call", &["sid"]),
            call("fetch_message", &["sid"]),
            call("hang_up", &["sid"]),
            call("list_messages", &["query"]),
            call("redact_message", &["sid"]),
            call("send_many", &["requests"]),
            call("send_sms", &["request"]),
            call("start_call", &["request"]),
        ],
    },
];

/// The names as JSON.
pub fn api() -> Value {
    let classes: Map<String, Value> = CLASSES
        .iter()
        .map(|class| {
            let mut value = json!({ "properties": class.properties, "methods": calls(class.methods) });
            if let Some(constructor) = &class.constructor {
                value["constructor"] = entry(constructor);
            }
            (class.name.to_string(), value)
        })
        .collect();
    json!({ "functions": calls(FUNCTIONS), "testing": calls(TESTING), "classes": classes })
}

fn calls(calls: &[Call]) -> Value {
    calls.iter().map(|call| (call.name.to_string(), entry(call))).collect::<Map<_, _>>().into()
}

fn entry(call: &Call) -> Value {
    let mut value = Map::from_iter([("args".to_string(), json!(call.args))]);
    if let Some(options) = call.options {
        value.insert("options".into(), json!(options));
    }
    if !call.keywords.is_empty() {
        value.insert("keywords".into(), json!(call.keywords));
    }
    Value::Object(value)
}
