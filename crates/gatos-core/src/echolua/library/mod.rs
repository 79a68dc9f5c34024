//! The functions that a program can call; there are no others. `docs/spec/echolua.md#library`.
#![cfg_attr(
    not(test),
    expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "lengths and positions inside of texts and lists, which the memory limit bounds"
    )
)]

mod basic;
mod number;
mod string;
mod table;

use crate::echolua::error::Fault;
use crate::echolua::machine::{Meter, Table, Val};

pub(crate) use self::basic::{concat, length};

macro_rules! library {
    ($($variant:ident = $name:literal $least:literal ..= $most:literal;)+) => {
        /// A function of the library.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub(crate) enum Library {
            $($variant),+
        }

        impl Library {
            /// Every function.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in the source and in ELC, as `string.len`.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }

            /// Fewest and most arguments; more than 255 are never written.
            pub(crate) const fn arity(self) -> (usize, usize) {
                match self {
                    $(Self::$variant => ($least, $most)),+
                }
            }
        }
    };
}

library! {
    Type = "type" 1 ..= 1;
    Tostring = "tostring" 1 ..= 1;
    Tonumber = "tonumber" 1 ..= 1;
    Error = "error" 1 ..= 1;
    Assert = "assert" 1 ..= 2;
    List = "list" 0 ..= 250;
    StringLen = "string.len" 1 ..= 1;
    StringSub = "string.sub" 2 ..= 3;
    StringRep = "string.rep" 2 ..= 3;
    StringUpper = "string.upper" 1 ..= 1;
    StringLower = "string.lower" 1 ..= 1;
    StringFind = "string.find" 2 ..= 4;
    StringFormat = "string.format" 1 ..= 250;
    StringSplit = "string.split" 2 ..= 2;
    StringByte = "string.byte" 1 ..= 3;
    StringReverse = "string.reverse" 1 ..= 1;
    StringStartswith = "string.startswith" 2 ..= 2;
    StringEndswith = "string.endswith" 2 ..= 2;
    TableInsert = "table.insert" 2 ..= 3;
    TableRemove = "table.remove" 1 ..= 2;
    TableConcat = "table.concat" 1 ..= 4;
    TableSort = "table.sort" 1 ..= 2;
    TableUnpack = "table.unpack" 1 ..= 3;
    MathAbs = "math.abs" 1 ..= 1;
    MathMin = "math.min" 1 ..= 250;
    MathMax = "math.max" 1 ..= 250;
    MathFloor = "math.floor" 1 ..= 1;
    MathCeil = "math.ceil" 1 ..= 1;
    MathTointeger = "math.tointeger" 1 ..= 1;
    DecimalRound = "decimal.round" 1 ..= 2;
    DecimalSqrt = "decimal.sqrt" 1 ..= 1;
}

impl Library {
    /// The function of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.name() == name)
    }

    /// Whether `name` is a table of library functions.
    pub(crate) fn is_table(name: &str) -> bool {
        matches!(name, "string" | "table" | "math" | "decimal")
    }
}

/// What a library function returns.
pub(crate) enum Results {
    None,
    One(Val),
    Many(Vec<Val>),
}

/// Refuse a call with too few or too many arguments.
pub(crate) const fn check_arity(function: Library, found: usize) -> Result<(), Fault> {
    let (least, most) = function.arity();
    if found < least || found > most {
        return Err(Fault::Arity {
            function: function.name(),
            least,
            most,
            found,
        });
    }
    Ok(())
}

/// Call a function that does not call back; `table.sort` is the machine's own.
pub(crate) fn call(
    function: Library,
    arguments: &[Val],
    meter: &mut Meter,
) -> Result<Results, Fault> {
    let arguments = Arguments {
        function: function.name(),
        values: arguments,
    };
    let one = |value: Result<Val, Fault>| value.map(Results::One);
    match function {
        Library::Type => one(basic::kind(&arguments)),
        Library::Tostring => one(basic::tostring(&arguments, meter)),
        Library::Tonumber => one(basic::tonumber(&arguments, meter)),
        Library::Error => Err(basic::error(&arguments)),
        Library::Assert => one(basic::assert(&arguments)),
        Library::List => one(table::list(&arguments, meter)),
        Library::StringLen => one(string::len(&arguments)),
        Library::StringSub => one(string::sub(&arguments, meter)),
        Library::StringRep => one(string::rep(&arguments, meter)),
        Library::StringUpper => one(string::upper(&arguments, meter)),
        Library::StringLower => one(string::lower(&arguments, meter)),
        Library::StringFind => string::find(&arguments, meter),
        Library::StringFormat => one(string::format(&arguments, meter)),
        Library::StringSplit => one(string::split(&arguments, meter)),
        Library::StringByte => string::byte(&arguments, meter),
        Library::StringReverse => one(string::reverse(&arguments, meter)),
        Library::StringStartswith => one(string::startswith(&arguments, meter)),
        Library::StringEndswith => one(string::endswith(&arguments, meter)),
        Library::TableInsert => table::insert(&arguments, meter),
        Library::TableRemove => one(table::remove(&arguments, meter)),
        Library::TableConcat => one(table::concat(&arguments, meter)),
        Library::TableSort => Ok(Results::None),
        Library::TableUnpack => table::unpack(&arguments, meter),
        Library::MathAbs => one(number::abs(&arguments)),
        Library::MathMin => one(number::extreme(&arguments, meter, std::cmp::Ordering::Less)),
        Library::MathMax => one(number::extreme(
            &arguments,
            meter,
            std::cmp::Ordering::Greater,
        )),
        Library::MathFloor => one(number::floor(&arguments, meter)),
        Library::MathCeil => one(number::ceil(&arguments, meter)),
        Library::MathTointeger => one(number::tointeger(&arguments)),
        Library::DecimalRound => one(number::round(&arguments, meter)),
        Library::DecimalSqrt => one(number::sqrt(&arguments, meter)),
    }
}

/// The arguments of a call, with errors that name the function.
pub(crate) struct Arguments<'a> {
    function: &'static str,
    values: &'a [Val],
}

impl<'a> Arguments<'a> {
    /// An argument, counted from 1; nil where there is none.
    fn get(&self, position: usize) -> &'a Val {
        self.values.get(position - 1).unwrap_or(&Val::Nil)
    }

    fn wrong(&self, position: usize, want: &'static str) -> Fault {
        Fault::Argument {
            function: self.function,
            position,
            found: self.get(position).kind(),
            want,
        }
    }

    const fn domain(&self, problem: &'static str) -> Fault {
        Fault::Domain {
            function: self.function,
            problem,
        }
    }

    fn text(&self, position: usize) -> Result<&'a str, Fault> {
        match self.get(position) {
            Val::Text(text) => Ok(text.as_str()),
            _ => Err(self.wrong(position, "a string")),
        }
    }

    fn integer(&self, position: usize) -> Result<i64, Fault> {
        match self.get(position) {
            Val::Int(integer) => Ok(*integer),
            _ => Err(self.wrong(position, "an integer")),
        }
    }

    fn integer_or(&self, position: usize, default: i64) -> Result<i64, Fault> {
        match self.get(position) {
            Val::Nil => Ok(default),
            _ => self.integer(position),
        }
    }

    fn table(&self, position: usize) -> Result<&'a Table, Fault> {
        match self.get(position) {
            Val::Table(table) => Ok(table),
            _ => Err(self.wrong(position, "a table")),
        }
    }
}
