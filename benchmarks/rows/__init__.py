"""The rows of the table: each module lists its cases and runs them."""

from rows import graph, heads, images, networks, node2vec

CASES = [*networks.cases(), *node2vec.cases(), *graph.cases(), *images.cases(), *heads.cases()]
