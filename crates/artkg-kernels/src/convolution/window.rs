use std::ops::Range;

use crate::images::Images;
use crate::kernel::{Element, Run};

/// What the pixels of a grid read from source images: the pixel at (row,
/// column) reads (row · stride + tap row, column · stride + tap column) for
/// each tap, and zero outside of the source.
///
/// Every pass of a convolution is a product with the matrix of these readings,
/// one row for each grid pixel. The matrix is never made: kernels read its rows
/// in the source, or where taps leave the source in a copy with zeros around.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    source: Images,
    grid: (usize, usize),
    stride: (usize, usize),
    /// The first row and column that grid pixel (0, 0) reads.
    first: (isize, isize),
    /// Height and width of what a grid pixel reads.
    extent: (usize, usize),
    /// Whether kernels read the source itself.
    direct: bool,
    /// Elements from one copied pixel to the next, where the pixels that are read
    /// are copied one by one.
    spread: Option<usize>,
    /// What each pixel reads, from its first value on.
    runs: Vec<Run>,
    /// Elements that the runs reach, in whole steps.
    reach: usize,
}

/// The rows of a window's matrix for some of its pixels.
pub(super) struct Reading<'a, E> {
    /// What the rows read.
    pub(super) source: &'a [E],
    /// Where each row starts in the source.
    pub(super) starts: Vec<usize>,
}

impl Window {
    /// A window for kernels whose steps take `depth` elements; `taps` are in
    /// reading order and at least one.
    pub(super) fn new(
        source: Images,
        grid: (usize, usize),
        stride: (usize, usize),
        taps: &[(isize, isize)],
        depth: usize,
    ) -> Self {
        let range = |along: fn(&(isize, isize)) -> isize| {
            let low = taps.iter().map(along).min().unwrap_or(0);
            let high = taps.iter().map(along).max().unwrap_or(0);
            (low, (high - low) as usize + 1)
        };
        let ((top, height), (left, width)) = (range(|tap| tap.0), range(|tap| tap.1));
        let inside = |first: isize, extent: usize, grid: usize, stride: usize, size: usize| {
            first >= 0 && first as usize + grid.saturating_sub(1) * stride + extent <= size
        };
        let mut window = Self {
            source,
            grid,
            stride,
            first: (top, left),
            extent: (height, width),
            direct: inside(top, height, grid.0, stride.0, source.height)
                && inside(left, width, grid.1, stride.1, source.width),
            spread: None,
            runs: Vec::new(),
            reach: 0,
        };
        window.find_runs(taps);
        if window.runs.iter().any(|run| run.length % depth != 0) {
            // The last step would read beyond the source.
            window.direct = false;
            window.find_runs(taps);
        }
        let ends = window
            .runs
            .iter()
            .map(|run| run.offset + run.length.next_multiple_of(depth));
        window.reach = ends.max().unwrap_or(0);
        window
    }

    /// The window of a 1×1 kernel whose pixels start whole pages apart, with its
    /// pixels copied to places a little further apart; `None` for others. All rows
    /// of a tile fall on the same few lines of the level 1 cache otherwise.
    pub(super) fn spread<E>(&self) -> Option<Self> {
        /// Bytes after which addresses fall on the same line of the cache again.
        const PAGE: usize = 4096;
        /// Bytes of a line.
        const LINE: usize = 64;

        let bytes = self.step() * size_of::<E>();
        let collide = bytes > 0 && bytes.is_multiple_of(PAGE);
        (self.direct && self.extent == (1, 1) && self.runs.len() == 1 && collide).then(|| Self {
            direct: false,
            spread: Some(self.source.channels + LINE / size_of::<E>()),
            ..self.clone()
        })
    }

    /// Joins taps side by side in one row, which lie side by side in memory too.
    fn find_runs(&mut self, taps: &[(isize, isize)]) {
        let (pitch, channels) = (self.pitch(), self.source.channels);
        self.runs.clear();
        for tap in taps {
            let row = (tap.0 - self.first.0) as usize;
            let column = (tap.1 - self.first.1) as usize;
            let offset = row * pitch + column * channels;
            match self.runs.last_mut() {
                Some(run) if column > 0 && run.offset + run.length == offset => {
                    run.length += channels;
                }
                _ => self.runs.push(Run {
                    offset,
                    length: channels,
                }),
            }
        }
    }

    /// What each pixel reads, from its start on.
    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The number of grid rows, of all images.
    pub(super) fn rows(&self) -> usize {
        self.source.batch * self.grid.0
    }

    /// The number of grid columns.
    pub(super) fn columns(&self) -> usize {
        self.grid.1
    }

    /// The number of values that each grid pixel reads.
    pub(super) fn depth(&self) -> usize {
        self.runs.iter().map(|run| run.length).sum()
    }

    /// The steps of `depth` elements that a kernel takes for each grid pixel.
    pub(super) fn steps(&self, depth: usize) -> usize {
        let steps = |run: &Run| run.length.div_ceil(depth);
        self.runs.iter().map(steps).sum()
    }

    /// Source values for each grid pixel.
    pub(super) fn density(&self) -> usize {
        self.source.channels * self.stride.0 * self.stride.1
    }

    /// Elements from a grid pixel's start to that of its right neighbour.
    pub(super) fn step(&self) -> usize {
        self.stride.1 * self.source.channels
    }

