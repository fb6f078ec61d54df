//! What is to happen later, by the clock of the business.
//!
//! In: jobs with their time. Out: those that are due. The queue is in memory; what must survive a restart
//! is in the store, from which the queue is filled again.

use std::collections::BTreeMap;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// A notification, by its key in the store.
    Notify(String),
    /// Something of this kind and key goes on without the tester.
    Settle(&'static str, String),
}

/// Jobs by the time in milliseconds at which they are due, and the order in which they came.
#[derive(Debug, Default)]
pub struct Schedule {
    jobs: BTreeMap<(u64, u64), Job>,
    next: u64,
}

impl Schedule {
    /// Adds a job.
    pub fn add(&mut self, at: u64, job: Job) {
        self.next += 1;
        self.jobs.insert((at, self.next), job);
    }

    /// Takes a job that is due.
    pub fn due(&mut self, now: u64) -> Option<Job> {
        let first = self.jobs.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// When the next job is due.
    pub fn next(&self) -> Option<u64> {
        self.jobs.first_key_value().map(|((at, _), _)| *at)
    }

    /// Forgets all jobs.
    pub fn clear(&mut self) {
        self.jobs.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_come_in_order_when_they_are_due() {
        let mut schedule = Schedule::default();
        for (at, name) in [(5, "c"), (1, "a"), (1, "b")] {
            schedule.add(at, Job::Notify(name.into()));
        }
        assert_eq!(schedule.due(0), None);
        assert_eq!(schedule.next(), Some(1));
        let names: Vec<_> = std::iter::from_fn(|| schedule.due(5)).collect();
        assert_eq!(names, ["a", "b", "c"].map(|name| Job::Notify(name.into())));
    }
}
