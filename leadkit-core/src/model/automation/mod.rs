//! What happens by itself: triggers, conditions and steps as data, and the runs that came of them.
//!
//! The names are single words on purpose where people write them: an automation is one and the same JSON in all
//! languages.

mod kept;
mod run;
mod spec;

pub use kept::{Automation, AutomationState, AutomationVersion, NamedSchedule, Taking};
pub use run::{
    AutomationRun, EventListOptions, HostEvent, Rehearsal, RehearseOptions, RunListOptions, RunState,
    RunStep, SaveAutomationOptions, Signal, TickOptions, TickReport, TriggerEvent,
};
pub use spec::{
    AutomationSpec, Condition, ConsentCondition, ContactCondition, RunLimit, ScheduleRef, Step, StopWhen,
    Trigger,
};
