//! The one error type: a kind, a stable code, a place, a sentence and what to do about it.
//!
//! Bad rows are data in a report (see [`crate::model::issue::Issue`]), never errors: an [`Error`] means
//! that a call could not do its work at all.

use std::fmt;
use std::path::{Path, PathBuf};

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $kind:ident;)*) => {
        /// A stable, machine-readable name of what went wrong; it never changes between versions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl ErrorCode {
            /// Every code there is, in the order of the documentation.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name,)*];

            /// The code as hosts see it.
            ///
            /// ```
            /// use leadkit_core::ErrorCode;
            /// assert_eq!(ErrorCode::FileNotFound.as_str(), "file_not_found");
            /// ```
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$name => $code,)* }
            }

            /// When it is raised, in one sentence for people.
            pub fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$name => concat!($($doc),*).trim_ascii(),)* }
            }

            /// The family this code belongs to.
            pub fn kind(self) -> ErrorKind {
                match self { $(ErrorCode::$name => ErrorKind::$kind,)* }
            }
        }
    };
}

error_codes! {
    /// An option, argument or value of the call is not of its type or range.
    InvalidArgument = "invalid_argument", InvalidInput;
    /// A key of an options object is not known.
    UnknownOption = "unknown_option", InvalidInput;
    /// A field name is neither a standard field nor a defined custom field.
    UnknownField = "unknown_field", InvalidInput;
    /// A mapping or format names a column that the file does not have.
    UnknownColumn = "unknown_column", InvalidInput;
    /// A filter is malformed: unknown operator, or a value of the wrong type.
    InvalidFilter = "invalid_filter", InvalidInput;
    /// A value given to `add`, `update` or `set=` is not valid for its field.
    InvalidValue = "invalid_value", InvalidInput;
    /// No path, lead, operation or custom field of that name or id.
    NotFound = "not_found", NotFound;
    /// The source file does not exist.
    FileNotFound = "file_not_found", NotFound;
    /// The path is a directory where a file is needed.
    IsDirectory = "is_directory", InvalidInput;
    /// The file or folder may not be read or written.
    PermissionDenied = "permission_denied", Io;
    /// The target exists and is never overwritten.
    FileExists = "file_exists", Io;
    /// Reading or writing failed for another reason of the operating system.
    Io = "io", Io;
    /// The disk or the quota is full.
    DiskFull = "disk_full", Full;
    /// The source holds no bytes, or only blank lines.
    EmptySource = "empty_source", Format;
    /// The source holds a header but not one record.
    NoRecords = "no_records", Format;
    /// The content is not text, or not the format its name promises.
    NotATable = "not_a_table", Format;
    /// No column could be mapped to a lead field.
    NoMappableColumn = "no_mappable_column", Format;
    /// A custom field or other name is already taken by something different.
    AlreadyExists = "already_exists", Conflict;
    /// The change contradicts what is stored.
    Conflict = "conflict", Conflict;
    /// The plan is too old to be run; leads may have become others since.
    PlanExpired = "plan_expired", Conflict;
    /// The operation is too long ago, or too much was changed since, to be taken back.
    UndoExpired = "undo_expired", Conflict;
    /// The operation cannot be taken back: it changed no leads, or removed them for good.
    NotUndoable = "not_undoable", Conflict;
    /// The operation was taken back already.
    AlreadyUndone = "already_undone", Conflict;
    /// The undo met values that others changed since, and was asked to change nothing then.
    UndoConflict = "undo_conflict", Conflict;
    /// A template's syntax is wrong, or it uses a variable that leads do not have.
    InvalidTemplate = "invalid_template", InvalidInput;
    /// A template uses a variable that holds nothing for this lead, and gives no default.
    TemplateValueMissing = "template_value_missing", InvalidInput;
    /// So many leads are changed only when their number is given too.
    ConfirmationNeeded = "confirmation_needed", InvalidInput;
    /// Another process or thread holds the database longer than the time limit.
    Busy = "busy", Busy;
    /// Another process is running this very operation.
    OperationRunning = "operation_running", Busy;
    /// The database was written by a newer leadkit.
    SchemaTooNew = "schema_too_new", SchemaTooNew;
    /// The file is not a leadkit database.
    NotADatabase = "not_a_database", Corrupt;
    /// The database is damaged.
    Corrupt = "corrupt", Corrupt;
    /// The database may not be written: file, folder or medium is read-only.
    ReadOnly = "read_only", Io;
    /// The store's server cannot be reached, or the connection to it was lost.
    Unreachable = "unreachable", Unreachable;
    /// A hold forbids to erase this person.
    OnHold = "on_hold", Conflict;
    /// The person was erased: nothing of the lead can come back.
    Erased = "erased", Conflict;
    /// This needs a key that the database was not opened with.
    KeyMissing = "key_missing", InvalidInput;
    /// The provider of messages and calls refused the request.
    ProviderRefused = "provider_refused", InvalidInput;
    /// The view's access profile does not allow this.
    AccessDenied = "access_denied", InvalidInput;
    /// The transport cannot do this.
    Unsupported = "unsupported", InvalidInput;
    /// The URL names a store this build does not have.
    UnsupportedStore = "unsupported_store", InvalidInput;
    /// The call was cancelled; whole batches done so far stay, and the operation can be resumed.
    Cancelled = "cancelled", Cancelled;
    /// The database was closed, or belongs to another process (it was opened before a fork).
    Closed = "closed", Closed;
    /// A defect of leadkit itself.
    Internal = "internal", Internal;
}

