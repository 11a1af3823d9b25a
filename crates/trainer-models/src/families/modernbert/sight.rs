use tch::{Device, Kind, Tensor};

use crate::layers::LocalMask;
use crate::layout::Packed;
use crate::{Layout, Result};

/// What the layers of one type see.
#[derive(Debug)]
pub(super) enum Sight {
    /// True where attention may look, `[rows, 1, length, length]`; `None` where it may look everywhere.
    Padded(Option<Tensor>),
    /// `None` where all tokens of a row see each other.
    Packed(Option<LocalMask>),
}

impl Sight {
    /// Of layers that look everywhere.
    pub(super) fn everywhere(layout: &Layout) -> Self {
        match layout {
            Layout::Padded { mask } => Self::Padded(mask.as_ref().map(Tensor::shallow_clone)),
            Layout::Packed(_) => Self::Packed(None),
        }
    }

    /// Of layers that see so many tokens to either side, in rows of so many columns where they are padded.
    pub(super) fn within(reach: i64, states: &Tensor, layout: &Layout) -> Result<Self> {
        let device = states.device();
        match layout {
            // As Python leaves a mask out, by which libtorch chooses how it computes.
            Layout::Padded { mask: None } if states.size()[1] < reach => Ok(Self::Padded(None)),
            Layout::Padded { mask } => {
                let [rows, length, _] = states.size().try_into().unwrap_or([0; 3]);
                let near = near(&columns(length, device)?, reach)?;
                let seen = match mask {
                    Some(mask) => near.f_logical_and(mask)?,
                    None => near.f_expand([rows, 1, length, length], false)?,
                };
                Ok(Self::Padded(Some(seen)))
            }
            Layout::Packed(packed) => Ok(Self::Packed(local(packed, reach, device)?)),
        }
    }

    /// True where padded attention may look; `None` for everywhere.
    pub(super) fn mask(&self) -> Option<&Tensor> {
        match self {
            Self::Padded(mask) => mask.as_ref(),
            Self::Packed(_) => None,
        }
    }

    /// What keeps attention over packed rows from looking everywhere.
    pub(super) fn local_mask(&self) -> Option<&LocalMask> {
        match self {
            Self::Packed(mask) => mask.as_ref(),
            Self::Padded(_) => None,
        }
    }

    pub(super) fn shallow_clone(&self) -> Self {
        match self {
            Self::Padded(mask) => Self::Padded(mask.as_ref().map(Tensor::shallow_clone)),
            Self::Packed(mask) => Self::Packed(mask.as_ref().map(LocalMask::shallow_clone)),
        }
    }
}

/// `None` where no row is longer than what its tokens see.
fn local(packed: &Packed, reach: i64, device: Device) -> Result<Option<LocalMask>> {
    if packed.width - 1 <= reach {
        return Ok(None);
    }
    match device.is_cuda() {
        true => Ok(Some(of_all_rows(packed, reach, device)?)),
        false => of_each_row(packed, reach),
    }
}

fn of_all_rows(packed: &Packed, reach: i64, device: Device) -> Result<LocalMask> {
    let near = near(&columns(packed.width, device)?, reach)?;
    Ok(LocalMask::OfAllRows(match &packed.mask {
        Some(mask) => near.f_logical_and(mask)?,
        None => near,
    }))
}

fn of_each_row(packed: &Packed, reach: i64) -> Result<Option<LocalMask>> {
    let columns = packed.places.f_remainder(packed.width)?;
    let rows = columns.f_split_with_sizes(&packed.lengths, 0)?;
    let mask = |row: &Tensor| -> Result<Option<Tensor>> {
        let last = row.f_int64_value(&[row.size()[0] - 1])?;
        let is_wider = last - row.f_int64_value(&[0])? > reach;
        is_wider.then(|| near(row, reach)).transpose()
    };
    let masks = rows.iter().map(mask).collect::<Result<Vec<_>>>()?;
    let any = masks.iter().any(Option::is_some);
    Ok(any.then_some(LocalMask::OfEachRow(masks)))
}

fn columns(length: i64, device: Device) -> Result<Tensor> {
    Ok(Tensor::f_arange(length, (Kind::Int64, device))?)
}

/// Which of these columns are near each other: bool `[1, 1, columns, columns]`.
fn near(columns: &Tensor, reach: i64) -> Result<Tensor> {
    let apart = columns.f_unsqueeze(1)?.f_sub(&columns.f_unsqueeze(0)?)?;
    let near = apart.f_abs()?.f_le(reach)?;
    Ok(near.f_unsqueeze(0)?.f_unsqueeze(0)?)
}

#[cfg(test)]
mod tests {
    use trainer_collate::Batch;

    use super::*;
    use crate::layers::Attend;
    use crate::{Compute, Mode, Prepared};

    /// A GPU's way, on the CPU.
    #[test]
    fn all_rows_at_once_see_what_each_sees() -> Result<()> {
        for mask in [
            [
                [1_i64, 1, 1, 1, 1, 1],
                [1, 1, 0, 0, 0, 0],
                [1, 0, 1, 1, 0, 1],
            ],
            [[1; 6]; 3],
        ] {
            let mut inputs = Batch::new();
            inputs.insert("attention_mask", Tensor::from_slice2(&mask));
            let layout = Layout::packed(&mut inputs, [3, 6])?;
            let prepared = Prepared::new(inputs, Batch::new(), (layout, Compute::Fast), 3);
            let pass = prepared.pass(Mode::Eval);
            let Layout::Packed(packed) = pass.layout else {
                panic!("padding stayed: {:?}", pass.layout);
            };
            let tokens: i64 = packed.lengths.iter().sum();
            let states = [0.7, 1.3, 2.9].map(|step| {
                let all = Tensor::arange(tokens * 8, (Kind::Double, Device::Cpu)) * step;
                all.sin().view([tokens, 8])
            });
            let [query, key, value] = &states;
            let attended = |mask: &LocalMask| {
                let states = [query, key, value];
                Attend::new(4, 0.0).packed(states, packed, Some(mask), pass)
            };
            let of_each = of_each_row(packed, 2)?.expect("rows are wider");
            let expected = attended(&of_each)?;
            let found = attended(&of_all_rows(packed, 2, Device::Cpu)?)?;
            let apart = (&found - &expected).abs().max().double_value(&[]);
            assert!(apart < 1e-12, "{apart}");
            // It shows that a window is there.
            let everywhere = Attend::new(4, 0.0).packed([query, key, value], packed, None, pass)?;
            let apart = (&everywhere - &expected).abs().max().double_value(&[]);
            assert!(apart > 1e-3, "{apart}");
        }
        Ok(())
    }
}
