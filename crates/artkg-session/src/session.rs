use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use artkg_files::checksum::Checksum;
use artkg_nn::{Device, processor};

use crate::event::{Activity, Event};
use crate::observer::{Observer, Silent};
use crate::stop::StopFlag;

/// Threads, device, stop and observer of some work. Clones share all of it.
#[derive(Clone)]
pub struct Session {
    threads: usize,
    device: Device,
    stop: StopFlag,
    observer: Arc<dyn Observer>,
    /// The sentences of what was left out.
    left_out: Arc<Mutex<HashSet<String>>>,
    /// What was warned of.
    warnings: Arc<Mutex<HashSet<String>>>,
}

impl Session {
    /// Work that is watched by `observer`, on the processor unless
    /// [`Session::on`] says otherwise.
    pub fn new(threads: usize, stop: StopFlag, observer: Arc<dyn Observer>) -> Self {
        Self {
            threads: threads.max(1),
            device: processor(),
            stop,
            observer,
            left_out: Arc::default(),
            warnings: Arc::default(),
        }
    }

    /// Work that nobody watches.
    pub fn silent(threads: usize) -> Self {
        Self::new(threads, StopFlag::new(), Arc::new(Silent))
    }

    /// The same work on another device.
    pub fn on(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// The same work, watched by another observer.
    pub fn watched_by(&self, observer: Arc<dyn Observer>) -> Self {
        Self {
            observer,
            ..self.clone()
        }
    }

    /// How many threads may decode images or walk a graph; one at least.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Where networks compute.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What asks for the end.
    pub fn stop(&self) -> &StopFlag {
        &self.stop
    }

    /// Whether the end has been asked for.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_set()
    }

    /// Tells the observer.
    pub fn observe(&self, event: &Event<'_>) {
        self.observer.observe(event);
    }

    /// Tells the observer that so many things are done of a total.
    pub fn advance(&self, activity: Activity, done: usize, total: usize) {
        self.observe(&Event::Advanced {
            activity,
            done,
            total,
        });
    }

    /// Tells the observer what was left out, in a sentence that names it: once, however
    /// often the work comes across it.
    pub fn left_out(&self, sentence: &str) {
        if is_new(&self.left_out, sentence) {
            self.observe(&Event::LeftOut(sentence));
        }
    }

    /// How many things were left out so far.
    pub fn left_out_count(&self) -> usize {
        let known = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        known.len()
    }

    /// Tells the observer something worth a line.
    pub fn message(&self, text: &str) {
        self.observe(&Event::Message(text));
    }

    /// Tells the observer what whoever uses the results has to know: once, however often
    /// the work comes across it.
    pub fn warn(&self, sentence: &str) {
        if is_new(&self.warnings, sentence) {
            self.observe(&Event::Warning(sentence));
        }
    }

    /// Tells the observer that nothing vouches for a file that was read, where it does
    /// not say its checksum.
    pub fn vouch(&self, path: &Path, checksum: Option<&Checksum>) {
        if let Some(warning) = checksum.and_then(|checksum| checksum.warning(path)) {
            self.warn(&warning);
        }
    }
}

/// Whether `sentence` was not among the known ones, where it is from now on.
fn is_new(known: &Mutex<HashSet<String>>, sentence: &str) -> bool {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known.insert(sentence.to_owned())
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("threads", &self.threads)
            .field("device", &self.device)
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Lines(Mutex<Vec<String>>);

    impl Observer for Lines {
        fn observe(&self, event: &Event<'_>) {
            let line = match event {
                Event::Advanced {
                    activity,
                    done,
                    total,
                } => format!("{done} of {total} {activity}"),
                Event::LeftOut(sentence) => format!("left out: {sentence}"),
                other => format!("{other:?}"),
            };
            self.0.lock().unwrap().push(line);
        }
    }

    #[test]
    fn clones_share_the_observer_and_the_stop() {
        let lines = Arc::new(Lines::default());
        let session = Session::new(0, StopFlag::new(), Arc::clone(&lines) as Arc<dyn Observer>);
        assert_eq!(session.threads(), 1, "somebody has to do the work");
        let clone = session.clone();
        clone.advance(Activity::Encoding, 1, 3);
        clone.left_out("two.txt: no text");
        session.left_out("two.txt: no text");
        assert_eq!(session.left_out_count(), 1);
        clone.stop().stop();
        assert!(session.is_stopped());
        session.watched_by(Arc::new(Silent)).message("unheard");
        session.warn("careful");
        clone.warn("careful");
        assert_eq!(
            *lines.0.lock().unwrap(),
            [
                "1 of 3 texts",
                "left out: two.txt: no text",
                "Warning(\"careful\")"
            ]
        );
    }
}
