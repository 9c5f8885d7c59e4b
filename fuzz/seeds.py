#!/usr/bin/env python3
"""Writes the seeds of all targets but images and models to a folder: small files, one a case.

    seeds.py FOLDER
"""

import gzip
import json
import struct
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])


def seed(target: str, name: str, content: bytes | str) -> None:
    content = content.encode() if isinstance(content, str) else content
    folder = FOLDER / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def of_mapping(number: int, content: bytes | str) -> bytes:
    """The byte before the file chooses the mapping."""
    return bytes([number]) + (content.encode() if isinstance(content, str) else content)


# Tables: the mappings are table, met, tate.
TABLE = "id,title,author,date,type,school,image\n1,\"A, ship\",attributed to Hals,c. 1650,marine,Dutch,1.jpg\n2,Ö,Vermeer|Hals,1600-50,,Dutch,\n"
seed("table_import", "commas", of_mapping(0, TABLE))
seed("table_import", "tabs", of_mapping(0, TABLE.replace('"A, ship"', "A ship").replace(",", "\t")))
seed("table_import", "semicolons", of_mapping(0, TABLE.replace(",", ";").replace("\n", "\r\n")))
seed("table_import", "wide", of_mapping(0, TABLE.encode("utf-16")))
seed("table_import", "latin", of_mapping(0, TABLE.encode("latin-1")))
seed("table_import", "packed", of_mapping(0, gzip.compress(TABLE.encode(), mtime=0)))
seed("table_import", "open_quote", of_mapping(0, 'id,title\n1,"open\n2,b\n'))
seed("table_import", "formula", of_mapping(0, "id,title,author\n1,=1+1,'=a\n2,-x,@y\n"))
seed("table_import", "met", of_mapping(1, "Object ID,Title,Object Name,Artist Display Name,Artist Prefix,Artist Role,Artist ULAN URL,Object Date,Object Begin Date,Object End Date,Tags,Tags AAT URL,Classification\n1,Boat,Painting,Hals|Ruisdael,Attributed to|,Artist|After,http://vocab.getty.edu/page/ulan/500015060|,ca. 1650,1645,1655,Boats|Sea,http://vocab.getty.edu/page/aat/300082981|,Paintings\n"))
seed("table_import", "tate", of_mapping(2, "id,accession_number,artist,artistRole,artistId,title,dateText,medium,creditLine,year,acquisitionYear,dimensions,width,height,depth,units,inscription,thumbnailCopyright,thumbnailUrl,url\n1,A1,\"Blake, Robert\",attributed to,38,A Figure,date not known,,,1790,1922,,394,419,,mm,,,,\n"))

# JSON: the mappings are table, met, artic, smk.
WORK = {"id": 1, "title": "A ship", "author": "attributed to Hals", "date": "c. 1650", "type": "marine"}
MET = {"objectID": 1, "title": "Boat", "artistDisplayName": "Hals", "objectDate": "ca. 1650", "objectBeginDate": 1645,
       "objectEndDate": 1655, "constituents": [{"role": "Artist", "name": "Hals", "constituentULAN_URL": "http://vocab.getty.edu/page/ulan/500015060"}],
       "tags": [{"term": "Boats", "AAT_URL": "http://vocab.getty.edu/page/aat/300082981"}]}
seed("json_import", "list", of_mapping(0, json.dumps([WORK, dict(WORK, id="b", tags=["x", "y"])])))
seed("json_import", "lines", of_mapping(0, json.dumps(WORK) + "\n" + json.dumps(dict(WORK, id=2.5e3, title=None)) + "\n"))
seed("json_import", "nested", of_mapping(0, json.dumps({"objects": [WORK, {"id": {"a": [1, {"b": "\u00fc\ud83d\ude00"}]}}]})))
seed("json_import", "met", of_mapping(1, json.dumps([MET])))
seed("json_import", "artic", of_mapping(2, json.dumps({"data": [{"id": 1, "title": "Boat", "artist_titles": ["Hals"], "date_start": 1650, "date_end": 1655, "image_id": "a-b"}]})))
seed("json_import", "smk", of_mapping(3, json.dumps({"items": [{"object_number": "KMS1", "titles": [{"title": "Skib"}], "production": [{"creator": "Hals"}], "production_date": [{"period": "1650", "start": "1650-01-01T00:00:00Z"}]}]})))
seed("json_import", "escapes", of_mapping(0, r'[{"id":"\u0041\ud834\udd1e\n\/","title":"\"","n":-0.1E+2,"t":true,"z":null,"e":{},"l":[]}]'))
seed("json_import", "broken", of_mapping(0, '[{"id":1},{"id":2,]'))
seed("json_import", "wide", of_mapping(0, json.dumps([WORK]).encode("utf-16")))

