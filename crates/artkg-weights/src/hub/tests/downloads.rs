use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::{COMMIT, file};
use crate::hub::Hub;
use crate::hub_file::HubFile;

/// Fails where a proxy stands between the client and this machine's own ports.
fn assert_no_proxy() {
    let proxy = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"]
        .into_iter()
        .flat_map(|name| [name.to_owned(), name.to_lowercase()])
        .find(|name| env::var_os(name).is_some());
    assert_eq!(proxy, None, "is set");
}

#[test]
#[ignore = "needs an environment without a proxy"]
fn https_works_without_system_libraries() {
    assert_no_proxy();
    // Nothing listens there: the point is that the client gets as far as
    // connecting, which it does not when it was built without TLS.
    let home = tempfile::tempdir().unwrap();
    let unreachable = Hub::new(home.path().into()).endpoint("https://127.0.0.1:9");
    let message = unreachable.fetch(&file()).unwrap_err().to_string();
    assert!(message.contains("refused"), "{message}");
}

/// Answers as the hub does: metadata for the range 0-0, else the file.
fn serve(listener: &TcpListener, contents: &[u8]) {
    for stream in listener.incoming().take(3) {
        let mut stream: TcpStream = stream.unwrap();
        let mut request = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while !request.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut request).unwrap(), 0);
        }
        let size = contents.len();
        if !request.starts_with("GET /owner/name/resolve/main/model.safetensors ") {
            let missing =
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(missing.as_bytes()).unwrap();
            continue;
        }
        let body = if request.to_ascii_lowercase().contains("bytes=0-0\r\n") {
            &contents[..1]
        } else {
            contents
        };
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\nETag: \"abc\"\r\nx-repo-commit: {COMMIT}\r\n\
             Content-Range: bytes 0-{}/{size}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len() - 1,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
    }
}

#[test]
#[ignore = "needs an environment without a proxy"]
fn downloads_reach_the_cache_and_missing_files_are_named() {
    assert_no_proxy();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || serve(&listener, b"the weights"));
    let home = tempfile::tempdir().unwrap();
    let online = Hub::new(home.path().into()).endpoint(endpoint);

    let path = online.fetch(&file()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"the weights");
    let again = online.clone().offline(true).fetch(&file()).unwrap();
    assert_eq!(again, path);

    let missing: HubFile = "owner/other".parse().unwrap();
    let message = online.fetch(&missing).unwrap_err().to_string();
    assert!(message.contains("no such file or repository"), "{message}");
    server.join().unwrap();
}
