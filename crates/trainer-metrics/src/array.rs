//! Host arrays of predictions and labels.

use ndarray::{ArrayD, IxDyn};

use crate::error::{MetricError, Result};
use crate::pairs::highest;

/// A host array of any rank: scores and other real values, or classes and other whole numbers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Array {
    /// Real values.
    Float(ArrayD<f32>),
    /// Whole numbers.
    Int(ArrayD<i64>),
}

impl Array {
    /// Real values in row-major order.
    ///
    /// ```
    /// use trainer_metrics::Array;
    ///
    /// let logits = Array::float(&[2, 3], vec![0.0; 6])?;
    /// assert_eq!(format!("{:?}", logits.shape()), "[2, 3]");
    /// # Ok::<(), trainer_metrics::MetricError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`MetricError::ArrayLength`].
    pub fn float(shape: &[usize], values: Vec<f32>) -> Result<Self> {
        shaped(shape, values).map(Self::Float)
    }

    /// Whole numbers in row-major order.
    ///
    /// # Errors
    ///
    /// [`MetricError::ArrayLength`].
    pub fn int(shape: &[usize], values: Vec<i64>) -> Result<Self> {
        shaped(shape, values).map(Self::Int)
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::Float(array) => array.shape(),
            Self::Int(array) => array.shape(),
        }
    }

    /// The size of the first dimension; 1 for a scalar.
    pub fn num_rows(&self) -> usize {
        self.shape().first().copied().unwrap_or(1)
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Float(array) => array.len(),
            Self::Int(array) => array.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index of the highest value along the last dimension, as of scores of classes: `[rows]` of `[rows, classes]`. The first of
    /// several that are equal; NaN counts as the highest, as in NumPy. Nothing where there is no last dimension, or where it is 0.
    ///
    /// ```
    /// let scores = trainer_metrics::Array::float(&[2, 3], vec![0.1, 0.7, 0.2, 0.9, 0.0, 0.1])?;
    /// assert_eq!(scores.argmax(), Some(trainer_metrics::Array::int(&[2], vec![1, 0])?));
    /// # Ok::<(), trainer_metrics::MetricError>(())
    /// ```
    pub fn argmax(&self) -> Option<Self> {
        let (&classes, outer) = self.shape().split_last()?;
        if classes == 0 {
            return None;
        }
        Self::int(outer, highest(self, classes)).ok()
    }

    /// The real values, if it holds such.
    pub const fn as_float(&self) -> Option<&ArrayD<f32>> {
        match self {
            Self::Float(array) => Some(array),
            Self::Int(_) => None,
        }
    }

    /// The whole numbers, if it holds such.
    pub const fn as_int(&self) -> Option<&ArrayD<i64>> {
        match self {
            Self::Int(array) => Some(array),
            Self::Float(_) => None,
        }
    }

    /// All values in row-major order, as real numbers. Whole numbers above 2⁵³ are rounded.
    pub fn values(&self) -> Box<dyn Iterator<Item = f64> + '_> {
        match self {
            Self::Float(array) => Box::new(array.iter().map(|value| f64::from(*value))),
            Self::Int(array) => Box::new(array.iter().map(|value| *value as f64)),
        }
    }

    /// Kind and shape in words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Float(array) => format!("real values {:?}", array.shape()),
            Self::Int(array) => format!("whole numbers {:?}", array.shape()),
        }
    }
}

impl From<ArrayD<f32>> for Array {
    fn from(array: ArrayD<f32>) -> Self {
        Self::Float(array)
    }
}

impl From<ArrayD<i64>> for Array {
    fn from(array: ArrayD<i64>) -> Self {
        Self::Int(array)
    }
}

fn shaped<T>(shape: &[usize], values: Vec<T>) -> Result<ArrayD<T>> {
    let found = values.len();
    ArrayD::from_shape_vec(IxDyn(shape), values).map_err(|_| MetricError::ArrayLength {
        shape: shape.to_vec(),
        expected: shape.iter().copied().fold(1, usize::saturating_mul),
        found,
    })
}
