//! One value of the machine, 24 bytes.

use std::rc::Rc;

use super::table::Table;
use super::text::Text;
use super::walk::Walker;
use crate::cid::Cid;
use crate::decimal::Decimal;
use crate::echolua::library::Library;

/// A value while a program runs.
#[derive(Debug, Default)]
pub(crate) enum Val {
    #[default]
    Nil,
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is no 64-bit integer
    Dec(Rc<Decimal>),
    Text(Text),
    Bytes(Rc<[u8]>),
    Link(Rc<Cid>),
    Table(Table),
    /// A function of the top level
    Function(u16),
    /// A nested function with what it captured
    Closure(Rc<Closure>),
    Library(Library),
    /// The hidden state of a `for … in`
    Walker(Walker),
}

/// A nested function.
#[derive(Debug)]
pub(crate) struct Closure {
    pub(crate) proto: u16,
    pub(crate) captures: Vec<Val>,
}

impl Drop for Closure {
    /// Takes nested functions apart one after the other, however many capture each other.
    fn drop(&mut self) {
        let mut pending = std::mem::take(&mut self.captures);
        while let Some(val) = pending.pop() {
            if let Val::Closure(mut closure) = val
                && let Some(closure) = Rc::get_mut(&mut closure)
            {
                pending.append(&mut closure.captures);
            }
        }
    }
}

const _: () = assert!(size_of::<Val>() == 24);

impl Clone for Val {
    /// What is commonest is copied where it is needed; the rest is counted elsewhere.
    #[inline(always)]
    fn clone(&self) -> Self {
        match self {
            Self::Int(integer) => Self::Int(*integer),
            Self::Text(Text::Short { length, bytes }) => Self::Text(Text::Short {
                length: *length,
                bytes: *bytes,
            }),
            Self::Table(table) => Self::Table(table.clone()),
            other => other.clone_rest(),
        }
    }
}

impl Val {
    #[inline(never)]
    fn clone_rest(&self) -> Self {
        match self {
            Self::Nil => Self::Nil,
            Self::Null => Self::Null,
            Self::Bool(boolean) => Self::Bool(*boolean),
            Self::Int(integer) => Self::Int(*integer),
            Self::Dec(decimal) => Self::Dec(Rc::clone(decimal)),
            Self::Text(text) => Self::Text(text.clone()),
            Self::Bytes(bytes) => Self::Bytes(Rc::clone(bytes)),
            Self::Link(cid) => Self::Link(Rc::clone(cid)),
            Self::Table(table) => Self::Table(table.clone()),
            Self::Function(index) => Self::Function(*index),
            Self::Closure(closure) => Self::Closure(Rc::clone(closure)),
            Self::Library(function) => Self::Library(*function),
            Self::Walker(walker) => Self::Walker(walker.clone()),
        }
    }

    /// Become another value.
    #[inline(always)]
    pub(crate) fn put(&mut self, value: Self) {
        if self.is_plain() {
            // Nothing to drop: spares a call.
            std::mem::forget(std::mem::replace(self, value));
        } else {
            *self = value;
        }
    }

    /// Become an integer.
    #[inline(always)]
    pub(crate) fn put_int(&mut self, integer: i64) {
        match self {
            Self::Int(place) => *place = integer,
            other => other.put(Self::Int(integer)),
        }
    }

    /// Whether it owns nothing.
    #[inline(always)]
    const fn is_plain(&self) -> bool {
        matches!(
            self,
            Self::Nil
                | Self::Null
                | Self::Bool(_)
                | Self::Int(_)
                | Self::Text(Text::Short { .. })
                | Self::Function(_)
                | Self::Library(_)
        )
    }

    /// The one value of this number.
    pub(crate) fn number(number: Decimal) -> Self {
        match number.to_i64() {
            Some(integer) => Self::Int(integer),
            None => Self::Dec(Rc::new(number)),
        }
    }

    /// A text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Whether it counts as true in a condition: all but nil, false and null do.
    #[inline]
    pub(crate) const fn is_true(&self) -> bool {
        !matches!(self, Self::Nil | Self::Null | Self::Bool(false))
    }

    /// What `type` says.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Dec(_) => "number",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Link(_) => "link",
            Self::Table(_) => "table",
            Self::Function(_) | Self::Closure(_) | Self::Library(_) => "function",
            Self::Walker(_) => "walk",
        }
    }

    /// The number that it is.
    pub(crate) fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Int(integer) => Some(Decimal::from(*integer)),
            Self::Dec(decimal) => Some(**decimal),
            _ => None,
        }
    }

    /// `==`: same kind and same content; tables and functions are equal to themselves only.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nil, Self::Nil) | (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Dec(a), Self::Dec(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Link(a), Self::Link(b)) => a == b,
            (Self::Table(a), Self::Table(b)) => a.is(b),
            (Self::Function(a), Self::Function(b)) => a == b,
            (Self::Library(a), Self::Library(b)) => a == b,
            (Self::Closure(a), Self::Closure(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}
