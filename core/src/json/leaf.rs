//! The forms of the types that others are made of.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Blank, Form, Json};

/// The form of a struct: an object with its fields in this order. What follows a field's name is said at
/// [`Form::record`].
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($type:ty, $blank:expr, $($field:ident $($mark:literal)?),+ $(,)?) => {
        impl $crate::json::Json for $type {
            fn form(&mut self, form: &mut $crate::json::Form<'_>) {
                // Every field: one that is new does not compile until it is named.
                let Self { $($field),+ } = self;
                form.record(concat!($(stringify!($field), $($mark,)? " "),+), &mut [$($field),+]);
            }
        }

        impl $crate::json::Blank for $type {
            fn blank() -> $type {
                $blank
            }
        }
    };
}
pub use __record as record;

/// The form of an enum without content: the name of its value. The first is the one to read into.
macro_rules! choice {
    ($type:ty, $names:literal, $first:ident $(, $other:ident)*) => {
        impl $crate::json::Json for $type {
            fn form(&mut self, form: &mut $crate::json::Form<'_>) {
                const ALL: &[$type] = &[<$type>::$first, $(<$type>::$other),*];
                let index = ALL.iter().position(|one| one == self).unwrap_or_default();
                if let Some(read) = form.choice($names, index).and_then(|index| ALL.get(index)) {
                    *self = *read;
                }
            }
        }

        impl $crate::json::Blank for $type {
            fn blank() -> $type {
                <$type>::$first
            }
        }
    };
}
pub(crate) use choice;

macro_rules! number {
    ($($type:ident)+) => {$(
        impl Json for $type {
            fn form(&mut self, form: &mut Form<'_>) {
                *self = form.at_most(u64::from(*self), u64::from($type::MAX)) as $type;
            }

            fn is_empty(&self) -> bool {
                *self == 0
            }
        }

        impl Blank for $type {
            fn blank() -> $type {
                0
            }
        }
    )+};
}
number!(u8 u16 u32 u64);

impl Form<'_> {
    fn at_most(&mut self, number: u64, most: u64) -> u64 {
        let (negative, size) = self.number(false, number);
        if negative || size > most {
            self.fail("the number is out of range");
        }
        size
    }
}

impl Json for i32 {
    fn form(&mut self, form: &mut Form<'_>) {
        let (negative, size) = form.number(*self < 0, self.unsigned_abs().into());
        let number = i64::try_from(size).ok().and_then(|size| i32::try_from(if negative { -size } else { size }).ok());
        match number {
            Some(number) => *self = number,
            None => form.fail("the number is out of range"),
        }
    }
}

impl Blank for i32 {
    fn blank() -> i32 {
        0
    }
}

impl Json for bool {
    fn form(&mut self, form: &mut Form<'_>) {
        *self = form.flag(*self);
    }
}

impl Blank for bool {
    fn blank() -> bool {
        false
    }
}

impl Json for String {
    fn form(&mut self, form: &mut Form<'_>) {
        if let Some(text) = form.string(self) {
            *self = text;
        }
    }

    fn is_empty(&self) -> bool {
        String::is_empty(self)
    }
}

impl Blank for String {
    fn blank() -> String {
        String::new()
    }
}

impl Json for Cow<'static, str> {
    fn form(&mut self, form: &mut Form<'_>) {
        if let Some(text) = form.string(self) {
            *self = Cow::Owned(text);
        }
    }
}

impl Blank for Cow<'static, str> {
    fn blank() -> Cow<'static, str> {
        Cow::Borrowed("")
    }
}

impl<T: Blank> Json for Option<T> {
    fn form(&mut self, form: &mut Form<'_>) {
        if form.null(self.is_none()) {
            *self = None;
        } else {
            self.get_or_insert_with(T::blank).form(form);
        }
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T: Blank> Blank for Option<T> {
    fn blank() -> Option<T> {
        None
    }
}

impl<T: Json> Json for Box<T> {
    fn form(&mut self, form: &mut Form<'_>) {
        self.as_mut().form(form);
    }
}

impl<T: Blank> Blank for Box<T> {
    fn blank() -> Box<T> {
        Box::new(T::blank())
    }
}

macro_rules! list {
    ($list:ident, $push:ident) => {
        impl<T: Blank> Json for $list<T> {
            fn form(&mut self, form: &mut Form<'_>) {
                let mut index = 0;
                while form.item(index, self.len()) {
                    if form.reads() {
                        self.$push(T::blank());
                    }
                    if let Some(item) = self.get_mut(index) {
                        item.form(form);
                    }
                    index += 1;
                }
            }

            fn is_empty(&self) -> bool {
                $list::is_empty(self)
            }
        }

        impl<T: Blank> Blank for $list<T> {
            fn blank() -> $list<T> {
                $list::new()
            }
        }
    };
}
list!(Vec, push);
list!(VecDeque, push_back);

impl<A: Json, B: Json> Json for (A, B) {
    fn form(&mut self, form: &mut Form<'_>) {
        form.fixed(&mut [&mut self.0, &mut self.1]);
    }
}

impl<A: Blank, B: Blank> Blank for (A, B) {
    fn blank() -> (A, B) {
        (A::blank(), B::blank())
    }
}

impl<T: Json> Json for [T; 3] {
    fn form(&mut self, form: &mut Form<'_>) {
        let [first, second, third] = self;
        form.fixed(&mut [first, second, third]);
    }
}

impl<T: Blank> Blank for [T; 3] {
    fn blank() -> [T; 3] {
        [T::blank(), T::blank(), T::blank()]
    }
}
