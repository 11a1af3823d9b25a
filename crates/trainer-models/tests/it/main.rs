//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod alignment;
mod bert_recorded;
mod configs;
mod deberta;
mod families;
mod fast;
mod loading;
mod masked_words;
mod modernbert;
mod number_types;
mod options;
mod own_backbone;
mod passes;
mod pickles;
mod saving;
mod sharing;
mod small_families;
mod support;
