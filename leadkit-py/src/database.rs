//! `Database` and its rooms.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use leadkit_core as core;
use leadkit_core::database::{CopyOptions, HealthOptions, LeadIter};
use leadkit_core::model::automation::TickOptions;
use leadkit_core::model::explanation::ExplainOptions;
use leadkit_core::model::options::{ActorOptions, ExportOptions, FindOptions, ImportOptions, OpenOptions};
use leadkit_core::{CustomField, Filter, Status, Timestamp, Values};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::audit::Audit;
use crate::automations::{Automations, Schedules};
use crate::bulk::{Bulk, Operations};
use crate::call::Call;
use crate::comms::{Comms, Consent, SettingsRoom, Templates};
use crate::de::{argument, from_python, options};
use crate::error::{guard, work};
use crate::privacy::Privacy;
use crate::ser::to_python;
use crate::source::Given;
use crate::transport::GivenTransport;

type Object<'py> = Bound<'py, PyAny>;

/// A path or URL of a database.
pub struct Url(String);

impl<'a, 'py> FromPyObject<'a, 'py> for Url {
    type Error = PyErr;

    fn extract(url: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        argument("url", &url.to_owned()).map(Url)
    }
}

/// Opens or makes a database: a path, a `sqlite:` URL, or `:memory:`.
#[pyfunction]
#[pyo3(signature = (url = Url("leads.db".to_string()), **options))]
#[pyo3(text_signature = "(url='leads.db', **options)")]
pub fn open(py: Python<'_>, url: Url, options: Option<&Bound<'_, PyDict>>) -> PyResult<Database> {
    guard(py, || {
        let options: OpenOptions = self::options(py, options)?;
        work(py, || core::open_with(&url.0, options)).map(Database)
    })
}

/// Opens a database whose clock stands still and whose randomness follows from a seed.
#[pyfunction]
#[pyo3(signature = (url, now, seed, **options))]
pub fn open_testing(
    py: Python<'_>,
    url: Url,
    now: &Object<'_>,
    seed: u64,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<Py<TestingDatabase>> {
    guard(py, || {
        let now: Timestamp = argument("now", now)?;
        let options: OpenOptions = self::options(py, options)?;
        let database = work(py, || core::testing::open_with(&url.0, options, now, seed))?;
        TestingDatabase::of(py, database)
    })
}

/// A CSV of about so many leads as they come in real life.
#[pyfunction]
#[pyo3(signature = (rows, seed))]
pub fn messy_csv<'py>(py: Python<'py>, rows: u64, seed: u64) -> PyResult<Bound<'py, PyBytes>> {
    guard(py, || Ok(PyBytes::new(py, &py.detach(|| core::testing::messy_csv(rows, seed)))))
}

/// A database of leads; any thread may use it.
#[pyclass(frozen, subclass, module = "leadkit")]
pub struct Database(pub core::Database);

#[pymethods]
impl Database {
    /// The leads: add, get, first, find, iterate, count, update, history.
    #[getter]
    fn leads(&self) -> Leads {
        Leads(self.0.clone())
    }

    /// Custom fields: define, list, archive.
    #[getter]
    fn fields(&self) -> Fields {
        Fields(self.0.clone())
    }

    /// Operations on many leads: planned, looked at, run.
    #[getter]
    fn bulk(&self) -> Bulk {
        Bulk(self.0.clone())
    }

    /// The list of statuses and the ways between them.
    #[getter]
    fn statuses(&self) -> Statuses {
        Statuses(self.0.clone())
    }

    /// Messages to leads and from them.
    #[getter]
    fn comms(&self) -> Comms {
        Comms(self.0.clone())
    }

    /// Who may be contacted, by what, and why.
    #[getter]
    fn consent(&self) -> Consent {
        Consent(self.0.clone())
    }

    /// What the law asks about a person's data: export, erasure, retention.
    #[getter]
    fn privacy(&self) -> Privacy {
        Privacy(self.0.clone())
    }

    /// The switches: whether anything is sent, and by what.
    #[getter]
    fn settings(&self) -> SettingsRoom {
        SettingsRoom(self.0.clone())
    }

    /// Texts for messages and calls, by name and version.
    #[getter]
    fn templates(&self) -> Templates {
        Templates(self.0.clone())
    }

    /// What was done with the data, by whom, in a chain that shows what was changed in it.
    #[getter]
    fn audit(&self) -> Audit {
        Audit(self.0.clone())
    }

