//! Artwork records, source mappings, validation, vocabularies, splits and the demo painter.
