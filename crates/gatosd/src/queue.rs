//! A queue with an end: whoever comes when it is full is told so at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Why something was not queued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotQueued {
    /// There is no room now
    Full,
    /// Nothing more is taken on
    Closed,
}

/// Work that waits, bounded by number and by weight.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    content: Mutex<Content<T>>,
    changed: Condvar,
    most: usize,
    heaviest: usize,
}

#[derive(Debug)]
struct Content<T> {
    items: Vec<T>,
    weight: usize,
    closed: bool,
    /// Whether somebody waits: telling nobody costs a system call all the same
    awaited: bool,
}

impl<T> Queue<T> {
    /// At most `most` things, which weigh at most `heaviest` together.
    pub(crate) const fn new(most: usize, heaviest: usize) -> Self {
        let content = Content {
            items: Vec::new(),
            weight: 0,
            closed: false,
            awaited: false,
        };
        Self {
            content: Mutex::new(content),
            changed: Condvar::new(),
            most,
            heaviest,
        }
    }

    /// Queue something.
    ///
    /// # Errors
    /// The thing and why it was not queued.
    pub(crate) fn push(&self, item: T, weight: usize) -> Result<(), (T, NotQueued)> {
        let mut content = self.lock();
        if content.closed {
            return Err((item, NotQueued::Closed));
        }
        let full = content.items.len() >= self.most
            || (content.weight + weight > self.heaviest && !content.items.is_empty());
        if full {
            return Err((item, NotQueued::Full));
        }
        content.items.push(item);
        content.weight += weight;
        let awaited = std::mem::take(&mut content.awaited);
        drop(content);
        if awaited {
            self.changed.notify_all();
        }
        Ok(())
    }

    /// Wait for something, and take all there is, in order; `None` when the queue is closed and empty.
    pub(crate) fn take_all(&self) -> Option<Vec<T>> {
        let mut content = self.lock();
        while content.items.is_empty() && !content.closed {
            content.awaited = true;
            content = self
                .changed
                .wait(content)
                .unwrap_or_else(PoisonError::into_inner);
        }
        content.weight = 0;
        let items = std::mem::take(&mut content.items);
        (!items.is_empty()).then_some(items)
    }

    /// How many things wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Take nothing more on. What waits is still taken.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Content<T>> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    //! Unit tests of queues.

    use super::{NotQueued, Queue};

    #[test]
    fn whoever_waits_is_told() {
        let queue = Queue::new(8, 10);
        std::thread::scope(|scope| {
            let taker = scope.spawn(|| {
                let mut taken = Vec::new();
                while let Some(items) = queue.take_all() {
                    taken.extend(items);
                }
                taken
            });
            for number in 0..100 {
                while queue.push(number, 1).is_err() {
                    std::thread::yield_now();
                }
            }
            queue.close();
            assert_eq!(taker.join().unwrap(), (0..100).collect::<Vec<_>>());
        });
    }

    #[test]
    fn a_queue_is_bounded_by_number_and_weight_and_can_be_closed() {
        let queue = Queue::new(2, 10);
        assert!(queue.push('a', 6).is_ok());
        assert_eq!(queue.push('b', 6), Err(('b', NotQueued::Full)));
        assert!(queue.push('b', 4).is_ok());
        assert_eq!(queue.push('c', 0), Err(('c', NotQueued::Full)));
        assert_eq!(queue.take_all(), Some(vec!['a', 'b']));
        // What is too heavy for a queue with others in it passes when it is alone.
        assert!(queue.push('d', 11).is_ok());
        queue.close();
        assert_eq!(queue.push('e', 0), Err(('e', NotQueued::Closed)));
        assert_eq!(queue.take_all(), Some(vec!['d']));
        assert_eq!(queue.take_all(), None);
    }
}
