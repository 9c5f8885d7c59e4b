//! Whose turn it is: few requests at a time to each host, none while it rests.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often somebody who waits looks again.
const NAP: Duration = Duration::from_millis(50);

/// Work that waits, by host.
pub(crate) struct Hosts {
    state: Mutex<HashMap<String, Host>>,
    changed: Condvar,
    at_once: usize,
}

#[derive(Default)]
struct Host {
    waiting: VecDeque<usize>,
    under_way: usize,
    rests_until: Option<Instant>,
}

impl Hosts {
    /// The work of each number for its host, at most `at_once` of a host under way.
    pub(crate) fn new(work: impl IntoIterator<Item = (String, usize)>, at_once: usize) -> Self {
        let mut hosts: HashMap<String, Host> = HashMap::new();
        for (host, number) in work {
            hosts.entry(host).or_default().waiting.push_back(number);
        }
        Self {
            state: Mutex::new(hosts),
            changed: Condvar::new(),
            at_once: at_once.max(1),
        }
    }

    /// The next work that may begin, once there is some; `None` when no more waits, or at
    /// the stop.
    pub(crate) fn next(&self, is_stopped: &dyn Fn() -> bool) -> Option<(String, usize)> {
        let mut hosts = self.lock();
        loop {
            if is_stopped() || hosts.values().all(|host| host.waiting.is_empty()) {
                return None;
            }
            let now = Instant::now();
            let is_free = |host: &Host| {
                let is_resting = host.rests_until.is_some_and(|until| until > now);
                host.under_way < self.at_once && !host.waiting.is_empty() && !is_resting
            };
            if let Some((name, host)) = hosts.iter_mut().find(|(_, host)| is_free(host))
                && let Some(number) = host.waiting.pop_front()
            {
                host.under_way += 1;
                return Some((name.clone(), number));
            }
            let waited = self.changed.wait_timeout(hosts, NAP);
            hosts = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Begins nothing new with a host for a while.
    pub(crate) fn rest(&self, host: &str, pause: Duration) {
        if let Some(host) = self.lock().get_mut(host) {
            host.rests_until = host.rests_until.max(Some(Instant::now() + pause));
        }
    }

    /// Notes that some work with a host is over.
    pub(crate) fn done(&self, host: &str) {
        if let Some(host) = self.lock().get_mut(host) {
            host.under_way -= 1;
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_asked_so_much_at_a_time_and_not_while_it_rests() {
        let work = (0..3).map(|number| ("a".to_owned(), number));
        let hosts = Hosts::new(work.chain([("b".to_owned(), 3)]), 1);
        let take = || hosts.next(&|| false);
        let mut first = [take().unwrap(), take().unwrap()];
        first.sort();
        assert_eq!(first, [("a".to_owned(), 0), ("b".to_owned(), 3)]);
        hosts.rest("a", Duration::from_millis(120));
        hosts.done("a");
        let start = Instant::now();
        assert_eq!(take(), Some(("a".to_owned(), 1)));
        assert!(start.elapsed() >= Duration::from_millis(100));
        hosts.done("a");
        assert_eq!(take(), Some(("a".to_owned(), 2)));
        assert_eq!(take(), None);
        assert_eq!(hosts.next(&|| true), None);
    }
}
