"""The rows of the table: each module lists its cases and runs them."""

from rows import graph, heads, images, networks

CASES = [*networks.cases(), *graph.cases(), *images.cases(), *heads.cases()]
