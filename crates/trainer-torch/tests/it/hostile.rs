//! Pickles that mean harm, or nothing at all: each is an error that says why, none a panic or a full memory.

use std::io::Write;

use proptest::prelude::*;
use trainer_torch::pickle::{self, Value};
use zip::write::SimpleFileOptions;

/// A file of `torch.save` with this pickle and one storage of 8 bytes.
fn load(program: &[u8]) -> trainer_torch::Result<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.pt");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in [("hostile/data.pkl", program), ("hostile/data/0", &[0; 8])] {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    pickle::load(&path)
}

fn message(program: &[u8]) -> String {
    load(program).unwrap_err().to_string()
}

#[test]
fn calls_are_refused() {
    let system = message(b"\x80\x02cposix\nsystem\nX\x02\0\0\0ls\x85R.");
    assert!(
        system.contains("posix.system, which is refused"),
        "{system}"
    );
    let by_stack = message(b"\x80\x04\x8c\x02os\x8c\x06system\x93.");
    assert!(by_stack.contains("os.system"), "{by_stack}");
    assert!(message(b"\x80\x02cnumpy\nndarray\n.").contains("NumpyArray as a value"));
}

#[test]
fn broken_programs_say_where() {
    for (program, reason) in [
        (&b""[..], "ends inside"),
        (b"\x80\x05N.", "protocol 5"),
        (b"\x80\x02.", "too few values"),
        (b"\x80\x02K\x01K\x02a.", "not a list"),
        (b"\x80\x02}K\x01s.", "an empty stack"),
        (b"\x80\x02(t", "ends inside"),
        (b"\x80\x02t.", "no mark"),
        (b"\x80\x02h\x07.", "no memory 7"),
        (b"\x80\x02\x8a\x09123456789.", "at most 8"),
        (b"\x80\x02X\xff\xff\xff\xff.", "ends inside"),
        (b"\x80\x02NN\x85R.", "not a function"),
        (b"\x80\x02NNb.", "state"),
        (b"\x80\x02\xff.", "unknown instruction 0xff"),
    ] {
        let message = message(program);
        assert!(
            message.contains(reason) && message.contains("hostile.pt"),
            "{message}"
        );
    }
}

/// `_rebuild_tensor_v2` of a storage of `numel` floats named `key`, with these small numbers.
fn tensor(key: u8, numel: u8, offset: u8, size: u8, stride: u8) -> Vec<u8> {
    let mut program =
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
            .to_vec();
    program.extend([b'X', 1, 0, 0, 0, key]);
    program.extend(b"X\x03\0\0\0cpu");
    program.extend([
        b'K', numel, b't', b'Q', b'K', offset, b'K', size, 0x85, b'K', stride, 0x85,
    ]);
    program.extend(b"\x89ccollections\nOrderedDict\n)RtR.");
    program
}

#[test]
fn tensors_stay_within_their_storage() {
    assert_eq!(
        load(&tensor(b'0', 2, 0, 2, 1))
            .unwrap()
            .as_tensor()
            .unwrap()
            .size(),
        [2]
    );
    assert!(message(&tensor(b'0', 2, 1, 2, 1)).contains("in a storage of 2 elements"));
    assert!(message(&tensor(b'0', 2, 0, 2, 2)).contains("in a storage of 2 elements"));
    assert!(message(&tensor(b'0', 9, 0, 2, 1)).contains("has 8 bytes, expected 9 elements"));
    assert!(message(&tensor(b'1', 2, 0, 2, 1)).contains("storage 1"));
}

#[test]
fn depth_and_size_are_bounded() {
    let mut deep = b"\x80\x02".to_vec();
    deep.extend([b']'; 100_000]);
    deep.extend([b'a'; 99_999]);
    deep.push(b'.');
    assert!(message(&deep).contains("nested more than"));

    let mut cycle = b"\x80\x02]q\0h\0a.".to_vec();
    assert!(message(&cycle).contains("nested more than"));

    // Sixteen elements, each the list before: 16^30 values from 2 KiB.
    cycle = b"\x80\x02]q\0".to_vec();
    for level in 0..30u8 {
        cycle.extend([b']', b'q', level + 1, b'(']);
        (0..16).for_each(|_| cycle.extend([b'h', level]));
        cycle.push(b'e');
    }
    cycle.push(b'.');
    assert!(message(&cycle).contains("larger than any"));

    // A list of ten thousand numbers, copied ten thousand times.
    let mut copies = b"\x80\x02ctorch\nSize\nq\0](".to_vec();
    (0..10_000).for_each(|_| copies.extend(b"K\x01"));
    copies.extend(b"eq\x01");
    (0..10_000).for_each(|_| copies.extend(b"h\0h\x01\x85R"));
    copies.push(b'.');
    assert!(message(&copies).contains("more copies"));
}

