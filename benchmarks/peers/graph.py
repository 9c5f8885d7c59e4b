"""The graph of artkg's built-in schema with pandas and networkx.

    graph.py ARTWORKS_CSV

Reads the table and builds the same nodes and edges: attributes, materials and supports of
techniques, the keywords of titles, and authors' schools. Nothing is written, where artkg
writes its graph file within its time. Prints JSON.
"""

import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

import networkx
import pandas

STOP_WORDS = (
    Path(__file__).resolve().parents[2] / "crates/artkg-files/src/words/stop_words_english.txt"
)
IGNORED = {"detail", "untitled"}
LONGEST, MINIMUM_COUNT = 3, 5
RELATIONS = {"author": "created_by", "school": "of_school", "timeframe": "from_timeframe", "type": "of_type"}


def keywords(titles: list[str]) -> list[list[str]]:
    """The n-grams of each title that occur in enough of them."""
    stop_words = set(STOP_WORDS.read_text(encoding="utf-8").split()) | IGNORED
    phrase, word = re.compile(r"[^\w\s-]+"), re.compile(r"[^\W_]+")
    found, counts = [], Counter()
    for title in titles:
        grams = set()
        for part in phrase.split(title.lower()):
            words = [one for one in word.findall(part) if len(one) > 1 and one not in stop_words]
            for start in range(len(words)):
                for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
                    grams.add(" ".join(words[start:end]))
        found.append(grams)
        counts.update(grams)
    return [[gram for gram in grams if counts[gram] >= MINIMUM_COUNT] for grams in found]


def build(path: str) -> networkx.Graph:
    table = pandas.read_csv(path, dtype=str, usecols=["id", "title", "technique", *RELATIONS])
    graph = networkx.Graph()
    graph.add_nodes_from("artwork:" + table["id"], kind="artwork")
    table["node"] = "artwork:" + table["id"]

    def join(artworks, kind: str, values, relation: str) -> None:
        graph.add_nodes_from(set(values), kind=kind)
        graph.add_edges_from(zip(artworks, values), relation=relation)

    for column, relation in RELATIONS.items():
        known = table[["node", column]].dropna()
        join(known["node"], column, f"{column}:" + known[column], relation)
    known = table[["node", "technique"]].dropna()
    parts = known["technique"].str.lower().str.split(",").str[0].str.split(" on ", n=1, expand=True)
    materials = known.assign(part=parts[0].str.split(" and ")).explode("part")
    join(materials["node"], "material", "material:" + materials["part"].str.strip(), "made_with")
    join(known["node"], "support", "support:" + parts[1].str.strip(), "made_on")
    titles = table[["node", "title"]].dropna()
    titles = titles.assign(keyword=keywords(titles["title"].tolist())).explode("keyword").dropna(subset="keyword")
    join(titles["node"], "keyword", "keyword:" + titles["keyword"], "has_keyword")
    links = table[["author", "school"]].dropna().value_counts().reset_index(name="count")
    for author, school, count in links.itertuples(index=False):
        graph.add_edge(f"author:{author}", f"school:{school}", relation="belongs_to", count=count)
    return graph


def main() -> None:
    start = time.perf_counter()
    graph = build(sys.argv[1])
    seconds = time.perf_counter() - start
    version = f"networkx {networkx.__version__}, pandas {pandas.__version__}"
    print(json.dumps({"version": version, "seconds": seconds, "nodes": graph.number_of_nodes(), "edges": graph.number_of_edges()}))


if __name__ == "__main__":
    main()
