//! One request after another to one address: redirects, repetitions, bounds.

use std::io::{self, Read};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ureq::Agent;
use url::Url;

use crate::address;
use crate::error::Fault;
use crate::guard::Guard;
use crate::options::Options;

/// Hops after one another.
const MOST_REDIRECTS: usize = 5;

/// How often a sleeper looks whether it is to stop.
const NAP: Duration = Duration::from_millis(50);

/// An answer, whole.
pub(crate) struct Answer {
    /// Where it came from in the end.
    pub(crate) url: Url,
    pub(crate) bytes: Vec<u8>,
}

/// Asks servers.
pub(crate) struct Client<'a> {
    agent: Agent,
    guard: Guard,
    options: &'a Options,
    is_stopped: &'a (dyn Fn() -> bool + Sync),
}

/// What a failed request may be followed by.
struct Refusal {
    fault: Fault,
    /// The pause that the server asks for.
    pause: Option<Duration>,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { fault, pause: None }
    }
}

impl<'a> Client<'a> {
    pub(crate) fn new(options: &'a Options, is_stopped: &'a (dyn Fn() -> bool + Sync)) -> Self {
        let guard = Guard::new(options.allow_private_hosts);
        let agent = ureq::AgentBuilder::new()
            .user_agent(&options.user_agent())
            // Each hop is checked here.
            .redirects(0)
            // A proxy would be the one to find the machines, and to reach private ones.
            .try_proxy_from_env(false)
            .timeout_connect(options.timeout.min(Duration::from_secs(20)))
            .max_idle_connections_per_host(options.at_once_per_host)
            .resolver(guard.clone())
            .build();
        Self {
            agent,
            guard,
            options,
            is_stopped,
        }
    }

    /// The answer to a request, made again while its failure may pass and `accept` says so
    /// of what came. `rests` is told of pauses that the host asks for.
    pub(crate) fn get(
        &self,
        url: &Url,
        kinds: &str,
        accept: impl Fn(&Answer) -> Result<(), Fault>,
        rests: impl Fn(Duration),
    ) -> Result<Answer, Fault> {
        let mut pause = self.options.pause;
        let mut attempt = 0;
        loop {
            if (self.is_stopped)() {
                return Err(Fault::Stopped);
            }
            let answer = self.follow(url, kinds).and_then(|answer| {
                accept(&answer)?;
                Ok(answer)
            });
            let refusal = match answer {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            if attempt == self.options.retries || !refusal.fault.may_pass() {
                return Err(refusal.fault);
            }
            attempt += 1;
            if let Some(asked) = refusal.pause {
                if asked > self.options.longest_pause {
                    return Err(match refusal.fault {
                        Fault::Status { status, .. } => Fault::Busy {
                            status,
                            pause: asked,
                        },
                        fault => fault,
                    });
                }
                rests(asked);
            }
            self.sleep(refusal.pause.unwrap_or(pause))?;
            pause = (2 * pause).min(self.options.longest_pause);
        }
    }

    fn sleep(&self, pause: Duration) -> Result<(), Fault> {
        let end = Instant::now() + pause;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            if (self.is_stopped)() {
                return Err(Fault::Stopped);
            }
            std::thread::sleep(left.min(NAP));
        }
        Ok(())
    }

