#![allow(unsafe_code)]

use tch::Tensor;

use crate::ffi::{self, owned_tensor};
use crate::{Result, rng};

/// Which elements an operation drops: a key for the counter-based generator Philox-4x32-10
/// ([Salmon et al. 2011](https://doi.org/10.1145/2063384.2063405)).
///
/// An element's fate follows from the key and its place alone, whatever the number of threads, and backward has the mask of forward.
/// PyTorch's own dropout draws number after number from one Mersenne Twister, which takes a tenth of a training step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dropout {
    pub(super) key: u64,
    /// Elements whose 16 random bits are below are dropped.
    pub(super) threshold: u32,
    pub(super) scale: f32,
}

impl Dropout {
    /// Drops nothing.
    pub const NONE: Self = Self {
        key: 0,
        threshold: 0,
        scale: 1.0,
    };

    /// Drops with this probability, from 0 to 1, to the nearest 1/65536; what is kept is scaled up by as much. The key is drawn from
    /// libtorch's generator, so that a run follows from its seed, and goes on where a checkpoint left it.
    ///
    /// ```
    /// use trainer_torch::fast::Dropout;
    ///
    /// trainer_torch::rng::manual_seed(7)?;
    /// let first = Dropout::draw(0.1)?;
    /// assert_ne!(first, Dropout::draw(0.1)?);
    /// trainer_torch::rng::manual_seed(7)?;
    /// assert_eq!(first, Dropout::draw(0.1)?);
    /// # Ok::<(), trainer_torch::Error>(())
    /// ```
    ///
    /// # Errors
    /// None in practice.
    pub fn draw(probability: f64) -> Result<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within 0 and 65536"
        )]
        let threshold = (probability.clamp(0.0, 1.0) * 65536.0).round() as u32;
        if threshold == 0 {
            return Ok(Self::NONE);
        }
        let kept = 65536 - threshold;
        #[expect(clippy::cast_precision_loss, reason = "below 2^17")]
        let scale = if kept == 0 {
            0.0
        } else {
            65536.0 / kept as f32
        };
        Ok(Self {
            key: rng::draw_base_seed()?.unsigned_abs(),
            threshold,
            scale,
        })
    }
}

/// Elements of `[…, width]` zeroed and the others scaled up, as `dropout` says.
///
/// # Errors
/// When the input is not float32 in host memory.
pub fn dropout(input: &Tensor, dropout: Dropout) -> Result<Tensor> {
    if dropout.threshold == 0 {
        return Ok(input.shallow_clone());
    }
    let (key, threshold, scale) = (dropout.key, dropout.threshold, dropout.scale);
    // SAFETY: the pointer is of a live tensor; what comes back is owned.
    unsafe {
        owned_tensor("dropout", |output| {
            ffi::trainer_torch_dropout(input.as_ptr(), key, threshold, scale, output)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the known answers that Random123 ships (`kat_vectors`): philox4x32-10 with a counter and a key of zeros.
    const ZEROS: [u32; 4] = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8];

    #[test]
    fn the_numbers_are_philox() -> Result<()> {
        let ones = Tensor::ones([1, 8], (tch::Kind::Float, tch::Device::Cpu));
        let numbers = ZEROS.iter().flat_map(|word| [word & 0xffff, word >> 16]);
        for (place, number) in numbers.enumerate() {
            let kept = |threshold| -> Result<bool> {
                let mask = Dropout {
                    key: 0,
                    threshold,
                    scale: 1.0,
                };
                Ok(dropout(&ones, mask)?.double_value(&[0, place as i64]) > 0.0)
            };
            assert!(kept(number)? && !kept(number + 1)?, "element {place}");
        }
        Ok(())
    }
}
