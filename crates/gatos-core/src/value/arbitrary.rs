//! Strategies of property tests: values and numbers, with a liking for the edges.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "strategies of tests, on constants"
)]

use proptest::arbitrary::Arbitrary;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy};

use super::{RESERVED_KEY_PREFIX, Value};
use crate::cid::{Cid, Codec};
use crate::decimal::{Decimal, MAX_DIGITS, MAX_SCALE};

/// Deepest nesting of the values made here.
const LEVELS: u32 = 6;
/// About how many values one value consists of at most.
const SIZE: u32 = 64;

/// Which values a strategy makes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Shape {
    /// Every value that can stand in a block
    #[default]
    Any,
    /// Values that JSON text can bring: no bytes, no links
    Json,
}

/// Values of a shape.
pub fn values(shape: Shape) -> BoxedStrategy<Value> {
    let leaf = match shape {
        Shape::Json => json_leaves(),
        Shape::Any => prop_oneof![
            4 => json_leaves(),
            1 => vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
            1 => any::<Cid>().prop_map(Value::Link),
        ]
        .boxed(),
    };
    leaf.prop_recursive(LEVELS, SIZE, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::List),
            vec((keys(), inner), 0..8).prop_map(Value::map),
        ]
    })
    .boxed()
}

/// Every decimal, whole numbers and the limits of the format often.
pub fn decimals() -> BoxedStrategy<Decimal> {
    let end = 10_i128.pow(MAX_DIGITS);
    let coefficients = prop_oneof![
        2 => -1000..1000_i128,
        1 => any::<i64>().prop_map(i128::from),
        2 => 1 - end..end,
        1 => (0..MAX_DIGITS, -2..3_i128).prop_map(|(exponent, near)| 10_i128.pow(exponent) + near),
        1 => select(vec![end - 1, 1 - end, end / 2, 5, -5, 1 << 53, i64::MAX.into(), i64::MIN.into()]),
    ];
    let scales = prop_oneof![3 => 0..6_u32, 2 => 0..32_u32, 1 => 0..=MAX_SCALE];
    (coefficients, scales)
        .prop_filter_map("too many digits", |(c, scale)| Decimal::new(c, scale).ok())
        .boxed()
}

fn json_leaves() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        select(vec![
            0,
            23,
            24,
            255,
            256,
            65_535,
            65_536,
            4_294_967_295,
            4_294_967_296
        ])
        .prop_flat_map(|edge: i64| select(vec![edge, -edge, -1 - edge]))
        .prop_map(Value::Integer),
        decimals().prop_map(Value::number),
        any::<String>().prop_map(Value::Text),
    ]
    .boxed()
}

/// Keys of users: short ones that collide in length, and any text.
fn keys() -> BoxedStrategy<String> {
    let short = vec(select(vec!['a', 'b', 'c', '/']), 0..4).prop_map(String::from_iter);
    prop_oneof![short, any::<String>()]
        .prop_map(|key| key.trim_start_matches(RESERVED_KEY_PREFIX).to_owned())
        .boxed()
}

impl Arbitrary for Value {
    type Parameters = Shape;
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with(shape: Shape) -> Self::Strategy {
        values(shape)
    }
}

impl Arbitrary for Decimal {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        decimals()
    }
}

impl Arbitrary for Cid {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        (select(vec![Codec::Raw, Codec::DagCbor]), any::<[u8; 32]>())
            .prop_map(|(codec, digest)| Self::from_digest(codec, digest))
            .boxed()
    }
}
