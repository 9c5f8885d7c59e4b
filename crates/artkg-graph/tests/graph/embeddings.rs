use std::fs;
use std::path::Path;

use artkg_graph::node2vec::{Node2VecOptions, WalkOptions, embed};
use artkg_graph::triplets::{self, TripletModel, TripletOptions};
use artkg_graph::{Embeddings, Error};
use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::exports::read;
use crate::support::graph;

fn embeddings() -> Embeddings {
    let options = Node2VecOptions {
        dimension: 12,
        walks: WalkOptions {
            length: 20,
            walks_per_node: 40,
            ..WalkOptions::default()
        },
        window: 4,
        seed: 7,
        ..Node2VecOptions::default()
    };
    embed(&graph(), &options, |_| {}).unwrap()
}

#[test]
fn every_node_has_a_vector_by_kind_and_name() {
    let (embeddings, graph) = (embeddings(), graph());
    assert_eq!(
        (embeddings.len(), embeddings.dimension()),
        (graph.node_count(), 12)
    );
    let goya = embeddings.get("author", "GOYA").unwrap();
    assert_eq!(goya.len(), 12);
    assert_eq!(
        goya,
        embeddings.vector(graph.find("author", "GOYA").unwrap())
    );
    assert_ne!(Some(goya), embeddings.get("keyword", "goya"));
    assert_eq!(embeddings.get("author", "goya"), None);
    assert_eq!(embeddings.get("artwork", "v1.jpg"), None);
    assert_eq!(embeddings.keys().next(), Some(("artwork", "a1.jpg")));
}

#[test]
fn nearest_are_the_most_similar_of_a_kind() {
    let (embeddings, graph) = (embeddings(), graph());
    let node = graph.find("author", "GOYA").unwrap();
    let school = graph.nodes().find_kind("school");
    let schools = embeddings.nearest(node, school, 10);
    let names: Vec<&str> = schools.iter().map(|n| graph.nodes().name(n.node)).collect();
    assert_eq!(names[0], "Spanish");
    assert_eq!(names.len(), 3);
    let all = embeddings.nearest(node, None, usize::MAX);
    assert_eq!(all.len(), graph.node_count() - 1);
    assert!(all.windows(2).all(|pair| pair[0].cosine >= pair[1].cosine));
    assert!(
        all.iter()
            .all(|n| n.node != node && n.cosine.abs() <= 1.0001)
    );
    assert_eq!(embeddings.nearest(node, None, 3), all[..3]);
}

/// Vectors of relations, too.
fn triplet_embeddings() -> Embeddings {
    let options = TripletOptions {
        dimension: 6,
        epochs: 2,
        ..TripletOptions::of(TripletModel::RotatE)
    };
    triplets::embed(&graph(), &options, |_| {}).unwrap()
}

#[test]
fn embeddings_survive_their_file_and_damage_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.safetensors");
    for embeddings in [embeddings(), triplet_embeddings()] {
        let again = folder.path().join("again.safetensors");
        embeddings.save(&path).unwrap();
        embeddings.save(&again).unwrap();
        assert_eq!(fs::read(&path).unwrap(), fs::read(&again).unwrap());
        let loaded = Embeddings::load(&path).unwrap();
        assert_eq!(loaded.vectors(), embeddings.vectors());
        assert!(loaded.keys().eq(embeddings.keys()));
        assert_eq!(loaded.relations(), embeddings.relations());
        assert_eq!(loaded.relation_vectors(), embeddings.relation_vectors());
        assert_eq!(loaded.provenance(), embeddings.provenance());
        assert_eq!(loaded.provenance().graph.splits, ["train"]);
        damage_is_noticed(&path);
        older_files_are_read(&embeddings, &path);
    }
    let embeddings = triplet_embeddings();
    assert_eq!(embeddings.relations(), graph().relations());
    assert_eq!(
        embeddings.relation_vectors().len(),
        6 * graph().relations().len()
    );
    assert_eq!(embeddings.vectors().len(), 6 * graph().node_count());
}

