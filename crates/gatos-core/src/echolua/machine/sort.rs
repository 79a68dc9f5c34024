//! `table.sort`: a stable merge sort, so that equal items keep their order and the number of
//! comparisons depends on nothing but the items.

use std::cmp::Ordering;

use super::val::Val;
use super::{Machine, arithmetic};
use crate::echolua::error::Fault;

const FUNCTION: &str = "table.sort";
/// Memory of an item while it is sorted.
const ITEM_BYTES: u64 = 48;

impl Machine {
    /// Sort the list in place.
    pub(super) fn sort(&mut self, table: &Val, comparator: &Val) -> Result<(), Fault> {
        let Val::Table(table) = table else {
            return Err(Fault::Argument {
                function: FUNCTION,
                position: 1,
                found: table.kind(),
                want: "a table",
            });
        };
        let length = table.borrow().length()? as u64;
        self.meter
            .burn(length * (1 + u64::from(length.max(1).ilog2())))?;
        self.meter.allocate(length * ITEM_BYTES)?;
        let items = table.begin_sort()?;
        let sorted = self.merge_sort(items, comparator)?;
        for pair in sorted.windows(2) {
            if let [a, b] = pair
                && self.before(b, a, comparator)?
            {
                return Err(Fault::Comparator);
            }
        }
        table.sorted(sorted);
        Ok(())
    }

    /// Bottom-up, so that nothing recurses.
    fn merge_sort(&mut self, items: Vec<Val>, comparator: &Val) -> Result<Vec<Val>, Fault> {
        let mut from = items;
        let mut width = 1;
        while width < from.len() {
            let mut to = Vec::with_capacity(from.len());
            for run in from.chunks(2 * width) {
                let (left, right) = run.split_at(width.min(run.len()));
                let (mut l, mut r) = (left.iter().peekable(), right.iter().peekable());
                while let (Some(a), Some(b)) = (l.peek(), r.peek()) {
                    let next = if self.before(b, a, comparator)? {
                        &mut r
                    } else {
                        &mut l
                    };
                    to.extend(next.next().cloned());
                }
                to.extend(l.cloned());
                to.extend(r.cloned());
            }
            from = to;
            width *= 2;
        }
        Ok(from)
    }

    fn before(&mut self, a: &Val, b: &Val, comparator: &Val) -> Result<bool, Fault> {
        self.meter.burn(1)?;
        if matches!(comparator, Val::Nil) {
            return arithmetic::compare(a, b, &mut self.meter).map(Ordering::is_lt);
        }
        let result = self.call(comparator, [a.clone(), b.clone()]);
        result
            .map(|value| value.is_true())
            .map_err(|error| error.fault)
    }
}
