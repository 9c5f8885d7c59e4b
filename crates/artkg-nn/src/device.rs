use candle_core::Device;

use crate::error::{Error, Result};

/// What [`find_device`] knows, beside `auto`.
const DEVICES: &[&str] = &["cpu"];

/// The processor, which every build has.
pub fn processor() -> Device {
    Device::Cpu
}

/// The device that people call `name`; `auto` is the fastest that there is.
///
/// # Errors
/// [`Error::NoDevice`] when this build has none of that name.
pub fn find_device(name: &str) -> Result<Device> {
    match name {
        "auto" | "cpu" => Ok(processor()),
        _ => Err(Error::NoDevice {
            name: name.to_owned(),
            known: DEVICES,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_device_is_the_processor_where_there_is_no_other() {
        assert!(find_device("auto").unwrap().is_cpu());
        assert!(find_device("cpu").unwrap().is_cpu());
        let error = find_device("cuda").unwrap_err();
        assert!(matches!(&error, Error::NoDevice { name, .. } if name == "cuda"));
        assert_eq!(
            error.to_string(),
            "this build cannot compute on `cuda`, only on cpu"
        );
    }
}
