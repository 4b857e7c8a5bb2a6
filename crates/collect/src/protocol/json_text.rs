//! Values of JSON that are borrowed from the bytes where they can be.

use crate::hit::Properties;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A text; `null` is an empty one. Borrowed unless it has escapes.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::protocol) struct Text<'a>(pub(in crate::protocol) Cow<'a, str>);

/// A text, a number or a truth value, as a text. `null` is an empty one; a list or an object is refused.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::protocol) struct Scalar<'a>(pub(in crate::protocol) Cow<'a, str>);

/// A number, or a text that reads as one.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::protocol) struct Amount(pub(in crate::protocol) f64);

/// Pairs of an object whose values are [`Scalar`], in the order sent. `null` is no pairs.
#[derive(Clone, Default)]
pub(in crate::protocol) struct Pairs<'a>(pub(in crate::protocol) Properties<'a>);

/// A thing with named fields: an object, never a list of its fields in their order.
#[derive(Clone, Default)]
pub(in crate::protocol) struct Named<T>(pub(in crate::protocol) T);

/// No more pairs than this are read, whatever the limit that the protocol sets.
const MOST_PAIRS: usize = 100;

struct Reader {
    scalars: bool,
}

impl<'de> Visitor<'de> for Reader {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.contains('\0') {
            return Err(E::custom("a NUL character"));
        }
        Ok(Cow::Owned(text.into()))
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        if self.scalars {
            Ok(Cow::Borrowed(if value { "true" } else { "false" }))
        } else {
            Err(E::invalid_type(Unexpected::Bool(value), &self))
        }
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        if self.scalars {
            Ok(Cow::Owned(value.to_string()))
        } else {
            Err(E::invalid_type(Unexpected::Unsigned(0), &self))
        }
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        if self.scalars {
            Ok(Cow::Owned(value.to_string()))
        } else {
            Err(E::invalid_type(Unexpected::Signed(0), &self))
        }
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        if self.scalars {
            // As JSON writes it, so that 1e300 does not become three hundred digits.
            Ok(Cow::Owned(serde_json::to_string(&value).map_err(E::custom)?))
        } else {
            Err(E::invalid_type(Unexpected::Float(0.0), &self))
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader { scalars: false }).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader { scalars: true }).map(Self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Scalar::deserialize(deserializer)?;
        match text.0.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Self(number)),
            _ => Err(D::Error::custom("not a number")),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = Named<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Named)
            }
        }
        deserializer.deserialize_any(Object(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts, numbers and truth values")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Pairs::default())
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text<'de>, Scalar<'de>>()? {
                    if pairs.len() == MOST_PAIRS {
                        return Err(A::Error::custom("too many properties"));
                    }
                    pairs.push((name.0, value.0));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_any(Object)
    }
}
