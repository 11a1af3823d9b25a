//! The stack machine that a pickle is a program for.

use std::cell::Cell;
use std::collections::HashMap;

use super::constructor::{self, Constructor};
use super::node::{Id, Node, Trees};
use super::opcode;
use super::storage::Storages;
use super::value::Value;
use crate::PickleError;

type Result<T> = std::result::Result<T, PickleError>;

/// Runs a pickle, of a file of `length` bytes, to its end and gives what it leaves.
pub(super) fn run(pickle: &[u8], length: u64, storages: &mut dyn Storages) -> Result<Value> {
    let mut machine = Machine {
        pickle,
        at: 0,
        start: 0,
        nodes: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        copies_left: Cell::new(MOST_COPIES * pickle.len()),
        tensors_left: length
            .saturating_mul(MOST_TENSORS)
            .saturating_add(ALWAYS_TENSORS),
        storages,
    };
    let root = machine.run()?;
    Trees::new(&machine.nodes, pickle.len()).tree(root, 0)
}

/// How many elements calls may copy, to every byte of the pickle. Those of files that Python writes copy fewer than one; one
/// that calls again and again with a list that it remembers is no such file.
const MOST_COPIES: usize = 16;

/// How many bytes the elements of all tensors may have, to every byte of the file, and beside them.
const MOST_TENSORS: u64 = 8;
const ALWAYS_TENSORS: u64 = 64 << 20;

pub(super) struct Machine<'a> {
    pickle: &'a [u8],
    /// Position of the next byte.
    at: usize,
    /// Position of the instruction that is being done.
    start: usize,
    pub(super) nodes: Vec<Node>,
    stack: Vec<Id>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
    copies_left: Cell<usize>,
    tensors_left: u64,
    pub(super) storages: &'a mut dyn Storages,
}

