//! Context-aware classifiers of artworks: heads, context losses, evaluation.
