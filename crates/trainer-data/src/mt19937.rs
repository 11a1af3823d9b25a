/// The Mersenne Twister of libtorch's CPU generator.
///
/// Matsumoto and Nishimura, `init_genrand` and `genrand_int32`; libtorch's is in
/// <https://github.com/pytorch/pytorch/blob/v2.11.0/aten/src/ATen/core/MT19937RNGEngine.h>.
pub(crate) struct Mt19937 {
    state: [u32; N],
    next: usize,
}

const N: usize = 624;
const M: usize = 397;

impl Mt19937 {
    /// Seeded as `torch.Generator.manual_seed`: only the low 32 bits of `seed` count.
    pub(crate) fn new(seed: u64) -> Self {
        let mut state = [0_u32; N];
        state[0] = seed as u32;
        for at in 1..N {
            let last = state[at - 1];
            state[at] = (last ^ (last >> 30))
                .wrapping_mul(1_812_433_253)
                .wrapping_add(at as u32);
        }
        Self { state, next: N }
    }

    /// The next 32 random bits.
    pub(crate) fn random(&mut self) -> u32 {
        if self.next == N {
            self.refill();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// The next 64 random bits, the high half drawn first.
    pub(crate) fn random64(&mut self) -> u64 {
        let high = u64::from(self.random());
        high << 32 | u64::from(self.random())
    }

    fn refill(&mut self) {
        for at in 0..N {
            let y = (self.state[at] & 0x8000_0000) | (self.state[(at + 1) % N] & 0x7fff_ffff);
            let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[at] = self.state[(at + M) % N] ^ (y >> 1) ^ odd;
        }
        self.next = 0;
    }
}

/// `torch.randperm(n)` with a CPU generator seeded `seed`: `0..n` in random order.
///
/// Up to 2³² / 20 elements forward Fisher–Yates with one 32-bit draw for each position but the last, from there on the
/// inside-out variant with one 64-bit draw for each; see
/// <https://github.com/pytorch/pytorch/blob/v2.11.0/aten/src/ATen/native/TensorFactories.cpp>, `randperm_cpu`.
pub(crate) fn randperm(n: usize, seed: u64) -> Vec<usize> {
    let mut generator = Mt19937::new(seed);
    let mut order: Vec<usize> = (0..n).collect();
    if n as u64 >= u64::from(u32::MAX / 20) {
        for at in 0..n {
            let other = (generator.random64() % (at as u64 + 1)) as usize;
            order[at] = order[other];
            order[other] = at;
        }
        return order;
    }
    for at in 0..n.saturating_sub(1) {
        let draw = generator.random() as usize;
        order.swap(at, at + draw % (n - at));
    }
    order
}