impl Machine<'_> {
    fn run(&mut self) -> Result<Id> {
        loop {
            self.start = self.at;
            match self.byte()? {
                opcode::STOP => return self.pop(),
                code => self.instruction(code)?,
            }
        }
    }

    fn instruction(&mut self, code: u8) -> Result<()> {
        match code {
            opcode::PROTO => self.protocol(),
            opcode::FRAME => self.take(8).map(|_| ()),
            opcode::MARK => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            opcode::NONE => self.push(Node::None),
            opcode::NEWTRUE => self.push(Node::Bool(true)),
            opcode::NEWFALSE => self.push(Node::Bool(false)),
            opcode::EMPTY_LIST => self.push(Node::List(Vec::new())),
            opcode::EMPTY_TUPLE => self.push(Node::Tuple(Vec::new())),
            opcode::EMPTY_DICT => self.push(Node::Dict(Vec::new())),
            opcode::BININT | opcode::BININT1 | opcode::BININT2 | opcode::LONG1 => {
                self.integer(code)
            }
            opcode::BINFLOAT => {
                let bytes = self.array()?;
                self.push(Node::Float(f64::from_be_bytes(bytes)))
            }
            opcode::BINUNICODE | opcode::SHORT_BINUNICODE => {
                self.text(code == opcode::SHORT_BINUNICODE)
            }
            opcode::BINBYTES | opcode::SHORT_BINBYTES => {
                let bytes = self.counted(code == opcode::SHORT_BINBYTES)?.to_vec();
                self.push(Node::Bytes(bytes))
            }
            opcode::APPEND | opcode::APPENDS => self.append(code == opcode::APPENDS),
            opcode::SETITEM | opcode::SETITEMS => self.set_items(code == opcode::SETITEMS),
            opcode::TUPLE => {
                let ids = self.pop_to_mark()?;
                self.push(Node::Tuple(ids))
            }
            opcode::TUPLE1 | opcode::TUPLE2 | opcode::TUPLE3 => {
                let ids = self.pop_many(usize::from(code - opcode::TUPLE1) + 1)?;
                self.push(Node::Tuple(ids))
            }
            opcode::BINPUT | opcode::LONG_BINPUT | opcode::MEMOIZE => self.put(code),
            opcode::BINGET | opcode::LONG_BINGET => self.get(code == opcode::LONG_BINGET),
            opcode::GLOBAL | opcode::STACK_GLOBAL => self.global(code == opcode::STACK_GLOBAL),
            opcode::REDUCE => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                let node = constructor::call(self, function, arguments)?;
                self.push(node)
            }
            opcode::BUILD => {
                let state = self.pop()?;
                let object = self.top()?;
                constructor::build(self, object, state)
            }
            opcode::BINPERSID => {
                let id = self.pop()?;
                let node = constructor::storage(self, id)?;
                self.push(node)
            }
            other => Err(self.malformed(format!("unknown instruction 0x{other:02x}"))),
        }
    }

    fn protocol(&mut self) -> Result<()> {
        match self.byte()? {
            2..=4 => Ok(()),
            other => Err(self.malformed(format!("protocol {other}, expected 2 to 4"))),
        }
    }

    fn integer(&mut self, code: u8) -> Result<()> {
        let value = match code {
            opcode::BININT => i64::from(i32::from_le_bytes(self.array()?)),
            opcode::BININT1 => i64::from(self.byte()?),
            opcode::BININT2 => i64::from(u16::from_le_bytes(self.array()?)),
            _ => {
                let count = usize::from(self.byte()?);
                let digits = self.take(count)?;
                if count > 8 {
                    return Err(
                        self.malformed(format!("an integer of {count} bytes, expected at most 8"))
                    );
                }
                let sign = if digits.last().is_some_and(|last| last & 0x80 != 0) {
                    0xff
                } else {
                    0
                };
                let mut bytes = [sign; 8];
                bytes[..count].copy_from_slice(digits);
                i64::from_le_bytes(bytes)
            }
        };
        self.push(Node::Int(value))
    }

    fn text(&mut self, short: bool) -> Result<()> {
        let bytes = self.counted(short)?.to_vec();
        match String::from_utf8(bytes) {
            Ok(text) => self.push(Node::Str(text)),
            Err(_) => Err(self.malformed("text that is not UTF-8")),
        }
    }

    fn append(&mut self, many: bool) -> Result<()> {
        let ids = if many {
            self.pop_to_mark()?
        } else {
            self.pop_many(1)?
        };
        let list = self.top()?;
        match self.nodes.get_mut(list) {
            Some(Node::List(items)) => {
                items.extend(ids);
                Ok(())
            }
            _ => Err(self.malformed("elements for what is not a list")),
        }
    }

    fn set_items(&mut self, many: bool) -> Result<()> {
        let ids = if many {
            self.pop_to_mark()?
        } else {
            self.pop_many(2)?
        };
        let dict = self.top()?;
        let (pairs, rest) = ids.as_chunks::<2>();
        match self.nodes.get_mut(dict) {
            Some(Node::Dict(entries)) if rest.is_empty() => {
                entries.extend(pairs.iter().map(|&[key, value]| (key, value)));
                Ok(())
            }
            _ => Err(self.malformed("entries for what is not a dict, or a key without a value")),
        }
    }

    fn put(&mut self, code: u8) -> Result<()> {
        let key = match code {
            opcode::BINPUT => u32::from(self.byte()?),
            opcode::LONG_BINPUT => u32::from_le_bytes(self.array()?),
            _ => u32::try_from(self.memo.len()).map_err(|_| self.malformed("too many memories"))?,
        };
        let id = self.top()?;
        self.memo.insert(key, id);
        Ok(())
    }

    fn get(&mut self, long: bool) -> Result<()> {
        let key = if long {
            u32::from_le_bytes(self.array()?)
        } else {
            u32::from(self.byte()?)
        };
        let id = *self
            .memo
            .get(&key)
            .ok_or_else(|| self.malformed(format!("no memory {key}")))?;
        self.stack.push(id);
        Ok(())
    }

    fn global(&mut self, from_stack: bool) -> Result<()> {
        let (module, name) = if from_stack {
            let ids = self.pop_many(2)?;
            match (&self.nodes[ids[0]], &self.nodes[ids[1]]) {
                (Node::Str(module), Node::Str(name)) => (module.clone(), name.clone()),
                _ => return Err(self.malformed("a name that is not text")),
            }
        } else {
            (self.line()?, self.line()?)
        };
        match Constructor::named(&module, &name) {
            Some(constructor) => self.push(Node::Constructor(constructor)),
            None => Err(PickleError::Refused {
                name: format!("{module}.{name}"),
            }),
        }
    }

    fn line(&mut self) -> Result<String> {
        let rest = &self.pickle[self.at..];
        let length = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .ok_or_else(|| self.malformed("a line without end"))?;
        let line = std::str::from_utf8(&rest[..length])
            .map_err(|_| self.malformed("a name that is not UTF-8"))?;
        self.at += length + 1;
        Ok(line.to_owned())
    }

    fn push(&mut self, node: Node) -> Result<()> {
        self.stack.push(self.nodes.len());
        self.nodes.push(node);
        Ok(())
    }

    fn top(&self) -> Result<Id> {
        self.stack
            .last()
            .copied()
            .ok_or_else(|| self.malformed("an empty stack"))
    }

    fn pop(&mut self) -> Result<Id> {
        Ok(self.pop_many(1)?[0])
    }

    /// Takes nodes from the stack, never from below the last mark.
    fn pop_many(&mut self, count: usize) -> Result<Vec<Id>> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(height) if height >= floor => Ok(self.stack.split_off(height)),
            _ => Err(self.malformed("too few values on the stack")),
        }
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>> {
        let height = self
            .marks
            .pop()
            .ok_or_else(|| self.malformed("no mark on the stack"))?;
        Ok(self.stack.split_off(height.min(self.stack.len())))
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    fn counted(&mut self, short: bool) -> Result<&[u8]> {
        let count = if short {
            usize::from(self.byte()?)
        } else {
            u32::from_le_bytes(self.array()?) as usize
        };
        self.take(count)
    }

    fn take(&mut self, count: usize) -> Result<&[u8]> {
        let start = self.at;
        match start
            .checked_add(count)
            .and_then(|end| self.pickle.get(start..end))
        {
            Some(bytes) => {
                self.at += count;
                Ok(bytes)
            }
            None => Err(self.malformed("the pickle ends inside an instruction")),
        }
    }

    pub(super) fn malformed(&self, reason: impl Into<String>) -> PickleError {
        PickleError::Malformed {
            offset: self.start,
            reason: reason.into(),
        }
    }

    /// The elements of a tuple or a list.
    pub(super) fn elements(&self, id: Id) -> Result<Vec<Id>> {
        match &self.nodes[id] {
            Node::Tuple(ids) | Node::List(ids) => {
                self.count_copies(ids.len())?;
                Ok(ids.clone())
            }
            _ => Err(self.malformed("arguments that are not a tuple")),
        }
    }

    /// Notes that `count` elements or bytes are copied.
    pub(super) fn count_copies(&self, count: usize) -> Result<()> {
        let left = self.copies_left.get().checked_sub(count);
        let left =
            left.ok_or_else(|| self.malformed("more copies than a file of this size needs"))?;
        self.copies_left.set(left);
        Ok(())
    }

    /// Notes that there is a tensor of these sizes, with elements of `bytes` bytes.
    pub(super) fn count_tensor(&mut self, size: &[usize], bytes: usize) -> Result<()> {
        // As if no size were 0: others multiply them in their own order.
        let bytes = size.iter().try_fold(bytes as u64, |bytes, &size| {
            bytes.checked_mul(size.max(1) as u64)
        });
        let left = bytes.and_then(|bytes| self.tensors_left.checked_sub(bytes));
        self.tensors_left = left.ok_or_else(|| {
            self.malformed(format!(
                "a tensor of size {size:?}, which is more than tensors of a file of this size have"
            ))
        })?;
        Ok(())
    }

    /// Whole numbers from 0 on, such as a shape.
    pub(super) fn sizes(&self, id: Id) -> Result<Vec<usize>> {
        self.elements(id)?
            .into_iter()
            .map(|element| self.size(element))
            .collect()
    }

    pub(super) fn size(&self, id: Id) -> Result<usize> {
        match self.nodes[id] {
            Node::Int(value) => {
                usize::try_from(value).map_err(|_| self.malformed(format!("{value} as a size")))
            }
            _ => Err(self.malformed("a size that is not an int")),
        }
    }
}
