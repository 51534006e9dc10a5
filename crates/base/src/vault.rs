//! Keys and sealed values.
