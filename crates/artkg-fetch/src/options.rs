use std::time::Duration;

/// How images are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How many pixels the shorter side of an image needs, where a service has a choice.
    pub side: u32,
    /// Requests under way at once, to all hosts together.
    pub at_once: usize,
    /// Requests under way at once to one host.
    pub at_once_per_host: usize,
    /// How often a request is made again that failed in a way that may pass.
    pub retries: u32,
    /// The pause before the first repetition; each further one is twice as long.
    pub pause: Duration,
    /// The longest pause that a server's `Retry-After` may ask for.
    pub longest_pause: Duration,
    /// The longest that one request may take, its answer included.
    pub timeout: Duration,
    /// The most bytes of an answer.
    pub most_bytes: u64,
    /// How somebody who wonders about the requests reaches whoever makes them: an address
    /// of mail or of a page, for the `User-Agent`.
    pub contact: Option<String>,
    /// Whether machines of private networks may be asked.
    pub allow_private_hosts: bool,
}

impl Default for Options {
    /// An image of 512 pixels; eight requests at a time, two to a host.
    fn default() -> Self {
        Self {
            side: 512,
            at_once: 8,
            at_once_per_host: 2,
            retries: 4,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(120),
            timeout: Duration::from_secs(120),
            most_bytes: 512_000_000,
            contact: None,
            allow_private_hosts: false,
        }
    }
}

impl Options {
    /// `artkg/0.1.0 (+mailto:me@museum.example)`.
    pub(crate) fn user_agent(&self) -> String {
        let program = concat!("artkg/", env!("CARGO_PKG_VERSION"));
        match &self.contact {
            // A header is one line.
            Some(contact) => {
                let contact = contact.replace(|c: char| c.is_control() || !c.is_ascii(), "");
                format!("{program} (+{contact})")
            }
            None => program.to_owned(),
        }
    }
}
