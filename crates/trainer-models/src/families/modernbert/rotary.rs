use tch::{Kind, Tensor};

use crate::Result;

/// By how much states of places are turned: sines and cosines for each pair of elements of a head
/// ([Su et al. 2021](https://arxiv.org/abs/2104.09864)).
#[derive(Debug)]
pub(super) struct Rotation {
    cosines: Tensor,
    sines: Tensor,
}

impl Rotation {
    /// Of places `[…]`, for heads of this width, which is even; `[…, width]` of the states' type. Wavelengths grow from 2π to this, times
    /// `theta`.
    pub(super) fn new(places: &Tensor, width: i64, theta: f64, kind: Kind) -> Result<Self> {
        let number = (Kind::Float, places.device());
        let exponents = Tensor::f_arange_start_step(0, width, 2, number)?.f_div_scalar(width)?;
        let frequencies = Tensor::f_pow_scalar(theta, &exponents)?.f_reciprocal()?;
        let angles = places
            .f_unsqueeze(-1)?
            .f_to_kind(Kind::Float)?
            .f_mul(&frequencies)?;
        let angles = Tensor::f_cat(&[&angles, &angles], -1)?;
        Ok(Self {
            cosines: angles.f_cos()?.f_to_kind(kind)?,
            sines: angles.f_sin()?.f_to_kind(kind)?,
        })
    }

    pub(super) fn shallow_clone(&self) -> Self {
        Self {
            cosines: self.cosines.shallow_clone(),
            sines: self.sines.shallow_clone(),
        }
    }

    /// States turned (`apply_rotary_pos_emb`). Their second dimension is that of the heads, which places do not have.
    pub(super) fn turn(&self, states: &Tensor) -> Result<Tensor> {
        let (cosines, sines) = (self.cosines.f_unsqueeze(1)?, self.sines.f_unsqueeze(1)?);
        let straight = states.f_to_kind(Kind::Float)?.f_mul(&cosines)?;
        let other = states.f_to_kind(Kind::Float)?;
        let half = states.size().last().copied().unwrap_or(0) / 2;
        let (first, second) = (
            other.f_narrow(-1, 0, half)?,
            other.f_narrow(-1, half, half)?,
        );
        let across = Tensor::f_cat(&[&second.f_neg()?, &first], -1)?.f_mul(&sines)?;
        Ok(straight.f_add(&across)?.f_to_kind(states.kind())?)
    }
}