/// A file of `torch.save` whose entries are packed so, with this pickle and these storages.
fn archive(packed: zip::CompressionMethod, program: &[u8], storages: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(packed);
    zip.start_file("hostile/data.pkl", options).unwrap();
    zip.write_all(program).unwrap();
    for (key, bytes) in storages {
        zip.start_file(format!("hostile/data/{key}"), options)
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn message_of(file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.pt");
    std::fs::write(&path, file).unwrap();
    pickle::load(&path).unwrap_err().to_string()
}

/// `_rebuild_tensor_v2` of the storage of 2 floats `0`, with these sizes of 8 bytes and strides of 0.
fn expanded(sizes: &[i64]) -> Vec<u8> {
    let mut program = tensor(b'0', 2, 0, 2, 1);
    let shape = program.len() - b"K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR.".len();
    let end = program.split_off(shape + b"K\x02\x85K\x01\x85".len());
    program.truncate(shape);
    program.push(b'(');
    for size in sizes {
        program.extend([0x8a, 8]);
        program.extend(size.to_le_bytes());
    }
    program.extend(b"t(");
    sizes.iter().for_each(|_| program.extend(b"K\0"));
    program.push(b't');
    program.extend(end);
    program
}

#[test]
fn tensors_have_elements_in_proportion_to_the_file() {
    let small = load(&expanded(&[3, 1000])).unwrap();
    assert_eq!(small.as_tensor().unwrap().size(), [3, 1000]);
    for sizes in [
        &[1 << 40][..],
        &[1 << 25],
        &[1 << 62, 2, 0],
        &[0, 1 << 62, 1 << 62],
        &[i64::MAX],
    ] {
        let message = message(&expanded(sizes));
        assert!(message.contains("more than tensors of a file"), "{message}");
    }
    // As many small ones as would have as much.
    let mut many = b"\x80\x02(".to_vec();
    let one = &expanded(&[1 << 22])[2..];
    (0..9).for_each(|_| many.extend(&one[..one.len() - 1]));
    many.extend(b"l.");
    assert!(message(&many).contains("more than tensors of a file"));
}

#[test]
fn what_is_shared_counts_as_often_as_it_stands_there() {
    // Twenty levels of pairs of one text: 2^20 texts.
    let mut pairs = b"\x80\x02X\x3f\0\0\0".to_vec();
    pairs.extend([b'a'; 63]);
    for level in 0..21u8 {
        pairs.extend([b'q', level, b'h', level, 0x86]);
    }
    pairs.push(b'.');
    assert!(message(&pairs).contains("larger than any"));
    // An array of a thousand axes of no length, a hundred thousand times.
    let mut arrays = b"\x80\x02cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R(K\x01(".to_vec();
    (0..1000).for_each(|_| arrays.extend(b"K\0"));
    arrays.extend(b"tcnumpy\ndtype\nX\x02\0\0\0u1\x85R\x89C\0tbq\0(");
    (0..100_000).for_each(|_| arrays.extend(b"h\0"));
    arrays.extend(b"t.");
    assert!(message(&arrays).contains("larger than any"));
}

#[test]
fn archives_are_not_packed_and_their_parts_lie_apart() {
    let whole = archive(
        zip::CompressionMethod::Stored,
        &tensor(b'0', 2, 0, 2, 1),
        &[("0", &[0; 8])],
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pt"), &whole).unwrap();
    assert!(pickle::load(&folder.path().join("a.pt")).is_ok());

    let packed = archive(zip::CompressionMethod::Deflated, b"\x80\x02N.", &[]);
    assert!(message_of(&packed).contains("is packed"));

    // Each entry is said to be where the largest one is.
    let mut program = b"\x80\x02(".to_vec();
    for key in 0..9 {
        let one = tensor(b'0' + key, 250, 0, 2, 1);
        program.extend(&one[2..one.len() - 1]);
    }
    program.extend(b"t.");
    let zeros = [0; 1000];
    let storages: Vec<(String, &[u8])> = (0..9).map(|key| (key.to_string(), &zeros[..])).collect();
    let storages: Vec<(&str, &[u8])> = storages
        .iter()
        .map(|(key, bytes)| (key.as_str(), *bytes))
        .collect();
    let file = archive(zip::CompressionMethod::Stored, &program, &storages[..1]);
    let begin = file
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    let overlapping = overlapping(&file, begin);
    let message = message_of(&overlapping);
    assert!(message.contains("lies over other parts"), "{message}");
}

/// The archive with its last entry nine times in its list, as the storages 0 to 8.
fn overlapping(file: &[u8], begin: usize) -> Vec<u8> {
    let end = file
        .windows(4)
        .rposition(|bytes| bytes == b"PK\x05\x06")
        .unwrap();
    let last = file[..end]
        .windows(4)
        .rposition(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    let mut overlapping = file[..end].to_vec();
    for key in b'1'..b'9' {
        let mut entry = file[last..end].to_vec();
        let name = entry
            .windows(6)
            .position(|bytes| bytes == b"data/0")
            .unwrap();
        entry[name + 5] = key;
        overlapping.extend(entry);
    }
    let length = u32::try_from(overlapping.len() - begin).unwrap();
    let mut tail = file[end..].to_vec();
    tail[8] += 8;
    tail[10] += 8;
    tail[12..16].copy_from_slice(&length.to_le_bytes());
    overlapping.extend(tail);
    overlapping
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let zero = folder.path().join("zero.pt");
    symlink("/dev/zero", &zero).unwrap();
    let pipe = folder.path().join("pipe.pt");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for path in [zero.as_path(), &pipe, folder.path()] {
        let message = pickle::load(path).unwrap_err().to_string();
        assert!(message.contains("no regular file"), "{message}");
        assert!(pickle::check_whole(path).is_err());
    }
}

proptest! {
    #[test]
    fn nonsense_never_panics(program in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(load(&program));
    }

    #[test]
    fn instructions_in_any_order_never_panic(
        codes in proptest::collection::vec(proptest::sample::select(&b"(N\x88]})aesut\x85\x86\x87\x94h\0K\x01RbQ."[..]), 0..60)
    ) {
        let mut program = b"\x80\x04ccollections\nOrderedDict\n".to_vec();
        program.extend(codes);
        program.push(b'.');
        drop(load(&program));
    }
}