fn damage_is_noticed(path: &Path) {
    let good = fs::read(path).unwrap();
    let header = 8 + u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    for place in (header..good.len()).step_by(11) {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        fs::write(path, bytes).unwrap();
        let error = Embeddings::load(path).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{place}: {error}");
    }
    for place in (0..header).step_by(7) {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        fs::write(path, bytes).unwrap();
        let error = Embeddings::load(path).unwrap_err().to_string();
        assert!(error.contains("e.safetensors"), "{place}: {error}");
    }
    fs::write(path, &good[..good.len() - 1]).unwrap();
    assert!(matches!(
        Embeddings::load(path).unwrap_err(),
        Error::Damaged { .. }
    ));
    let text =
        String::from_utf8_lossy(&good[8..header]).replace("\"version\":\"2\"", "\"version\":\"9\"");
    fs::write(
        path,
        [&good[..8], text.as_bytes(), &good[header..]].concat(),
    )
    .unwrap();
    let error = Embeddings::load(path).unwrap_err();
    assert!(matches!(error, Error::Version { found: 9, .. }), "{error}");
}

/// Files of version 1, whose checksum is that of the tensors.
fn older_files_are_read(embeddings: &Embeddings, path: &Path) {
    embeddings.save(path).unwrap();
    let good = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&good).unwrap();
    let names = ["vectors", "kinds", "name_ends", "names", "relation_vectors"];
    let tensors = || {
        names
            .iter()
            .filter_map(|name| Some((*name, file.tensor(name).ok()?)))
    };
    let mut checksum = crc32fast::Hasher::new();
    tensors().for_each(|(_, tensor)| checksum.update(tensor.data()));
    let (_, header) = SafeTensors::read_metadata(&good).unwrap();
    let mut metadata = header.metadata().clone().unwrap();
    metadata.retain(|key, _| !key.starts_with("artkg_checksum"));
    metadata.insert("version".into(), "1".into());
    metadata.insert("checksum".into(), format!("{:08x}", checksum.finalize()));
    let mut bytes = safetensors::serialize(tensors(), Some(metadata)).unwrap();
    fs::write(path, &bytes).unwrap();
    assert_eq!(
        Embeddings::load(path).unwrap().vectors(),
        embeddings.vectors()
    );
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(path, &bytes).unwrap();
    let error = Embeddings::load(path).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn vectors_that_are_no_numbers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.safetensors");
    embeddings().save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let vectors = file.tensor("vectors").unwrap().data().as_ptr() as usize;
    let place = vectors - bytes.as_ptr() as usize;
    bytes[place..place + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    // Sealed anew, so that only the value is wrong.
    let end = artkg_files::checksum::header_end(&bytes).unwrap();
    let (start, rest) = bytes.split_at_mut(end);
    let key = b"\"artkg_checksum\":\"";
    let found = start.windows(key.len()).position(|part| part == key);
    let digits = found.unwrap() + key.len();
    start[digits..digits + 64].fill(b'0');
    artkg_files::checksum::seal(start, |hash| hash.write_all(rest)).unwrap();
    fs::write(&path, &bytes).unwrap();
    let error = Embeddings::load(&path).unwrap_err().to_string();
    assert!(error.contains("1 of its values"), "{error}");
}

#[test]
#[ignore = "needs Python with gensim (ARTKG_PYTHON)"]
fn gensim_reads_the_word2vec_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors.txt");
    let embeddings = embeddings();
    embeddings.write_word2vec(&path).unwrap();
    let vectors: Vec<Value> = embeddings
        .keys()
        .map(|(kind, name)| {
            let word = format!("{kind}:{}", name.replace(' ', "_"));
            json!([word, embeddings.get(kind, name).unwrap()])
        })
        .collect();
    let expected = folder.path().join("expected.json");
    fs::write(&expected, json!({ "vectors": vectors }).to_string()).unwrap();
    read("word2vec", &path, &expected);
}
