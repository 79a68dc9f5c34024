//! A repository, its policy, and the key that signs.

use gatos::repository::{ActorView, InitReport, ProfileView, RepositoryView};
use gatos::signer::KeyView;
use gatos::study::NewReport;

use super::List;
use crate::output::{Human, Page, Tone};

impl Human for InitReport {
    fn show(&self, page: &mut Page) {
        page.line(Tone::Strong, "GATOS history begins here");
        page.field("repository", &self.repo);
        page.field(
            "founder",
            format_args!("{} {}", self.actor, self.fingerprint),
        );
        page.field("policy", &self.policy_root);
        page.field("profile", &self.profile);
        if self.rules > 0 {
            page.field("rules", self.rules);
        }
        if let Some(key) = &self.exposed_key {
            let key = key.display();
            page.gap();
            page.line(
                Tone::Warning,
                format_args!(
                    "`git add` would take the key {key}: name it in .gitignore, or move it out"
                ),
            );
        }
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.repo);
    }
}

impl Human for NewReport {
    fn show(&self, page: &mut Page) {
        let folder = self.folder.display();
        page.line(Tone::Strong, format_args!("a study in {folder}"));
        for file in &self.files {
            page.line(Tone::Plain, format_args!("  {file}"));
        }
        page.gap();
        if let Some(why) = &self.name_refused {
            let name = &self.name;
            page.line(
                Tone::Warning,
                format_args!("the study is called {name}, not as its folder is: {why}"),
            );
            let say = format_args!("another name can be given in {folder}/experiment.nix");
            page.line(Tone::Plain, say);
            page.gap();
        }
        page.line(Tone::Plain, format_args!("next: read {folder}/README.md"));
    }

    fn show_quiet(&self, _: &mut Page) {}
}

impl Human for RepositoryView {
    fn show(&self, page: &mut Page) {
        page.field("repository", &self.repo);
        page.field("git", &self.git_dir);
        page.field(
            "founder",
            format_args!("{} {}", self.founder, self.founder_fingerprint),
        );
        page.field(
            "policy",
            format_args!("{} (number {})", self.policy_root, self.policy_seq),
        );
        page.field("profile", &self.profile);
    }

    fn show_quiet(&self, page: &mut Page) {
        page.line(Tone::Plain, &self.repo);
    }
}

impl Human for List<ActorView> {
    fn show(&self, page: &mut Page) {
        for actor in &self.0 {
            page.gap();
            page.line(Tone::Strong, &actor.actor);
            page.field("roles", actor.roles.join(", "));
            if !actor.groups.is_empty() {
                page.field("groups", actor.groups.join(", "));
            }
            for key in &actor.keys {
                page.field("key", &key.fingerprint);
                page.field("", &key.openssh);
            }
        }
    }
}

impl Human for KeyView {
    fn show(&self, page: &mut Page) {
        page.field("key", &self.fingerprint);
        page.field("", &self.openssh);
        page.field("from", &self.origin);
    }
}

impl Human for ProfileView {
    fn show(&self, page: &mut Page) {
        let settings = [
            ("name", self.name.clone()),
            ("checkpoint_every", self.checkpoint_every.to_string()),
            ("clean_tree", self.clean_tree.to_owned()),
            ("durability", self.durability.to_owned()),
            ("fold_fuel_per_event", self.fold_fuel_per_event.to_string()),
            ("fold_memory_bytes", self.fold_memory_bytes.to_string()),
            ("isolation", self.isolation.to_owned()),
            ("keep_bytes", self.keep_bytes.to_string()),
            ("max_event_bytes", self.max_event_bytes.to_string()),
        ];
        let rows = settings.map(|(key, value)| [key.to_owned(), value]);
        page.table(["setting", "value"], &rows);
    }
}
