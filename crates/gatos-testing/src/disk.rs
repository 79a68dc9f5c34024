//! A disk that loses its power: what a file system had sent to its device at some moment, mounted again.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Whether file systems can be mounted here, which takes root, and whether tests may do so. In the sandbox of
/// Nix nobody can, whatever number they have.
#[must_use]
pub fn can_mount() -> bool {
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let is_kept_from_it = ["GATOS_SKIP_PRIVILEGED", "NIX_BUILD_TOP"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    is_root && !is_kept_from_it
}

/// An ext4 file system in a file.
#[derive(Debug)]
pub struct Disk {
    directory: TempDir,
    mounts: Vec<PathBuf>,
    snapshots: usize,
    kind: Ext4,
}

/// How an ext4 file system is made and mounted.
#[derive(Clone, Copy, Debug)]
pub enum Ext4 {
    /// With a journal, and the mode of its data (`data=ordered`, `data=writeback`)
    Journal(&'static str),
    /// Without one: whatever is not synchronised by itself comes to the device in any order
    NoJournal,
}

impl Ext4 {
    const fn to_make(self) -> &'static [&'static str] {
        match self {
            Self::Journal(_) => &["-J", "size=4"],
            Self::NoJournal => &["-O", "^has_journal"],
        }
    }

    const fn to_mount(self) -> &'static str {
        match self {
            Self::Journal(data) => data,
            Self::NoJournal => "rw",
        }
    }
}

impl Disk {
    /// An empty one of so many megabytes.
    ///
    /// # Panics
    /// It cannot be made or mounted; see [`can_mount`].
    #[must_use]
    pub fn new(kind: Ext4, megabytes: u64) -> Self {
        let directory = TempDir::new().unwrap();
        let image = directory.path().join("image");
        let file = fs::File::create(&image).unwrap();
        file.set_len(megabytes << 20).unwrap();
        let how = [&["-q", "-F"], kind.to_make(), &[text(&image)]].concat();
        run("mkfs.ext4", &how);
        let mut disk = Self {
            directory,
            mounts: Vec::new(),
            snapshots: 0,
            kind,
        };
        disk.mount(&image, kind.to_mount());
        disk
    }

    /// The folder of what is on it.
    ///
    /// # Panics
    /// Never: it is mounted as long as it lives.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.mounts[0]
    }

    /// Wait until all that was written is on the device.
    ///
    /// # Panics
    /// The device fails.
    pub fn settle(&self) {
        run("sync", &["-f", text(self.root())]);
    }

    fn mount(&mut self, image: &Path, options: &str) -> PathBuf {
        let point = image.with_extension("mnt");
        fs::create_dir(&point).unwrap();
        let options = format!("loop,{options}");
        run("mount", &["-o", &options, text(image), text(&point)]);
        self.mounts.push(point.clone());
        point
    }

    /// What would be found if the power failed now: the folder of a file system of its own, until it is
    /// [discarded](Self::discard). Nobody may write meanwhile.
    ///
    /// # Panics
    /// It cannot be mounted, or somebody writes all the time.
    pub fn after_power_loss(&mut self) -> PathBuf {
        self.snapshots += 1;
        let snapshot = self
            .directory
            .path()
            .join(format!("snapshot-{}", self.snapshots));
        let image = self.directory.path().join("image");
        // Power fails at one moment, and a copy takes many: what the kernel writes meanwhile would be in a
        // part of it only, which no device holds and ext4's checksums refuse.
        let same = (0..100).any(|_| {
            fs::copy(&image, &snapshot).unwrap();
            fs::read(&image).unwrap() == fs::read(&snapshot).unwrap()
        });
        assert!(same, "the image does not come to rest");
        let options = match self.kind {
            Ext4::Journal(_) => "data=ordered",
            Ext4::NoJournal => {
                // As a machine does before it mounts it. 0: sound, 1: mended.
                let check = ["-f", "-y", text(&snapshot)];
                let output = Command::new("e2fsck").args(check).output().unwrap();
                assert!(output.status.code() <= Some(1), "{output:?}");
                "rw"
            }
        };
        self.mount(&snapshot, options)
    }

    /// Forget the last snapshot.
    ///
    /// # Panics
    /// There is none.
    pub fn discard(&mut self) {
        assert!(self.mounts.len() > 1, "there is no snapshot");
        let point = self.mounts.pop().unwrap();
        // Detached now, given back when nobody uses it: a test beside this one may be between the fork and
        // the exec of a child, which has a file of this mount open until then.
        run("umount", &["--lazy", text(&point)]);
        fs::remove_file(point.with_extension("")).unwrap();
        fs::remove_dir(point).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        for point in self.mounts.iter().rev() {
            let _ = Command::new("umount").arg("-l").arg(point).status();
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {output:?}");
}
