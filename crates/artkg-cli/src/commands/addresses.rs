//! Images by their addresses, for the commands that take them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use artkg_fetch::{Cache, Fault, Fetched, Options, fetch};
use artkg_session::{Activity, Session};
use clap::Args;

/// How servers are asked.
#[derive(Args)]
pub(crate) struct RequestArguments {
    /// How whoever runs a server that is asked for images reaches you: an address of mail or of a
    /// page, sent along with each request
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Seconds that one request may take, its answer included
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u16).range(1..))]
    request_timeout: u16,
    /// Also fetch images from this machine and private networks
    #[arg(long)]
    allow_private_hosts: bool,
}

impl RequestArguments {
    /// Brings the images of `addresses`, whose shorter side needs `side` pixels, into a
    /// folder. Those that cannot be had are left out of the session.
    pub(crate) fn bring(
        &self,
        addresses: &[String],
        folder: &Path,
        side: u32,
        session: &Session,
    ) -> Vec<Fetched> {
        let options = Options {
            side,
            contact: self.contact.clone(),
            timeout: Duration::from_secs(self.request_timeout.into()),
            allow_private_hosts: self.allow_private_hosts,
            ..Options::default()
        };
        let total = addresses.len();
        let is_stopped = || session.is_stopped();
        let show = |done| session.advance(Activity::Fetching, done, total);
        let fetched = fetch(addresses, &Cache::new(folder), &options, &is_stopped, &show);
        if !session.is_stopped() {
            for error in fetched
                .iter()
                .filter_map(|fetched| fetched.file.as_ref().err())
            {
                session.left_out(&error.to_string());
            }
            let faults = fetched
                .iter()
                .filter_map(|fetched| fetched.file.as_ref().err());
            if faults.map(|error| &error.fault).any(is_private) {
                session.message(
                    "help: `--allow-private-hosts` fetches from private networks too, where you \
                     trust whoever wrote the addresses",
                );
            }
        }
        fetched
    }
}

fn is_private(fault: &Fault) -> bool {
    matches!(fault, Fault::PrivateHost { .. })
}

/// The addresses among paths, each once, and the other paths.
pub(crate) fn split(paths: Vec<PathBuf>) -> (Vec<String>, Vec<PathBuf>) {
    let is_address = |path: &PathBuf| path.to_str().is_some_and(artkg_files::is_address);
    let (addresses, paths): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_address);
    let mut seen = HashSet::new();
    let addresses = addresses
        .iter()
        .map(|path| path.to_string_lossy().into_owned());
    let addresses = addresses.filter(|address| seen.insert(address.clone()));
    (addresses.collect(), paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_are_told_apart_in_order() {
        let paths = [
            "b.jpg",
            "https://a.example/1",
            "a.jpg",
            "http://a.example/0",
            "https://a.example/1",
        ];
        let (addresses, paths) = split(paths.map(PathBuf::from).into());
        assert_eq!(addresses, ["https://a.example/1", "http://a.example/0"]);
        assert_eq!(paths, ["b.jpg", "a.jpg"].map(PathBuf::from));
    }
}
