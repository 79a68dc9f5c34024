//! Experiments: the Proof-of-Experiment, and what a reproduction found. `docs/spec/pox.md`.

mod proof;
mod reproduction;

pub use self::proof::{
    EXPERIMENT_REF_PREFIX, ExperimentProof, FoldRole, FoldUse, Results, Source, Tree,
};
pub use self::reproduction::{
    Comparison, Dependency, Difference, IncoherentError, REPRODUCTION_REF_PREFIX, Reproduction,
    Verdict,
};
