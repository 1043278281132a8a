//! The contract that all bindings are held to, generated from the core and committed in `contract/`.

mod api;

use leadkit_core::compliance::{Contact, Decision, Reply, RuleTable};
use leadkit_core::database::{
    BackupReport, ConflictOptions, CopyOptions, CopyReport, Health, HealthOptions, ListOptions,
};
use leadkit_core::model::audit::{AuditEntry, AuditListOptions, AuditReport, AuditVerifyOptions};
use leadkit_core::model::automation::{
    Automation, AutomationRun, AutomationSpec, EventListOptions, HostEvent, NamedSchedule, Rehearsal,
    RehearseOptions, RunListOptions, SaveAutomationOptions, TickOptions, TickReport,
};
use leadkit_core::model::calls::CallOptions;
use leadkit_core::model::communication::{
    Communication, CommunicationEvent, CommunicationListOptions, DispatchOptions, DispatchReport,
    ReconcileReport, SmsOptions, SmsPlanOptions,
};
use leadkit_core::model::consent::{
    ConsentEntry, ConsentHistoryOptions, ConsentKind, ConsentOptions, ConsentQuestion, ConsentStatus,
};
use leadkit_core::model::cost::{CostOptions, CostReport};
use leadkit_core::model::explanation::{ExplainOptions, LeadExplanation};
use leadkit_core::model::given::{PlanUndoOptions, PlanUpdateOptions, UndoRunOptions};
use leadkit_core::model::history::{
    ContactChannel, ContactExportOptions, ContactImportOptions, LogOptions, SearchOptions, SearchPage,
    TimelineOptions,
};
use leadkit_core::model::message_template::{
    MessageTemplate, RenderOptions, RenderedTemplate, TemplateOptions, TemplateVersion,
};
use leadkit_core::model::privacy::{
    ErasureCertificate, ErasureListOptions, ErasureOptions, Hold, PersonExport, PersonOptions,
    RetentionOptions, RetentionReport,
};
use leadkit_core::model::report::Page;
use leadkit_core::model::settings::{Settings, SettingsChange};
use leadkit_core::model::stats::{
    CheckStatsOptions, CohortOptions, Cohorts, CompareOptions, Comparison, ContactStats, Funnel,
    FunnelOptions, StatsCheck, StatsOptions, StatsReport, StatsReportOptions,
};
use leadkit_core::model::transport::{
    CallRequest, Cancellation, Capabilities, MessageQuery, Outcome, ProviderCall, ProviderMessage,
    SmsRequest, WebhookEvent, WebhookRequest,
};
use leadkit_core::normalize::{CompanyResult, EmailResult, PersonResult, PhoneResult};
use leadkit_core::outbox::Received;
use leadkit_core::schedule::{DueOccurrences, Occurrence, OccurrenceOptions, Schedule};
use leadkit_core::table::{FormatOptions, LineIssue, TableFormat};
use leadkit_core::template::Segments;
use leadkit_core::testing::{FakeMessage, FakeOptions, FakeRequest, Fate, Fault};
use leadkit_core::{
    Assignment, Conflict, CustomField, ErrorCode, ExportOptions, ExportReport, Field, FindOptions,
    ImportOptions, ImportPreview, ImportReport, IssueCode, Lead, LeadChange, MergeGroup, OpenOptions,
    Operation, Plan, PlanOptions, Progress, RunOptions, Severity, Status, TwilioConfig,
};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub use api::api;

/// The files of `contract/` by name, as they should be.
pub fn files() -> Vec<(&'static str, String)> {
    let (options, results) = structs();
    let schema = json!({
        "errors": errors(),
        "fields": fields(),
        "issues": issues(),
        "options": options,
        "results": results,
    });
    vec![("schema.json", pretty(&schema)), ("api.json", pretty(&api()))]
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&sorted(value)).unwrap_or_default();
    text.push('\n');
    text
}

