//! End-to-end tests: they run the `artkg` program as a user does and look at
//! what it prints, returns and writes.

// clippy.toml allows `unwrap` in tests, but sees only functions marked as such.
#![allow(clippy::unwrap_used)]

mod program;

mod addresses;
mod captions;
mod compare;
mod exchange;
mod facts;
mod faults;
mod first_minute;
mod flavor;
mod import;
mod makers;
mod memory;
mod models;
mod origin;
mod outputs;
mod path;
mod resume;
mod retrieve;
mod settings;
mod tasks;
mod trust;
mod tune;
