//! The instructions of the register machine; an inner form that is neither stored nor hashed.

use crate::echolua::library::Library;
use crate::echolua::unit::{Capture, NodeId};
use crate::value::Value;

/// A register of the running function.
pub(crate) type Reg = u8;

/// A register (below [`CONSTANTS`]) or a constant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Operand(pub(crate) u16);

/// First operand that is a constant.
pub(crate) const CONSTANTS: u16 = 256;

/// Most registers of a function.
pub(crate) const MAX_REGISTERS: usize = 250;

/// A count of values, or as many as there are.
pub(crate) type Count = u8;
/// As many values as there are.
pub(crate) const OPEN: Count = u8::MAX;

/// An instruction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Op {
    /// Burn fuel for the statements that follow up to the next such instruction
    Charge(u32),
    Load {
        to: Reg,
        from: Operand,
    },
    LoadNil {
        to: Reg,
        count: Count,
    },
    Captured {
        to: Reg,
        index: u8,
    },
    Function {
        to: Reg,
        function: u16,
    },
    Library {
        to: Reg,
        function: Library,
    },
    Itself {
        to: Reg,
    },
    Get {
        to: Reg,
        object: Operand,
        key: Operand,
    },
    Set {
        object: Operand,
        key: Operand,
        value: Reg,
    },
    SetConstant {
        object: Operand,
        key: Operand,
        value: u16,
    },
    Add {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    Subtract {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    Multiply {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    Divide {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    FloorDivide {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    Remainder {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    Equal {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    Unequal {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    Less {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    LessEqual {
        to: Reg,
        left: Operand,
        right: Operand,
    },
    Negate {
        to: Reg,
        from: Operand,
    },
    Not {
        to: Reg,
        from: Operand,
    },
    Length {
        to: Reg,
        from: Operand,
    },
    Concat {
        to: Reg,
        first: Reg,
        count: Count,
    },
    Jump {
        to: u32,
    },
    JumpIf {
        from: Reg,
        to: u32,
    },
    JumpUnless {
        from: Reg,
        to: u32,
    },
    /// Pass over the jump that follows if both are equal, else take it
    IfEqual {
        left: Operand,
        right: Operand,
    },
    IfUnequal {
        left: Operand,
        right: Operand,
    },
    IfLess {
        left: Operand,
        right: Operand,
    },
    IfLessEqual {
        left: Operand,
        right: Operand,
    },
    /// Call the value in `base` with the arguments behind it; results begin at `base`
    Call {
        base: Reg,
        arguments: Count,
        results: Count,
    },
    /// As `Call`, of a top-level function: the arguments begin at `base`
    CallFunction {
        base: Reg,
        function: u16,
        arguments: Count,
        results: Count,
    },
    /// As `Call`, of a library function: the arguments begin at `base`
    CallLibrary {
        base: Reg,
        function: Library,
        arguments: Count,
        results: Count,
    },
    Return {
        first: Reg,
        count: Count,
    },
    Table {
        to: Reg,
    },
    /// Put values into the table in `table`, at the places behind `after`
    Append {
        table: Reg,
        first: Reg,
        count: Count,
        after: u32,
    },
    Closure {
        to: Reg,
        proto: u16,
    },
    /// Check and prepare the counter, bound and step at `base`; jump if there is no round
    ForPrepare {
        base: Reg,
        to: u32,
    },
    /// Next round of the loop at `base`, or fall through
    ForNext {
        base: Reg,
        to: u32,
    },
    /// Turn the table in `base` into the state of a walk
    Dpairs {
        base: Reg,
    },
    Ipairs {
        base: Reg,
    },
    /// Next key and value into the two registers behind `base`, or jump
    WalkNext {
        base: Reg,
        to: u32,
    },
}

const _: () = assert!(size_of::<Op>() == 8);

/// The node of an instruction that cannot fail.
pub(crate) const NO_NODE: NodeId = NodeId::MAX;

/// One function.
#[derive(Clone, Debug)]
pub(crate) struct Proto {
    pub(crate) params: u8,
    pub(crate) registers: u8,
    pub(crate) ops: Vec<Op>,
    /// Node of each instruction
    pub(crate) nodes: Vec<NodeId>,
    /// What a nested function takes when it is made; locals are registers
    pub(crate) captures: Vec<Capture>,
}

/// A whole program, ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// Top-level functions first, by index, then nested ones
    pub(crate) protos: Vec<Proto>,
    /// Literals and top-level constants
    pub(crate) constants: Vec<Value>,
}
