use artkg_files::fingerprint::Fingerprint;
use artkg_infer::Example;
use artkg_text::Captions;

/// What is learned of works: their classes, and their captions where there are any.
pub(crate) fn works(examples: &[Example], captions: Option<&Captions>) -> Fingerprint {
    let mut works = Fingerprint::new("works", 1);
    works.list(examples, |work, example| {
        work.text(&example.id);
        work.list(&example.targets, |work, target| {
            work.integer(u64::from(*target));
        });
        work.optional(captions, |work, captions| {
            work.optional(captions.get(&example.id), |work, caption| {
                work.text(caption);
            });
        });
    });
    works
}
