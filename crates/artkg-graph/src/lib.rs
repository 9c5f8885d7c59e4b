//! The knowledge graph of artworks, its queries and exports, and node2vec embeddings.
