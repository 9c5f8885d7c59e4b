//! The IIIF Image API, versions 2 and 3 (<https://iiif.io/api/image/>): a service says in
//! its `info.json` which sizes of an image it makes or has.

use serde_json::Value;
use url::Url;

use crate::error::Fault;

/// How much longer than wanted a side may become: no painting needs more.
const LONGEST: u64 = 8;

/// An image of a service, or its description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageAddress {
    /// The address without what is asked for.
    pub(crate) base: String,
}

impl ImageAddress {
    /// The service behind the address of a whole image or of its `info.json`; `None` for
    /// any other address, that of a part or a given size included, which is what is wanted.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        if url.query().is_some() {
            return None;
        }
        let address = url.as_str().split('#').next().unwrap_or_default();
        if let Some(base) = address.strip_suffix("/info.json") {
            return Some(Self {
                base: base.to_owned(),
            });
        }
        let mut parts = address.rsplitn(5, '/');
        let (file, rotation, size, region) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let base = parts.next()?;
        let (quality, _) = file.split_once('.')?;
        let is_whole = region == "full"
            && matches!(size, "full" | "max")
            && rotation == "0"
            && matches!(quality, "default" | "native" | "color");
        is_whole.then(|| Self {
            base: base.to_owned(),
        })
    }

    /// The address of the description.
    pub(crate) fn info(&self) -> String {
        format!("{}/info.json", self.base)
    }
}

/// What a service says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    base: String,
    version: u8,
    /// How much it makes on demand: 0 nothing, 1 a size of given width, 2 any.
    level: u8,
    size: (u64, u64),
    /// The sizes that it has.
    sizes: Vec<(u64, u64)>,
    most: Most,
}

/// The largest image that a service gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Most {
    width: Option<u64>,
    height: Option<u64>,
    area: Option<u64>,
}

impl Service {
    /// Whether a text is the description of an image service.
    pub(crate) fn is_description(text: &[u8]) -> bool {
        let begins_object = text.trim_ascii_start().first() == Some(&b'{');
        begins_object
            && serde_json::from_slice::<Value>(text).is_ok_and(|value| version_of(&value).is_some())
    }

    /// Reads an `info.json` that came from the service at `base`.
    pub(crate) fn read(text: &[u8], base: &str) -> Result<Self, Fault> {
        let faulty = |reason: &str| Fault::Service(reason.to_owned());
        let value: Value =
            serde_json::from_slice(text).map_err(|error| Fault::Service(error.to_string()))?;
        let version = version_of(&value).ok_or_else(|| faulty("it is of no image service"))?;
        let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64);
        let pair = |value: &Value| Some((number(value, "width")?, number(value, "height")?));
        let size = pair(&value)
            .filter(|&(width, height)| width > 0 && height > 0)
            .ok_or_else(|| faulty("it gives no width and height"))?;
        let sizes = value.get("sizes").and_then(Value::as_array);
        // A description may move the service, but not to another machine.
        let id = ["id", "@id"]
            .iter()
            .find_map(|name| value.get(name)?.as_str());
        let host = |text: &str| Url::parse(text).ok().map(|url| url.origin());
        let base = match id {
            Some(id) if host(id) == host(base) => id,
            _ => base,
        };
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            version,
            level: level_of(&value),
            size,
            sizes: sizes.into_iter().flatten().filter_map(pair).collect(),
            most: {
                let width = number(&value, "maxWidth");
                Most {
                    width,
                    // The one stands for both where there is no other.
                    height: number(&value, "maxHeight").or(width),
                    area: number(&value, "maxArea"),
                }
            },
        })
    }

    /// The address of the image at the least size whose shorter side has `side` pixels,
    /// or as near as the service has it.
    pub(crate) fn image(&self, side: u32) -> String {
        let side = u64::from(side.max(1));
        let size = match self.chosen(side) {
            None if self.version >= 3 => "max".to_owned(),
            // Version 2.0 does not know `max`; 2.1 takes both.
            None => "full".to_owned(),
            Some((width, _)) if self.version < 3 => format!("{width},"),
            Some((width, height)) => format!("{width},{height}"),
        };
        format!("{}/full/{size}/0/default.jpg", self.base)
    }

    /// The size to ask for; `None` for the largest that there is.
    fn chosen(&self, side: u64) -> Option<(u64, u64)> {
        let shorter = |&(width, height): &(u64, u64)| width.min(height);
        // What lies there costs the server nothing.
        let mut there: Vec<(u64, u64)> = self.sizes.clone();
        there.retain(|size| shorter(size) > 0 && self.most.allows(*size));
        there.sort_by_key(shorter);
        let enough = there.iter().copied().find(|size| shorter(size) >= side);
        if enough.is_some() && (self.level == 0 || enough.as_ref().map(shorter) <= Some(2 * side)) {
            return enough;
        }
        if self.level == 0 {
            // Nothing is made on demand: the largest that is there, unless the whole is.
            return match there.last() {
                Some(&largest) if self.most != Most::default() => Some(largest),
                _ => None,
            };
        }
        if shorter(&self.size) <= side {
            return self
                .most
                .bounded(self.size)
                .filter(|size| *size != self.size);
        }
        let scaled = |length: u64| (length * side).div_ceil(shorter(&self.size)).max(1);
        let wanted = (scaled(self.size.0), scaled(self.size.1));
        // A strip is not asked for at any length.
        let longest = wanted.0.max(wanted.1);
        let wanted = match longest > LONGEST * side {
            true => (
                wanted.0 * LONGEST * side / longest,
                wanted.1 * LONGEST * side / longest,
            ),
            false => wanted,
        };
        self.most.bounded((wanted.0.max(1), wanted.1.max(1)))
    }
}

