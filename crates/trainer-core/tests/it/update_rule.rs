//! An optimizer that this crate does not have, of a rule of its own: groups, states, saving and resuming come with the driver.

use tch::{Kind, Tensor};
use trainer_core::optimizer::{
    Adafactor, AdafactorConfig, Adagrad, AdagradConfig, AdamW, AdamWConfig, Optimizer,
    OptimizerError, ParamGroup, RmsProp, RmsPropConfig, RuleOptimizer, SavedGroup, SavedState, Sgd,
    SgdConfig, UpdateRule,
};
use trainer_torch::pickle::{self, Dict, Value};
use trainer_torch::pointwise;

/// Lion: a step by the sign of the momentum.
#[derive(Clone, Debug)]
struct Lion {
    betas: (f64, f64),
}

impl UpdateRule for Lion {
    const NAME: &'static str = "Lion";
    type State = Tensor;

    fn new_state(&self, param: &Tensor) -> Result<Tensor, OptimizerError> {
        Ok(param.f_zeros_like()?)
    }

    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        exp_avg: &mut Tensor,
    ) -> Result<(), OptimizerError> {
        let direction = exp_avg.f_lerp(grad, 1.0 - self.betas.0)?.f_sign()?;
        let _ = param.f_mul_scalar_(1.0 - group.lr * group.weight_decay)?;
        pointwise::add_(param, &direction, -group.lr)?;
        let _ = exp_avg.f_lerp_(grad, 1.0 - self.betas.1)?;
        Ok(())
    }

    fn options(&self) -> Dict {
        let (beta1, beta2) = self.betas;
        Dict::new().with("betas", Value::Tuple(vec![beta1.into(), beta2.into()]))
    }

    fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self, OptimizerError> {
        let betas = saved.pair("betas")?;
        Ok(Self { betas })
    }

    fn pack(exp_avg: &Tensor) -> Dict {
        Dict::new().with("exp_avg", exp_avg.shallow_clone())
    }

    fn unpack(&self, saved: &SavedState<'_>) -> Result<Tensor, OptimizerError> {
        saved.tensor("exp_avg")
    }
}

const LION: Lion = Lion { betas: (0.5, 0.75) };

/// A matrix that decays and a vector that does not, with the same numbers at each call.
fn groups() -> Vec<ParamGroup> {
    let group = |name: &str, shape: &[i64], weight_decay| {
        let size: i64 = shape.iter().product();
        let weight = (Tensor::arange(size, tch::kind::FLOAT_CPU) / 4.0 - 1.0).reshape(shape);
        let named = (name.to_owned(), weight.set_requires_grad(true));
        ParamGroup::new([named], 0.5, weight_decay)
    };
    vec![
        group("dense.weight", &[2, 3], 0.5),
        group("dense.bias", &[3], 0.0),
    ]
}

fn params(optimizer: &dyn Optimizer) -> Vec<Tensor> {
    let groups = optimizer.param_groups().iter();
    groups
        .flat_map(|group| &group.params)
        .map(Tensor::detach)
        .collect()
}

/// A step down `sum(cos(weight * (number + 1)))`: the signs of the gradients change.
fn step(optimizer: &mut dyn Optimizer, number: usize) {
    for group in optimizer.param_groups() {
        for param in &group.params {
            let factor = f64::from(u32::try_from(number).unwrap()) + 1.0;
            (param * factor).cos().sum(Kind::Float).backward();
        }
    }
    optimizer.step().unwrap();
    optimizer.zero_grad().unwrap();
}

#[test]
fn the_rule_moves_the_weights() {
    let weight = Tensor::from_slice(&[1.0f32, -1.0, 0.0]).set_requires_grad(true);
    let group = ParamGroup::new([("weight".to_owned(), weight.shallow_clone())], 0.25, 0.5);
    let mut optimizer = RuleOptimizer::new(vec![group], LION).unwrap();
    // The gradients 2, -2 and 0 have these signs; the weights shrink by 1 - 0.25 * 0.5 first.
    weight.square().sum(Kind::Float).backward();
    optimizer.step().unwrap();
    let found = Vec::<f32>::try_from(&weight.detach()).unwrap();
    assert_eq!(found, [0.625, -0.625, 0.0]);
    assert!(format!("{optimizer:?}").contains("Lion"));
}

#[test]
fn a_resumed_run_goes_on_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("optimizer.pt");
    let mut through = RuleOptimizer::new(groups(), LION).unwrap();
    (0..3).for_each(|number| step(&mut through, number));
    through.param_groups_mut()[1].lr = 0.125;
    pickle::save(&file, &through.state_dict().unwrap()).unwrap();

    let mut resumed = RuleOptimizer::new(groups(), Lion { betas: (0.9, 0.9) }).unwrap();
    for (param, other) in params(&resumed).iter().zip(params(&through)) {
        param.shallow_clone().copy_(&other);
    }
    resumed
        .load_state_dict(&pickle::load(&file).unwrap())
        .unwrap();
    let rates = |optimizer: &dyn Optimizer| -> Vec<(f64, f64)> {
        let groups = optimizer.param_groups().iter();
        groups.map(|group| (group.lr, group.weight_decay)).collect()
    };
    assert_eq!(rates(&resumed), [(0.5, 0.5), (0.125, 0.0)]);
    for number in 3..9 {
        step(&mut through, number);
        step(&mut resumed, number);
        assert_eq!(params(&through), params(&resumed), "step {number}");
    }
    // The momentum mattered: without it the weights are others.
    let mut fresh = RuleOptimizer::new(groups(), LION).unwrap();
    for (param, other) in params(&fresh).iter().zip(params(&through)) {
        param.shallow_clone().copy_(&other);
    }
    step(&mut through, 9);
    step(&mut fresh, 9);
    assert_ne!(params(&through), params(&fresh));
}

