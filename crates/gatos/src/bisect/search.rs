//! Which state to look at next. Pure: sizes of histories go in, the next one comes out.
//!
//! Between a good and a bad state there are *n* events, one of which is the culprit. Each look at a state
//! halves what is left, so that ⌈log2 *n*⌉ looks are enough. Within that bound a state that is kept in a
//! checkpoint is preferred to one that has to be folded.

use std::collections::{BTreeMap, BTreeSet};

/// How a state was judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// As it should be
    Good,
    /// Not as it should be
    Bad,
    /// It cannot be told
    Skip,
}

/// A search for the event after which a state is bad.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Search {
    good: u64,
    bad: u64,
    skipped: BTreeSet<u64>,
}

/// What a search wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Next {
    /// To know how the state after so many events is
    Judge(u64),
    /// Nothing: the last of so many events made the state bad
    Found(u64),
    /// Nothing that would help: the culprit is the last of so many events, to so many, and the states
    /// between cannot be judged
    Undecided(u64, u64),
}

impl Search {
    /// Search between the state after `good` events and that after `bad` ones, of which there are more.
    #[must_use]
    pub const fn new(good: u64, bad: u64) -> Option<Self> {
        if good < bad {
            let skipped = BTreeSet::new();
            Some(Self { good, bad, skipped })
        } else {
            None
        }
    }

    /// The most events after which the state is known to be good.
    #[must_use]
    pub const fn good(&self) -> u64 {
        self.good
    }

    /// The fewest events after which the state is known to be bad.
    #[must_use]
    pub const fn bad(&self) -> u64 {
        self.bad
    }

    /// Most looks that are still needed, if none is skipped: ⌈log2 of the events in question⌉.
    #[must_use]
    pub const fn looks_left(&self) -> u32 {
        (self.bad - self.good).next_power_of_two().ilog2()
    }

    /// Take note of how a state is; `false` if it is not in question.
    pub fn judge(&mut self, size: u64, judgement: Judgement) -> bool {
        if size <= self.good || size >= self.bad {
            return false;
        }
        match judgement {
            Judgement::Good => self.good = size,
            Judgement::Bad => self.bad = size,
            Judgement::Skip => {
                self.skipped.insert(size);
            }
        }
        true
    }

    /// What to look at next, where states of the sizes `kept` need not be folded.
    #[must_use]
    pub fn next<T>(&self, kept: &BTreeMap<u64, T>) -> Next {
        let (good, bad) = (self.good, self.bad);
        if bad - good == 1 {
            return Next::Found(bad);
        }
        let middle = good + (bad - good) / 2;
        let open = |size: &u64| !self.skipped.contains(size);
        // Neither side may be left with more than half of what the looks that are left can tell apart.
        let half = 1_u64 << (self.looks_left() - 1);
        let (first, last) = ((bad - half).max(good + 1), (good + half).min(bad - 1));
        let kept = kept.range(first..=last).map(|(size, _)| *size);
        let kept = kept.filter(open).min_by_key(|size| size.abs_diff(middle));
        if let Some(size) = kept {
            return Next::Judge(size);
        }
        let below = (good + 1..=middle).rev().find(open);
        let above = (middle + 1..bad).find(open);
        let nearest = [below, above].into_iter().flatten();
        match nearest.min_by_key(|size| size.abs_diff(middle)) {
            Some(size) => Next::Judge(size),
            None => Next::Undecided(good + 1, bad),
        }
    }
}

#[cfg(test)]
mod tests {
    //! Every culprit, every arrangement of checkpoints: the bound holds.

    use super::*;

    /// How a search ends in which the state is bad from `culprit` events on, and how many looks it takes.
    fn search(
        (good, bad): (u64, u64),
        kept: &BTreeMap<u64, ()>,
        judge: impl Fn(u64) -> Judgement,
    ) -> (Next, u32) {
        let mut search = Search::new(good, bad).unwrap();
        let mut looks = 0;
        loop {
            match search.next(kept) {
                Next::Judge(size) => {
                    assert!(search.good < size && size < search.bad);
                    assert!(search.judge(size, judge(size)));
                    looks += 1;
                }
                end => return (end, looks),
            }
        }
    }

    fn bound(count: u64) -> u32 {
        (0..).find(|looks| 1_u64 << looks >= count).unwrap()
    }

    #[test]
    fn every_culprit_is_found_within_the_bound() {
        for count in (1..70).chain([127, 128, 129, 1000]) {
            for step in [1, 3, 7, 10, 64, 1000] {
                for shift in [0, 5] {
                    let kept = (shift..count + 20)
                        .step_by(step)
                        .map(|size| (size, ()))
                        .collect();
                    for culprit in 11..=10 + count {
                        let judge = |size| match size >= culprit {
                            true => Judgement::Bad,
                            false => Judgement::Good,
                        };
                        let (end, looks) = search((10, 10 + count), &kept, judge);
                        assert_eq!(end, Next::Found(culprit));
                        assert!(looks <= bound(count), "{looks} looks at {count} events");
                    }
                }
            }
        }
    }

    #[test]
    fn a_checkpoint_is_preferred_where_the_bound_allows_it() {
        let search = Search::new(0, 100).unwrap();
        let kept = |sizes: &[u64]| {
            sizes
                .iter()
                .map(|size| (*size, ()))
                .collect::<BTreeMap<_, _>>()
        };
        // 100 events take 7 looks, so each side may keep 64.
        for (sizes, next) in [
            (&[][..], 50),
            (&[36], 36),
            (&[35], 50),
            (&[64], 64),
            (&[65], 50),
            (&[40, 58], 58),
        ] {
            assert_eq!(search.next(&kept(sizes)), Next::Judge(next), "{sizes:?}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_gone_around() {
        let none = BTreeMap::new();
        for culprit in 1..=64 {
            for skipped in 1..64_u64 {
                let judge = |size| match size {
                    size if size % 8 == skipped % 8 => Judgement::Skip,
                    size if size >= culprit => Judgement::Bad,
                    _ => Judgement::Good,
                };
                match search((0, 64), &none, judge).0 {
                    Next::Found(found) => assert_eq!(found, culprit),
                    Next::Undecided(first, last) => {
                        assert!(first <= culprit && culprit <= last && last - first <= 1);
                    }
                    Next::Judge(_) => unreachable!("a search ends"),
                }
            }
        }
        let all = search((3, 9), &none, |_| Judgement::Skip);
        assert_eq!(all, (Next::Undecided(4, 9), 5));
    }

    #[test]
    fn where_it_changes_back_and_forth_a_change_is_found() {
        for seed in 0..500_u64 {
            let is_bad =
                |size: u64| size == 200 || (size > 0 && size.wrapping_mul(seed * 2 + 1) % 5 < 2);
            let judge = |size| match is_bad(size) {
                true => Judgement::Bad,
                false => Judgement::Good,
            };
            let Next::Found(found) = search((0, 200), &BTreeMap::new(), judge).0 else {
                panic!("nothing is skipped");
            };
            assert!(is_bad(found) && !is_bad(found - 1), "{found} with {seed}");
        }
    }

    #[test]
    fn a_search_has_something_between_its_ends() {
        assert_eq!(Search::new(5, 5), None);
        assert_eq!(Search::new(6, 5), None);
        let one = Search::new(4, 5).unwrap();
        assert_eq!(
            (one.looks_left(), one.next::<()>(&BTreeMap::new())),
            (0, Next::Found(5))
        );
        let mut search = Search::new(0, 4).unwrap();
        assert!(!search.judge(0, Judgement::Bad) && !search.judge(4, Judgement::Good));
    }
}
