//! Beginning and ending calls: of the program's functions, and of the library's.

use std::rc::Rc;
use std::sync::Arc;

use super::code::{Code, Count, OPEN};
use super::val::{Closure, Val};
use super::{MAX_CALLS, Machine};
use crate::echolua::error::{Fault, FoldError};
use crate::echolua::library::{self, Library, Results};

/// A function that is running.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(super) proto: u16,
    pub(super) at: usize,
    /// First register
    pub(super) base: usize,
    /// How many results the caller wants, at `base` less what stood there
    pub(super) results: Count,
    /// Where the results go
    pub(super) to: usize,
    pub(super) closure: Option<Rc<Closure>>,
}

/// Most calls of functions by library functions inside each other.
const MAX_NESTED: usize = 8;

pub(super) type Stopped<T> = Result<T, Box<FoldError>>;

impl Machine {
    /// Call a function value and run it to its end; its first result is returned.
    pub(super) fn call<const N: usize>(
        &mut self,
        callee: &Val,
        arguments: [Val; N],
    ) -> Stopped<Val> {
        let base = self.stack.len();
        let result = self.call_at(base, callee, arguments)?;
        self.stack.truncate(base);
        Ok(result)
    }

    /// As [`call`](Self::call), in the registers from `base` on, which keep what is left in them.
    pub(super) fn call_at<const N: usize>(
        &mut self,
        base: usize,
        callee: &Val,
        arguments: [Val; N],
    ) -> Stopped<Val> {
        if self.nested == MAX_NESTED {
            return Err(Box::new(super::nowhere(Fault::Depth { max: MAX_NESTED })));
        }
        self.nested += 1;
        let code = Arc::clone(&self.code);
        let floor = self.frames.len();
        self.make_room(base + N);
        for (place, argument) in self.stack[base..].iter_mut().zip(arguments) {
            place.put(argument);
        }
        let entered = self
            .enter(&code, callee, (base, base, N), 1)
            .map_err(|fault| Box::new(super::nowhere(fault)))?;
        if entered {
            self.run(&code, floor)?;
        }
        let result = self.stack.get_mut(base).map_or(Val::Nil, std::mem::take);
        self.nested -= 1;
        Ok(result)
    }

    /// Begin a call whose arguments stand at `base`, results to go to `to`; whether there is
    /// something left to run.
    pub(super) fn enter(
        &mut self,
        code: &Code,
        callee: &Val,
        (to, base, count): (usize, usize, usize),
        results: Count,
    ) -> Result<bool, Fault> {
        let (proto, closure) = match callee {
            Val::Function(index) => (*index, None),
            Val::Closure(closure) => (closure.proto, Some(Rc::clone(closure))),
            Val::Library(function) => {
                self.library(*function, (to, base, count), results)?;
                return Ok(false);
            }
            other => return Err(Fault::Call { kind: other.kind() }),
        };
        if self.frames.len() == MAX_CALLS {
            return Err(Fault::Depth { max: MAX_CALLS });
        }
        let function = &code.protos[usize::from(proto)];
        let end = base + usize::from(function.registers).max(1);
        if self.stack.len() < end {
            self.stack.resize(end, Val::Nil);
        }
        for missing in count..usize::from(function.params) {
            self.stack[base + missing] = Val::Nil;
        }
        self.frames.push(Frame {
            proto,
            at: 0,
            base,
            results,
            to,
            closure,
        });
        Ok(true)
    }

    /// Call a library function with the arguments at `base`.
    fn library(
        &mut self,
        function: Library,
        (to, base, count): (usize, usize, usize),
        results: Count,
    ) -> Result<(), Fault> {
        let arguments = &self.stack[base..base + count];
        library::check_arity(function, count)?;
        let values = library::call(function, arguments, &mut self.meter)?;
        match values {
            Results::None => self.deliver(to, results, 0),
            Results::One(value) => {
                self.make_room(to + 1);
                self.stack[to] = value;
                self.deliver(to, results, 1);
            }
            Results::Many(values) => {
                let count = values.len();
                self.make_room(to + count);
                for (offset, value) in values.into_iter().enumerate() {
                    self.stack[to + offset] = value;
                }
                self.deliver(to, results, count);
            }
        }
        Ok(())
    }

    fn make_room(&mut self, end: usize) {
        if self.stack.len() < end {
            self.stack.resize(end, Val::Nil);
        }
    }

    /// `have` results stand at `to`: make them as many as are wanted.
    #[inline]
    fn deliver(&mut self, to: usize, wanted: Count, have: usize) {
        if wanted == OPEN {
            self.top = to + have;
            return;
        }
        let wanted = usize::from(wanted);
        if have < wanted {
            self.make_room(to + wanted);
            for missing in have..wanted {
                self.stack[to + missing] = Val::Nil;
            }
        }
    }

    /// A library call; those that call back into the program come here too.
    pub(super) fn library_call(
        &mut self,
        function: Library,
        (to, base, count): (usize, usize, usize),
        results: Count,
    ) -> Result<(), Fault> {
        if function == Library::TableSort {
            library::check_arity(function, count)?;
            let table = self.stack[base].clone();
            let comparator = if count > 1 {
                self.stack[base + 1].clone()
            } else {
                Val::Nil
            };
            self.sort(&table, &comparator)?;
            self.deliver(to, results, 0);
            return Ok(());
        }
        self.library(function, (to, base, count), results)
    }

    /// End the innermost frame with the results at `first`.
    pub(super) fn leave(&mut self, first: usize, count: usize) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let wanted = match frame.results {
            OPEN => count,
            wanted => count.min(usize::from(wanted)),
        };
        for offset in 0..wanted {
            self.stack[frame.to + offset] =
                std::mem::replace(&mut self.stack[first + offset], Val::Nil);
        }
        self.deliver(frame.to, frame.results, wanted);
    }
}