    /// Elements from one row of what is read to the next.
    fn pitch(&self) -> usize {
        let width = if self.direct {
            self.source.width
        } else {
            self.grid.1.saturating_sub(1) * self.stride.1 + self.extent.1
        };
        width * self.source.channels
    }

    /// Source rows that `count` grid rows of one image read.
    fn height(&self, count: usize) -> usize {
        (count - 1) * self.stride.0 + self.extent.0
    }

    /// The parts of `rows` (counted over all images) that lie in one image: the
    /// image and its rows.
    pub(super) fn images(&self, rows: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let height = self.grid.0;
        let images = rows.start / height..rows.end.div_ceil(height);
        images.map(move |image| {
            let first = image * height;
            let start = rows.start.max(first) - first;
            (image, start..rows.end.min(first + height) - first)
        })
    }

    /// The number of elements that [`Window::read`] needs as a buffer.
    pub(super) fn buffer_length(&self, rows: Range<usize>) -> usize {
        if self.direct {
            return 0;
        }
        if let Some(pitch) = self.spread {
            return rows.len() * self.grid.1 * pitch;
        }
        let parts = self.images(rows);
        let length: usize = parts
            .map(|(_, rows)| self.height(rows.len()) * self.pitch())
            .sum();
        // The last pixel may start a step that ends behind the copy.
        length + self.reach
    }

    /// Where the grid pixels of `rows` read, either `source` itself or a copy in
    /// `buffer`.
    pub(super) fn read<'a, E: Element>(
        &self,
        source: &'a [E],
        rows: Range<usize>,
        buffer: &'a mut [E],
    ) -> Reading<'a, E> {
        assert_eq!(source.len(), self.source.len());
        if let Some(pitch) = self.spread {
            return self.read_spread(source, rows, buffer, pitch);
        }
        let mut starts = Vec::with_capacity(rows.len() * self.grid.1);
        let mut used = 0;
        for (image, rows) in self.images(rows) {
            let base = if self.direct {
                let row = image * self.source.height + rows.start * self.stride.0;
                let row = row + self.first.0 as usize;
                row * self.pitch() + self.first.1 as usize * self.source.channels
            } else {
                let length = self.height(rows.len()) * self.pitch();
                self.copy(source, image, rows.start, &mut buffer[used..used + length]);
                used += length;
                used - length
            };
            for row in 0..rows.len() {
                let start = base + row * self.stride.0 * self.pitch();
                starts.extend((0..self.grid.1).map(|column| start + column * self.step()));
            }
        }
        if !self.direct {
            // Read, but multiplied by zero: it must be a number.
            buffer[used..].fill(E::default());
        }
        let source = if self.direct { source } else { buffer };
        // Kernels rely on it; starts rise.
        assert!(
            starts
                .last()
                .is_none_or(|last| last + self.reach <= source.len())
        );
        Reading { source, starts }
    }

    /// Copies the pixels that `rows` read, `pitch` elements from one to the next.
    fn read_spread<'a, E: Element>(
        &self,
        source: &[E],
        rows: Range<usize>,
        buffer: &'a mut [E],
        pitch: usize,
    ) -> Reading<'a, E> {
        let channels = self.source.channels;
        let (row_pitch, first) = (self.source.width * channels, self.first);
        let mut pixels = buffer.chunks_exact_mut(pitch);
        for (image, rows) in self.images(rows) {
            for row in rows {
                let row = image * self.source.height + row * self.stride.0 + first.0 as usize;
                let start = row * row_pitch + first.1 as usize * channels;
                let starts = (start..).step_by(self.step());
                for (start, pixel) in starts.zip(pixels.by_ref().take(self.grid.1)) {
                    let (values, gap) = pixel.split_at_mut(channels);
                    values.copy_from_slice(&source[start..start + channels]);
                    // Read, but multiplied by zero: it must be a number.
                    gap.fill(E::default());
                }
            }
        }
        let starts: Vec<usize> = (0..buffer.len() / pitch)
            .map(|index| index * pitch)
            .collect();
        Reading {
            source: buffer,
            starts,
        }
    }

    /// Copies what grid rows from `row` on read of an image, with zeros around
    /// it, until `buffer` is full.
    fn copy<E: Element>(&self, source: &[E], image: usize, row: usize, buffer: &mut [E]) {
        let Images {
            height,
            width,
            channels,
            ..
        } = self.source;
        let length = height * width * channels;
        let source = &source[image * length..][..length];
        let pitch = self.pitch();
        let top = (row * self.stride.0) as isize + self.first.0;
        let left = self.first.1;
        let wide = (pitch / channels) as isize;
        let inside = left.clamp(0, width as isize)..(left + wide).clamp(0, width as isize);
        let before = (inside.start - left).clamp(0, wide) as usize * channels;
        let count = (inside.end - inside.start) as usize * channels;
        for (index, target) in buffer.chunks_exact_mut(pitch).enumerate() {
            let y = top + index as isize;
            if y < 0 || y >= height as isize || count == 0 {
                target.fill(E::default());
                continue;
            }
            let start = (y as usize * width + inside.start as usize) * channels;
            target[..before].fill(E::default());
            target[before..before + count].copy_from_slice(&source[start..start + count]);
            target[before + count..].fill(E::default());
        }
    }
}
