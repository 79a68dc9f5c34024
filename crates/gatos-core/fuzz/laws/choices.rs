//! What a generator chooses, by the fuzzer's bytes.

/// Choices that the fuzzer makes, a byte or two each; the first of each where it says no more.
pub(crate) struct Random {
    bytes: std::vec::IntoIter<u8>,
}

impl Random {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec().into_iter(),
        }
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        let mut byte = || u64::from(self.bytes.next().unwrap_or(0));
        let number = if end <= 256 {
            byte()
        } else {
            byte() << 8 | byte()
        };
        number % end.max(1)
    }

    pub(crate) fn pick<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        let at = usize::try_from(self.below(items.len() as u64)).unwrap_or(0);
        &items[at]
    }
}
