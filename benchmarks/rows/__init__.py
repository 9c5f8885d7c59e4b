"""The rows of the table: each module lists its cases and runs them."""

from rows import networks

CASES = [*networks.cases()]
