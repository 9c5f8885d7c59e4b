//! Fetching from servers that stall, cut off, are busy, redirect and lie.

// Helpers of tests fail the way that tests do.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use artkg_fetch::{Cache, Fault, Fetched, Options, fetch};

/// What a server was asked, and how often at once.
#[derive(Default)]
struct Log {
    requests: Mutex<Vec<(String, HashMap<String, String>)>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl Log {
    fn count(&self, path: &str) -> usize {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|(asked, _)| asked == path).count()
    }
}

struct Server {
    address: String,
    log: Arc<Log>,
    stop: Arc<AtomicBool>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the one that waits for a connection.
        let _ = TcpStream::connect(self.address.trim_start_matches("http://"));
    }
}

/// Answers each request by `answer(path, how often it was asked before, stream)`.
fn serve(answer: impl Fn(&str, usize, &mut TcpStream) + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (log, stop) = (Arc::new(Log::default()), Arc::new(AtomicBool::new(false)));
    let (log_there, stop_there, answer) = (Arc::clone(&log), Arc::clone(&stop), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if stop_there.load(Ordering::Relaxed) {
                return;
            }
            let (log, answer) = (Arc::clone(&log_there), Arc::clone(&answer));
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let Some(Ok(first)) = lines.next() else {
                    return;
                };
                let path = first.split(' ').nth(1).unwrap().to_owned();
                let headers: HashMap<String, String> = lines
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .filter_map(|line| {
                        let (name, value) = line.split_once(": ")?;
                        Some((name.to_lowercase(), value.to_owned()))
                    })
                    .collect();
                let before = log.count(&path);
                log.requests.lock().unwrap().push((path.clone(), headers));
                let now = log.under_way.fetch_add(1, Ordering::SeqCst) + 1;
                log.most_under_way.fetch_max(now, Ordering::SeqCst);
                answer(&path, before, &mut stream);
                log.under_way.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    Server { address, log, stop }
}

fn jpeg() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 90]));
    picture
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}

fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    );
    // Whoever asked may have gone.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}

fn options() -> Options {
    Options {
        allow_private_hosts: true,
        pause: Duration::from_millis(10),
        longest_pause: Duration::from_secs(2),
        timeout: Duration::from_secs(5),
        retries: 2,
        ..Options::default()
    }
}

fn get(addresses: &[String], options: &Options) -> (Vec<Fetched>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    let fetched = fetch(addresses, &cache, options, &|| false, &|_| {});
    assert_eq!(fetched.len(), addresses.len());
    (fetched, folder)
}

fn fault(server: &Server, path: &str, options: &Options) -> Fault {
    let (mut fetched, _folder) = get(&[format!("{}{path}", server.address)], options);
    fetched.remove(0).file.unwrap_err().fault
}

#[test]
fn images_come_once_and_say_who_asks() {
    let server = serve(|_, _, stream| respond(stream, "200 OK", "", &jpeg()));
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    let addresses = vec![
        format!("{}/a.jpg", server.address),
        format!("{}/a.jpg", server.address),
    ];
    let options = Options {
        contact: Some("mailto:me@museum.example\r\nX: y".to_owned()),
        ..options()
    };
    let seen = Mutex::new(Vec::new());
    let ask = || {
        fetch(&addresses, &cache, &options, &|| false, &|done| {
            seen.lock().unwrap().push(done);
        })
    };
    let first = ask();
    assert!(!first[0].was_there && first[1].was_there);
    let file = first[0].file.as_ref().unwrap();
    assert_eq!(std::fs::read(file).unwrap(), jpeg());
    let second = ask();
    assert!(second[0].was_there);
    assert_eq!(server.log.count("/a.jpg"), 1);
    assert_eq!(*seen.lock().unwrap(), [0, 1, 1]);
    let requests = server.log.requests.lock().unwrap();
    let agent = &requests[0].1["user-agent"];
    assert!(agent.starts_with("artkg/") && agent.ends_with("(+mailto:me@museum.exampleX: y)"));
}

