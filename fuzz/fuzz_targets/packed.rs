#![no_main]

libfuzzer_sys::fuzz_target!(init: trainer_fuzz::start(), |bytes: &[u8]| trainer_fuzz::run("packed", bytes));
