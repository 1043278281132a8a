//! A disk that is as small as one likes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Place;

/// A file system of its own, where this user may mount one.
pub struct SmallDisk(pub PathBuf);

impl SmallDisk {
    /// Mounts it in a folder. None where that cannot be and LEADKIT_TESTS_WITHOUT_MOUNT says that
    /// it need not.
    ///
    /// # Panics
    /// Where it cannot be mounted otherwise.
    pub fn new(place: &Place, kilobytes: usize) -> Option<SmallDisk> {
        let path = place.path("disk");
        std::fs::create_dir_all(&path).unwrap();
        if mount(&path, kilobytes, "") {
            return Some(SmallDisk(path));
        }
        let said = std::env::var_os("LEADKIT_TESTS_WITHOUT_MOUNT").is_some();
        assert!(said, "no small disk can be mounted here; set LEADKIT_TESTS_WITHOUT_MOUNT=1 to go without");
        println!("not run: no small disk can be mounted here");
        None
    }

    /// Gives it another size.
    pub fn grow(&self, kilobytes: usize) {
        assert!(mount(&self.0, kilobytes, "remount,"));
    }
}

fn mount(path: &Path, kilobytes: usize, how: &str) -> bool {
    let options = format!("{how}size={kilobytes}k");
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", &options, "leadkit-test"]).arg(path);
    command.output().is_ok_and(|output| output.status.success())
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