#[test]
fn servers_that_are_busy_are_asked_again_when_they_say() {
    let server = serve(|path, before, stream| match (path, before) {
        ("/429.jpg", 0) => respond(stream, "429 Too Many Requests", "Retry-After: 1\r\n", b""),
        ("/503.jpg", 0 | 1) => respond(stream, "503 Service Unavailable", "", b""),
        ("/always.jpg", _) => respond(stream, "503 Service Unavailable", "", b""),
        ("/later.jpg", _) => respond(stream, "429 Slow Down", "Retry-After: 9999\r\n", b""),
        ("/gone.jpg", _) => respond(stream, "404 Not Found", "", b""),
        _ => respond(stream, "200 OK", "", &jpeg()),
    });
    let start = Instant::now();
    let (fetched, _folder) = get(&[format!("{}/429.jpg", server.address)], &options());
    assert!(fetched[0].file.is_ok());
    assert!(start.elapsed() >= Duration::from_secs(1));
    let (fetched, _folder) = get(&[format!("{}/503.jpg", server.address)], &options());
    assert!(fetched[0].file.is_ok());
    assert_eq!(server.log.count("/503.jpg"), 3);

    assert!(matches!(
        fault(&server, "/always.jpg", &options()),
        Fault::Status { status: 503, .. }
    ));
    assert_eq!(server.log.count("/always.jpg"), 3);
    assert!(matches!(
        fault(&server, "/later.jpg", &options()),
        Fault::Busy { status: 429, pause } if pause.as_secs() == 9999
    ));
    assert!(matches!(
        fault(&server, "/gone.jpg", &options()),
        Fault::Status { status: 404, .. }
    ));
    assert_eq!(
        server.log.count("/gone.jpg"),
        1,
        "what is not there is not asked for again"
    );
}

#[test]
fn stalls_cuts_and_lies_about_lengths_are_found() {
    let server = serve(|path, before, stream| {
        let body = jpeg();
        match path {
            "/stall" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc");
                std::thread::sleep(Duration::from_secs(3));
            }
            "/silent" => std::thread::sleep(Duration::from_secs(3)),
            "/cut" => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(&body[..body.len() / 2]);
            }
            "/cut_once" if before == 0 => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(&body[..9]);
            }
            // Announces less than it sends: what is announced is no whole image.
            "/short" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n");
                let _ = stream.write_all(&body);
            }
            "/huge" => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
                let _ = stream.write_all(head.as_bytes());
            }
            "/endless" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                while stream.write_all(&[0; 4096]).is_ok() {}
            }
            "/chunks" => {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(b"4000\r\n");
                let _ = stream.write_all(&body[..body.len() - 20]);
            }
            "/page" => respond(
                stream,
                "200 OK",
                "Content-Type: image/jpeg\r\n",
                b"<html>sorry",
            ),
            "/noise" => {
                let _ = stream.write_all(b"\x00\x01\x02 what\r\n\r\n");
            }
            _ => respond(stream, "200 OK", "", &body),
        }
    });
    let impatient = Options {
        timeout: Duration::from_millis(400),
        retries: 1,
        most_bytes: 1 << 20,
        ..options()
    };
    let start = Instant::now();
    assert!(matches!(
        fault(&server, "/stall", &impatient),
        Fault::Timeout(_)
    ));
    assert!(matches!(
        fault(&server, "/silent", &impatient),
        Fault::Timeout(_)
    ));
    assert!(start.elapsed() < Duration::from_secs(3));
    let length = jpeg().len() as u64;
    assert!(matches!(
        fault(&server, "/cut", &options()),
        Fault::CutShort { received, expected: Some(expected) }
            if received == length / 2 && expected == length
    ));
    assert_eq!(server.log.count("/cut"), 3);
    let (fetched, _folder) = get(&[format!("{}/cut_once", server.address)], &options());
    assert!(fetched[0].file.is_ok());
    assert!(matches!(
        fault(&server, "/short", &impatient),
        Fault::CutShort { received: 300, .. }
    ));
    assert!(matches!(
        fault(&server, "/huge", &impatient),
        Fault::TooLong { .. }
    ));
    assert_eq!(server.log.count("/huge"), 1);
    let patient = Options {
        timeout: Duration::from_secs(5),
        ..impatient.clone()
    };
    assert!(
        matches!(fault(&server, "/endless", &patient), Fault::TooLong { most } if most == 1 << 20)
    );
    assert!(matches!(
        fault(&server, "/chunks", &patient),
        Fault::CutShort { .. }
    ));
    assert!(matches!(
        fault(&server, "/page", &options()),
        Fault::NotAnImage { found } if found == "text"
    ));
    assert_eq!(server.log.count("/page"), 1);
    assert!(matches!(
        fault(&server, "/noise", &options()),
        Fault::Connection(_)
    ));
}

