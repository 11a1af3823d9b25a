//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

#[path = "../../../../examples/parity_tokens/case.rs"]
mod case;
mod chats;
mod class_values;
mod classes;
mod columns;
mod fingerprints;
mod hostile;
mod known_words;
mod loading;
mod mapped;
mod padding;
mod question_answering;
mod recorded;
mod saving;
mod sentence_pieces;
mod support;
mod training;
mod windows;
mod words;
