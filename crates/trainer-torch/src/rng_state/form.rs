//! The form of the file: `{"python": (3, (…625 words…), None), "numpy": ("MT19937", array, 624, 0, 0.0), "cpu": tensor}`, and for a
//! collator that draws `"data_collator": {"generator": tensor, "cpu_before_next": tensor, "generator_before_next": tensor}`, of which each
//! may be missing; where a sampler draws from `"cpu"`, `"cpu_before_order": tensor`.

use tch::{Kind, Tensor};

use super::{BeforeNext, CollatorState, NumpyState, PythonState, RngState};
use crate::PickleError;
use crate::pickle::{Dict, NumpyArray, Value};

type Result<T> = std::result::Result<T, PickleError>;

/// A generator's state has 5056 bytes on the CPU and 16 on CUDA; older ones had some hundred more.
const MOST_BYTES: usize = 1 << 16;
const MOST_DEVICES: usize = 1024;

pub(super) fn from_value(value: &Value) -> Result<RngState> {
    let state = value
        .as_dict()
        .ok_or_else(|| value.unexpected("a dict of generator states"))?;
    let cuda = match state.get("cuda") {
        None | Some(Value::None) => Vec::new(),
        Some(Value::Tensor(tensor)) => vec![bytes("cuda", tensor)?],
        Some(list) => {
            let list = list
                .as_slice()
                .ok_or_else(|| list.unexpected("a tensor or a list of them as \"cuda\""))?;
            if list.len() > MOST_DEVICES {
                return Err(length("the states of at most 1024 devices", list.len()));
            }
            list.iter()
                .map(|entry| bytes_of("cuda", entry))
                .collect::<Result<_>>()?
        }
    };
    Ok(RngState {
        python: python(state.require("python")?)?,
        numpy: numpy(state.require("numpy")?)?,
        cpu: bytes_of("cpu", state.require("cpu")?)?,
        cuda,
        collator: state.get("data_collator").map(collator).transpose()?,
        before_order: state
            .get(BEFORE_ORDER)
            .map(|value| bytes_of(BEFORE_ORDER, value))
            .transpose()?,
    })
}

const BEFORE_ORDER: &str = "cpu_before_order";
const OWN: &str = "generator";
const CPU_BEFORE: &str = "cpu_before_next";
const OWN_BEFORE: &str = "generator_before_next";

fn collator(value: &Value) -> Result<CollatorState> {
    let state = value
        .as_dict()
        .ok_or_else(|| value.unexpected("a dict as \"data_collator\""))?;
    let bytes = |key: &str| state.get(key).map(|value| bytes_of(key, value)).transpose();
    let generator = bytes(OWN_BEFORE)?;
    Ok(CollatorState {
        generator: bytes(OWN)?,
        before_next: bytes(CPU_BEFORE)?.map(|cpu| BeforeNext { cpu, generator }),
    })
}

fn of_collator(state: &CollatorState) -> Result<Dict> {
    let before = state.before_next.as_ref();
    let entries = [
        (OWN, state.generator.as_ref()),
        (CPU_BEFORE, before.map(|before| &before.cpu)),
        (
            OWN_BEFORE,
            before.and_then(|before| before.generator.as_ref()),
        ),
    ];
    let mut dict = Dict::new();
    for (key, bytes) in entries {
        if let Some(bytes) = bytes {
            dict.push(key, Tensor::f_from_slice(bytes)?);
        }
    }
    Ok(dict)
}

