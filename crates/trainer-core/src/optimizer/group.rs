use tch::Tensor;

/// Parameters that share a learning rate and a weight decay.
#[derive(Debug)]
pub struct ParamGroup {
    /// The weights: handles to leaves, changed in place by a step.
    pub params: Vec<Tensor>,
    /// Their names, for errors; as many as weights.
    pub names: Vec<String>,
    /// The learning rate of the next step.
    pub lr: f64,
    /// The learning rate that a schedule by steps scales; set when there is one.
    pub initial_lr: Option<f64>,
    /// The weight decay.
    pub weight_decay: f64,
}

impl ParamGroup {
    /// A group of named weights.
    #[must_use]
    pub fn new(
        named: impl IntoIterator<Item = (String, Tensor)>,
        lr: f64,
        weight_decay: f64,
    ) -> Self {
        let (names, params) = named.into_iter().unzip();
        Self {
            params,
            names,
            lr,
            initial_lr: None,
            weight_decay,
        }
    }

    /// Name of a weight, for errors.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.names
            .get(index)
            .map_or("a parameter without a name", String::as_str)
    }
}
