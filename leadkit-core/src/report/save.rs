//! Writing a page: whole or not at all, and for the owner's eyes only.

use std::io::Write;
use std::path::Path;

use crate::atomic::AtomicFile;
use crate::error::{Error, Result};
use crate::model::explanation::LeadExplanation;
use crate::model::report::ImportReport;
use crate::model::stats::StatsReport;

impl ImportReport {
    /// Saves the report as one self-contained HTML page: charts inside, no scripts, no requests
    /// to anywhere; it can be mailed and printed.
    ///
    /// The file is written beside its place and moved there in one step, so that a reader sees
    /// the old page or the new one. An existing file is replaced; only its owner may read it
    /// (mode 0600), since examples may be personal data.
    ///
    /// # Errors
    /// `file_not_found` when the folder does not exist, `is_directory`, `permission_denied`,
    /// `disk_full`, `read_only`, `io`.
    ///
    /// ```
    /// # use leadkit_core::model::operation::OperationKind;
    /// # use leadkit_core::model::report::{ImportReport, Timing};
    /// # let report = ImportReport {
    /// #     operation_id: Some(1), file: Some("leads.csv".into()), file_hash: String::new(),
    /// #     kind: OperationKind::Import,
    /// #     dry_run: false, resumed: false, rows: 2, created: 2, updated: 0, merged: 0, skipped: 0,
    /// #     skipped_by: Default::default(), rejected: 0, ignored: 0, rejects: None,
    /// #     consent: Default::default(), automations: 0,
    /// #     format: Default::default(), mapping: vec![], issues: vec![], quality: Default::default(),
    /// #     timing: Timing::default(),
    /// # };
    /// # let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("leads.report.html");
    /// report.save_html(&path)?;
    /// assert!(std::fs::read_to_string(&path).unwrap().contains("Both rows became leads"));
    ///
    /// // A folder that is not there is an error, and nothing is left behind.
    /// let error = report.save_html(folder.path().join("missing/report.html")).unwrap_err();
    /// assert_eq!(error.code(), "file_not_found");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn save_html(&self, path: impl AsRef<Path>) -> Result<()> {
        write_whole(path.as_ref(), super::import_html(self).as_bytes())
    }
}

impl LeadExplanation {
    /// The explanation as one self-contained page; see [`super::lead_html`].
    pub fn to_html(&self) -> String {
        super::lead_html(self)
    }

    /// Saves that page, as [`ImportReport::save_html`] saves that of an import.
    ///
    /// # Errors
    /// As [`ImportReport::save_html`].
    pub fn save_html(&self, path: impl AsRef<Path>) -> Result<()> {
        write_whole(path.as_ref(), self.to_html().as_bytes())
    }
}

impl StatsReport {
    /// The report as JSON, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The report as one self-contained HTML page; see [`super::stats_html`].
    ///
    /// ```
    /// let report = leadkit_core::model::stats::StatsReport::default();
    /// assert!(report.to_html().contains("There were no contacts in this time."));
    /// ```
    pub fn to_html(&self) -> String {
        super::stats_html(self)
    }

    /// Saves the report as one self-contained HTML page: charts inside, no scripts, no requests to anywhere;
    /// it can be mailed and printed. An existing file is replaced in one step; only its owner may read it
    /// (mode 0600).
    ///
    /// # Errors
    /// `file_not_found` when the folder does not exist, `is_directory`, `permission_denied`, `disk_full`,
    /// `read_only`, `io`.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("contacts.html");
    /// leadkit_core::model::stats::StatsReport::default().save_html(&path)?;
    /// assert!(std::fs::read_to_string(&path).unwrap().starts_with("<!DOCTYPE html>"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn save_html(&self, path: impl AsRef<Path>) -> Result<()> {
        write_whole(path.as_ref(), self.to_html().as_bytes())
    }
}

pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    let (temporary, mut file) = AtomicFile::create(path)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|e| Error::io(&e, path))?;
    // Some systems do not rename an open file.
    drop(file);
    temporary.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::samples;

    #[test]
    fn a_saved_page_replaces_an_old_one_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        std::fs::write(&path, "old").unwrap();
        samples::full().save_html(&path).unwrap();
        let page = std::fs::read_to_string(&path).unwrap();
        assert_eq!(page, super::super::import_html(&samples::full()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_the_system_refuses_is_a_typed_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = samples::full().save_html(folder.path().join("none/report.html")).unwrap_err();
        assert_eq!(error.code(), "file_not_found");
        assert!(error.to_string().contains("no such folder"), "{error}");
        std::fs::create_dir(folder.path().join("taken")).unwrap();
        let error = samples::full().save_html(folder.path().join("taken")).unwrap_err();
        assert_eq!(error.code(), "is_directory");
        // The half-written file went with the error.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