    /// What happens by itself.
    #[getter]
    fn automations(&self) -> Automations {
        Automations(self.0.clone())
    }

    /// Schedules with names, which automations keep to.
    #[getter]
    fn schedules(&self) -> Schedules {
        Schedules(self.0.clone())
    }

    /// What was done to this database: imports, exports, edits, bulk operations, undos.
    #[getter]
    fn operations(&self) -> Operations {
        Operations(self.0.clone())
    }

    /// The database's file; None for one in memory.
    #[getter]
    fn path(&self) -> Option<PathBuf> {
        self.0.path().map(PathBuf::from)
    }

    /// Imports a file of leads.
    #[pyo3(signature = (source, *, progress = None, cancel = None, **options))]
    fn import_leads<'py>(
        &self,
        py: Python<'py>,
        source: &Object<'py>,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: ImportOptions = self::options(py, options)?;
            let (source, file) = Given::new(source)?.into_parts();
            let database = self.0.clone();
            let report = Call::new(progress, cancel)?.reading(file).run(py, move |links| {
                let source = source(&links.requests);
                let options = ImportOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.import_leads(source, options)
            })?;
            to_python(py, &report)
        })
    }

    /// Reads the first rows of a file and says what an import would do; writes nothing.
    #[pyo3(signature = (source, *, progress = None, cancel = None, **options))]
    fn preview_import<'py>(
        &self,
        py: Python<'py>,
        source: &Object<'py>,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: ImportOptions = self::options(py, options)?;
            let (source, file) = Given::new(source)?.into_parts();
            let database = self.0.clone();
            let preview = Call::new(progress, cancel)?.reading(file).run(py, move |links| {
                let source = source(&links.requests);
                let options = ImportOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.preview_import(source, options)
            })?;
            to_python(py, &preview)
        })
    }

    /// Writes leads to a CSV or Excel file, replacing it atomically.
    #[pyo3(signature = (target, *, progress = None, cancel = None, **options))]
    fn export_leads<'py>(
        &self,
        py: Python<'py>,
        target: PathBuf,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: ExportOptions = self::options(py, options)?;
            let database = self.0.clone();
            let report = Call::new(progress, cancel)?.run(py, move |links| {
                let options = ExportOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.export_leads(target, options)
            })?;
            to_python(py, &report)
        })
    }

    /// Does all that is due by now.
    #[pyo3(signature = (transport = None, *, cancel = None, **options))]
    fn tick<'py>(
        &self,
        py: Python<'py>,
        transport: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: TickOptions = self::options(py, options)?;
            let database = self.0.clone();
            let call = Call::new(None, cancel)?;
            let report = match transport {
                None => call.run(py, move |links| {
                    database.tick(None, &TickOptions { cancel: links.cancel, ..options })
                })?,
                Some(transport) => {
                    let (transport, object) = GivenTransport::new(transport)?;
                    call.calling(object).run(py, move |links| {
                        let options = TickOptions { cancel: links.cancel.clone(), ..options };
                        transport.with(&links, |transport| database.tick(Some(transport), &options))
                    })?
                }
            };
            to_python(py, &report)
        })
    }

    /// Looks at the database: structure, size, operations that wait.
    #[pyo3(signature = (**options))]
    fn health<'py>(&self, py: Python<'py>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: HealthOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.health(options))?)
        })
    }

    /// Writes a copy of the database, as of one moment, to a new file.
    fn backup<'py>(&self, py: Python<'py>, path: PathBuf) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.backup(path))?))
    }

    /// Copies everything to another, empty database of any kind, as of one moment.
    #[pyo3(signature = (url, *, progress = None, cancel = None, **options))]
    fn copy_to<'py>(
        &self,
        py: Python<'py>,
        url: Url,
        progress: Option<&Object<'py>>,
        cancel: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let options: CopyOptions = self::options(py, options)?;
            let database = self.0.clone();
            let report = Call::new(progress, cancel)?.run(py, move |links| {
                let options = CopyOptions { progress: links.progress, cancel: links.cancel, ..options };
                database.copy_to(&url.0, options)
            })?;
            to_python(py, &report)
        })
    }

    /// The same database, acting as somebody else: the log of operations names them.
    /// With a profile it is masked as that says.
    #[pyo3(signature = (id, reason = None, profile = None))]
    fn as_actor(&self, id: String, reason: Option<String>, profile: Option<String>) -> Database {
        Database(self.0.as_actor_with(id, ActorOptions { reason, profile }))
    }

    /// Closes the file; later calls answer `closed`.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            py.detach(|| self.0.close());
            Ok(())
        })
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (_type = None, _value = None, _traceback = None, /))]
    fn __exit__(
        &self,
        py: Python<'_>,
        _type: Option<&Object<'_>>,
        _value: Option<&Object<'_>>,
        _traceback: Option<&Object<'_>>,
    ) -> PyResult<()> {
        self.close(py)
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "a Database cannot be copied or pickled; open it anew in each process, by its path",
        ))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let path = match self.0.path() {
            Some(path) => PyString::new(py, &path.to_string_lossy()).repr()?.to_string(),
            None => "':memory:'".to_string(),
        };
        Ok(format!("<leadkit.Database {path}>"))
    }
}

