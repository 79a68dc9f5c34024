//! Setting up a server's repository, and looking whether it is still set up.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use gatos_core::id::RepoId;
use gatos_git::{GitVersion, own_setting, set_setting, setting};
use serde::Serialize;

use super::lock;
use super::settings::{PUSHER, REPO, WANTED};
use super::ticket::gate_folder;
use crate::error::{Context, Error, ErrorKind};
use crate::signer;

/// The hooks, with the line that starts each.
const HOOKS: [(&str, &str); 3] = [
    ("pre-receive", ""),
    ("proc-receive", ""),
    ("reference-transaction", "[ \"$1\" = prepared ] || exit 0\n"),
];
/// The first Git whose hook `reference-transaction` is told what the gate needs.
const OLDEST_GIT: GitVersion = GitVersion::new(2, 36, 0);
/// The first Git without flaws that are known, and the first of older lines into which the mends were carried.
const SOUND_GIT: GitVersion = GitVersion::new(2, 56, 1);
const MENDED_GIT: [GitVersion; 2] = [GitVersion::new(2, 50, 2), GitVersion::new(2, 51, 3)];
/// What a hook that was there is kept as.
const KEPT: &str = "before-gatos";

/// What becomes of hooks of somebody else's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overwrite {
    /// The gate is not set up where there are any
    Refuse,
    /// They are kept beside, and run no more
    Keep,
}

/// How to set up a gate.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program that the hooks start, as an absolute path
    pub program: PathBuf,
    /// What becomes of hooks of somebody else's
    pub overwrite: Overwrite,
    /// The variable in which the server says who pushes, which must then be there
    pub pusher: Option<String>,
    /// The only repository that may be founded here
    pub repo: Option<RepoId>,
}

/// What was set up.
#[derive(Clone, Debug, Serialize)]
pub struct InstallReport {
    /// The repository
    pub repository: String,
    /// The hooks
    pub hooks: Vec<String>,
    /// Settings that were changed, with their values
    pub settings: Vec<String>,
    /// The gate's public key, as a line of OpenSSH
    pub key: String,
}

/// Something that is wrong with an installation.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What is wrong
    pub what: String,
    /// What to do about it
    pub fix: String,
}

/// How an installation was found.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// The repository
    pub repository: String,
    /// Number of things that were looked at
    pub checked: usize,
    /// What is wrong with it
    pub findings: Vec<Finding>,
    /// What may be wrong, and cannot be told from here
    pub advice: Vec<Finding>,
}

/// Set up the gate of a bare repository. Doing it again repairs it.
///
/// # Errors
/// A repository with a work tree, hooks of somebody else's, or files that cannot be written.
pub fn install(path: &Path, options: &Options) -> Result<InstallReport, Error> {
    let git = open(path)?;
    let folder = git.common_dir().to_owned();
    let hooks = folder.join("hooks");
    let scripts = HOOKS.map(|(name, first)| (name, script(&options.program, name, first)));
    for (name, text) in &scripts {
        set_aside(&hooks.join(name), text, options.overwrite)?;
    }
    let key = match signer_of(&git) {
        Some(signer) => signer?,
        None => signer::create(&gate_folder(&git).join("key"))?,
    };
    let mut report = InstallReport {
        repository: folder.display().to_string(),
        hooks: Vec::new(),
        settings: Vec::new(),
        key: signer::describe(&key).openssh,
    };
    let mut settings = Vec::new();
    for (key, want, _) in WANTED {
        let values = own_setting(&git, key).or_failed(|| "the settings".to_owned())?;
        if !want.fits(&values) {
            settings.push((key, want.value().to_owned()));
        }
    }
    settings.extend(options.pusher.clone().map(|variable| (PUSHER, variable)));
    settings.extend(options.repo.map(|repo| (REPO, repo.to_string())));
    // First the settings: without the hooks that they ask for, every push is refused.
    for (key, value) in settings {
        set_setting(&folder, key, &value).or_failed(|| format!("cannot set `{key}`"))?;
        report.settings.push(format!("{key} = {value}"));
    }
    gatos_git::pack_batches_whole(&git).or_failed(|| "the attributes".to_owned())?;
    for (name, text) in scripts {
        write_hook(&hooks, name, &text)?;
        report.hooks.push(name.to_owned());
    }
    Ok(report)
}

