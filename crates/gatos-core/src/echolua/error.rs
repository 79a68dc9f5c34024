//! Why a program is no program of ours, and why a fold ended.

use crate::cbor::{DecodeError, FieldError};
use crate::decimal::DecimalError;

/// Why bytes are not a compiled program.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ElcError {
    /// The bytes are not strict DAG-CBOR, or too many, or nested too deeply
    #[error("E0501: the compiled program is not strict DAG-CBOR")]
    Encoding {
        /// What is wrong with them
        #[from]
        source: DecodeError,
    },
    /// A field of the program is missing, of another kind or unknown
    #[error("E0502: the compiled program has the wrong fields")]
    Fields {
        /// Which one
        #[from]
        source: FieldError,
    },
    /// A program for another engine
    #[error("E0503: the program is written in `{found}`, which this engine does not run")]
    Language {
        /// The language that it names
        found: String,
    },
    /// An operation that the language does not have
    #[error("E0504: the compiled program has the unknown operation `{name}`")]
    Unknown {
        /// Its name
        name: String,
    },
    /// An operation with the wrong operands
    #[error("E0505: `{what}` of the compiled program has the wrong shape")]
    Shape {
        /// Which one
        what: String,
    },
    /// A reference to something that is not there
    #[error("E0506: the compiled program refers to a {what} that it does not have")]
    Reference {
        /// What it refers to
        what: &'static str,
    },
    /// More of something than a program may have
    #[error("E0507: the compiled program has too many {what}")]
    TooMany {
        /// Of what
        what: &'static str,
    },
    /// A statement after `return` or `break`
    #[error("E0508: the compiled program has a statement that is never reached")]
    Unreachable,
    /// Bytes that the compiler would not have written for this program
    #[error("E0509: the compiled program is not in its one form")]
    NotCanonical,
    /// A function that needs more than the machine has
    #[error("E0510: a function of the program is too large: {what}")]
    Capacity {
        /// What there is too much of
        what: &'static str,
    },
}

/// What ended a fold. Nothing in a program can catch it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Indexing something that is no table
    #[error("{} has no field `{key}`", a(kind))]
    Index {
        /// Kind of the value that was indexed
        kind: &'static str,
        /// The key, as text
        key: String,
    },
    /// Calling something that is no function
    #[error("{} cannot be called", a(kind))]
    Call {
        /// Kind of the value
        kind: &'static str,
    },
    /// Arithmetic on something that is no number
    #[error("`{operator}` needs numbers, not {} and {}", a(left), a(right))]
    Arithmetic {
        /// The operator
        operator: &'static str,
        /// Kind of the left operand
        left: &'static str,
        /// Kind of the right operand
        right: &'static str,
    },
    /// An integer result that does not fit 64 bits
    #[error("`{operator}` overflows 64 bits")]
    Overflow {
        /// The operator
        operator: &'static str,
    },
    /// A decimal result outside the format, or a division by zero
    #[error("`{operator}`: {source}")]
    Decimal {
        /// The operator
        operator: &'static str,
        /// What is wrong
        source: DecimalError,
    },
    /// Ordering of values that have no order
    #[error("{} and {} cannot be compared", a(left), a(right))]
    Compare {
        /// Kind of the left operand
        left: &'static str,
        /// Kind of the right operand
        right: &'static str,
    },
    /// Joining something that is neither text nor number
    #[error("`..` joins strings and numbers, not {}", a(kind))]
    Concat {
        /// Kind of the value
        kind: &'static str,
    },
    /// The length of something that is neither text nor list
    #[error("`#` has no meaning for {}", a(kind))]
    Length {
        /// What it is
        kind: &'static str,
    },
    /// A key that is neither integer nor text
    #[error("a table key is an integer or a string, not {}", a(kind))]
    Key {
        /// Kind of the value
        kind: &'static str,
    },
    /// A key that belongs to the format
    #[error("the key `{key}` begins with `$`, which is reserved")]
    ReservedKey {
        /// The key
        key: String,
    },
    /// Writing to a constant
    #[error("a table of a top-level constant cannot be changed")]
    Frozen,
    /// A function as an item of a table
    #[error("a function cannot be kept in a table")]
    StoredFunction,
    /// A table inside itself
    #[error("a table cannot contain itself")]
    Cycle,
    /// `error(…)` or `assert(…)` of the program
    #[error("{message}")]
    Raised {
        /// What the program said
        message: String,
    },
    /// An argument of the wrong kind
    #[error("argument {position} of `{function}` is {}, not {want}", a(found))]
    Argument {
        /// The function
        function: &'static str,
        /// Counted from 1
        position: usize,
        /// Kind of the value
        found: &'static str,
        /// What is wanted
        want: &'static str,
    },
    /// Too few or too many arguments
    #[error("`{function}` takes {}, not {found}", arguments(*least, *most))]
    Arity {
        /// The function
        function: &'static str,
        /// Fewest
        least: usize,
        /// Most
        most: usize,
        /// How many were given
        found: usize,
    },
    /// An argument outside what the function can work with
    #[error("`{function}`: {problem}")]
    Domain {
        /// The function
        function: &'static str,
        /// What is wrong
        problem: &'static str,
    },
    /// A result that would hold a part of a character
    #[error("`{function}` would split a character")]
    SplitsCharacter {
        /// The function
        function: &'static str,
    },
    /// A comparison function that contradicts itself
    #[error("the comparison function of `table.sort` contradicts itself")]
    Comparator,
    /// A bound or step of a numeric `for` that is no integer, or a step of zero
    #[error("{what} of `for` is {found}, not {want}")]
    Bound {
        /// Which one
        what: &'static str,
        /// What it is
        found: &'static str,
        /// What it should be
        want: &'static str,
    },
    /// Calls nested too deeply
    #[error("calls nest deeper than {max}")]
    Depth {
        /// The limit
        max: usize,
    },
    /// A text longer than the machine makes
    #[error("a text of more than {max} bytes")]
    TextLength {
        /// The limit
        max: usize,
    },
    /// More values than a call can return
    #[error("more than {max} values at once")]
    Values {
        /// The limit
        max: usize,
    },
    /// The fuel of the event is used up
    #[error("the fuel of one event is used up ({limit})")]
    Fuel {
        /// The limit
        limit: u64,
    },
    /// The memory of the fold is used up
    #[error("the memory of the fold is used up ({limit} bytes)")]
    Memory {
        /// The limit in bytes
        limit: u64,
    },
    /// Something in the state that a state cannot hold
    #[error("`{path}` {problem}")]
    State {
        /// Where it is, as `state.samples[3].when`
        path: String,
        /// What is wrong with it
        problem: StateProblem,
    },
    /// An event, given as bytes, that is no value
    #[error("the event is not strict DAG-CBOR: {source}")]
    Encoding {
        /// What is wrong with the bytes
        source: Box<DecodeError>,
    },
    /// The fold ended with an error before
    #[error("the fold has ended with an error and cannot go on")]
    Ended,
}

