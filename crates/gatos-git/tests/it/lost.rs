//! File systems that forget the name of an object and keep that of the ref that was made after it.

use std::path::Path;

use gatos_git::{ObjectId, Recovery, Repository};

use super::driver::text;
use super::fixture::{
    Fixture, Need, can, check, git_in, journal, must_append, name, payloads, read_all,
};
use super::strace::Stopped;

/// A copy of the repository at the moment after the ref was moved, before anything was acknowledged.
struct Moment {
    fixture: Fixture,
    copies: tempfile::TempDir,
    old: Option<ObjectId>,
    new: ObjectId,
    target: gatos_git::RefName,
}

impl Moment {
    fn of(target: &str) -> Self {
        let fixture = Fixture::new();
        let repository = fixture.open();
        must_append(&repository, &journal(), "before");
        let target = name(target);
        let old = repository.find_ref(&target).unwrap();
        let was = old.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let arguments = ["swap", text(fixture.path()), target.as_str(), &was, "after"];
        let copies = tempfile::TempDir::new().unwrap();
        // The objects have their names then.
        let path = repository.common_dir().join(target.as_str());
        let stopped = Stopped::after_call_on(&arguments, "renameat", 1, Some(&path)).unwrap();
        let output = std::process::Command::new("cp")
            .arg("-r")
            .args([fixture.path(), &copies.path().join("whole")])
            .output();
        check(&output.unwrap());
        let new = repository.find_ref(&target).unwrap().unwrap();
        assert_ne!(Some(new), old);
        assert!(stopped.finish().says("applied"));
        Self {
            fixture,
            copies,
            old,
            new,
            target,
        }
    }

    fn objects(&self) -> [ObjectId; 3] {
        let repository = self.fixture.open();
        let tree = repository.read_commit(&self.new).unwrap().tree;
        let blob = repository.read_tree(&tree).unwrap()[0].id;
        [self.new, tree, blob]
    }

    /// A copy without the name of this object.
    fn without(&self, id: &ObjectId) -> std::path::PathBuf {
        let place = self.copies.path().join(id.to_string());
        let whole = self.copies.path().join("whole");
        let output = std::process::Command::new("cp")
            .arg("-r")
            .args([&whole, &place])
            .output();
        check(&output.unwrap());
        let object = self.fixture.object_path(id);
        let object = object.strip_prefix(self.fixture.path()).unwrap();
        std::fs::remove_file(place.join(object)).unwrap();
        place
    }
}

fn assert_clean(path: &Path) {
    let output = git_in(path)
        .args(["fsck", "--full", "--strict", "--no-dangling"])
        .output();
    check(&output.unwrap());
}

#[test]
fn a_ref_whose_object_lost_its_name_is_put_back() {
    if !can("lost", &[Need::Strace]) {
        return;
    }
    for target in [journal().as_str(), "refs/gatos/jobs/one/claim"] {
        let moment = Moment::of(target);
        for lost in moment.objects() {
            let path = moment.without(&lost);
            let repository = Repository::open(&path).unwrap();
            let recovery = repository.recover().unwrap();
            assert_eq!(
                recovery.undone,
                std::slice::from_ref(&moment.target),
                "{lost}"
            );
            assert_eq!(repository.find_ref(&moment.target).unwrap(), moment.old);
            assert_eq!(payloads(&repository, &journal()), ["before"]);
            assert_eq!(repository.recover().unwrap(), Recovery::default());
            must_append(&repository, &moment.target, "next");
            assert_clean(&path);
        }
        // With all names kept nothing is undone.
        let repository = Repository::open(moment.copies.path().join("whole")).unwrap();
        assert_eq!(repository.recover().unwrap().undone, []);
        assert_eq!(
            repository.find_ref(&moment.target).unwrap(),
            Some(moment.new)
        );
    }
}

/// Without the intent the ref would stay, and lead nowhere.
#[test]
fn without_the_intent_the_ref_would_lead_nowhere() {
    if !can("lost", &[Need::Strace]) {
        return;
    }
    let moment = Moment::of(journal().as_str());
    for lost in moment.objects() {
        let path = moment.without(&lost);
        std::fs::remove_dir_all(path.join("gatos/intents")).unwrap();
        let repository = Repository::open(&path).unwrap();
        assert_eq!(repository.recover().unwrap(), Recovery::default());
        let head = repository.find_ref(&journal()).unwrap().unwrap();
        assert!(read_all(&repository, head).is_err(), "{lost}");
    }
}
