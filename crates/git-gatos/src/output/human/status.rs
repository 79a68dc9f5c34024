//! Where one is.

use gatos::experiment::{ExperimentView, ReproductionView};
use gatos::fold::StateView;
use gatos::journal::JournalView;
use gatos::repository::RepositoryView;
use serde::Serialize;

use super::{List, count};
use crate::output::{Human, Page, Tone};

/// A repository and what is in it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StatusReport {
    /// The repository
    #[serde(flatten)]
    pub(crate) repository: RepositoryView,
    /// Its journals
    pub(crate) journals: Vec<JournalView>,
    /// Its states
    pub(crate) states: Vec<StateView>,
    /// Its experiments
    pub(crate) experiments: Vec<ExperimentView>,
    /// Its reproductions
    pub(crate) reproductions: Vec<ReproductionView>,
}

impl Human for StatusReport {
    fn show(&self, page: &mut Page) {
        self.repository.show(page);
        if !self.journals.is_empty() {
            page.gap();
            List(self.journals.clone()).show(page);
        }
        if !self.states.is_empty() {
            page.gap();
            List(self.states.clone()).show(page);
        }
        if !self.experiments.is_empty() {
            page.gap();
            List(self.experiments.clone()).show(page);
        }
        page.gap();
        let run = count(self.experiments.len(), "experiment");
        let again = count(self.reproductions.len(), "reproduction");
        page.line(Tone::Plain, format_args!("{run}, {again}"));
    }

    fn show_quiet(&self, page: &mut Page) {
        self.repository.show_quiet(page);
    }
}
