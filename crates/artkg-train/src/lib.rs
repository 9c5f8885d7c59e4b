//! One training loop for every model: epochs, schedules, checkpoints, metrics and reports.
