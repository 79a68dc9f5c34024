//! Everything that an experiment's proof rests on, by content id. `docs/spec/evidence.md`.

use std::collections::BTreeMap;

use crate::cbor::{self, FieldError, Fields};
use crate::cid::Cid;
use crate::name::{ItemName, JournalName};
use crate::value::{Map, Value};

/// Version of the manifest.
const VERSION: i64 = 1;

/// A Proof-of-Fold and what it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoldEvidence {
    /// The envelope
    pub proof: Cid,
    /// The compiled program
    pub program: Cid,
    /// The root of the state's tree, whose blocks are evidence too
    pub state: Cid,
}

/// What put a policy in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ActivationEvidence {
    /// The envelope
    pub activation: Cid,
    /// The root of the tree of anchors, whose blocks are evidence too
    pub anchors: Cid,
    /// The envelopes of the Proof-of-Consensus: grant, proposal, approvals; none where there is none
    pub consensus: Vec<Cid>,
}

/// A store object that the build needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClosureObject {
    /// Its NAR, a raw block
    pub nar: Cid,
    /// Base names of the store paths that it refers to, sorted
    pub references: Vec<String>,
}

/// The table of contents: what each block of the evidence is. It is not signed: each thing in it is
/// either signed itself or named by something signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Manifest {
    /// The envelope of the genesis statement
    pub genesis: Cid,
    /// The envelopes of the policy bundles, from the first to the one in force
    pub policies: Vec<Cid>,
    /// What put each but the first in force
    pub activations: Vec<ActivationEvidence>,
    /// The compiled rules of those policies, each once
    pub codes: Vec<Cid>,
    /// The envelope of the Proof-of-Experiment
    pub experiment: Cid,
    /// The envelope of the Proof-of-Execution
    pub execution: Cid,
    /// The folds, in the order in which the experiment has them
    pub folds: Vec<FoldEvidence>,
    /// The batches of each journal from the first event on
    pub journals: BTreeMap<JournalName, Vec<Cid>>,
    /// The list of inputs
    pub inputs: Cid,
    /// The list of outputs
    pub outputs: Cid,
    /// The NARs of the inputs that were kept
    pub input_nars: BTreeMap<ItemName, Cid>,
    /// The NARs of the outputs that were kept
    pub output_nars: BTreeMap<ItemName, Cid>,
    /// The log of the build
    pub log: Cid,
    /// The texts of the program's derivation and of all that it is built from, by base name
    pub derivations: BTreeMap<String, Cid>,
    /// Store objects by base name: what the build needs, if it was packed
    pub closure: BTreeMap<String, ClosureObject>,
}

impl Manifest {
    /// The block.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let links = |cids: &[Cid]| Value::list(cids.iter().copied().map(Value::Link));
        let named = |map: &BTreeMap<ItemName, Cid>| {
            Value::map(
                map.iter()
                    .map(|(name, cid)| (name.to_string(), Value::Link(*cid))),
            )
        };
        let journals = self
            .journals
            .iter()
            .map(|(name, cids)| (name.to_string(), links(cids)));
        let derivations = self
            .derivations
            .iter()
            .map(|(name, cid)| (name, Value::Link(*cid)));
        let closure = self
            .closure
            .iter()
            .map(|(name, object)| (name, object.to_value()));
        let activations = self.activations.iter().map(ActivationEvidence::to_value);
        let activations =
            (!self.activations.is_empty()).then(|| ("activations", Value::list(activations)));
        let entries = [
            ("v", Value::Integer(VERSION)),
            ("genesis", Value::Link(self.genesis)),
            ("policies", links(&self.policies)),
            ("codes", links(&self.codes)),
            ("experiment", Value::Link(self.experiment)),
            ("execution", Value::Link(self.execution)),
            (
                "folds",
                Value::list(self.folds.iter().map(FoldEvidence::to_value)),
            ),
            ("journals", Value::map(journals)),
            ("inputs", Value::Link(self.inputs)),
            ("outputs", Value::Link(self.outputs)),
            ("input_nars", named(&self.input_nars)),
            ("output_nars", named(&self.output_nars)),
            ("log", Value::Link(self.log)),
            ("derivations", Value::map(derivations)),
            ("closure", Value::map(closure)),
        ];
        cbor::encode(&Value::map(entries.into_iter().chain(activations)))
    }

    /// Read the block's value.
    ///
    /// # Errors
    /// A value that is no manifest.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("evidence", value)?;
        if fields.integer("v")? != VERSION {
            return Err(fields.content("v", "1, the only version"));
        }
        let folds = fields
            .list("folds")?
            .into_iter()
            .map(FoldEvidence::from_value);
        let activations = match fields.optional("activations") {
            None => Vec::new(),
            Some(Value::List(items)) if !items.is_empty() => items,
            Some(_) => return Err(fields.content("activations", "a list of one or more maps")),
        };
        let activations = activations.into_iter().map(ActivationEvidence::from_value);
        let closure = fields.map("closure")?.into_iter();
        let closure = closure.map(|(name, item)| Ok((name, ClosureObject::from_value(item)?)));
        let journals = fields.map("journals")?.into_iter().map(|(name, item)| {
            let wrong = || fields.content("journals", "a map of lists of links");
            let Value::List(items) = item else {
                return Err(wrong());
            };
            Ok((
                name.parse().map_err(|_| wrong())?,
                links(items).ok_or_else(wrong)?,
            ))
        });
        let journals = journals.collect::<Result<_, _>>()?;
        let manifest = Self {
            folds: folds.collect::<Result<_, _>>()?,
            activations: activations.collect::<Result<_, _>>()?,
            closure: closure.collect::<Result<_, _>>()?,
            journals,
            genesis: fields.link("genesis")?,
            policies: link_list(&mut fields, "policies")?,
            codes: link_list(&mut fields, "codes")?,
            experiment: fields.link("experiment")?,
            execution: fields.link("execution")?,
            inputs: fields.link("inputs")?,
            outputs: fields.link("outputs")?,
            input_nars: named_links(&mut fields, "input_nars")?,
            output_nars: named_links(&mut fields, "output_nars")?,
            log: fields.link("log")?,
            derivations: link_map(fields.map("derivations")?)
                .ok_or_else(|| fields.content("derivations", "a map of links"))?,
        };
        fields.finish()?;
        Ok(manifest)
    }

    /// The roots of the trees whose blocks are evidence too: of anchors, then of states.
    pub fn trees(&self) -> impl Iterator<Item = Cid> {
        let anchors = self.activations.iter().map(|one| one.anchors);
        anchors.chain(self.folds.iter().map(|fold| fold.state))
    }

    /// Every block that the manifest names, in order, each once; of trees the roots alone.
    #[must_use]
    pub fn blocks(&self) -> Vec<Cid> {
        let folds = self
            .folds
            .iter()
            .flat_map(|fold| [fold.proof, fold.program, fold.state]);
        let closure = self.closure.values().map(|object| object.nar);
        let activations = self.activations.iter().flat_map(|one| {
            let consensus = one.consensus.iter().copied();
            [one.activation, one.anchors].into_iter().chain(consensus)
        });
        let all = [self.genesis]
            .into_iter()
            .chain(self.policies.iter().copied())
            .chain(activations)
            .chain(self.codes.iter().copied())
            .chain([
                self.experiment,
                self.execution,
                self.inputs,
                self.outputs,
                self.log,
            ])
            .chain(folds)
            .chain(self.journals.values().flatten().copied())
            .chain(self.input_nars.values().copied())
            .chain(self.output_nars.values().copied())
            .chain(self.derivations.values().copied())
            .chain(closure);
        let mut seen = std::collections::BTreeSet::new();
        all.filter(|cid| seen.insert(*cid)).collect()
    }
}

