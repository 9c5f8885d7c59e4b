//! Pictures on their way into a network: decoded in background threads, batched,
//! as tensors on the session's device. Every command that looks at pictures gets
//! them from a [`Feed`].

use artkg_image::{Error as ImageError, LoadItem, LoadedBatch, Loader, Preprocessing};
use artkg_nn::{Device, Tensor};
use artkg_session::{Activity, Session};

/// Batches that may be decoded while the network works on the current one.
pub const BATCHES_AHEAD: usize = 2;

/// What a tensor operation can say.
pub type Error = candle_core::Error;

/// How pictures reach a network.
#[derive(Clone, Debug)]
pub struct Feed {
    /// How they become inputs.
    pub preprocessing: Preprocessing,
    /// How many go through the network together.
    pub batch_size: usize,
    /// The most bytes that decoding one of them may hold; the loader's own limit when
    /// not given.
    pub memory_limit: Option<usize>,
}

/// Some pictures.
#[derive(Debug)]
pub struct ImageBatch {
    /// The callers' numbers of those that could be decoded, in the order of the rows.
    pub indices: Vec<usize>,
    /// Their inputs `[batch, crop, crop, 3]`; `None` where none could be decoded.
    pub images: Option<Tensor>,
    /// Those that could not, and why; the message names the file.
    pub failures: Vec<(usize, ImageError)>,
}

impl Feed {
    /// The batches of `items` in their order, prepared in the background by the
    /// session's threads. What was left out of a picture, such as a broken colour
    /// profile, the session's observer is told.
    ///
    /// An item is an error where the tensor cannot be made.
    pub fn batches(
        &self,
        items: Vec<LoadItem>,
        session: &Session,
    ) -> impl Iterator<Item = Result<ImageBatch, Error>> + use<> {
        let (threads, ahead) = (session.threads(), BATCHES_AHEAD * self.batch_size);
        let preprocessing = self.preprocessing.clone();
        let loader = match self.memory_limit {
            Some(bytes) => Loader::with_max_bytes(items, preprocessing, threads, ahead, bytes),
            None => Loader::new(items, preprocessing, threads, ahead),
        };
        let (side, session) = (self.preprocessing.crop, session.clone());
        loader.batches(self.batch_size).map(move |batch| {
            for (_, warning) in &batch.warnings {
                session.left_out(&warning.to_string());
            }
            tensors(batch, side, session.device())
        })
    }

    /// Hands every batch of `items` to `take`, tells the session's observer how far
    /// the work is, and ends early where the session is stopped. `behind` items of the
    /// same work were done before. Returns whether it was stopped before the end.
    ///
    /// # Errors
    /// The first of `take`, or where a tensor cannot be made.
    pub fn drive<E: From<Error>>(
        &self,
        activity: Activity,
        items: Vec<LoadItem>,
        behind: usize,
        session: &Session,
        mut take: impl FnMut(ImageBatch) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (mut done, total) = (behind, behind + items.len());
        session.advance(activity, done, total);
        for batch in self.batches(items, session) {
            let batch = batch?;
            done += batch.indices.len() + batch.failures.len();
            take(batch)?;
            session.advance(activity, done, total);
            if session.is_stopped() {
                return Ok(done < total);
            }
        }
        Ok(false)
    }
}

fn tensors(batch: LoadedBatch, side: usize, device: &Device) -> Result<ImageBatch, Error> {
    let shape = (batch.indices.len(), side, side, 3);
    let images = (!batch.indices.is_empty())
        .then(|| Tensor::from_vec(batch.inputs, shape, device))
        .transpose()?;
    Ok(ImageBatch {
        indices: batch.indices,
        images,
        failures: batch.failures,
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex};

    use artkg_image::View;
    use artkg_session::{Event, Observer, StopFlag};

    use super::*;

    /// How far the work was after each batch.
    #[derive(Default)]
    struct Counts(Mutex<Vec<(usize, usize)>>);

    impl Observer for Counts {
        fn observe(&self, event: &Event<'_>) {
            if let Event::Advanced { done, total, .. } = event {
                self.0.lock().unwrap().push((*done, *total));
            }
        }
    }

    /// A grey picture whose value is `value` everywhere.
    fn picture(folder: &Path, value: u8) -> PathBuf {
        let path = folder.join(format!("{value}.png"));
        let image = image::RgbImage::from_pixel(12, 9, image::Rgb([value; 3]));
        image.save(&path).unwrap();
        path
    }

    fn items(paths: Vec<PathBuf>) -> Vec<LoadItem> {
        let item = |(index, path)| LoadItem {
            index,
            path,
            view: View::Evaluate,
        };
        paths.into_iter().enumerate().map(item).collect()
    }

    fn feed() -> Feed {
        Feed {
            preprocessing: Preprocessing {
                resize: 8,
                crop: 8,
                ..Preprocessing::default()
            },
            batch_size: 2,
            memory_limit: None,
        }
    }

    #[test]
    fn every_picture_is_a_row_or_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.jpg");
        let paths = vec![
            picture(folder.path(), 10),
            missing,
            picture(folder.path(), 200),
        ];
        let counts = Arc::new(Counts::default());
        let session = Session::new(2, StopFlag::new(), Arc::clone(&counts) as Arc<dyn Observer>);
        let (mut rows, mut failures) = (Vec::new(), Vec::new());
        let stopped = feed().drive(Activity::Tagging, items(paths), 4, &session, |batch| {
            failures.extend(batch.failures.into_iter().map(|(index, _)| index));
            if let Some(images) = batch.images {
                assert_eq!(images.dims()[1..], [8, 8, 3]);
                let values = images.flatten_all()?.to_vec1::<f32>()?;
                let places = values.len() / batch.indices.len();
                rows.extend(
                    batch
                        .indices
                        .into_iter()
                        .zip(values.into_iter().step_by(places)),
                );
            }
            Ok::<_, Error>(())
        });
        assert!(!stopped.unwrap());
        assert_eq!(failures, [1]);
        assert_eq!(
            rows.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
            [0, 2]
        );
        assert!(
            rows[0].1 < rows[1].1,
            "the brighter picture has larger values"
        );
        assert_eq!(counts.0.lock().unwrap().last(), Some(&(7, 7)));
        assert_eq!(counts.0.lock().unwrap().first(), Some(&(4, 7)));
    }

    #[test]
    fn a_profile_that_cannot_be_used_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.png");
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        use image::ImageEncoder;
        encoder.set_icc_profile(b"broken".to_vec()).unwrap();
        let white = [255; 12 * 9 * 3];
        encoder
            .write_image(&white, 12, 9, image::ExtendedColorType::Rgb8)
            .unwrap();
        std::fs::write(&path, bytes).unwrap();
        let session = Session::silent(1);
        let batches = feed().batches(items(vec![path.clone(), path]), &session);
        assert_eq!(
            batches
                .map(|batch| batch.unwrap().indices.len())
                .sum::<usize>(),
            2
        );
        assert_eq!(session.left_out_count(), 1);
    }

    #[test]
    fn a_stop_ends_the_work_after_the_batch() {
        let folder = tempfile::tempdir().unwrap();
        let paths = (1..6).map(|value| picture(folder.path(), value)).collect();
        let session = Session::silent(1);
        let mut taken = 0;
        let stopped = feed().drive(Activity::Tagging, items(paths), 0, &session, |batch| {
            taken += batch.indices.len();
            session.stop().stop();
            Ok::<_, Error>(())
        });
        assert!(stopped.unwrap());
        assert_eq!(taken, 2);
    }
}