fn open(path: &Path) -> Result<gatos_git::Repository, Error> {
    let shown = path.display();
    let git = gatos_git::Repository::open(path)
        .context(ErrorKind::Usage, || format!("`{shown}` cannot have a gate"))?;
    if git.work_tree().is_some() {
        let message = format!("`{shown}` has a work tree, and a gate is for a bare repository");
        return Err(
            Error::new(ErrorKind::Usage, message).with_hint("git clone --mirror makes a bare one")
        );
    }
    Ok(git)
}

fn script(program: &Path, name: &str, first: &str) -> String {
    let quoted = program.to_string_lossy().replace('\'', r"'\''");
    format!("#!/bin/sh\n# Of `gatos gate install`.\n{first}exec '{quoted}' gate hook {name}\n")
}

/// Whether a hook is one of ours, whatever program it starts.
fn is_ours(text: &str) -> bool {
    text.contains("\n# Of `gatos gate install`.\n")
}

/// Make room for a hook.
fn set_aside(path: &Path, text: &str, overwrite: Overwrite) -> Result<(), Error> {
    let Ok(there) = fs::read(path) else {
        return Ok(());
    };
    let there = String::from_utf8_lossy(&there).into_owned();
    if there == text || is_ours(&there) {
        return Ok(());
    }
    let shown = path.display();
    match overwrite {
        Overwrite::Refuse => Err(Error::new(
            ErrorKind::Failed,
            format!("`{shown}` is a hook of somebody else's"),
        )
        .with_hint("--force keeps it beside, as `.before-gatos`, where it runs no more")),
        Overwrite::Keep => {
            let kept = path.with_extension(KEPT);
            fs::rename(path, &kept).or_failed(|| format!("cannot set `{shown}` aside"))
        }
    }
}

fn write_hook(hooks: &Path, name: &str, text: &str) -> Result<(), Error> {
    use std::io::Write as _;
    let cannot = || format!("cannot write the hook `{name}`");
    fs::create_dir_all(hooks).or_failed(cannot)?;
    let mut file = tempfile::NamedTempFile::new_in(hooks).or_failed(cannot)?;
    file.write_all(text.as_bytes()).or_failed(cannot)?;
    let mode = fs::Permissions::from_mode(0o755);
    file.as_file().set_permissions(mode).or_failed(cannot)?;
    file.as_file().sync_all().or_failed(cannot)?;
    file.persist(hooks.join(name)).or_failed(cannot)?;
    Ok(())
}

/// The gate's key, if it has one.
fn signer_of(git: &gatos_git::Repository) -> Option<Result<signer::OpenSigner, Error>> {
    let path = gate_folder(git).join("key");
    path.symlink_metadata().ok()?;
    Some(signer::open(Some(&path.to_string_lossy()), &|_| None))
}

/// Say what is wrong with the gate of a repository.
///
/// # Errors
/// A repository that cannot be opened.
pub fn check_installation(path: &Path, program: &Path) -> Result<CheckReport, Error> {
    let git = open(path)?;
    let mut report = CheckReport {
        repository: git.common_dir().display().to_string(),
        checked: 0,
        findings: Vec::new(),
        advice: Vec::new(),
    };
    check_hooks(&git, program, &mut report);
    check_settings(&git, &mut report)?;
    check_git(&mut report);
    let again = || "gatos gate install".to_owned();
    let key = match signer_of(&git) {
        None => Some((
            "the gate has no key, so refusals are not recorded".to_owned(),
            again(),
        )),
        Some(Err(error)) => Some((
            format!("the gate's key cannot be used: {}", error.full_message()),
            error.hint().map_or_else(again, str::to_owned),
        )),
        Some(Ok(_)) => None,
    };
    report.look(key);
    for error in git.damaged_refs() {
        report.look(Some((
            error.to_string(),
            "`gatos verify --all` says more".to_owned(),
        )));
    }
    let stale = lock::stale(git.common_dir());
    if stale.is_empty() {
        report.look(None);
    }
    for stale in stale {
        report.look(Some(stale.finding()));
    }
    Ok(report)
}

impl CheckReport {
    fn look(&mut self, found: Option<(String, String)>) {
        self.checked += 1;
        self.findings
            .extend(found.map(|(what, fix)| Finding { what, fix }));
    }
}

