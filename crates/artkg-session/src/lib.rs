//! What work needs beside its subject: threads, a device, a way to stop it, and
//! somebody who watches. A program makes one [`Session`] and hands it down.

mod event;
mod observer;
mod session;
mod stop;

pub use event::{Activity, EpochProgress, Event, StepProgress};
pub use observer::{Observer, Silent};
pub use session::Session;
pub use stop::StopFlag;