pub(super) fn to_value(state: &RngState) -> Result<Value> {
    let PythonState {
        version,
        words,
        gauss_next,
    } = &state.python;
    let words = words.iter().map(|&word| Value::Int(word.into())).collect();
    let python = Value::Tuple(vec![
        (*version).into(),
        Value::Tuple(words),
        (*gauss_next).into(),
    ]);
    let NumpyState {
        key,
        pos,
        has_gauss,
        cached_gaussian,
    } = &state.numpy;
    let key = NumpyArray {
        dtype: "u4".to_owned(),
        shape: vec![key.len()],
        bytes: key.iter().flat_map(|word| word.to_le_bytes()).collect(),
    };
    let numpy = vec![
        "MT19937".into(),
        Value::Array(key),
        (*pos).into(),
        (*has_gauss).into(),
        (*cached_gaussian).into(),
    ];
    let mut dict = Dict::new()
        .with("python", python)
        .with("numpy", Value::Tuple(numpy))
        .with("cpu", Tensor::f_from_slice(&state.cpu)?);
    let mut cuda = state
        .cuda
        .iter()
        .map(|state| Ok(Tensor::f_from_slice(state)?))
        .collect::<Result<Vec<_>>>()?;
    match cuda.len() {
        0 => {}
        1 => dict.push("cuda", cuda.remove(0)),
        _ => dict.push("cuda", cuda.into_iter().collect::<Value>()),
    }
    if let Some(collator) = &state.collator {
        dict.push("data_collator", Value::from(of_collator(collator)?));
    }
    if let Some(state) = &state.before_order {
        dict.push(BEFORE_ORDER, Tensor::f_from_slice(state)?);
    }
    Ok(dict.into())
}

fn python(value: &Value) -> Result<PythonState> {
    let Some([version, words, gauss_next]) = value.as_slice() else {
        return Err(value.unexpected("three values as \"python\""));
    };
    let version = version
        .as_i64()
        .ok_or_else(|| version.unexpected("the version of Python's state"))?;
    let words = words
        .as_slice()
        .ok_or_else(|| words.unexpected("the words of Python's state"))?;
    let word = |value: &Value| {
        let number = value.as_i64().and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| value.unexpected("words of 32 bits in Python's state"))
    };
    let words = words.iter().map(word).collect::<Result<Vec<_>>>()?;
    if words.len() != 625 {
        return Err(length("Python's state with 625 words", words.len()));
    }
    let gauss_next = match gauss_next {
        Value::None => None,
        other => Some(
            other
                .as_f64()
                .ok_or_else(|| other.unexpected("a number or None in Python's state"))?,
        ),
    };
    Ok(PythonState {
        version,
        words,
        gauss_next,
    })
}

fn numpy(value: &Value) -> Result<NumpyState> {
    let Some([name, key, pos, has_gauss, cached_gaussian]) = value.as_slice() else {
        return Err(value.unexpected("five values as \"numpy\""));
    };
    if name.as_str() != Some("MT19937") {
        return Err(name.unexpected("\"MT19937\" as NumPy's generator"));
    }
    let Value::Array(array) = key else {
        return Err(key.unexpected("an array in NumPy's state"));
    };
    if array.dtype != "u4" || array.shape != [624] {
        let found = format!("{}{:?}", array.dtype, array.shape);
        return Err(PickleError::Unexpected {
            expected: "u4[624] in NumPy's state".to_owned(),
            found,
        });
    }
    let (words, _) = array.bytes.as_chunks::<4>();
    let integer = |value: &Value| {
        value
            .as_i64()
            .ok_or_else(|| value.unexpected("an int in NumPy's state"))
    };
    Ok(NumpyState {
        key: words.iter().map(|&word| u32::from_le_bytes(word)).collect(),
        pos: integer(pos)?,
        has_gauss: integer(has_gauss)?,
        cached_gaussian: cached_gaussian
            .as_f64()
            .ok_or_else(|| cached_gaussian.unexpected("a number in NumPy's state"))?,
    })
}

fn bytes_of(key: &str, value: &Value) -> Result<Vec<u8>> {
    match value {
        Value::Tensor(tensor) => bytes(key, tensor),
        other => Err(other.unexpected(format!("a tensor as {key:?}"))),
    }
}

fn bytes(key: &str, tensor: &Tensor) -> Result<Vec<u8>> {
    let kind = tensor.f_kind()?;
    if kind != Kind::Uint8 || tensor.dim() != 1 || tensor.numel() > MOST_BYTES {
        let found = format!("{kind:?}{:?}", tensor.size());
        return Err(PickleError::Unexpected {
            expected: format!("one axis of at most {MOST_BYTES} bytes as {key:?}"),
            found,
        });
    }
    Ok(Vec::<u8>::try_from(tensor)?)
}

fn length(expected: &str, found: usize) -> PickleError {
    PickleError::Unexpected {
        expected: expected.to_owned(),
        found: found.to_string(),
    }
}