/// A database whose clock stands still until it is advanced.
#[pyclass(frozen, extends = Database, module = "leadkit.testing")]
pub struct TestingDatabase;

impl TestingDatabase {
    fn of(py: Python<'_>, database: core::Database) -> PyResult<Py<Self>> {
        Py::new(py, PyClassInitializer::from(Database(database)).add_subclass(TestingDatabase))
    }
}

#[pymethods]
impl TestingDatabase {
    /// Moves the clock by a number of seconds.
    fn advance(slf: PyRef<'_, Self>, seconds: f64) {
        core::testing::advance(&slf.as_super().0, seconds);
    }

    /// The same database, acting as somebody else, by the same clock.
    #[pyo3(signature = (id, reason = None, profile = None))]
    fn as_actor(
        slf: PyRef<'_, Self>,
        id: String,
        reason: Option<String>,
        profile: Option<String>,
    ) -> PyResult<Py<Self>> {
        let view = slf.as_super().0.as_actor_with(id, ActorOptions { reason, profile });
        TestingDatabase::of(slf.py(), view)
    }

    /// The instant at which the clock stands.
    #[getter]
    fn now<'py>(slf: PyRef<'py, Self>, py: Python<'py>) -> PyResult<Object<'py>> {
        to_python(py, &core::testing::now(&slf.as_super().0))
    }
}

/// The leads of a database.
#[pyclass(frozen, module = "leadkit")]
pub struct Leads(core::Database);

#[pymethods]
impl Leads {
    /// Adds one lead; values are normalised and validated as in an import.
    #[pyo3(signature = (values = None, /, **fields))]
    fn add<'py>(
        &self,
        py: Python<'py>,
        values: Option<&Object<'py>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let values = self::values(values, fields)?;
            to_python(py, &work(py, || self.0.leads().add(values))?)
        })
    }

    /// Changes some fields of a lead: None clears, fields that are not named stay.
    #[pyo3(signature = (id, values = None, /, **fields))]
    fn update<'py>(
        &self,
        py: Python<'py>,
        id: &Object<'py>,
        values: Option<&Object<'py>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            let values = self::values(values, fields)?;
            to_python(py, &work(py, || self.0.leads().update(id, values))?)
        })
    }

    /// The lead of an id; None when there is none, or it was deleted.
    fn get<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.leads().get(id))?)
        })
    }

    /// The first lead that the filter finds, or None.
    #[pyo3(signature = (filter = None, **options))]
    fn first<'py>(
        &self,
        py: Python<'py>,
        filter: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let (filter, options) = (self::filter(py, filter)?, self::options::<FindOptions>(py, options)?);
            to_python(py, &work(py, || self.0.leads().first(&filter, options))?)
        })
    }

    /// A page of the leads that the filter finds.
    #[pyo3(signature = (filter = None, **options))]
    fn find<'py>(
        &self,
        py: Python<'py>,
        filter: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let (filter, options) = (self::filter(py, filter)?, self::options::<FindOptions>(py, options)?);
            to_python(py, &work(py, || self.0.leads().find(&filter, options))?)
        })
    }

    /// All leads that the filter finds, read in pages.
    #[pyo3(signature = (filter = None, **options))]
    fn iterate<'py>(
        &self,
        py: Python<'py>,
        filter: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<LeadIterator> {
        guard(py, || {
            let (filter, options) = (self::filter(py, filter)?, self::options::<FindOptions>(py, options)?);
            let leads = work(py, || self.0.leads().iterate(&filter, options))?;
            Ok(LeadIterator { leads: Mutex::new(leads), ready: Mutex::default() })
        })
    }

    /// How many leads the filter finds.
    #[pyo3(signature = (filter = None))]
    fn count(&self, py: Python<'_>, filter: Option<&Object<'_>>) -> PyResult<u64> {
        guard(py, || {
            let filter = self::filter(py, filter)?;
            work(py, || self.0.leads().count(&filter))
        })
    }

    /// Restores a deleted lead with all its values.
    fn restore<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.leads().restore(id))?)
        })
    }

    /// Everything that is known of a lead, and why.
    #[pyo3(signature = (id, **options))]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        id: &Object<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            let options: ExplainOptions = self::options(py, options)?;
            to_python(py, &work(py, || self.0.leads().explain(id, &options))?)
        })
    }

    /// Every change of a lead, the newest first.
    fn history<'py>(&self, py: Python<'py>, id: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let id: i64 = argument("id", id)?;
            to_python(py, &work(py, || self.0.leads().history(id))?)
        })
    }
}

