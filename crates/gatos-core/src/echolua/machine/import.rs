//! Values of the data model, read or decoded, to values of the machine, charged in one pass.
//! `docs/spec/echolua.md#conversion`.

use std::rc::Rc;

use super::meter::{
    ENTRY_BYTES, Meter, TABLE_BYTES, TABLE_FUEL, bytes_fuel, content_bytes, text_bytes,
};
use super::table::{Kind, Room, Table};
use super::val::Val;
use crate::cbor::{self, Build, Limits, Scalar};
use crate::echolua::error::Fault;
use crate::value::Value;

/// The machine's form of `value`, charged.
pub(crate) fn import(value: &Value, meter: &mut Meter) -> Result<Val, Fault> {
    walk(value, &mut Importer::new(meter)).map_err(|fault| *fault)
}

/// As [`import`], of the value that `bytes` encode.
pub(crate) fn import_encoded(bytes: &[u8], meter: &mut Meter) -> Result<Val, Fault> {
    let imported = cbor::read(bytes, &Limits::BLOCK, &mut Importer::new(meter));
    match imported.map_err(|fault| *fault) {
        // What is no value at all is said to be that, however little could be afforded of it.
        Err(fault @ (Fault::Fuel { .. } | Fault::Memory { .. })) => {
            cbor::decode(bytes)?;
            Err(fault)
        }
        other => other,
    }
}

fn walk(value: &Value, importer: &mut Importer<'_>) -> Result<Val, Box<Fault>> {
    importer.scalar(match value {
        Value::List(items) => {
            let mut list = importer.list(items.len())?;
            for item in items {
                let item = walk(item, importer)?;
                importer.item(&mut list, item);
            }
            return Ok(importer.end_list(list));
        }
        Value::Map(entries) => {
            let mut map = importer.map(entries.len())?;
            for (key, item) in entries.iter() {
                let recalled = importer.recalls(&mut map, key.as_bytes());
                importer.key(&mut map, key.len())?;
                let item = walk(item, importer)?;
                importer.entry(&mut map, (!recalled).then_some(key), item);
            }
            return Ok(importer.end_map(map));
        }
        Value::Null => Scalar::Null,
        Value::Bool(boolean) => Scalar::Bool(*boolean),
        Value::Integer(integer) => Scalar::Integer(*integer),
        Value::Decimal(fraction) => Scalar::Decimal(fraction.decimal()),
        Value::Text(text) => Scalar::Text(text),
        Value::Bytes(bytes) => Scalar::Bytes(bytes),
        Value::Link(cid) => Scalar::Link(*cid),
    })
}

/// Makes values of the machine, and charges for each before it is made.
struct Importer<'m> {
    meter: &'m mut Meter,
    /// The table that the next list or map can be
    offer: Option<Table>,
}

/// A table that is being filled.
struct Part {
    table: Table,
    room: Room,
    /// Memory by our own formula
    bytes: u64,
    /// Whether the next field has its key already
    recalled: bool,
}

impl Part {
    #[inline]
    fn count(&mut self, value: &Val) {
        self.bytes += content_bytes(value);
        if let Val::Table(child) = value {
            self.table.hold(child);
        }
    }

    fn end(self) -> Val {
        self.table.fill(self.room, self.bytes);
        Val::Table(self.table)
    }
}

impl<'m> Importer<'m> {
    fn new(meter: &'m mut Meter) -> Self {
        let offer = meter.spare.take();
        Self { meter, offer }
    }

    fn table(&mut self, kind: Kind, count: usize) -> Result<Part, Box<Fault>> {
        let entries = count as u64;
        self.meter.burn(TABLE_FUEL + entries)?;
        let bytes = TABLE_BYTES + entries * ENTRY_BYTES;
        self.meter.allocate(bytes)?;
        let offer = self.offer.take();
        let table = offer.unwrap_or_else(|| Table::blank(kind, &self.meter.heap));
        let room = match kind {
            Kind::List => table.room_for_items(count),
            Kind::Map => table.room_for_fields(count),
        };
        Ok(Part {
            table,
            room,
            bytes,
            recalled: false,
        })
    }
}