/// Families of errors; each maps to one exception class in Python and one `kind` in Node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's own words are off; the same call fails again.
    InvalidInput,
    /// Something named does not exist.
    NotFound,
    /// The operating system refused.
    Io,
    /// The source's content cannot be read as a table of leads.
    Format,
    /// Somebody else holds what is needed; try again later.
    Busy,
    /// The change contradicts what is stored.
    Conflict,
    /// Out of disk space or quota.
    Full,
    /// The store is damaged or is none of ours.
    Corrupt,
    /// The store was written by a newer version.
    SchemaTooNew,
    /// The store's server cannot be reached.
    Unreachable,
    /// The caller cancelled.
    Cancelled,
    /// The handle is closed or belongs to another process.
    Closed,
    /// A defect of leadkit.
    Internal,
}

impl ErrorKind {
    /// The kind as hosts see it, in snake_case.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::InvalidInput => "invalid_input",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Io => "io",
            ErrorKind::Format => "format",
            ErrorKind::Busy => "busy",
            ErrorKind::Conflict => "conflict",
            ErrorKind::Full => "full",
            ErrorKind::Corrupt => "corrupt",
            ErrorKind::SchemaTooNew => "schema_too_new",
            ErrorKind::Unreachable => "unreachable",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Closed => "closed",
            ErrorKind::Internal => "internal",
        }
    }
}

/// What went wrong, where, and what to do.
///
/// The text (`Display`) never holds a cell's value, so that it is safe to log; the value, where
/// there is one, is in [`Error::value`].
///
/// ```
/// use leadkit_core::{Error, ErrorCode};
/// let error = Error::new(ErrorCode::UnknownField, "there is no field `emial`").hint("did you mean `email`?");
/// assert_eq!(error.code(), "unknown_field");
/// assert_eq!(error.to_string(), "there is no field `emial` (did you mean `email`?)");
/// ```
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: ErrorCode,
    message: String,
    hint: Option<String>,
    path: Option<PathBuf>,
    row: Option<u64>,
    field: Option<String>,
    value: Option<String>,
}

/// As logs have it: the value, which may be a person's, only by its length.
impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_ref().map(|value| format!("{} characters", value.chars().count()));
        f.debug_struct("Error")
            .field("code", &self.code)
            .field("message", &self.message)
            .field("hint", &self.hint)
            .field("path", &self.path)
            .field("row", &self.row)
            .field("field", &self.field)
            .field("value", &value)
            .finish()
    }
}

