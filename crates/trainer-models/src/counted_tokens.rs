use tch::{Device, Kind, Tensor};
use trainer_collate::Batch;

use crate::model::IGNORED_LABEL;
use crate::{BackboneOutput, Packed, Result};

/// The tokens of a packed batch whose labels count, where they are few: a loss over labels of tokens reads no other outputs.
#[derive(Debug)]
pub(crate) struct CountedTokens {
    /// Which of all tokens: int64, `[count]`.
    tokens: Tensor,
    /// Their labels by name, `[1, count]`.
    labels: Batch,
}

impl CountedTokens {
    /// Of labels in host memory, each `[rows, length]`. `None` where half of all tokens count, or nearly: choosing them would cost more
    /// than it saves. `None` too where no token does.
    pub(crate) fn of(labels: &Batch, packed: &Packed) -> Result<Option<Self>> {
        let mut of_tokens = Batch::new();
        let mut counts =
            Tensor::f_zeros([packed.places.numel() as i64], (Kind::Bool, Device::Cpu))?;
        for (name, labels) in labels.iter() {
            let labels = labels.f_flatten(0, -1)?.f_index_select(0, &packed.places)?;
            counts = counts.f_logical_or(&labels.f_ne(IGNORED_LABEL)?)?;
            of_tokens.insert(name, labels);
        }
        let tokens = counts.f_nonzero()?.f_view([-1])?;
        if tokens.numel() == 0 || tokens.numel() * 2 > counts.numel() {
            return Ok(None);
        }
        let chosen = |(name, labels): (&str, &Tensor)| -> Result<_> {
            let labels = labels.f_index_select(0, &tokens)?.f_unsqueeze(0)?;
            Ok((name.to_owned(), labels))
        };
        let labels = of_tokens.iter().map(chosen).collect::<Result<_>>()?;
        Ok(Some(Self { tokens, labels }))
    }

    /// Their states, as if they were the tokens of one row: `[1, count, width]`.
    pub(crate) fn states(&self, states: &BackboneOutput) -> Result<BackboneOutput> {
        let chosen = states.last_hidden_state.f_index_select(0, &self.tokens)?;
        Ok(BackboneOutput::new(chosen.f_unsqueeze(0)?, None))
    }

    pub(crate) fn labels(&self) -> &Batch {
        &self.labels
    }

    /// On another device, without waiting for it.
    pub(crate) fn to_device(&self, device: Device) -> Result<Self> {
        let tokens = &self.tokens;
        Ok(Self {
            tokens: tokens.f_to_device_(device, tokens.kind(), device.is_cuda(), false)?,
            labels: self.labels.to_device(device)?,
        })
    }
}
