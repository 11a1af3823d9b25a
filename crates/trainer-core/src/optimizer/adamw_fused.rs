use trainer_models::Compute;
use trainer_torch::fused::{self, AdamNumbers, AdamTensors, Scaling};
use trainer_torch::{fast, foreach};

use super::alike::by_device_and_kind;
use super::error::Result;
use super::{AdamWConfig, AdamWState, Member, ParamGroup};

/// `_fused_adam` of PyTorch: one kernel over all weights of a device and dtype.
pub(super) fn fused_update(
    config: &AdamWConfig,
    group: &ParamGroup,
    members: &[Member<'_, AdamWState>],
) -> Result<()> {
    let numbers = AdamNumbers {
        lr: group.lr,
        beta1: config.betas.0,
        beta2: config.betas.1,
        weight_decay: group.weight_decay,
        eps: config.eps,
        amsgrad: false,
        maximize: false,
    };
    let params = members.iter().map(|member| member.param.shallow_clone());
    for alike in by_device_and_kind(&params.collect::<Vec<_>>()) {
        let members = || alike.indices.iter().map(|&index| &members[index]);
        let params: Vec<_> = members().map(|m| m.param.shallow_clone()).collect();
        let grads: Vec<_> = members().map(|m| m.grad.shallow_clone()).collect();
        let states = || members().map(|member| &*member.state);
        let exp_avgs: Vec<_> = states().map(|s| s.exp_avg.shallow_clone()).collect();
        let exp_avg_sqs: Vec<_> = states().map(|s| s.exp_avg_sq.shallow_clone()).collect();
        let steps: Vec<_> = states().map(|s| s.step.shallow_clone()).collect();
        foreach::add_scalar_(&steps, 1.0)?;
        let tensors = AdamTensors {
            params: &params,
            grads: &grads,
            exp_avgs: &exp_avgs,
            exp_avg_sqs: &exp_avg_sqs,
            max_exp_avg_sqs: &[],
            steps: &steps,
        };
        match config.compute {
            Compute::Reference => fused::adamw_(tensors, numbers, Scaling::default())?,
            Compute::Fast => fast::adamw_(tensors, numbers)?,
        }
    }
    Ok(())
}