impl Most {
    fn allows(&self, size: (u64, u64)) -> bool {
        self.bounded(size) == Some(size)
    }

    /// The size, or the largest of its shape that is given.
    fn bounded(&self, (width, height): (u64, u64)) -> Option<(u64, u64)> {
        let share = |most: Option<u64>, length: f64| most.map_or(1.0, |most| most as f64 / length);
        let area = share(self.area, width as f64 * height as f64).sqrt();
        let share = share(self.width, width as f64)
            .min(share(self.height, height as f64))
            .min(area);
        if share >= 1.0 {
            return Some((width, height));
        }
        let scaled = |length: u64| ((length as f64 * share).floor() as u64).max(1);
        Some((scaled(width), scaled(height)))
    }
}

/// The version of the Image API that a description is written for.
fn version_of(value: &Value) -> Option<u8> {
    let names = |name: &str| {
        let value = value.get(name);
        let one = value.and_then(Value::as_str).into_iter();
        let many = value.and_then(Value::as_array).into_iter().flatten();
        let many = many.filter_map(Value::as_str);
        one.chain(many).map(str::to_owned).collect::<Vec<String>>()
    };
    let contexts = names("@context");
    let is_of = |number: u8| {
        let address = format!("//iiif.io/api/image/{number}/");
        contexts.iter().any(|context| context.contains(&address))
    };
    let is_service = names("protocol")
        .iter()
        .any(|name| name.contains("iiif.io/api/image"));
    let by_type = names("type").iter().any(|name| name == "ImageService3");
    match () {
        () if is_of(3) || by_type => Some(3),
        () if is_of(2) || is_service => Some(2),
        () => None,
    }
}