    /// One request, and those that it is redirected to.
    fn follow(&self, url: &Url, kinds: &str) -> Result<Answer, Refusal> {
        let mut url = url.clone();
        let mut hops = 0;
        let end = Instant::now() + self.options.timeout;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Fault::Timeout(self.options.timeout).into());
            }
            let response = self.ask(&url, kinds, left)?;
            if !matches!(response.status(), 301 | 302 | 303 | 307 | 308) {
                let bytes = self.body(response)?;
                return Ok(Answer { url, bytes });
            }
            hops += 1;
            if hops > MOST_REDIRECTS {
                let reason = format!("more than {MOST_REDIRECTS} redirects after one another");
                return Err(Fault::Redirect(reason).into());
            }
            let Some(target) = response.header("Location").map(str::to_owned) else {
                return Err(Fault::Redirect("a redirect to nowhere".to_owned()).into());
            };
            url = url.join(&target).map_err(|error| {
                Fault::Redirect(format!("a redirect to nowhere ({error}): `{target}`"))
            })?;
            address::check(&url)?;
        }
    }

    fn ask(&self, url: &Url, kinds: &str, left: Duration) -> Result<ureq::Response, Refusal> {
        let request = self
            .agent
            .request_url("GET", url)
            .timeout(left)
            .set("Accept", kinds);
        // What is counted is what is sent.
        match request.set("Accept-Encoding", "identity").call() {
            Ok(response) => Ok(response),
            Err(ureq::Error::Status(status, response)) => {
                let asked = response.header("Retry-After");
                Err(Refusal {
                    pause: asked.and_then(|text| pause_of(text, SystemTime::now())),
                    fault: Fault::Status {
                        status,
                        reason: printable(response.status_text()),
                    },
                })
            }
            Err(ureq::Error::Transport(error)) => {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
                if let Some(ip) = self.guard.refused(host) {
                    let host = host.to_owned();
                    return Err(Fault::PrivateHost { host, ip }.into());
                }
                let source = std::error::Error::source(&error);
                let io = source.and_then(|source| source.downcast_ref::<io::Error>());
                if io.is_some_and(is_timeout) {
                    return Err(Fault::Timeout(self.options.timeout).into());
                }
                let mut words = vec![error.kind().to_string()];
                words.extend(error.message().map(str::to_owned));
                words.extend(source.map(ToString::to_string));
                Err(Fault::Connection(printable(&words.join(": "))).into())
            }
        }
    }

    /// The body of an answer, whole and within bounds.
    fn body(&self, response: ureq::Response) -> Result<Vec<u8>, Fault> {
        let most = self.options.most_bytes;
        let expected = response.header("Content-Length");
        let expected = expected.and_then(|text| text.trim().parse::<u64>().ok());
        if expected.is_some_and(|expected| expected > most) {
            return Err(Fault::TooLong { most });
        }
        let mut bytes = Vec::new();
        let read = response
            .into_reader()
            .take(most + 1)
            .read_to_end(&mut bytes);
        let received = bytes.len() as u64;
        match read {
            Ok(_) if received > most => Err(Fault::TooLong { most }),
            Ok(_) if expected.is_some_and(|expected| received < expected) => {
                Err(Fault::CutShort { received, expected })
            }
            Ok(_) => Ok(bytes),
            Err(error) if is_timeout(&error) => Err(Fault::Timeout(self.options.timeout)),
            Err(_) => Err(Fault::CutShort { received, expected }),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
    )
}

/// What somebody else's program said, as one short line.
fn printable(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    text.trim().to_owned()
}

/// The pause that a `Retry-After` asks for: seconds, or a date of RFC 9110's first form.
fn pause_of(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // Sun, 06 Nov 1994 08:49:37 GMT
    let parts: Vec<&str> = text
        .split([' ', ':'])
        .filter(|part| !part.is_empty())
        .collect();
    let &[_, day, month, year, hour, minute, second, "GMT"] = &parts[..] else {
        return None;
    };
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let [day, year, hour, minute, second] = [day, year, hour, minute, second]
        .map(|part| part.parse::<u64>().ok().filter(|n| *n < 10_000));
    let seconds = ((days(year?, month, day?)? * 24 + hour?) * 60 + minute?) * 60 + second?;
    let then = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    Some(then.duration_since(now).unwrap_or_default())
}

/// Days from 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant's
/// `days_from_civil`).
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 {
        year.checked_sub(1)?
    } else {
        year
    };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (era * 146_097 + of_era).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_seconds_or_dates() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_770);
        let seconds = |text| pause_of(text, now).map(|pause| pause.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(
            seconds("Thu, 29 Feb 2024 00:00:00 GMT"),
            Some(1_709_164_800 - 784_111_770)
        );
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-5"), None);
    }

    #[test]
    fn what_servers_say_is_one_line() {
        assert_eq!(printable("Not\r\n\u{1b}[31m Found"), "Not[31m Found");
    }
}
