use tch::{Device, Kind, Tensor, no_grad};

use crate::Result;

/// The sum of losses since the last log, kept on the device so that no step waits for it.
pub(crate) struct RunningLoss {
    /// 0-d float32.
    sum: Tensor,
    /// Sum of all losses that were logged before, in float64.
    logged: f64,
    last_logged_step: u64,
}

impl RunningLoss {
    pub(crate) fn new(device: Device, step: u64) -> Result<Self> {
        Ok(Self {
            sum: Tensor::f_zeros([], (Kind::Float, device))?,
            logged: 0.0,
            last_logged_step: step,
        })
    }

    /// Adds a loss. With `filter` a loss that is not finite counts as the mean since the last log, as in Python.
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    pub(crate) fn add(&mut self, loss: &Tensor, global_step: u64, filter: bool) -> Result<()> {
        no_grad(|| {
            let loss = loss.f_detach()?;
            let steps = (1 + global_step - self.last_logged_step) as f64;
            let loss = if filter {
                let mean = self.sum.f_div_scalar(steps)?;
                loss.f_where_self(&loss.f_isfinite()?, &mean)?
            } else {
                loss
            };
            let _ = self.sum.f_add_(&loss)?;
            Ok(())
        })
    }

    /// Whether a step has ended since the last log.
    pub(crate) fn has_news(&self, global_step: u64) -> bool {
        global_step > self.last_logged_step
    }

    /// Mean loss a step since the last log, and starts anew. Waits for the device.
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    pub(crate) fn take_mean(&mut self, global_step: u64) -> Result<f64> {
        let steps = (global_step - self.last_logged_step) as f64;
        let sum = self.sum.f_double_value(&[])?;
        self.last_logged_step = global_step;
        self.logged += sum;
        let _ = no_grad(|| self.sum.f_zero_())?;
        Ok(sum / steps)
    }

    /// Sum of all losses. Waits for the device.
    pub(crate) fn total(&self) -> Result<f64> {
        Ok(self.logged + self.sum.f_double_value(&[])?)
    }
}
