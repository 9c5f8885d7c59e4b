//! Image decoding, resizing, augmentation, perceptual hashes and the prefetching loader.
