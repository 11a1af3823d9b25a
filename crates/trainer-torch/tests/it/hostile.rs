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