/// Leads are fetched in portions, so that the interpreter lock changes hands once for many.
const PORTION: usize = 500;

/// Leads one after the other.
#[pyclass(frozen, module = "leadkit")]
pub struct LeadIterator {
    /// Locked only without the interpreter lock.
    leads: Mutex<LeadIter>,
    /// Locked only for moments, never while waiting for anything.
    ready: Mutex<VecDeque<core::Result<core::Lead>>>,
}

impl LeadIterator {
    fn pop(&self) -> Option<core::Result<core::Lead>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn fetch(&self) {
        let mut leads = self.leads.lock().unwrap_or_else(PoisonError::into_inner);
        let portion: Vec<_> = leads.by_ref().take(PORTION).collect();
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).extend(portion);
    }
}

#[pymethods]
impl LeadIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        guard(py, || {
            let next = self.pop().or_else(|| {
                py.detach(|| self.fetch());
                self.pop()
            });
            match next {
                None => Ok(None),
                Some(lead) => to_python(py, &work(py, || lead)?).map(Some),
            }
        })
    }
}

/// Custom fields: what a business keeps about leads beyond the standard fields.
#[pyclass(frozen, module = "leadkit")]
pub struct Fields(core::Database);

#[pymethods]
impl Fields {
    /// Defines a field, or changes the label, choices or archived state of one.
    #[pyo3(signature = (key, label = None, **options))]
    fn define<'py>(
        &self,
        py: Python<'py>,
        key: &Object<'py>,
        label: Option<&Object<'py>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Object<'py>> {
        guard(py, || {
            let field = options.map_or_else(|| Ok(PyDict::new(py)), |options| options.copy())?;
            field.set_item(intern!(py, "key"), key)?;
            if let Some(label) = label {
                field.set_item(intern!(py, "label"), label)?;
            }
            let field: CustomField = self::options(py, Some(&field))?;
            to_python(py, &work(py, || self.0.fields().define(field))?)
        })
    }

    /// All custom fields, archived ones included, in the order of their definition.
    fn list<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.fields().list())?))
    }

    /// Archives a field: its values stay, new ones are refused.
    fn archive<'py>(&self, py: Python<'py>, key: &str) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.fields().archive(key))?))
    }
}

/// The statuses that leads may have, and the ways between them.
#[pyclass(frozen, module = "leadkit")]
pub struct Statuses(core::Database);

#[pymethods]
impl Statuses {
    /// The list, in its order.
    fn list<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        guard(py, || to_python(py, &work(py, || self.0.statuses().list())?))
    }

    /// Replaces the list.
    fn define<'py>(&self, py: Python<'py>, statuses: &Object<'py>) -> PyResult<Object<'py>> {
        guard(py, || {
            let statuses: Vec<Status> = argument("statuses", statuses)?;
            to_python(py, &work(py, || self.0.statuses().define(statuses))?)
        })
    }
}

pub fn filter(py: Python<'_>, filter: Option<&Object<'_>>) -> PyResult<Filter> {
    let value = filter.map(|filter| argument("filter", filter)).transpose()?.unwrap_or_default();
    Filter::from_json(value).map_err(|error| crate::error::raise(py, &error))
}

/// A dict of values and keywords on top of it.
fn values(values: Option<&Object<'_>>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<Values> {
    let mut all: Values = values.map(|values| argument("values", values)).transpose()?.unwrap_or_default();
    if let Some(fields) = fields {
        let Values(fields) = from_python(fields.as_any())?;
        all.0.extend(fields);
    }
    Ok(all)
}
