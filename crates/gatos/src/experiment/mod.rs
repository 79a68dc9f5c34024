//! The operations of experiments: run, find, show, reproduce.

mod execution;
mod executions;
mod reproduce;
mod results;
mod run;
mod secret;
mod select;
mod source;
mod view;

pub use self::executions::{ExecutionView, execution_log, executions};
pub use self::reproduce::{
    CompareReport, ComparisonView, Dependencies, DependencyView, DifferenceView,
    Options as ReproduceOptions, ReproductionReport, Room, Subject, compare, reproduce,
};
pub(crate) use self::results::{result_drafts, state_file, state_file_nar};
pub use self::run::{Request, RunReport, run};
pub use self::secret::SecretView;
pub use self::select::{Found, select};
pub(crate) use self::select::{Listed, all, found, select_listed};
pub use self::view::{
    ExperimentView, FoldUseView, ItemView, ReproductionView, ResultsView, experiments,
    reproductions, show,
};