fn links(items: Vec<Value>) -> Option<Vec<Cid>> {
    let links = items.into_iter().map(|item| match item {
        Value::Link(cid) => Some(cid),
        _ => None,
    });
    links.collect()
}

fn link_map(map: Map) -> Option<BTreeMap<String, Cid>> {
    let entries = map.into_iter().map(|(name, item)| match item {
        Value::Link(cid) => Some((name, cid)),
        _ => None,
    });
    entries.collect()
}

fn link_list(fields: &mut Fields, field: &'static str) -> Result<Vec<Cid>, FieldError> {
    links(fields.list(field)?).ok_or_else(|| fields.content(field, "a list of links"))
}

fn named_links(
    fields: &mut Fields,
    field: &'static str,
) -> Result<BTreeMap<ItemName, Cid>, FieldError> {
    let wrong = fields.content(field, "a map from names to links");
    let map = link_map(fields.map(field)?).ok_or_else(|| wrong.clone())?;
    let named = map
        .into_iter()
        .map(|(name, cid)| Ok((name.parse().map_err(|_| wrong.clone())?, cid)));
    named.collect()
}

impl ActivationEvidence {
    fn to_value(&self) -> Value {
        let consensus = self.consensus.iter().copied().map(Value::Link);
        Value::map([
            ("activation", Value::Link(self.activation)),
            ("anchors", Value::Link(self.anchors)),
            ("consensus", Value::list(consensus)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("activation evidence", value)?;
        let evidence = Self {
            activation: fields.link("activation")?,
            anchors: fields.link("anchors")?,
            consensus: link_list(&mut fields, "consensus")?,
        };
        if evidence.consensus.len() == 1 {
            return Err(fields.content("consensus", "a grant, its proposal and approvals, or none"));
        }
        fields.finish()?;
        Ok(evidence)
    }
}

impl FoldEvidence {
    fn to_value(&self) -> Value {
        Value::map([
            ("proof", Value::Link(self.proof)),
            ("program", Value::Link(self.program)),
            ("state", Value::Link(self.state)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("fold evidence", value)?;
        let fold = Self {
            proof: fields.link("proof")?,
            program: fields.link("program")?,
            state: fields.link("state")?,
        };
        fields.finish()?;
        Ok(fold)
    }
}

impl ClosureObject {
    fn to_value(&self) -> Value {
        let references = self.references.iter().map(Value::text);
        Value::map([
            ("nar", Value::Link(self.nar)),
            ("references", Value::list(references)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("closure object", value)?;
        let wrong = fields.content("references", "a list of texts");
        let references = fields
            .list("references")?
            .into_iter()
            .map(|item| match item {
                Value::Text(text) => Ok(text),
                _ => Err(wrong.clone()),
            });
        let references = references.collect::<Result<_, _>>()?;
        let object = Self {
            nar: fields.link("nar")?,
            references,
        };
        fields.finish()?;
        Ok(object)
    }
}