impl Build for Importer<'_> {
    type Item = Val;
    type List = Part;
    type Map = Part;
    type Error = Box<Fault>;

    #[inline]
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<Val, Box<Fault>> {
        let (val, length) = match scalar {
            Scalar::Null => return Ok(Val::Null),
            Scalar::Bool(boolean) => return Ok(Val::Bool(boolean)),
            Scalar::Integer(integer) => return Ok(Val::Int(integer)),
            Scalar::Decimal(number) => (Val::Dec(Rc::new(number)), 0),
            Scalar::Text(text) => (Val::text(text), text.len()),
            Scalar::Bytes(bytes) => (Val::Bytes(bytes.into()), bytes.len()),
            Scalar::Link(cid) => (Val::Link(Rc::new(cid)), 0),
        };
        self.meter.allocate(content_bytes(&val))?;
        self.meter.burn(bytes_fuel(length))?;
        Ok(val)
    }

    fn list(&mut self, count: usize) -> Result<Part, Box<Fault>> {
        self.table(Kind::List, count)
    }

    #[inline]
    fn item(&mut self, list: &mut Part, item: Val) {
        list.count(&item);
        list.room.item(item);
    }

    fn end_list(&mut self, list: Part) -> Val {
        list.end()
    }

    fn map(&mut self, count: usize) -> Result<Part, Box<Fault>> {
        self.table(Kind::Map, count)
    }

    #[inline]
    fn recalls(&self, map: &mut Part, key: &[u8]) -> bool {
        map.recalled = map.room.meets(key);
        map.recalled
    }

    #[inline]
    fn recalls_order(&self, map: &Part) -> bool {
        map.recalled && map.room.is_in_order()
    }

    #[inline]
    fn key(&mut self, map: &mut Part, length: usize) -> Result<(), Box<Fault>> {
        let bytes = length as u64;
        self.meter.burn(bytes_fuel(length))?;
        self.meter.allocate(bytes)?;
        map.bytes += bytes;
        self.offer = if map.recalled { map.room.offer() } else { None };
        Ok(())
    }

    #[inline]
    fn repeats(&mut self, map: &mut Part, text: &[u8]) -> bool {
        let bytes = text_bytes(text.len());
        let Some(Val::Text(place)) = map.room.place() else {
            return false;
        };
        // Where it cannot be afforded, the error is found as it is for other texts.
        if place.as_bytes() != text
            || self.meter.burn(bytes_fuel(text.len())).is_err()
            || self.meter.allocate(bytes).is_err()
        {
            return false;
        }
        map.bytes += bytes;
        map.room.next();
        true
    }

    #[inline]
    fn scalar_entry(
        &mut self,
        map: &mut Part,
        key: Option<&str>,
        scalar: Scalar<'_>,
    ) -> Result<(), Box<Fault>> {
        if map.recalled {
            match (&scalar, map.room.place()) {
                (Scalar::Integer(integer), Some(place)) => {
                    place.put_int(*integer);
                    map.room.next();
                    return Ok(());
                }
                (Scalar::Text(text), Some(Val::Text(place))) => {
                    let bytes = text_bytes(text.len());
                    self.meter.allocate(bytes)?;
                    self.meter.burn(bytes_fuel(text.len()))?;
                    place.renew(text);
                    map.bytes += bytes;
                    map.room.next();
                    return Ok(());
                }
                _ => {}
            }
        }
        let item = self.scalar(scalar)?;
        self.entry(map, key, item);
        Ok(())
    }

    #[inline]
    fn entry(&mut self, map: &mut Part, key: Option<&str>, item: Val) {
        map.count(&item);
        map.room.field(key, item);
    }

    fn end_map(&mut self, map: Part) -> Val {
        map.end()
    }
}
