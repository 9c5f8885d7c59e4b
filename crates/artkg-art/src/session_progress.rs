use artkg_session::{EpochProgress, Event, Session};
use artkg_train::{EpochRecord, Progress, StepProgress};

/// Hands the progress of training to the observer of a session.
pub struct SessionProgress<'a>(/** Whose observer is told. */ pub &'a Session);

impl Progress for SessionProgress<'_> {
    fn step(&mut self, progress: &StepProgress) {
        self.0.observe(&Event::Step(&step(progress)));
    }

    fn validation(&mut self, epoch: usize) {
        self.0.observe(&Event::Validation(epoch));
    }

    fn epoch(&mut self, record: &EpochRecord, progress: &StepProgress) {
        self.0.observe(&Event::Epoch(&EpochProgress {
            step: step(progress),
            loss: record.loss,
            validation: &record.validation,
            best: record.best,
            examples_per_second: record.examples_per_second,
        }));
    }

    fn message(&mut self, text: &str) {
        self.0.message(text);
    }
}

fn step(progress: &StepProgress) -> artkg_session::StepProgress {
    artkg_session::StepProgress {
        epoch: progress.epoch,
        epochs: progress.epochs,
        step: progress.step,
        steps: progress.steps,
        loss: progress.loss,
        examples_per_second: progress.examples_per_second,
        time_left: progress.time_left,
    }
}
