use arrow_array::Array;
use arrow_buffer::ArrowNativeType;
use arrow2::{
    array::PrimitiveArray,
    bitmap::Bitmap,
    datatypes::DataType,
    error::Error as ArrowError,
    types::{NativeType, PrimitiveType},
};

use super::{elements::numbers, picked::Picked};

/// Numbers of one type that grow by the arrays of a file, which stores them in the same type.
pub(super) trait GrowingNumbers {
    /// Adds the rows of `array` that are `picked`.
    ///
    /// # Errors
    /// Names another type that the array is of.
    fn extend(&mut self, array: &dyn Array, picked: &Picked) -> Result<(), String>;

    fn array(
        self: Box<Self>,
        data_type: DataType,
        validity: Option<Bitmap>,
    ) -> Result<Box<dyn arrow2::array::Array>, ArrowError>;
}

impl<T: NativeType + ArrowNativeType> GrowingNumbers for Vec<T> {
    fn extend(&mut self, array: &dyn Array, picked: &Picked) -> Result<(), String> {
        numbers(array, picked, self, Some::<T>)
    }

    fn array(
        self: Box<Self>,
        data_type: DataType,
        validity: Option<Bitmap>,
    ) -> Result<Box<dyn arrow2::array::Array>, ArrowError> {
        Ok(PrimitiveArray::try_new(data_type, (*self).into(), validity)?.boxed())
    }
}

/// None yet, of the type `primitive`; nothing where columns store no numbers of it as a file does.
pub(super) fn growing_numbers(primitive: PrimitiveType) -> Option<Box<dyn GrowingNumbers>> {
    Some(match primitive {
        PrimitiveType::Int8 => Box::new(Vec::<i8>::new()),
        PrimitiveType::Int16 => Box::new(Vec::<i16>::new()),
        PrimitiveType::Int32 => Box::new(Vec::<i32>::new()),
        PrimitiveType::Int64 => Box::new(Vec::<i64>::new()),
        PrimitiveType::UInt8 => Box::new(Vec::<u8>::new()),
        PrimitiveType::UInt16 => Box::new(Vec::<u16>::new()),
        PrimitiveType::UInt32 => Box::new(Vec::<u32>::new()),
        PrimitiveType::UInt64 => Box::new(Vec::<u64>::new()),
        PrimitiveType::Float64 => Box::new(Vec::<f64>::new()),
        _ => return None,
    })
}
