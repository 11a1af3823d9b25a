//! How Python and NumPy seed their Mersenne twisters. Neither draws here, so that there is no more to it.

use super::{NumpyState, PythonState};

const WORDS: usize = 624;

impl PythonState {
    /// What `random.seed(seed)` makes: `init_by_array` of the seed's 32-bit digits, the lowest first.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let (low, high) = (low_word(seed), low_word(seed >> 32));
        let mut words = if high == 0 {
            init_by_array(&[low])
        } else {
            init_by_array(&[low, high])
        };
        words.push(624);
        Self {
            version: 3,
            words,
            gauss_next: None,
        }
    }
}

impl NumpyState {
    /// What `numpy.random.seed(seed)` makes; NumPy takes seeds of 32 bits only, and so the low ones count.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            key: init_genrand(low_word(seed)),
            pos: 624,
            has_gauss: 0,
            cached_gaussian: 0.0,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low word is what is wanted"
)]
fn low_word(number: u64) -> u32 {
    number as u32
}

/// `init_genrand` of Matsumoto and Nishimura's mt19937ar.c.
fn init_genrand(seed: u32) -> Vec<u32> {
    let mut state = vec![seed; WORDS];
    for (index, number) in (1..WORDS).zip(1u32..) {
        let previous = state[index - 1];
        state[index] = 1_812_433_253u32
            .wrapping_mul(previous ^ (previous >> 30))
            .wrapping_add(number);
    }
    state
}

/// `init_by_array` of mt19937ar.c. `key` has at least one word.
fn init_by_array(key: &[u32]) -> Vec<u32> {
    let mut state = init_genrand(19_650_218);
    let mut index = 1;
    let mixed = |state: &[u32], index: usize, factor: u32| {
        let previous = state[index - 1];
        state[index] ^ (previous ^ (previous >> 30)).wrapping_mul(factor)
    };
    let next = |state: &mut [u32], index: usize| {
        if index + 1 < WORDS {
            return index + 1;
        }
        state[0] = state[WORDS - 1];
        1
    };
    for (word, number) in key.iter().zip(0u32..).cycle().take(WORDS.max(key.len())) {
        state[index] = mixed(&state, index, 1_664_525)
            .wrapping_add(*word)
            .wrapping_add(number);
        index = next(&mut state, index);
    }
    for _ in 1..WORDS {
        let place = u32::try_from(index).unwrap_or(0);
        state[index] = mixed(&state, index, 1_566_083_941).wrapping_sub(place);
        index = next(&mut state, index);
    }
    state[0] = 0x8000_0000;
    state
}