/// Why a value cannot be part of a state.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StateProblem {
    /// Nil where a value is needed
    #[error("is nil")]
    Nil,
    /// A function
    #[error("is a function")]
    Function,
    /// Integer keys with gaps, or not from 1
    #[error("has integer keys that are not 1, 2, 3, …: use string keys, or fill the gaps")]
    Holes,
    /// Integer and text keys in one table
    #[error("has both integer and string keys")]
    Mixed,
    /// Too many levels
    #[error("is nested too deeply")]
    Depth,
}

/// A kind of value with its article.
fn a(kind: &str) -> String {
    match kind {
        "nil" | "null" | "bytes" | "0" => kind.to_owned(),
        _ => format!("a {kind}"),
    }
}

/// How many arguments a function takes.
fn arguments(least: usize, most: usize) -> String {
    match (least, most) {
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    }
}

impl Fault {
    /// The number of the error; it never changes.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Index { .. } => 201,
            Self::Call { .. } => 202,
            Self::Arithmetic { .. } => 203,
            Self::Overflow { .. } => 204,
            Self::Decimal { .. } => 205,
            Self::Compare { .. } => 206,
            Self::Concat { .. } => 207,
            Self::Length { .. } => 208,
            Self::Key { .. } => 209,
            Self::ReservedKey { .. } => 210,
            Self::Frozen => 211,
            Self::StoredFunction => 212,
            Self::Cycle => 213,
            Self::Raised { .. } => 214,
            Self::Argument { .. } => 215,
            Self::Arity { .. } => 216,
            Self::Domain { .. } => 217,
            Self::SplitsCharacter { .. } => 218,
            Self::Comparator => 219,
            Self::Bound { .. } => 220,
            Self::Depth { .. } => 301,
            Self::TextLength { .. } => 302,
            Self::Values { .. } => 303,
            Self::Fuel { .. } => 304,
            Self::Memory { .. } => 305,
            Self::State { .. } => 401,
            Self::Ended => 402,
            Self::Encoding { .. } => 403,
        }
    }
}

impl From<DecodeError> for Fault {
    fn from(source: DecodeError) -> Self {
        Self::Encoding {
            source: Box::new(source),
        }
    }
}

impl From<DecodeError> for Box<Fault> {
    fn from(source: DecodeError) -> Self {
        Self::new(source.into())
    }
}

/// Why a fold ended, and at which node of its program.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("E{:04}: {fault}", fault.code())]
pub struct FoldError {
    /// What went wrong
    pub fault: Fault,
    /// The node of the program; [`SourceMap`](super::SourceMap) knows its place
    pub node: Option<u32>,
}
