//! Charts as SVG text and self-contained HTML pages.
//!
//! Charts need no fonts at build or run time, take the page's text colour, so
//! that they read well on light and dark backgrounds, and use a palette that
//! colour-blind readers can tell apart (Okabe and Ito, 2008).

mod axes;
mod bar;
mod canvas;
mod error;
mod heat;
mod line;
mod page;
mod scatter;
mod table;
mod text;

pub use bar::{BarChart, bar_chart};
pub use error::{Error, Result};
pub use heat::{HeatMap, heat_map};
pub use line::{Curve, LineChart, line_chart};
pub use page::{Card, Link, Page, Picture};
pub use scatter::{Cloud, Scale, ScatterChart, scatter_chart};
pub use table::Table;
pub use text::grouped;