impl Error {
    /// A new error with a sentence for people.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            code,
            message: message.into(),
            hint: None,
            path: None,
            row: None,
            field: None,
            value: None,
        }))
    }

    /// Adds what the caller can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the file it is about.
    #[must_use]
    pub fn at_path(mut self, path: impl AsRef<Path>) -> Self {
        self.0.path = Some(path.as_ref().to_path_buf());
        self
    }

    /// Adds the line of the source, counted from 1.
    #[must_use]
    pub fn at_row(mut self, row: u64) -> Self {
        self.0.row = Some(row);
        self
    }

    /// Adds the field or column it is about.
    #[must_use]
    pub fn at_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Adds the offending value, which stays out of the text.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.0.value = Some(value.into());
        self
    }

    /// An error of the operating system about a file.
    pub fn io(error: &std::io::Error, path: impl AsRef<Path>) -> Self {
        use std::io::ErrorKind as K;
        let path = path.as_ref();
        let (code, what) = match error.kind() {
            K::NotFound => (ErrorCode::FileNotFound, "no such file".to_string()),
            K::PermissionDenied => (ErrorCode::PermissionDenied, "permission denied".to_string()),
            K::AlreadyExists => (ErrorCode::FileExists, "the file exists already".to_string()),
            K::StorageFull | K::QuotaExceeded => (ErrorCode::DiskFull, "the disk is full".to_string()),
            K::IsADirectory => (ErrorCode::IsDirectory, "this is a directory, not a file".to_string()),
            K::ReadOnlyFilesystem => (ErrorCode::ReadOnly, "the file system is read-only".to_string()),
            _ => (ErrorCode::Io, error.to_string()),
        };
        Error::new(code, what).at_path(path)
    }

    /// A defect of leadkit itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(ErrorCode::Internal, message).hint("this is a defect of leadkit; please report it")
    }

    /// The stable code, such as `file_not_found`.
    pub fn code(&self) -> &'static str {
        self.0.code.as_str()
    }

    /// The stable code as an enum.
    pub fn error_code(&self) -> ErrorCode {
        self.0.code
    }

    /// The family of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.code.kind()
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind(), ErrorKind::Busy | ErrorKind::Unreachable)
    }

    /// The sentence without hint and place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the caller can do about it.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The file it is about.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The line of the source, counted from 1.
    pub fn row(&self) -> Option<u64> {
        self.0.row
    }

    /// The field or column it is about.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The offending value; may be personal data.
    pub fn value(&self) -> Option<&str> {
        self.0.value.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.0.path {
            write!(f, "{}: ", path.display())?;
        }
        if let Some(row) = self.0.row {
            write!(f, "row {row}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(hint) = &self.0.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Lets host languages read options with serde and keep our codes.
impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::new(ErrorCode::InvalidArgument, message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let error =
            Error::new(ErrorCode::UnknownOption, format!("there is no option `{field}`")).at_field(field);
        match crate::text::nearest(field, expected.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if expected.is_empty() => error.hint("there are no options here"),
            None => error.hint(format!("options are {}", expected.join(", "))),
        }
    }

    /// Says what was found by its kind: the value itself may be personal data.
    fn invalid_type(found: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        let found = match found {
            serde::de::Unexpected::Bool(_) => "true or false",
            serde::de::Unexpected::Unsigned(_) | serde::de::Unexpected::Signed(_) => "a whole number",
            serde::de::Unexpected::Float(_) => "a number",
            serde::de::Unexpected::Str(_) | serde::de::Unexpected::Char(_) => "a text",
            serde::de::Unexpected::Bytes(_) => "bytes",
            serde::de::Unexpected::Unit | serde::de::Unexpected::Option => "nothing",
            serde::de::Unexpected::Seq => "a list",
            serde::de::Unexpected::Map => "an object",
            _ => "something else",
        };
        Error::new(ErrorCode::InvalidArgument, format!("found {found} where {expected} is needed"))
    }

    fn invalid_value(found: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let error = Error::new(ErrorCode::InvalidArgument, "this word is not among the allowed ones");
        match crate::text::nearest(variant, expected.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("allowed are {}", expected.join(", "))),
        }
        .with_value(variant)
    }
}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::internal(message.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_defect_says_that_it_is_one() {
        let error = Error::internal("a lock is broken");
        assert_eq!(
            (error.code(), error.kind(), error.is_retryable()),
            ("internal", ErrorKind::Internal, false)
        );
        assert!(error.hint_text().is_some_and(|hint| hint.contains("report it")));
        assert_eq!(error.message(), "a lock is broken");
    }

    #[test]
    fn a_server_that_is_away_may_come_back() {
        let error = Error::new(ErrorCode::Unreachable, "the server cannot be reached");
        assert_eq!((error.code(), error.kind().as_str()), ("unreachable", "unreachable"));
        assert!(error.is_retryable());
    }

    #[test]
    fn codes_are_words_and_have_meanings() {
        for code in ErrorCode::ALL {
            assert!(code.as_str().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{code:?}");
            assert!(
                code.meaning().ends_with('.') && code.meaning().starts_with(char::is_uppercase),
                "{code:?}"
            );
        }
    }
}
