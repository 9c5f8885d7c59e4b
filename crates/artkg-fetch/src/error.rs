use std::net::IpAddr;
use std::time::Duration;

/// An image that could not be had.
#[derive(Debug, thiserror::Error)]
#[error("{address}: {fault}")]
pub struct Error {
    /// The address that was asked for.
    pub address: String,
    /// What went wrong, the last time it was tried.
    pub fault: Fault,
}

/// A machine as it was asked for, and where its name leads.
fn which(host: &str, ip: IpAddr) -> String {
    match host.parse::<IpAddr>() {
        Ok(asked) if ip == asked => format!("{ip} is"),
        _ => format!("{host} is {ip},"),
    }
}

/// Why an image could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// No address of the web.
    #[error("no http or https address: {0}")]
    Address(String),
    /// The machine is none of the public network.
    #[error("{} an address of a private network or of this machine", which(host, *ip))]
    PrivateHost {
        /// The name that was asked for.
        host: String,
        /// Where it leads.
        ip: IpAddr,
    },
    /// The machine cannot be reached, or the connection broke.
    #[error("{0}")]
    Connection(String),
    /// The server did not answer in time.
    #[error("no whole answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// The server says that there is no such thing, or that something is wrong.
    #[error("the server answers {status}{}", said(reason))]
    Status {
        /// The status code.
        status: u16,
        /// What the server calls it.
        reason: String,
    },
    /// The server asks for a longer pause than is granted.
    #[error("the server answers {status} and asks to be left alone for {} s", .pause.as_secs())]
    Busy {
        /// The status code.
        status: u16,
        /// The pause.
        pause: Duration,
    },
    /// A redirect to nowhere, or one after another.
    #[error("{0}")]
    Redirect(String),
    /// The answer ends before the length that it announced.
    #[error("the answer is cut short: {received} bytes{}", announced(*.expected))]
    CutShort {
        /// Bytes that came.
        received: u64,
        /// Bytes that were announced.
        expected: Option<u64>,
    },
    /// The answer is longer than allowed.
    #[error("the answer has more than {most} bytes")]
    TooLong {
        /// The most bytes allowed.
        most: u64,
    },
    /// The answer is no image that is read.
    #[error("the answer is {found}, no image")]
    NotAnImage {
        /// What it looks like.
        found: String,
    },
    /// An image service that cannot be asked.
    #[error("the image service's info.json: {0}")]
    Service(String),
    /// The folder of fetched images.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// The same address has failed already.
    #[error("{0} (named twice)")]
    Again(String),
    /// The work was stopped.
    #[error("stopped before it was there")]
    Stopped,
}

fn said(reason: &str) -> String {
    match reason.is_empty() {
        true => String::new(),
        false => format!(" ({reason})"),
    }
}

fn announced(expected: Option<u64>) -> String {
    expected.map_or_else(String::new, |expected| format!(" of {expected}"))
}

impl Fault {
    /// Whether the same request may succeed later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Connection(_) | Self::Timeout(_) | Self::CutShort { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502..=504),
            _ => false,
        }
    }
}

/// The result of fetching an image.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_the_address_and_what_was_said() {
        let error = |fault| {
            let address = "https://a.example/1.jpg".to_owned();
            Error { address, fault }.to_string()
        };
        let status = Fault::Status {
            status: 404,
            reason: "Not Found".to_owned(),
        };
        assert!(!status.may_pass());
        assert_eq!(
            error(status),
            "https://a.example/1.jpg: the server answers 404 (Not Found)"
        );
        let cut = Fault::CutShort {
            received: 10,
            expected: Some(20),
        };
        assert!(cut.may_pass());
        assert!(error(cut).ends_with("cut short: 10 bytes of 20"));
        for (host, says) in [
            ("127.0.0.1", "127.0.0.1 is an address of a private network"),
            (
                "intra.example",
                "intra.example is 127.0.0.1, an address of a private",
            ),
        ] {
            let private = Fault::PrivateHost {
                host: host.to_owned(),
                ip: [127, 0, 0, 1].into(),
            };
            assert!(private.to_string().starts_with(says), "{private}");
        }
    }
}
