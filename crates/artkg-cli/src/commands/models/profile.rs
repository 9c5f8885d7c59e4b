//! The table of layers and their times.

use std::time::Duration;

use artkg_nn::profile::Call;
use serde_json::{Value, json};

use super::table::{column_width, giga, shape};

/// Where the time of a pass over `batch` images went.
pub(super) struct Profile<'a> {
    calls: &'a [Call],
    batch: usize,
    total: Duration,
}

impl<'a> Profile<'a> {
    pub(super) fn new(calls: &'a [Call], batch: usize) -> Self {
        Self {
            calls,
            batch,
            total: calls.iter().map(time).sum(),
        }
    }

    /// Images a second by the sum of all layers.
    fn images_per_second(&self) -> f64 {
        self.batch as f64 / self.total.as_secs_f64()
    }

    /// The floating-point operations of a layer: twice its multiply-adds, and in
    /// training as many again for each gradient, of weights and of the input;
    /// the first layer's input, the images, has none.
    fn flops(&self, position: usize) -> u64 {
        let call = &self.calls[position];
        let passes = match (call.backward, position) {
            (None, _) => 1,
            (Some(_), 0) => 2,
            (Some(_), _) => 3,
        };
        2 * call.layer.multiply_adds * passes
    }

    fn share(&self, call: &Call) -> f64 {
        100.0 * time(call).as_secs_f64() / self.total.as_secs_f64()
    }

    pub(super) fn json(&self) -> Value {
        let layers: Vec<Value> = self
            .calls
            .iter()
            .enumerate()
            .map(|(position, call)| {
                json!({
                    "name": call.layer.name,
                    "operation": call.layer.operation,
                    "shape": call.shape,
                    "flops": self.flops(position),
                    "forward_milliseconds": milliseconds(call.forward),
                    "backward_milliseconds": call.backward.map(milliseconds),
                    "share_percent": self.share(call),
                })
            })
            .collect();
        json!({
            "batch": self.batch,
            "milliseconds": milliseconds(self.total),
            "images_per_second": self.images_per_second(),
            "layers": layers,
        })
    }

    pub(super) fn print(&self) {
        let names = self.calls.iter().map(|call| call.layer.name.as_str());
        let width = column_width("layer", names);
        let trains = self.calls.iter().any(|call| call.backward.is_some());
        let time_title = if trains {
            "forward ms backward ms"
        } else {
            "        ms"
        };
        outln!(
            "{:<width$}  {:<20} {:>16} {time_title} {:>8} {:>8} {:>7}",
            "layer",
            "operation",
            "output",
            "GFLOP",
            "GFLOP/s",
            "share"
        );
        for (position, call) in self.calls.iter().enumerate() {
            let backward = match call.backward {
                Some(backward) => format!(" {:>11.2}", milliseconds(backward)),
                None => String::new(),
            };
            let flops = self.flops(position);
            let speed = match flops {
                // No products to count.
                0 => format!("{:>8} {:>8}", "-", "-"),
                _ => {
                    let speed = giga(flops) / time(call).as_secs_f64();
                    format!("{:>8.2} {speed:>8.1}", giga(flops))
                }
            };
            outln!(
                "{:<width$}  {:<20} {:>16} {:>10.2}{backward} {speed} {:>6.1}%",
                call.layer.name,
                call.layer.operation,
                shape(&call.shape),
                milliseconds(call.forward),
                self.share(call)
            );
        }
        let flops = (0..self.calls.len()).map(|position| self.flops(position));
        let flops = giga(flops.sum());
        outln!();
        outln!(
            "all layers: {:.1} ms, {flops:.1} GFLOP, {:.1} GFLOP/s, {:.1} images/s",
            milliseconds(self.total),
            flops / self.total.as_secs_f64(),
            self.images_per_second()
        );
    }
}

fn time(call: &Call) -> Duration {
    call.forward + call.backward.unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