LIDO = """<?xml version="1.0"?>
<lido:lidoWrap xmlns:lido="http://www.lido-schema.org"><lido:lido><lido:lidoRecID lido:type="local">1</lido:lidoRecID>
<lido:descriptiveMetadata xml:lang="en"><lido:objectClassificationWrap><lido:objectWorkTypeWrap><lido:objectWorkType><lido:conceptID lido:source="AAT">300033618</lido:conceptID><lido:term>painting</lido:term></lido:objectWorkType></lido:objectWorkTypeWrap></lido:objectClassificationWrap>
<lido:objectIdentificationWrap><lido:titleWrap><lido:titleSet><lido:appellationValue>A &amp; ship</lido:appellationValue></lido:titleSet></lido:titleWrap></lido:objectIdentificationWrap>
<lido:eventWrap><lido:eventSet><lido:event><lido:eventType><lido:term>Production</lido:term></lido:eventType><lido:eventActor><lido:actorInRole><lido:actor><lido:actorID lido:source="ULAN">500015060</lido:actorID><lido:nameActorSet><lido:appellationValue>Hals</lido:appellationValue></lido:nameActorSet></lido:actor><lido:attributionQualifierActor>attributed to</lido:attributionQualifierActor></lido:actorInRole></lido:eventActor><lido:eventDate><lido:displayDate>c. 1650</lido:displayDate><lido:date><lido:earliestDate>1645</lido:earliestDate><lido:latestDate>1655</lido:latestDate></lido:date></lido:eventDate></lido:event></lido:eventSet></lido:eventWrap>
</lido:descriptiveMetadata><lido:administrativeMetadata xml:lang="en"><lido:resourceWrap><lido:resourceSet><lido:resourceRepresentation><lido:linkResource>1.jpg</lido:linkResource></lido:resourceRepresentation></lido:resourceSet></lido:resourceWrap></lido:administrativeMetadata></lido:lido></lido:lidoWrap>"""
seed("lido_import", "one", of_mapping(0, LIDO))
seed("lido_import", "plain", of_mapping(0, '<lido xmlns="http://www.lido-schema.org"><lidoRecID>1</lidoRecID><![CDATA[x]]><!-- c --></lido>'))
seed("lido_import", "entities", of_mapping(0, LIDO.replace("&amp;", "&#38;&#x26;&lt;")))
seed("lido_import", "cut", of_mapping(0, LIDO[: len(LIDO) * 2 // 3]))
seed("lido_import", "wide", of_mapping(0, LIDO.encode("utf-16")))

THREE = {"@context": "http://iiif.io/api/presentation/3/context.json", "id": "https://iiif.example/m", "type": "Manifest", "label": {"en": ["A ship"]},
         "metadata": [{"label": {"en": ["Artist"]}, "value": {"en": ["Hals"]}}],
         "items": [{"id": "https://iiif.example/c1", "type": "Canvas", "width": 10, "height": 20, "items": [{"id": "https://iiif.example/p1", "type": "AnnotationPage", "items": [
             {"id": "https://iiif.example/a1", "type": "Annotation", "motivation": "painting", "target": "https://iiif.example/c1",
              "body": {"id": "https://iiif.example/1/full/max/0/default.jpg", "type": "Image", "service": [{"id": "https://iiif.example/1", "type": "ImageService3", "profile": "level2"}]}}]}]}]}
TWO = {"@context": "http://iiif.io/api/presentation/2/context.json", "@id": "https://iiif.example/m", "@type": "sc:Manifest", "label": "A ship",
       "metadata": [{"label": "Date", "value": "1650"}], "sequences": [{"canvases": [{"@id": "https://iiif.example/c1", "@type": "sc:Canvas", "label": "1", "images": [
           {"resource": {"@id": "https://iiif.example/1/full/full/0/default.jpg", "service": {"@id": "https://iiif.example/1", "profile": "http://iiif.io/api/image/2/level2.json"}}, "on": "https://iiif.example/c1"}]}]}]}
seed("iiif_manifest", "three", json.dumps(THREE))
seed("iiif_manifest", "two", json.dumps(TWO))
seed("iiif_manifest", "collection", json.dumps({"@context": THREE["@context"], "id": "https://iiif.example/col", "type": "Collection", "label": {"none": ["C"]}, "items": [THREE, {"id": "https://iiif.example/m2", "type": "Manifest"}]}))

HEAD = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
TAIL = "</rdf:RDF></x:xmpmeta>"
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
IPTC = 'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
seed("xmp_merge", "empty", HEAD + TAIL)
seed("xmp_merge", "single", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>')
seed("xmp_merge", "attribute", HEAD + f'<rdf:Description rdf:about="x" {DC} dc:subject="a &amp; b" dc:format=\'image\'/>' + TAIL)
seed("xmp_merge", "list", HEAD + f'<rdf:Description rdf:about="" {DC}><dc:subject><rdf:Bag><rdf:li>portrait</rdf:li>\n<rdf:li>sea</rdf:li></rdf:Bag></dc:subject><dc:type><rdf:Bag/></dc:type></rdf:Description>' + TAIL)
seed("xmp_merge", "text", HEAD + f'<rdf:Description {DC}><dc:subject>one</dc:subject><dc:type/></rdf:Description>' + TAIL)
seed("xmp_merge", "artwork", HEAD + f'<rdf:Description {IPTC}><Iptc4xmpExt:ArtworkOrObject><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:AOTitle>t</Iptc4xmpExt:AOTitle></rdf:li></rdf:Bag></Iptc4xmpExt:ArtworkOrObject></rdf:Description>' + TAIL)
seed("xmp_merge", "packet", '\ufeff<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<!-- c -->' + HEAD + "\n" + TAIL + '\n<?xpacket end="w"?>')

# Journals: behind the header of the job where the first byte is odd.
STAMP = {"size": 1, "modified": [True, {"secs": 1, "nanos": 0}]}
MADE = {"id": "1", "tags": [{"task": "type", "abstained": False, "classes": [{"class": "genre", "confidence": 0.5}]}]}
record = lambda item, stamp=STAMP, made=MADE: json.dumps({"item": item, "from": stamp, "made": made}, separators=(",", ":")) + "\n"
seed("tags_resume", "empty", b"\0")
seed("tags_resume", "begun", b"\1")
seed("tags_resume", "two", b"\1" + (record("a.jpg") + record("b.jpg")).encode())
seed("tags_resume", "cut", b"\1" + record("a.jpg").encode() + record("c.jpg").encode()[:-9])
seed("tags_resume", "again", b"\1" + (record("a.jpg", None) + record("c.jpg") + record("a.jpg", STAMP, {"id": None, "tags": []})).encode())
seed("tags_resume", "others", b"\0" + b'{"journal":"tags","version":3,"of":{"model":"x"}}\n')
seed("tags_resume", "foreign", b"\0id,caption\n1,a ship\n")

# Graph files, without their checksum; the target puts the length of the body in.
PROVENANCE = {"artkg_version": "0.1.0", "corpus": "demo", "synthetic": False, "splits": ["train"], "artworks": 2, "left_out": 0, "schema_checksum": "x", "warnings": []}


def graph(version: int, nodes: list[tuple[int, str]], edges: list[tuple[int, int, int, int]], identities: str = "") -> bytes:
    names = [name.encode() for _, name in nodes]
    text = b"".join(names)
    header = json.dumps({"provenance": PROVENANCE, "kinds": ["artwork", "author"], "relations": ["by", "like"], "nodes": len(nodes),
                         "edges": len(edges), "text_bytes": len(text), "identity_bytes": len(identities)}).encode()
    ends = [sum(map(len, names[: place + 1])) for place in range(len(names))]
    body = b"".join([
        *(struct.pack("<H", kind) for kind, _ in nodes), *(struct.pack("<Q", end) for end in ends), text,
        *(struct.pack("<I", edge[0]) for edge in edges), *(struct.pack("<I", edge[1]) for edge in edges),
        *(struct.pack("<H", edge[2]) for edge in edges), *(struct.pack("<I", edge[3]) for edge in edges), identities.encode()])
    return b"ARTKGRPH" + struct.pack("<IIQ", version, len(header), len(body)) + header + body


NODES = [(0, "1"), (0, "2"), (1, "Hals"), (1, "Ö")]
EDGES = [(0, 2, 0, 1), (1, 2, 0, 1), (1, 3, 0, 1), (2, 3, 1, 7)]
seed("graph_file", "small", graph(2, NODES, EDGES))
seed("graph_file", "first_version", graph(1, NODES, EDGES))
seed("graph_file", "identities", graph(2, NODES, EDGES, '[2,{"identities":["ulan:500015060"],"aliases":["Frans Hals"]}]\n'))
seed("graph_file", "empty", graph(2, [], []))

AXIS, TRACK = "Axis = 0 0 1\n", "5 3 0 4 0 0.01 0\n"
seed("track_file", "good", b"\1" + (AXIS + TRACK * 3 + "\n# c\n" + AXIS + TRACK).encode())
seed("track_file", "faults", b"\1" + (TRACK + AXIS + "1 2 3\n" + AXIS + "5 3 0 4 nan 1e400 -0\n" + AXIS).encode())
seed("track_file", "numbers", b"\0" + (AXIS + "5.000 +3. .0e0 4E0 0 1e-2 0\r\n").encode())
seed("track_file", "packed", b"\0" + gzip.compress((AXIS + TRACK).encode(), mtime=0))
# A frame of zstd with one raw block.
raw = (AXIS + TRACK).encode()
seed("track_file", "zstd", b"\0\x28\xb5\x2f\xfd\x20" + bytes([len(raw)]) + struct.pack("<I", len(raw) << 3 | 1)[:3] + raw)


def tensors(metadata: dict[str, str], length: int = 0) -> bytes:
    """A safetensors file without a checksum."""
    header = {"__metadata__": metadata}
    if length:
        header["a"] = {"dtype": "F32", "shape": [length], "data_offsets": [0, 4 * length]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + struct.pack(f"<{length}f", *range(length))


ART = {"format": 2, "mode": "kgm", "architecture": "resnet18", "bottleneck": "v1.5", "frozen": "input", "side": None,
       "classifier": {"hidden": [8], "projection": {"width": 16}},
       "vocabularies": [{"attribute": task, "classes": ["unknown", "a"], "minimum_count": 1} for task in ("type", "author")],
       "preprocessing": {"resize": 36, "crop": 32}, "standardisation": {"mean": 0.0, "deviation": 1.0}, "temperatures": [1.0, 2.0],
       "provenance": {"artkg_version": "0.1.0", "corpus": "demo", "seed": 0, "epoch": 1, "validation": {}}}
seed("model_file", "art", tensors({"artkg": json.dumps(ART)}, 2))
seed("model_file", "nothing", tensors({}))
# Trained models of flavour, given to us as files, without their checksums.
for path in map(Path, sys.argv[2:]):
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"] = {key: text for key, text in header["__metadata__"].items() if not key.startswith("artkg_checksum")}
    text = json.dumps(header, separators=(",", ":")).encode()
    seed("model_file", path.parent.name.replace("run", "flavor"), struct.pack("<Q", len(text)) + text + content[8 + length :])
