//! What the desktop app answers, read from values of JavaScript into our types.
//!
//! Fields and variants are taken by their place in the declaration, so that what serde generates
//! compares no names, and of a value that does not fit nobody reads why. The reader of
//! `serde-wasm-bindgen`, for every type there is and with a sentence for each error, would be 24 kB
//! more to download.

use js_sys::{Array, Object, Reflect};
use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
        SeqAccess, VariantAccess, Visitor, value::U32Deserializer,
    },
    forward_to_deserialize_any,
};
use std::{cell::RefCell, fmt, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};

/// None for what is not a `T`.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(Value(value)).ok()
}

/// The value is not of the type that was expected.
#[derive(Debug)]
struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the expected value")
    }
}

impl std::error::Error for Unreadable {}

impl Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A value as `JSON.parse` makes it.
struct Value(JsValue);

/// A value that has no parts.
enum Scalar {
    Flag(bool),
    Integer(i64),
    Text(String),
}

impl Value {
    fn scalar(&self) -> Result<Scalar, Unreadable> {
        let Self(value) = self;
        value
            .as_string()
            .map(Scalar::Text)
            .or_else(|| integer(value).map(Scalar::Integer))
            .or_else(|| value.as_bool().map(Scalar::Flag))
            .ok_or(Unreadable)
    }

    fn elements(self) -> Result<Elements, Unreadable> {
        let array: Array = self.0.dyn_into().map_err(|_| Unreadable)?;
        Ok(Elements { array, next: 0 })
    }

    fn fields(self, names: &'static [&'static str]) -> Result<Fields, Unreadable> {
        let Self(object) = self;
        if !object.is_object() {
            return Err(Unreadable);
        }
        let names = names_in_js(names);
        Ok(Fields {
            object,
            names,
            next: 0,
        })
    }

    /// A variant is its name alone, or an object with its content under its name.
    fn variant(self, names: &'static [&'static str]) -> Result<Variant, Unreadable> {
        let Self(value) = self;
        let (name, content) = match value.as_string() {
            Some(name) => (name, JsValue::UNDEFINED),
            None => {
                let object: Object = value.dyn_into().map_err(|_| Unreadable)?;
                let name = Object::keys(&object).get(0);
                let content = Reflect::get(&object, &name).map_err(|_| Unreadable)?;
                (name.as_string().ok_or(Unreadable)?, content)
            }
        };
        let place = names.iter().position(|known| *known == name);
        let place = place.and_then(|place| u32::try_from(place).ok());
        Ok(Variant {
            place: place.ok_or(Unreadable)?,
            content: Self(content),
        })
    }
}

/// Numbers of JavaScript hold integers of 53 bits.
fn integer(value: &JsValue) -> Option<i64> {
    let exact = 9_007_199_254_740_991.0;
    let number = value.as_f64()?;
    (number.fract() == 0.0 && number.abs() <= exact).then_some(number as i64)
}

type Names = Rc<[JsValue]>;

/// Field names as JavaScript's strings; each list is made once.
fn names_in_js(names: &'static [&'static str]) -> Names {
    type Made = RefCell<Vec<(&'static [&'static str], Names)>>;
    thread_local!(static MADE: Made = const { RefCell::new(Vec::new()) });
    MADE.with_borrow_mut(|made| {
        if let Some((_, known)) = made.iter().find(|(list, _)| std::ptr::eq(*list, names)) {
            return known.clone();
        }
        let in_js: Names = names.iter().map(|name| JsValue::from_str(name)).collect();
        made.push((names, in_js.clone()));
        in_js
    })
}

impl<'de> Deserializer<'de> for Value {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.scalar()? {
            Scalar::Flag(flag) => visitor.visit_bool(flag),
            Scalar::Integer(number) => visitor.visit_i64(number),
            Scalar::Text(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.elements()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.elements()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.fields(names)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_enum(self.variant(names)?)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple_struct map identifier ignored_any
    }
}

/// The elements of an array.
struct Elements {
    array: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Elements {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        if self.next == self.array.length() {
            return Ok(None);
        }
        let element = self.array.get(self.next);
        self.next += 1;
        seed.deserialize(Value(element)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.array.length() - self.next).ok()
    }
}

/// The fields of an object in the order of the declaration; None for one that it does not have.
struct Fields {
    object: JsValue,
    names: Names,
    next: usize,
}

impl Fields {
    fn next(&mut self) -> Result<JsValue, Unreadable> {
        let name = self.names.get(self.next).ok_or(Unreadable)?;
        self.next += 1;
        Reflect::get(&self.object, name).map_err(|_| Unreadable)
    }
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        let field = self.next()?;
        if field.is_undefined() {
            return Ok(None);
        }
        seed.deserialize(Value(field)).map(Some)
    }
}

/// One variant of an enum.
struct Variant {
    place: u32,
    content: Value,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Value;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Value), Unreadable> {
        let place: U32Deserializer<Unreadable> = self.place.into_deserializer();
        Ok((seed.deserialize(place)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Value {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.elements()?)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.fields(names)?)
    }
}