/// The level of compliance, which says what sizes are made on demand.
fn level_of(value: &Value) -> u8 {
    let profile = value.get("profile");
    let name = match profile {
        Some(Value::Array(parts)) => parts.first().and_then(Value::as_str),
        other => other.and_then(Value::as_str),
    };
    let name = name.unwrap_or_default();
    let of_name = match () {
        () if name.contains("level2") => 2,
        () if name.contains("level1") => 1,
        () => 0,
    };
    // Features beyond the level.
    let lists = match profile {
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.get("supports"))
            .collect(),
        _ => Vec::new(),
    };
    let extra = value.get("extraFeatures").into_iter().chain(lists);
    let makes_widths = extra
        .filter_map(Value::as_array)
        .flatten()
        .any(|feature| matches!(feature.as_str(), Some("sizeByW" | "sizeByWh")));
    of_name.max(u8::from(makes_widths))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn services_are_known_by_their_addresses() {
        let base = "https://a.example/iiif/2/x%2Fy";
        for request in [
            "info.json",
            "full/full/0/default.jpg",
            "full/max/0/default.png",
        ] {
            let found = ImageAddress::of(&url(&format!("{base}/{request}")));
            assert_eq!(found.unwrap().base, base, "{request}");
        }
        for other in [
            "https://a.example/images/1.jpg",
            "https://a.example/iiif/x/0,0,100,100/full/0/default.jpg",
            "https://a.example/iiif/x/full/300,/0/default.jpg",
            "https://a.example/iiif/x/full/full/90/default.jpg",
        ] {
            assert_eq!(ImageAddress::of(&url(other)), None, "{other}");
        }
    }

    const BASE: &str = "https://a.example/iiif/x";

    fn image(info: &str, side: u32) -> String {
        let service = Service::read(info.as_bytes(), BASE).unwrap();
        let address = service.image(side);
        let request = address.strip_prefix(BASE).expect(&address);
        request
            .trim_start_matches("/full/")
            .trim_end_matches("/0/default.jpg")
            .to_owned()
    }

    #[test]
    fn the_size_is_what_is_needed_and_offered() {
        let two = r#""@context": "http://iiif.io/api/image/2/context.json", "@id": "https://a.example/iiif/x""#;
        let three = r#""@context": "http://iiif.io/api/image/3/context.json", "type": "ImageService3", "id": "https://a.example/iiif/x""#;
        let large = r#""width": 6000, "height": 4000"#;
        let level = |version: &str, level: u8, rest: &str| {
            let profile = match version == two {
                true => format!(r#"["http://iiif.io/api/image/2/level{level}.json"]"#),
                false => format!(r#""level{level}""#),
            };
            format!("{{{version}, {large}, \"profile\": {profile} {rest}}}")
        };
        assert_eq!(image(&level(two, 2, ""), 512), "768,");
        assert_eq!(image(&level(two, 1, ""), 512), "768,");
        assert_eq!(image(&level(three, 2, ""), 512), "768,512");
        // Sizes that are there go before such that have to be made.
        let sizes = r#", "sizes": [{"width": 300, "height": 200}, {"width": 1200, "height": 800}]"#;
        assert_eq!(image(&level(three, 2, sizes), 512), "1200,800");
        assert_eq!(image(&level(two, 0, sizes), 512), "1200,");
        assert_eq!(image(&level(three, 0, sizes), 150), "300,200");
        // But none that is far larger than needed.
        let far = r#", "sizes": [{"width": 6000, "height": 4000}]"#;
        assert_eq!(image(&level(three, 2, far), 512), "768,512");
        // A service that makes nothing and has nothing of use gives the whole.
        assert_eq!(image(&level(two, 0, ""), 512), "full");
        assert_eq!(image(&level(three, 0, ""), 512), "max");
        // Bounds of the service.
        assert_eq!(
            image(&level(three, 2, r#", "maxWidth": 600"#), 512),
            "600,400"
        );
        assert_eq!(
            image(&level(three, 2, r#", "maxArea": 60000"#), 512),
            "300,200"
        );
        // A picture that is small already.
        assert_eq!(image(&level(two, 2, ""), 4000), "full");
        assert_eq!(
            image(&level(three, 2, r#", "maxWidth": 3000"#), 4000),
            "3000,2000"
        );
        // A feature beyond its level.
        assert_eq!(
            image(&level(three, 0, r#", "extraFeatures": ["sizeByWh"]"#), 512),
            "768,512"
        );
    }

    #[test]
    fn strips_are_not_asked_for_at_any_length() {
        let info = r#"{"protocol": "http://iiif.io/api/image", "width": 100000, "height": 1000,
            "profile": ["http://iiif.io/api/image/2/level2.json"]}"#;
        assert_eq!(image(info, 256), "2048,");
    }

    #[test]
    fn a_description_cannot_lead_elsewhere() {
        let info = r#"{"@context": "http://iiif.io/api/image/3/context.json", "width": 10,
            "height": 10, "profile": "level2", "id": "http://10.0.0.1/secret"}"#;
        let service = Service::read(info.as_bytes(), BASE).unwrap();
        assert!(service.image(512).starts_with(BASE));
        assert!(Service::is_description(info.as_bytes()));
        assert!(!Service::is_description(b"{\"width\": 3}"));
        assert!(Service::read(b"{}", BASE).is_err());
    }
}
