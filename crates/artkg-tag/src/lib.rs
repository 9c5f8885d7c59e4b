//! Batch tagging of image collections.
