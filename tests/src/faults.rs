//! SQLite's own file system, made to fail: some write, sync or truncation from now.
//!
//! The default file system stays at work; of each file that it opens, three methods are replaced by
//! ones that may fail and otherwise call the original.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use rusqlite::ffi;

/// How a file system fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One call fails after half of its work, as by a broken disk; the next ones work.
    Broken,
    /// No write works any more: the disk is full.
    Full,
}

/// Calls until the fault; below zero after it, and far away without one.
static CALLS: AtomicI64 = AtomicI64::new(i64::MAX);
static FULL: AtomicBool = AtomicBool::new(false);
static ORIGINAL: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// From now on, files of this process that SQLite opens can fail.
pub fn register() {
    static ONCE: Once = Once::new();
    // Safety: the default file system exists as long as the process, and so does the leaked copy of
    // it, of which only the name and `xOpen` are others.
    ONCE.call_once(|| unsafe {
        assert_eq!(ffi::sqlite3_initialize(), ffi::SQLITE_OK);
        let original = ffi::sqlite3_vfs_find(ptr::null());
        ORIGINAL.store(original, Ordering::SeqCst);
        let mut shim = Box::new(*original);
        shim.zName = c"faults".as_ptr();
        shim.pNext = ptr::null_mut();
        shim.xOpen = Some(open);
        assert_eq!(ffi::sqlite3_vfs_register(Box::leak(shim), 1), ffi::SQLITE_OK);
    });
}

/// Fails at the n-th call from now, the first being 1.
pub fn arm(fault: Fault, call: i64) {
    FULL.store(fault == Fault::Full, Ordering::SeqCst);
    CALLS.store(call, Ordering::SeqCst);
}

/// Ends the trouble; whether a call has failed.
pub fn disarm() -> bool {
    CALLS.swap(i64::MAX, Ordering::SeqCst) <= 0
}

/// Whether this call is to fail. Of a full disk only writes take notice.
fn strikes(is_write: bool) -> bool {
    let full = FULL.load(Ordering::SeqCst);
    if full && !is_write {
        return false;
    }
    let left = CALLS.fetch_sub(1, Ordering::SeqCst) - 1;
    left == 0 || (full && left < 0)
}

/// A file's methods; SQLite knows only of the first field.
#[repr(C)]
struct Methods {
    ours: ffi::sqlite3_io_methods,
    original: &'static ffi::sqlite3_io_methods,
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // Safety: the arguments are SQLite's own, for a file system of the same layout. An opened file's
    // methods are static in SQLite.
    unsafe {
        let vfs = ORIGINAL.load(Ordering::SeqCst);
        let Some(open) = (*vfs).xOpen else { return ffi::SQLITE_CANTOPEN };
        let result = open(vfs, name, file, flags, out);
        if let Some(original) = (*file).pMethods.as_ref() {
            (*file).pMethods = &raw const replaced(original).ours;
        }
        result
    }
}

/// The methods to put in the place of others; made once for each, for files outlive every scope.
fn replaced(original: &'static ffi::sqlite3_io_methods) -> &'static Methods {
    static MADE: Mutex<Vec<&'static Methods>> = Mutex::new(Vec::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(methods) = made.iter().find(|methods| ptr::eq(methods.original, original)) {
        return methods;
    }
    let mut ours = *original;
    ours.xWrite = Some(write);
    ours.xSync = Some(sync);
    ours.xTruncate = Some(truncate);
    let methods = Box::leak(Box::new(Methods { ours, original }));
    made.push(methods);
    methods
}

/// The original methods of a file that [`open`] opened.
unsafe fn original(file: *mut ffi::sqlite3_file) -> &'static ffi::sqlite3_io_methods {
    // Safety: its methods are the first field of a `Methods`.
    unsafe { (*(*file).pMethods.cast::<Methods>()).original }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    data: *const c_void,
    length: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // Safety: called by SQLite with a file of ours.
    let Some(write) = (unsafe { original(file) }).xWrite else { return ffi::SQLITE_IOERR_WRITE };
    if !strikes(true) {
        // Safety: the arguments are SQLite's own.
        return unsafe { write(file, data, length, at) };
    }
    if FULL.load(Ordering::SeqCst) {
        return ffi::SQLITE_FULL;
    }
    // Safety: half of the data is there when all of it is.
    unsafe { write(file, data, length / 2, at) };
    ffi::SQLITE_IOERR_WRITE
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // Safety: called by SQLite with a file of ours.
    match unsafe { original(file) }.xSync {
        // Safety: the arguments are SQLite's own.
        Some(sync) if !strikes(false) => unsafe { sync(file, flags) },
        _ => ffi::SQLITE_IOERR_FSYNC,
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // Safety: called by SQLite with a file of ours.
    match unsafe { original(file) }.xTruncate {
        // Safety: the arguments are SQLite's own.
        Some(truncate) if !strikes(false) => unsafe { truncate(file, size) },
        _ => ffi::SQLITE_IOERR_TRUNCATE,
    }
}
