//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::error::{Error, ErrorCode, Result};

/// A file in the making beside its target, readable by its owner only (0600); it takes the
/// target's name, and place, when it is finished. Dropped before that, nothing is left.
pub(crate) struct AtomicFile {
    temporary: TempPath,
    target: PathBuf,
}

impl AtomicFile {
    /// Begins a file. A link is followed: the file it points to is replaced.
    ///
    /// # Errors
    /// `is_directory`, `file_not_found` (no such folder), `permission_denied`, `disk_full`, `io`;
    /// `invalid_argument` for a target that is a device or pipe.
    pub(crate) fn create(target: &Path) -> Result<(AtomicFile, File)> {
        let real = fs::canonicalize(target).unwrap_or_else(|_| target.to_path_buf());
        if let Ok(metadata) = fs::metadata(&real) {
            if metadata.is_dir() {
                return Err(is_directory(target));
            }
            if !metadata.is_file() {
                let error = Error::new(ErrorCode::InvalidArgument, "the target is no regular file");
                return Err(error.at_path(target).hint("name a file that can be replaced"));
            }
        }
        let (file, temporary) = tempfile::Builder::new()
            .prefix(".leadkit-")
            .suffix(".tmp")
            .tempfile_in(folder(&real))
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => {
                    Error::new(ErrorCode::FileNotFound, "there is no such folder").at_path(folder(&real))
                }
                _ => Error::io(&error, target),
            })?
            .into_parts();
        Ok((AtomicFile { temporary, target: real }, file))
    }

    /// Puts the file, written and closed, in the target's place.
    ///
    /// # Errors
    /// `permission_denied`, `io`; the target is then as it was.
    pub(crate) fn finish(self) -> Result<()> {
        self.temporary.persist(&self.target).map_err(|error| Error::io(&error.error, &self.target))?;
        sync_folder(&self.target);
        Ok(())
    }

    /// Puts the file under the first of some names that is free, and tells which. A file that
    /// stands there with the very same content is taken for this one: it was written before an
    /// interruption.
    ///
    /// # Errors
    /// `file_exists` when no name is free, `permission_denied`, `io`; nothing is changed then.
    pub(crate) fn finish_new(self, names: impl IntoIterator<Item = PathBuf>) -> Result<PathBuf> {
        let mut temporary = self.temporary;
        for name in names {
            match temporary.persist_noclobber(&name) {
                Ok(()) => {
                    sync_folder(&name);
                    return Ok(name);
                }
                Err(failed) if failed.error.kind() == std::io::ErrorKind::AlreadyExists => {
                    temporary = failed.path;
                    if same_content(&temporary, &name) {
                        return Ok(name);
                    }
                }
                Err(failed) => return Err(Error::io(&failed.error, &name)),
            }
        }
        Err(Error::new(ErrorCode::FileExists, "the file exists and is not overwritten").at_path(&self.target))
    }

    /// The file while it is in the making.
    #[cfg(feature = "sqlite")]
    pub(crate) fn path(&self) -> &Path {
        &self.temporary
    }

    /// The target, links followed.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }
}

/// The error for a directory where a file is needed.
pub(crate) fn is_directory(path: &Path) -> Error {
    Error::new(ErrorCode::IsDirectory, "this is a directory, not a file")
        .at_path(path)
        .hint("add a file name")
}

fn same_content(a: &Path, b: &Path) -> bool {
    let hash = |path: &Path| -> std::io::Result<blake3::Hash> {
        let mut hasher = blake3::Hasher::new();
        std::io::copy(&mut File::open(path)?, &mut hasher)?;
        Ok(hasher.finalize())
    };
    matches!((hash(a), hash(b)), (Ok(a), Ok(b)) if a == b)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the rename itself durable, where the system can; the content already is.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder(path)) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = path;
}
