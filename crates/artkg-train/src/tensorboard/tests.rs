use super::*;

#[test]
fn checksum_has_the_standard_check_value() {
    assert_eq!(checksum(b"123456789"), 0xe306_9283);
    assert_eq!(checksum(b""), 0);
}

/// Reads a number of seven bits a byte.
fn take_number(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

/// The fields of a protocol buffer: number and raw bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = take_number(&mut bytes);
        let length = match tag & 7 {
            0 => {
                let number = take_number(&mut bytes);
                fields.push((tag >> 3, number.to_le_bytes().to_vec()));
                continue;
            }
            1 => 8,
            2 => take_number(&mut bytes) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        fields.push((tag >> 3, bytes[..length].to_vec()));
        bytes = &bytes[length..];
    }
    fields
}

/// The data of each record, checksums checked.
fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert_eq!(bytes[8..12], masked_checksum(&bytes[..8]).to_le_bytes());
        let data = &bytes[12..12 + length];
        assert_eq!(
            bytes[12 + length..16 + length],
            masked_checksum(data).to_le_bytes()
        );
        records.push(data.to_vec());
        bytes = &bytes[16 + length..];
    }
    records
}

fn write_sample(folder: &Path) -> PathBuf {
    let mut writer = EventWriter::open(folder, 0).unwrap();
    let values = [("loss/total".to_owned(), 0.25), ("rate".to_owned(), 1e-3)];
    writer.scalars(300, &values).unwrap();
    let keep = writer.length();
    writer.scalars(301, &values).unwrap();
    drop(writer);
    // As if resumed: the second step is dropped and written again.
    let mut writer = EventWriter::open(folder, keep).unwrap();
    writer
        .scalars(301, &[("loss/total".to_owned(), 0.125)])
        .unwrap();
    writer.sync().unwrap();
    existing(folder).unwrap()
}

#[test]
fn events_can_be_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(write_sample(folder.path())).unwrap();
    let records = records(&bytes);
    assert_eq!(records.len(), 3);
    let version = &fields(&records[0])[2];
    assert_eq!(version, &(3, b"brain.Event:2".to_vec()));
    let event = fields(&records[1]);
    assert_eq!(event[1], (2, 300u64.to_le_bytes().to_vec()));
    let values = fields(&event[2].1);
    assert_eq!((event[2].0, values.len()), (5, 2));
    let value = fields(&values[0].1);
    assert_eq!(value[0], (1, b"loss/total".to_vec()));
    assert_eq!(value[1], (2, 0.25f32.to_le_bytes().to_vec()));
}

/// TensorBoard's own reader.
#[test]
#[ignore = "needs Python with tensorboard (ARTKG_PYTHON)"]
fn tensorboard_reads_the_file() {
    let python = |code: &str, path: &Path| {
        let program = std::env::var("ARTKG_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut command = std::process::Command::new(program);
        command.arg("-c").arg(code).arg(path).output()
    };
    let folder = tempfile::tempdir().unwrap();
    write_sample(folder.path());
    let code = "import sys\n\
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n\
        events = EventAccumulator(sys.argv[1]).Reload()\n\
        print([(e.step, e.value) for e in events.Scalars('loss/total')])\n";
    let output = python(code, folder.path()).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim(), "[(300, 0.25), (301, 0.125)]", "{output:?}");
}
