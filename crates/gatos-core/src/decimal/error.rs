//! Why a number is not an exact decimal of ours.

/// Why an operation on decimals has no result.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecimalError {
    /// Text that is no plain decimal number
    #[error("not a decimal number")]
    Syntax,
    /// A number that another text of the same number would name
    #[error("not the shortest plain text of this number")]
    NotCanonical,
    /// Magnitude of 10^28 or more
    #[error("overflow: the number has more than 28 digits before the point")]
    Overflow,
    /// An exact result that needs more than 28 significant digits
    #[error("inexact: the exact result needs more than 28 significant digits (round first)")]
    Inexact,
    /// More than 127 digits after the point
    #[error("underflow: the number needs more than 127 digits after the point")]
    Underflow,
    /// Division by zero
    #[error("division by zero")]
    DivisionByZero,
    /// Square root of a negative number
    #[error("square root of a negative number")]
    NegativeRoot,
}