/// All optimizers of the crate and the one of this test, after a step.
fn all() -> Vec<(&'static str, Box<dyn Optimizer>)> {
    let mut all: Vec<(&str, Box<dyn Optimizer>)> = vec![
        (
            "AdamW",
            Box::new(AdamW::new(groups(), AdamWConfig::default()).unwrap()),
        ),
        (
            "SGD",
            Box::new(Sgd::new(groups(), SgdConfig::default()).unwrap()),
        ),
        (
            "Adagrad",
            Box::new(Adagrad::new(groups(), AdagradConfig::default()).unwrap()),
        ),
        (
            "RMSprop",
            Box::new(RmsProp::new(groups(), RmsPropConfig::default()).unwrap()),
        ),
        (
            "Adafactor",
            Box::new(Adafactor::new(groups(), AdafactorConfig::default()).unwrap()),
        ),
        (
            "Lion",
            Box::new(RuleOptimizer::new(groups(), LION).unwrap()),
        ),
    ];
    all.iter_mut()
        .for_each(|(_, optimizer)| step(&mut **optimizer, 0));
    all
}

#[test]
fn the_state_of_another_optimizer_is_refused_by_name() {
    for (found, other) in all() {
        let state = other.state_dict().unwrap();
        for (expected, mut optimizer) in all() {
            let before = format!("{:?}", optimizer.state_dict().unwrap());
            let result = optimizer.load_state_dict(&state);
            if found == expected {
                result.unwrap();
                continue;
            }
            let message = result.unwrap_err().to_string();
            if found == "Lion" {
                let start =
                    format!("the optimizer state is not that of {expected}: group 0 has no ");
                assert!(message.starts_with(&start), "{message}");
                assert!(
                    message.ends_with("it has weight_decay, lr, betas, params"),
                    "{message}"
                );
            } else {
                let text =
                    format!("the optimizer state is that of {found}, expected that of {expected}");
                assert_eq!(message, text);
            }
            assert_eq!(format!("{:?}", optimizer.state_dict().unwrap()), before);
        }
    }
}

#[test]
fn the_state_of_adam_is_not_that_of_adamw() {
    let mut optimizer = AdamW::new(groups(), AdamWConfig::default()).unwrap();
    let state = optimizer.state_dict().unwrap();
    let entries = |group: &Value| -> Value {
        let entries = group.as_dict().unwrap().iter();
        entries
            .map(|(key, value)| match key.as_str() {
                Some("decoupled_weight_decay") => (key.shallow_clone(), Value::Bool(false)),
                _ => (key.shallow_clone(), value.shallow_clone()),
            })
            .collect::<Dict>()
            .into()
    };
    let root = state.as_dict().unwrap();
    let groups = root.get("param_groups").unwrap().as_slice().unwrap();
    let adam: Value = Dict::new()
        .with("state", root.get("state").unwrap().shallow_clone())
        .with(
            "param_groups",
            groups.iter().map(entries).collect::<Value>(),
        )
        .into();
    assert_eq!(
        optimizer.load_state_dict(&adam).unwrap_err().to_string(),
        "the optimizer state is that of Adam, expected that of AdamW"
    );
}

#[test]
fn a_state_without_what_the_rule_needs_is_refused_by_the_weights_name() {
    let mut optimizer = RuleOptimizer::new(groups(), LION).unwrap();
    step(&mut optimizer, 0);
    let state = optimizer.state_dict().unwrap();
    let root = state.as_dict().unwrap();
    let with = |entry: Dict| -> Value {
        let groups = root.get("param_groups").unwrap().shallow_clone();
        let states: Dict = [(Value::Int(0), entry.into())].into_iter().collect();
        Dict::new()
            .with("state", states)
            .with("param_groups", groups)
            .into()
    };
    for (entry, message) in [
        (Dict::new(), "exp_avg is absent, expected a tensor"),
        (
            Dict::new().with("exp_avg", 1.0),
            "exp_avg is float, expected a tensor",
        ),
        (
            Dict::new().with("exp_avg", Tensor::zeros([3, 2], tch::kind::FLOAT_CPU)),
            "exp_avg is of shape [3, 2], expected [2, 3]",
        ),
    ] {
        assert_eq!(
            optimizer
                .load_state_dict(&with(entry))
                .unwrap_err()
                .to_string(),
            format!("the optimizer state of dense.weight: {message}")
        );
    }
    let mut adagrad = Adagrad::new(groups(), AdagradConfig::default()).unwrap();
    let saved = adagrad.state_dict().unwrap();
    let root = saved.as_dict().unwrap();
    let none: Value = Dict::new()
        .with("state", Dict::new())
        .with(
            "param_groups",
            root.get("param_groups").unwrap().shallow_clone(),
        )
        .into();
    assert_eq!(
        adagrad.load_state_dict(&none).unwrap_err().to_string(),
        "the optimizer state of dense.weight: sum is absent, expected a tensor"
    );
}
