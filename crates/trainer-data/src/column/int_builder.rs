use arrow2::{
    array::{Array, MutableArray, MutablePrimitiveArray},
    datatypes::{DataType, PhysicalType},
    types::{NativeType, PrimitiveType},
};

/// Builds an array of whole numbers of one width, number by number: those of columns of them, and the counts of quantities.
pub(super) trait IntBuilder: Send {
    fn len(&self) -> usize;

    /// Adds `value`, or says that the width does not hold it.
    #[must_use]
    fn push(&mut self, value: i128) -> bool;

    fn push_nulls(&mut self, count: usize);

    fn finish(&mut self) -> Box<dyn Array>;
}

impl<T: NativeType + TryFrom<i128>> IntBuilder for MutablePrimitiveArray<T> {
    fn len(&self) -> usize {
        MutableArray::len(self)
    }

    fn push(&mut self, value: i128) -> bool {
        let Ok(value) = T::try_from(value) else {
            return false;
        };
        self.push(Some(value));
        true
    }

    fn push_nulls(&mut self, count: usize) {
        self.extend_constant(count, None);
    }

    fn finish(&mut self) -> Box<dyn Array> {
        self.as_box()
    }
}

/// A builder of arrays of `data_type`; nothing where these do not store whole numbers.
pub(super) fn int_builder(data_type: DataType) -> Option<Box<dyn IntBuilder>> {
    let PhysicalType::Primitive(primitive) = data_type.to_physical_type() else {
        return None;
    };
    Some(match primitive {
        PrimitiveType::Int8 => of::<i8>(data_type),
        PrimitiveType::Int16 => of::<i16>(data_type),
        PrimitiveType::Int32 => of::<i32>(data_type),
        PrimitiveType::Int64 => of::<i64>(data_type),
        PrimitiveType::Int128 => of::<i128>(data_type),
        PrimitiveType::UInt8 => of::<u8>(data_type),
        PrimitiveType::UInt16 => of::<u16>(data_type),
        PrimitiveType::UInt32 => of::<u32>(data_type),
        PrimitiveType::UInt64 => of::<u64>(data_type),
        _ => return None,
    })
}

fn of<T: NativeType + TryFrom<i128>>(data_type: DataType) -> Box<dyn IntBuilder> {
    Box::new(MutablePrimitiveArray::<T>::new().to(data_type))
}
