//! The random numbers of `numpy.random.default_rng`, which Python's `datasets` draws from.

/// numpy's `Generator` over PCG64 (XSL RR 128/64).
///
/// O'Neill, <https://www.pcg-random.org/>; numpy's is in
/// <https://github.com/numpy/numpy/blob/v2.4.0/numpy/random/src/pcg64/pcg64.h>.
pub(crate) struct Generator {
    state: u128,
    increment: u128,
    /// The upper half of the last 64 bits, where only the lower one was used.
    half: Option<u32>,
}

const MULTIPLIER: u128 = 2_549_297_995_355_413_924 << 64 | 4_865_540_595_714_422_341;

impl Generator {
    /// `default_rng(seed)`.
    pub(crate) fn new(seed: u64) -> Self {
        let [first, second, third, fourth] = seed_words(seed);
        let wide = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
        let mut generator = Self {
            state: 0,
            increment: wide(third, fourth) << 1 | 1,
            half: None,
        };
        generator.step();
        generator.state = generator.state.wrapping_add(wide(first, second));
        generator.step();
        generator
    }

    /// The generator that stands where [`Self::words`] says.
    pub(crate) fn of_words(words: [u64; 5]) -> Self {
        let [high, low, first, second, half] = words;
        let wide = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
        Self {
            state: wide(high, low),
            increment: wide(first, second),
            half: u32::try_from(half).ok(),
        }
    }

    /// Where it stands. The last word is no 32-bit number where no half is left.
    pub(crate) fn words(&self) -> [u64; 5] {
        let half = self.half.map_or(u64::MAX, u64::from);
        let (state, increment) = (self.state, self.increment);
        [
            (state >> 64) as u64,
            state as u64,
            (increment >> 64) as u64,
            increment as u64,
            half,
        ]
    }

    fn step(&mut self) {
        let product = self.state.wrapping_mul(MULTIPLIER);
        self.state = product.wrapping_add(self.increment);
    }

    fn next64(&mut self) -> u64 {
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    fn next32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let both = self.next64();
        self.half = Some((both >> 32) as u32);
        both as u32
    }

    /// A number from 0 up to, and not including, 1: `random()`.
    fn double(&mut self) -> f64 {
        const SCALE: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.next64() >> 11) as f64 * SCALE
    }

    /// A whole number from 0 to `most`, by Lemire's method: `random_bounded_uint64` of
    /// <https://github.com/numpy/numpy/blob/v2.4.0/numpy/random/src/distributions/distributions.c>.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        if let Ok(narrow) = u32::try_from(most) {
            let Some(count) = narrow.checked_add(1) else {
                return self.next32().into();
            };
            let draw = |bits: u32| u64::from(bits) * u64::from(count);
            let mut product = draw(self.next32());
            if (product as u32) < count {
                let threshold = (u32::MAX - narrow) % count;
                while (product as u32) < threshold {
                    product = draw(self.next32());
                }
            }
            return product >> 32;
        }
        let Some(count) = most.checked_add(1) else {
            return self.next64();
        };
        let draw = |bits: u64| u128::from(bits) * u128::from(count);
        let mut product = draw(self.next64());
        if (product as u64) < count {
            let threshold = (u64::MAX - most) % count;
            while (product as u64) < threshold {
                product = draw(self.next64());
            }
        }
        (product >> 64) as u64
    }

    /// A whole number from 0 to `most`, by drawing as many bits as it has until they are one: `random_interval` there.
    fn interval(&mut self, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let mask = u64::MAX >> most.leading_zeros();
        loop {
            let bits = match u32::try_from(most) {
                Ok(_) => self.next32().into(),
                Err(_) => self.next64(),
            };
            if bits & mask <= most {
                return bits & mask;
            }
        }
    }

    /// `values` in random order: `shuffle(values)`.
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for at in (1..values.len()).rev() {
            let other = self.interval(at as u64) as usize;
            values.swap(at, other);
        }
    }

    /// Brings the elements behind the first `fixed` into random order, drawing their partners from all, as `choice` does.
    fn shuffle_behind(&mut self, values: &mut [usize], fixed: usize) {
        for at in (fixed.max(1)..values.len()).rev() {
            let other = self.up_to(at as u64) as usize;
            values.swap(at, other);
        }
    }

    /// `permutation(count)`: `0..count` in random order.
    pub(crate) fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        self.shuffle(&mut order);
        order
    }

    /// `choice(count, size, replace=False)`: `size` of the numbers `0..count`, which are at least as many, each once.
    pub(crate) fn choice(&mut self, count: usize, size: usize) -> Vec<usize> {
        const CUTOFF: usize = 50;
        if count > 10_000 && size > count / CUTOFF {
            let mut all: Vec<usize> = (0..count).collect();
            self.shuffle_behind(&mut all, count - size);
            return all.split_off(count - size);
        }
        // Floyd's algorithm.
        let mut taken = std::collections::HashSet::with_capacity(size);
        let mut chosen = Vec::with_capacity(size);
        for last in count - size..count {
            let drawn = self.up_to(last as u64) as usize;
            let number = if taken.contains(&drawn) { last } else { drawn };
            taken.insert(number);
            chosen.push(number);
        }
        self.shuffle_behind(&mut chosen, 1);
        chosen
    }

    /// `choice(len, size, p=probabilities)`: numbers of probabilities, each as often as its probability says.
    pub(crate) fn weighted(&mut self, probabilities: &[f64], size: usize) -> Vec<usize> {
        let mut sum = 0.0;
        let ends = probabilities.iter().map(|probability| {
            sum += probability;
            sum
        });
        let mut ends: Vec<f64> = ends.collect();
        ends.iter_mut().for_each(|end| *end /= sum);
        let draws = (0..size).map(|_| {
            let drawn = self.double();
            ends.partition_point(|end| *end <= drawn)
        });
        draws.collect()
    }
}

/// `SeedSequence(seed).generate_state(4, uint64)`:
/// <https://github.com/numpy/numpy/blob/v2.4.0/numpy/random/bit_generator.pyx>.
fn seed_words(seed: u64) -> [u64; 4] {
    const MULTIPLIER_A: u32 = 0x931e_8875;
    const MULTIPLIER_B: u32 = 0x58f3_8ded;
    let mixed = |value: u32| value ^ value >> 16;
    let mut constant: u32 = 0x43b0_d7e5;
    let mut hashed = |value: u32| {
        let value = value ^ constant;
        constant = constant.wrapping_mul(MULTIPLIER_A);
        mixed(value.wrapping_mul(constant))
    };
    let mut pool = [seed as u32, (seed >> 32) as u32, 0, 0].map(&mut hashed);
    for source in 0..pool.len() {
        for target in 0..pool.len() {
            if source != target {
                let right = hashed(pool[source]).wrapping_mul(0x4973_f715);
                let left = pool[target].wrapping_mul(0xca01_f9dd);
                pool[target] = mixed(left.wrapping_sub(right));
            }
        }
    }
    let mut constant: u32 = 0x8b51_f9dd;
    let mut words = pool.iter().cycle().map(|value| {
        let value = value ^ constant;
        constant = constant.wrapping_mul(MULTIPLIER_B);
        u64::from(mixed(value.wrapping_mul(constant)))
    });
    let mut word = || words.next().unwrap_or_default();
    [(); 4].map(|()| word() | word() << 32)
}
