use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use artkg_image::{DecodeLimits, recognise};
use url::Url;

use crate::address;
use crate::cache::Cache;
use crate::client::{Answer, Client};
use crate::error::{Error, Fault, Result};
use crate::hosts::Hosts;
use crate::iiif::{ImageAddress, Service};
use crate::options::Options;

const IMAGES: &str = "image/*, application/ld+json;q=0.5, */*;q=0.1";
const DESCRIPTIONS: &str = "application/ld+json, application/json;q=0.9";

/// An image that was asked for.
#[derive(Debug)]
pub struct Fetched {
    /// Its file, or why there is none.
    pub file: Result<PathBuf>,
    /// Whether it was there already.
    pub was_there: bool,
}

/// Brings the images of `addresses` into the cache, in the order of the addresses; one
/// that is there, or that is named twice, is not asked for again. `done` is told how many
/// are behind us.
///
/// An image that cannot be had is an error in its place and stops nothing; a second call
/// asks for just these. Where the work is stopped, so are those that are left.
pub fn fetch(
    addresses: &[String],
    cache: &Cache,
    options: &Options,
    is_stopped: &(dyn Fn() -> bool + Sync),
    done: &(dyn Fn(usize) + Sync),
) -> Vec<Fetched> {
    let mut results: Vec<Option<Fetched>> = addresses.iter().map(|_| None).collect();
    let mut first_of: HashMap<&str, usize> = HashMap::new();
    let mut work = Vec::new();
    for (number, text) in addresses.iter().enumerate() {
        if first_of.contains_key(text.as_str()) {
            continue;
        }
        first_of.insert(text, number);
        let found = match cache.get(text) {
            Some(file) => Some(Fetched {
                file: Ok(file),
                was_there: true,
            }),
            None => match address::parse(text) {
                Ok(url) => {
                    let host = url.host_str().unwrap_or_default().to_owned();
                    work.push((host, number));
                    None
                }
                Err(fault) => Some(failed(text, fault)),
            },
        };
        results[number] = found;
    }
    let behind = results.iter().flatten().count();
    done(behind);
    let threads = options.at_once.clamp(1, work.len().max(1));
    let hosts = Hosts::new(work, options.at_once_per_host);
    let client = Client::new(options, is_stopped);
    let finished = Mutex::new((behind, results));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((host, number)) = hosts.next(is_stopped) {
                    let one = One {
                        client: &client,
                        cache,
                        options,
                        rests: &|pause| hosts.rest(&host, pause),
                    };
                    let text = &addresses[number];
                    let fetched = match one.fetch(text) {
                        Ok(file) => Fetched {
                            file: Ok(file),
                            was_there: false,
                        },
                        Err(fault) => failed(text, fault),
                    };
                    hosts.done(&host);
                    let mut finished = finished.lock().unwrap_or_else(PoisonError::into_inner);
                    finished.0 += 1;
                    finished.1[number] = Some(fetched);
                    let behind = finished.0;
                    drop(finished);
                    done(behind);
                }
            });
        }
    });
    let (_, mut results) = finished
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    for (number, text) in addresses.iter().enumerate() {
        if results[number].is_none() {
            let first = first_of
                .get(text.as_str())
                .filter(|first| **first != number);
            let copied = first.and_then(|&first| results[first].as_ref());
            results[number] = Some(match copied.map(|first| &first.file) {
                Some(Ok(file)) => Fetched {
                    file: Ok(file.clone()),
                    was_there: true,
                },
                Some(Err(error)) => failed(text, Fault::Again(error.fault.to_string())),
                None => failed(text, Fault::Stopped),
            });
        }
    }
    results.into_iter().flatten().collect()
}

fn failed(address: &str, fault: Fault) -> Fetched {
    Fetched {
        file: Err(Error {
            address: address.to_owned(),
            fault,
        }),
        was_there: false,
    }
}

/// What fetching one image needs.
struct One<'a> {
    client: &'a Client<'a>,
    cache: &'a Cache,
    options: &'a Options,
    rests: &'a dyn Fn(Duration),
}

impl One<'_> {
    fn fetch(&self, text: &str) -> std::result::Result<PathBuf, Fault> {
        let url = address::parse(text)?;
        let answer = match ImageAddress::of(&url) {
            Some(image) => self.of_service(&image, &url)?,
            None => {
                let answer = self.ask(&url, IMAGES, |answer| {
                    match Service::is_description(&answer.bytes) {
                        true => Ok(()),
                        false => self.is_image(answer),
                    }
                })?;
                match Service::is_description(&answer.bytes) {
                    // The bare address of a service leads to its description.
                    true => self.described(&answer)?,
                    false => answer,
                }
            }
        };
        self.cache.put(text, &answer.bytes)
    }

    /// The image of a service at the size that is needed; of one that does not describe
    /// itself, what `url` asks for.
    fn of_service(&self, image: &ImageAddress, url: &Url) -> std::result::Result<Answer, Fault> {
        let info = address::parse(&image.info())?;
        let described = self.ask(&info, DESCRIPTIONS, |_| Ok(()));
        let answer = described.and_then(|answer| self.described(&answer));
        let is_description = *url == info;
        match answer {
            Err(Fault::Status { status, .. })
                if status < 500 && status != 429 && !is_description =>
            {
                self.ask(url, IMAGES, |answer| self.is_image(answer))
            }
            Err(Fault::Service(_)) if !is_description => {
                self.ask(url, IMAGES, |answer| self.is_image(answer))
            }
            answer => answer,
        }
    }

    /// The image that a description describes.
    fn described(&self, description: &Answer) -> std::result::Result<Answer, Fault> {
        let mut base = description.url.clone();
        base.set_query(None);
        base.set_fragment(None);
        let base = base
            .as_str()
            .trim_end_matches("info.json")
            .trim_end_matches('/');
        let service = Service::read(&description.bytes, base)?;
        let sized = address::parse(&service.image(self.options.side))?;
        self.ask(&sized, IMAGES, |answer| self.is_image(answer))
    }

    fn ask(
        &self,
        url: &Url,
        kinds: &str,
        accept: impl Fn(&Answer) -> std::result::Result<(), Fault>,
    ) -> std::result::Result<Answer, Fault> {
        self.client.get(url, kinds, accept, self.rests)
    }

    /// Whether an answer is an image, and all of it: servers say 200 and send a page, or
    /// announce fewer bytes than there are. One that only this machine has no memory for
    /// or no decoder is kept as it is.
    fn is_image(&self, answer: &Answer) -> std::result::Result<(), Fault> {
        recognise(&answer.bytes).map_err(|found| Fault::NotAnImage { found })?;
        let limits = DecodeLimits {
            smallest_side: Some(self.options.side),
            ..DecodeLimits::default()
        };
        let name = "the answer".as_ref();
        match artkg_image::read_picture_bytes(&answer.bytes, name, &limits) {
            Err(artkg_image::Error::Truncated { .. } | artkg_image::Error::Damaged { .. }) => {
                Err(Fault::CutShort {
                    received: answer.bytes.len() as u64,
                    expected: None,
                })
            }
            _ => Ok(()),
        }
    }
}
