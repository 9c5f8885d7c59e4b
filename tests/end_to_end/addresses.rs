//! Images by their addresses, from a server on this machine.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::path::{painted, trained};
use crate::program::{run, succeed};

/// Serves the files of a folder; the rest is not there. How often each was asked for is
/// counted.
fn serve(folder: PathBuf) -> (String, Arc<Mutex<BTreeMap<String, usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let counts = Arc::new(Mutex::new(BTreeMap::new()));
    let counted = Arc::clone(&counts);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let Some(Ok(first)) = lines.next() else {
                continue;
            };
            lines.map_while(Result::ok).find(String::is_empty);
            let path = first.split(' ').nth(1).unwrap().to_owned();
            *counted.lock().unwrap().entry(path.clone()).or_default() += 1;
            let (status, body) = match fs::read(folder.join(path.trim_start_matches('/'))) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            stream
                .write_all(&[head.as_bytes(), &body].concat())
                .unwrap();
        }
    });
    (address, counts)
}

#[test]
fn images_are_fetched_by_address_for_tags_and_for_a_corpus() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "80");
    trained(folder);
    let (address, counts) = serve(folder.join("corpus/images"));
    let mut images: Vec<String> = fs::read_dir(folder.join("corpus/images"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    images.sort();

    let there = format!("{address}/{}", images[0]);
    let gone = format!("{address}/gone.jpg");
    let own = format!("corpus/images/{}", images[1]);
    fs::write(
        folder.join("list.txt"),
        format!("{there}\n{own}\n{gone}\n{there}\n"),
    )
    .unwrap();
    let tag = |output: &str, more: &[&str]| {
        let arguments = [
            "tag",
            "--model",
            "run/model.safetensors",
            "--list",
            "list.txt",
            "--output",
            output,
        ];
        run(folder, &[&arguments[..], more].concat())
    };
    // Machines of private networks are not asked.
    let refused = tag("refused.csv", &[]);
    assert_eq!(refused.status, 1, "{}", refused.errors);
    let reason = ": 127.0.0.1 is an address of a private network or of this machine";
    assert!(refused.errors.contains(reason), "{}", refused.errors);
    assert!(counts.lock().unwrap().is_empty());

    let finished = tag("tags.csv", &["--allow-private-hosts"]);
    assert_eq!(finished.status, 1, "{}", finished.errors);
    let left_out = format!("left out: {gone}: the server answers 404 (Not Found)");
    assert!(finished.errors.contains(&left_out), "{}", finished.errors);
    let tags = fs::read_to_string(folder.join("tags.csv")).unwrap();
    let rows: Vec<&str> = tags.lines().skip(1).collect();
    assert_eq!(rows.len(), 2, "{tags}");
    assert!(
        rows[0].starts_with(&own) && rows[1].starts_with(&there),
        "{tags}"
    );
    // The same image from the disk has the same tags.
    let direct = [
        "tag",
        "--model",
        "run/model.safetensors",
        "--output",
        "direct.csv",
    ];
    let file = format!("corpus/images/{}", images[0]);
    succeed(folder, &[&direct[..], &[&file]].concat());
    let direct = fs::read_to_string(folder.join("direct.csv")).unwrap();
    let values = |row: &str| row.split_once(',').unwrap().1.to_owned();
    assert_eq!(values(rows[1]), values(direct.lines().nth(1).unwrap()));
    // What was fetched is not asked for again.
    tag("again.csv", &["--allow-private-hosts"]);
    assert_eq!(counts.lock().unwrap()[&format!("/{}", images[0])], 1);

    a_corpus_is_fetched(folder, &address);
}

fn a_corpus_is_fetched(folder: &Path, address: &str) {
    // The same artworks, with addresses in place of files.
    let remote = folder.join("remote");
    fs::create_dir(&remote).unwrap();
    fs::copy(
        folder.join("corpus/corpus.toml"),
        remote.join("corpus.toml"),
    )
    .unwrap();
    let mut reader = csv::Reader::from_path(folder.join("corpus/artworks.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let image = header.iter().position(|name| name == "image").unwrap();
    let mut writer = csv::Writer::from_path(remote.join("artworks.csv")).unwrap();
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let cells = record
            .iter()
            .enumerate()
            .map(|(place, cell)| match place == image {
                true => format!("{address}/{cell}"),
                false => cell.to_owned(),
            });
        writer.write_record(cells).unwrap();
    }
    writer.flush().unwrap();
    let fetch = ["corpus", "fetch", "remote", "--allow-private-hosts"];
    let said = succeed(folder, &fetch);
    assert!(
        said.contains("80 images fetched") && said.contains("there already: 0"),
        "{said}"
    );
    let said = succeed(folder, &fetch);
    assert!(
        said.contains("0 images fetched") && said.contains("there already: 80"),
        "{said}"
    );
    let tag = |corpus: &str, output: &str| {
        let model = "run/model.safetensors";
        let arguments = [
            "tag", "--model", model, "--corpus", corpus, "--output", output,
        ];
        succeed(folder, &arguments);
        let tags = fs::read_to_string(folder.join(output)).unwrap();
        // Without the names of the files.
        let rows = tags
            .lines()
            .map(|row| row.split_once(',').unwrap().1.to_owned());
        rows.collect::<Vec<String>>()
    };
    assert_eq!(tag("corpus", "near.csv"), tag("remote", "far.csv"));
}