fn check_git(report: &mut CheckReport) {
    let version = match gatos_git::git_version() {
        Ok(version) => version,
        Err(error) => {
            let what = format!("Git does not say which version it is: {error}");
            return report.look(Some((what, "install a newer Git".to_owned())));
        }
    };
    report.look((version < OLDEST_GIT).then(|| {
        let what = format!("Git is {version}, and the gate needs {OLDEST_GIT}");
        (what, "install a newer Git".to_owned())
    }));
    // Distributions mend older versions and leave their number.
    report.advice.extend((!is_mended(version)).then(|| Finding {
        what: format!(
            "Git is {version}; flaws in reading commits and names of branches were mended in 2.50.2, 2.51.3 and 2.56.1"
        ),
        fix: format!("install one of these, or ask whoever made this {version} whether they are mended in it"),
    }));
}

/// Whether the mends of November 2026 are in a version as its makers publish it.
fn is_mended(version: GitVersion) -> bool {
    let line = |first: &GitVersion| {
        (version.major, version.minor) == (first.major, first.minor) && version >= *first
    };
    version >= SOUND_GIT || MENDED_GIT.iter().any(line)
}

fn check_hooks(git: &gatos_git::Repository, program: &Path, report: &mut CheckReport) {
    let again = || "gatos gate install".to_owned();
    let folder = git.common_dir();
    let hooks = folder.join("hooks");
    let owner = fs::metadata(folder).map(|file| file.uid()).unwrap_or(0);
    let elsewhere = setting(folder, "core.hooksPath").map(|path| {
        let what = format!("core.hooksPath is `{path}`, so Git runs other hooks");
        (
            what,
            "git config --unset core.hooksPath, where it is set".to_owned(),
        )
    });
    report.look(elsewhere);
    for (name, first) in HOOKS {
        let path = hooks.join(name);
        let text = fs::read_to_string(&path).unwrap_or_default();
        report.look((text != script(program, name, first)).then(|| {
            let state = if text.is_empty() {
                "is missing"
            } else {
                "is not the gate's"
            };
            (format!("the hook `{name}` {state}"), again())
        }));
        report.look(guarded(&path, owner, &format!("the hook `{name}`")));
    }
    report.look(guarded(&hooks, owner, "the folder of hooks"));
    report.look(guarded(program, owner, "the program `gatos`"));
    let never = hooks.join("update").exists().then(|| {
        (
            "there is a hook `update`, which does not run behind the gate".to_owned(),
            "remove it, or make it part of what the policy asks for".to_owned(),
        )
    });
    report.look(never);
}

/// A file that only its owner can change, who is the repository's owner or the system's.
fn guarded(path: &Path, owner: u32, noun: &str) -> Option<(String, String)> {
    let shown = path.display();
    let Ok(file) = fs::metadata(path) else {
        return Some((
            format!("{noun} is not there"),
            "gatos gate install".to_owned(),
        ));
    };
    let mode = file.permissions().mode();
    if mode & 0o100 == 0 {
        let what = format!("{noun} cannot be run");
        return Some((what, format!("chmod 755 {shown}")));
    }
    if mode & 0o022 != 0 {
        let what = format!("{noun} can be changed by others");
        return Some((what, format!("chmod go-w {shown}")));
    }
    if file.uid() != owner && file.uid() != 0 {
        let what = format!("{noun} belongs to somebody else");
        return Some((what, format!("chown --reference . {shown}")));
    }
    None
}

fn check_settings(git: &gatos_git::Repository, report: &mut CheckReport) -> Result<(), Error> {
    for (key, want, why) in WANTED {
        let values = own_setting(git, key).or_failed(|| "the settings".to_owned())?;
        report.look((!want.fits(&values)).then(|| {
            let value = want.value();
            let is = values.last().map_or("not set", String::as_str);
            (
                format!("`{key}` is {is}, not {value}: {why}"),
                format!("git config --replace-all {key} {value}"),
            )
        }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    //! Which versions of Git are known to be mended.

    use super::{GitVersion, is_mended};

    #[test]
    fn a_version_is_mended_from_its_own_line_on() {
        for (minor, patch, mended) in [
            (47, 3, false),
            (50, 1, false),
            (50, 2, true),
            (51, 2, false),
            (51, 3, true),
            (52, 9, false),
            (56, 0, false),
            (56, 1, true),
            (57, 0, true),
        ] {
            assert_eq!(
                is_mended(GitVersion::new(2, minor, patch)),
                mended,
                "2.{minor}.{patch}"
            );
        }
    }
}
