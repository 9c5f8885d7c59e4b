//! End-to-end tests: they run the `artkg` program as a user does and look at
//! what it prints, returns and writes.

mod program;

mod faults;
mod path;
mod resume;