/// Keys in order, whichever map `serde_json` is built with.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// JSON Schema by name: of what goes in, and of what comes out.
fn structs() -> (Value, Value) {
    let settings = SchemaSettings::draft2020_12();
    let mut input = settings.with(|s| s.definitions_path = "/options".into()).into_generator();
    add::<Assignment>(&mut input);
    add::<AuditListOptions>(&mut input);
    add::<AuditVerifyOptions>(&mut input);
    add::<AutomationSpec>(&mut input);
    add::<CallOptions>(&mut input);
    add::<CallRequest>(&mut input);
    add::<ConflictOptions>(&mut input);
    add::<CommunicationListOptions>(&mut input);
    add::<ConsentHistoryOptions>(&mut input);
    add::<ConsentKind>(&mut input);
    add::<ConsentOptions>(&mut input);
    add::<ConsentQuestion>(&mut input);
    add::<Contact>(&mut input);
    add::<ContactChannel>(&mut input);
    add::<ContactExportOptions>(&mut input);
    add::<ContactImportOptions>(&mut input);
    add::<CopyOptions>(&mut input);
    add::<CostOptions>(&mut input);
    add::<CustomField>(&mut input);
    add::<DispatchOptions>(&mut input);
    add::<ErasureListOptions>(&mut input);
    add::<ErasureOptions>(&mut input);
    add::<EventListOptions>(&mut input);
    add::<ExplainOptions>(&mut input);
    add::<ExportOptions>(&mut input);
    add::<FakeOptions>(&mut input);
    add::<Fate>(&mut input);
    add::<Fault>(&mut input);
    add::<FindOptions>(&mut input);
    add::<FormatOptions>(&mut input);
    add::<HealthOptions>(&mut input);
    add::<ImportOptions>(&mut input);
    add::<ListOptions>(&mut input);
    add::<LogOptions>(&mut input);
    add::<MergeGroup>(&mut input);
    add::<MessageQuery>(&mut input);
    add::<OccurrenceOptions>(&mut input);
    add::<OpenOptions>(&mut input);
    add::<PersonOptions>(&mut input);
    add::<PlanOptions>(&mut input);
    add::<PlanUndoOptions>(&mut input);
    add::<PlanUpdateOptions>(&mut input);
    add::<RehearseOptions>(&mut input);
    add::<RenderOptions>(&mut input);
    add::<RetentionOptions>(&mut input);
    add::<RuleTable>(&mut input);
    add::<RunListOptions>(&mut input);
    add::<RunOptions>(&mut input);
    add::<SaveAutomationOptions>(&mut input);
    add::<Schedule>(&mut input);
    add::<SearchOptions>(&mut input);
    add::<SettingsChange>(&mut input);
    add::<SmsOptions>(&mut input);
    add::<SmsPlanOptions>(&mut input);
    add::<SmsRequest>(&mut input);
    add::<Status>(&mut input);
    add::<TemplateOptions>(&mut input);
    add::<TemplateVersion>(&mut input);
    add::<TickOptions>(&mut input);
    add::<TimelineOptions>(&mut input);
    add::<TwilioConfig>(&mut input);
    add::<UndoRunOptions>(&mut input);
    add::<WebhookEvent>(&mut input);
    add::<WebhookRequest>(&mut input);
    add::<CheckStatsOptions>(&mut input);
    add::<CohortOptions>(&mut input);
    add::<CompareOptions>(&mut input);
    add::<FunnelOptions>(&mut input);
    add::<StatsOptions>(&mut input);
    add::<StatsReportOptions>(&mut input);
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut output = settings.with(|s| s.definitions_path = "/results".into()).into_generator();
    add::<AuditEntry>(&mut output);
    add::<AuditReport>(&mut output);
    add::<Automation>(&mut output);
    add::<AutomationRun>(&mut output);
    add::<BackupReport>(&mut output);
    add::<Cancellation>(&mut output);
    add::<Capabilities>(&mut output);
    add::<CompanyResult>(&mut output);
    add::<Conflict>(&mut output);
    add::<Communication>(&mut output);
    add::<CommunicationEvent>(&mut output);
    add::<ConsentEntry>(&mut output);
    add::<ConsentStatus>(&mut output);
    add::<CopyReport>(&mut output);
    add::<CostReport>(&mut output);
    add::<CustomField>(&mut output);
    add::<Decision>(&mut output);
    add::<DispatchReport>(&mut output);
    add::<DueOccurrences>(&mut output);
    add::<EmailResult>(&mut output);
    add::<ErasureCertificate>(&mut output);
    add::<ExportReport>(&mut output);
    add::<FakeMessage>(&mut output);
    add::<FakeRequest>(&mut output);
    add::<Health>(&mut output);
    add::<Hold>(&mut output);
    add::<HostEvent>(&mut output);
    add::<ImportPreview>(&mut output);
    add::<ImportReport>(&mut output);
    add::<Lead>(&mut output);
    add::<LeadChange>(&mut output);
    add::<LeadExplanation>(&mut output);
    add::<LineIssue>(&mut output);
    add::<MessageTemplate>(&mut output);
    add::<NamedSchedule>(&mut output);
    add::<Occurrence>(&mut output);
    add::<Operation>(&mut output);
    add::<Outcome>(&mut output);
    add::<Page<Lead>>(&mut output);
    add::<PersonExport>(&mut output);
    add::<PersonResult>(&mut output);
    add::<PhoneResult>(&mut output);
    add::<Plan>(&mut output);
    add::<Progress>(&mut output);
    add::<ProviderCall>(&mut output);
    add::<ProviderMessage>(&mut output);
    add::<Received>(&mut output);
    add::<ReconcileReport>(&mut output);
    add::<Reply>(&mut output);
    add::<Rehearsal>(&mut output);
    add::<RenderedTemplate>(&mut output);
    add::<RetentionReport>(&mut output);
    add::<SearchPage>(&mut output);
    add::<Settings>(&mut output);
    add::<Segments>(&mut output);
    add::<Status>(&mut output);
    add::<TableFormat>(&mut output);
    add::<TickReport>(&mut output);
    add::<Cohorts>(&mut output);
    add::<Comparison>(&mut output);
    add::<ContactStats>(&mut output);
    add::<Funnel>(&mut output);
    add::<StatsCheck>(&mut output);
    add::<StatsReport>(&mut output);
    (json!(input.take_definitions(true)), json!(output.take_definitions(true)))
}

fn add<T: schemars::JsonSchema>(generator: &mut SchemaGenerator) {
    let _ = generator.subschema_for::<T>();
}

fn errors() -> Value {
    let code = |code: &ErrorCode| json!({"code": code.as_str(), "kind": code.kind().as_str(), "doc": code.meaning()});
    ErrorCode::ALL.iter().map(code).collect()
}

fn issues() -> Value {
    let severity = |severity| match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let code = |code: &IssueCode| json!({"code": code.as_str(), "severity": severity(code.severity()), "message": code.message()});
    IssueCode::ALL.iter().map(code).collect()
}

fn fields() -> Value {
    let field = |field: &Field| json!({"name": field.name(), "label": field.label(), "kind": field.kind()});
    Field::ALL.iter().map(field).collect()
}