#[test]
fn every_hop_of_a_redirect_is_checked() {
    let server = serve(|path, _, stream| {
        let to = |stream: &mut TcpStream, target: &str| {
            respond(stream, "302 Found", &format!("Location: {target}\r\n"), b"");
        };
        match path {
            "/moved" => to(stream, "/there.jpg"),
            "/loop" => to(stream, "/loop"),
            "/file" => to(stream, "file:///etc/passwd"),
            "/nowhere" => respond(stream, "302 Found", "", b""),
            "/metadata" => to(stream, "http://169.254.169.254/latest"),
            _ => respond(stream, "200 OK", "", &jpeg()),
        }
    });
    let (fetched, _folder) = get(&[format!("{}/moved", server.address)], &options());
    assert!(fetched[0].file.is_ok());
    assert!(matches!(
        fault(&server, "/loop", &options()),
        Fault::Redirect(_)
    ));
    assert!(server.log.count("/loop") <= 6);
    assert!(matches!(
        fault(&server, "/file", &options()),
        Fault::Address(_)
    ));
    let nowhere = fault(&server, "/nowhere", &options());
    assert_eq!(nowhere.to_string(), "a redirect to nowhere");
    assert_eq!(server.log.count("/nowhere"), 1);
}

#[test]
fn private_hosts_are_refused_unless_allowed() {
    let server = serve(|_, _, stream| respond(stream, "200 OK", "", &jpeg()));
    let port = server.address.rsplit_once(':').unwrap().1.to_owned();
    let strict = Options {
        allow_private_hosts: false,
        ..options()
    };
    for host in [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ] {
        let address = format!("http://{host}:{port}/a.jpg");
        let (mut fetched, _folder) = get(&[address], &strict);
        let error = fetched.remove(0).file.unwrap_err();
        assert!(
            matches!(error.fault, Fault::PrivateHost { .. }),
            "{host}: {error}"
        );
    }
    assert_eq!(server.log.count("/a.jpg"), 0, "nobody was asked");
}

#[test]
fn a_host_is_asked_two_things_at_a_time() {
    let server = serve(|_, _, stream| {
        std::thread::sleep(Duration::from_millis(30));
        respond(stream, "200 OK", "", &jpeg());
    });
    let addresses: Vec<String> = (0..12)
        .map(|number| format!("{}/{number}.jpg", server.address))
        .collect();
    let (fetched, _folder) = get(&addresses, &options());
    assert!(fetched.iter().all(|fetched| fetched.file.is_ok()));
    assert_eq!(server.log.most_under_way.load(Ordering::SeqCst), 2);
}

#[test]
fn services_are_asked_for_the_size_that_is_needed() {
    let server = serve(|path, _, stream| {
        let info = |stream: &mut TcpStream| {
            let text = br#"{"@context": "http://iiif.io/api/image/2/context.json",
                "width": 4000, "height": 3000, "profile": ["http://iiif.io/api/image/2/level2.json"]}"#;
            respond(stream, "200 OK", "Content-Type: application/json\r\n", text);
        };
        match path {
            "/iiif/x/info.json" | "/bare" => info(stream),
            "/iiif/x/full/683,/0/default.jpg" | "/bare/full/683,/0/default.jpg" => {
                respond(stream, "200 OK", "", &jpeg());
            }
            "/plain/full/full/0/default.jpg" => respond(stream, "200 OK", "", &jpeg()),
            _ => respond(stream, "404 Not Found", "", b""),
        }
    });
    let addresses: Vec<String> = [
        "/iiif/x/info.json",
        "/iiif/x/full/full/0/default.jpg",
        "/bare",
        // It looks like a service, and is a file.
        "/plain/full/full/0/default.jpg",
    ]
    .map(|path| format!("{}{path}", server.address))
    .into();
    let (fetched, _folder) = get(&addresses, &options());
    for fetched in &fetched {
        assert!(fetched.file.is_ok(), "{:?}", fetched.file);
    }
    assert_eq!(server.log.count("/iiif/x/full/full/0/default.jpg"), 0);
    assert_eq!(server.log.count("/iiif/x/full/683,/0/default.jpg"), 2);
}

#[test]
fn a_stop_ends_pauses_and_leaves_the_rest() {
    let server = serve(|_, _, stream| {
        respond(stream, "503 Busy", "Retry-After: 2\r\n", b"");
        let _ = stream.read(&mut [0; 1]);
    });
    let addresses: Vec<String> = (0..5)
        .map(|number| format!("{}/{number}.jpg", server.address))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let is_stopped = move || start.elapsed() > Duration::from_millis(300);
    let fetched = fetch(
        &addresses,
        &Cache::new(folder.path()),
        &options(),
        &is_stopped,
        &|_| {},
    );
    assert!(start.elapsed() < Duration::from_secs(2));
    let stopped = |fetched: &Fetched| matches!(&fetched.file, Err(error) if matches!(error.fault, Fault::Stopped));
    assert!(fetched.iter().all(stopped));
}
