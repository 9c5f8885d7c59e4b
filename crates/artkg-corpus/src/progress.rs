/// Told how far a long step is: its name, how many items are done, of how many.
///
/// Called from several threads at once.
pub type Progress<'a> = dyn Fn(&str, usize, usize) + Sync + 'a;

/// A [`Progress`] that shows nothing.
pub fn silent(_step: &str, _done: usize, _total: usize) {}
