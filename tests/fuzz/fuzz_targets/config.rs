#![no_main]

use keyrack_tests::hostile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::fuzz(hostile::config, bytes));
